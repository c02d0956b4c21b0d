"""The answer to a query, as far as it does not need the archive: one hit, one count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that answers a query."""

    id: str
    url: str
    headline: str
    category: str | None
    published: datetime | None
    """Aware, with the zone that the page gave."""
    source: str
    authors: tuple[str, ...]
    language: str | None
    word_count: int
    versions: int
    """How many versions the archive holds."""
    snippet: str
    """Plain text around the words that matched."""
    marks: tuple[tuple[int, int], ...]
    """Where the snippet matched: (start, end) in characters of `snippet`."""
    score: float
    """Comparable within one answer only; 0 where the answer is not sorted by relevance."""
    headline_marks: tuple[tuple[int, int], ...] = ()
    """Where the headline matched: (start, end) in characters of `headline`."""
    copies: int = 0
    """Copies of this article that answer as well and are folded under it; 0 where copies are not folded."""

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values; `published` is ISO 8601 with the page's zone."""
        record = asdict(self)
        record["published"] = self.published.isoformat() if self.published else None
        return record


@dataclass(frozen=True, slots=True)
class Page:
    """Some hits of an answer, and where the next ones begin."""

    hits: tuple[Hit, ...]
    total: int
    """All articles that answer, folded copies too."""
    folded: int
    """How many of these are folded under another as its copy."""
    next: str | None
    """The cursor of the next page; None on the last one."""
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    """By facet that was asked for, each value and how many of all articles that answer have it."""
