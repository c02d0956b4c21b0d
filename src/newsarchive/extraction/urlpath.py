"""What a URL's path says: the day of publication and the section, as content systems write them into it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from newsarchive.dates import YEARS
from newsarchive.extraction.findings import Findings

if TYPE_CHECKING:
    from newsarchive.extraction.tree import Page

READER: Final = "url"

_DAY = (
    re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?=[/_-]|$)"),
    re.compile(r"(?:^|[/_.-])((?:19|20)\d\d)[_-](\d\d)[_-](\d\d)(?=[/_.-]|$)"),
    re.compile(r"(?:^|[/_.-])((?:19|20)\d\d)([01]\d)([0-3]\d)(?=[/_.-]|$)"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_DAY = re.compile(rf"/((?:19|20)\d\d)/({'|'.join(_MONTHS)})[a-z]*/(\d\d?)(?=/|$)")
_SECTION = re.compile(r"[^\W\d_](?:[^\W_]|[-_+&]){1,39}")
_CODE = re.compile(r"\d|[a-z][A-Z]+[a-z]")
_MOST_WORDS = 4  # "south-east-asia-news" is a section; more words are the name of an article
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")


def read(page: Page) -> Findings:
    """Day and section from the page's URL."""
    day = day_of(page.url)
    return Findings(READER, published=(day,) if day else (), sections=sections_of(page.url))


def day_of(url: str) -> str | None:
    """The day that stands in a URL's path, as ISO 8601.

    >>> day_of("https://harbor.example/2019/02/27/summit"), day_of("https://harbor.example/a-20190227.html")
    ('2019-02-27', '2019-02-27')
    >>> day_of("https://harbor.example/2019/feb/27/summit"), day_of("https://harbor.example/20191399/x")
    ('2019-02-27', None)
    """
    path = _path(url).lower()
    for pattern in _DAY:
        for match in pattern.finditer(path):
            if day := _real_day(int(match[1]), int(match[2]), int(match[3])):
                return day
    if named := _NAMED_DAY.search(path):
        return _real_day(int(named[1]), _MONTHS.index(named[2]) + 1, int(named[3]))
    return None


def _real_day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if year in YEARS else None
    except ValueError:
        return None


def sections_of(url: str) -> tuple[str, ...]:
    """Path segments that may name sections, outermost first, in words; the article's own name is left out.

    >>> sections_of("https://harbor.example/en/world/south-asia/2019/02/27/summit-opens.html")
    ('World', 'South Asia')
    >>> sections_of("https://harbor.example/?p=7")
    ()
    """
    segments = [part for part in _path(url).split("/") if part][:-1]
    if segments and _LANGUAGE.fullmatch(segments[0].lower()):
        segments = segments[1:]
    named = []
    for segment in segments:
        if not _SECTION.fullmatch(segment) or _CODE.search(segment):
            continue
        words = re.split(r"[-_+]", segment)
        if len(words) <= _MOST_WORDS:
            named.append(" ".join(words).title() if segment.islower() else " ".join(words))
    return tuple(named)


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""
