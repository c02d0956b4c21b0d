"""A spider that is a description: who publishes, and where the site lists its articles.

A file in `spiders/` turns into `scrapy crawl NAME` by declaring a subclass:

    from newsarchive.crawl import PublisherSpider

    class HarborPost(PublisherSpider):
        name = "harbor-post"
        url = "https://www.harborpost.example/"
        feeds = ("https://www.harborpost.example/rss.xml",)

A crawl reads the source's sitemaps, feeds and section pages first and puts what they name on the frontier; then it
fetches what is due, newest first. Requests wait in the frontier's table, not in memory.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import scrapy
from scrapy import signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro

from newsarchive import layout
from newsarchive.crawl import telling
from newsarchive.crawl.capture import SINK_ATTRIBUTE, CaptureFailed
from newsarchive.crawl.failures import kind_of, problem_of_status
from newsarchive.crawl.guard import Refused, refusal
from newsarchive.crawl.harvest import Harvest
from newsarchive.crawl.logs import event
from newsarchive.crawl.reasons import reason_of
from newsarchive.crawl.registry import source_of
from newsarchive.crawl.retry import HostClosed, drop_waiting
from newsarchive.crawl.rights import LeftOut
from newsarchive.crawl.robots import Disallowed, RobotsMiddleware
from newsarchive.crawl.session import LEFT_OUT, MAX_REDIRECTS, ORIGIN, Rehearsal, Session, Waiting
from newsarchive.crawl.wire import CLOCK, is_receiving
from newsarchive.dates import Span, parse_span, utc_now
from newsarchive.discovery import Filter, Window
from newsarchive.errors import CrawlOverlaps, SettingsError, UsageError
from newsarchive.further import further_page
from newsarchive.ingest import RuleBook
from newsarchive.models import TRY_LATER, Origin, Role, Via
from newsarchive.settings import RecheckSettings, SourceSettings, load
from newsarchive.urls import absolute, canonicalise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.utils.asyncio import CallLaterResult
    from twisted.python.failure import Failure

    from newsarchive.crawl.agenda import Step
    from newsarchive.models import Rule
    from newsarchive.storage import Due

FOLDER: Final = "NEWSARCHIVE_FOLDER"
"""The Scrapy setting that names the archive folder."""
_WINDOW: Final = 32
"""Article requests under way at once; more would wait in Scrapy's memory instead of the table."""
_HELD_FOR: Final = 1.0
"""Seconds until a crawl that is held looks again whether it may go on."""
_DOCUMENTS: Final = 4
"""Sitemaps, feeds and section pages under way at once: a host gets no more requests at a time than the settings say."""
_DISK_FULL: Final = timedelta(minutes=1)
"""How long a page waits that could not be stored; the crawl closes, so that the next one takes it."""
_ROBOTS_UNKNOWN: Final = timedelta(hours=1)
"""How long a page waits whose host's robots.txt could not be read."""
_NO: Final = frozenset({"", "0", "false"})
HOURS_OVER: Final = "hours-over"
"""How a run ends that was under way when its source's hours ended; what is left waits for the next one."""
_PAGE_STATUSES: Final = list(range(200, 600))
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_log = logging.getLogger(__name__)


class HoursOver(IgnoreRequest):
    """The source's hours ended before the request was sent."""


