"""Crawler traps that one URL does not show: only many of them together do. One `Traps` serves one run of one source.

A site without end is mostly no malice: a calendar that always has a next month, a list that can be sorted and filtered
in every way, a server that answers to every name.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from newsarchive.discovery.filter import Refusal
from newsarchive.discovery.spans import archive_span, day_of

if TYPE_CHECKING:
    from newsarchive.dates import Span

MAX_HOSTS: Final = 50
"""Hosts of one source in one run; large publishers have about ten that hold articles."""
MAX_QUERY_SHAPES: Final = 20
"""Sets of parameter names of one path. An article's number is one name, however many numbers there are."""
_MOST_PATHS: Final = 20_000
"""Paths whose sets are kept; a path that is pushed out begins anew."""
_AHEAD: Final = timedelta(days=2)
"""A page of tomorrow, in the zone where the day begins first, published ahead of time."""


class Traps:
    """Remembers what a run has met."""

    def __init__(self, *, now: datetime | None = None) -> None:
        self._latest = (now or datetime.now(UTC)) + _AHEAD
        self._hosts: set[str] = set()
        self._shapes: defaultdict[str, set[str]] = defaultdict(set)

    def refusal(self, url: str) -> Refusal | None:
        """Why an article's URL is not wanted in this run, or None where it is; it must be a web URL."""
        if self._is_ahead(day_of(url)):
            return Refusal.IN_THE_FUTURE
        split = urlsplit(url)
        if not self._is_host(split.netloc):
            return Refusal.TOO_MANY_HOSTS
        if split.query and not self._is_shape(f"{split.netloc}{split.path}", split.query):
            return Refusal.QUERY_EXPLOSION
        return None

    def is_ahead(self, url: str) -> bool:
        """Whether an archive page is of a time that has not come."""
        return self._is_ahead(archive_span(url))

    def _is_ahead(self, span: Span | None) -> bool:
        return span is not None and span.start is not None and span.start > self._latest

    def _is_host(self, host: str) -> bool:
        if host not in self._hosts and len(self._hosts) < MAX_HOSTS:
            self._hosts.add(host)
        return host in self._hosts

    def _is_shape(self, path: str, query: str) -> bool:
        if path not in self._shapes and len(self._shapes) >= _MOST_PATHS:
            del self._shapes[next(iter(self._shapes))]
        shapes = self._shapes[path]
        shape = "&".join(sorted(pair.partition("=")[0] for pair in query.split("&")))
        if shape not in shapes and len(shapes) < MAX_QUERY_SHAPES:
            shapes.add(shape)
        return shape in shapes
