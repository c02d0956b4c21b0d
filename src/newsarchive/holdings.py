"""What an archive holds, and where: the one thing that every step of the river is handed."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from newsarchive import layout
from newsarchive.durable import naming
from newsarchive.errors import ArchiveLocked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsarchive.settings import Settings
    from newsarchive.storage import (
        Articles,
        Barring,
        Captures,
        Changes,
        Consistency,
        Database,
        DayRecords,
        Frontier,
        Harvests,
        HitRows,
        Removal,
        Rereadings,
        RightsTable,
        Runs,
        Templates,
        WithdrawalLog,
        Yields,
    )


@dataclass(frozen=True)
class Holdings:
    """An opened archive folder: its settings, its database, and where the rest lies."""

    folder: Path
    database: Database

    @cached_property
    def settings(self) -> Settings:
        """What `newsarchive.toml` says; errors as in `newsarchive.settings.load`."""
        from newsarchive.settings import load  # noqa: PLC0415 - a search needs no settings, nor pydantic

        return load(self.folder / layout.SETTINGS)

    def reread_settings(self) -> None:
        """Read the settings anew when they are asked for next: they were changed."""
        self.__dict__.pop("settings", None)

    @property
    def warc_folder(self) -> Path:
        """Captures."""
        return self.folder / layout.WARC

    @property
    def index_folder(self) -> Path:
        """The search index; always safe to delete."""
        return self.folder / layout.INDEX

    @cached_property
    def captures(self) -> Captures:
        """Captures as rows."""
        from newsarchive.storage import Captures  # noqa: PLC0415 - as `settings`

        return Captures(self.database)

    @cached_property
    def articles(self) -> Articles:
        """Articles and their versions."""
        from newsarchive.storage import Articles  # noqa: PLC0415 - as `settings`

        return Articles(self.database)

    @cached_property
    def changes(self) -> Changes:
        """What changed in articles, and which are gone."""
        from newsarchive.storage import Changes  # noqa: PLC0415 - as `settings`

        return Changes(self.database)

    @cached_property
    def hits(self) -> HitRows:
        """What a list of hits shows of each article."""
        from newsarchive.storage import HitRows  # noqa: PLC0415 - as `settings`

        return HitRows(self.database)

    @cached_property
    def rereadings(self) -> Rereadings:
        """Which articles are due to be read again, and how that is stored."""
        from newsarchive.storage import Rereadings  # noqa: PLC0415 - as `settings`

        return Rereadings(self.database)

    @cached_property
    def templates(self) -> Templates:
        """What was learned of each site."""
        from newsarchive.storage import Templates  # noqa: PLC0415 - as `settings`

        return Templates(self.database)

    @cached_property
    def frontier(self) -> Frontier:
        """Candidates in the order they are due."""
        from newsarchive.storage import Frontier  # noqa: PLC0415 - as `settings`

        return Frontier(self.database)

    @cached_property
    def harvests(self) -> Harvests:
        """What crawls have read of the documents that name articles."""
        from newsarchive.storage import Harvests  # noqa: PLC0415 - as `settings`

        return Harvests(self.database)

    @cached_property
    def runs(self) -> Runs:
        """Crawls and their counts."""
        from newsarchive.storage import Runs  # noqa: PLC0415 - as `settings`

        return Runs(self.database)

    @cached_property
    def yields(self) -> Yields:
        """What the captures of each run gave."""
        from newsarchive.storage import Yields  # noqa: PLC0415 - as `settings`

        return Yields(self.database)

    @cached_property
    def rights(self) -> RightsTable:
        """What publishers reserved."""
        from newsarchive.storage import RightsTable  # noqa: PLC0415 - as `settings`

        return RightsTable(self.database)

    @cached_property
    def removal(self) -> Removal:
        """Takes articles and captures out of the database."""
        from newsarchive.storage import Removal  # noqa: PLC0415 - as `settings`

        return Removal(self.database)

    @cached_property
    def withdrawals(self) -> WithdrawalLog:
        """What was withdrawn."""
        from newsarchive.storage import WithdrawalLog  # noqa: PLC0415 - as `settings`

        return WithdrawalLog(self.folder)

    @cached_property
    def barring(self) -> Barring:
        """What must not be fetched, kept or shown."""
        from newsarchive.storage import Barring  # noqa: PLC0415 - as `settings`

        return Barring(self.folder)

    @cached_property
    def consistency(self) -> Consistency:
        """Whether the tables fit each other."""
        from newsarchive.storage import Consistency  # noqa: PLC0415 - as `settings`

        return Consistency(self.database)

    @cached_property
    def days(self) -> DayRecords:
        """What the records tell of each day."""
        from newsarchive.storage import DayRecords  # noqa: PLC0415 - as `settings`

        return DayRecords(self.database)

    @contextmanager
    def lock(self, name: str, *, wait: bool = False) -> Iterator[None]:
        """Hold a lock of this archive while the block runs; the kernel frees it even where the process is killed.

        Raises:
            ArchiveLocked: another process holds it (and `wait` is false); the message names the process.
        """
        folder = self.folder / layout.LOCKS
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                holder = os.pread(descriptor, 80, 0).decode("ascii", "replace").strip() or "unknown"
                raise ArchiveLocked(
                    f"{name!r} of this archive is in use by process {holder}",
                    tip="wait for it to end, or stop it; the lock goes with the process",
                ) from error
            with naming(path):
                os.ftruncate(descriptor, 0)
                since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
                os.pwrite(descriptor, f"{os.getpid()} since {since}\n".encode("ascii"), 0)
            yield
        finally:
            os.close(descriptor)
