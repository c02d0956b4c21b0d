"""Chooses the headline: what the reader sees, as far as what the page says of itself agrees with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.naming import key, parts, plain, without_site
from newsarchive.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.extraction.findings import Findings

ORDER: Final = ("json-ld", "meta", "microdata", "title")
"""Who is asked whether a visible heading is the headline; and who is believed where none is."""

LONGEST: Final = 500
_AGREEMENT = 0.5  # share of words; measured: 0.3 to 0.8 make no difference over 127 news pages
_WORD = re.compile(r"\w+")


def choose(found: Sequence[Findings], *, sites: frozenset[str]) -> tuple[str | None, str]:
    """The headline without the site's name, and which reader gave it."""
    claims = _claims(found, sites)
    shown = [text for one in found if one.reader == "visible" for text in _cleaned(one.headlines, sites)]
    best = max(shown, key=lambda text: _support(text, claims), default=None)
    if best is not None and (_support(best, claims) >= _AGREEMENT or not claims):
        return best, "visible"
    if not claims:
        return None, ""
    reader, text = claims[0]
    return (_without_tail(text) if reader == "title" else text), reader


def _claims(found: Sequence[Findings], sites: frozenset[str]) -> list[tuple[str, str]]:
    by_reader = {one.reader: one for one in found}
    return [
        (reader, text)
        for reader in ORDER
        if reader in by_reader
        for text in _cleaned(by_reader[reader].headlines, sites)[:3]
    ]


def _cleaned(texts: Iterable[str], sites: frozenset[str]) -> list[str]:
    cleaned = (without_site(plain(text), sites) for text in texts)
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
