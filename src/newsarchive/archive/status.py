"""How an archive stands: what it holds, what waits, and what each source did last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsarchive.archive import drift, regularity
from newsarchive.search import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.holdings import Holdings
    from newsarchive.models import CaptureState
    from newsarchive.search import EngineName, Stamp
    from newsarchive.storage import FrontierCounts, Run


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source of the settings, or one that only the records know."""

    name: str
    articles: int
    frontier: FrontierCounts
    last_run: Run | None
    last_success: datetime | None
    """When the newest crawl that read one of its lists began; None where none of the newest 60 did."""
    next_due: datetime | None
    """When the next page is due, a new one or one to look at again, which may have passed; None where there is none."""
    failures: dict[str, int]
    """Pages that gave no answer when they were last asked for, by kind: `timeout`, `dns`, `status-503` and so on."""
    is_crawled: bool
    """Whether the settings list it or a crawl fetched it; False for one that is known from imports alone."""
    newest: drift.Yield | None
    """What its newest runs gave; None where no run brought anything."""
    usual: drift.Yield | None
    """What runs before those gave."""
    alarms: tuple[drift.Alarm | regularity.Irregularity, ...]
    """What its pages gave or its crawls did before, and do not any more."""


@dataclass(frozen=True, slots=True)
class Status:
    """How an archive stands."""

    articles: int
    versions: int
    captures: dict[CaptureState, int]
    problems: dict[str, int]
    """Rejected captures by problem code; a capture with two problems counts under both."""
    not_indexed: int
    """Articles that changed since the index last saw them."""
    engine: EngineName | None
    """What made the search index; None where there is none of this version."""
    sources: tuple[SourceStatus, ...]

    @property
    def alarms(self) -> tuple[drift.Alarm | regularity.Irregularity, ...]:
        """The alarms of all sources."""
        return tuple(alarm for source in self.sources for alarm in source.alarms)

    @property
    def captures_rejected(self) -> int:
        """Captures that were kept but are no articles."""
        from newsarchive.models import CaptureState  # noqa: PLC0415 - as in `Holdings.settings`

        return self.captures[CaptureState.REJECTED]


def status_of(holdings: Holdings, *, now: datetime | None = None) -> Status:
    """Count what an archive holds."""
    articles, versions = holdings.articles.counts()
    by_source = holdings.articles.counts_by_source()
    names = dict.fromkeys([*holdings.settings.sources, *holdings.runs.sources(), *by_source])
    now = now or holdings.database.now()
    seen = stamp(holdings.index_folder)
    return Status(
        articles=articles,
        versions=versions,
        captures=holdings.captures.counts(),
        problems=holdings.captures.problem_counts(),
        not_indexed=_not_indexed(holdings, seen),
        engine=seen.engine if seen else None,
        sources=tuple(_source(holdings, name, by_source.get(name, 0), now) for name in names),
    )


def _source(holdings: Holdings, name: str, articles: int, now: datetime) -> SourceStatus:
    crawls = holdings.runs.newest_first(name, limit=regularity.RUNS_LOOKED_AT)
    runs = drift.history_of(holdings.yields.newest_first(name)) if crawls else ()
    newest, usual = drift.newest_and_usual(runs)
    success = regularity.last_success(crawls)
    return SourceStatus(
        name=name,
        articles=articles,
        frontier=holdings.frontier.counts(name),
        last_run=crawls[0] if crawls else None,
        last_success=success.started_at if success else None,
        next_due=_next_due(holdings, name),
        failures=holdings.frontier.problem_counts(name),
        is_crawled=bool(crawls) or name in holdings.settings.sources,
        newest=newest,
        usual=usual,
        alarms=(
            *regularity.judge(name, crawls, _first_seen(holdings, name, crawls, now), now=now),
            *(_with_example(holdings, alarm) for alarm in drift.judge(name, runs, now=now)),
        ),
    )


def _next_due(holdings: Holdings, name: str) -> datetime | None:
    dues = holdings.frontier.next_due(name), holdings.frontier.rechecks.next_due(name)
    return min((due for due in dues if due), default=None)


def _first_seen(holdings: Holdings, name: str, crawls: tuple[Run, ...], now: datetime) -> tuple[datetime, ...]:
    return holdings.articles.first_seen(name, since=now - regularity.horizon()) if crawls else ()


def _with_example(holdings: Holdings, alarm: drift.Alarm) -> drift.Alarm:
    example = holdings.yields.example(
        alarm.runs,
        lacking=alarm.subject if alarm.kind == "field" else None,
        problem=alarm.subject if alarm.kind == "rejected" else None,
        below=None if alarm.median_before is None else drift.HALF * alarm.median_before,
    )
    return replace(alarm, example=example)


def _not_indexed(holdings: Holdings, seen: Stamp | None) -> int:
    after = seen.revision if seen and seen.generation == holdings.database.generation else 0
    return holdings.articles.count_changed_since(after)
