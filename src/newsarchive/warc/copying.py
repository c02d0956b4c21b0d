"""Copies a folder of WARC files while others write to it.

A finished file never changes but by a withdrawal, which replaces it as a whole; so equal size and time of change mean
equal bytes, as rsync takes it. A file that was being written when the copy began is copied as one that its writer left:
`repair` finishes it, and whoever keeps rows of captures learns of those that came meanwhile.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.durable import sync_folder
from newsarchive.warc.cdxj import OPEN_SUFFIX, WARC_SUFFIX, final_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Copied(NamedTuple):
    """What was done."""

    files: int
    """Files in the source folder: WARC files, their CDXJ files, and torn tails."""
    copied: int
    """Those that were not in the target folder as they are."""
    size: int
    """Bytes that were written."""
    only_here: tuple[str, ...]
    """WARC files of the target folder that the source has no more; they are kept."""


def finished_files(folder: Path) -> frozenset[str]:
    """The names of the WARC files in a folder that nobody writes to any more."""
    return frozenset(path.name for path in folder.glob("*" + WARC_SUFFIX))


def copy_files(
    source: Path, target: Path, *, finished: frozenset[str], progress: Callable[[int], None] | None = None
) -> Copied:
    """Bring a folder up to date with another one.

    Args:
        source: the `warc/` folder of an archive; nothing in it is changed.
        target: an existing folder, empty or of an earlier copy.
        finished: the files that were finished when the rows of captures were read (`finished_files`); others are put
            into the target as left open, for `repair`.
        progress: called with the bytes that were written so far.

    Raises:
        OSError: a file cannot be read or written; what was copied before is whole.
    """
    names = sorted(path.name for path in source.iterdir() if path.is_file() and not _is_passing(path.name))
    size = copied = 0
    for name in names:
        written = _copy(source, target, name, finished)
        copied += written is not None
        size += written or 0
        if progress:
            progress(size)
    sync_folder(target)
    there = {path.name for path in target.iterdir() if path.is_file() and not path.name.endswith(OPEN_SUFFIX)}
    gone = {name for name in there if name.endswith(WARC_SUFFIX)} - {final_name(name) for name in names}
    return Copied(len(names), copied, size, tuple(sorted(gone)))


def _is_passing(name: str) -> bool:
    return name.startswith(".") or name.endswith((".part", ".new"))


def _copy(source: Path, target: Path, name: str, finished: frozenset[str]) -> int | None:
    final = final_name(name)
    if not final.endswith(WARC_SUFFIX):
        return _copy_unless_gone(source / name, target / name)
    if final in finished:
        return _copy_unless_gone(source / final, target / final)
    # It is finished, and so renamed, at any moment; one that is nowhere held no capture and was removed.
    opened = target / (final + ".open")
    written = _copy_unless_gone(source / (final + ".open"), opened)
    return written if written is not None else _copy_unless_gone(source / final, opened)


def _copy_unless_gone(path: Path, target: Path) -> int | None:
    try:
        return _copy_file(path, target)
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise
        return None


def _copy_file(path: Path, target: Path) -> int | None:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if not path.name.endswith(OPEN_SUFFIX) and _is_same(target, found):
            return None
        temporary = target.with_name(f".{target.name}.new")
        with temporary.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
            size = copy.tell()
        os.utime(temporary, ns=(found.st_atime_ns, found.st_mtime_ns))
        temporary.replace(target)
    return size


def _is_same(target: Path, wanted: os.stat_result) -> bool:
    try:
        there = target.stat()
    except FileNotFoundError:
        return False
    return (there.st_size, there.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns)
