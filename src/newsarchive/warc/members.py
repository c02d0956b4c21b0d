"""The gzip members of a file, one after another (RFC 1952; WARC/1.1 annex D: one record is one member).

Memory stays constant however large a member is. A damaged place is a value, not the end: the walk finds the next
member after it, so one flipped bit costs one record.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from newsarchive.warc.record import GZIP

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_STEP: Final = 65_536
"""Bytes read at once; a news page with its headers is about 25,000 compressed."""
_STEP_OUT: Final = 1_048_576
"""Bytes inflated at once: bounds memory against members that inflate a thousandfold."""
_MAGIC: Final = b"\x1f\x8b\x08"
_MARK: Final = b"WARC/"


@dataclass(frozen=True, slots=True)
class Member:
    """A whole gzip member whose checksum holds."""

    offset: int
    length: int
    size: int
    """Bytes when inflated."""
    data: bytes
    """The first of them, as many as were asked for."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that holds no whole record."""

    offset: int
    length: int
    reason: str
    torn: bool = False
    """The file ends inside a member and nothing follows: what a killed or still running writer leaves."""


def walk(descriptor: int, *, keep: int) -> Iterator[Member | Damage]:
    """Every member and every damaged stretch of a file, in order.

    Args:
        descriptor: the file, open for reading; its position is left alone.
        keep: how many inflated bytes of each member to hand over.
    """
    offset = 0
    while os.pread(descriptor, 1, offset):
        try:
            member = inflate(descriptor, offset, keep=keep)
        except (zlib.error, EOFError) as error:
            after = _next_member(descriptor, offset + 1)
            end = os.fstat(descriptor).st_size if after is None else after
            torn = after is None and isinstance(error, EOFError)
            yield Damage(offset, end - offset, str(error), torn=torn)
            if after is None:
                return
            offset = after
            continue
        yield member
        offset += member.length


def inflate(descriptor: int, offset: int, *, keep: int) -> Member:
    """The member that begins at an offset.

    Raises:
        EOFError: the file ends before the member does.
        zlib.error: the bytes are no gzip member, or their checksum does not hold.
    """
    kept: list[bytes] = []
    size = 0
    stream = inflated(descriptor, offset)
    while True:
        try:
            data = next(stream)
        except StopIteration as end:
            return Member(offset, end.value, size, b"".join(kept))
        if size < keep:
            kept.append(data[: keep - size])
        size += len(data)


def inflated(descriptor: int, offset: int) -> Generator[bytes, None, int]:
    """The bytes of the member that begins at an offset, in pieces; it returns the member's length.

    Raises:
        EOFError: the file ends before the member does.
        zlib.error: the bytes are no gzip member, or their checksum does not hold.
    """
    inflater = zlib.decompressobj(GZIP)
    position = offset
    while not inflater.eof:
        chunk = os.pread(descriptor, _STEP, position)
        if not chunk:
            raise EOFError("the file ends inside a record")
        position += len(chunk)
        while chunk and not inflater.eof:
            yield inflater.decompress(chunk, _STEP_OUT)
            chunk = inflater.unconsumed_tail
    return position - len(inflater.unused_data) - offset


def _next_member(descriptor: int, start: int) -> int | None:
    """Where the next WARC record seems to begin, at or after `start`."""
    position = start
    while block := os.pread(descriptor, _STEP_OUT, position):
        found = block.find(_MAGIC)
        while found >= 0:
            if _begins_record(os.pread(descriptor, 512, position + found)):
                return position + found
            found = block.find(_MAGIC, found + 1)
        # The mark may lie across the border of two blocks.
        position += max(1, len(block) - len(_MAGIC) + 1)
    return None


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(GZIP).decompress(data, len(_MARK)) == _MARK
    except zlib.error:
        return False
