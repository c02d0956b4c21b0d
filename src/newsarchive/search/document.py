"""What the index gets of an article. The words of the body are indexed; the body itself is kept in the store only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.models.query import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article as the index sees it."""

    id: str
    """At most 16 ASCII characters."""
    url: str
    headline: str
    body: str
    first_seen: datetime
    last_seen: datetime
    published: datetime | None = None
    """Aware; None where the page does not tell."""
    category: str | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Every name that finds it: the source's name, its host, the name that the site gives itself."""
    tags: tuple[str, ...] = ()
    language: str | None = None
    word_count: int = 0
    versions: int = 1
    changed: datetime | None = None
    """When its newest change of headline or text was seen."""
    states: tuple[State, ...] = ()
