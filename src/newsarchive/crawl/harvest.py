"""Reads the documents that name articles, and says which further ones to fetch. It asks for nothing itself.

News sitemaps and feeds come first, then the other sitemaps, the newest part of an index before the older ones, then
section pages. What need not be read is not asked for: a part of an index that has not changed since it was read, one
that cannot hold the time that is asked for, and older parts once there is enough to fetch for this run.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.crawl.agenda import Agenda, Kind, Skip, Step
from newsarchive.crawl.logs import event
from newsarchive.digests import text_digest
from newsarchive.discovery import (
    Feed,
    Filter,
    Listing,
    Refusal,
    Sitemap,
    Traps,
    Window,
    parse_feed,
    parse_listing,
    parse_sitemap,
)
from newsarchive.errors import NewsarchiveError
from newsarchive.folding import article_key, plain_form, spellings
from newsarchive.urls import canonicalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from newsarchive.crawl.session import Rehearsal, Session
    from newsarchive.models import Candidate
    from newsarchive.settings import SourceSettings

MAX_SITEMAP_DEPTH: Final = 2
"""An index may name sitemaps and, against the protocol yet seen, other indexes."""
MAX_ARCHIVE_DEPTH: Final = 3
"""A list of years leads to one of months, that to one of days."""
MAX_LISTING_PAGES: Final = 50
"""Pages of one section that are followed while each names something new."""
_AT_ONCE: Final = 500
"""Candidates put on the frontier in one go, some 20 ms; between two of them the reactor has its turn."""

_log = logging.getLogger(__name__)

_PARSERS: Final[Mapping[Kind, Callable[..., Sitemap | Feed | Listing]]] = {
    Kind.SITEMAP: parse_sitemap,
    Kind.FEED: parse_feed,
    Kind.LISTING: parse_listing,
}


class Harvest:
    """Collects the candidates of one source in one run."""

    def __init__(
        self,
        source: SourceSettings,
        *,
        wanted: Filter,
        window: Window,
        session: Session | Rehearsal,
        limit: int,
        most: int,
    ) -> None:
        """Make a harvest.

        Args:
            source: where the source lists its articles.
            wanted: its rules.
            window: the time that is asked for.
            session: the run.
            limit: articles that this run fetches; once so many are found, older parts of an archive can wait.
            most: documents that this run reads.
        """
        self._source = source
        self._wanted = wanted
        self._window = window
        self._session = session
        self._limit = limit
        self._traps = Traps(now=session.now())
        rules = text_digest(source.url, *source.include, "", *source.exclude)
        self._agenda = Agenda(window, session, rules=rules, most=most)
        self._asked_at: dict[str, datetime] = {}

    @property
    def needs_robots(self) -> bool:
        """Whether the sitemaps of the robots file are read: the source names nothing, or no sitemap for a back-fill."""
        named = self._source.sitemaps or self._source.feeds or self._source.sections
        return not named or (not self._source.sitemaps and not self._window.is_open)

    def begin(self, named_by_robots: Iterable[str] = ()) -> None:
        """Plan the documents that the source names; its home page and the robots file's sitemaps if it names none."""
        source = self._source
        robots = list(named_by_robots) if self.needs_robots else []
        self._agenda.add(Step(url, Kind.SITEMAP) for url in (*source.sitemaps, *robots))
        self._agenda.add(Step(url, Kind.FEED) for url in source.feeds)
        sections = source.sections or (() if source.sitemaps or source.feeds else (source.url,))
        self._agenda.add(Step(url, Kind.LISTING) for url in sections)

    def next_step(self) -> Step | None:
        """The document to fetch next; None where there is none for now."""
        step = self._agenda.take(enough=self._session.counts["queued"] >= self._limit)
        if step is not None:
            self._asked_at[step.url] = self._session.now()
        return step

    async def read(self, status: int, body: bytes, *, url: str, step: Step) -> None:
        """Put the candidates of a document on the frontier, and plan the documents that it leads to.

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
        offered = await self._offer(read.candidates)
        event(_log, logging.INFO, "read", source=self._session.source, kind=step.kind, queued=offered, url=step.url)
        if isinstance(read, Sitemap):
            self._follow_sitemap(read, url=url, step=step)
        elif isinstance(read, Listing):
            self._follow_listing(read, offered=offered, url=url, step=step)

    def lose(self, url: str, problem: str) -> None:
        """Count a document that could not be fetched or read."""
        self._session.counts["sources_failed"] += 1
        event(_log, logging.WARNING, "unread", source=self._session.source, url=url, problem=problem)

    def pass_over(self, url: str, reason: Refusal) -> None:
        """Count a candidate that is not wanted."""
        self._session.counts["passed_over"] += 1
        self._session.counts[f"passed_over.{reason}"] += 1
        event(_log, logging.INFO, "passed-over", source=self._session.source, url=url, problem=reason)

    def _follow_sitemap(self, read: Sitemap, *, url: str, step: Step) -> None:
        if step.depth < MAX_SITEMAP_DEPTH:
            self._agenda.add_children(read.children, Step(url, Kind.SITEMAP, step.depth + 1, url))
        else:
            for child in read.children:
                self._agenda.skip(child.url, Skip.TOO_DEEP)
        if step.changed_by and not read.children and not read.truncated and self._window.is_open:
            # An index whose date is older than what its part holds does not tell of changes: nothing is built on it.
            told = max((at for one in read.candidates if (at := one.modified or one.published)), default=None)
            honest = told is None or told <= step.changed_by
            at = self._asked_at[step.url] if honest else None
            self._agenda.note_read(step.url, dated=step.changed_by, at=at)

    def _follow_listing(self, read: Listing, *, offered: int, url: str, step: Step) -> None:
        """The next page of a listing that named something new, and on a back-fill the archive pages that it names."""
        if not self._window.is_open and step.archive_depth < MAX_ARCHIVE_DEPTH:
            below = step.archive_depth + 1
            self._agenda.add_archives((Step(one, Kind.LISTING, 0, url, below) for one in read.archives), self._traps)
        section = step.section or step.url
        resumed = step.resumed or (not step.depth and self._session.is_open(section))
        # On a back-fill the first pages may be too new altogether.
        news = offered > 0 or resumed or any(self._window.is_before(one) for one in read.candidates)
        further = self._further(read.next_page, step) if news else None
        if further:
            like = Step(further, Kind.LISTING, step.depth + 1, url, step.archive_depth, section, resumed)
            self._agenda.add([like])
        if further or step.depth or resumed:
            self._session.note_open(section, is_open=further is not None)

    def _further(self, page: str | None, step: Step) -> str | None:
        if page and step.depth >= MAX_LISTING_PAGES:
            self._agenda.skip(page, Skip.TOO_DEEP)
        elif page and self._traps.is_ahead(page):
            self._agenda.skip(page, Skip.IN_THE_FUTURE)
        else:
            return page
        return None

    async def _offer(self, candidates: Iterable[Candidate]) -> int:
        offered, waiting = 0, iter(candidates)
        while some := list(islice(waiting, _AT_ONCE)):
            offered += self._session.offer(self._folded(self._chosen(some)))
            await asyncio.sleep(0)
        return offered

    def _chosen(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        for candidate in candidates:
            url = candidate.url
            if reason := self._wanted.refusal(url, via=candidate.via) or self._traps.refusal(url):
                self.pass_over(url, reason)
            elif not self._window.wants(candidate):
                self.pass_over(url, Refusal.OUTSIDE_THE_SPAN)
            else:
                yield candidate.model_copy(update={"url": canonicalise(url)})

    def _folded(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """Each article once, under the address by which the frontier knows it already."""
        by_key: dict[str, Candidate] = {}
        for candidate in candidates:
            key = article_key(candidate.url)
            other = by_key.get(key)
            if other is None or (plain_form(other.url) != other.url and plain_form(candidate.url) == candidate.url):
                by_key[key] = candidate
        known = self._session.known(candidate.url for candidate in by_key.values())
        for candidate in by_key.values():
            if candidate.url in known:
                yield candidate
                continue
            others = spellings(candidate.url)
            held = self._session.known(others)
            address = next((url for url in others if url in held), candidate.url)
            if address != candidate.url:
                self._session.counts["folded"] += 1
            yield candidate.model_copy(update={"url": address})
