"""Rechecks: articles that are looked at again, by the plan of the settings and by what a person ordered.

The plan is two columns of the table `frontier`, which follow from the captures: first sight and last look. An order is
a row of `recheck_orders`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.dates import say_duration
from newsarchive.models import Via
from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from newsarchive.models import RecheckPlan

BACK_OFF: Final = (
    timedelta(minutes=10),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=4),
    timedelta(days=8),
)
"""How long a recheck waits after each failure in turn; after the last one it waits for the plan's next age.

A new page is given up after a day; an article that was there is worth asking for until a site is back."""
LOOKED_BACK: Final = timedelta(days=90)
"""Articles first seen within this time tell how often a source edits."""
_GONE: Final = frozenset({301, 302, 303, 307, 308, 404, 410})


class Recheck(NamedTuple):
    """An article that is to be looked at again."""

    source: str
    url: str
    due_at: datetime
    why: str
    """For people, such as `6 h after first sight`; of what was rebuilt and not crawled since, that a crawl plans it."""
    via: Via
    found_at: str | None
    ordered: bool
    """Whether a person ordered it, rather than the plan."""


class Order(NamedTuple):
    """What a person asks for: a look at `due_at`, and then, if `every` is given, again and again until `ends_at`."""

    due_at: datetime
    reason: str
    every: timedelta | None = None
    ends_at: datetime | None = None


class Rechecks:
    """The columns of `frontier` that hold the plan, and the table `recheck_orders`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plans: dict[str, RecheckPlan] = {}

    def follow(self, source: str, plan: RecheckPlan, *, keep: bool = True) -> None:
        """Plan by these ages from now on; what is planned already is planned anew, unless `keep` is false."""
        self._plans[source] = plan
        if not keep:
            return
        name = ",".join(say_duration(age) for age in plan.ages)
        with self._database.transaction() as connection:
            known = connection.execute("SELECT value FROM meta WHERE key = ?", (f"plan-of-{source}",)).fetchone()
            unplanned = "" if known is None or known["value"] != name else " AND recheck_at <= fetched_at"
            rows = connection.execute(
                "SELECT url, first_at, fetched_at, status, recheck_at FROM frontier WHERE source = ?"
                f" AND recheck_at IS NOT NULL AND attempts = 0{unplanned}",
                (source,),
            ).fetchall()
            connection.executemany(
                "UPDATE frontier SET recheck_at = ? WHERE source = ? AND url = ?",
                [(self._replanned(plan, row), source, row["url"]) for row in rows],
            )
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"plan-of-{source}", name))

    def _replanned(self, plan: RecheckPlan, row: sqlite3.Row) -> str | None:
        """The next look; none where it was never planned and is overdue by more than the whole plan is long.

        So a rebuilt archive does not ask for all that it holds, of years ago, once more.
        """
        planned = _planned(plan, row)
        was_planned = row["recheck_at"] > row["fetched_at"]
        if planned and not was_planned and planned < stamp(self._database.now() - plan.ages[-1]):
            return None
        return planned

    def looked(self, source: str, url: str, *, at: datetime) -> None:
        """Plan the next look at a page that was answered; part of the transaction that noted the answer.

        Where the source's plan is not known here, the row asks for it: its next look lies not after the last.
        """
        connection = self._database.connection
        row = connection.execute(
            "SELECT first_at, fetched_at, status FROM frontier WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        plan = self._plans.get(source)
        connection.execute(
            "UPDATE frontier SET recheck_at = ? WHERE source = ? AND url = ?",
            (_planned(plan, row) if plan else row["fetched_at"], source, url),
        )
        _fulfil(connection, source, url, at=at)

    def failed(self, source: str, url: str, *, attempts: int, final: bool, now: datetime) -> None:
        """Put off a recheck that gave no answer, or give it up; part of the caller's transaction."""
        connection = self._database.connection
        if final:
            connection.execute("DELETE FROM recheck_orders WHERE source = ? AND url = ?", (source, url))
            connection.execute("UPDATE frontier SET recheck_at = NULL WHERE source = ? AND url = ?", (source, url))
        elif attempts > len(BACK_OFF):
            self._skip(source, url, now)
        else:
            self.put_off(source, url, until=now + BACK_OFF[attempts - 1])

    def _skip(self, source: str, url: str, now: datetime) -> None:
        """Leave out a look that nobody answers; what comes after it is tried again."""
        connection = self._database.connection
        row = connection.execute(
            "SELECT first_at, status, ? AS fetched_at FROM frontier WHERE source = ? AND url = ?",
            (stamp(now), source, url),
        ).fetchone()
        if row and row["first_at"]:
            connection.execute(
                "UPDATE frontier SET recheck_at = ?, attempts = 0 WHERE source = ? AND url = ?",
                (_planned(self._plans.get(source), row), source, url),
            )
        _fulfil(connection, source, url, at=now)

    def put_off(self, source: str, url: str, *, until: datetime) -> None:
        """Let a recheck that is due wait; part of the caller's transaction."""
        for table, column in (("frontier", "recheck_at"), ("recheck_orders", "due_at")):
            self._database.connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE source = ? AND url = ? AND {column} < ?",
                (stamp(until), source, url, stamp(until)),
            )

    def due(self, source: str, *, limit: int, excluding: Collection[str] = ()) -> tuple[Recheck, ...]:
        """Articles to look at now, those first that have waited longest; without those already under way."""
        now = self._database.now()
        # A dry run cannot plan anew what another plan has planned, so it passes over what is not due by its own.
        listed = self._listed(source, until=now, limit=limit + len(excluding), planned=True)
        return tuple(one for one in listed if one.url not in excluding and one.due_at <= now)[:limit]

    def upcoming(self, source: str, *, until: datetime | None = None, limit: int = -1) -> tuple[Recheck, ...]:
        """Looks that are planned or ordered, the next one first."""
        return tuple(self._listed(source, until=until, limit=limit, planned=False))

    def _listed(self, source: str, *, until: datetime | None, limit: int, planned: bool) -> Iterator[Recheck]:
        rows = self._database.connection.execute(
            _LISTED, {"source": source, "until": stamp(until) if until else "9", "limit": limit}
        )
        plan = self._plans.get(source) if planned else None
        for row in rows:
            yield _recheck(row, source, plan)

    def order(self, source: str, urls: Sequence[str], order: Order) -> int:
        """Order a look at pages; an earlier order of the same page is replaced. How many were ordered."""
        now = stamp(self._database.now())
        seeds = ((source, url, Via.SEED.value, now, now) for url in urls)
        every = int(order.every.total_seconds()) if order.every else None
        ends = stamp(order.ends_at) if order.ends_at else None
        rows = [(source, url, stamp(order.due_at), every, ends, order.reason, now) for url in urls]
        with self._database.transaction() as connection:
            # An imported article was never on the frontier; there its failures are counted.
            connection.executemany(
                "INSERT OR IGNORE INTO frontier (source, url, via, state, discovered_at, due_at)"
                " VALUES (?, ?, ?, 'done', ?, ?)",
                seeds,
            )
            connection.executemany("INSERT OR REPLACE INTO recheck_orders VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return len(rows)

    def cancel(self, source: str, urls: Iterable[str]) -> int:
        """Take back what was ordered; how many pages had an order. The plan of the settings stays."""
        with self._database.transaction() as connection:
            return sum(
                connection.execute("DELETE FROM recheck_orders WHERE source = ? AND url = ?", (source, url)).rowcount
                for url in urls
            )

    def next_due(self, source: str) -> datetime | None:
        """When the next look that is planned or ordered is due, which may have passed; None where there is none."""
        row = self._database.connection.execute(_NEXT, {"source": source}).fetchone()
        return datetime.fromisoformat(row["due_at"]) if row else None

    def counts(self, source: str) -> tuple[int, int]:
        """How many articles are planned to be looked at again, and how many have an order."""
        row = self._database.connection.execute(
            "SELECT (SELECT count(*) FROM frontier WHERE source = :source AND is_article AND recheck_at IS NOT NULL),"
            " (SELECT count(*) FROM recheck_orders WHERE source = :source)",
            {"source": source},
        ).fetchone()
        return int(row[0]), int(row[1])

    def findings(self, source: str) -> tuple[int, int]:
        """Repeated looks at the newer articles of a source, and how many versions these found."""
        since = stamp(self._database.now() - LOOKED_BACK)
        row = self._database.connection.execute(
            "SELECT (SELECT total(looks - 1) FROM frontier WHERE source = :source AND is_article"
            " AND first_at > :since AND looks > 0),"
            " (SELECT total(versions - 1) FROM articles WHERE source = :source AND first_seen > :since)",
            {"source": source, "since": since},
        ).fetchone()
        return int(row[0]), int(row[1])


_NEXT: Final = """
SELECT * FROM (SELECT recheck_at AS due_at FROM frontier
    WHERE source = :source AND is_article AND recheck_at IS NOT NULL AND recheck_at > fetched_at
    ORDER BY recheck_at LIMIT 1)
UNION ALL SELECT * FROM (SELECT due_at FROM recheck_orders WHERE source = :source ORDER BY due_at LIMIT 1)
ORDER BY due_at LIMIT 1
"""
# An article with both is due when the first of the two is; the order speaks, since a person asked for it.
_LISTED: Final = """
SELECT url, min(due_at) AS due_at, max(ordered) AS ordered, max(reason) AS reason, max(via) AS via,
    max(found_at) AS found_at, max(first_at) AS first_at, max(fetched_at) AS fetched_at, max(attempts) AS attempts,
    max(problem) AS problem, max(status) AS status
FROM (
    SELECT url, recheck_at AS due_at, 0 AS ordered, NULL AS reason, via, found_at, first_at, fetched_at, attempts,
        problem, status FROM frontier
    WHERE source = :source AND is_article AND recheck_at IS NOT NULL AND recheck_at <= :until AND state != 'queued'
    UNION ALL
    SELECT url, due_at, 1, reason, NULL, NULL, NULL, NULL, 0, NULL, NULL FROM recheck_orders
    WHERE source = :source AND due_at <= :until
) GROUP BY url ORDER BY due_at, url LIMIT :limit
"""


def _planned(plan: RecheckPlan | None, row: sqlite3.Row) -> str | None:
    if plan is None:
        return None
    first, last = (datetime.fromisoformat(row[name]) for name in ("first_at", "fetched_at"))
    planned = plan.next_check(first, last, is_gone=row["status"] in _GONE)
    return stamp(planned) if planned else None


def _recheck(row: sqlite3.Row, source: str, plan: RecheckPlan | None) -> Recheck:
    due = row["due_at"]
    if plan is not None and not row["ordered"] and not row["attempts"]:
        due = _planned(plan, row) or "9999-12-31T00:00:00+00:00"
    due_at = datetime.fromisoformat(due)
    if row["ordered"]:
        why = f"ordered: {row['reason']}"
    elif row["attempts"]:
        why = f"tried again after: {row['problem']}"
    elif plan is None and due <= row["fetched_at"]:
        why = "the next crawl plans it"
    else:
        why = f"{say_duration(due_at - datetime.fromisoformat(row['first_at']))} after first sight"
    via = Via(row["via"]) if row["via"] else Via.SEED
    return Recheck(source, row["url"], due_at, why, via, row["found_at"], bool(row["ordered"]))


def _fulfil(connection: sqlite3.Connection, source: str, url: str, *, at: datetime) -> None:
    """An order is done by a look at its time or later; one that repeats moves on, past all that were missed."""
    row = connection.execute(
        "SELECT due_at, every, ends_at FROM recheck_orders WHERE source = ? AND url = ? AND due_at <= ?",
        (source, url, stamp(at)),
    ).fetchone()
    if row is None:
        return
    following = None
    if row["every"]:
        due, every = datetime.fromisoformat(row["due_at"]), timedelta(seconds=row["every"])
        following = stamp(due + every * ((at - due) // every + 1))
    if following and not (row["ends_at"] and following > row["ends_at"]):
        connection.execute(
            "UPDATE recheck_orders SET due_at = ? WHERE source = ? AND url = ?", (following, source, url)
        )
    else:
        connection.execute("DELETE FROM recheck_orders WHERE source = ? AND url = ?", (source, url))
