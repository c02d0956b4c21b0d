"""Chooses when an article was first published and last changed, as precisely and with the zone that the page gives.

Machine dates are read by `newsarchive.dates`; the forms below are what pages write in their place. htmldate
(https://htmldate.readthedocs.io/) is asked last and gives the day alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.dates import Moment, Precision, parse_moment
from newsarchive.extraction import datelines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.extraction.findings import Findings
    from newsarchive.extraction.tree import Page

PUBLISHED_ORDER: Final = ("rule", "json-ld", "microdata", "meta", "json-ld-page", "visible", "url")
MODIFIED_ORDER: Final = ("rule", "json-ld", "microdata", "meta", "json-ld-page", "visible")

ZONES: Final = {
    "EST": "-0500", "EDT": "-0400", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
    "CET": "+0100", "CEST": "+0200", "MEZ": "+0100", "MESZ": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300",
    "JST": "+0900", "KST": "+0900", "WIB": "+0700", "SGT": "+0800", "HKT": "+0800", "AEST": "+1000", "AEDT": "+1100",
    "SAST": "+0200",
}  # fmt: skip
"""Zone abbreviations that mean one offset; CST, IST and BST mean several and are not here."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONE_NAME = re.compile(rf"\s*\(?\b({'|'.join(ZONES)})\b\)?\s*$")
_HAS_ZONE = re.compile(r"(?:Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)\s*$")
_BRACKETS = re.compile(r"\s*[\[(][^\])]{0,60}[\])]\s*$")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?")
_CLOCK = (
    r"(?:[\sT,|–-]+(?:(?:um|at|à|a las|kl\.?|ore|klo)\s+)?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})"
    r"(?::(?P<second>\d{2}))?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?:\s*(?:Uhr|hrs?|h))?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?\s*"
)
_CLOCK_TO_SECOND = r"\s+(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
_WEEKDAY = r"(?:[a-z]{3,9}\.?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?,?"
_YEAR = r"(?P<year>\d{4})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_CLOCK}",  # 2019/2/27 18:30
        rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}{_CLOCK}",  # 27.2.2019, 18:30 Uhr
        rf"(?P<month>\d{{1,2}})/(?P<day>1[3-9]|2\d|3[01])/{_YEAR}{_CLOCK}",  # 2/27/2019; 3/2/2019 could be either
        rf"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{{1,2}})/{_YEAR}{_CLOCK}",  # 27/02/2019
        rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_YEAR}{_CLOCK}",  # Wednesday, February 27, 2019 at 6:30 p.m.
        rf"{_WEEKDAY}{_DAY}[\s-]+{_NAME}[\s-]+{_YEAR}{_CLOCK}",  # 27 Feb 2019 18:30
        rf"[a-z]{{3}}\s+{_NAME}\s+{_DAY}\s+{_YEAR}{_CLOCK_TO_SECOND}\s+GMT(?P<zone>[+-]\d{{4}})",  # JavaScript's
    )
)
_LONGEST = 80
_MOST = 100  # dates of one reader
_MOST_ELEMENTS = 20_000
"""Pages beyond are not given to htmldate, which looks at each element several times: tables, indexes, attacks."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Web pages that name an older day are of digitised papers, or their content system has no date at all (1970, 0001)."""


class Dated(NamedTuple):
    """A chosen moment and which reader gave it."""

    moment: Moment
    reader: str


class _Reading(NamedTuple):
    moment: Moment
    reader: str
    zoned: bool


def choose(found: Sequence[Findings]) -> tuple[Dated | None, Dated | None]:
    """First publication and last update; an update that is no later than the publication is none."""
    published = _sharpest(list(_readings(found, PUBLISHED_ORDER, "published")))
    modified = _sharpest(list(_readings(found, MODIFIED_ORDER, "modified")))
    if published is None:
        return modified, None
    published = _first_publication(published, found)
    if modified and modified.moment.at <= published.moment.at:
        modified = None
    return published, modified


def _first_publication(published: Dated, found: Sequence[Findings]) -> Dated:
    """The day in the URL, where the page's own date is that of a later edition or of a move to another system."""
    by_url = next((reading for reading in _readings(found, ("url",), "published")), None)
    if by_url and published.reader != "rule" and published.moment.at - by_url.moment.at > _REPUBLISHED:
        return Dated(by_url.moment, by_url.reader)
    return published


_REPUBLISHED = timedelta(days=30)


def _readings(found: Sequence[Findings], order: tuple[str, ...], field: str) -> Iterator[_Reading]:
    by_reader = {one.reader: one for one in found}
    for reader in order:
        for text in getattr(by_reader[reader], field)[:_MOST] if reader in by_reader else ():
            moment = read_date(text)
            if moment and moment.at >= _EARLIEST:
                yield _Reading(
                    moment, reader, bool(_HAS_ZONE.search(text) or _EPOCH.fullmatch(text) or _ZONE_NAME.search(text))
                )


