"""Dates as machines write them and as people ask for them. Times are aware; how precisely one is known is kept.

Machine forms: ISO 8601 and the W3C profile of it (https://www.w3.org/TR/NOTE-datetime), RFC 5322 mail dates (feeds,
HTTP). Human prose ("4 weeks ago", "3. März") is not read here: it belongs to the page it stands on.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple

YEARS = range(1600, 2201)
"""Years that a news archive may hold; anything else is a misread number. The oldest newspaper is of 1605."""


def utc_now() -> datetime:
    """The moment by this machine's clock. Whatever depends on it is handed a clock, so that a year can be tried."""
    return datetime.now(UTC)


class Precision(StrEnum):
    """How precisely a time is known."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class Moment(NamedTuple):
    """A time and how precisely it is known; a day alone stands at midnight UTC."""

    at: datetime
    precision: Precision


class Span(NamedTuple):
    """From `start` up to, not including, `end`; None is open."""

    start: datetime | None
    end: datetime | None


_ISO = re.compile(
    r"""\s*(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})
    (?:[T\s]\s*(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?
    \s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?\s*""",
    re.VERBOSE,
)
_LONGEST = 80
"""No machine date is longer; the mail-date parser of the standard library is slow on hostile lengths."""


def parse_moment(text: str, *, default_zone: tzinfo = UTC) -> Moment | None:
    """A machine-written date, or None. A time without a zone is taken to be in `default_zone`.

    >>> parse_moment("2019-02-27T18:30:05+07:00").at.isoformat()
    '2019-02-27T18:30:05+07:00'
    >>> parse_moment("2019-02-27").precision, parse_moment("Wed, 27 Feb 2019 18:30:05 GMT").precision
    (<Precision.DAY: 'day'>, <Precision.SECOND: 'second'>)
    >>> parse_moment("yesterday"), parse_moment("2019-02-30")
    (None, None)
    """
    if len(text) > _LONGEST:
        return None
    match = _ISO.fullmatch(text)
    moment = _from_iso(match, default_zone) if match else _from_mail(text)
    return moment if moment and moment.at.year in YEARS else None


def _from_iso(match: re.Match[str], default_zone: tzinfo) -> Moment | None:
    year, month, day = (int(match[name]) for name in ("year", "month", "day"))
    try:
        if match["hour"] is None:
            return Moment(datetime(year, month, day, tzinfo=UTC), Precision.DAY)
        hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
        extra = timedelta(0)
        if (hour, minute, second) == (24, 0, 0):  # ISO 8601: the end of the day
            hour, extra = 0, timedelta(days=1)
        zone = _zone(match["zone"]) if match["zone"] else default_zone
        # A leap second is folded into the second before it: datetime has no room for it.
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone) + extra
    except (ValueError, OverflowError):
        return None
    return Moment(at, Precision.SECOND if match["second"] else Precision.MINUTE)


def _zone(text: str) -> tzinfo:
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    offset = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(offset) if offset else UTC


def _from_mail(text: str) -> Moment | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return Moment(at if at.tzinfo else at.replace(tzinfo=UTC), Precision.SECOND)
    except ValueError:
        return None


_DURATION = re.compile(r"\s*(?P<count>\d{1,6})\s*(?P<unit>min|h|d|w)\s*")
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
}


def parse_duration(text: str) -> timedelta | None:
    """A length of time that a person writes, in `min`, `h`, `d` or `w`; None where it is none.

    >>> str(parse_duration("36h")), parse_duration("0h"), parse_duration("soon")
    ('1 day, 12:00:00', None, None)
    """
    match = _DURATION.fullmatch(text)
    return (int(match["count"]) * _UNITS[match["unit"]] or None) if match else None


def say_duration(length: timedelta) -> str:
    """A length of time for people, in the largest unit that tells it whole; days beside weeks.

    >>> say_duration(timedelta(hours=6)), say_duration(timedelta(days=30)), say_duration(timedelta(minutes=90))
    ('6 h', '30 d', '90 min')
    """
    for unit in ("d", "h"):
        if not length % _UNITS[unit]:
            return f"{length // _UNITS[unit]} {unit}"
    return f"{round(length / _UNITS['min'])} min"


_ASKED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?")
_AGO = re.compile(r"(?P<count>\d{1,4})(?P<unit>h|d|w|mo|y)")
_NAMED = {"today": 0, "yesterday": 1}


def parse_span(text: str, *, now: datetime) -> Span | None:
    """The span of time that a date asked for covers, in the zone of `now`; None where it is no date.

    A year, month or day covers all of itself; `7d` (also h, w, mo, y) starts that long ago and is open; an ISO
    time covers its minute or second.

    >>> now = datetime(2019, 3, 2, 12, tzinfo=UTC)
    >>> [str(end.date()) for end in parse_span("2019-02", now=now)]
    ['2019-02-01', '2019-03-01']
    >>> str(parse_span("7d", now=now).start.date()), parse_span("soon", now=now)
    ('2019-02-23', None)
    """
    text = text.strip()
    zone = now.tzinfo or UTC
    try:
        if text in _NAMED:
            return _days(now.date() - timedelta(days=_NAMED[text]), 1, zone)
        if ago := _AGO.fullmatch(text):
            start = _before(now, int(ago["count"]), ago["unit"])
            return Span(start, None) if start.year in YEARS else None
        if asked := _ASKED.fullmatch(text):
            return _calendar(asked, zone)
        return _machine(text, zone)
    except (ValueError, OverflowError):
        return None


def _machine(text: str, zone: tzinfo) -> Span | None:
    """The day, minute or second of a machine-written date."""
    moment = parse_moment(text, default_zone=zone)
    if moment is None:
        return None
    if moment.precision is Precision.DAY:  # written without hyphens
        return _days(moment.at.date(), 1, zone)
    return Span(moment.at, moment.at + timedelta(seconds=60 if moment.precision is Precision.MINUTE else 1))


def _calendar(asked: re.Match[str], zone: tzinfo) -> Span:
    year = int(asked["year"])
    if year not in YEARS:
        raise ValueError(year)
    if asked["day"]:
        return _days(date(year, int(asked["month"]), int(asked["day"])), 1, zone)
    if asked["month"]:
        first = date(year, int(asked["month"]), 1)
        return _days(first, (_month_after(first) - first).days, zone)
    return _days(date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days, zone)


def _month_after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _days(first: date, count: int, zone: tzinfo) -> Span:
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = first + timedelta(days=count)
    return Span(start, datetime(after.year, after.month, after.day, tzinfo=zone))


def _before(now: datetime, count: int, unit: str) -> datetime:
    if unit == "mo":
        months = now.year * 12 + now.month - 1 - count
        first = date(months // 12, months % 12 + 1, 1)
        last_day = (_month_after(first) - first).days
        return now.replace(year=first.year, month=first.month, day=min(now.day, last_day))
    if unit == "y":
        return _before(now, 12 * count, "mo")
    return now - {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[unit] * count
