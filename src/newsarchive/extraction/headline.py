"""Chooses the headline: what the reader sees, as far as what the page says of itself agrees with it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.naming import key, parts, plain, without_site
from newsarchive.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.extraction.findings import Findings

ORDER: Final = ("json-ld", "meta", "microdata", "title")
"""Who is asked whether a visible heading is the headline; and who is believed where none is."""

LONGEST: Final = 500
_LONGEST_RAW = 2000  # characters, markup and entities among them
_AGREEMENT = 0.5  # share of words; measured: 0.3 to 0.8 make no difference over 127 news pages
_SHORTEST = 12  # letters; a shorter `og:title` is a section or a name
_CUT = ("...", "…")
_SOME_AGREEMENT = 0.2
_WORDS_OF_A_HEADLINE = 4
_LONGEST_SHOWN = 250
_DIGIT = re.compile(r"\d")
_LABEL = re.compile(r".*\d.*|.*:\s*", re.DOTALL)
_NAMED_TAIL = re.compile(r"\s*[-–—|｜ㅣ:：·_/]")
_WORD = re.compile(r"\w+")


def choose(found: Sequence[Findings], *, sites: frozenset[str]) -> tuple[str | None, str]:
    """The headline without the site's name, and which reader gave it."""
    if ruled := next((text for one in found if one.reader == "rule" for text in _cleaned(one.headlines, sites)), None):
        return ruled, "rule"
    claims = _claims(found, sites)
    shown = _shown(found, claims, sites)
    best = max(shown, key=lambda text: _support(text, claims), default=None)
    if best is not None and (not claims or _support(best, claims) >= _needed(shown)):
        return _as_edited(best, found, claims) or _trimmed(best, claims)
    if not claims:
        return None, ""
    reader, text = claims[0]
    if len(shown) == 1 and reader == "title" and _is_sentence(shown[0]):
        return shown[0], "visible"  # what stands in `title` alone was written for search engines
    if not shown and (lesser := _lesser(found, claims, sites)):
        return lesser, "visible"
    return _shortest(_without_tail(text) if reader == "title" else text, claims), reader


def _lesser(found: Sequence[Findings], claims: list[tuple[str, str]], sites: frozenset[str]) -> str | None:
    """A heading of the second rank which a claim holds whole, on a page without one of the first."""
    shown = [text for one in found if one.reader == "visible" for text in _cleaned(one.lesser_headlines, sites)]
    told = [key(text) for _, text in claims]
    return next((text for text in shown if len(key(text)) >= _SHORTEST and any(key(text) in one for one in told)), None)


def _shown(found: Sequence[Findings], claims: list[tuple[str, str]], sites: frozenset[str]) -> list[str]:
    """Visible headings but for the site's name: such a one stands in `title` beside what others call the headline."""
    shown = [text for one in found if one.reader == "visible" for text in _cleaned(one.headlines, sites)]
    titles = {key(text) for reader, text in claims if reader == "title"}
    told = {key(text) for reader, text in claims if reader != "title"}
    pairs = {title.removesuffix(name) for title in titles for name in told} | {
        title.removeprefix(name) for title in titles for name in told
    }
    return [text for text in shown if key(text) not in pairs - titles - told]


def _needed(shown: list[str]) -> float:
    """How far a heading must agree: the only one of a page, and as long as headlines are, need only share a word."""
    return _SOME_AGREEMENT if len(shown) == 1 and _is_sentence(shown[0]) else _AGREEMENT


def _is_sentence(text: str) -> bool:
    """As long as headlines are; in scripts without spaces a word is a run of letters, so length counts as well."""
    return len(text) <= _LONGEST_SHOWN and (len(_WORD.findall(text)) >= _WORDS_OF_A_HEADLINE or not key(text).isascii())


def _trimmed(shown: str, claims: list[tuple[str, str]]) -> tuple[str, str]:
    """The heading without what a template sets in it before or behind the headline: a date, a byline, a label."""
    counts = Counter(text for _, text in claims)
    for text, count in counts.items():
        before, found, after = shown.partition(text)
        if count > 1 and found and len(key(text)) >= _SHORTEST and (_DIGIT.search(after) or _LABEL.fullmatch(before)):
            return text, "visible"
    return shown, "visible"


def _shortest(text: str, claims: list[tuple[str, str]]) -> str:
    """A claim that another one continues with a separator and a name stands for both."""
    for _, other in claims:
        if len(key(other)) >= _SHORTEST and text.startswith(other) and _NAMED_TAIL.match(text, len(other)):
            return other
    return text


def _as_edited(shown: str, found: Sequence[Findings], claims: list[tuple[str, str]]) -> tuple[str, str] | None:
    """The editors' own headline of a news article, where the heading on the page was written for search engines.

    Systems for news keep two headlines: one that is shown and stands in the `title` element, and one for quoting, in
    `og:title`. Measured over 127 news pages: where JSON-LD and `og:title` agree against the heading, they are right
    on 7 of 7; where `og:title` stands alone against heading, JSON-LD and title, it is right on 14 of 19. On blogs
    (`BlogPosting`, `Article`) it is the other way round: there the heading stays.
    """
    told = dict(reversed(claims))  # the first of each reader
    data, quoted = told.get("json-ld", ""), told.get("meta", "")
    if not any(one.is_news for one in found) or not data or len(key(quoted)) < _SHORTEST or quoted.endswith(_CUT):
        return None
    if key(quoted).startswith(key(shown)):
        return None  # the heading, and behind it a name of the site that is not known
    if key(data) == key(quoted):
        return quoted, "meta"
    titled = key(told.get("title", "")).startswith(key(shown))
    return (quoted, "meta") if titled and key(data) == key(shown) else None


def _claims(found: Sequence[Findings], sites: frozenset[str]) -> list[tuple[str, str]]:
    by_reader = {one.reader: one for one in found}
    return [
        (reader, text)
        for reader in ORDER
        if reader in by_reader
        for text in _cleaned(by_reader[reader].headlines, sites, loose=True)[:3]
    ]


def _cleaned(texts: Iterable[str], sites: frozenset[str], *, loose: bool = False) -> list[str]:
    plainly = (plain(text) for text in texts if len(text) <= _LONGEST_RAW)
    cleaned = (without_site(text, sites, loose=loose) for text in plainly if len(text) <= LONGEST)
    return list(dict.fromkeys(text for text in cleaned if text and len(text) <= LONGEST and key(text) not in sites))


def _support(text: str, claims: list[tuple[str, str]]) -> float:
    return max((_agreement(text, claim) for _, claim in claims), default=0.0)


def _agreement(one: str, other: str) -> float:
    """Share of the words of two texts that both have; a text that contains the other whole agrees fully."""
    first, second = key(one), key(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    if min(len(first), len(second)) > 12 and (first in second or second in first):  # noqa: PLR2004 - not a single word
        return 0.95
    words, others = set(_WORD.findall(fold(one))), set(_WORD.findall(fold(other)))
    return 0.9 * len(words & others) / max(1, min(len(words), len(others))) if min(len(words), len(others)) > 1 else 0.0


def _without_tail(title: str) -> str:
    """A `title` whose site name is unknown: the longest of its parts, where one is clearly the longest."""
    pieces = parts(title)
    longest = max(pieces, key=len, default=title)
    return longest if len(longest) > 0.6 * len(title) else title
