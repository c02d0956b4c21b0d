"""Chooses the authors: people and agencies, each once, without what bylines put around the names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.bylinewords import (
    DEGREES,
    LEAD_NOUNS,
    LEAD_WORDS,
    LEADS_AND_PARTICLES,
    NO_FIRST,
    NO_NAME,
    PARTICLES,
    ROLES,
    SUFFIXES,
)
from newsarchive.extraction.naming import key, plain
from newsarchive.text import count_words, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsarchive.extraction.findings import Findings

ORDER: Final = ("rule", "json-ld", "microdata", "meta", "visible")
LONGEST: Final = 80
MOST: Final = 30

_LEAD = re.compile(
    rf"(?:(?:{'|'.join(LEAD_NOUNS)}|{'|'.join(LEAD_WORDS)})\s*[:：]|(?P<word>{'|'.join(LEAD_WORDS)})\s"
    r"|(?:文|撰文)[/／|｜])\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;；|｜•·\n]|\s[/／]\s|\s[–—-]\s"
    r"|\s+(?:and|und|et|og|och|dan|ve|и|та|і|și|oraz|και|و|và|dhe|&|＆|with|mit|avec)\s+"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff])(?:と|・|／|和|、)(?=[\u3400-\u9fff]))\s*",
    re.IGNORECASE,
)
_LETTER_AND: Final = re.compile(r"\s+(?:y|e|i|a|en|ja|da|és)\s+")
"""What joins names as well as the parts of one: `Ana Costa e Rui Lima`, `Ana Costa e Silva`."""
_COMMA = re.compile(r"\s*[,，、،]\s*(?:(?:and|und|et|y|e|och|og)\s+)?")
_TAIL = re.compile(
    r"\s*(?:\([^)]*\)|（[^）]*）|\[[^\]]*\]|[,:;|–—-]+|\s?(?:선임|수석)?기자|\s?특파원|\s?(?:本报|特约)?(?:記者|记者)"
    r"|\s?編集(?:部員|委員)|の(?:記事|プロフィール).*|さん|님)\s*$"
)
_PLACE = re.compile(r"^([^\W\d_a-z].{2,40}?)\s+(?:in|aus)\s+(?-i:[^\W\d_a-z])[^\W\d_].{0,40}$")
"""A name and from where it reports: `Lan Tran in Hanoi`."""
_MAIL = re.compile(r"\S+@\S+")
_NUMBERS = re.compile(r"\d|https?:|www\.|\.(?:com|org|net|html?|php)\b", re.IGNORECASE)
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


def choose(
    found: Sequence[Findings],
    *,
    sites: frozenset[str],
    opened: Callable[[], tuple[str, ...]] = tuple,
    placed: Callable[[], tuple[str, ...]] = tuple,
) -> tuple[tuple[str, ...], str]:
    """Names in the page's order, and which reader gave them; the site's own name only where it is the only byline.

    Args:
        found: what the readers found.
        sites: keys of the site's names.
        opened: looks for lines that start like bylines; asked only where no reader has a person or an agency.
        placed: looks for names where bylines stand; asked only where no reader names even the house.
    """
    by_reader = {one.reader: one.authors for one in found}
    named = {reader: _once(name for text in by_reader.get(reader, ()) for name in names_in(text)) for reader in ORDER}
    if ruled := named["rule"] or tuple(team for text in by_reader.get("rule", ()) if (team := team_in(text))):
        return ruled[:MOST], "rule"  # whoever wrote the rule saw the page
    hosts = tuple(site for site in sites if site.startswith("www"))
    houses = sites | {
        key(name) for texts in by_reader.values() for text in texts if _ends_in(text, hosts) for name in names_in(text)
    }
    people = {reader: tuple(name for name in names if key(name) not in houses) for reader, names in named.items()}
    for reader in ORDER:
        if people[reader]:
            return _better(people[reader][:MOST], reader, people["visible"][:MOST])
    for reader in ORDER:
        if teams := [name for text in by_reader.get(reader, ()) if (name := team_in(text))]:
            return tuple(teams[:1]), reader
    if names := _once(name for name in opened() if key(name) not in sites):
        return names[:MOST], "text"
    # A page's own words for machines name the house as author better than what it shows, which may be a logo.
    house = next(((named[reader][:1], reader) for reader in ORDER if named[reader]), None)
    if house or not (names := _once(name for name in placed() if key(name) not in sites)):
        return house or ((), "")
    return names[:MOST], "text"


def _ends_in(text: str, hosts: tuple[str, ...]) -> bool:
    """Whether a byline gives the site's address beside a name, as houses do: `Harbor Post (www.harbor.example)`."""
    return "." in text and len(text) <= _LONGEST_LIST and key(text).endswith(hosts)


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
    between = all(word[:1].isupper() or word.lower() in PARTICLES or "'" in word for word in words[1:-1])
    return (1 < len(words) <= _MOST_WORDS and capital and between and not _POSSESSIVE.search(name)) or (
        name.isupper() and len(words) < _MOST_WORDS - 1
    )


