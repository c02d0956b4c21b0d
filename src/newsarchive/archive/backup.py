"""A consistent copy of an archive, also while a crawl writes to it.

The rows are copied first, as one moment's state, then the WARC files: a row is only ever written after its bytes, so
every row of the copy has them. Captures that came meanwhile get their rows in the copy as after a kill. The index is
not copied: it is made anew from the records, and half of one that is being written is none.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from newsarchive import durable, layout
from newsarchive.archive.folder import FILES
from newsarchive.archive.opened import Opened, as_path
from newsarchive.errors import ArchiveExists, ArchiveNotFound, IntegrityError
from newsarchive.holdings import Holdings
from newsarchive.storage import Database
from newsarchive.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

SCHEMA: Final = "newsarchive.backup/1"
_BESIDES: Final = (layout.SCRAPY, layout.SPIDERS, layout.SETTINGS, layout.OPTOUT, layout.WITHDRAWALS)
"""What is copied besides captures and records. The settings come last: they are what makes a folder an archive."""
_LEFT_OVER: Final = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did."""

    folder: Path
    captures: int
    """Captures that the copy holds."""
    articles: int
    files: int
    """WARC and CDXJ files of the archive."""
    copied: int
    """Those of them that the copy did not have as they are."""
    bytes_written: int
    only_in_backup: tuple[str, ...]
    """WARC files that the archive has no more; the copy keeps them."""


class Backups(Opened):
    """The part of `Archive` that copies it."""

    def backup(self, folder: Path | str, *, progress: Callable[[int], None] | None = None) -> BackupReport:
        """Copy the archive into a folder, or bring an earlier copy there up to date.

        What was withdrawn since the last time is removed from the copy as well. The copy is an archive: it can be
        opened, crawled and verified; `rebuild` makes its index. Nothing can be withdrawn while it is made.

        Args:
            folder: absent, empty, or written by an earlier backup of this archive.
            progress: called with the bytes of captures that were written so far.

        Raises:
            ArchiveExists: something else stands there.
            IntegrityError: a capture's bytes are missing in the archive; the copy is as complete as the archive.
            OSError: a file cannot be read or written (a full disk, mostly); run it again.
        """
        from newsarchive.ingest import drop_replaced, repair  # noqa: PLC0415 - searching needs no WARC writer
        from newsarchive.warc import copy_files, finished_files  # noqa: PLC0415 - as above

        target = _require_own(as_path(folder), self.folder)
        warc = target / layout.WARC
        warc.mkdir(parents=True, exist_ok=True)
        _mark(target, {"of": str(self.folder.resolve())})
        rows = target / f"{layout.DATABASE}.new"
        with self._no_withdrawal():
            finished = finished_files(self._holdings.warc_folder)
            self._holdings.database.copy_to(rows)
            done = copy_files(self._holdings.warc_folder, warc, finished=finished, progress=progress)
            _put_in_place(rows, target / layout.DATABASE)
            _copy_besides(self.folder, target)
        with Database(target / layout.DATABASE) as database:
            copy = Holdings(target, database)
            drop_replaced(copy)
            for repaired in repair(copy):
                # A record that was being written: the archive has it whole.
                if repaired.tail_file:
                    (warc / repaired.tail_file).unlink()
            missing = [file for file, size in copy.captures.sizes() if not _holds(warc / file, size)]
            captures, articles = sum(copy.captures.counts().values()), copy.articles.counts()[0]
        _mark(target, {"of": str(self.folder.resolve()), "made_at": _now(), "captures": captures, "articles": articles})
        if missing:
            raise IntegrityError(
                f"{self.folder}: bytes of captures are missing in {', '.join(missing[:3])}"
                + (f" and {len(missing) - 3:,} more files" if len(missing) > 3 else ""),  # noqa: PLR2004 - those named
                tip="`newsarchive verify` lists them; an older backup may still have them",
            )
        return BackupReport(target, captures, articles, done.files, done.copied, done.size, done.only_here)

    def _no_withdrawal(self) -> AbstractContextManager[None]:
        """Wait for a withdrawal that goes on, and keep others out: rows and files would be of two archives.

        In a folder that cannot be written nobody withdraws anything.
        """
        return self._holdings.lock("withdraw", wait=True) if os.access(self.folder, os.W_OK) else nullcontext()


def _require_own(target: Path | None, source: Path) -> Path:
    if target is None:
        raise ArchiveNotFound("no folder for the backup was named")
    if target.resolve() == source.resolve():
        raise ArchiveExists(f"{target} is the archive itself", tip="choose another folder, best on another disk")
    if not target.exists() or not any(target.iterdir()):
        return target
    found = _read_mark(target)
    if found.get("schema") != SCHEMA:
        raise ArchiveExists(f"{target} is not empty and no backup", tip="choose an empty folder")
    if found.get("of") != str(source.resolve()):
        raise ArchiveExists(
            f"{target} is a backup of {found.get('of')}, not of {source.resolve()}",
            tip=f"if the archive was moved, correct {layout.BACKUP} there",
        )
    return target


def _read_mark(target: Path) -> dict[str, Any]:
    try:
        found = json.loads((target / layout.BACKUP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _mark(target: Path, told: dict[str, Any]) -> None:
    known = {"schema": SCHEMA, "software": f"newsarchive/{__version__}", **told}
    text = json.dumps(known, ensure_ascii=False, indent=2) + "\n"
    durable.replace(target / layout.BACKUP, text.encode("utf-8"))


def _put_in_place(rows: Path, database: Path) -> None:
    # A log that a killed backup left belongs to the old file, and would be played into the new one.
    for suffix in _LEFT_OVER:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    with rows.open("rb") as file:
        os.fsync(file.fileno())
    rows.replace(database)
    durable.sync_folder(database.parent)


def _copy_besides(source: Path, target: Path) -> None:
    if _read(source / layout.WITHDRAWALS) != _read(target / layout.WITHDRAWALS):
        # An index that somebody made of the copy holds the words of what was withdrawn since.
        shutil.rmtree(target / layout.INDEX, ignore_errors=True)
    for name in _BESIDES:
        path = source / name
        if path.is_dir():
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(path, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            durable.replace(target / name, path.read_bytes())
    for name, text in FILES.items():
        if name.startswith(f"{layout.INDEX}/") and not (target / name).exists():
            (target / name).parent.mkdir(exist_ok=True)
            (target / name).write_text(text, encoding="utf-8")


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _holds(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size >= size
    except FileNotFoundError:
        return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
