"""What crawls have read of the documents that name articles: which they need not fetch again, and where they broke off.

As the frontier it is a help to the next crawl and no record: it is not in the WARC files, and after a rebuild every
document is read once more.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable


class ReadAs(NamedTuple):
    """As what a document was read."""

    dated: datetime
    """The latest change that its index told of."""
    rules: str
    """A name for what was wanted of it."""


class Standing(NamedTuple):
    """How a URL stands on the frontier."""

    state: str
    attempts: int
    problem: str | None
    fetched_at: str | None


class Trouble(NamedTuple):
    """A candidate that could not be had."""

    url: str
    problem: str
    attempts: int
    is_given_up: bool


class Harvests:
    """The table `harvests`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def was_read(self, source: str, url: str, read_as: ReadAs) -> datetime | None:
        """When a document was asked for whose every article was then put on the frontier; None if it never was.

        One that was read under another date or other rules counts as unread.
        """
        row = self._database.connection.execute(
            "SELECT read_at FROM harvests WHERE source = ? AND url = ? AND dated = ? AND rules = ?",
            (source, url, stamp(read_as.dated), read_as.rules),
        ).fetchone()
        return datetime.fromisoformat(row["read_at"]) if row and row["read_at"] else None

    def note_read(self, source: str, url: str, read_as: ReadAs, *, at: datetime | None) -> None:
        """Note that a document was read in full, as it was at a time; None where it is to be read again next time."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO harvests (source, url, read_at, dated, rules) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source, url)"
                " DO UPDATE SET read_at = excluded.read_at, dated = excluded.dated, rules = excluded.rules",
                (source, url, stamp(at) if at else None, stamp(read_as.dated), read_as.rules),
            )

    def is_open(self, source: str, url: str) -> bool:
        """Whether a crawl ended while it was following the pages of a section."""
        row = self._database.connection.execute(
            "SELECT open FROM harvests WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        return bool(row and row["open"])

    def note_open(self, source: str, url: str, *, is_open: bool) -> None:
        """Note that the pages of a section are being followed, or that they were followed to the end."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO harvests (source, url, open) VALUES (?, ?, ?)"
                " ON CONFLICT (source, url) DO UPDATE SET open = excluded.open",
                (source, url, int(is_open)),
            )

    def known(self, source: str, urls: Iterable[str]) -> set[str]:
        """Those of some URLs that are on the frontier, fetched or not."""
        wanted = list(urls)
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT url FROM frontier WHERE source = ? AND url IN ({marks})"
        return {row["url"] for row in self._database.connection.execute(query, (source, *wanted))}

    def standing(self, source: str, url: str) -> Standing | None:
        """How a URL stands on the frontier; None where it is not on it."""
        row = self._database.connection.execute(
            "SELECT state, attempts, problem, fetched_at FROM frontier WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        return Standing(*row) if row else None

    def redirected_from(self, source: str, url: str, *, most: int) -> tuple[str, ...]:
        """The URLs that redirected to one, nearest first: at most so many."""
        chain: list[str] = []
        query = "SELECT found_at FROM frontier WHERE source = ? AND url = ? AND via = 'redirect'"
        while len(chain) < most and (row := self._database.connection.execute(query, (source, url)).fetchone()):
            url = row["found_at"]
            if url in chain:
                break
            chain.append(url)
        return tuple(chain)

    def troubles(self, source: str) -> tuple[Trouble, ...]:
        """The candidates of a source that gave no page when they were last asked for, and why; those given up first."""
        rows = self._database.connection.execute(
            "SELECT url, problem, attempts, state FROM frontier WHERE source = ? AND problem IS NOT NULL"
            " ORDER BY state = 'queued', url",
            (source,),
        )
        return tuple(Trouble(row["url"], row["problem"], row["attempts"], row["state"] != "queued") for row in rows)
