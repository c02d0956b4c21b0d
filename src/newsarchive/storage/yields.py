"""Yields: what the captures of each run gave, so that a run in which a field went missing can be told from others.

One small row for each settled capture of a run, written in the transaction that settles it. Rows, not counters: a
capture that is read anew replaces its own row, so that neither a kill nor a retry nor a later extractor counts it
twice, and once its captures are read rightly a run looks as it should have.

A capture names no run. It belongs to the run of its source that was going on when it was captured; there is only one at
a time, since a crawl locks its source. So this holds as well for a capture whose row was lost in a kill and made again
from the WARC. What is imported, or rebuilt without its runs, has none and is not counted.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.dates import Precision
from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from newsarchive.models import Extraction
    from newsarchive.storage.captures import CaptureRow

FIELDS: Final = (
    "headline", "category", "published", "published_time", "authors", "description", "language", "image", "tags",
    "body",
)  # fmt: skip
"""What is looked for in each article; `published_time` is a date of publication that is known with its time of day."""

_PAGE_OF_RUNS: Final = 50
_NAMES = ", ".join(FIELDS)
_INSERT = (
    f"INSERT OR REPLACE INTO yields (capture_id, run, problem, words, {_NAMES})"
    f" VALUES (:capture, :run, :problem, :words, {', '.join(f':{name}' for name in FIELDS)})"
)
_SUMS = ", ".join(f"total({name}) AS {name}" for name in FIELDS)
# An accepted article lacks what its version says in no column; a field that has its default is not in `fields`.
_OF_VERSION = """
INSERT OR REPLACE INTO yields
SELECT :capture, :run, NULL, word_count, headline IS NOT NULL, category IS NOT NULL, texts.published IS NOT NULL,
    fields ->> 'published_precision' IN ('minute', 'second') IS TRUE, fields ->> 'authors' IS NOT NULL,
    fields ->> 'description' IS NOT NULL, language IS NOT NULL, fields ->> 'image' IS NOT NULL,
    fields ->> 'tags' IS NOT NULL, body != ''
FROM readings JOIN texts USING (article_id, digest) WHERE readings.capture_id = :twin
"""


class RunYield(NamedTuple):
    """What the captures of one run gave."""

    run: int
    started_at: datetime
    fields: dict[str, int]
    """Accepted articles that had a field, by its name in `FIELDS`."""
    lengths: tuple[int, ...]
    """Words of each accepted article, in no order."""
    rejected: dict[str, int]
    """Rejected captures by their first problem."""


class Yields:
    """The table `yields`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, row: CaptureRow, extraction: Extraction) -> None:
        """Note what an accepted capture gave."""
        found = {name: bool(getattr(extraction, name, None)) for name in FIELDS}
        found["published_time"] = extraction.published_precision in {Precision.MINUTE, Precision.SECOND}
        self._note(row, problem=None, words=extraction.word_count, found=found)

    def accept_twin(self, row: CaptureRow, twin_id: int) -> None:
        """Note that a capture gave what another one with the same bytes gave."""
        run = self._run_of(row)
        if run is None:
            return
        values = {"capture": row.id, "run": run, "twin": twin_id}
        with self._database.transaction() as connection:
            copied = connection.execute(
                f"INSERT OR REPLACE INTO yields SELECT :capture, :run, problem, words, {_NAMES} FROM yields"
                " WHERE capture_id = :twin",
                values,
            )
            if not copied.rowcount:  # the twin was imported: only what its article says is known
                connection.execute(_OF_VERSION, values)

    def reject(self, row: CaptureRow, problem: str) -> None:
        """Note that a capture was rejected, and its first problem."""
        self._note(row, problem=problem, words=0, found=dict.fromkeys(FIELDS, False))

    def _note(self, row: CaptureRow, *, problem: str | None, words: int, found: dict[str, bool]) -> None:
        run = self._run_of(row)
        if run is not None:
            with self._database.transaction() as connection:
                connection.execute(_INSERT, {"capture": row.id, "run": run, "problem": problem, "words": words} | found)

    def _run_of(self, row: CaptureRow) -> int | None:
        origin, at = row.capture.origin, stamp(row.capture.captured_at)
        if origin.source is None:
            return None
        found = self._database.connection.execute(
            "SELECT id, finished_at FROM runs WHERE source = ? AND started_at <= ? ORDER BY id DESC LIMIT 1",
            (origin.source, at),
        ).fetchone()
        # A run that was killed has no end; the next one's start is where it ends here.
        return found["id"] if found and (found["finished_at"] is None or at <= found["finished_at"]) else None

    def newest_first(self, source: str) -> Iterator[RunYield]:
        """The runs of a source of which any capture was read, newest first."""
        if not self._is_there():
            return
        query = (
            f"SELECT run, started_at, {_SUMS}, json_group_array(words) FILTER (WHERE problem IS NULL) AS lengths,"
            " json_group_array(problem) FILTER (WHERE problem IS NOT NULL) AS problems"
            " FROM yields JOIN runs ON runs.id = run WHERE run IN (SELECT id FROM runs WHERE source = :source"
            " AND (:last IS NULL OR id < :last) AND EXISTS (SELECT 1 FROM yields WHERE run = runs.id)"
            " ORDER BY id DESC LIMIT :limit) GROUP BY run ORDER BY run DESC"
        )
        values: dict[str, str | int | None] = {"source": source, "last": None, "limit": _PAGE_OF_RUNS}
        while rows := self._database.connection.execute(query, values).fetchall():
            yield from map(_run_yield, rows)
            values["last"] = rows[-1]["run"]

    def example(
        self, runs: Sequence[int], *, lacking: str | None, problem: str | None, below: float | None
    ) -> str | None:
        """The URL of the newest capture of some runs that lacks a field, has a problem, or has fewer words."""
        wanted = "problem = :problem" if problem else "problem IS NULL"
        if lacking is not None:
            wanted += f" AND NOT {FIELDS[FIELDS.index(lacking)]}"
        if below is not None:
            wanted += " AND words < :below"
        found = self._database.connection.execute(
            f"SELECT url FROM yields JOIN captures ON captures.id = capture_id WHERE {wanted}"
            " AND run IN (SELECT value FROM json_each(:runs)) ORDER BY capture_id DESC LIMIT 1",
            {"problem": problem, "below": below, "runs": json.dumps(list(runs))},
        ).fetchone()
        return str(found["url"]) if found else None

    def _is_there(self) -> bool:
        """An archive of an older version that was opened for reading only lacks the table still."""
        query = "SELECT 1 FROM sqlite_schema WHERE name = 'yields'"
        return self._database.connection.execute(query).fetchone() is not None


def _run_yield(row: sqlite3.Row) -> RunYield:
    rejected: dict[str, int] = {}
    for problem in json.loads(row["problems"]):
        rejected[problem] = rejected.get(problem, 0) + 1
    return RunYield(
        run=row["run"],
        started_at=datetime.fromisoformat(row["started_at"]),
        fields={name: int(row[name]) for name in FIELDS},
        lengths=tuple(json.loads(row["lengths"])),
        rejected=rejected,
    )
