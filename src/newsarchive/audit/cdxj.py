"""A CDXJ file against the captures of its WARC file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsarchive.models import Finding
from newsarchive.warc import cdxj_line, cdxj_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from newsarchive.models import Capture


def check_cdxj(path: Path, captures: Mapping[int, Capture]) -> Iterator[Finding]:
    """What the CDXJ file of a finished WARC file does not say as a new one would.

    Args:
        path: the WARC file.
        captures: all of its captures, by offset.
    """
    cdxj = cdxj_path(path)
    name = f"warc/{cdxj.name}"
    try:
        lines = cdxj.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        yield Finding("cdxj-missing", f"{path.name} has no CDXJ file", name)
        return
    if lines != sorted(lines):
        yield Finding("cdxj-unsorted", "the lines are not sorted, so a look-up misses some", name)
    yield from _compare(name, lines, {offset: cdxj_line(capture).encode() for offset, capture in captures.items()})


def _compare(name: str, lines: list[bytes], wanted: dict[int, bytes]) -> Iterator[Finding]:
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
