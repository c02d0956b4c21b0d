"""The innermost downloader middleware: every exchange goes to the sink before anything else reads the response.

It stands inside HttpCompression, redirects and retries, so that redirects, errors, 304 answers and robots files are
captured as well, with their content coding kept. Truncation is told as WARC/1.1 section 5.13 does; the end mark of a
gzip body is the trailer of RFC 1952, section 2.3.1.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol, Self

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro

from newsarchive.crawl.retry import drop_waiting
from newsarchive.crawl.wire import take_exchange
from newsarchive.errors import FetchError, NewsarchiveError, UsageError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from newsarchive.warc import Exchange

SINK_ATTRIBUTE = "capture_sink"
"""The spider's attribute that holds its `CaptureSink`; set in the spider's or an extension's `from_crawler`."""

CLOSE_REASON = "capture-failed"
"""Why the crawl was closed when a capture could not be stored; the stats say more under `capture/error`."""

_GZIP = frozenset({b"gzip", b"x-gzip"})
_GZIP_MAGIC = b"\x1f\x8b"

_log = logging.getLogger(__name__)


class CaptureSink(Protocol):
    """Whoever keeps captures."""

    async def store(self, exchange: Exchange, request: Request) -> None:
        """Keep an exchange, durably: when this returns, the bytes are on the disk.

        Raises:
            OSError: the bytes could not be written; the crawl is closed.
            NewsarchiveError: as OSError.
        """


class CaptureFailed(IgnoreRequest):
    """The response was not stored, so nothing may be made of it."""


class Ending(Enum):
    """How a gzip body ends."""

    WHOLE = auto()
    CUT = auto()
    TOO_LARGE = auto()
    NOT_GZIP = auto()


class CaptureMiddleware:
    """Hands each exchange to the spider's sink; a sink that fails closes the crawl."""

    def __init__(self, crawler: Crawler, sink: CaptureSink) -> None:
        self._crawler = crawler
        self._sink = sink
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._failed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware.

        Raises:
            UsageError: the spider has no sink, so a crawl would keep nothing.
        """
        sink: CaptureSink | None = getattr(crawler.spider, SINK_ATTRIBUTE, None)
        if sink is None:
            message = "the spider has no capture sink, so nothing that it fetched would be kept"
            raise UsageError(message, tip=f"set the spider's {SINK_ATTRIBUTE!r} in from_crawler")
        return cls(crawler, sink)

    def process_request(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            CaptureFailed: an earlier response could not be stored.
        """
        if self._failed:
            raise _not_stored(request.url)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Store the exchange, then let the response pass, unpacked where it had to be unpacked to be examined.

        Raises:
            CaptureFailed: it could not be stored, here or for an earlier response.
            IgnoreRequest: it unpacks to more than `DOWNLOAD_MAXSIZE`; it is not stored either.
            FetchError: the response came from a handler that records nothing.
        """
        exchange = take_exchange(request)
        if exchange is None:
            message = f"{request.url}: answered by a download handler that records no exchange"
            raise FetchError(message, url=request.url, tip="run with crawl_settings(), whose handlers record")
        codings = [
            name.strip().lower()
            for line in response.headers.getlist("Content-Encoding")
            for name in line.split(b",")
            if name.strip()
        ]
        if not exchange.body or not codings or codings[-1] not in _GZIP:
            await self._store(exchange, request)
            return response
        ending, body = unpack_gzip(exchange.body, limit=self._limit)
        await self._store(self._examined(exchange, ending), request)
        if codings[1:] or ending is Ending.NOT_GZIP:  # more than one coding is left to Scrapy
            return response
        return _unpacked(response, body)

    def _examined(self, exchange: Exchange, ending: Ending) -> Exchange:
        if ending is Ending.TOO_LARGE:
            self._count("too_large")
            message = f"{exchange.url}: {len(exchange.body)} bytes unpack to more than {self._limit}"
            raise IgnoreRequest(message)
        if ending is Ending.CUT and exchange.truncated is None:
            # All that the server sent is here, yet it is not all that the server packed.
            return replace(exchange, truncated="unspecified")
        return exchange

    async def _store(self, exchange: Exchange, request: Request) -> None:
        if self._failed:
            raise _not_stored(exchange.url)
        try:
            await self._sink.store(exchange, request)
        except (OSError, NewsarchiveError) as error:
            self._close(exchange.url, error)
            message = f"{exchange.url}: not stored: {error}"
            raise CaptureFailed(message) from error
        self._count("stored")
        if exchange.truncated is not None:
            self._count("truncated")

    def _close(self, url: str, error: Exception) -> None:
        self._failed = True
        _log.error("%s could not be stored, the crawl stops: %s", url, error)
        self._crawler.stats.set_value("capture/error", str(error))
        for key in self._crawler.engine.downloader.slots:
            drop_waiting(self._crawler.engine.downloader, key, _not_stored(key))
        # CloseSpider is heard from spiders only; a middleware asks the engine. The answer is not awaited: closing
        # waits for the requests in flight, and this is one of them.
        deferred_from_coro(self._crawler.engine.close_spider_async(reason=CLOSE_REASON))

    def _count(self, what: str) -> None:
        self._crawler.stats.inc_value(f"capture/{what}")


def _unpacked(response: Response, body: bytes) -> Response:
    """The response without its content coding: Scrapy's own middleware would unpack it once more."""
    headers = response.headers.copy()
    headers.pop("Content-Encoding", None)
    bare = Response(response.url, status=response.status, headers=headers, body=body, flags=response.flags)
    bare.request, bare.ip_address, bare.protocol = response.request, response.ip_address, response.protocol
    return bare


def _not_stored(what: str) -> CaptureFailed:
    return CaptureFailed(f"{what}: not fetched or not stored, the crawl is closing")


def unpack_gzip(body: bytes, *, limit: int) -> tuple[Ending, bytes]:
    """How a gzip body ends, and what is in it, unpacking at most `limit` bytes (0 is no limit).

    Bytes after a whole member that start no other one are let pass, as browsers do.

    >>> import gzip
    >>> packed = gzip.compress(b"news" * 1000)
    >>> [unpack_gzip(body, limit=5000)[0].name for body in (packed, packed + packed, packed[:-3], b"news")]
    ['WHOLE', 'TOO_LARGE', 'CUT', 'NOT_GZIP']
    """
    parts: list[bytes] = []
    size, rest = 0, body
    while rest.startswith(_GZIP_MAGIC):
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(rest, limit + 1 - size if limit else 0))
        except zlib.error:
            return Ending.NOT_GZIP, b""
        size += len(parts[-1])
        if limit and size > limit:
            return Ending.TOO_LARGE, b""
        if not member.eof:
            return Ending.CUT, b"".join(parts)
        rest = member.unused_data
    return (Ending.NOT_GZIP if rest is body else Ending.WHOLE), b"".join(parts)
