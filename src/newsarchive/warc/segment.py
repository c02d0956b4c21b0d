"""One WARC file while it is written: appended whole groups at a time, durable after each, locked against repair.

A file is called `NAME.warc.gz.open` until it is finished, and its writer holds a kernel lock (flock) on it, which
vanishes with the process. Order of steps at the end: data synced, CDXJ in place, renamed, folder synced.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from newsarchive.durable import naming, sync_folder
from newsarchive.warc.cdxj import OPEN_SUFFIX, WARC_SUFFIX, cdxj_path, write_cdxj

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Segment:
    """A WARC file that this process is writing."""

    def __init__(self, folder: Path, stem: str, *, first: bytes) -> None:
        """Create the file and put its first record in.

        Raises:
            FileExistsError: the name is taken.
            OSError: the file cannot be created or written.
        """
        self.name = stem + WARC_SUFFIX
        self.path = folder / (stem + OPEN_SUFFIX)
        self.size = 0
        """Bytes that are known to be whole and on disk."""
        self.torn = False
        """Whether the file ends in a torn record that could not be cut off; then it must not be written to."""
        self._added = 0
        """Bytes that were added since the last sync."""
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            self._claim()
            self.append(first)
            sync_folder(folder)
        except BaseException:
            # An empty file is taken away; with a torn first record it is left for `repair`.
            if not self.torn and same_file(self._descriptor, self.path):
                self.path.unlink()
            self.release()
            raise
        self.bare_size = self.size
        """Size of the file with its first record only."""

    def _claim(self) -> None:
        # Between creation and lock a repair may have taken the empty file for a leftover and removed it.
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not same_file(self._descriptor, self.path):
            raise FileExistsError(f"{self.path} was taken away while it was created")

    def append(self, data: bytes) -> int:
        """Add whole members in one write and sync them; the offset of the first one.

        Raises:
            OSError: they could not be written whole. What was written of them is cut off again, so the file stays good.
        """
        start = self.add(data)
        self.sync()
        return start

    def add(self, data: bytes) -> int:
        """Add whole members in one write, which the next `sync` makes durable; errors as in `append`.

        An error cuts off everything that was added since the last sync.
        """
        start = self.size + self._added
        with self._or_cut():
            self._write(data)
        self._added += len(data)
        return start

    def sync(self) -> None:
        """Make everything that was added durable; errors as in `add`."""
        with self._or_cut():
            os.fsync(self._descriptor)
        self.size += self._added
        self._added = 0

    def undo(self) -> None:
        """Cut off what was added since the last sync; `torn` tells whether that failed."""
        self._added = 0
        self.torn = True
        with contextlib.suppress(OSError):  # the failure that led here is the one to be told
            os.ftruncate(self._descriptor, self.size)
            self.torn = False

    @contextlib.contextmanager
    def _or_cut(self) -> Iterator[None]:
        try:
            with naming(self.path):
                yield
        except BaseException:  # an interrupt may come between write and sync: that record was not promised
            self.undo()
            raise

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        # One call writes all, unless the disk is full or a limit is reached; then the next one tells which.
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def finish(self, lines: Iterable[str]) -> Path:
        """Write the CDXJ file, give the file its final name, let go of it.

        Raises:
            OSError: one of the steps failed; `repair` carries them out later.
        """
        try:
            with naming(self.path):
                os.fsync(self._descriptor)
            write_cdxj(cdxj_path(self.path), lines)
            final = self.path.with_name(self.name)
            self.path.rename(final)
            sync_folder(final.parent)
        finally:
            self.release()
        return final

    def remove(self) -> None:
        """Delete the file: it holds nothing but its first record."""
        try:
            self.path.unlink()
        finally:
            self.release()

    def release(self) -> None:
        """Close the file as it is, and so unlock it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def same_file(descriptor: int, path: Path) -> bool:
    """Whether a path still names the open file."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
