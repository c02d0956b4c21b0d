"""Reads captures back: by their place, or all of a file in order. Strict: short or altered bytes are an error.

A capture's place always holds the final name of its file; while the file is being written it is found by its open name.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from typing import TYPE_CHECKING, Final

from newsarchive.errors import ExtractionError, WarcError
from newsarchive.models import Payload
from newsarchive.models.rights import SIGNAL_HEADERS
from newsarchive.warc.captures import HEAD, PAYLOADS, captures_of, whole_header
from newsarchive.warc.cdxj import final_name
from newsarchive.warc.http import StoredResponse, decoded, split
from newsarchive.warc.members import Damage, Member, inflate, walk
from newsarchive.warc.record import GZIP, Header, RecordFault, digest_agrees, parse_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.models import Capture, Place

MAX_SIZE: Final = 50_000_000
"""Bytes of a page, decoded; the largest real news page seen had 1.3 million."""
_LONGEST_SIGNAL: Final = 2_000
_MOST_SIGNALS: Final = 50
"""Fields of a response that are looked at; real ones have one or two."""
_OF_A_CAPTURE: Final = frozenset({"request", "metadata"})
_TIP: Final = "run `newsarchive verify`; the other records of the file can still be read"


def read_member(folder: Path, place: Place) -> bytes:
    """The gzip member at a place, as it lies in the file.

    Raises:
        WarcError: there is no such file, or it ends before the member does.
    """
    for name in (place.file, place.file + ".open", place.file):  # it may be finished between the first two tries
        try:
            with (folder / name).open("rb") as file:
                data = os.pread(file.fileno(), place.length, place.offset)
        except FileNotFoundError:
            continue
        if len(data) < place.length:
            raise _damaged(folder, place, f"the file ends {place.length - len(data)} bytes before the record does")
        return data
    raise no_file(folder, place.file, place.offset)


def read_payload(folder: Path, place: Place, *, max_size: int = MAX_SIZE) -> Payload:
    """What the server sent at a place, decoded of chunked framing and content codings.

    Args:
        folder: the folder `warc/`.
        place: the place of a response or resource record.
        max_size: in bytes, of the body before and after decoding.

    Raises:
        WarcError: the record is not whole, or not what was written.
        ExtractionError: `too-large` beyond `max_size`, `bad-encoding` where the body's coding is broken or unknown.
    """
    header, block = _read(folder, place, max_size)
    if header.kind == "resource":
        if len(block) > max_size:
            raise _too_large(place, max_size)
        return Payload(url=header.url, body=block, content_type=header.fields.get("content-type", ""))
    response = split(block)
    return Payload(
        url=header.url,
        body=decoded(response, max_size=max_size),
        content_type=response.header("Content-Type") or "",
        status=response.status,
        signals=signals_of(response),
    )


def signals_of(response: StoredResponse) -> tuple[tuple[str, str], ...]:
    """The HTTP fields of a response that speak of rights, names in lower case."""
    named = ((name.lower(), value) for name, value in response.headers)
    return tuple((name, value[:_LONGEST_SIGNAL]) for name, value in named if name in SIGNAL_HEADERS)[:_MOST_SIGNALS]


def read_http(folder: Path, place: Place, *, max_size: int = MAX_SIZE) -> StoredResponse:
    """The HTTP response at a place as it is stored, nothing decoded.

    Raises:
        WarcError: the record is not whole, not what was written, or holds no HTTP response.
        ExtractionError: `too-large` beyond `max_size` bytes.
    """
    header, block = _read(folder, place, max_size)
    if header.kind != "response":
        raise _damaged(folder, place, f"a {header.kind} record lies there, no HTTP response")
    return split(block)


def read_head(folder: Path, place: Place, *, max_size: int = MAX_SIZE) -> StoredResponse:
    """The HTTP head of a response or revisit record at a place; of a revisit there is nothing else.

    Raises:
        WarcError: the record is not whole, or holds no HTTP message.
    """
    try:
        record = zlib.decompressobj(GZIP).decompress(read_member(folder, place), max_size + HEAD)
        header = parse_header(record)
    except (zlib.error, RecordFault) as error:
        raise _damaged(folder, place, str(error)) from error
    if header.kind not in {"response", "revisit"}:
        raise _damaged(folder, place, f"a {header.kind} record lies there, no HTTP response")
    return split(record[header.block_start :])


def read_block(folder: Path, place: Place, *, max_size: int = MAX_SIZE) -> bytes:
    """The block of the record at a place: of a response its HTTP head and body as they came, of a resource the file.

    Raises:
        WarcError: the record is not whole, not what was written, or holds no payload.
        ExtractionError: `too-large` beyond `max_size` bytes.
    """
    return _read(folder, place, max_size)[1]


def read_records(folder: Path, place: Place) -> bytes:
    """The WARC records of a capture as they lie in the file: the one at a place, its request and its metadata.

    Each is a gzip member, so that these bytes are a WARC file of their own.

    Raises:
        WarcError: there is no such file, or it ends before the record does.
    """
    parts = [read_member(folder, place)]
    offset = place.offset + place.length
    for name in (place.file, place.file + ".open", place.file):  # as in `read_member`
        with contextlib.suppress(FileNotFoundError), (folder / name).open("rb") as file:
            for length in _belonging(file.fileno(), offset):
                parts.append(os.pread(file.fileno(), length, offset))
                offset += length
            break
    return b"".join(parts)


def _belonging(descriptor: int, offset: int) -> Iterator[int]:
    """The lengths of the members from an offset on, up to the next capture or the end of what is whole."""
    with contextlib.suppress(EOFError, zlib.error, RecordFault):
        while True:
            member = inflate(descriptor, offset, keep=HEAD)
            if whole_header(member).kind not in _OF_A_CAPTURE:
                return
            yield member.length
            offset += member.length


def scan(path: Path, *, on_damage: Callable[[WarcError], None] | None = None) -> Iterator[Capture]:
    """Every capture of one of our files, in order, each with its origin. Constant memory.

    Checks that records are whole (gzip checksum, lengths); digests are checked when a payload is read. A file that is
    still open may end inside a record: its writer is at work there.

    Args:
        path: a `.warc.gz` or `.warc.gz.open` file.
        on_damage: called for each damaged place, after which the scan goes on with the next whole record.

    Raises:
        WarcError: at the first damaged place, where `on_damage` is not given.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        for found in captures_of(walk(file.fileno(), keep=HEAD), file=final_name(path.name)):
            if not isinstance(found, Damage):
                yield found
            elif not (found.torn and path.name.endswith(".open")):
                error = damage_error(path, found)
                if on_damage is None:
                    raise error
                on_damage(error)


