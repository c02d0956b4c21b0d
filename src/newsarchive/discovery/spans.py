"""Which time do a URL and a date speak of, and which of it was asked for?

Archives of a site are cut by time: `sitemap-2019-02.xml`, `/archive/2019/02/`, `?yyyy=2019&mm=02&dd=27`. A back-fill of
one month reads those alone that can hold it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from newsarchive.dates import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsarchive.models import Candidate

_SLACK: Final = timedelta(days=1)
"""A site counts its days in its own zone, which a URL does not tell."""

_YEAR: Final = r"(?<!\d)(?P<year>19[5-9]\d|20\d\d)"
_MONTH: Final = r"(?P<month>0[1-9]|1[0-2])"
_NAMED: Final = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_BETWEEN: Final = r"[/_.-]"
_DATED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}{_BETWEEN}(?:{_MONTH}|{_NAMED}){_BETWEEN}{_DAY}(?!\d)",
        rf"{_YEAR}{_MONTH}(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"{_YEAR}/(?:{_MONTH}|{_NAMED})(?=/|$)",
    )
)
"""Dates in the URL of an article. A year alone may be what the article is about."""
_CUT: Final = (
    *_DATED,
    re.compile(rf"{_YEAR}{_BETWEEN}(?:{_MONTH}|{_NAMED})(?![\da-z])"),
    re.compile(rf"{_YEAR}{_MONTH}(?!\d)"),
    re.compile(rf"(?<![\da-z])(?:{_MONTH}|{_NAMED}){_BETWEEN}{_YEAR}(?!\d)"),
)
"""Dates in the URL of a part of an archive, besides years alone."""
_YEARS: Final = re.compile(rf"{_YEAR}(?!\d)")
_COUNTED: Final = re.compile(rf"{_YEAR}{_BETWEEN}(?P<count>\d{{1,4}})(?!\d)")
_YEAR_NAMES: Final = ("yyyy", "year", "yr", "y")
_MONTH_NAMES: Final = ("mm", "month", "mon", "m")
_DAY_NAMES: Final = ("dd", "day", "d")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DECEMBER: Final = 12


def day_of(url: str) -> Span | None:
    """The day or month that an article's URL names as its own; None where there is none.

    >>> span = day_of("https://harbor.example/2019/02/27/summit-ends-early")
    >>> str(span.start.date()), str(span.end.date())
    ('2019-02-27', '2019-02-28')
    >>> day_of("https://harbor.example/elections/2028/poll") is None
    True
    """
    return _first(_DATED, _told(url)[0])


def archive_span(url: str) -> Span | None:
    """The day, month, year or years that the URL of a sitemap or archive page names; None where there are none.

    >>> span = archive_span("https://harbor.example/sitemap-2019-02.xml")
    >>> str(span.start.date()), str(span.end.date())
    ('2019-02-01', '2019-03-01')
    >>> archive_span("https://harbor.example/sitemap.xml?yyyy=2019&mm=02&dd=27").end.day
    28
    """
    path, query = _told(url)
    return _from_query(query) or _first(_CUT, path) or _from_years(path)


def archive_spans(urls: Iterable[str]) -> dict[str, Span | None]:
    """The span of each part of one index, read in the light of the others.

    `sitemap-2019-12.xml` is December, but beside `sitemap-2019-13.xml` it is the twelfth part of a year.
    """
    told = {url: archive_span(url) for url in urls}
    if not any(int(match["count"]) > _DECEMBER for url in told for match in _COUNTED.finditer(_told(url)[0])):
        return told
    return {url: span and (_from_years(_told(url)[0]) or span) for url, span in told.items()}


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a crawl asks for: from `since` up to, not including, `until`; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything is asked for."""
        return self.since is None and self.until is None

    def wants(self, candidate: Candidate) -> bool:
        """Whether a candidate can be of that time, as far as its source or its URL dates it.

        With an end, the date of publication decides: a page of that time may have been changed since. Without one,
        what was changed lately is wanted as well, however old it is.
        """
        if self.is_before(candidate):
            return False
        if self.since is None:
            return True
        published = _published(candidate)
        latest = published.end if published else None
        if self.until is None or latest is None:
            dates = [at for at in (latest, candidate.modified) if at]
            latest = max(dates) if dates else None
        return latest is None or latest >= self.since

    def is_before(self, candidate: Candidate) -> bool:
        """Whether the time is over before a candidate was published."""
        published = _published(candidate)
        return bool(self.until and published and published.start and published.start >= self.until)

    def may_be_in(self, span: Span | None, *, changed: datetime | None) -> bool:
        """Whether a part of an archive can hold pages of that time.

        Args:
            span: the time that its URL names.
            changed: the latest moment at which it was changed, where its index says so.
        """
        if self.since and changed and changed < self.since:
            return False  # nothing in it is newer than that
        span = _wide(span)
        if span is None or span.start is None or span.end is None:
            return True
        if self.until and span.start >= self.until:
            return False
        # Without an end, an old part that was changed lately may tell of it.
        return not self.since or span.end > self.since or (self.until is None and changed is not None)


def _published(candidate: Candidate) -> Span | None:
    if candidate.published:
        return Span(candidate.published, candidate.published)
    return _wide(day_of(candidate.url))


def _wide(span: Span | None) -> Span | None:
    if span is None or span.start is None or span.end is None:
        return span
    return Span(span.start - _SLACK, span.end + _SLACK)


def _told(url: str) -> tuple[str, str]:
    """Path and query in lower case, decoded."""
    try:
        split = urlsplit(url[:2000])
    except ValueError:
        return "", ""
    return unquote(split.path, errors="replace").lower(), split.query.lower()


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> Span | None:
    return next((span for pattern in patterns for match in pattern.finditer(text) if (span := _span(match))), None)


def _span(match: re.Match[str]) -> Span | None:
    found = match.groupdict()
    named = found.get("name")
    month = _MONTHS.index(named[:3]) + 1 if named else int(found["month"])
    return _calendar(int(found["year"]), month, int(found["day"]) if found.get("day") else None)


def _calendar(year: int, month: int | None, day: int | None) -> Span | None:
    """A year, month or day as a span; None where there is no such day."""
    if month is None:
        return Span(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    if not 1 <= month <= _DECEMBER:
        return None
    days = monthrange(year, month)[1]
    if day is None:
        start = datetime(year, month, 1, tzinfo=UTC)
        return Span(start, start + timedelta(days=days))
    if not 1 <= day <= days:
        return None
    start = datetime(year, month, day, tzinfo=UTC)
    return Span(start, start + timedelta(days=1))


def _from_query(query: str) -> Span | None:
    values = dict(parse_qsl(query, max_num_fields=50)) if query.count("&") < 50 else {}  # noqa: PLR2004 - as above
    year = _number(values, _YEAR_NAMES)
    if year is None or not _YEARS.fullmatch(str(year)):
        return None
    return _calendar(year, _number(values, _MONTH_NAMES), _number(values, _DAY_NAMES))


def _number(values: dict[str, str], names: Iterable[str]) -> int | None:
    texts = (values[name] for name in names if name in values)
    return next((int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 4), None)  # noqa: PLR2004 - a year's digits


def _from_years(path: str) -> Span | None:
    years = sorted(_all_years(path))
    if not years:
        return None
    return Span(datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC))


def _all_years(path: str) -> Iterator[int]:
    for match in _YEARS.finditer(path):
        yield int(match["year"])