class PublisherSpider(scrapy.Spider):
    """Crawls one source. The class attributes are the fields of `[sources.NAME]` in newsarchive.toml.

    Arguments of `scrapy crawl NAME -a ...`: `since` and `until` (only candidates of that time), `limit` (articles
    fetched at the most), `dry_run` (read the sources, fetch no article, store nothing), `capture_only` (leave what is
    captured to a later `newsarchive process`).
    """

    url: ClassVar[str] = ""
    title: ClassVar[str] = ""
    sitemaps: ClassVar[tuple[str, ...]] = ()
    feeds: ClassVar[tuple[str, ...]] = ()
    sections: ClassVar[tuple[str, ...]] = ()
    language: ClassVar[str | None] = None
    include: ClassVar[tuple[str, ...]] = ()
    exclude: ClassVar[tuple[str, ...]] = ()
    delay: ClassVar[float | None] = None
    timezone: ClassVar[str] = "UTC"
    window: ClassVar[str | None] = None
    recheck: ClassVar[Mapping[str, Any] | None] = None
    rules: ClassVar[Sequence[Mapping[str, str | Sequence[str]]]] = ()
    """Where the fields of its pages stand, oldest rule first; see `docs/extraction.md`. They are read from the file's
    text, without running it, by whatever extracts a page, so they are written out as literals."""

    session: Session | Rehearsal | Waiting

    def __init__(
        self,
        *,
        since: str = "",
        until: str = "",
        limit: str = "",
        dry_run: str = "",
        capture_only: str = "",
        **arguments: Any,  # noqa: ANN401 - as Scrapy
    ) -> None:
        super().__init__(**arguments)
        self._window = _window(since, until)
        self.limit = int(limit) if limit else 0
        """Articles that this run fetches at the most; 0 until the settings are read."""
        self.rehearses = dry_run not in _NO
        self.captures_only = capture_only not in _NO
        self._under_way: set[str] = set()
        self._documents = 0
        self._held = False
        self._look: CallLaterResult | None = None
        self._fetched = 0
        self._closing: CallLaterResult | None = None
        self._is_over = False

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The description's own delay overrides that of the archive."""
        super().update_settings(settings)
        if cls.delay is not None:
            settings.set("DOWNLOAD_DELAY", cls.delay, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy
        """Open the archive and make the spider its writer; errors as in `Session`."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        folder = Path(crawler.settings[FOLDER])
        try:
            spider.prepare(folder, clock=crawler.settings.get(CLOCK) or utc_now)
        except CrawlOverlaps as error:
            if crawler.settings.getbool(telling.SWITCH):
                raise
            # Scrapy's command would end with 1 and a traceback, as for a spider that is broken.
            sys.stderr.write(f"error: {error.message}\ntip: {error.tip}\n")
            sys.exit(error.exit_code)
        setattr(spider, SINK_ATTRIBUTE, spider.session)
        if isinstance(spider.session, Session):
            spider.session.watch(partial(is_receiving, crawler))
        crawler.signals.connect(spider.feed, signal=signals.spider_idle)
        crawler.signals.connect(spider.finish, signal=signals.spider_closed)
        return spider

    def prepare(self, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Find the source's description and open what the crawl writes to."""
        settings = load(folder / layout.SETTINGS)
        book = RuleBook.read(folder, settings)
        name, source = self.describe(settings.sources)
        self._require_readable(source, book.of(name))
        self.limit = min(self.limit or settings.crawl.max_pages, settings.crawl.max_pages)
        self._wanted = Filter.of(source)
        self._home = source.url
        self._hours = source.hours
        self._clock = clock
        self.session = self._session(folder, name, settings.recheck.but(source.recheck))
        self._harvest = Harvest(
            source,
            wanted=self._wanted,
            window=self._window,
            session=self.session,
            limit=self.limit,
            most=settings.crawl.max_documents,
        )

    def _session(self, folder: Path, name: str, recheck: RecheckSettings) -> Session | Rehearsal:
        now = self._clock()
        if self.rehearses:
            return Rehearsal(folder, name, recheck=recheck, clock=self._clock)
        if self._hours and not self._hours.is_open(now):
            self.rehearses = True
            waiting = Waiting(folder, name, recheck=recheck, clock=self._clock)
            waiting.opens_at = self._hours.next_opening(now).astimezone(self._hours.zone)
            return waiting
        return Session(folder, name, recheck=recheck, clock=self._clock)

    def describe(self, sources: dict[str, SourceSettings]) -> tuple[str, SourceSettings]:
        """Name and description of the source: the class attributes, or the settings' table of the spider's name."""
        if not self.url:
            return source_of(sources, self.name)
        return self.name, SourceSettings(
            url=self.url,
            title=self.title,
            sitemaps=self.sitemaps,
            feeds=self.feeds,
            sections=self.sections,
            language=self.language,
            include=self.include,
            exclude=self.exclude,
            delay=self.delay,
            timezone=self.timezone,
            window=self.window,
            recheck=RecheckSettings.model_validate(self.recheck) if self.recheck is not None else None,
            rules=self.rules,
        )

    def _require_readable(self, source: SourceSettings, read: tuple[Rule, ...]) -> None:
        """A rule that is put together in Python would hold for nobody, since its file is never run to find it."""
        if source.rules and source.rules != read:
            raise SettingsError(
                f"the rules of {self.name!r} are not those that stand in its file",
                key="rules",
                tip="write them out in the class itself, as literals; see docs/extraction.md",
            )

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the source's sitemaps, feeds and section pages; for nothing outside of the source's hours."""
        if isinstance(self.session, Waiting):
            _log.warning("%s: outside of its hours; they begin at %s", self.session.source, self.session.opens_at)
            return
        self._close_in_time()
        self._harvest.begin(await self._named_by_robots() if self._harvest.needs_robots else ())
        for request in self._next_documents():
            yield request

    async def _named_by_robots(self) -> tuple[str, ...]:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        return (await robots.robots_of(self._home)).sitemaps if robots else ()

    def _next_documents(self) -> Iterator[scrapy.Request]:
        while self._documents < _DOCUMENTS and not self._is_over and (step := self._harvest.next_step()):
            self._documents += 1
            yield self._discovery_request(step)

    def _close_in_time(self) -> None:
        """End the crawl when the source's hours end: what waits in Scrapy then is not asked for any more."""
        if self._hours and not self.rehearses:
            now = self._clock()
            seconds = (self._hours.next_closing(now) - now).total_seconds()
            self._closing = call_later(seconds, self._end_of_hours)

    def _end_of_hours(self) -> None:
        self._is_over = True
        for key in list(self.crawler.engine.downloader.slots):
            drop_waiting(self.crawler.engine.downloader, key, HoursOver("the hours of this source are over"))
        deferred_from_coro(self.crawler.engine.close_spider_async(reason=HOURS_OVER))

    def _discovery_request(self, step: Step) -> scrapy.Request:
        return scrapy.Request(
            step.url,
            callback=self.parse_discovery,
            errback=self.note_lost_source,
            headers=self.session.validators(step.url),
            cb_kwargs={"step": step},
            meta={
                ORIGIN: Origin(role=Role.DISCOVERY, source=self.session.source, via=step.found_at),
                "handle_httpstatus_list": [304],
            },
            priority=10,
            dont_filter=True,
        )

    async def parse_discovery(self, response: Response, step: Step) -> None:
        """Put what a sitemap, feed or section page names on the frontier, and follow what leads to more of them."""
        self._documents -= 1
        await self._harvest.read(response.status, response.body, url=response.url, step=step)
        self._ask_for_documents()

    def note_lost_source(self, failure: Failure) -> None:
        """Count a sitemap, feed or section page that could not be fetched."""
        self._documents -= 1
        request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        if isinstance(failure.value, HoursOver):
            return
        if isinstance(failure.value, LeftOut):
            self.session.counts[LEFT_OUT] += 1
        else:
            self._harvest.lose(request.url, self._problem(failure.value))
        self._ask_for_documents()

    def feed(self) -> None:
        """Hand Scrapy the next candidates that are due; it closes the spider when there are none.

        Raises:
            DontCloseSpider: there are some.
        """
        if self._ask_for_documents() or self._go_on() or self._held:
            raise DontCloseSpider

    def _ask_for_documents(self) -> int:
        return self._hand_over(self._next_documents())

    def _go_on(self) -> int:
        """Hand Scrapy what is due; how many pages.

        They go past the spider middlewares, which saves 0.5 ms of CPU a page.
        """
        if len(self._under_way) > _WINDOW // 2:  # the tables are asked for half a window at a time
            return 0
        self._held = not self.captures_only and self.session.is_held()
        if self._held:
            self._look_again()
            return 0
        return self._hand_over(self._next_pages())

    def _hand_over(self, following: Iterator[scrapy.Request]) -> int:
        requests = list(following)
        for request in requests:
            self.crawler.engine.crawl(request)
        return len(requests)

    def _look_again(self) -> None:
        """Look in a second whether the crawl is still held by what waits to be read."""
        if self._look is None:
            self._look = call_later(_HELD_FOR, self._go_on_after_look)

    def _go_on_after_look(self) -> None:
        self._look = None
        self._go_on()

    def _next_pages(self) -> Iterator[scrapy.Request]:
        room = min(_WINDOW - len(self._under_way), self.limit - self._fetched - len(self._under_way))
        if room <= 0 or self._is_over:
            return
        for due in self.session.due(limit=room, excluding=self._under_way):
            if due.via is Via.REDIRECT and len(self.session.redirected_from(due.url)) > MAX_REDIRECTS:
                self.session.failed(due.url, f"redirect: the end of more than {MAX_REDIRECTS} redirects", final=True)
                continue
            if due.via is not Via.PART and (reason := self._wanted.refusal(due.url, via=due.via)):
                self.session.failed(due.url, f"passed-over: {reason}", final=True)
                self._harvest.pass_over(due.url, reason)
                continue
            self._under_way.add(due.url)
            yield self._page_request(due)

    def _page_request(self, due: Due) -> scrapy.Request:
        return scrapy.Request(
            due.url,
            callback=self.parse_page,
            errback=self.note_lost_page,
            headers=self.session.validators(due.url),
            cb_kwargs={"asked": due.url},
            meta={
                ORIGIN: Origin(
                    role=Role.PART if due.via is Via.PART else Role.PAGE, source=self.session.source, via=due.found_at
                ),
                # Every answer is a capture of its own URL; a redirect's target goes through the frontier.
                "handle_httpstatus_list": _PAGE_STATUSES,
                "dont_redirect": True,
            },
            dont_filter=True,
        )

    def parse_page(self, response: Response, asked: str) -> None:
        """Count a page, which is captured by now, and go on with the next ones."""
        self._under_way.discard(asked)
        self._fetched += 1
        self.session.counts["pages"] += 1
        if response.status in TRY_LATER:
            self.session.failed(asked, problem_of_status(response.status))
        elif response.status in REDIRECTS and (problem := self._redirect_problem(response, asked)):
            self.session.failed(asked, problem, final=True)
        elif response.status == HTTPStatus.OK and (further := further_page(response.body, asked)):
            self.session.offer_part(further, of=asked)
        self._go_on()

    def _redirect_problem(self, response: Response, asked: str) -> str | None:
        """Why nothing follows from a redirect; None where its target is on the frontier."""
        told = (response.headers.get("Location") or b"").decode("latin-1")
        target = absolute(told, response.url)
        if target is None:
            return f"redirect: redirects to no page of the web: {told[:200]!r}"
        chain = (asked, *self.session.redirected_from(asked))
        if canonicalise(target) in chain:
            return f"redirect: redirects in a circle, to {target[:200]}"
        return None

    def note_lost_page(self, failure: Failure) -> None:
        """Note why a page gave no answer."""
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]  # Scrapy puts it there
        self._under_way.discard(asked)
        error, problem = failure.value, self._problem(failure.value)
        if isinstance(error, LeftOut):  # it stays on the frontier, and `Session.due` leaves it out
            self.session.counts[LEFT_OUT] += 1
        elif isinstance(error, HostClosed):
            self.session.postpone(asked, problem, wait=timedelta(seconds=error.seconds))
        elif isinstance(error, HoursOver):
            return
        elif isinstance(error, CaptureFailed):
            self.session.postpone(asked, problem, wait=_DISK_FULL)
        elif isinstance(error, Disallowed) and not error.is_known:
            self.session.postpone(asked, problem, wait=_ROBOTS_UNKNOWN)
        else:
            # A name that leads inside today may be mended tomorrow; an address that is written out will not.
            never = isinstance(error, Disallowed) or refusal(asked, allow_private=False) is not None
            self.session.failed(asked, problem, final=isinstance(error, Disallowed | Refused) and never)
        self._go_on()

    def _problem(self, error: BaseException | None) -> str:
        timeout, max_body = self.settings.getfloat("DOWNLOAD_TIMEOUT"), self.settings.getint("DOWNLOAD_MAXSIZE")
        return f"{kind_of(error)}: {reason_of(error, timeout=timeout, max_body=max_body)}"

    def finish(self, reason: str) -> None:
        """Close the run."""
        if self._fetched >= self.limit and (left := self.session.waiting()):
            self.session.counts["over_the_limit"] = left
        for later in (self._look, self._closing):
            if later is not None:
                later.cancel()
        event(_log, logging.INFO, "finished", source=self.session.source, outcome=reason, **self.session.counts)
        self.session.close(reason)


def _window(since: str, until: str) -> Window:
    """The time that is asked for; `until` a day, month or year includes it."""
    start, end = _asked("since", since), _asked("until", until)
    window = Window(since=start.start if start else None, until=(end.end or end.start) if end else None)
    if window.since and window.until and window.since >= window.until:
        raise UsageError(f"since={since!r} is not before until={until!r}", tip="the first comes before the second")
    return window


def _asked(name: str, text: str) -> Span | None:
    if not text:
        return None
    span = parse_span(text, now=datetime.now(UTC).astimezone())
    if span is None or span.start is None:
        raise UsageError(f"{name}={text!r} is no date", tip="such as 2019-02-20, 2019-02, 7d")
    return span
