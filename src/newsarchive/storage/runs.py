"""Runs: one crawl of one source, and its counts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


class Run(NamedTuple):
    """One crawl of one source. `outcome` is None while it goes on, and stays so where it was killed."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    counts: dict[str, int]


class Runs:
    """The table `runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, source: str) -> int:
        """Note the start of a crawl; its number."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (source, started_at) VALUES (?, ?)", (source, stamp(self._database.now()))
            )
            return int(cursor.lastrowid or 0)

    def finish(self, run_id: int, *, outcome: str, counts: Mapping[str, int]) -> None:
        """Note the end of a crawl: why it ended, and what it did."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET finished_at = ?, outcome = ?, counts = ? WHERE id = ?",
                (stamp(self._database.now()), outcome, json.dumps(dict(counts), sort_keys=True), run_id),
            )

    def get(self, run_id: int) -> Run | None:
        """A run by its number."""
        row = self._database.connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        return _run(row) if row else None

    def latest(self, source: str) -> Run | None:
        """The newest run of a source."""
        row = self._database.connection.execute(
            "SELECT * FROM runs WHERE source = ? ORDER BY id DESC LIMIT 1", (source,)
        ).fetchone()
        return _run(row) if row else None

    def newest_first(self, source: str, *, limit: int) -> tuple[Run, ...]:
        """The newest runs of a source."""
        rows = self._database.connection.execute(
            "SELECT * FROM runs WHERE source = ? ORDER BY id DESC LIMIT ?", (source, limit)
        )
        return tuple(map(_run, rows))

    def sources(self) -> tuple[str, ...]:
        """The sources that were ever crawled."""
        rows = self._database.connection.execute("SELECT DISTINCT source FROM runs ORDER BY source")
        return tuple(row["source"] for row in rows)


def _run(row: sqlite3.Row) -> Run:
    finished = row["finished_at"]
    return Run(
        id=row["id"],
        source=row["source"],
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=datetime.fromisoformat(finished) if finished else None,
        outcome=row["outcome"],
        counts=json.loads(row["counts"]),
    )
