"""The names a site goes by, and how to take them off other texts."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newsarchive.errors import UsageError
from newsarchive.text import fold, fold_space
from newsarchive.urls import SECOND_LEVELS, same_site, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_NO_WORD = re.compile(r"[\W_]+")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_SEPARATOR = re.compile(r"\s+[-–—―|·•»«›:/~⋆]+\s+|\s*[|｜ㅣ»›：_]\s*|\s*::\s*|:\s+")
_TOP_LEVEL = re.compile(r"\.[a-z]{2,6}(?:\.[a-z]{2})?$")


def plain(text: str) -> str:
    """A value that is text and nothing else: entities resolved, markup off, white space folded.

    >>> plain("Hanoi &amp;amp; <i>after</i>")
    'Hanoi & after'
    """
    for _ in range(2):  # content systems escape once too often
        if "&" in text:
            text = html.unescape(text)
    return fold_space(_MARKUP.sub(" ", text) if "<" in text else text)


def plain_lines(text: str) -> list[str]:
    """The lines of a text that may hold markup: breaks and ends of paragraphs end a line, and empty ones are left out.

    >>> plain_lines("<p>The tide &amp; the moon</p>Two<br>Three")
    ['The tide & the moon', 'Two', 'Three']
    """
    cut = text.replace("<br", "\n<br").replace("</p>", "\n")
    return [line for raw in cut.splitlines() if (line := plain(raw))]


@lru_cache(maxsize=2048)  # the same few names and titles are compared with one another, field by field
def key(text: str) -> str:
    """What stays when case, accents, punctuation and spaces are taken off: names that agree have the same key.

    >>> key("The Harbor-Post") == key("the harbor post")
    True
    """
    return _NO_WORD.sub("", text.lower() if text.isascii() else fold(text))


def site_keys(url: str, names: Iterable[str]) -> frozenset[str]:
    """Keys of all names of a site: those it gives itself, and its host with and without the ending.

    >>> sorted(site_keys("https://www.harborpost.co.uk/a", ["Harbor Post News"]))
    ['harborpost', 'harborpostcouk', 'harborpostnews', 'wwwharborpostcouk']
    """
    keys = {key(name) for name in names}
    keys.update(key(_TOP_LEVEL.sub("", name.lower())) for name in names)
    keys.update(_host_keys(url))
    keys.update({name.removeprefix("the") for name in keys if len(name) > len("the") + 3})
    return frozenset(keys - {""})


def _host_keys(url: str) -> set[str]:
    try:
        site = site_of(url)
    except UsageError:
        return set()
    return {key(site), key("www." + site), key(_owner(url))}


def _owner(url: str) -> str:
    """The label of a host that somebody registered, or "": `harborpost` of www.harborpost.co.uk."""
    try:
        labels = site_of(url).split(".")
    except UsageError:
        return ""
    if len(labels) > 2 and labels[-2] in SECOND_LEVELS:  # noqa: PLR2004 - harborpost.co.uk
        return labels[-3]
    return labels[-2] if len(labels) > 1 else labels[0]


def same_house(one: str, other: str) -> bool:
    """Whether two URLs are of one site, or of two whose names differ in the ending alone.

    >>> same_house("https://www.harborpost.co.uk/a", "https://harborpost.com/a")
    True
    >>> same_house("https://harborpost.example/a", "https://islandnews.example/a")
    False
    """
    return same_site(one, other) or (bool(_owner(one)) and _owner(one) == _owner(other))


def without_site(text: str, sites: frozenset[str], *, loose: bool = False) -> str:
    """A title without the site's name before or behind it; loosely, without a longer tail that holds the name.

    >>> without_site("Summit ends - no deal | Harbor Post", frozenset({"harborpost"}))
    'Summit ends - no deal'
    >>> without_site("Harbor Post: Summit ends", frozenset({"harborpost"}))
    'Summit ends'
    >>> without_site("Summit ends early - and no deal | Harbor Post Politics", frozenset({"harborpost"}), loose=True)
    'Summit ends early - and no deal'
    """
    changed = True
    while changed:
        changed = False
        cuts = list(_SEPARATOR.finditer(text))
        for cut in cuts:
            tail = text[cut.end() :]
            if cut.start() > 0 and (key(tail) in sites or (loose and _holds_site(tail, text[: cut.start()], sites))):
                return without_site(text[: cut.start()].rstrip(), sites, loose=loose)
        for cut in reversed(cuts):
            if key(text[: cut.start()]) in sites and cut.end() < len(text):
                text, changed = text[cut.end() :].lstrip(), True
                break
    return text


def _holds_site(tail: str, head: str, sites: frozenset[str]) -> bool:
    """Whether what is shorter than the rest of a title begins or ends with a name of the site."""
    name = key(tail)
    if len(name) > _LONGEST_TAIL or len(name) >= len(key(head)):
        return False
    return any(name.startswith(site) or name.endswith(site) for site in sites if len(site) >= _LONG_NAME)


_LONGEST_TAIL = 40
_LONG_NAME = 6  # letters; shorter names are words as well


def parts(text: str) -> list[str]:
    """A title cut at its separators.

    >>> parts("Summit ends | Politics | Harbor Post")
    ['Summit ends', 'Politics', 'Harbor Post']
    """
    return [part for piece in _SEPARATOR.split(text) if (part := piece.strip())]
