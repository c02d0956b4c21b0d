"""Writes captures into rotating WARC/1.1 files, one gzip member per record (ISO 28500:2017, annex D).

Every capture is one append: its records are put together in memory, written by one call and synced. A capture that was
returned is on disk; one that was not leaves at most a torn tail, which `repair` cuts off. Captures that are written
`together` share one sync, and are on disk when the block has ended.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from newsarchive.digests import warc_sha1
from newsarchive.errors import UsageError
from newsarchive.models import Capture, Origin, Place, Profile, Revisit
from newsarchive.warc.captures import Described, capture_of
from newsarchive.warc.cdxj import cdxj_line
from newsarchive.warc.http import HEAD_END, hide_chunked, split
from newsarchive.warc.lines import PackedLines
from newsarchive.warc.record import (
    FORMAT,
    RECORD_END,
    WARC_FIELDS,
    build,
    format_date,
    named_fields,
    new_record_id,
    pack,
)
from newsarchive.warc.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from newsarchive.warc.exchange import Exchange
    from newsarchive.warc.http import StoredResponse

_PACKED: Final = b"\x1f\x8b"
"""How a gzip body begins."""
_ATTEMPTS: Final = 3
"""Tries to create a file; a second one is needed only when a repair meets the file in the moment it is created."""
_UNPLACED: Final = Place(file="unwritten", offset=0, length=1)
"""Stands in until the capture is written."""


class WarcWriter:
    """Writes captures into the folder `warc/`; a context manager. Several writers may share a folder, also in threads.

    Files are called `<UTC time>-<6 hex digits>-<serial>.warc.gz`, with `.open` behind that while they are written.
    A file that is larger than `max_file_size` bytes is finished before the next capture is written, and any on `close`.

    A finished file is never looked at again, so whoever notes captures elsewhere must have done so by then: what was
    written inside `batch` stays in an open file until the block ends, and `leave` hands an open file to `repair`.
    """

    def __init__(self, folder: Path, *, max_file_size: int, info: Mapping[str, str]) -> None:
        """Nothing is created before the first capture.

        Args:
            folder: an existing folder.
            max_file_size: in bytes.
            info: fields of the warcinfo record, such as `software` and `operator`.
        """
        self._folder = folder
        self._max_file_size = max_file_size
        self._info = dict(info)
        self._tag = secrets.token_hex(3)
        self._serial = 0
        self._segment: Segment | None = None
        self._lines = PackedLines()
        self._lock = threading.RLock()
        self._batches = 0
        self._gathers = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.leave()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Finish no file for its size while the block runs: what is written in it is noted at its end."""
        with self._lock:
            self._batches += 1
        try:
            yield
        finally:
            with self._lock:
                self._batches -= 1

    def write(self, exchange: Exchange, *, origin: Origin, original: Capture | None = None) -> Capture:
        """Keep an exchange as response, request and metadata records; its place spans the response record.

        Where the server sent what an earlier capture of the URL holds, a revisit record with the head of the answer
        takes the place of the response record (WARC/1.1, section 6.7).

        A chunked `Transfer-Encoding` header is renamed `x-orig-transfer-encoding`, because the body comes without the
        framing. All other bytes of the heads are kept.

        Args:
            exchange: the request and its answer.
            origin: where the URL was found.
            original: the capture that holds the payload; itself no revisit.

        Raises:
            UsageError: the original is a revisit, or the exchange cannot be told apart again: a naive time, a URL with
                control characters, a head that does not end with its only empty line.
            OSError: the disk refused; what was written before is untouched and the writer can be used again.
        """
        _check_head(exchange.response_head, "response")
        head = hide_chunked(exchange.response_head)
        date = format_date(exchange.captured_at)
        digest = original.payload_digest if original else warc_sha1(exchange.body)
        described = Described(new_record_id(), exchange.url, exchange.captured_at.astimezone(UTC), digest)
        response = split(head)
        revisit = _revisit(original, response) if original else None
        capture = capture_of(described, place=_UNPLACED, origin=origin, response=response, revisit=revisit)
        fields = _wire_fields(exchange, date)
        extra = [("WARC-Payload-Digest", digest)] if digest else []
        if revisit:
            extra += _revisit_fields(revisit)
        elif exchange.truncated:
            extra.append(("WARC-Truncated", exchange.truncated))
        kind, body = ("revisit", b"") if revisit else ("response", exchange.body)
        record = _record(kind, described.record_id, [*fields, *extra], "response", head + body)
        rest = b""
        if exchange.request_head:
            _check_head(exchange.request_head, "request")
            fields.append(("WARC-Concurrent-To", f"<{described.record_id}>"))
            rest = pack(_record("request", new_record_id(), fields, "request", exchange.request_head))
        # Behind a body that came packed there is but the record's end.
        coded = len(body) + len(RECORD_END) if body.startswith(_PACKED) else 0
        return self._append(capture, pack(record, coded=coded), rest + _metadata(capture, date))

    def write_resource(
        self, url: str, body: bytes, *, content_type: str, captured_at: datetime, origin: Origin
    ) -> Capture:
        """Keep a file that came without HTTP as resource and metadata records.

        Raises:
            UsageError: the URL or type holds control characters, or the time has no zone.
            OSError: as `write`.
        """
        date = format_date(captured_at)
        described = Described(new_record_id(), url, captured_at.astimezone(UTC), warc_sha1(body))
        capture = capture_of(described, place=_UNPLACED, origin=origin, response=content_type)
        fields = [
            ("WARC-Type", "resource"),
            ("WARC-Record-ID", f"<{described.record_id}>"),
            ("WARC-Date", date),
            ("WARC-Target-URI", url),
            ("WARC-Payload-Digest", described.payload_digest),
            ("WARC-Block-Digest", described.payload_digest),
            ("Content-Type", content_type or "application/octet-stream"),
        ]
        return self._append(capture, pack(build(fields, body)), _metadata(capture, date))

    def copy(self, member: bytes, capture: Capture) -> Capture:
        """Take over a complete gzip member of a foreign WARC file byte for byte, with a metadata record of ours.

        The metadata record keeps the capture's id, origin and payload digest, also where the foreign record lacks them.

        Raises:
            UsageError: `member` does not begin like a gzip member.
            OSError: as `write`.
        """
        if not member.startswith(b"\x1f\x8b\x08"):
            raise UsageError(f"the record of {capture.url} is no gzip member", tip="pass `Imported.member`")
        return self._append(capture, member, _metadata(capture, format_date(datetime.now(UTC)), copied=True))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Sync once for all captures of the block, at its end; none of them is kept before that.

        As in a `batch`, no file is finished inside the block. Where it fails, all that it wrote is cut off again.

        Raises:
            OSError: as `write`; then none of the captures is kept.
        """
        with self._lock:
            self._finish_if_large()
            lines = len(self._lines)
            self._gathers = True
            try:
                with self.batch():
                    yield
                if self._segment is not None:
                    self._segment.sync()
            except BaseException:
                self._take_back(lines)
                raise
            finally:
                self._gathers = False

    def _take_back(self, lines: int) -> None:
        if self._segment is not None:
            self._segment.undo()
            self._lines.cut(lines)
        self._give_up_torn()

    def close(self) -> None:
        """Finish the open file, if there is one; one without a capture is removed. The writer may be used again.

        Raises:
            OSError: the file could not be finished; it is whole, and `repair` finishes it.
        """
        with self._lock:
            self._finish()

    def leave(self) -> None:
        """Let go of the open file as it is: captures in it may not be noted, and `repair` is who looks for them."""
        with self._lock:
            if self._segment is not None:
                self._segment.release()
                self._segment, self._lines = None, PackedLines()

    def _append(self, capture: Capture, member: bytes, rest: bytes) -> Capture:
        with self._lock:
            self._finish_if_large()
            segment = self._segment or self._open()
            offset = self._put(segment, member + rest)
            place = Place(file=segment.name, offset=offset, length=len(member))
            placed = capture.model_copy(update={"place": place})
            self._lines.append(cdxj_line(placed))
        return placed

    def _put(self, segment: Segment, data: bytes) -> int:
        try:
            return segment.add(data) if self._gathers else segment.append(data)
        finally:
            self._give_up_torn()

    def _give_up_torn(self) -> None:
        """The disk refused even the cut: the file is left to `repair`, the next one is fresh."""
        if self._segment is not None and self._segment.torn:
            self._segment.release()
            self._segment, self._lines = None, PackedLines()

    def _finish_if_large(self) -> None:
        if self._segment is not None and self._segment.size > self._max_file_size and not self._batches:
            self._finish()

    def _open(self) -> Segment:
        for attempt in range(1, _ATTEMPTS + 1):
            now = datetime.now(UTC)
            stem = f"{now:%Y%m%d%H%M%S}-{self._tag}-{self._serial:05d}"
            self._serial += 1
            try:
                self._segment = Segment(self._folder, stem, first=self._warcinfo(stem, now))
            except (FileExistsError, BlockingIOError):
                if attempt == _ATTEMPTS:
                    raise
            else:
                return self._segment
        raise AssertionError  # the loop returns or raises

    def _finish(self) -> None:
        segment, lines = self._segment, self._lines
        self._segment, self._lines = None, PackedLines()
        if segment is None:
            return
        if segment.size > segment.bare_size:
            segment.finish(lines)
        else:
            segment.remove()

    def _warcinfo(self, stem: str, now: datetime) -> bytes:
        block = named_fields([*self._info.items(), *FORMAT])
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<{new_record_id()}>"),
            ("WARC-Date", format_date(now)),
            ("WARC-Filename", f"{stem}.warc.gz"),
            ("WARC-Block-Digest", warc_sha1(block)),
            ("Content-Type", WARC_FIELDS),
        ]
        return pack(build(fields, block))


def _check_head(head: bytes, what: str) -> None:
    end = HEAD_END.search(head)
    if end is None or end.end() != len(head):
        raise UsageError(f"the {what} head does not end with its only empty line", tip="pass the head as it was sent")


def _wire_fields(exchange: Exchange, date: str) -> list[tuple[str, str]]:
    fields = [("WARC-Date", date), ("WARC-Target-URI", exchange.url), ("WARC-Protocol", exchange.protocol)]
    if exchange.ip:
        fields.append(("WARC-IP-Address", exchange.ip))
    return fields


def _revisit(original: Capture, response: StoredResponse) -> Revisit:
    if original.revisit is not None:
        raise UsageError(f"{original.record_id} is a revisit itself", tip="name the capture that it refers to")
    unmodified = response.status == HTTPStatus.NOT_MODIFIED
    profile = Profile.NOT_MODIFIED if unmodified else Profile.IDENTICAL
    return Revisit(profile=profile, refers_to=original.record_id, url=original.url, captured_at=original.captured_at)


def _revisit_fields(revisit: Revisit) -> list[tuple[str, str]]:
    at = revisit.captured_at
    return [
        ("WARC-Profile", str(revisit.profile)),
        ("WARC-Refers-To", f"<{revisit.refers_to}>"),
        ("WARC-Refers-To-Target-URI", revisit.url or ""),
        ("WARC-Refers-To-Date", format_date(at) if at else ""),
    ]


def _record(kind: str, record_id: str, fields: list[tuple[str, str]], message: str, block: bytes) -> bytes:
    return build(
        [
            ("WARC-Type", kind),
            ("WARC-Record-ID", f"<{record_id}>"),
            *fields,
            ("WARC-Block-Digest", warc_sha1(block)),
            ("Content-Type", f"application/http; msgtype={message}"),
        ],
        block,
    )


def _metadata(capture: Capture, date: str, *, copied: bool = False) -> bytes:
    """Our record about a capture: where its URL was found and, for a copied one, what its own header may not say."""
    origin = capture.origin
    told = [("role", str(origin.role)), ("source", origin.source), ("via", origin.via)]
    if copied:
        told.append(("payload-digest", capture.payload_digest))
    block = named_fields([(name, value) for name, value in told if value])
    about = f"<{capture.record_id}>"
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<{new_record_id()}>"),
        ("WARC-Date", date),
        ("WARC-Target-URI", capture.url),
        ("WARC-Concurrent-To", about),
        ("WARC-Refers-To", about),
        ("WARC-Block-Digest", warc_sha1(block)),
        ("Content-Type", WARC_FIELDS),
    ]
    return pack(build(fields, block))
