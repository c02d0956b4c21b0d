"""RFC 9309 as a crawl obeys it; each host is a name under `localhost` of one server."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from tests.crawl.conftest import Answer, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crawl.conftest import Crawl, OddServer

PAGE = answer("200 OK", "Content-Type: text/html", body=b"<p>news</p>")
RULES = b"User-agent: newsarchive\nDisallow: /print/\n\nUser-agent: *\nDisallow: /\n"
HUGE = b"User-agent: *\n" + b"Disallow: /never/%d\n" * 40_000
ROBOTS = {
    "rules": answer("200 OK", body=RULES),
    "missing": answer("404 Not Found"),
    "forbidden": answer("403 Forbidden"),
    "broken": answer("500 Internal Server Error"),
    "away": answer("503 Service Unavailable", "Retry-After: 0"),
    "busy": answer("429 Too Many Requests", "Retry-After: 0"),
    "silent": Answer(b""),
    "moved": answer("301 Moved", "Location: /new-robots.txt"),
    "circle": answer("301 Moved", "Location: /robots.txt"),
    "huge": answer("200 OK", body=HUGE),
    "empty": answer("200 OK"),
    "noise": answer("200 OK", body=bytes(range(256)) * 20),
}


@pytest.fixture(scope="module")
def server(odd_server: Callable[..., OddServer]) -> OddServer:
    hosts = {(f"{name}.localhost", "/robots.txt"): told for name, told in ROBOTS.items()}
    return odd_server({"/page": PAGE, "/print/page": PAGE, "/new-robots.txt": ROBOTS["rules"], **hosts})


@pytest.fixture(scope="module")
def crawl(server: OddServer, run_crawl: Callable[..., Crawl]) -> Crawl:
    urls = [server.url(path, f"{name}.localhost") for name in ROBOTS for path in ("/page", "/print/page")]
    return run_crawl(*urls, crawl={"timeout": 2, "max_body": 2_000_000}, scrapy={"RETRY_TIMES": 0})


ALLOWED = {
    "rules": ["/page"],
    "missing": ["/page", "/print/page"],
    "forbidden": ["/page", "/print/page"],
    "broken": [],
    "away": [],
    "busy": [],
    "silent": [],
    "moved": ["/page"],
    "circle": [],
    "huge": ["/page", "/print/page"],
    "empty": ["/page", "/print/page"],
    "noise": ["/page", "/print/page"],
}


@pytest.mark.parametrize("host", ROBOTS)
def test_what_a_robots_file_allows_is_fetched_and_nothing_else(host: str, crawl: Crawl, server: OddServer) -> None:
    name = f"{host}.localhost"
    fetched = {seen.path for seen in server.seen if seen.host.startswith(f"{name}:")}
    assert sorted(fetched & {"/page", "/print/page"}) == ALLOWED[host]
    for path in ("/page", "/print/page"):
        outcome = ("response", 200) if path in ALLOWED[host] else ("failure", "Disallowed")
        assert crawl.outcome(server.url(path, name))[:2] == outcome


def test_a_robots_file_is_asked_for_once(crawl: Crawl, server: OddServer) -> None:
    assert crawl.stats["robotstxt/request_count"] == len(ROBOTS)
    asked = [seen.host for seen in server.seen if seen.path == "/robots.txt" and "circle" not in seen.host]
    assert len(asked) == len(set(asked))


def test_the_reason_says_whether_the_rules_are_known(crawl: Crawl, server: OddServer) -> None:
    known = crawl.outcome(server.url("/print/page", "rules.localhost"))[2]
    unknown = crawl.outcome(server.url("/page", "broken.localhost"))[2]
    assert known.endswith("not fetched: robots.txt forbids it")
    assert unknown.endswith("not fetched: robots.txt is not known (status 500)")


def test_a_crawl_delay_is_kept_up_to_the_cap(
    odd_server: Callable[..., OddServer], run_crawl: Callable[..., Crawl]
) -> None:
    asks = answer("200 OK", body=b"User-agent: *\nCrawl-delay: 0.5\n")
    demands = answer("200 OK", body=b"User-agent: *\nCrawl-delay: 3600\n")
    hosts = {("asks.localhost", "/robots.txt"): asks, ("demands.localhost", "/robots.txt"): demands}
    server = odd_server({"/page": PAGE, "/print": PAGE, "/third": PAGE, **hosts})
    names = ("asks.localhost", "demands.localhost")
    urls = [server.url(path, name) for name in names for path in ("/page", "/print", "/third")]
    # With a delay the throttle is on; the quick answers of this server would make it go faster than was asked.
    run_crawl(*urls, crawl={"max_delay": 1, "delay": 0.1})
    for name, least in zip(names, (0.5, 1.0), strict=True):
        times = [seen.at for seen in server.seen if seen.host.startswith(name)]
        assert len(times) == 4
        # The times are those of a server that may be late to see a request, on a machine that does other things too.
        assert all(later - earlier > 0.8 * least for earlier, later in pairwise(times))


def test_rules_are_not_asked_for_where_the_settings_say_so(server: OddServer, run_crawl: Callable[..., Crawl]) -> None:
    before = len(server.seen)
    url = server.url("/print/page", "rules.localhost")
    assert run_crawl(url, crawl={"obey_robots": False}).outcome(url)[:2] == ("response", 200)
    assert [seen.path for seen in server.seen[before:]] == ["/print/page"]
