"""How an archive stands: what it holds, what waits, and what each source did last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive.search import stamp

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.models import CaptureState
    from newsarchive.storage import FrontierCounts, Run


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source of the settings, or one that only the records know."""

    name: str
    articles: int
    frontier: FrontierCounts
    last_run: Run | None
    is_crawled: bool
    """Whether the settings list it or a crawl fetched it; False for one that is known from imports alone."""


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
    sources: tuple[SourceStatus, ...]

    @property
    def captures_rejected(self) -> int:
        """Captures that were kept but are no articles."""
        from newsarchive.models import CaptureState  # noqa: PLC0415 - as in `Holdings.settings`

        return self.captures[CaptureState.REJECTED]


def status_of(holdings: Holdings) -> Status:
    """Count what an archive holds."""
    articles, versions = holdings.articles.counts()
    by_source = holdings.articles.counts_by_source()
    names = dict.fromkeys([*holdings.settings.sources, *holdings.runs.sources(), *by_source])
    return Status(
        articles=articles,
        versions=versions,
        captures=holdings.captures.counts(),
        problems=holdings.captures.problem_counts(),
        not_indexed=_not_indexed(holdings),
        sources=tuple(
            SourceStatus(
                name=name,
                articles=by_source.get(name, 0),
                frontier=holdings.frontier.counts(name),
                last_run=(run := holdings.runs.latest(name)),
                is_crawled=run is not None or name in holdings.settings.sources,
            )
            for name in names
        ),
    )


def _not_indexed(holdings: Holdings) -> int:
    seen = stamp(holdings.index_folder)
    after = seen.revision if seen and seen.generation == holdings.database.generation else 0
    return holdings.articles.count_changed_since(after)
