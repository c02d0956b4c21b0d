"""Which of a source's candidates are wanted? Cheap checks on the URL alone, each with a name for its counter."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from newsarchive.discovery.paths import FILE_TYPES, file_type, looks_like_index
from newsarchive.errors import SettingsError
from newsarchive.models import Candidate, Via
from newsarchive.urls import is_web_url, same_site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.settings import SourceSettings

MAX_LENGTH = 2000
"""Characters of a URL; browsers and the sitemap protocol end at about 2,048."""
MAX_SEGMENTS = 20
MAX_PARAMETERS = 12
_REPEATED = re.compile(r"(?:^|/)([^/]+(?:/[^/]+){0,2})/\1/\1(?:/|$)")
"""The same one to three segments three times in a row: what a relative link on an endless page makes."""
_SAME_SEGMENT = 4
"""Times that one segment may not come in one path."""
_TRUSTED = frozenset({Via.NEWS_SITEMAP, Via.FEED, Via.SEED})
"""Sources that name articles only: what they name is not judged by its path."""


class Refusal(StrEnum):
    """Why a URL is not wanted."""

    NO_WEB_URL = "no-web-url"
    TOO_LONG = "too-long"
    OTHER_SITE = "other-site"
    FILE_TYPE = "file-type"
    TOO_DEEP = "too-deep"
    """More than `MAX_SEGMENTS` segments in its path."""
    REPEATS_ITSELF = "repeats-itself"
    """The same segments again and again, as a relative link on an endless page makes them."""
    TOO_MANY_PARAMETERS = "too-many-parameters"
    QUERY_EXPLOSION = "query-explosion"
    """One path with ever new sets of parameters, as filters and sortings of a list make them."""
    IN_THE_FUTURE = "in-the-future"
    """Its URL names a day or month that has not come: a calendar, which has no end."""
    TOO_MANY_HOSTS = "too-many-hosts"
    """Ever new subdomains, as a server makes them that answers to any name."""
    OUTSIDE_THE_SPAN = "outside-the-span"
    """Not of the time that was asked for."""
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not-included"
    INDEX_PAGE = "index-page"


class Sifted(NamedTuple):
    """Candidates, parted."""

    wanted: tuple[Candidate, ...]
    refused: dict[Refusal, int]
    """How many were refused, and why."""


class Filter:
    """The rules of one source: its site, and its `include` and `exclude` patterns."""

    def __init__(self, site: str, *, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        """Make a filter for the site at a URL; patterns are regular expressions, found anywhere in a URL.

        Raises:
            SettingsError: a pattern is no regular expression.
        """
        self.site = site
        self._include = tuple(_compiled(pattern, key="include") for pattern in include)
        self._exclude = tuple(_compiled(pattern, key="exclude") for pattern in exclude)

    @classmethod
    def of(cls, source: SourceSettings) -> Self:
        """The filter that a source's settings describe; errors as for making one."""
        return cls(source.url, include=source.include, exclude=source.exclude)

    def refusal(self, url: str, *, via: Via | None = None) -> Refusal | None:
        """Why a URL is not wanted, or None where it is.

        Where there are `include` patterns, they decide what is an article. Without them, home, tag and service pages
        are refused, unless a feed or a news sitemap named them.
        """
        if len(url) > MAX_LENGTH:
            return Refusal.TOO_LONG
        if not is_web_url(url):
            return Refusal.NO_WEB_URL
        if not same_site(url, self.site):
            return Refusal.OTHER_SITE
        if file_type(url) in FILE_TYPES:
            return Refusal.FILE_TYPE
        return _trap(url) or self._by_pattern(url, via)

    def _by_pattern(self, url: str, via: Via | None) -> Refusal | None:
        if any(pattern.search(url) for pattern in self._exclude):
            return Refusal.EXCLUDED
        if self._include:
            return None if any(pattern.search(url) for pattern in self._include) else Refusal.NOT_INCLUDED
        return Refusal.INDEX_PAGE if via not in _TRUSTED and looks_like_index(url) else None

    def sift(self, candidates: Iterable[Candidate]) -> Sifted:
        """Part the wanted candidates from the others, each URL once."""
        wanted: dict[str, Candidate] = {}
        refused: Counter[Refusal] = Counter()
        for candidate in candidates:
            if reason := self.refusal(candidate.url, via=candidate.via):
                refused[reason] += 1
            else:
                wanted.setdefault(candidate.url, candidate)
        return Sifted(tuple(wanted.values()), dict(refused))


def _compiled(pattern: str, *, key: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        message = f"{pattern!r} is no regular expression: {error}"
        raise SettingsError(
            message, key=key, tip="a dot, plus or question mark of the URL needs a backslash"
        ) from error


def _trap(url: str) -> Refusal | None:
    split = urlsplit(url)
    segments = [segment for segment in split.path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return Refusal.TOO_DEEP
    if split.query.count("&") >= MAX_PARAMETERS:
        return Refusal.TOO_MANY_PARAMETERS
    most = max(Counter(segments).values(), default=0)
    return Refusal.REPEATS_ITSELF if most >= _SAME_SEGMENT or _REPEATED.search(split.path) else None