def is_introduced(text: str) -> bool:
    """Whether a text starts with what stands before a name.

    >>> is_introduced("By lan"), is_introduced("lan")
    (True, False)
    """
    return _without_lead(text) != text


def team_in(text: str) -> str:
    """A byline that names a part of the house, such as `Harbor Post Staff`; a bare role names nobody.

    >>> team_in("By Harbor Post Staff | 27 February 2019"), team_in("Staff"), team_in("Lan Tran")
    ('Harbor Post Staff', '', '')
    """
    name = _stripped(_DATE_TAIL.sub("", plain(text))) if len(text) <= _LONGEST_LIST else ""
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
    return list(_names_in(text)) if len(text) <= _LONGEST_LIST else []


@lru_cache(maxsize=1024)  # a page says the same names in its data, its tags and its byline
def _names_in(text: str) -> tuple[str, ...]:
    text = _DATE_TAIL.sub("", _MAIL.sub(" ", plain(text)))
    if _NO_PERSON.match(text):
        return ()
    text = _stripped(text)
    pieces = (piece for part in _SPLIT.split(text) for whole in _by_letters(part) for piece in _by_commas(whole))
    cleaned = (_stripped(name) for name in pieces)
    return tuple(name for name in cleaned if _is_name(name))


_LONGEST_LIST = 3000  # characters; a paper may have a hundred authors


def _by_letters(part: str) -> list[str]:
    """Cut at words that join names, where what stands on both sides is a name of its own."""
    joins = list(_LETTER_AND.finditer(part))
    for join in reversed(joins[:MOST]):
        left, right = part[: join.start()], part[join.end() :]
        if is_whole_name(right) and is_whole_name(_COMMA.split(left)[-1]):
            return [*_by_letters(left), right]
    return [part]


def _by_commas(part: str) -> list[str]:
    pieces = [piece for piece in _COMMA.split(part) if piece]
    while len(pieces) > 1 and key(pieces[-1]) in DEGREES:
        pieces.pop()
    pieces = [piece for place, piece in enumerate(pieces) if not place or key(piece) not in DEGREES]
    if len(pieces) == 2:  # noqa: PLR2004 - "Last, First" and "Name, Jr."
        last, first = pieces
        if key(first) in SUFFIXES:
            return [", ".join(pieces)]
        if count_words(last) == 1 and count_words(first) == 1 and last.istitle() and first.istitle():
            return [f"{first} {last}"]
    return pieces


def _stripped(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = text.strip(' \t,;:|•·/／–—-*"“”„«»')
        text = _PLACE.sub(r"\1", _TAIL.sub("", _without_lead(text))).strip()
    return text


def _without_lead(text: str) -> str:
    lead = _LEAD.match(text)
    if lead is None:
        return text
    rest = text[lead.end() :]
    name = (lead["word"] or "").lower() in LEADS_AND_PARTICLES and " " not in rest.strip()
    return text if name else rest


def _is_name(text: str) -> bool:
    if not text or len(text) > LONGEST or _NUMBERS.search(text) or _CODE.search(text):
        return False
    if text.count("(") != text.count(")"):
        return False
    if text.isascii() and count_words(text) > _MOST_WORDS_OF_NAMES:
        return False
    words = fold(text).replace(".", "").split()
    folded = key(text)
    if folded in NO_NAME or len(folded) < _SHORTEST or not any(char.isalpha() for char in text):
        return False
    if any(char.isdigit() for char in text):  # circled and raised ones as well
        return False
    return not ROLES.intersection(words) and words[0] not in NO_FIRST


_MOST_WORDS_OF_NAMES = 8
_SHORTEST = 2  # letters; one is an initial
