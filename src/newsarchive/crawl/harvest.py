"""Reads the documents that name articles, and says which further ones to fetch. It asks for nothing itself."""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.crawl.logs import event
from newsarchive.discovery import Feed, Listing, Sitemap, parse_feed, parse_listing, parse_sitemap
from newsarchive.errors import NewsarchiveError
from newsarchive.urls import canonicalise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from newsarchive.crawl.session import Rehearsal, Session
    from newsarchive.discovery import Filter
    from newsarchive.models import Candidate
    from newsarchive.settings import SourceSettings

MAX_SITEMAPS: Final = 500
"""Sitemaps read in one run; a nested bomb of indexes queued 86,001 in a measurement."""
MAX_SITEMAP_DEPTH: Final = 2
"""An index may name sitemaps and, against the protocol yet seen, other indexes."""
MAX_LISTING_PAGES: Final = 50
"""Pages of one section that are followed while each names something new."""

_log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What a document should be."""

    SITEMAP = "sitemap"
    FEED = "feed"
    LISTING = "listing"


_PARSERS: Final[Mapping[Kind, Callable[..., Sitemap | Feed | Listing]]] = {
    Kind.SITEMAP: parse_sitemap,
    Kind.FEED: parse_feed,
    Kind.LISTING: parse_listing,
}


class Step(NamedTuple):
    """A document to fetch, and how it was come by."""

    url: str
    kind: Kind
    depth: int = 0
    found_at: str | None = None


class Harvest:
    """Collects the candidates of one source in one run."""

    def __init__(
        self, source: SourceSettings, *, wanted: Filter, since: datetime | None, session: Session | Rehearsal
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._since = since
        self._session = session
        self._asked: set[str] = set()

    def first_steps(self) -> Iterator[Step]:
        """The documents that the source names; its home page where it names none."""
        steps = [
            *(Step(url, Kind.SITEMAP) for url in self._source.sitemaps),
            *(Step(url, Kind.FEED) for url in self._source.feeds),
            *(Step(url, Kind.LISTING) for url in self._source.sections),
        ]
        yield from self._new(steps or [Step(self._source.url, Kind.LISTING)])

    async def read(self, status: int, body: bytes, *, url: str, step: Step) -> AsyncIterator[Step]:
        """Put the candidates of a document on the frontier; the documents to fetch next.

        An unchanged document (304) is read from the archive: a run that was killed may have captured it without
        reading it.
        """
        if status == HTTPStatus.NOT_MODIFIED:
            stored = self._session.stored(step.url)
            body = stored.body if stored else b""
        try:
            # A sitemap of the largest size takes five seconds, which the reactor must not wait for.
            read = await asyncio.to_thread(_PARSERS[step.kind], body, url=url)
        except NewsarchiveError as error:
            self.lose(step.url, error.message)
            return
        self._session.counts["sources_read"] += 1
        offered = self._session.offer(self._chosen(read.candidates))
        event(_log, logging.INFO, "read", source=self._session.source, kind=step.kind, queued=offered, url=step.url)
        for further in self._new(self._follow(read, offered=offered, url=url, step=step)):
            yield further

    def lose(self, url: str, problem: str) -> None:
        """Count a document that could not be fetched or read."""
        self._session.counts["sources_failed"] += 1
        event(_log, logging.WARNING, "unread", source=self._session.source, url=url, problem=problem)

    def _follow(self, read: Sitemap | Feed | Listing, *, offered: int, url: str, step: Step) -> Iterator[Step]:
        """The sitemaps of an index, or the next page of a listing that named something new."""
        if isinstance(read, Sitemap) and step.depth < MAX_SITEMAP_DEPTH:
            for child in read.children:
                if self._is_recent(child.modified):
                    yield Step(child.url, Kind.SITEMAP, step.depth + 1, url)
        elif isinstance(read, Listing) and offered and read.next_page and step.depth < MAX_LISTING_PAGES:
            yield Step(read.next_page, Kind.LISTING, step.depth + 1, url)

    def _new(self, steps: Iterable[Step]) -> Iterator[Step]:
        for step in steps:
            if step.url not in self._asked and len(self._asked) < MAX_SITEMAPS:
                self._asked.add(step.url)
                yield step

    def _chosen(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        for candidate in candidates:
            if reason := self._wanted.refusal(candidate.url, via=candidate.via):
                self._session.counts["passed_over"] += 1
                _log.debug("%s: passed over: %s", candidate.url, reason)
            elif self._is_recent(candidate.modified or candidate.published):
                yield candidate.model_copy(update={"url": canonicalise(candidate.url)})

    def _is_recent(self, at: datetime | None) -> bool:
        return self._since is None or at is None or at >= self._since
