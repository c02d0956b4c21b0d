"""How Whoosh writes the files of an index: durably. It calls fsync itself nowhere.

Segments are written by `native/container.py`; what is left to Whoosh's storage are the table of contents and the lock.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh.filedb.filestore import FileStorage

from newsarchive.durable import sync_folder

if TYPE_CHECKING:
    from whoosh.filedb.structfile import StructFile


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no type information
    """A folder of index files. A commit is a segment file, then a table of contents that is renamed into place."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self.path = Path(folder)

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **options: Any) -> StructFile:  # noqa: ANN401, FBT001, FBT002 - Whoosh's signature
        """Open a file for writing; a table of contents is synced when it is closed."""
        file = super().create_file(name, excl=excl, mode=mode, **options)
        if ".toc" in name:
            file.onclose = _sync
        return file

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Whoosh's signature
        """Rename in one step, with the folder synced before and after: nobody sees a name without its bytes."""
        sync_folder(self.path)
        (self.path / oldname).replace(self.path / newname)
        sync_folder(self.path)


def _sync(file: StructFile) -> None:
    try:
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        file.file.close()
        raise
