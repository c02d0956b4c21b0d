"""Articles that are looked at again: what is planned, and what a person orders beside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.archive.moments import asked_span, aware
from newsarchive.archive.reading import Reading
from newsarchive.archive.results import Results
from newsarchive.dates import parse_duration, say_duration
from newsarchive.errors import UnknownSource, UsageError
from newsarchive.search import parse
from newsarchive.urls import is_web_url, same_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.storage import Recheck


class _Found(NamedTuple):
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order of rechecks came to."""

    articles: int
    """Articles that will be looked at again."""
    without_source: int
    """Articles that answer the query, but are of no site that is crawled here."""
    first_at: datetime
    """When the first look is due; the next crawl after that makes it."""


class Rechecking(Reading):
    """The part of `Archive` that looks at articles again."""

    def recheck(
        self,
        query: str,
        *,
        at: str | datetime | None = None,
        every: str | timedelta | None = None,
        until: str | datetime | None = None,
    ) -> Ordered:
        """Order that the articles of a query, or of one URL or id, be looked at again, beside the plan.

        The query is answered once, now. An earlier order for the same article is replaced.

        Args:
            query: as in `search`, or a URL.
            at: the time of the first look, such as `2026-12-01`, `2026-12-01T06:00` or `+6h`; now by default.
            every: look again after each such length of time, such as `1d`; once by default.
            until: no look later than this; for ever by default.

        Raises:
            UsageError: a time cannot be read, or `until` stands without `every`.
            QuerySyntaxError: the query cannot be read.
            IndexMissing: as in `search`.
            ArchiveReadOnly: the archive was opened for reading.
        """
        from newsarchive.storage import Order  # noqa: PLC0415 - as in `Holdings.settings`

        self._require_writing()
        step = _length(every)
        if until is not None and step is None:
            raise UsageError("an order ends only where it repeats", tip="say how often with every (--every 1d)")
        now = self.now().astimezone()
        due = _moment(at, now) or now
        how = f" every {say_duration(step)}" if step else ""
        order = Order(due_at=due, reason=f"{query.strip()}{how}", every=step, ends_at=_moment(until, now, is_last=True))
        urls, strangers = self._by_source(query)
        rechecks = self.frontier.rechecks
        count = sum(rechecks.order(source, found, order) for source, found in urls.items())
        return Ordered(count, strangers, due)

    def cancel_recheck(self, query: str) -> int:
        """Take back what was ordered for the articles of a query; how many had an order. Errors as in `recheck`."""
        self._require_writing()
        urls, _ = self._by_source(query)
        return sum(self.frontier.rechecks.cancel(source, found) for source, found in urls.items())

    def rechecks(self, *names: str, until: str | datetime | None = None) -> tuple[Recheck, ...]:
        """What is planned and ordered, of all sources or those named, by source and then the next one first.

        Raises:
            UnknownSource: the settings do not list it, and it was never crawled.
            UsageError: `until` cannot be read.
        """
        end = _moment(until, self.now().astimezone(), is_last=True)
        known = tuple(dict.fromkeys([*self._crawled(), *self.runs.sources()]))
        for name in names:
            if name not in known:
                raise UnknownSource(
                    f"{name!r} is not in the settings, and was never crawled",
                    tip=f"known: {', '.join(known) or 'none'}",
                )
        wanted = names or known
        return tuple(one for name in wanted for one in self.frontier.rechecks.upcoming(name, until=end))

    def _crawled(self) -> dict[str, str]:
        """The sources of the settings, and their home pages."""
        return {name: source.url for name, source in self.settings.sources.items()}

    def _by_source(self, query: str) -> tuple[dict[str, list[str]], int]:
        """The URLs of a query's articles by the source that crawls them, and how many nobody crawls."""
        homes = self._crawled()
        names = {*homes, *self.runs.sources()}
        urls: dict[str, list[str]] = defaultdict(list)
        strangers = 0
        for found in self._found(query):
            near = (name for name, home in homes.items() if same_site(found.url, home))
            source = found.source if found.source in names else next(near, None)
            if source is None:
                strangers += 1
            else:
                urls[source].append(found.url)
        return urls, strangers

    def _found(self, query: str) -> Iterator[_Found]:
        if is_web_url(query):
            article = self.get(query)
            yield _Found(article.url, article.source)
            return
        tree = parse(query, now=self.now().astimezone())
        for hit in Results(self._searching, tree, text=query, sort="relevance"):
            yield _Found(hit.url, hit.source)


def _length(given: str | timedelta | None) -> timedelta | None:
    if given is None or isinstance(given, timedelta):
        return given
    length = parse_duration(given)
    if length is None:
        raise UsageError(f"{given!r} is no length of time", tip="such as 30min, 6h, 1d, 2w")
    return length


def _moment(given: str | datetime | None, now: datetime, *, is_last: bool = False) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, datetime):
        return aware("time", given)
    if given.startswith("+") and (length := parse_duration(given[1:])):
        return now + length
    span = asked_span("time", given, now=now, tip="such as 2026-12-01, 2026-12-01T06:00, +6h")
    return (span.end or span.start) if is_last else span.start
