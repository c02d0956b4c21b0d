"""Takes articles and captures out of the database so that their words are not in its file any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.errors import ArchiveLocked
from newsarchive.models import CaptureState
from newsarchive.storage.captures import CaptureRow, capture_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping

    from newsarchive.storage.database import Database

_KEYS = {"capture_id": "captures", "article_id": "articles", "url": "urls"}


class Goes(NamedTuple):
    """What is taken out."""

    articles: Collection[str]
    """Ids of articles."""
    records: Collection[str]
    """WARC-Record-IDs of captures."""
    urls: Collection[str]
    """Addresses that are taken off the frontier and whatever else lists addresses."""


class Moved(NamedTuple):
    """A file that was written anew."""

    file: str
    """The new one's name."""
    offsets: Mapping[int, int]
    """Old offset to new one."""


class Removal:
    """Works on all tables, also on those that later versions add: a row goes with its capture, article or address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def captures_of(self, urls: Collection[str], articles: Collection[str]) -> list[CaptureRow]:
        """Captures that articles were read from, and captures of addresses that no other article was read from."""
        rows = self._database.connection.execute(
            "SELECT captures.* FROM captures LEFT JOIN readings ON readings.capture_id = captures.id"
            " WHERE readings.article_id IN (SELECT value FROM json_each(:articles))"
            " OR (readings.article_id IS NULL AND captures.url IN (SELECT value FROM json_each(:urls)))"
            " ORDER BY captures.id",
            {"urls": json.dumps(sorted(urls)), "articles": json.dumps(sorted(articles))},
        )
        return [CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) for row in rows]

    def revisits_of(self, records: Collection[str]) -> list[CaptureRow]:
        """Captures whose payload is that of one of these."""
        rows = self._database.connection.execute(
            "SELECT * FROM captures WHERE refers_to IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(sorted(records)),),
        )
        return [CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) for row in rows]

    def redirects(self) -> list[CaptureRow]:
        """Captures that are redirects."""
        rows = self._database.connection.execute("SELECT * FROM captures WHERE location IS NOT NULL ORDER BY id")
        return [CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) for row in rows]

    def articles_at(self, urls: Collection[str]) -> list[str]:
        """Ids of the articles that have one of these addresses, or were read from a capture of one."""
        rows = self._database.connection.execute(
            "SELECT id FROM articles WHERE url IN (SELECT value FROM json_each(:urls)) UNION SELECT article_id"
            " FROM readings JOIN captures ON captures.id = capture_id WHERE captures.url IN"
            " (SELECT value FROM json_each(:urls)) ORDER BY 1",
            {"urls": json.dumps(sorted(urls))},
        )
        return [row["id"] for row in rows]

    def texts_of(self, articles: Collection[str]) -> list[tuple[str, str]]:
        """Headlines and texts of all versions."""
        rows = self._database.connection.execute(
            "SELECT headline, body FROM texts WHERE article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(articles)),),
        )
        return [(row["headline"] or "", row["body"]) for row in rows]

    def unread(self) -> Iterator[CaptureRow]:
        """Captures that are no articles and may quote some: sitemaps, feeds, section pages, rejected pages."""
        rows = self._database.connection.execute(
            "SELECT * FROM captures WHERE (role = 'discovery' OR state = 'rejected')"
            " AND coalesce(status, 200) BETWEEN 200 AND 299 ORDER BY id"
        )
        for row in rows:
            yield CaptureRow(row["id"], capture_of(row), CaptureState(row["state"]))

    def carry_out(self, goes: Goes, moved: Mapping[str, Moved]) -> None:
        """Delete what goes, and give all other captures of rewritten files their new places, in one transaction.

        Args:
            goes: what is taken out; doing so twice does no harm.
            moved: old file to where its records lie now.
        """
        values = {name: json.dumps(sorted(found)) for name, found in goes._asdict().items()}
        with self._database.transaction() as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            ids = "SELECT id FROM captures WHERE record_id IN (SELECT value FROM json_each(?))"
            captures = json.dumps([row["id"] for row in connection.execute(ids, (values["records"],))])
            _keep_floor(connection)
            for table, columns in _tables(connection).items():
                for column, name in _KEYS.items():
                    if column in columns and table not in {"captures", "articles"}:
                        wanted = captures if name == "captures" else values[name]
                        query = f'DELETE FROM "{table}" WHERE "{column}" IN (SELECT value FROM json_each(?))'
                        connection.execute(query, (wanted,))
            for table, column, wanted in (("captures", "id", captures), ("articles", "id", values["articles"])):
                connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", (wanted,))
            for old, (new, offsets) in moved.items():
                connection.executemany(
                    "UPDATE captures SET file = ?, offset = ? WHERE file = ? AND offset = ?",
                    ((new, now, old, before) for before, now in offsets.items()),
                )

    def rows_in(self, file: str) -> int:
        """How many captures are said to lie in a file."""
        query = "SELECT count(*) FROM captures WHERE file = ?"
        return int(self._database.connection.execute(query, (file,)).fetchone()[0])

    def scrub(self) -> None:
        """Write the file anew without free pages, and empty the write-ahead log: deleted words are in neither.

        Raises:
            ArchiveLocked: another process reads an older state and keeps it in the log.
        """
        connection = self._database.connection
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise ArchiveLocked(
                f"{self._database.path} is being read: the withdrawn words are still in its write-ahead log",
                tip="end what reads the archive; the next command that writes finishes the withdrawal",
            )


def _keep_floor(connection: sqlite3.Connection) -> None:
    """The index asks for revisions after the one it saw: a deleted article must not lower the next one's."""
    connection.execute(
        "INSERT INTO meta SELECT 'revision-floor', coalesce(max(revision), 0) FROM articles WHERE true"
        " ON CONFLICT (key) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))"
    )


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {
        name: frozenset(row["name"] for row in connection.execute(f'PRAGMA table_info("{name}")'))
        for name in names
        if not name.startswith("sqlite_") and name != "meta"
    }
