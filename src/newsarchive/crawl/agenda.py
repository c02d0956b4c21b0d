"""The documents that a run has still to read, best first, and those that it leaves out, each with its reason."""

from __future__ import annotations

import heapq
import itertools
import logging
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from newsarchive.crawl.logs import event
from newsarchive.discovery import archive_span, archive_spans
from newsarchive.storage import ReadAs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.crawl.session import Rehearsal, Session
    from newsarchive.discovery import SitemapRef, Traps, Window

_MOST_WAITING: Final = 100_000
"""Documents that wait; an index of the largest size names 50,000."""
_CLOCKS_DIFFER: Final = timedelta(hours=1)
"""A server's clock may be behind ours: a document that it dates within this time of our reading is read again."""
_NEWS: Final = re.compile(r"news", re.IGNORECASE)
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What a document should be."""

    SITEMAP = "sitemap"
    FEED = "feed"
    LISTING = "listing"


class Skip(StrEnum):
    """Why a document is not read in this run."""

    UNCHANGED = "unchanged"
    """Its index dates it before the last time that it was read in full."""
    OUTSIDE_THE_SPAN = "outside-the-span"
    ENOUGH = "enough"
    """What newer documents named is as much as this run fetches."""
    TOO_DEEP = "too-deep"
    TOO_MANY = "too-many"
    IN_THE_FUTURE = "in-the-future"


class Step(NamedTuple):
    """A document to fetch, and how it was come by."""

    url: str
    kind: Kind
    depth: int = 0
    """Indexes above a sitemap, or pages of the section before this one."""
    found_at: str | None = None
    archive_depth: int = 0
    """Archive pages above this one."""
    section: str = ""
    """The first page of the section that this is a further page of."""
    resumed: bool = False
    """Whether pages are followed though they name nothing new: an earlier run broke off among them."""
    changed_by: datetime | None = None
    """The latest moment at which it was changed, as its index says."""


class Agenda:
    """The documents of one run of one source."""

    def __init__(self, window: Window, session: Session | Rehearsal, *, rules: str, most: int) -> None:
        """Make an agenda.

        Args:
            window: the time that is asked for.
            session: the run.
            rules: a name for what is wanted: a document that was read under other rules is read again.
            most: documents that are read; a nested bomb of indexes queued 86,001 in a measurement.
        """
        self._window = window
        self._session = session
        self._rules = rules
        self._most = most
        self._seen: set[str] = set()
        self._heap: list[tuple[int, timedelta, int, Step]] = []
        self._serial = itertools.count()
        self._taken = 0

    def add(self, steps: Iterable[Step], *, newest: datetime = _LONG_AGO) -> None:
        """Plan documents, each once; of those that are equally good the newest comes first."""
        for step in steps:
            if step.url in self._seen:
                continue
            if len(self._heap) >= _MOST_WAITING:
                self.skip(step.url, Skip.TOO_MANY)
                continue
            self._seen.add(step.url)
            heapq.heappush(self._heap, (_rank(step), _LONG_AGO - newest, next(self._serial), step))

    def add_children(self, children: Sequence[SitemapRef], like: Step) -> None:
        """Plan the parts of a sitemap index that may name something that is not known yet."""
        spans = archive_spans(child.url for child in children)
        for child in children:
            span = spans[child.url]
            if not self._window.may_be_in(span, changed=child.changed_by):
                self.skip(child.url, Skip.OUTSIDE_THE_SPAN)
            elif child.changed_by and self._is_unchanged(child.url, child.changed_by):
                self.skip(child.url, Skip.UNCHANGED)
            else:
                newest = child.modified or (span.start if span else None) or _LONG_AGO
                self.add([like._replace(url=child.url, changed_by=child.changed_by)], newest=newest)

    def add_archives(self, steps: Iterable[Step], traps: Traps) -> None:
        """Plan the archive pages of the time that is asked for."""
        for step in steps:
            span = archive_span(step.url)
            if traps.is_ahead(step.url):
                self.skip(step.url, Skip.IN_THE_FUTURE)
            elif not self._window.may_be_in(span, changed=None):
                self.skip(step.url, Skip.OUTSIDE_THE_SPAN)
            else:
                self.add([step], newest=(span.start if span else None) or _LONG_AGO)

    def take(self, *, enough: bool) -> Step | None:
        """The best document that waits; None if there is none. Where there is `enough`, only those named first."""
        while self._heap:
            *_, step = heapq.heappop(self._heap)
            if enough and (step.depth or step.archive_depth):
                self.skip(step.url, Skip.ENOUGH)
            elif self._taken >= self._most:
                self.skip(step.url, Skip.TOO_MANY)
            else:
                self._taken += 1
                return step
        return None

    def _is_unchanged(self, url: str, dated: datetime) -> bool:
        """Whether a document was read in full with this date, and after it.

        Not by our clock alone: an index may get a date that is later than the one before, yet long past.
        """
        read_at = self._session.was_read(url, ReadAs(dated, self._rules))
        return read_at is not None and dated + _CLOCKS_DIFFER <= read_at

    def note_read(self, url: str, *, dated: datetime, at: datetime | None) -> None:
        """Note that everything that a document names is on the frontier, as it was at a time."""
        self._session.note_read(url, ReadAs(dated, self._rules), at=at)

    def skip(self, url: str, reason: Skip) -> None:
        """Count a document that is not read."""
        self._session.counts["not_read"] += 1
        self._session.counts[f"not_read.{reason}"] += 1
        event(_log, logging.INFO, "not-read", source=self._session.source, url=url, problem=reason)


def _rank(step: Step) -> int:
    """News sitemaps and feeds, other sitemaps, the parts of indexes, section pages."""
    if step.kind is Kind.LISTING:
        return 3
    if step.kind is Kind.FEED or (not step.depth and _NEWS.search(urlsplit(step.url).path)):
        return 0
    return 2 if step.depth else 1
