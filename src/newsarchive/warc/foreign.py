"""Captures out of WARC and ARC files that others wrote, to be taken over byte for byte.

WARC files are read here, strictly: common readers hand over a cut record without a word (measured, 45 of 45 torn
files). ARC files (https://archive.org/web/researcher/ArcFileFormat.php) are read by warcio and become WARC records.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Final, cast

from newsarchive.digests import warc_sha1
from newsarchive.errors import ExtractionError, UsageError, WarcError
from newsarchive.models import Capture, Origin, Place, Role
from newsarchive.warc.captures import CAPTURES, Described, capture_of, revisit_of
from newsarchive.warc.http import StoredResponse, entity, split
from newsarchive.warc.members import Damage, Member, walk
from newsarchive.warc.reader import damage_error
from newsarchive.warc.record import (
    GZIP,
    Header,
    RecordFault,
    build,
    derived_record_id,
    digest_agrees,
    pack,
    parse_fields,
    parse_header,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_RECORD: Final = 268_435_456
"""Bytes of one record that are taken into memory; larger ones (films, disk images) are skipped and counted."""
_SKIPPED_SCHEMES: Final = frozenset({"dns", "whois", "urn"})
"""Schemes of URLs that name no page: look-ups, and what browser crawlers note about themselves."""
_STEP: Final = 65_536
_LONGEST_LINE: Final = 65_536
_CLOSING: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Imported:
    """One capture of a foreign file, ready for `WarcWriter.copy`."""

    capture: Capture
    """Its place is the one in the foreign file (in the unpacked stream, where that is one gzip stream)."""
    member: bytes
    """A complete gzip member: cut out of the source where each record is one there, else packed anew."""
    damage: str | None = None
    """What is wrong with the bytes, where their digest does not hold. A reader will refuse such a record once it is
    copied, so it is for the caller to count it and leave it, or to keep it as evidence."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A whole record of any kind, wherever it came from."""

    offset: int
    data: bytes
    member: bytes | None = None


def import_records(
    path: Path,
    *,
    file: IO[bytes] | None = None,
    skipped: Counter[str] | None = None,
    on_damage: Callable[[WarcError], None] | None = None,
) -> Iterator[Imported]:
    """Every response, resource and revisit record of a WARC or ARC file: plain, a gzip member each, or one stream.

    A record without a WARC-Record-ID, or with one that another record of the file has, gets an id derived from its
    bytes, the same at each import. A record that is there twice is yielded once.

    Args:
        path: the file.
        file: its bytes, where they do not lie there but in a real file without a name; the path then names them.
        skipped: counts what is not yielded, by record type (`request`, `conversion`, ...) or by reason (`dns`, `urn`,
            `not-http`, `no-date`, `no-url`, `segmented`, `duplicate`, `too-large`).
        on_damage: called for a damaged place. Where each record is a gzip member of its own, the import goes on with
            the next whole one; in other files it ends there.

    Raises:
        WarcError: at a damaged place, after everything before it, where `on_damage` is not given; or the file is
            neither WARC nor ARC.
        OSError: the file cannot be read.
    """
    taken = _Takeover(path.name, Counter() if skipped is None else skipped)
    last: Imported | None = None
    with nullcontext(file) if file else path.open("rb") as stream:
        for found in _records(path, stream):
            if isinstance(found, _Found):
                last = last and _as_told(last, found)
                if imported := taken.take(found):
                    if last:
                        yield last
                    last = imported
            else:
                if last:
                    yield last
                last = None
                error = damage_error(path, found)
                if on_damage is None:
                    raise error
                on_damage(error)
    if last:
        yield last


def _as_told(imported: Imported, found: _Found) -> Imported:
    """A capture as a record behind it tells: our own say of what article's first page it is a further one."""
    header = parse_header(found.data)
    if header.kind != "metadata" or header.fields.get("warc-refers-to", "").strip("<> ") != imported.capture.record_id:
        return imported
    fields = parse_fields(found.data[header.block_start :])
    if fields.get("role") != Role.PART or not fields.get("via"):
        return imported
    origin = Origin(role=Role.PART, via=fields["via"])
    return replace(imported, capture=imported.capture.model_copy(update={"origin": origin}))


