"""WARC records taken out of the archive as they lie there, to be put into a file that leaves it.

Nothing is packed anew: the gzip members of a capture are copied byte for byte, so a digest that holds here holds there.
"""

from __future__ import annotations

import os
import re
import zlib
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from newsarchive.digests import warc_sha1
from newsarchive.errors import WarcError
from newsarchive.warc.captures import whole_header
from newsarchive.warc.http import split
from newsarchive.warc.members import Member, inflate
from newsarchive.warc.reader import damaged, no_file
from newsarchive.warc.record import (
    FORMAT,
    GZIP,
    WARC_FIELDS,
    Header,
    RecordFault,
    build,
    derived_record_id,
    digest_agrees,
    format_date,
    named_fields,
    pack,
    parse_fields,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from newsarchive.models import Capture
    from newsarchive.warc.http import StoredResponse

_FOLLOWERS: Final = frozenset({"request", "metadata"})
"""What the writer puts behind a capture's own record, and what therefore belongs to it."""
_KINDS: Final = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit"})
"""What stands in a file of ours."""
_START: Final = 16_384
"""Bytes in which the header of a record ends; real ones are under 3,000."""
_PIECE: Final = 64
"""Bytes that are unpacked at once: damage behind the header of a record is not met on the way to its kind."""
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_OPEN: Final = ".open"
_LARGEST: Final = 268_435_456
"""Bytes of one record that are taken into memory; no import takes larger ones."""


class Taken(NamedTuple):
    """One whole WARC record."""

    member: bytes
    """The gzip member that holds it, as it lies in the file."""
    header: Header
    head: bytes
    """The header as it is written."""
    block: bytes

    def every(self, name: str) -> list[str]:
        """The values of a named field that may be there more than once."""
        pattern = rb"(?im)^" + re.escape(name.encode("ascii")) + rb"[ \t]*:[ \t]*(.*?)[ \t]*\r?$"
        return [value.decode("utf-8", "replace") for value in re.findall(pattern, self.head)]

    @property
    def http(self) -> StoredResponse | None:
        """The HTTP message of a response or revisit."""
        return None if self.header.kind == "resource" else split(self.block)

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a block that is a list of them (metadata, warcinfo)."""
        return parse_fields(self.block)


def records_of(folder: Path, capture: Capture, *, on_damage: Callable[[WarcError], None]) -> tuple[Taken, ...]:
    """All WARC records of a capture: its own first, then its request and metadata. Each is checked as it is read.

    Args:
        folder: the folder `warc/`.
        capture: whose records are wanted.
        on_damage: called where what follows its own record cannot be read: it may be a request or metadata that is
            missing then.

    Raises:
        WarcError: its own record is not whole, or its block digest does not hold.
    """
    place = capture.place
    with _opened(folder, place.file) as (descriptor, growing):
        records = [_read(folder, place.file, descriptor, place.offset)]
        if len(records[0].member) != place.length:
            raise damaged(folder, place.file, place.offset, "the record does not end where its place does")
        offset = place.offset + place.length
        try:
            while _kind_at(descriptor, offset, growing=growing) in _FOLLOWERS:
                records.append(_read(folder, place.file, descriptor, offset))
                offset += len(records[-1].member)
        except (RecordFault, zlib.error) as fault:
            on_damage(damaged(folder, place.file, offset, f"what follows a capture cannot be read: {fault}"))
        except WarcError as error:
            on_damage(error)
    return tuple(records)


def warcinfo_of(folder: Path, file: str) -> Taken | None:
    """The record that a WARC file of the archive begins with, if that says who wrote the file, and with what.

    Raises:
        WarcError: it is not whole.
    """
    with _opened(folder, file) as (descriptor, growing):
        try:
            kind = _kind_at(descriptor, 0, growing=growing)
        except (RecordFault, zlib.error) as fault:
            raise damaged(folder, file, 0, str(fault)) from fault
        return _read(folder, file, descriptor, 0) if kind == "warcinfo" else None


@contextmanager
def _opened(folder: Path, file: str) -> Iterator[tuple[int, bool]]:
    """A WARC file, and whether its writer is still at work."""
    for name in (file, file + _OPEN, file):  # it may be finished between the first two tries
        try:
            stream = (folder / name).open("rb")
        except FileNotFoundError:
            continue
        with closing(stream):
            yield stream.fileno(), name.endswith(_OPEN)
        return
    raise no_file(folder, file, 0)


def _kind_at(descriptor: int, offset: int, *, growing: bool) -> str:
    """The kind of the record that begins at an offset; nothing at the end of the file. No more is unpacked than that.

    Raises:
        zlib.error: what lies there is damaged before its kind is told.
        RecordFault: what lies there is no record, and no writer is at work on it.
    """
    inflater = zlib.decompressobj(GZIP)
    packed = os.pread(descriptor, _START, offset)
    ended = not packed
    head = b""
    while packed and len(head) < _START and not _HEADER_END.search(head):
        head += inflater.decompress(packed, _PIECE)
        packed = inflater.unconsumed_tail
    kind = parse_fields(head.partition(b"\n")[2]).get("warc-type", "").lower() if head.startswith(b"WARC/") else ""
    if kind not in _KINDS and not (ended or growing):
        raise RecordFault(f"a record of the kind {kind!r} begins there" if kind else "no WARC record begins there")
    return kind


def _read(folder: Path, file: str, descriptor: int, offset: int) -> Taken:
    try:
        found = inflate(descriptor, offset, keep=_LARGEST)
        header = whole_header(found)
        block = _block(found, header)
    except (RecordFault, EOFError, zlib.error) as fault:
        raise damaged(folder, file, offset, str(fault)) from fault
    return Taken(os.pread(descriptor, found.length, offset), header, found.data[: header.block_start], block)


def _block(found: Member, header: Header) -> bytes:
    if found.size > len(found.data):
        raise RecordFault(f"the record is larger than {_LARGEST} bytes")
    block = found.data[header.block_start : header.block_start + header.block_length]
    if digest_agrees(header.fields.get("warc-block-digest", ""), block) is False:
        raise RecordFault("the block digest does not hold")
    return block


class WarcStream:
    """Puts whole WARC records one behind the other into a stream.

    The stream is only written to, from its beginning on, so it may be an entry of a zip file.
    """

    def __init__(self, stream: IO[bytes], *, name: str) -> None:
        """Nothing is written yet.

        Args:
            stream: where to.
            name: of the file.
        """
        self._stream = stream
        self.name = name
        self.size = 0
        """Bytes written."""
        self.records = 0
        """WARC records written."""

    def describe(self, info: Mapping[str, str], *, at: datetime) -> None:
        """Write a warcinfo record of ours.

        Args:
            info: its fields.
            at: its date. The record's id is derived from all of it.
        """
        self._put(pack(_warcinfo(self.name, info, at)))

    def add(self, capture: Capture, records: Sequence[Taken]) -> Capture:
        """Write the records of a capture; the capture with its place in this stream."""
        place = capture.place.model_copy(update={"file": self.name, "offset": self.size})
        for record in records:
            self._put(record.member)
        return capture.model_copy(update={"place": place})

    def add_warcinfo(self, record: Taken) -> None:
        """Write the warcinfo record of another file: it speaks of the records that follow (WARC/1.1, section 6.2)."""
        self._put(record.member)

    def _put(self, member: bytes) -> None:
        self._stream.write(member)
        self.size += len(member)
        self.records += 1


def _warcinfo(name: str, info: Mapping[str, str], at: datetime) -> bytes:
    block = named_fields([*info.items(), *FORMAT])
    date = format_date(at)
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<{derived_record_id(block + date.encode('ascii') + name.encode())}>"),
        ("WARC-Date", date),
        ("WARC-Filename", name),
        ("WARC-Block-Digest", warc_sha1(block)),
        ("Content-Type", WARC_FIELDS),
    ]
    return build(fields, block)