def damage_error(path: Path, damage: Damage) -> WarcError:
    """A damaged stretch of a file as an error."""
    return WarcError(
        f"{path}: {damage.reason}, at byte {damage.offset}; {damage.length} bytes cannot be read",
        path=str(path),
        offset=damage.offset,
        tip=_TIP,
    )


def _read(folder: Path, place: Place, max_size: int) -> tuple[Header, bytes]:
    data = read_member(folder, place)
    inflater = zlib.decompressobj(GZIP)
    most = max_size + HEAD
    try:
        record = inflater.decompress(data, most + 1)
    except zlib.error as error:
        raise _damaged(folder, place, str(error)) from error
    if len(record) > most:
        raise _too_large(place, max_size)
    if not inflater.eof or inflater.unused_data:
        raise _damaged(folder, place, "the record does not end where its place does")
    try:
        header = whole_header(Member(place.offset, place.length, len(record), record))
    except RecordFault as fault:
        raise _damaged(folder, place, str(fault)) from fault
    if header.kind not in PAYLOADS:
        raise _damaged(folder, place, f"a {header.kind or 'nameless'} record lies there, no payload")
    block = record[header.block_start : header.block_start + header.block_length]
    if digest_agrees(header.fields.get("warc-block-digest", ""), block) is False:
        raise _damaged(folder, place, "the block digest does not hold")
    return header, block


def _too_large(place: Place, max_size: int) -> ExtractionError:
    return ExtractionError(
        f"the record at byte {place.offset} of {place.file} is larger than {max_size} bytes", reason="too-large"
    )


def no_file(folder: Path, file: str, offset: int) -> WarcError:
    """A WARC file that a capture lies in, and that is gone."""
    return WarcError(
        f"there is no WARC file {folder / file}",
        path=str(folder / file),
        offset=offset,
        tip="bring the file back from a backup",
    )


def damaged(folder: Path, file: str, offset: int, what: str) -> WarcError:
    """What is wrong with the record at an offset, as an error."""
    path = folder / file
    return WarcError(f"{path}: {what}, at byte {offset}", path=str(path), offset=offset, tip=_TIP)


def _damaged(folder: Path, place: Place, what: str) -> WarcError:
    return damaged(folder, place.file, place.offset, what)
