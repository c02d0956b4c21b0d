"""A WARC file of three captures, cut and flipped everywhere: what its readers, `verify` and `repair` make of that."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.faults.trial import Trial

from newsarchive.errors import WarcError
from newsarchive.models import Origin
from newsarchive.warc import Exchange, FileCheck, WarcWriter, read_payload, repair, scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsarchive.models import Capture, Finding

AT = datetime(2019, 2, 27, 11, 30, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
BODIES = tuple(b"<html><p>Page %d of the summit in Hanoi.</p></html>" % number for number in range(3))


@dataclass(frozen=True)
class Sample:
    """The file as it was written."""

    name: str
    data: bytes
    captures: tuple[Capture, ...]
    ends: tuple[int, ...]
    """Where each member ends; there a cut leaves a shorter file that is whole."""

    def whole_until(self, size: int) -> list[Capture]:
        """The captures whose response record lies within the first bytes."""
        return [capture for capture in self.captures if capture.place.offset + capture.place.length <= size]


def three_captures(folder: Path) -> Sample:
    """Write the file."""
    folder.mkdir(parents=True)
    with WarcWriter(folder, max_file_size=1_000_000, info={"software": "tests"}) as writer:
        captures = tuple(_write(writer, number, body) for number, body in enumerate(BODIES))
    (path,) = folder.glob("*.warc.gz")
    data = path.read_bytes()
    marks = [place for place in range(1, len(data)) if data.startswith(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", place)]
    return Sample(path.name, data, captures, (*marks, len(data)))


def _write(writer: WarcWriter, number: int, body: bytes) -> Capture:
    request = b"GET /%d HTTP/1.1\r\nHost: harbor.example\r\n\r\n" % number
    return writer.write(Exchange(f"https://harbor.example/{number}", AT, request, HEAD, body), origin=Origin())


def cut_everywhere(sample: Sample, folder: Path, *, every: int = 1, repairs: int = 1) -> Iterator[Trial]:
    """Cut the file after each of its bytes; every so many of them are repaired and written on as well."""
    for size in range(0, len(sample.data), every):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        faults = list(_read_short(sample, folder, size))
        if size % repairs == 0:
            faults += _repaired(sample, folder, size)
        yield Trial(f"cut after byte {size}", hit=True, faults=faults)


def _read_short(sample: Sample, folder: Path, size: int) -> Iterator[str]:
    """A finished file that became short: what is whole is read, the rest is named."""
    path = folder / sample.name
    path.write_bytes(sample.data[:size])
    damages: list[WarcError] = []
    found = [capture.record_id for capture in scan(path, on_damage=damages.append)]
    whole = sample.whole_until(size)
    if found != [capture.record_id for capture in whole]:
        yield f"{len(found)} captures are read, not {len(whole)}"
    if bool(damages) != (size not in {0, *sample.ends}):
        yield f"the reader names {damages}"
    for capture, body in zip(sample.captures, BODIES, strict=True):
        try:
            if read_payload(folder, capture.place).body != body or capture not in whole:
                yield f"{capture.url} is read from a file that does not hold it"
        except WarcError:
            if capture in whole:
                yield f"{capture.url} is whole and cannot be read"
    path.unlink()


def _repaired(sample: Sample, folder: Path, size: int) -> Iterator[str]:
    """An unfinished file that ends there: it is finished, nothing of it is thrown away, and writing goes on."""
    (folder / (sample.name + ".open")).write_bytes(sample.data[:size])
    (done,) = repair(folder)
    with WarcWriter(folder, max_file_size=1_000_000, info={}) as writer:
        later = _write(writer, 9, b"later")
    kept = b"".join((folder / name).read_bytes() for name in (done.file, done.tail_file) if name and _is(folder, name))
    if kept != sample.data[:size] and done.kept_bytes:
        yield "bytes were thrown away"
    whole = sample.whole_until(size)
    if done.kept_bytes and list(scan(folder / done.file)) != whole:
        yield "the repaired file holds other captures"
    for capture, body in [*zip(sample.captures, BODIES, strict=True), (later, b"later")]:
        if (capture in whole or capture is later) and read_payload(folder, capture.place).body != body:
            yield f"{capture.url} is not what was written"


def _is(folder: Path, name: str) -> bool:
    return (folder / name).exists()


def flip_everywhere(sample: Sample, folder: Path, *, every: int = 1) -> Iterator[Trial]:
    """Flip each bit of the file."""
    folder.mkdir()
    path = folder / sample.name
    for bit in range(0, 8 * len(sample.data), every):
        data = bytearray(sample.data)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        found: list[Finding] = []
        captures = list(FileCheck(path, quick=False, tell=found.append).captures())
        faults = []
        if not found and captures != list(sample.captures):
            faults.append("verify sees other captures and no damage")
        faults += _wrong_bytes(sample, folder)
        yield Trial(f"bit {bit % 8} of byte {bit // 8} flipped", hit=bool(found), faults=faults)


def _wrong_bytes(sample: Sample, folder: Path) -> Iterator[str]:
    for capture, body in zip(sample.captures, BODIES, strict=True):
        try:
            if read_payload(folder, capture.place).body != body:
                yield f"{capture.url}: other bytes are read, and no damage is named"
        except WarcError:
            continue
