"""The SQLite file and its transactions.

Write-ahead logging lets readers go on while a crawl writes (https://www.sqlite.org/wal.html); `synchronous=FULL` makes
a commit survive a power cut, at about one fsync a commit.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from newsarchive.dates import utc_now
from newsarchive.errors import ArchiveError, ArchiveReadOnly, IntegrityError, NewsarchiveError
from newsarchive.storage import migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

BUSY_TIMEOUT = 60.0
"""Seconds to wait for another process's transaction; ours take milliseconds, a bulk import's up to a second."""


def stamp(at: datetime) -> str:
    """A time as the tables hold it: UTC, fixed width, so that text order is time order.

    >>> stamp(datetime(2019, 2, 27, 18, 30, tzinfo=UTC))
    '2019-02-27T18:30:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Database:
    """One connection to `articles.db`; used by one thread. A context manager that closes it."""

    def __init__(self, path: Path, *, read_only: bool = False, clock: Callable[[], datetime] = utc_now) -> None:
        self.path = path
        self.now = clock
        """The moment, aware; what is written down of "now" is read from here."""
        self.read_only = read_only
        try:
            self.connection = _connect(path, read_only=read_only)
        except sqlite3.DatabaseError as error:
            raise _as_ours(error, path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. A transaction inside another joins it.

        Raises:
            ArchiveReadOnly: the database was opened for reading.
            IntegrityError: SQLite found the file damaged.
            ArchiveError: the disk is full, or another process held the file for longer than BUSY_TIMEOUT.
        """
        if self.read_only:
            raise ArchiveReadOnly(f"{self.path} was opened for reading", tip='open the archive with mode="rw"')
        if self._in_transaction():
            yield self.connection
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self._in_transaction():
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
                raise _as_ours(error, self.path) from error
            raise

    def copy_to(self, path: Path) -> None:
        """Write what is committed now into a new file, durable; others may go on writing meanwhile.

        Raises:
            ArchiveError: the disk is full, or the file cannot be written.
            IntegrityError: SQLite found this database damaged.
        """
        path.unlink(missing_ok=True)
        copy = sqlite3.connect(path)
        try:
            # In one step: another process's commit would make it begin anew.
            self.connection.backup(copy)
        except sqlite3.DatabaseError as error:
            raise _as_ours(error, path) from error
        finally:
            copy.close()

    def _in_transaction(self) -> bool:
        return self.connection.in_transaction

    def has_column(self, table: str, column: str) -> bool:
        """Whether a table has a column: an older archive that is opened for reading only lacks the newer ones."""
        query = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
        return self.connection.execute(query, (table, column)).fetchone() is not None

    @property
    def generation(self) -> str:
        """Made anew with the file: an index whose stamp names another generation belongs to another database."""
        return str(self.connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    if read_only and _cannot_change(path):
        uri += "&immutable=1"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        if read_only:
            migrations.check(connection, name=path.name)
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            # What is deleted is overwritten where that costs no writing of its own: a text that may not be kept goes.
            connection.execute("PRAGMA secure_delete = FAST")
            migrations.migrate(connection, name=path.name)
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('generation', ?)", (uuid.uuid4().hex,))
    except BaseException:
        connection.close()
        raise
    return connection


def _cannot_change(path: Path) -> bool:
    """Whether the file lies where nothing can be written: there SQLite cannot make the files that it reads a log by.

    With a log beside it that was not written back, the file alone would be an older state: then SQLite says its error.
    """
    log = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def _as_ours(error: sqlite3.DatabaseError, path: Path) -> NewsarchiveError:
    text = str(error)
    if "malformed" in text or "not a database" in text:
        return IntegrityError(
            f"{path} is damaged: {text}",
            tip=f"move {path.name} away and run `newsarchive rebuild`: everything in it can be read back from warc/",
        )
    if "locked" in text:
        return ArchiveError(f"{path} was in use by another process for over {BUSY_TIMEOUT:.0f} s")
    return ArchiveError(f"{path}: {text}", tip="is there room on the disk, and may you write there?")
