"""A CDXJ file against the captures of its WARC file.

A file may hold a million captures, so their lines are first compared as sums of hashes, in no memory at all; only where
these differ are the lines looked for one by one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from newsarchive.models import Finding
from newsarchive.warc import cdxj_line, cdxj_path, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newsarchive.models import Capture

_BITS: Final = 128


class LineSum:
    """A sum over lines that does not depend on their order: equal sums are equal lines."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a line in."""
        digest = hashlib.blake2b(line, digest_size=_BITS // 8).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << _BITS)
        self._count += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LineSum) and (self._count, self._sum) == (other._count, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it changes


def line_of(capture: Capture) -> bytes:
    """The line that a CDXJ file should have."""
    return cdxj_line(capture).encode("utf-8")


def check_cdxj(path: Path, wanted: LineSum) -> Iterator[Finding]:
    """What the CDXJ file of a finished WARC file does not say as a new one would.

    Args:
        path: the WARC file.
        wanted: over the lines of all its captures.

    Raises:
        OSError: the CDXJ file cannot be read.
    """
    cdxj = cdxj_path(path)
    name = f"warc/{cdxj.name}"
    found, last, at, ordered = LineSum(), b"", 0, True
    try:
        with cdxj.open("rb") as lines:
            for line in lines:
                if line < last and ordered:
                    ordered = False
                    what = "the lines are not sorted, so a look-up misses some"
                    yield Finding("cdxj-unsorted", what, name, at)
                found.add(line)
                last, at = line, at + len(line)
    except FileNotFoundError:
        yield Finding("cdxj-missing", f"{path.name} has no CDXJ file", name)
        return
    if found != wanted:
        captures = {capture.place.offset: line_of(capture) for capture in scan(path, on_damage=_told_elsewhere)}
        with cdxj.open("rb") as lines:
            yield from _compare(name, lines, captures)


def _told_elsewhere(_: Exception) -> None:
    """Pass over damage in the WARC file."""


def _compare(name: str, lines: Iterable[bytes], wanted: dict[int, bytes]) -> Iterator[Finding]:
    at = 0
    met: set[int] = set()
    for line in lines:
        place = _offset(line)
        subject = line[:200].decode("utf-8", "replace").strip()
        if place is None:
            yield Finding("cdxj-unreadable", "a line that is none", name, at, subject)
        elif place not in wanted or place in met:
            yield Finding("cdxj-extra", f"a line of a capture that is not there, at byte {place}", name, at, subject)
        elif line != wanted[place]:
            yield Finding("cdxj-differs", f"the capture at byte {place} is another one", name, at, subject)
        if place is not None:
            met.add(place)
        at += len(line)
    for place in sorted(wanted.keys() - met):
        subject = wanted[place].decode().strip()
        yield Finding("cdxj-lacks", f"no line for the capture at byte {place}", name, None, subject)


def _offset(line: bytes) -> int | None:
    try:
        _, _, entry = line.decode("utf-8").split(" ", 2)
        return int(json.loads(entry)["offset"])
    except (ValueError, KeyError, TypeError):
        return None
