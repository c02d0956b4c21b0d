"""What one crawl of one source holds open: the archive, its lock, the WARC writer, the run and its counts."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from newsarchive.archive import Archive
from newsarchive.crawl.backlog import Backlog
from newsarchive.crawl.keeping import Keeper
from newsarchive.crawl.logs import event
from newsarchive.dates import utc_now
from newsarchive.errors import ArchiveLocked, CrawlOverlaps
from newsarchive.models import Candidate, Origin, Role, Via
from newsarchive.storage import Due, Recheck
from newsarchive.urls import canonicalise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from scrapy import Request

    from newsarchive.models import Payload, RecheckPlan
    from newsarchive.settings import RecheckSettings
    from newsarchive.storage import ReadAs
    from newsarchive.warc import Exchange

_log = logging.getLogger(__name__)

MAX_REDIRECTS: Final = 5
"""Redirects from one page to the next that are followed, as RFC 9309 asks for robots files."""
ORIGIN: Final = "newsarchive_origin"
"""The key of `request.meta` that holds a request's `Origin`; robots files have none."""


LEFT_OUT: Final = "left_out"
"""What a run counts its candidates under that are opted out or were withdrawn."""


_Row = TypeVar("_Row", Due, Recheck)


class Session:
    """Writes what one crawl of one source fetches; it is the spider's capture sink.

    Raises:
        CrawlOverlaps: another process crawls this source.
        UnknownSource: the settings do not list it, and no description was given.
    """

    def __init__(
        self, folder: Path, source: str, *, recheck: RecheckSettings, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.source = source
        self.counts: Counter[str] = Counter()
        self.counts["sources_read"] = 0  # a run that read none is no look at the news, and says so
        self._most_rechecks = recheck.max_pages
        self._stack = ExitStack()
        try:
            self.archive = self._stack.enter_context(Archive(folder, mode="rw", clock=clock))
            self._stack.enter_context(_crawling(self.archive, source))
            self._keeper = Keeper.of(folder, clock=clock)
            self._stack.callback(self._keeper.leave)
        except BaseException:
            self._stack.close()
            raise
        plan = _plan(self.archive, source, recheck)
        self.archive.frontier.rechecks.follow(source, plan)
        self._keeper.follow(source, plan)
        self._run = self.archive.runs.begin(source)
        self._backlog = Backlog(self.archive.count_waiting, bound=self.archive.settings.crawl.max_backlog)
        self._left_out: set[str] = set()

    @property
    def run_id(self) -> int:
        """The number of this run."""
        return self._run

    def watch(self, is_receiving: Callable[[], bool]) -> None:
        """Be told how to find out whether answers are on their way; see `Keeper.watching`."""
        self._stack.enter_context(self._keeper.watching(is_receiving))

    async def store(self, exchange: Exchange, request: Request) -> None:
        """Keep an exchange; see `CaptureSink`."""
        origin = request.meta.get(ORIGIN) or Origin(role=Role.DISCOVERY, source=self.source)
        capture = await self._keeper.keep(exchange, origin)
        if capture is None:
            self.counts[LEFT_OUT] += 1
            return
        name = "unchanged" if capture.revisit else "captured"
        self.counts[name] += 1
        event(
            _log,
            logging.INFO,
            name,
            source=self.source,
            role=str(origin.role),
            status=capture.status,
            bytes=len(exchange.body),
            url=exchange.url,
        )

    def offer(self, candidates: Iterable[Candidate]) -> int:
        """Put candidates on the frontier; how many are to be fetched that were not before."""
        queued = self.archive.frontier.offer(self.source, unbarred(self.archive, candidates, self.counts))
        self.counts["queued"] += queued
        return queued

    def due(self, *, limit: int, excluding: Collection[str]) -> tuple[Due, ...]:
        """Pages to fetch now: those that are new first, then rechecks, as many as the settings allow.

        What is opted out stays on the frontier: it is fetched once it is opted in again.
        """
        frontier = self.archive.frontier
        new = self._open(frontier.due, limit=limit, excluding=excluding)
        left = min(limit - len(new), self._most_rechecks - self.counts["rechecks"])
        if left <= 0:
            return new
        again = self._open(frontier.rechecks.due, limit=left, excluding=excluding)
        self.counts["rechecks"] += len(again)
        return (*new, *(Due(one.url, one.via, one.found_at, 0) for one in again))

    def now(self) -> datetime:
        """The moment by the archive's clock."""
        return self.archive.now()

    def waiting(self) -> int:
        """How many candidates wait on the frontier."""
        return self.archive.frontier.counts(self.source).queued

    def _open(
        self, ask: Callable[..., tuple[_Row, ...]], *, limit: int, excluding: Collection[str]
    ) -> tuple[_Row, ...]:
        """What is due and may be fetched; the rest is counted, and not asked for again in this run."""
        while True:
            found = ask(self.source, limit=limit, excluding={*excluding, *self._left_out})
            barred = {due.url for due in found if self.archive.bar_of(due.url)}
            if not barred:
                return found
            self._left_out |= barred
            self.counts[LEFT_OUT] += len(barred)

    def bar_of(self, url: str) -> str | None:
        """Why a URL is not to be fetched, for a person; None where it may be."""
        bar = self.archive.bar_of(url)
        return str(bar) if bar else None

    def is_held(self) -> bool:
        """Whether so many captures wait to be read that no further page should be fetched now."""
        held = self._backlog.holds()
        if held:
            self.counts["backlog"] = self._backlog.waiting
        else:  # it is no count of the run, and told only while it lasts
            self.counts.pop("backlog", None)
        return held

    def failed(self, url: str, problem: str, *, final: bool = False) -> None:
        """Note that a candidate gave no answer."""
        self.archive.frontier.failed(self.source, url, problem=problem, final=final)
        self.counts["failed"] += 1
        event(_log, logging.INFO, "failed", source=self.source, url=url, problem=problem)

    def postpone(self, url: str, problem: str, *, wait: timedelta) -> None:
        """Note that a candidate could not be asked for now, through no fault of its own."""
        self.archive.frontier.postpone(self.source, url, wait=wait, problem=problem)
        self.counts["postponed"] += 1
        event(_log, logging.INFO, "postponed", source=self.source, url=url, problem=problem, wait=wait.total_seconds())

    def offer_part(self, url: str, *, of: str) -> None:
        """Put a further page of an article on the frontier, again where it was fetched before."""
        self.offer([Candidate(url=canonicalise(url), via=Via.PART, found_at=of, modified=self.now())])

    def known(self, urls: Iterable[str]) -> set[str]:
        """Those of some URLs that are on the frontier, fetched or not."""
        return self.archive.harvests.known(self.source, urls)

    def redirected_from(self, url: str) -> tuple[str, ...]:
        """The URLs that redirected to one, nearest first."""
        return self.archive.harvests.redirected_from(self.source, url, most=MAX_REDIRECTS + 1)

    def was_read(self, url: str, read_as: ReadAs) -> datetime | None:
        """When a document was asked for that was then read in full."""
        return self.archive.harvests.was_read(self.source, url, read_as)

    def note_read(self, url: str, read_as: ReadAs, *, at: datetime | None) -> None:
        """Note that a document was read in full."""
        self.archive.harvests.note_read(self.source, url, read_as, at=at)

    def is_open(self, section: str) -> bool:
        """Whether an earlier run ended while it was following the pages of a section."""
        return self.archive.harvests.is_open(self.source, section)

    def note_open(self, section: str, *, is_open: bool) -> None:
        """Note that the pages of a section are being followed, or that they were followed to the end."""
        self.archive.harvests.note_open(self.source, section, is_open=is_open)

    def validators(self, url: str) -> dict[str, str]:
        """Headers that ask for a page only if it changed since its newest capture (RFC 9110, section 13.1)."""
        etag, last_modified = self._keeper.validators(url)
        named = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        return {name: value for name, value in named.items() if value}

    def stored(self, url: str) -> Payload | None:
        """The bytes of a URL's newest capture."""
        known = self._keeper.latest(url)
        return self.archive.payload(known.record_id) if known else None

    def close(self, outcome: str) -> None:
        """Note how the run ended and let go of everything."""
        self.counts.pop("backlog", None)
        try:
            self.archive.runs.finish(self._run, outcome=outcome, counts=self.counts)
        finally:
            self._stack.close()


@contextmanager
def _crawling(archive: Archive, source: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(archive.lock(f"crawl-{source}"))
        except ArchiveLocked as error:
            raise CrawlOverlaps(error.message, tip=error.tip) from error
        yield


class Planned(NamedTuple):
    """A page that a crawl would fetch."""

    candidate: Candidate
    why: str


class Rehearsal:
    """A session of a dry run: it keeps what would be fetched, and writes nothing."""

    def __init__(
        self, folder: Path, source: str, *, recheck: RecheckSettings, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.source = source
        self.counts: Counter[str] = Counter()
        self._planned: dict[str, Planned] = {}
        self._archive = Archive(folder, mode="rw", clock=clock)
        rechecks = self._archive.frontier.rechecks
        rechecks.follow(source, _plan(self._archive, source, recheck), keep=False)
        self.rechecks = rechecks.due(source, limit=recheck.max_pages)

    def plan(self, *, limit: int) -> tuple[Planned, ...]:
        """What would be fetched, in its order: what the sources name now, and what waits since earlier runs."""
        for due in self._archive.frontier.due(self.source, limit=limit):
            candidate = Candidate(url=due.url, via=due.via, found_at=due.found_at)
            self._planned.setdefault(due.url, Planned(candidate, self._why(candidate)))
        now = self.now()
        ordered = sorted(self._planned.values(), key=lambda one: one.candidate.url)
        ordered.sort(key=lambda one: one.candidate.published or one.candidate.modified or now, reverse=True)
        self.counts["over_the_limit"] = max(0, len(ordered) - limit)
        return tuple(ordered[:limit])

    async def store(self, exchange: Exchange, request: Request) -> None:
        """Pass over an exchange."""

    def offer(self, candidates: Iterable[Candidate]) -> int:
        """Note the candidates that are not fetched yet; how many there are."""
        before = len(self._planned)
        for candidate in unbarred(self._archive, candidates, self.counts):
            if not self._archive.frontier.is_settled(self.source, candidate):
                self._planned.setdefault(candidate.url, Planned(candidate, self._why(candidate)))
        self.counts["queued"] = len(self._planned)
        return len(self._planned) - before

    def _why(self, candidate: Candidate) -> str:
        standing = self._archive.harvests.standing(self.source, candidate.url)
        if standing is None:
            return "new"
        if standing.state != "queued":
            return f"changed since it was fetched on {(standing.fetched_at or '')[:16]}"
        if standing.problem:
            return f"once more, after {standing.attempts} tries: {standing.problem}"
        return "changed since it was fetched" if standing.fetched_at else "waits since an earlier run"

    def due(self, *, limit: int, excluding: Collection[str]) -> tuple[Due, ...]:  # noqa: ARG002 - as Session
        """Nothing: a dry run fetches no article."""
        return ()

    def now(self) -> datetime:
        """The moment by the archive's clock."""
        return self._archive.now()

    def waiting(self) -> int:
        """None; `plan` tells what waits."""
        return 0

    def bar_of(self, url: str) -> str | None:
        """As Session."""
        bar = self._archive.bar_of(url)
        return str(bar) if bar else None

    def is_held(self) -> bool:
        """Never: nothing is captured."""
        return False

    def failed(self, url: str, problem: str, *, final: bool = False) -> None:
        """Nothing is fetched."""

    def postpone(self, url: str, problem: str, *, wait: timedelta) -> None:
        """Nothing is fetched."""

    def known(self, urls: Iterable[str]) -> set[str]:
        """As in a crawl, with what this dry run has planned."""
        wanted = list(urls)
        return self._archive.harvests.known(self.source, wanted) | (self._planned.keys() & wanted)

    def offer_part(self, url: str, *, of: str) -> None:
        """Nothing is fetched."""

    def redirected_from(self, url: str) -> tuple[str, ...]:  # noqa: ARG002 - as Session
        """Nothing is fetched."""
        return ()

    def was_read(self, url: str, read_as: ReadAs) -> datetime | None:
        """As in a crawl."""
        return self._archive.harvests.was_read(self.source, url, read_as)

    def note_read(self, url: str, read_as: ReadAs, *, at: datetime | None) -> None:
        """Nothing is noted."""

    def is_open(self, section: str) -> bool:
        """As in a crawl."""
        return self._archive.harvests.is_open(self.source, section)

    def note_open(self, section: str, *, is_open: bool) -> None:
        """Nothing is noted."""

    def validators(self, url: str) -> dict[str, str]:  # noqa: ARG002 - as Session
        """None: a dry run reads every source."""
        return {}

    def stored(self, url: str) -> Payload | None:  # noqa: ARG002 - as Session
        """None is needed, since no request is conditional."""
        return None

    def close(self, outcome: str) -> None:
        """Keep the archive open, which the plan is still to be read from; see `release`."""

    def release(self) -> None:
        """Let go of the archive."""
        self._archive.close()


class Waiting(Rehearsal):
    """The session of a crawl outside of its source's hours: it fetches nothing and is no run."""

    opens_at: datetime


def _plan(archive: Archive, source: str, recheck: RecheckSettings) -> RecheckPlan:
    if not recheck.adaptive:
        return recheck.plan
    looks, changes = archive.frontier.rechecks.findings(source)
    return recheck.plan.adapted(looks=looks, changes=changes)


def unbarred(archive: Archive, candidates: Iterable[Candidate], counts: Counter[str]) -> Iterator[Candidate]:
    """The candidates that may be fetched; the others are counted."""
    for candidate in candidates:
        if archive.bar_of(candidate.url):
            counts[LEFT_OUT] += 1
        else:
            yield candidate
