"""Serves the sample newsroom on loopback: HTTP/1.1 with keep-alive, gzip, validators and chunks, by host name.

HTTP as in RFC 9110 and RFC 9112, with `http.server` of the standard library: it is for tests and demonstrations. Each
answer is written down, so that a test can prove what was fetched and what was not.
"""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.sample.newsroom import Newsroom, build
from newsarchive.sample.site import Response

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from email.message import Message

LOOPBACK: Final = "127.0.0.1"
_CHUNK: Final = 4_096
_POLL: Final = 0.05
"""Seconds between two looks whether the server should stop."""
_IDLE: Final = 30.0
"""Seconds that a kept connection may be silent."""


class Served(NamedTuple):
    """One request that was answered."""

    host: str
    """Without the port."""
    path: str
    """With the query, as it was asked for."""
    status: int


class NewsroomServer:
    """The newsroom on a port; see `serve`."""

    def __init__(self, newsroom: Newsroom, *, host: str = LOOPBACK, port: int = 0) -> None:
        self._newsroom = newsroom
        self._requests: list[Served] = []
        self._lock = threading.Lock()
        self._http = _Http((host, port), self)
        self.port: int = self._http.server_address[1]

    @property
    def newsroom(self) -> Newsroom:
        """What is served now."""
        return self._newsroom

    @property
    def edition(self) -> int:
        """The edition that is served; it can be set while the server runs."""
        return self._newsroom.edition

    @edition.setter
    def edition(self, edition: int) -> None:
        self._newsroom = self._newsroom.at_edition(edition)

    @property
    def requests(self) -> list[Served]:
        """All requests that were answered so far, in order; a copy."""
        with self._lock:
            return list(self._requests)

    def url(self, outlet: str, path: str = "/") -> str:
        """URL of a path of an outlet, by the outlet's name; errors as in `Newsroom.outlet`."""
        return f"http://{self._newsroom.outlet(outlet).host}:{self.port}{path}"

    def note(self, host: str, path: str, status: int) -> None:
        """Write down an answer."""
        with self._lock:
            self._requests.append(Served(host, path, status))

    def answer(self, host: str, path: str) -> Response:
        """What to answer; hosts that are no outlet's get a page with the outlets."""
        return self._newsroom.pages(host, path, port=self.port) or self._front()

    def _front(self) -> Response:
        rows = "".join(
            f'<li><a href="{self.url(outlet.name)}">{escape(outlet.title)}</a></li>'
            for outlet in self._newsroom.outlets
        )
        text = (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sample newsroom</title></head>'
            f"<body><h1>Sample newsroom, edition {self.edition}</h1><ul>{rows}</ul></body></html>\n"
        )
        return Response(200, "text/html; charset=utf-8", text.encode())

    def run(self) -> None:
        """Serve until `stop` is called from another thread."""
        self._http.serve_forever(poll_interval=_POLL)

    def stop(self) -> None:
        """End `run`."""
        self._http.shutdown()

    def close(self) -> None:
        """Give the port back."""
        self._http.server_close()


@contextmanager
def serve(newsroom: Newsroom | int = 1, *, host: str = LOOPBACK, port: int = 0) -> Iterator[NewsroomServer]:
    """Serve a newsroom, or the default one at an edition, while the block runs; port 0 takes a free one."""
    server = NewsroomServer(build(newsroom) if isinstance(newsroom, int) else newsroom, host=host, port=port)
    thread = threading.Thread(target=server.run, name="sample-newsroom", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # kept connections would hold the end up until they are silent for long enough
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], newsroom: NewsroomServer) -> None:
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
    server: _Http
    connection: socket.socket

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer without a body."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given by http.server
        """Say nothing: stderr belongs to whoever runs the newsroom."""

    def _answer(self, *, with_body: bool) -> None:
        newsroom = self.server.newsroom
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        response = newsroom.answer(host.lower(), self.path)
        status = 304 if response.status == 200 and _is_known(self.headers, response) else response.status  # noqa: PLR2004 - RFC 9110, section 13
        newsroom.note(host.lower(), self.path, status)
        self.send_response(status)
        self._send_validators(response)
        if status == 304:  # noqa: PLR2004 - Not Modified has no body
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
