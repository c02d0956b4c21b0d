"""A download handler that records each HTTP/1.1 exchange as it went over the wire.

Scrapy's responses have lost the order and case of headers, the reason phrase and the request as sent, so a record
for a WARC file (WARC/1.1, section 6.3) must be taken below them. The classes here stand on private names of
Scrapy 2.19 and Twisted; `tests/crawl/test_wire.py` is the contract that a new version must pass.
HTTP messages: RFC 9112.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import ConnectionDone
from twisted.web._newclient import Request as TxRequest
from twisted.web.client import ResponseFailed

from newsarchive.dates import utc_now
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scrapy import Request
    from scrapy.core.downloader.handlers.http11 import _ResultT
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure
    from twisted.web.client import Response as TxResponse
    from twisted.web.iweb import IResponse

META_KEY = "newsarchive_exchange"
"""Where the exchange waits in `request.meta` until the capture middleware takes it out."""

MAX_HEAD = 256 * 1024
"""Bytes of status line and headers, interim responses included. Chromium stops at the same size; Scrapy alone took
200,000 headers and 249 MB for them."""


class HeadTooLarge(Exception):
    """A response head of more than `MAX_HEAD` bytes, or a line in it that is longer than the parser takes."""


def is_receiving(crawler: Crawler) -> bool:
    """Whether a request of a crawl is on the wire, so that an answer may come at any moment."""
    return any(slot.transferring for slot in crawler.engine.downloader.slots.values())


def take_exchange(request: Request) -> Exchange | None:
    """The exchange that answered a request, removed from the request: a redirect or retry copies `meta`."""
    exchange: Exchange | None = request.meta.pop(META_KEY, None)
    return exchange


CLOCK: Final = "NEWSARCHIVE_CLOCK"
"""The Scrapy setting that may hold another clock than this machine's: a callable that gives an aware moment."""


