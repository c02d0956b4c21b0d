"""The frontier: candidates in the order they are due. It is a table, so that a kill costs nothing.

Scrapy's own persistent queue lost 73 to 90 percent of its requests at a SIGKILL, in silence; a row here leaves the
queue in the same transaction that keeps the capture.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.models import Candidate, Via
from newsarchive.storage.database import Database, stamp
from newsarchive.storage.rechecks import Rechecks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

MAX_ATTEMPTS: Final = 3
"""A URL that failed this often waits for a source to name it anew with a later date."""
_BACK_OFF: Final = (timedelta(minutes=10), timedelta(hours=6))
"""How long a URL waits after its first and second failure."""


class Due(NamedTuple):
    """A candidate that should be fetched now."""

    url: str
    via: Via
    found_at: str | None
    attempts: int


class FrontierCounts(NamedTuple):
    """How many candidates of a source are in each state."""

    queued: int
    done: int
    failed: int


class Frontier:
    """The table `frontier`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rechecks = Rechecks(database)
        """When the pages that were fetched are looked at again."""

    def offer(self, source: str, candidates: Iterable[Candidate]) -> int:
        """Queue candidates that are new, or whose source says they changed since; how many were queued.

        A candidate is fetched again only if its `modified` hint is later than the hint it was fetched with, or, where
        there was none, later than the fetch itself.
        """
        now = stamp(self._database.now())
        with self._database.transaction() as connection:
            return sum(_offer(connection, source, candidate, now) for candidate in candidates)

    def due(self, source: str, *, limit: int, excluding: Collection[str] = ()) -> tuple[Due, ...]:
        """Candidates to fetch now, newest first, without those already under way."""
        now = stamp(self._database.now())
        rows = self._database.connection.execute(
            # Left to itself SQLite takes the index by state, and sorts all that waits.
            "SELECT url, via, found_at, attempts FROM frontier INDEXED BY frontier_by_date"
            # What was put on the frontier in the future came there while the clock was ahead, and is due.
            " WHERE source = :source AND state = 'queued' AND (due_at <= :now OR discovered_at > :now)"
            " ORDER BY coalesce(published, modified, discovered_at) DESC, url LIMIT :limit",
            {"source": source, "now": now, "limit": limit + len(excluding)},
        )
        wanted = (Due(row["url"], Via(row["via"]), row["found_at"], row["attempts"]) for row in rows)
        return tuple(due for due in wanted if due.url not in excluding)[:limit]

    def fetched(self, source: str, url: str, *, at: datetime, status: int | None = None) -> None:
        """Note that a URL was answered; it leaves the queue, and its next look is planned.

        A URL that was never queued is noted as well. Answers may be noted in any order; `status` is None, or 304,
        where the page is as it was.
        """
        status = None if status == HTTPStatus.NOT_MODIFIED else status
        values = {"source": source, "url": url, "at": stamp(at), "status": status}
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO frontier (source, url, via, state, discovered_at, fetched_at, due_at, first_at, looks,"
                " status) VALUES (:source, :url, 'seed', 'done', :at, :at, :at, :at, 1, :status)"
                " ON CONFLICT (source, url) DO UPDATE SET state = 'done', problem = NULL, attempts = 0,"
                " status = iif(:at >= coalesce(fetched_at, ''), coalesce(:status, status), status),"
                " fetched_at = max(coalesce(fetched_at, :at), :at), first_at = min(coalesce(first_at, :at), :at),"
                " looks = looks + 1",
                values,
            )
            self.rechecks.looked(source, url, at=at)

    def failed(self, source: str, url: str, *, problem: str, final: bool = False) -> None:
        """Note that a URL gave no answer: it is tried again later, or given up after MAX_ATTEMPTS.

        A page that was answered before stays known; only its recheck waits or is given up (see `rechecks.BACK_OFF`).
        """
        now = self._database.now()
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT attempts, state FROM frontier WHERE source = ? AND url = ?", (source, url)
            ).fetchone()
            attempts = (row["attempts"] if row else 0) + 1
            if row is None or row["state"] != "queued":
                connection.execute(
                    "UPDATE frontier SET attempts = ?, problem = ? WHERE source = ? AND url = ?",
                    (attempts, problem, source, url),
                )
                self.rechecks.failed(source, url, attempts=attempts, final=final, now=now)
                return
            over = final or attempts >= MAX_ATTEMPTS
            wait = timedelta(0) if over else _BACK_OFF[min(attempts, len(_BACK_OFF)) - 1]
            connection.execute(
                "UPDATE frontier SET attempts = ?, problem = ?, state = ?, due_at = ?,"
                " discovered_at = min(discovered_at, ?) WHERE source = ? AND url = ?",
                (attempts, problem, "failed" if over else "queued", stamp(now + wait), stamp(now), source, url),
            )

    def postpone(self, source: str, url: str, *, wait: timedelta, problem: str) -> None:
        """Note that a URL could not be asked for now, through no fault of its own; it counts as no failure."""
        now = self._database.now()
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE frontier SET due_at = ?, problem = ?, discovered_at = min(discovered_at, ?)"
                " WHERE source = ? AND url = ?",
                (stamp(now + wait), problem, stamp(now), source, url),
            )
            self.rechecks.put_off(source, url, until=now + wait)

    def is_settled(self, source: str, candidate: Candidate) -> bool:
        """Whether a candidate was fetched or given up, and its source names no later change."""
        row = self._database.connection.execute(
            "SELECT state, coalesce(modified, fetched_at) AS known FROM frontier WHERE source = ? AND url = ?",
            (source, candidate.url),
        ).fetchone()
        if row is None or row["state"] == "queued":
            return False
        return not (candidate.modified and row["known"] and stamp(candidate.modified) > row["known"])

    def counts(self, source: str) -> FrontierCounts:
        """How many candidates of a source are in each state."""
        rows = self._database.connection.execute(
            "SELECT state, count(*) FROM frontier WHERE source = ? GROUP BY state", (source,)
        )
        found = {state: int(count) for state, count in rows}
        return FrontierCounts(*(found.get(state, 0) for state in FrontierCounts._fields))

    def next_due(self, source: str) -> datetime | None:
        """When the next candidate of a source is due, which may have passed; None where nothing waits."""
        row = self._database.connection.execute(
            "SELECT min(due_at) AS due FROM frontier WHERE source = ? AND state = 'queued'", (source,)
        ).fetchone()
        return datetime.fromisoformat(row["due"]) if row["due"] else None

    def problem_counts(self, source: str) -> dict[str, int]:
        """How many candidates of a source gave no answer, by the kind of their last problem, most frequent first.

        The kind is what stands before the first colon; see `newsarchive.crawl.failures`.
        """
        rows = self._database.connection.execute(
            "SELECT substr(problem, 1, instr(problem || ':', ':') - 1) AS kind, count(*) AS n FROM frontier"
            " WHERE source = ? AND state != 'done' AND problem IS NOT NULL GROUP BY kind ORDER BY n DESC, kind",
            (source,),
        )
        return {row["kind"]: int(row["n"]) for row in rows}


def _offer(connection: sqlite3.Connection, source: str, candidate: Candidate, now: str) -> int:
    values = {
        "source": source,
        "url": candidate.url,
        "via": candidate.via.value,
        "found_at": candidate.found_at,
        "published": stamp(candidate.published) if candidate.published else None,
        "modified": stamp(candidate.modified) if candidate.modified else None,
        "now": now,
    }
    queued = connection.execute(
        "INSERT INTO frontier (source, url, via, found_at, published, modified, state, discovered_at, due_at)"
        " VALUES (:source, :url, :via, :found_at, :published, :modified, 'queued', :now, :now)"
        " ON CONFLICT (source, url) DO NOTHING",
        values,
    ).rowcount
    if not queued and candidate.modified:
        queued = connection.execute(
            "UPDATE frontier SET state = 'queued', attempts = 0, due_at = :now WHERE source = :source AND url = :url"
            " AND state != 'queued' AND :modified > coalesce(modified, fetched_at)",
            values,
        ).rowcount
        connection.execute(
            "UPDATE frontier SET modified = :modified WHERE source = :source AND url = :url"
            " AND (modified IS NULL OR modified < :modified)",
            values,
        )
    return queued