def _records(path: Path, file: IO[bytes]) -> Iterator[_Found | Damage]:
    start = os.pread(file.fileno(), _STEP, 0)
    zipped = start.startswith(b"\x1f\x8b")
    first = _unzipped(start) if zipped else start
    if first.startswith(b"filedesc://"):
        yield from _of_arc(file)
    elif not first.startswith(b"WARC/"):
        raise WarcError(
            f"{path} is neither a WARC nor an ARC file",
            path=str(path),
            offset=0,
            tip="check that the download is complete and that it is not packed in another format",
        )
    elif not zipped:
        yield from _of_stream(file)
    elif _holds_more(file.fileno()):
        with closing(gzip.GzipFile(fileobj=file)) as stream:
            yield from _of_stream(cast("IO[bytes]", stream))
    else:
        yield from _of_members(file.fileno())


def _unzipped(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(GZIP).decompress(start, _STEP)
    except zlib.error:
        return b""


def _holds_more(descriptor: int) -> bool:
    """Whether the first gzip member goes on behind its first record: then the file is one stream."""
    inflater = zlib.decompressobj(GZIP)
    size, position, end = 0, 0, None
    head = b""
    try:
        while not inflater.eof and (chunk := os.pread(descriptor, _STEP, position)):
            position += len(chunk)
            while chunk and not inflater.eof:
                data = inflater.decompress(chunk, _STEP)
                size += len(data)
                chunk = inflater.unconsumed_tail
                if end is None and (len(head) < _STEP):
                    head += data
                    end = _end_of_first(head)
                if end is not None and size > end + len(_CLOSING):
                    return True
    except zlib.error:
        return False
    return False


def _end_of_first(head: bytes) -> int | None:
    try:
        header = parse_header(head)
    except RecordFault:
        return None
    return header.block_start + header.block_length


def _of_members(descriptor: int) -> Iterator[_Found | Damage]:
    for item in walk(descriptor, keep=MAX_RECORD):
        if isinstance(item, Damage):
            yield item
            continue
        try:
            records = _split(item)
        except RecordFault as fault:
            yield Damage(item.offset, item.length, str(fault))
            continue
        if len(records) == 1 and item.size == len(item.data):
            yield _Found(item.offset, records[0], os.pread(descriptor, item.length, item.offset))
        else:
            yield from (_Found(item.offset, record) for record in records)


def _split(member: Member) -> list[bytes]:
    """The records of a member: one, if its writer followed the standard. One that is too large is only its head."""
    records: list[bytes] = []
    rest = member.data
    while rest:
        header = parse_header(rest)
        end = header.block_start + header.block_length
        if end > len(rest) and member.size == len(member.data):
            raise RecordFault(f"the block is {end - len(rest)} bytes shorter than its Content-Length")
        records.append(rest[:end])
        rest = rest[end:].lstrip(b"\r\n")
    return records


def _of_stream(stream: IO[bytes]) -> Iterator[_Found | Damage]:
    """The records of a file that is not packed, or of a stream that was unpacked."""
    start = 0
    try:
        while head := _read_head(stream):
            start = stream.tell() - len(head)
            header = parse_header(head)
            block = _read_block(stream, header.block_length)
            yield _Found(start, head + block)
    except RecordFault as fault:
        yield Damage(start, 0, str(fault))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Damage(start, 0, str(error))


def _read_head(stream: IO[bytes]) -> bytes:
    """A record header with its empty line; what is no header comes back as well, for the parser to refuse."""
    line = stream.readline(_LONGEST_LINE)
    while line and not line.strip(b"\r\n"):
        line = stream.readline(_LONGEST_LINE)
    lines = [line]
    size = len(line)
    while line not in {b"\r\n", b"\n", b""} and size <= _LONGEST_LINE and lines[0].startswith(b"WARC/"):
        line = stream.readline(_LONGEST_LINE)
        lines.append(line)
        size += len(line)
    return b"".join(lines)


def _read_block(stream: IO[bytes], length: int) -> bytes:
    """A block; of one that is too large only the first bytes, but all of it is passed over."""
    parts: list[bytes] = []
    missing = length
    while missing:
        part = stream.read(min(missing, _STEP))
        if not part:
            raise RecordFault(f"the file ends {missing} bytes before the block does")
        missing -= len(part)
        if length <= MAX_RECORD or not parts:
            parts.append(part)
    return b"".join(parts)


def _of_arc(file: IO[bytes]) -> Iterator[_Found | Damage]:
    # Loaded for ARC files only: it takes 40 ms, and they are rare.
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - as the comment says
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    file.seek(0)
    records = ArchiveIterator(file, no_record_parse=True, arc2warc=True)
    offset = 0
    try:
        for record in records:
            offset = records.offset
            fields = [(name, value) for name, value in record.rec_headers.headers if name != "Content-Length"]
            block = record.raw_stream.read(min(record.length, MAX_RECORD + 1))
            if len(block) < min(record.length, MAX_RECORD + 1):
                yield Damage(
                    offset, 0, f"the record is {record.length - len(block)} bytes shorter than its header says"
                )
                return
            if record.rec_type == "response":
                yield _converted(offset, fields, block)
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        yield Damage(offset, 0, str(error))


def _converted(offset: int, fields: list[tuple[str, str]], block: bytes) -> _Found | Damage:
    """An ARC record as a WARC record. warcio makes a new id each time, so it is left out: a derived one will do."""
    kept = [(name, value.strip()) for name, value in fields if name not in {"Content-Type", "WARC-Record-ID"}]
    try:
        record = build([*kept, ("Content-Type", "application/http; msgtype=response")], block)
    except UsageError as error:
        return Damage(offset, 0, error.message)
    return _Found(offset, record.removesuffix(_CLOSING))


class _Takeover:
    """Turns the records of one file into captures, and knows the ids that it has given."""

    def __init__(self, file: str, skipped: Counter[str]) -> None:
        self._file = file
        self._skipped = skipped
        self._seen: dict[str, int] = {}

    def take(self, found: _Found) -> Imported | None:
        """The capture in a record, or None (and one more in the counts)."""
        header = parse_header(found.data)
        reason = _reason_to_skip(header, found.data)
        date = header.date
        if reason or date is None:
            self._skipped[reason or "no-date"] += 1
            return None
        record_id = self._identify(header, found.data)
        if record_id is None:
            self._skipped["duplicate"] += 1
            return None
        block = found.data[header.block_start :]
        resource = header.kind == "resource"
        response = header.fields.get("content-type", "") if resource else split(block)
        payload = block if isinstance(response, str) else _entity(response)
        revisit = revisit_of(header)
        digest = header.fields.get("warc-payload-digest", "") if revisit else warc_sha1(payload)
        described = Described(record_id, header.url, date, digest)
        member = found.member if found.member is not None else pack(found.data + _CLOSING)
        place = Place(file=self._file, offset=found.offset, length=len(member))
        capture = capture_of(described, place=place, origin=Origin(), response=response, revisit=revisit)
        # What a revisit says of a payload speaks of another record's.
        payloads = () if revisit else (payload, block if isinstance(response, str) else response.body)
        damage = _damage(header, block, payloads)
        return Imported(capture, member, damage)

    def _identify(self, header: Header, data: bytes) -> str | None:
        """The id of a record; None where the same record was seen before."""
        mark = hash(data)
        record_id = header.record_id
        if not record_id or self._seen.get(record_id, mark) != mark:
            record_id = derived_record_id(data)
        if record_id in self._seen:
            return None
        self._seen[record_id] = mark
        return record_id


def _reason_to_skip(header: Header, data: bytes) -> str | None:
    if header.kind not in CAPTURES:
        return header.kind or "nameless"
    scheme = header.url.partition(":")[0].lower()
    content_type = header.fields.get("content-type", "application/http").lower()
    reasons = {
        "no-url": not header.url,
        scheme: scheme in _SKIPPED_SCHEMES,
        "not-http": header.kind == "response" and not content_type.startswith("application/http"),
        "segmented": "warc-segment-number" in header.fields,
        "too-large": len(data) < header.block_start + header.block_length,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _entity(response: StoredResponse) -> bytes:
    try:
        return entity(response)
    except ExtractionError:
        return response.body


def _damage(header: Header, block: bytes, payloads: tuple[bytes, ...]) -> str | None:
    """What the digests say. Payload digests count only without a block digest: writers differ on what they cover."""
    block_agrees = digest_agrees(header.fields.get("warc-block-digest", ""), block)
    if block_agrees is False:
        return "the block digest does not hold"
    value = header.fields.get("warc-payload-digest", "")
    if block_agrees is None and payloads and all(digest_agrees(value, payload) is False for payload in payloads):
        return "the payload digest does not hold"
    return None
