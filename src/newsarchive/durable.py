"""Files that outlive a power cut: replaced whole, synced, and their names synced as well.

A rename alone does not do: the new name may reach the disk before the bytes do, and then names an empty file.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def replace(path: Path, data: bytes, *, suffix: str = ".new") -> None:
    """Put `data` in place of a file, or make it; after a crash the old file or the new one stands there, whole.

    Args:
        path: the file.
        data: all that it is to hold.
        suffix: what the name has behind it until the bytes are on the disk; a file of that name is written over.

    Raises:
        OSError: the file cannot be written; `filename` names it.
    """
    part = path.with_name(path.name + suffix)
    with naming(path):
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: created, renamed and removed ones.

    Raises:
        OSError: the disk refused; `filename` names the folder.
    """
    with naming(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give the errors of the block the name of the file that it works on, where the system's own have none."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise
