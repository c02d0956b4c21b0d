"""The index folder, whichever engine's files stand in it: one lock, and a way to empty it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from typing import TYPE_CHECKING, Final

from newsarchive.durable import naming, sync_folder
from newsarchive.errors import ArchiveLocked

if TYPE_CHECKING:
    from pathlib import Path

LOCK_FILE: Final = "MAIN_WRITELOCK"
"""The name that Whoosh gives it; all engines take this one, so that two of them never write to one folder."""
_ENGINE_FILE: Final = re.compile(r"_MAIN_\d+\.toc.*|MAIN_(?!WRITELOCK).*|MAIN\.tmp|tantivy")


class Lock:
    """A lock that the kernel frees when its holder ends, however it does."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @property
    def is_held(self) -> bool:
        """Whether it was not released yet."""
        return self._descriptor is not None

    def release(self) -> None:
        """Let go. Calling it twice does no harm."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock(folder: Path) -> Lock:
    """Hold an index folder for writing; it is made where there is none.

    Raises:
        ArchiveLocked: another process holds it.
    """
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        message = f"{folder}: another process is writing to the search index"
        raise ArchiveLocked(message, tip="wait until it has finished, or look for a crawl that still runs") from error
    except BaseException:
        os.close(descriptor)
        raise
    return Lock(descriptor)


def clear(folder: Path) -> None:
    """Remove what any engine has written to an index folder; what else stands there is left alone."""
    with naming(folder):
        for path in folder.iterdir():
            if _ENGINE_FILE.fullmatch(path.name):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        sync_folder(folder)
