"""Writes a WARC file anew without some captures; every other record stays byte for byte.

In the place of a capture stands a `metadata` record that says what was there and why it is not any more: its URL, date
and payload digest, never its content. The file gets a new name, so that every place that is known is true at any
moment: the old file goes only after nothing points into it.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from newsarchive.digests import warc_sha1
from newsarchive.durable import sync_folder
from newsarchive.warc.captures import CAPTURES, HEAD, captures_of
from newsarchive.warc.cdxj import WARC_SUFFIX, cdxj_line, cdxj_path, write_cdxj
from newsarchive.warc.members import Damage, Member, walk
from newsarchive.warc.record import (
    GZIP,
    WARC_FIELDS,
    Header,
    RecordFault,
    build,
    format_date,
    named_fields,
    new_record_id,
    pack,
    parse_fields,
    parse_header,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_COPY: Final = 1_048_576
_REWRITTEN: Final = re.compile(r"-r(\d+)$")
_ABOUT: Final = ("warc-concurrent-to", "warc-refers-to")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays known of a capture that goes."""

    record_id: str
    url: str
    captured_at: str
    payload_digest: str
    reason: str


def successor(name: str) -> str:
    """What a file is called that is written anew.

    >>> successor("20190227113005-a1b2c3-00000.warc.gz"), successor("20190227113005-a1b2c3-00000-r1.warc.gz")
    ('20190227113005-a1b2c3-00000-r1.warc.gz', '20190227113005-a1b2c3-00000-r2.warc.gz')
    """
    stem = name.removesuffix(WARC_SUFFIX)
    match = _REWRITTEN.search(stem)
    number = int(match[1]) + 1 if match else 1
    return f"{stem[: match.start()] if match else stem}-r{number}{WARC_SUFFIX}"


def write_without(old: Path, new: Path, gone: Mapping[int, Tombstone]) -> dict[int, int]:
    """Write a finished file and its CDXJ anew, without the captures at some offsets and what belongs to them.

    A kill leaves no file of the new name, or the whole one.

    Returns:
        Where each kept record of the old file begins in the new one, by its old offset.

    Args:
        old: the file as it is; it stays.
        new: beside it; one that stands there is replaced.
        gone: the captures that go, by the offset of their records in the old file.

    Raises:
        OSError: a file cannot be read or written.
    """
    moved: dict[int, int] = {}
    part = new.with_name(new.name + ".part")
    with old.open("rb") as source, part.open("w+b") as target:
        for piece in _pieces(source.fileno(), gone):
            if not isinstance(piece, bytes):
                moved[piece.offset] = target.tell()
            target.writelines([piece] if isinstance(piece, bytes) else _copied(source.fileno(), piece))
        target.flush()
        os.fsync(target.fileno())
        found = captures_of(walk(target.fileno(), keep=HEAD), file=new.name)
        lines = [cdxj_line(capture) for capture in found if not isinstance(capture, Damage)]
    write_cdxj(cdxj_path(new), lines)
    part.replace(new)
    sync_folder(new.parent)
    return moved


def remove_file(path: Path) -> None:
    """Delete a WARC file and its CDXJ; neither needs to be there. Durable when it returns."""
    path.unlink(missing_ok=True)
    cdxj_path(path).unlink(missing_ok=True)
    sync_folder(path.parent)


def remove_tails(folder: Path, urls: Collection[str]) -> int:
    """Delete torn ends that were moved aside and hold a part of a record of one of these addresses; how many."""
    removed = 0
    for path in sorted(folder.glob(f"*{WARC_SUFFIX}.tail-*")):
        if _url_in(path) in urls:
            path.unlink()
            removed += 1
    if removed:
        sync_folder(folder)
    return removed


def _url_in(path: Path) -> str | None:
    with path.open("rb") as file:
        data = file.read(HEAD)
    try:
        return parse_header(zlib.decompressobj(GZIP).decompress(data, HEAD)).url
    except (zlib.error, RecordFault):
        return None


def _pieces(descriptor: int, gone: Mapping[int, Tombstone]) -> Iterator[bytes | Member | Damage]:
    """The new file's contents in order: stretches of the old one, and tombstones."""
    ids = {tombstone.record_id for tombstone in gone.values()}
    after_gone = False
    for item in walk(descriptor, keep=HEAD):
        header = _header(item)
        if header is None:
            after_gone = False
            yield item
        elif item.offset in gone:
            after_gone = True
            yield _record(gone[item.offset])
        elif header.kind in CAPTURES or header.kind in {"revisit", "warcinfo"}:
            after_gone = False
            yield item
        elif not _belongs(header, item, ids, after_gone=after_gone):
            yield item


def _header(item: Member | Damage) -> Header | None:
    if isinstance(item, Damage):
        return None
    try:
        return parse_header(item.data)
    except RecordFault:
        return None


def _belongs(header: Header, item: Member | Damage, ids: Collection[str], *, after_gone: bool) -> bool:
    """Whether a record that is no capture speaks of one that goes."""
    if any(header.fields.get(name, "").strip("<> ") in ids for name in _ABOUT):
        return True
    if not after_gone or header.kind != "metadata" or isinstance(item, Damage):
        return False
    # Behind a copied capture stands our own record about it, also where the foreign record had no id to name.
    block = item.data[header.block_start : header.block_start + header.block_length]
    return "role" in parse_fields(block)


def _record(tombstone: Tombstone) -> bytes:
    """The record that stands in the place of a capture."""
    now = format_date(datetime.now(UTC))
    told = [
        ("withdrawn", now),
        ("captured", tombstone.captured_at),
        ("payload-digest", tombstone.payload_digest),
        ("reason", " ".join(tombstone.reason.split())),
    ]
    block = named_fields([(name, value) for name, value in told if value])
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<{new_record_id()}>"),
        ("WARC-Date", now),
        ("WARC-Target-URI", tombstone.url),
        ("WARC-Refers-To", f"<{tombstone.record_id}>"),
        ("WARC-Block-Digest", warc_sha1(block)),
        ("Content-Type", WARC_FIELDS),
    ]
    return pack(build(fields, block))


def _copied(descriptor: int, piece: Member | Damage) -> Iterator[bytes]:
    position, end = piece.offset, piece.offset + piece.length
    while position < end:
        block = os.pread(descriptor, min(_COPY, end - position), position)
        if not block:
            raise OSError(f"the file ended while it was copied, {end - position} bytes before its end")
        yield block
        position += len(block)