class WireHandler(HTTP11DownloadHandler):
    """Downloads over HTTP/1.1 and leaves the `Exchange` in `request.meta`; a failed download leaves nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)

        class Factory(_RecordingFactory):
            clock = staticmethod(crawler.settings.get(CLOCK) or utc_now)

        self._pool._factory = Factory  # noqa: SLF001 - the only way to choose the pool's protocol

    async def download_request(self, request: Request) -> Response:
        """Fetch one response.

        Raises:
            DownloadCancelledError: larger than the settings allow; it is not worth a second try.
            DownloadTimeoutError: not complete in time.
            ResponseDataLossError: the connection closed inside the body.
            DownloadFailedError: anything else that went wrong on the connection.
        """
        request.meta.pop(META_KEY, None)
        agent = _RecordingAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except DownloadFailedError as error:
            if _has_large_head(error):
                message = f"{request.url}: the response head is larger than {MAX_HEAD} bytes"
                raise DownloadCancelledError(message) from error
            raise


def _has_large_head(error: DownloadFailedError) -> bool:
    cause = error.__cause__
    return isinstance(cause, ResponseFailed) and any(reason.check(HeadTooLarge) for reason in cause.reasons)


class _Recorder:
    """What was seen of one exchange below Scrapy: made when the request is sent, dropped with its response."""

    def __init__(self, request: _RecordedRequest, parser: _RecordingParser, peer: str | None) -> None:
        self._request = request
        self._parser = parser
        self._peer = peer

    def exchange(self, url: str, body: bytes, *, version: tuple[bytes, int, int], cut: bool) -> Exchange:
        """The finished exchange; `cut` where the body is known to be incomplete."""
        return Exchange(
            url=url,
            captured_at=self._parser.began_at,
            request_head=self._request.sent_head,
            response_head=bytes(self._parser.head),
            body=body,
            ip=self._peer,
            protocol=f"http/{version[1]}.{version[2]}",
            truncated="disconnect" if cut else None,
        )

    @property
    def broke_off(self) -> bool:
        """Whether the connection ended with an error (a reset, or TLS without its closing alert)."""
        return self._parser.broke_off


class _RecordingAgent(_ScrapyAgent):
    """Scrapy makes one agent for each request, so it can remember which one it is working on."""

    _asked: Request

    def _cb_bodyready(self, txresponse: TxResponse, request: Request) -> _ResultT | Deferred[_ResultT]:
        self._asked = request
        return super()._cb_bodyready(txresponse, request)

    def _cb_bodydone(self, result: _ResultT, url: str) -> Response:
        response = super()._cb_bodydone(result, url)
        txresponse = result["txresponse"]
        recorder = cast("_Recorded", txresponse)._newsarchive_recorder  # noqa: SLF001 - our own protocol set it
        self._asked.meta[META_KEY] = recorder.exchange(
            url, result.get("body", b""), version=txresponse.version, cut=_is_cut(response.flags, recorder)
        )
        return response


def _is_cut(flags: list[str], recorder: _Recorder) -> bool:
    # Scrapy flags every body that is delimited by the end of the connection as "partial". Such a body is complete
    # unless the connection reported an error (RFC 9112, section 8), which is the only case marked here.
    if "partial" in flags:
        return recorder.broke_off
    return "dataloss" in flags or "download_stopped" in flags


class _Recorded(Protocol):
    """A Twisted response as our protocol hands it on."""

    _newsarchive_recorder: _Recorder


class _Transport(Protocol):
    """As much of a connection as is used here (Twisted's ITCPTransport)."""

    def write(self, data: bytes) -> None: ...
    def getPeer(self) -> IAddress: ...  # noqa: N802 - Twisted's name


class _RecordedRequest(TxRequest):
    """Keeps the head that it wrote. A request sent again on a fresh connection overwrites what it kept."""

    sent_head: bytes

    def _writeHeaders(self, transport: _Transport, TEorCL: bytes | None) -> None:  # noqa: N802, N803 - Twisted's names
        lines = _Lines()
        super()._writeHeaders(lines, TEorCL)  # type: ignore[no-untyped-call]  # Twisted's
        self.sent_head = b"".join(lines.written)
        transport.write(self.sent_head)


class _Lines:
    """Stands in for a transport while the head of a request is put together."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def writeSequence(self, lines: list[bytes]) -> None:  # noqa: N802 - ITransport's name
        self.written.extend(lines)


class _RecordingParser(_LenientHTTPClientParser):
    """Keeps the lines of the response head with their line ends. One parser serves one response."""

    head: bytearray
    began_at: datetime
    broke_off: bool
    _head_size: int

    def begin_recording(self, clock: Callable[[], datetime]) -> None:
        """Set what `__init__` would, had Twisted made the parser with this class."""
        self.clock = clock
        self.head = bytearray()
        self.broke_off = False
        self._head_size = 0

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        # Called again after an interim 1xx response, whose head is not part of the final one.
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's
        self.head = bytearray()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self._head_size += len(line) + 1
        if self._head_size > MAX_HEAD:
            raise HeadTooLarge
        if not self.head:
            self.began_at = self.clock()
        self.head += line + b"\n"
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002, N802 - Twisted's name and arguments
        raise HeadTooLarge

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 - Twisted's name
        # Twisted passes a bare exception, not a failure, where the response ended but the connection lives on.
        cause = getattr(reason, "value", reason)
        self.broke_off = cause is not None and not isinstance(cause, ConnectionDone)
        super().connectionLost(reason)


class _RecordingProtocol(_LenientHTTP11ClientProtocol):
    """One connection. Each request has a recorder of its own, so that a reused connection mixes nothing."""

    clock: Callable[[], datetime]

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        # Twisted makes request and parser itself, by fixed class; changing the class of the fresh object is how
        # Scrapy puts its own parser in as well.
        request.__class__ = _RecordedRequest
        answer = super().request(request)
        parser = cast("_RecordingParser", self._parser)
        parser.__class__ = _RecordingParser
        parser.begin_recording(self.clock)
        peer = getattr(cast("_Transport", self.transport).getPeer(), "host", None)
        recorder = _Recorder(cast("_RecordedRequest", request), parser, peer)

        def attach(response: IResponse) -> IResponse:
            cast("_Recorded", response)._newsarchive_recorder = recorder  # noqa: SLF001 - as Scrapy's certificate
            return response

        return answer.addCallback(attach)


class _RecordingFactory(_LenientHTTP11ClientFactory):
    clock: Callable[[], datetime]

    def buildProtocol(self, addr: IAddress | None) -> _RecordingProtocol:  # noqa: ARG002, N802 - Twisted's names
        protocol = _RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's
        protocol.clock = self.clock
        return protocol
