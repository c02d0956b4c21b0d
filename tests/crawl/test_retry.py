"""A busy host is left alone as long as it asks; other hosts do not wait for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crawl.conftest import Answer, answer

from newsarchive.crawl.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crawl.conftest import Crawl, OddServer

NOW = datetime(2019, 2, 27, 18, 30, tzinfo=UTC)
PAGE = answer("200 OK", body=b"news")


def _dated(seconds: int, ahead: int) -> Answer:
    """Retry-After as a date, by a clock that goes wrong by `ahead` seconds."""
    clock = datetime.now(UTC) + timedelta(seconds=ahead)
    later = format_datetime(clock + timedelta(seconds=seconds), usegmt=True)
    return answer("503 Away", f"Date: {format_datetime(clock, usegmt=True)}", f"Retry-After: {later}")


@pytest.fixture(scope="module")
def server(odd_server: Callable[..., OddServer]) -> OddServer:
    return odd_server(
        {
            ("seconds.localhost", "/a"): [answer("429 Slow Down", "Retry-After: 2"), PAGE],
            ("date.localhost", "/a"): [_dated(2, ahead=86_400), PAGE],
            ("never.localhost", "/a"): answer("503 Away", "Retry-After: 86400"),
            ("stubborn.localhost", "/a"): answer("429 Slow Down", "Retry-After: 0"),
            ("error.localhost", "/a"): [answer("500 Oops"), PAGE],
            "/b": PAGE,
            "/c": PAGE,
        }
    )


@pytest.fixture(scope="module")
def crawl(server: OddServer, run_crawl: Callable[..., Crawl]) -> Crawl:
    hosts = ("seconds", "date", "never", "stubborn", "error", "other")
    urls = [server.url(path, f"{host}.localhost") for host in hosts for path in ("/a", "/b", "/c")]
    return run_crawl(*urls, scrapy={"ROBOTSTXT_OBEY": False})


def _seen(server: OddServer, host: str) -> list[tuple[str, float]]:
    return [(seen.path, seen.at) for seen in server.seen if seen.host.startswith(f"{host}.localhost:")]


@pytest.mark.parametrize("host", ["seconds", "date"])
def test_the_whole_host_waits_and_then_everything_is_fetched(host: str, crawl: Crawl, server: OddServer) -> None:
    seen = _seen(server, host)
    assert sorted(path for path, _ in seen) == ["/a", "/a", "/b", "/c"]
    busy_at = next(at for path, at in seen if path == "/a")
    after = [at - busy_at for _, at in seen if at > busy_at]
    # A date has whole seconds, so that up to one of them is lost in its spelling.
    assert min(after) > (1.9 if host == "seconds" else 0.9)
    assert max(after) < 6
    assert crawl.outcome(server.url("/a", f"{host}.localhost"))[:2] == ("response", 200)


def test_other_hosts_do_not_wait(crawl: Crawl, server: OddServer) -> None:
    first = min(seen.at for seen in server.seen)
    assert max(at for _, at in _seen(server, "other")) - first < 1.5
    assert crawl.stats["pace/held"] >= 3


def test_a_host_that_asks_for_too_long_is_left_for_the_next_run(crawl: Crawl, server: OddServer) -> None:
    paths = [path for path, _ in _seen(server, "never")]
    assert paths.count("/a") == 1
    assert crawl.outcome(server.url("/a", "never.localhost"))[:2] == ("response", 503)
    behind = [crawl.outcome(server.url(path, "never.localhost")) for path in ("/b", "/c") if path not in paths]
    assert behind
    assert {outcome[:2] for outcome in behind} == {("failure", "HostClosed")}
    assert crawl.stats["pace/closed"] == 1


def test_a_busy_page_is_tried_twice_and_no_more(crawl: Crawl, server: OddServer) -> None:
    assert [path for path, _ in _seen(server, "stubborn")].count("/a") == 2
    assert crawl.outcome(server.url("/a", "stubborn.localhost"))[:2] == ("response", 429)


def test_another_error_holds_nothing(crawl: Crawl, server: OddServer) -> None:
    seen = _seen(server, "error")
    assert [path for path, _ in seen].count("/a") == 2
    assert seen[-1][1] - seen[0][1] < 1.5
    assert crawl.outcome(server.url("/a", "error.localhost"))[:2] == ("response", 200)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 5000, 1e9),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Wed, 27 Feb 2019 18:30:30 GMT", 30.0),
        ("Wednesday, 27-Feb-19 18:30:30 GMT", 30.0),
        ("Wed, 27 Feb 2029 18:30:30 GMT", 315_619_230.0),
        ("Wed, 27 Feb 2009 18:30:30 GMT", 0.0),
    ],
)
def test_retry_after_is_read_as_the_standard_says(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


@given(st.text(max_size=100))
def test_any_retry_after_is_a_pause_or_none(value: str) -> None:
    pause = retry_after(value, now=NOW)
    assert pause is None or pause >= 0
