"""The HTTP message inside a response record: its head, its framing, its content coding.

Follows RFC 9112 (messages, chunked framing) and RFC 9110, section 8.4 (content codings). Heads are read as browsers
read them: bare line feeds and folded lines are taken, values are Latin-1.
"""

from __future__ import annotations

import importlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from newsarchive.errors import ExtractionError

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})(?!\d)", re.ASCII)
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_TRANSFER_ENCODING: Final = re.compile(rb"(?im)^transfer-encoding(?=[ \t]*:[^\n]*\bchunked\b)")
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[<{\[]")
_UNREADABLE: Final = frozenset({"aes128gcm", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
"""Registered content codings (IANA HTTP parameters) that are not decoded here."""
_GZIP_MARK: Final = b"\x1f\x8b"
_MOST_MEMBERS: Final = 100
"""Gzip members of one body. Servers send one; each further one costs a copy of the rest."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """An HTTP response as it lies in the WARC file."""

    status_line: str
    headers: tuple[tuple[str, str], ...]
    """In the order received, repeated ones kept, names as written; values are Latin-1."""
    body: bytes
    """As it is stored: the content coding kept, and the chunked framing too where a foreign writer kept it."""

    @property
    def status(self) -> int | None:
        """The three digits of the status line, or None where there are none."""
        match = _STATUS.match(self.status_line)
        return int(match[1]) if match else None

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)

    def tokens(self, name: str) -> list[str]:
        """The comma-separated words of all headers of that name, lower case."""
        name = name.lower()
        values = ",".join(value for key, value in self.headers if key.lower() == name)
        return [word for part in values.split(",") if (word := part.strip().lower())]


def split(block: bytes) -> StoredResponse:
    r"""The response that a block holds. A block without an empty line is all head.

    >>> response = split(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody")
    >>> response.status, response.headers, response.body
    (200, (('A', 'b'),), b'body')
    """
    end = HEAD_END.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    status_line, _, rest = head.decode("latin-1").partition("\n")
    headers: list[tuple[str, str]] = []
    for line in rest.split("\n"):
        if line[:1] in {" ", "\t"} and headers:  # obs-fold, RFC 9112 section 5.2
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return StoredResponse(status_line.rstrip("\r"), tuple(headers), body)


def hide_chunked(head: bytes) -> bytes:
    r"""The head with a chunked `Transfer-Encoding` renamed, all other bytes as they were.

    The body is kept without its chunked framing, so the header would be untrue. Kept framing breaks today's readers:
    payload digests fail in one, another stops in silence, a replay tool serves the framing as text (all measured).

    >>> hide_chunked(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    b'HTTP/1.1 200 OK\r\nx-orig-transfer-encoding: chunked\r\n\r\n'
    """
    return _TRANSFER_ENCODING.sub(b"x-orig-transfer-encoding", head)


def entity(response: StoredResponse) -> bytes:
    """The body without chunked framing: what a payload digest covers.

    Many writers take the framing off and keep the header, so a body that does not begin with a chunk is left as it is.

    Raises:
        ExtractionError: the framing begins and does not end (reason `bad-encoding`).
    """
    if "chunked" not in response.tokens("Transfer-Encoding") or not _CHUNK_SIZE.match(response.body):
        return response.body
    return _dechunk(response.body)


def _dechunk(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while (match := _CHUNK_SIZE.match(body, at)) is not None:
        size = int(match[1], 16)
        at = match.end() + size
        if size == 0:
            return b"".join(parts)
        if at > len(body):
            break
        parts.append(body[match.end() : at])
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
    raise ExtractionError("the chunked body breaks off before its last chunk", reason="bad-encoding")


def decoded(response: StoredResponse, *, max_size: int) -> bytes:
    """The body without framing and content codings.

    A coding that the field does not know (`utf-8`, `none`) is taken for no coding, as browsers do; so is a known one
    in front of plain markup, because some foreign writers decode the body and keep the header.

    Raises:
        ExtractionError: `too-large` beyond `max_size` bytes, `bad-encoding` where a coding cannot be undone to its end.
    """
    body = entity(response)
    for coding in reversed(response.tokens("Content-Encoding")):
        if coding in _UNREADABLE:
            raise ExtractionError(f"the content coding {coding} cannot be read", reason="bad-encoding")
        if coding in _DECODERS and body:
            body = _decode(body, coding, max_size)
    if len(body) > max_size:
        raise _too_large(max_size)
    return body


def _decode(body: bytes, coding: str, max_size: int) -> bytes:
    try:
        return _DECODERS[coding](body, max_size)
    except ExtractionError:
        if _MARKUP.match(body) and b">" in body[:4096]:
            return body
        raise


def _too_large(max_size: int) -> ExtractionError:
    return ExtractionError(f"the page is larger than {max_size} bytes", reason="too-large")


def _broken(coding: str, why: object) -> ExtractionError:
    return ExtractionError(f"the {coding} coding of the body is broken: {why}", reason="bad-encoding")


def _gunzip(body: bytes, max_size: int) -> bytes:
    parts: list[bytes] = []
    room = max_size
    rest = body
    # Members may follow one another; other bytes behind a whole member are ignored, as browsers do.
    while not parts or (rest and _GZIP_MARK.startswith(rest[:2])):
        if len(parts) == _MOST_MEMBERS:
            raise _broken("gzip", f"it has more than {_MOST_MEMBERS} members")
        data, rest = _inflate(rest, 31, room, "gzip", max_size)
        parts.append(data)
        room -= len(data)
    return b"".join(parts)


def _inflate(body: bytes, window: int, room: int, coding: str, max_size: int) -> tuple[bytes, bytes]:
    inflater = zlib.decompressobj(window)
    try:
        data = inflater.decompress(body, room + 1)
    except zlib.error as error:
        raise _broken(coding, error) from error
    if len(data) > room:
        raise _too_large(max_size)
    if not inflater.eof:
        raise _broken(coding, "it breaks off")
    return data, inflater.unused_data


def _undeflate(body: bytes, max_size: int) -> bytes:
    try:
        return _inflate(body, 15, max_size, "deflate", max_size)[0]
    except ExtractionError as error:
        if error.reason == "too-large":
            raise
    # Many servers leave out the zlib wrapper that RFC 9110 asks for; browsers take both.
    return _inflate(body, -15, max_size, "deflate", max_size)[0]


def _unbrotli(body: bytes, max_size: int) -> bytes:
    brotli = _library("brotli", "br")
    inflater = brotli.Decompressor()
    parts: list[bytes] = []
    room = max_size
    data = body
    try:
        while not inflater.is_finished():
            part: bytes = inflater.process(data, output_buffer_limit=room + 1)
            parts.append(part)
            room -= len(part)
            if room < 0:
                raise _too_large(max_size)
            if inflater.can_accept_more_data() and not part:
                break
            data = b""
    except brotli.error as error:
        raise _broken("br", error) from error
    if not inflater.is_finished():
        raise _broken("br", "it breaks off")
    return b"".join(parts)


def _unzstd(body: bytes, max_size: int) -> bytes:
    zstd = _library("backports.zstd", "zstd")
    inflater = zstd.ZstdDecompressor()
    try:
        data: bytes = inflater.decompress(body, max_size + 1)
    except zstd.ZstdError as error:
        raise _broken("zstd", error) from error
    if len(data) > max_size:
        raise _too_large(max_size)
    if not inflater.eof:
        raise _broken("zstd", "it breaks off")
    return data


def _library(module: str, coding: str) -> Any:  # noqa: ANN401 - these libraries carry no types
    """Loaded when a page needs it: our own crawl asks for gzip only."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _broken(coding, f"the library {module} is not installed") from error


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