def _sharpest(readings: list[_Reading]) -> Dated | None:
    """The best source's moment, or the same moment as a later source knows it more precisely.

    A day is the same where both fall on it or where the zones explain the difference; a time without a zone is the
    same as one with it where the clock shows the same, or where they are whole quarters of an hour apart within a day.
    """
    if not readings:
        return None
    best = readings[0]
    for other in readings[1:]:
        near = abs(other.moment.at - best.moment.at) <= _FARTHEST
        if best.moment.precision is Precision.DAY:
            if other.moment.precision is not Precision.DAY and _same_day(best.moment, other.moment):
                best = other
        elif not best.zoned and other.zoned and near and _same_clock(best.moment, other.moment):
            best = other
        elif best.zoned and not best.moment.at.utcoffset():
            best = _in_local_time(best, other)
    return Dated(best.moment, "rule" if readings[0].reader == "rule" else best.reader)


def _in_local_time(best: _Reading, other: _Reading) -> _Reading:
    """A moment in UTC as the newsroom's clock shows it, where another source has it with its zone or clock."""
    if other.moment.precision is Precision.DAY:
        return best
    offset = other.moment.at.utcoffset() if other.zoned else other.moment.at.replace(tzinfo=UTC) - best.moment.at
    instant = other.moment.at if other.zoned else best.moment.at
    if not offset or offset % _QUARTER or abs(offset) > _FARTHEST or abs(instant - best.moment.at) > _SAME:
        return best
    local = best.moment.at.astimezone(timezone(offset))
    return best._replace(moment=best.moment._replace(at=local))


_QUARTER = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
_SAME = timedelta(seconds=59)


def _same_day(day: Moment, other: Moment) -> bool:
    return other.at.date() == day.at.date() or other.at.astimezone(UTC).date() == day.at.date()


def _same_clock(one: Moment, other: Moment) -> bool:
    return one.at.replace(tzinfo=None, second=0) == other.at.replace(tzinfo=None, second=0)


def read_date(text: str) -> Moment | None:
    """A date as machines or templates write it; a time without a zone is taken for UTC.

    >>> read_date("October 25, 2025 10:05 PM").at.isoformat(), read_date("27.02.2019, 18:30 Uhr").at.isoformat()
    ('2025-10-25T22:05:00+00:00', '2019-02-27T18:30:00+00:00')
    >>> read_date("2019-02-27 18:30 EST").at.isoformat(), read_date("1551292200000").at.isoformat()
    ('2019-02-27T18:30:00-05:00', '2019-02-27T18:30:00+00:00')
    >>> read_date("Wed Feb 27 2019 18:30:00 GMT+0700 (Indochina Time)").at.isoformat(), read_date("soon")
    ('2019-02-27T18:30:00+07:00', None)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if epoch := _EPOCH.fullmatch(text):
        return Moment(datetime.fromtimestamp(int(epoch[1]), tz=UTC), Precision.SECOND)
    text = _ZONE_NAME.sub(lambda match: " " + ZONES[match[1]], text)
    text = _BRACKETS.sub("", text)
    return _from_forms(text) or parse_moment(text)  # in this order: mail dates know no afternoon


def _from_forms(text: str) -> Moment | None:
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        groups = match.groupdict()
        month = _month(groups)
        if month:
            return _assembled(groups, month)
    return None


def _month(groups: dict[str, str | None]) -> int:
    name = groups.get("name")
    if name is None:
        return int(groups["month"] or 0)
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _assembled(groups: dict[str, str | None], month: int) -> Moment | None:
    day = f"{int(groups['year'] or 0):04}-{month:02}-{int(groups['day'] or 0):02}"
    if groups.get("hour") is None:
        return parse_moment(day)
    hour = int(groups["hour"] or 0)
    half = (groups.get("half") or "").lower()[:1]
    if half and hour <= 12:  # noqa: PLR2004 - the clock's face
        hour = hour % 12 + (12 if half == "p" else 0)
    second = f":{groups['second']}" if groups.get("second") else ""
    return parse_moment(f"{day}T{hour:02}:{groups['minute']}{second}{groups.get('zone') or ''}")


def search_day(page: Page) -> Dated | None:
    """The day in a line beside the headline, or the one that htmldate finds: last, since it may be anyone's."""
    if beside := datelines.search(page):
        moment = parse_moment(beside)
        if moment and moment.at >= _EARLIEST:
            return Dated(moment, "text")
    if page.size > _MOST_ELEMENTS:
        return None
    from htmldate import find_date  # noqa: PLC0415 - 0.1 s; most pages never need it

    found = find_date(page.root, original_date=True, extensive_search=False, url=page.url or None)
    moment = parse_moment(found) if found else None
    return Dated(moment, "htmldate") if moment and moment.at >= _EARLIEST else None
