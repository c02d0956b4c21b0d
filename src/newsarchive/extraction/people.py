"""Chooses the authors: people and agencies, each once, without what bylines put around the names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.naming import key, plain
from newsarchive.text import count_words, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.extraction.findings import Findings

ORDER: Final = ("json-ld", "microdata", "meta", "visible")
LONGEST: Final = 80
MOST: Final = 30

LEAD_WORDS = (
    "written by", "reported by", "story by", "posted by", "published by", "article by", "text by", "text von", "by",
    "von", "vom", "par", "por", "di", "da", "av", "af", "door", "przez", "oleh", "yazan", "от", "автор", "autor",
    "autorin", "autoren", "auteur", "autore", "författare", "author", "authors", "text", "reporter", "foto", "bild",
)  # fmt: skip
"""What stands before a name."""

_LEAD = re.compile(rf"^(?:(?:{'|'.join(LEAD_WORDS)})\s*:|(?:{'|'.join(LEAD_WORDS[:19])})\s)\s*", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*(?:[;|•·\n]|\s/\s|\s[–—-]\s|\s+(?:and|und|y|et|og|och|en|dan|ve|и|&|with|mit)\s+|\s+&\s+)\s*", re.IGNORECASE
)
_COMMA = re.compile(r"\s*[,、]\s*(?:and\s+|und\s+)?")
_TAIL = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|[,:;|–—-]+)\s*$")
_MAIL = re.compile(r"\S+@\S+")
_ROLES = frozenset({
    "correspondent", "reporter", "editor", "writer", "columnist", "journalist", "contributor", "producer", "chief",
    "bureau", "redakteur", "redakteurin", "korrespondent", "korrespondentin", "journaliste", "redacteur",
    "periodista", "giornalista", "redaktor", "redaktionsleiter", "chefredakteur", "photographer", "fotograf",
    "analyst", "director", "head", "senior", "staff", "intern", "professor", "lecturer", "fellow", "researcher",
})  # fmt: skip
_NO_NAME = frozenset({
    "published", "posted", "updated", "share", "tweet", "follow", "subscribe", "admin", "administrator", "editor",
    "staff", "author", "guest", "unknown", "null", "none", "undefined", "na", "user", "webmaster", "root",
    "newsdesk", "copyright", "read", "staffwriter", "more", "comment", "comments", "facebook", "twitter", "email",
    "print", "on", "by", "and", "minread", "wireservice", "web", "online", "advertisement", "anonymous", "redactie",
    "viewall", "seeall", "allposts", "moreposts", "profile", "biography", "home",
})  # fmt: skip
_NUMBERS = re.compile(r"\d{2,}|https?:|www\.")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "esq"})


def choose(found: Sequence[Findings], *, sites: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """Names in the page's order, and which reader gave them; the site's own name only where it is the only byline."""
    by_reader = {one.reader: one for one in found}
    only_site: tuple[tuple[str, ...], str] = ((), "")
    for reader in ORDER:
        raw = by_reader[reader].authors if reader in by_reader else ()
        names = _once(name for text in raw for name in names_in(text))
        if reader == "visible":
            names = tuple(name for name in names if _is_whole_name(name))
        people = tuple(name for name in names if key(name) not in sites)
        if people:
            return people[:MOST], reader
        # A page's own words for machines may name the house as author; a visible word of the kind is a logo.
        if names and not only_site[0] and reader != "visible":
            only_site = (names[:1], reader)
    return only_site


def _is_whole_name(name: str) -> bool:
    """At least two capitalised words (in scripts with capitals): class names alone are weak evidence for a byline."""
    words = name.split()
    cased = any(char.isupper() or char.islower() for char in name)
    if any(char.isdigit() for char in name):
        return False
    return not cased or (len(words) > 1 and words[0][0].isupper() and words[-1][0].isupper()) or name.isupper()


def _once(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(key(name), name)
    return tuple(name for folded, name in kept.items() if folded)


def names_in(text: str) -> list[str]:
    """The names in a byline.

    >>> names_in("By Lan Tran and Ana B. Costa, Senior Editor"), names_in("Published"), names_in("AFP / dpa")
    (['Lan Tran', 'Ana B. Costa'], [], ['AFP', 'dpa'])
    >>> names_in("Tran, Lan"), names_in("John Doe, Jr."), names_in("https://harbor.example/a")
    (['Lan Tran'], ['John Doe, Jr.'], [])
    """
    text = _MAIL.sub(" ", plain(text))
    text = _stripped(text)
    names: list[str] = []
    for part in _SPLIT.split(text):
        names.extend(_by_commas(part))
    cleaned = (_stripped(name) for name in names)
    return [name for name in cleaned if _is_name(name)]


def _by_commas(part: str) -> list[str]:
    pieces = [piece for piece in _COMMA.split(part) if piece]
    if len(pieces) == 2:  # noqa: PLR2004 - "Last, First" and "Name, Jr."
        last, first = pieces
        if key(first) in _SUFFIXES:
            return [part]
        if count_words(last) == 1 and count_words(first) == 1 and last.istitle() and first.istitle():
            return [f"{first} {last}"]
    return pieces


def _stripped(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = _TAIL.sub("", _LEAD.sub("", text.strip(' \t,;:|•·/–—-*"“”'))).strip()
    return text


def _is_name(text: str) -> bool:
    if not text or len(text) > LONGEST or _NUMBERS.search(text) or (count_words(text) > 8 and text.isascii()):  # noqa: PLR2004
        return False
    words = fold(text).replace(".", "").split()
    if key(text) in _NO_NAME or not any(char.isalpha() for char in text) or len(key(text)) < 2:  # noqa: PLR2004 - an initial
        return False
    return not _ROLES.intersection(words) and words[0] not in {
        "published",
        "posted",
        "updated",
        "share",
        "follow",
        "copyright",
    }
