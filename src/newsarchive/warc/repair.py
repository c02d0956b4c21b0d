"""Finishes what a killed writer left: the torn tail is moved aside, the rest becomes a finished WARC file.

Appending behind a torn tail makes every later record unreadable, in silence, in common readers (measured, 45 of 45
files); so a left file is never written to again. Nothing is deleted that holds a byte of a capture.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.durable import naming, sync_folder
from newsarchive.warc.captures import HEAD, captures_of
from newsarchive.warc.cdxj import OPEN_SUFFIX, cdxj_line, cdxj_path, final_name, write_cdxj
from newsarchive.warc.members import Damage, Member, walk
from newsarchive.warc.segment import same_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from newsarchive.models import Capture

_COPY: Final = 1_048_576
"""Bytes copied at once."""


class Repair(NamedTuple):
    """What was done to one left file."""

    file: str
    """Its final name."""
    kept_bytes: int
    """0 where it held its first record only and was removed."""
    tail_bytes: int
    tail_file: str | None
    """Where the tail lies, in the same folder: the file's name, `.tail-` and the offset that it was cut at."""


def repair(folder: Path, *, note: Callable[[Sequence[Capture]], object] | None = None) -> tuple[Repair, ...]:
    """Finish every `.open` file in a folder that no living writer holds.

    It may be killed anywhere and run again, also by two processes at once. A damaged place with whole records behind
    it stays: their places are known by offset.

    Args:
        folder: the folder `warc/`.
        note: called with the captures of a file before it is finished, under the name that it will have.

    Raises:
        OSError: a file cannot be read, moved or written.
    """
    repairs = (_repair(path, note) for path in sorted(folder.glob("*" + OPEN_SUFFIX)))
    return tuple(done for done in repairs if done is not None)


def _repair(path: Path, note: Callable[[Sequence[Capture]], object] | None) -> Repair | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if same_file(descriptor, path):
            with naming(path):
                return _finish(path, descriptor, note)
    except BlockingIOError:  # its writer lives
        pass
    finally:
        os.close(descriptor)
    return None


def _finish(path: Path, descriptor: int, note: Callable[[Sequence[Capture]], object] | None) -> Repair:
    name = final_name(path.name)
    end, members, captures = _read_through(descriptor, name)
    tail_bytes = os.fstat(descriptor).st_size - end
    tail = path.with_name(f"{name}.tail-{end}") if tail_bytes else None
    if tail:
        _move_tail(descriptor, end, tail)
    keep = bool(captures) or members > 1
    if keep:
        os.fsync(descriptor)
        if note:
            note(captures)
        write_cdxj(cdxj_path(path), map(cdxj_line, captures))
        path.rename(path.with_name(name))
    else:
        path.unlink()
    sync_folder(path.parent)
    return Repair(name, end if keep else 0, tail_bytes, tail.name if tail else None)


def _read_through(descriptor: int, name: str) -> tuple[int, int, list[Capture]]:
    """Where the last whole record ends, how many there are, and all captures: in one pass."""
    end = 0
    members = 0

    def whole() -> Iterator[Member | Damage]:
        nonlocal end, members
        for item in walk(descriptor, keep=HEAD):
            if isinstance(item, Member):
                end = item.offset + item.length
                members += 1
            yield item

    captures = [found for found in captures_of(whole(), file=name) if not isinstance(found, Damage)]
    return end, members, captures


def _move_tail(descriptor: int, start: int, tail: Path) -> None:
    """Copy, make durable, then cut: a kill in between leaves the tail twice, never nowhere."""
    part = tail.with_name(tail.name + ".part")
    with part.open("wb") as file:
        position = start
        while block := os.pread(descriptor, _COPY, position):
            file.write(block)
            position += len(block)
        file.flush()
        os.fsync(file.fileno())
    part.replace(tail)
    sync_folder(tail.parent)
    os.ftruncate(descriptor, start)
    os.fsync(descriptor)
