"""How the sample newsroom speaks HTTP/1.1: keep-alive, gzip, validators, chunks (RFC 9110 and RFC 9112)."""

from __future__ import annotations

import gzip
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from email.message import Message

    from newsarchive.sample.site import Response

_CHUNK: Final = 4_096
_IDLE: Final = 30.0
"""Seconds that a kept connection may be silent."""


class Answering(Protocol):
    """Who knows what to answer, and writes down what was answered."""

    def answer(self, host: str, path: str) -> Response:
        """What a host answers to a path."""

    def note(self, host: str, path: str, status: int) -> None:
        """Write down an answer."""


class HttpServer(ThreadingHTTPServer):
    """One thread for each connection; threads end with the process."""

    daemon_threads = True
    block_on_close = False  # kept connections would hold the end up until they are silent for long enough
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], newsroom: Answering) -> None:
        self.newsroom = newsroom
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in mid-answer is its own business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleNewsroom/1"
    sys_version = ""
    timeout = _IDLE
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for head and body
    server: HttpServer

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given by http.server
        """Say nothing: stderr belongs to whoever runs the newsroom."""

    def _answer(self, *, with_body: bool) -> None:
        newsroom = self.server.newsroom
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        response = newsroom.answer(host.lower(), self.path)
        known = response.status == HTTPStatus.OK and _is_known(self.headers, response)
        status = HTTPStatus.NOT_MODIFIED if known else response.status
        newsroom.note(host.lower(), self.path, status)
        self.send_response(status)
        self._send_validators(response)
        if known:
            self.end_headers()
            return
        body = self._send_description(response)
        self.end_headers()
        if with_body:
            self._send_body(body, chunked=self._in_chunks(response))
        self.wfile.flush()

    def _send_validators(self, response: Response) -> None:
        if response.body:
            self.send_header("ETag", response.etag)
        if response.last_modified:
            self.send_header("Last-Modified", format_datetime(response.last_modified.astimezone(UTC), usegmt=True))
        self.send_header("Vary", "Accept-Encoding")

    def _send_description(self, response: Response) -> bytes:
        """Send the headers that tell of the body, and give the body as it goes over the wire."""
        body = response.body
        self.send_header("Content-Type", response.content_type)
        if response.location:
            self.send_header("Location", response.location)
        if body and _accepts_gzip(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        if self._in_chunks(response):
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        return body

    def _in_chunks(self, response: Response) -> bool:
        return response.chunked and self.request_version != "HTTP/1.0"

    def _send_body(self, body: bytes, *, chunked: bool) -> None:
        if not chunked:
            self.wfile.write(body)
            return
        for start in range(0, len(body), _CHUNK):
            piece = body[start : start + _CHUNK]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")


def _accepts_gzip(header: str) -> bool:
    """Whether a client takes gzip (RFC 9110, section 12.5.3); a weight of zero refuses it.

    >>> _accepts_gzip("br, gzip;q=0.8"), _accepts_gzip("gzip;q=0, identity"), _accepts_gzip("")
    (True, False, False)
    """
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _is_known(headers: Message, response: Response) -> bool:
    """Whether the client holds this very page already (RFC 9110, section 13.2.2)."""
    tags = headers.get("If-None-Match")
    if tags is not None:
        return response.etag in {tag.strip() for tag in tags.split(",")} or tags.strip() == "*"
    since = headers.get("If-Modified-Since")
    if since is None or response.last_modified is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return response.last_modified <= moment
