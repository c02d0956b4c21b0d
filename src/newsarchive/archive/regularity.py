"""Regularity: tells that a source fell silent, that nobody crawls it any more, or that its crawls bring nothing.

A source is *silent* where its newest days brought fewer than half of the articles of any span of as many days that
ended in the four weeks before, and chance (Poisson, at the mean of those spans) would do it less than once in
1 / `LEVEL` times.
Comparing with the poorest span, not the mean, lets weekends and holidays pass. Days are counted back from the newest
good crawl, so that a crawler that stopped makes no source silent: it is *overdue* instead, after four times the usual
time between two crawls and at least a day. It is *failing* after three crawls in a row that read nothing.

Like `drift`, nothing is remembered between two looks.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise, takewhile
from math import exp
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsarchive.storage import Run

LEVEL: Final = 1e-4
SPANS: Final = (1, 2, 3, 7, 14, 28)
"""Days that are looked at. A source of 200 articles a day is missed after one, one of two a day after a week; a silence
that goes on rings in the longer ones, until it is the usual state after eight weeks."""
MEMORY: Final = 28
"""Days over which the ends of earlier spans lie that say what is usual."""
FEWEST_SPANS: Final = 7
"""Spans that are needed to say what is usual: all days of a week are among them."""
FAILURES: Final = 3
INTERVALS: Final = 4
FEWEST_CRAWLS: Final = 5
LEAST_OVERDUE: Final = timedelta(days=1)
RUNS_LOOKED_AT: Final = 60
GIVEN_UP: Final = timedelta(days=30)
"""A source that was not crawled for so long rings no more: nobody waits for it."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Irregularity:
    """Something that a source's crawls did before, and do not any more."""

    source: str
    kind: str
    """`silent`, `overdue` or `failing`."""
    since: datetime
    """Start of the silent days, of the newest crawl, or of the first crawl that failed."""
    found: int
    """New articles in the silent days, or crawls that failed."""
    usual: float
    """Articles that as many days usually bring, or hours that usually lie between two crawls."""


def is_success(run: Run) -> bool:
    """Whether a crawl ran to its end and read at least one of the source's lists."""
    if run.outcome != "finished":
        return False
    # Runs that ended before lists were counted have no `sources_read`.
    return run.counts.get("sources_read", 0) > 0 or ("sources_read" not in run.counts and not _lost(run))


def last_success(runs: Sequence[Run]) -> Run | None:
    """The newest good crawl among `runs`, newest first."""
    return next(filter(is_success, runs), None)


def judge(
    source: str, runs: Sequence[Run], first_seen: Sequence[datetime], *, now: datetime
) -> tuple[Irregularity, ...]:
    """What is irregular about a source.

    Args:
        source: its name.
        runs: its crawls, newest first; `RUNS_LOOKED_AT` of them are enough.
        first_seen: when its articles were captured first, since `now - horizon()`.
        now: the time of the look.
    """
    if not runs or now - runs[0].started_at > GIVEN_UP:
        return ()
    success = last_success(runs)
    found = [_failing(source, runs, now), _overdue(source, runs, now)]
    if success is not None and not any(found):
        found.append(_silent(source, first_seen, end=success.finished_at or success.started_at))
    return tuple(one for one in found if one)


def horizon() -> timedelta:
    """How far back `first_seen` must reach."""
    return (MEMORY + 2 * max(SPANS)) * _DAY


def _failing(source: str, runs: Sequence[Run], now: datetime) -> Irregularity | None:
    # The newest one may still be going on.
    ended = runs[1:] if runs[0].outcome is None and now - runs[0].started_at < _DAY else runs
    failed = list(takewhile(lambda run: not is_success(run), ended))
    if len(failed) < FAILURES:
        return None
    return Irregularity(source, "failing", failed[-1].started_at, len(failed), 0.0)


def _overdue(source: str, runs: Sequence[Run], now: datetime) -> Irregularity | None:
    starts = [run.started_at for run in runs]
    if len(starts) < FEWEST_CRAWLS:
        return None
    usual = statistics.median((later - earlier).total_seconds() for later, earlier in pairwise(starts))
    if now - starts[0] <= max(INTERVALS * timedelta(seconds=usual), LEAST_OVERDUE):
        return None
    return Irregularity(source, "overdue", starts[0], 0, usual / 3600)


def _silent(source: str, first_seen: Sequence[datetime], *, end: datetime) -> Irregularity | None:
    seen = sorted(first_seen)
    if not seen:
        return None
    # The first crawl of a source brings what the site published in weeks; what is usual begins a day after it.
    begin = seen[0] + _DAY
    found: list[tuple[float, int, Irregularity]] = []
    for days in SPANS:
        span = days * _DAY
        now = _count(seen, end - span, end)
        ends = [end - (days + back) * _DAY for back in range(MEMORY)]
        before = [_count(seen, last - span, last) for last in ends if last - span >= begin]
        if len(before) >= FEWEST_SPANS and 2 * now < min(before):
            usual = statistics.fmean(before)
            if (likely := poisson_tail(now, usual)) < LEVEL:
                found.append((likely, -days, Irregularity(source, "silent", end - span, now, usual)))
    return min(found)[2] if found else None


def _count(seen: Sequence[datetime], after: datetime, until: datetime) -> int:
    return bisect_right(seen, until) - bisect_right(seen, after)


def poisson_tail(count: int, mean: float) -> float:
    """How likely `count` or fewer are where `mean` are usual.

    >>> round(poisson_tail(0, 9.0), 6), round(poisson_tail(2, 2.0), 4)
    (0.000123, 0.6767)
    """
    term = total = exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return min(1.0, total)


def _lost(run: Run) -> int:
    return run.counts.get("sources_failed", 0)
