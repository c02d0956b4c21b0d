"""What reaches the sink, and what happens where it cannot keep it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Spider
from scrapy.utils.test import get_crawler
from tests.crawl.conftest import Answer, answer

from newsarchive.crawl.capture import CLOSE_REASON, CaptureMiddleware, Ending, unpack_gzip
from newsarchive.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crawl.conftest import Crawl, OddServer

PAGE = b"<html><p>The ferry did not sail on Tuesday.</p></html>" * 300
PACKED = gzip.compress(PAGE, mtime=0)
BOMB = gzip.compress(bytes(50_000_000), mtime=0)
ROBOTS = answer("200 OK", body=b"User-agent: *\nDisallow: /private\n")
GZIP = "Content-Encoding: gzip"


@pytest.fixture(scope="module")
def server(odd_server: Callable[..., OddServer]) -> OddServer:
    return odd_server(
        {
            "/robots.txt": ROBOTS,
            "/page": answer("200 OK", GZIP, body=PACKED),
            "/cut": answer("200 OK", GZIP, body=PACKED[:-9]),
            "/not-gzip": answer("200 OK", GZIP, body=PAGE),
            "/bomb": answer("200 OK", GZIP, body=BOMB),
            "/bomb-in-bomb": answer("200 OK", "Content-Encoding: gzip, gzip", body=gzip.compress(BOMB)),
            "/unchanged": Answer(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'),
            "/moved": answer("301 Moved", "Location: /page"),
            "/missing": answer("404 Not Found", body=b"gone"),
            "/loop": answer("302 Found", "Location: /loop"),
            "/to-file": answer("302 Found", "Location: file:///etc/passwd"),
        }
    )


@pytest.fixture(scope="module")
def crawl(server: OddServer, run_crawl: Callable[..., Crawl]) -> Crawl:
    paths = [path for path in server.answers if path not in {"/robots.txt", "/page"}]
    return run_crawl(*map(server.url, paths))


def _captured(crawl: Crawl, server: OddServer) -> list[str]:
    return sorted(exchange["url"].removeprefix(server.url("")) for exchange in crawl.exchanges)


def test_every_exchange_is_captured_once(crawl: Crawl, server: OddServer) -> None:
    kept = ["/cut", "/missing", "/moved", "/not-gzip", "/page", "/robots.txt", "/to-file", "/unchanged"]
    assert [path for path in _captured(crawl, server) if path not in {"/loop", "/bomb-in-bomb"}] == kept
    assert crawl.exchange(server.url("/robots.txt"))["body"].encode() == ROBOTS.body


def test_a_redirect_loop_ends_after_five(crawl: Crawl, server: OddServer) -> None:
    assert _captured(crawl, server).count("/loop") == 6
    assert crawl.outcome(server.url("/loop")) == ("failure", "IgnoreRequest", "max redirections reached")


def test_a_redirect_to_a_file_is_not_followed(crawl: Crawl) -> None:
    assert not [exchange for exchange in crawl.exchanges if "root:" in exchange["body"]]
    assert not [outcome for outcome in crawl.outcomes if outcome[0].startswith("file:")]


def test_a_cut_gzip_body_is_kept_and_marked(crawl: Crawl, server: OddServer) -> None:
    assert crawl.exchange(server.url("/cut"))["body"].encode("latin-1") == PACKED[:-9]
    assert crawl.exchange(server.url("/cut"))["truncated"] == "unspecified"
    assert crawl.exchange(server.url("/page"))["truncated"] is None
    assert crawl.stats["capture/truncated"] == 1


def test_a_bomb_is_neither_kept_nor_unpacked(crawl: Crawl, server: OddServer) -> None:
    assert "/bomb" not in _captured(crawl, server)
    assert crawl.outcome(server.url("/bomb"))[:2] == ("failure", "IgnoreRequest")
    assert crawl.outcome(server.url("/bomb-in-bomb"))[:2] == ("failure", "IgnoreRequest")
    assert crawl.stats["capture/too_large"] == 1
    assert crawl.rss < 200_000_000


def test_a_full_disk_closes_the_crawl_and_says_so(server: OddServer, run_crawl: Callable[..., Crawl]) -> None:
    urls = [server.url(f"/missing?{number}") for number in range(60)]
    crawl = run_crawl(*urls, full_after=5)
    assert crawl.stats["finish_reason"] == CLOSE_REASON
    assert "No space left on device" in crawl.stats["capture/error"]
    assert "No space left on device" in crawl.log
    assert len(crawl.exchanges) == 5
    # Nothing that was not stored went on to the spider, and the rest was not fetched.
    assert sum(outcome[1] == "response" for outcome in crawl.outcomes) == 4
    assert sum("?" in path for path in server.paths()) < 10


def test_a_spider_without_a_sink_does_not_start() -> None:
    crawler = get_crawler(Spider)
    crawler.spider = Spider(name="forgetful")
    with pytest.raises(UsageError, match="nothing that it fetched would be kept"):
        CaptureMiddleware.from_crawler(crawler)


@pytest.mark.parametrize("end", [1, 2, 9, 10, 11, 50, len(PACKED) - 8, len(PACKED) - 1])
def test_a_gzip_body_without_its_end_mark_is_cut(end: int) -> None:
    assert unpack_gzip(PACKED[:end], limit=0)[0] is (Ending.CUT if end > 1 else Ending.NOT_GZIP)


@given(st.binary(max_size=2000), st.binary(max_size=20).filter(lambda tail: not tail.startswith(b"\x1f\x8b")))
def test_a_whole_gzip_body_is_whole_whatever_follows(body: bytes, tail: bytes) -> None:
    assert unpack_gzip(gzip.compress(body) + tail, limit=2000) == (Ending.WHOLE, body)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_bytes_have_an_ending(body: bytes, limit: int) -> None:
    assert unpack_gzip(body, limit=limit)[0] in Ending
    assert unpack_gzip(b"\x1f\x8b\x08" + body, limit=limit)[0] in Ending
