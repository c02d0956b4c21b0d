"""Coverage: how many articles each source has of each day, and on which days nobody looked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

from newsarchive.archive.opened import Opened
from newsarchive.dates import Precision, parse_span
from newsarchive.errors import UnknownSource, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.holdings import Holdings
    from newsarchive.storage.coverage import Dated, DayRecords

DayState = Literal["crawled", "back-filled", "gap"]


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """One day of one source, in the time zone of the source."""

    source: str
    day: date
    articles: int
    """Articles that were published on that day, whenever they were found."""
    later: int
    """Those of them that were first seen on a later day."""
    crawls: int
    """How often the source was read on that day: its sitemaps, feeds or section pages, at least one of them."""

    @property
    def state(self) -> DayState:
        """`crawled`; `back-filled` where nobody looked on the day but articles of it were found; else `gap`.

        A crawled day with 0 articles is a day without news. A gap says nothing of the news of the day.
        """
        if self.crawls:
            return "crawled"
        return "back-filled" if self.articles else "gap"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days of some sources, by source and then in the order of time; every day of a source's span is there."""

    days: tuple[DayCoverage, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that are told of."""
        return tuple(dict.fromkeys(day.source for day in self.days))

    @property
    def gaps(self) -> tuple[DayCoverage, ...]:
        """The days on which nobody looked and of which nothing was found later."""
        return tuple(day for day in self.days if day.state == "gap")

    def of(self, source: str) -> tuple[DayCoverage, ...]:
        """The days of one source."""
        return tuple(day for day in self.days if day.source == source)


class Covering(Opened):
    """The part of `Archive` that tells what it covers."""

    def coverage(
        self,
        *,
        source: str | Sequence[str] = (),
        since: str | date | None = None,
        until: str | date | None = None,
    ) -> Coverage:
        """Articles of each source and day, with the days on which the source was not read.

        A day lies in the source's `timezone`. Whether the source was read is told by the runs of the day, and where
        none is known, as after a rebuild, by the captures of its sitemaps, feeds and section pages.

        Args:
            source: names of sources; by default those that are crawled, or those of the imports where none is.
            since: first day, such as `2019-02-20` or `30d`; by default that on which the source was first read.
            until: last day; by default today, or the day before where nothing is known of today yet.

        Raises:
            UnknownSource: a source was never crawled and has no article.
            UsageError: a date cannot be read.
        """
        crawled = list(dict.fromkeys([*self.settings.sources, *self._holdings.runs.sources()]))
        known = list(dict.fromkeys([*crawled, *self._holdings.days.sources()]))
        wanted = [source] if isinstance(source, str) else list(source)
        for name in wanted:
            if name not in known:
                raise UnknownSource(f"{name!r} was never crawled, and there is no article of it", tip=_listed(known))
        now = self.now()
        first, last = _day(since, now), _day(until, now, is_last=True)
        days = [day for name in wanted or crawled or known for day in _days_of(self._holdings, name, first, last)]
        return Coverage(tuple(days))


def _listed(known: list[str]) -> str:
    return f"there are {', '.join(known[:20])}" if known else "crawl or import something first"


def _day(given: str | date | None, now: datetime, *, is_last: bool = False) -> date | None:
    if given is None or isinstance(given, date):
        return given
    span = parse_span(given, now=now)
    at = span and ((span.end or span.start) if is_last else span.start)
    if at is None or span is None:
        raise UsageError(f"{given!r} is no date", tip="such as 2019-02-20, 2019-02, 30d")
    return (at - timedelta(microseconds=1)).date() if is_last and span.end else at.date()


def _days_of(holdings: Holdings, source: str, first: date | None, last: date | None) -> Iterator[DayCoverage]:
    zone = _zone_of(holdings, source)
    articles, later = _articles_by_day(holdings.days.articles(source), zone)
    crawls = _crawls_by_day(holdings.days, source, zone)
    begin = first or min(crawls, default=None) or min(articles, default=None)
    if begin is None:
        return
    today = holdings.database.now().astimezone(zone).date()
    end = last or (today if today in crawls or articles[today] else today - timedelta(days=1))
    for number in range((end - begin).days + 1):
        day = begin + timedelta(days=number)
        yield DayCoverage(source, day, articles[day], later[day], crawls.get(day, 0))


def _zone_of(holdings: Holdings, source: str) -> tzinfo:
    from newsarchive.models.window import zone_of  # noqa: PLC0415 - as `Holdings.settings`

    told = holdings.settings.sources.get(source)
    return zone_of(told.timezone) if told else UTC


def _articles_by_day(dated: Iterator[Dated], zone: tzinfo) -> tuple[Counter[date], Counter[date]]:
    """Articles by day, and those of them that were first seen on a later day."""
    articles: Counter[date] = Counter()
    later: Counter[date] = Counter()
    for one in dated:
        # A date without a time is a day of the page's own; moved into another zone it would be another day.
        day = (one.published if one.precision == Precision.DAY else one.published.astimezone(zone)).date()
        articles[day] += 1
        later[day] += one.first_seen.astimezone(zone).date() > day
    return articles, later


def _crawls_by_day(days: DayRecords, source: str, zone: tzinfo) -> dict[date, int]:
    """How often a source was read on each day on which it was."""
    by_url: Counter[tuple[date, str]] = Counter()
    for read in days.reads(source):
        by_url[read.at.astimezone(zone).date(), read.url] += 1
    crawls: dict[date, int] = {}
    for (day, _), count in by_url.items():  # each crawl asks for a document once: the one most often read tells
        crawls[day] = max(count, crawls.get(day, 0))
    told: Counter[date] = Counter()
    for run in days.runs(source):
        if run.read is not None:
            told[run.at.astimezone(zone).date()] += run.read > 0
    crawls.update(told)
    return {day: count for day, count in crawls.items() if count}
