"""How the index's files are written and read: durable, and without copying them into memory.

Whoosh itself never calls fsync, and it copies every posting file into memory when an index is opened (a 254 MB index
cost 350 MB of memory). Here the two files that make a commit are synced before the next step relies on them, and
segments are memory maps that are shared with the page cache.
"""

from __future__ import annotations

import mmap
import os
from io import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile

from newsarchive.durable import sync_folder


class _Window:
    """A readable file over a stretch of memory; its own position, no copy of the bytes."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        start = self._at
        data = bytes(self._view[start : None if size < 0 else start + size])
        self._at = start + len(data)
        return data

    def readline(self) -> bytes:
        """Up to and with the next line feed; pickles of protocol 0 and 1 are read so."""
        line = bytearray()
        while (char := self.read(1)) and char != b"\n":
            line += char
        return bytes(line + char)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: len(self._view)}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Nothing is held but the view."""


class MappedFile(BufferFile):  # type: ignore[misc]  # Whoosh has no type information
    """A Whoosh file over a memory map; parts of it are windows on the same map.

    The map is closed when the last window is dropped.
    """

    def __init__(self, view: memoryview, name: str | None = None) -> None:
        self._buf = view
        self._name = name
        self.file = _Window(view)
        self.read = self.file.read  # the base class hands on each call, and opening a segment makes 270
        self.onclose = None
        self.is_real = False
        self.is_closed = False

    def subset(self, position: int, length: int, name: str | None = None) -> MappedFile:
        """A part of the file as a file."""
        return MappedFile(self._buf[position : position + length], name or self._name)


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no type information
    """A folder of index files. A commit is a segment file, then a table of contents that is renamed into place."""

    def __init__(self, folder: Path) -> None:
        # Without Whoosh's own maps it asks `open_file` for parts, which copy nothing.
        super().__init__(str(folder), supports_mmap=False)
        self.path = Path(folder)

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **options: Any) -> StructFile:  # noqa: ANN401, FBT001, FBT002 - Whoosh's signature
        """Open a file for writing; what a commit stands on is synced when it is closed."""
        file = super().create_file(name, excl=excl, mode=mode, **options)
        if name.endswith(".seg") or ".toc" in name:
            file.onclose = _sync
        return file

    def open_file(self, name: str, **_options: Any) -> MappedFile:  # noqa: ANN401 - Whoosh's signature
        """Map a file for reading."""
        with (self.path / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
        return MappedFile(view, name)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Whoosh's signature
        """Rename in one step, with the folder synced before and after: nobody sees a name without its bytes."""
        sync_folder(self.path)
        (self.path / oldname).replace(self.path / newname)
        sync_folder(self.path)


def _sync(file: StructFile) -> None:
    file.flush()
    os.fsync(file.fileno())
