"""Chooses the authors: people and agencies, each once, without what bylines put around the names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.naming import key, plain
from newsarchive.text import count_words, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsarchive.extraction.findings import Findings

ORDER: Final = ("json-ld", "microdata", "meta", "visible")
LONGEST: Final = 80
MOST: Final = 30

LEAD_WORDS = (
    "written by", "reported by", "story by", "posted by", "published by", "article by", "text by", "text von", "by",
    "von", "vom", "par", "por", "di", "da", "av", "af", "door", "przez", "oleh", "yazan", "от", "автор",
    "作者", "著者", "撰文", "autor",
    "autorin", "autoren", "auteur", "autore", "författare", "author", "authors", "text", "reporter", "foto", "bild",
)  # fmt: skip
"""What stands before a name."""

_LEAD = re.compile(rf"^(?:(?:{'|'.join(LEAD_WORDS)})\s*:|(?:{'|'.join(LEAD_WORDS[:19])})\s)\s*", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*(?:[;|•·\n]|\s/\s|\s[–—-]\s|\s+(?:and|und|y|et|og|och|en|dan|ve|и|&|with|mit)\s+|\s+&\s+)\s*", re.IGNORECASE
)
_COMMA = re.compile(r"\s*[,、]\s*(?:and\s+|und\s+)?")
_TAIL = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|[,:;|–—-]+|\s기자|\s?記者|\s?记者)\s*$")
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
    "viewall", "seeall", "allposts", "moreposts", "profile", "biography", "home", "vp", "ceo", "cto", "cofounder",
    "founder", "writtenby", "gmail", "bluesky", "linkedin", "instagram", "mastodon", "threads", "youtube", "reddit",
    "whatsapp", "pinterest", "telegram", "rss", "googlescholar", "wikipedia", "orcid", "website", "bio", "fullbio",
}) | {re.sub(r"\W", "", word) for word in LEAD_WORDS}  # fmt: skip
_NUMBERS = re.compile(r"\d{2,}|https?:|www\.")
_PARTICLES = frozenset({
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ten", "ter",
    "zu", "zur", "vom", "af", "av", "el", "al", "bin", "bint", "ibn", "ben", "y", "e", "i", "op", "het", "st",
})  # fmt: skip
"""Small words within names."""
_MOST_WORDS = 5
_LONGEST_UNCASED = 16
_POSSESSIVE = re.compile(r"['’]s\s")
_TEAM = re.compile(
    r"(?:[^\W\d_][\w.’'-]*\s+){1,4}(?:staff(?: reporter| writer)?|team|desk|editors|editorial|redaktion|redaction"
    r"|redazione|newsroom|contributors?|reporter)",
    re.IGNORECASE,
)
_LONGEST_TEAM = 50
_DATE_TAIL = re.compile(
    r"[\s,|·•(–—-]+(?:on\s+[A-Z][a-z]{2,5}day|(?:last\s+)?updated|published|posted|modified|aktualisiert|stand"
    r"|\d{1,4}\s?[./年-]\s?\d|\d{1,2}\.?\s+[^\W\d_]{3,10}\.?\s+\d{4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+\d{1,2}\b).*$",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(r"[a-z_]+(?:\.[a-z_]+){2,}|[{}<>\[\]$]")
_NO_PERSON = re.compile(
    r"(?:illustrations?|photos?|photographs?|photography|fotos?|bilder?|graphics?|reviewed|medically|fact[- ]checked"
    r"|edited|translated|produced|view|see|all|more|read|follow|about|learn|sign|log|cite|click|get|contact|join|meet|subscribe"
    r"|our|the author|full)\b",
    re.IGNORECASE,
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "esq"})


def choose(
    found: Sequence[Findings], *, sites: frozenset[str], search: Callable[[], tuple[str, ...]] | None = None
) -> tuple[tuple[str, ...], str]:
    """Names in the page's order, and which reader gave them; the site's own name only where it is the only byline.

    Args:
        found: what the readers found.
        sites: keys of the site's names.
        search: looks for bylines in plain lines; asked only where no reader has a person or an agency.
    """
    by_reader = {one.reader: one.authors for one in found}
    named = {reader: _once(name for text in by_reader.get(reader, ()) for name in names_in(text)) for reader in ORDER}
    people = {reader: tuple(name for name in names if key(name) not in sites) for reader, names in named.items()}
    for reader in ORDER:
        if people[reader]:
            return _better(people[reader][:MOST], reader, people["visible"][:MOST])
    for reader in ORDER:
        if teams := [name for text in by_reader.get(reader, ()) if (name := team_in(text))]:
            return tuple(teams[:1]), reader
    if search and (names := _once(name for name in search() if key(name) not in sites)):
        return names[:MOST], "text"
    # A page's own words for machines may name the house as author; a visible word of the kind is a logo.
    return next(((named[reader][:1], reader) for reader in ORDER[:-1] if named[reader]), ((), ""))


def _better(told: tuple[str, ...], reader: str, shown: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """What is shown, where it says more than a login name, or leaves out those whom other parts of the page name."""
    login = len(told) == 1 and not is_whole_name(told[0]) and any(is_whole_name(name) for name in shown)
    beside = reader == "microdata" and bool(shown) and {key(name) for name in shown} < {key(name) for name in told}
    return (shown, "visible") if login or beside else (told, reader)


def is_whole_name(name: str) -> bool:
    """At least two capitalised words (in scripts with capitals): class names alone are weak evidence for a byline.

    >>> is_whole_name("Lan Tran"), is_whole_name("AFP"), is_whole_name("Menu"), is_whole_name("陳蘭")
    (True, True, False, True)
    """
    words = name.split()
    cased = any(char.isupper() or char.islower() for char in name)
    if any(char.isdigit() for char in name) or not words:
        return False
    if not cased:
        return len(name) <= _LONGEST_UNCASED
    last = words[-1].lstrip("(\"'“‘")
    capital = words[0][0].isupper() and last[:1].isupper() and len(last.rstrip(".")) > 1
    between = all(word[:1].isupper() or word.lower() in _PARTICLES or "'" in word for word in words[1:-1])
    return (1 < len(words) <= _MOST_WORDS and capital and between and not _POSSESSIVE.search(name)) or name.isupper()


def is_introduced(text: str) -> bool:
    """Whether a text starts with what stands before a name.

    >>> is_introduced("By lan"), is_introduced("lan")
    (True, False)
    """
    return bool(_LEAD.match(text))


def team_in(text: str) -> str:
    """A byline that names a part of the house, such as `Harbor Post Staff`; a bare role names nobody.

    >>> team_in("By Harbor Post Staff | 27 February 2019"), team_in("Staff"), team_in("Lan Tran")
    ('Harbor Post Staff', '', '')
    """
    name = _stripped(_DATE_TAIL.sub("", plain(text)))
    return name if _TEAM.fullmatch(name) and len(name) <= _LONGEST_TEAM and not _NUMBERS.search(name) else ""


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
    text = _DATE_TAIL.sub("", _MAIL.sub(" ", plain(text)))
    if _NO_PERSON.match(text):
        return []
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
    if not text or len(text) > LONGEST or _NUMBERS.search(text) or _CODE.search(text):
        return False
    if text.isascii() and count_words(text) > _MOST_WORDS_OF_NAMES:
        return False
    words = fold(text).replace(".", "").split()
    folded = key(text)
    if folded in _NO_NAME or len(folded) < _SHORTEST or not any(char.isalpha() for char in text):
        return False
    return not _ROLES.intersection(words) and words[0] not in _NO_FIRST


_MOST_WORDS_OF_NAMES = 8
_SHORTEST = 2  # letters; one is an initial
_NO_FIRST = frozenset({"published", "posted", "updated", "share", "follow", "copyright"})
