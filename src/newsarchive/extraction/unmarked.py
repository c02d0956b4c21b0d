"""Finds bylines that nothing marks: lines that start with "By", names beside the date, names in bold over the text.

Weaker than what `bylines` reads, and asked only where a page says nothing else of its authors. That a name stands
beside the date under the headline holds in any language, so no words are needed to see it.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction import datelines
from newsarchive.extraction.bylines import OPENING, chain_of, pieces_of
from newsarchive.extraction.naming import key
from newsarchive.extraction.people import is_whole_name, names_in
from newsarchive.extraction.regions import Regions
from newsarchive.extraction.tree import strings, text_of
from newsarchive.text import fold, fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

_LINES = ("p", "div", "span", "li", "address", "em", "i", "b", "strong", "small", "h2", "h3", "h4", "h5", "h6", "td")
_LONG = 150  # characters that make a paragraph
_LONGEST_LINE = 120
_LONGEST_NAMES = 60
_MOST_PIECES = 30  # children of what holds a byline; the list of all paragraphs is none, and long to read
_MOST_LINES = 200  # lines that start like a byline; a page of poems has many
_TOP = 2  # paragraphs over which a byline stands; below them are those of teasers
_BOLD = frozenset({"strong", "b", "em", "i"})
_NO_NAMES = re.compile(r"[.!?:;\d]\s|[!?:;]$")
_STRONG = re.compile(
    r"\s*(?:(?:written|reported|words|story|text) by"
    r"|(?:author|autorin/autor|autor(?:in)?|auteur|autore|författare|автор|作者|文)\s?(?:[:：]|$))",
    re.IGNORECASE,
)
_AFTER = etree.XPath(
    "following::text()[not(parent::script or parent::style or parent::a or parent::option)][position() <= 40]",
    smart_strings=False,
)
_PART = re.compile(r"\s*[|·•∙‧–—/,]\s*|\s+-\s+|\s{2,}")
_NEAR: Final = 2  # pieces of text from the date to a name
_LONGEST_DATE = 40
_SHARE = 0.7
_LONG_WORD = 4
_FIRST = 3  # paragraphs among which a name in bold is a byline
_WORDS = range(2, 5)  # of a name


def opened(page: Page, *, sites: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Names in lines that say so (`By Lan Tran`, `Autorin: Lan Tran`), or in bold at an end of the text.

    Args:
        page: the page.
        sites: keys of the site's names, which stand in such lines too.
    """
    regions = Regions(page)
    article = page.root if regions.article is None else regions.article
    for line in _opened_lines(article, regions):
        told = (name for name in chain_of(line, sure=False) if is_whole_name(name))
        names = tuple(name for name in told if key(name) not in sites)
        if names:
            return names
    return _bold_names(article)


def placed(page: Page, *, barred: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Names whose place alone says what they are: under the headline and beside the date.

    Args:
        page: the page.
        barred: keys of what stands in such places too, such as the page's sections.
    """
    regions = Regions(page)
    return _beside_date(page, regions, barred) if regions.headings else ()


def _opened_lines(article: HtmlElement, regions: Regions) -> Iterator[list[str]]:
    long = found = 0
    for element in article.iter(*_LINES):
        text = (element.text or "").strip()
        long += len(text) > _LONG
        match = (OPENING if long <= _TOP else _STRONG).match(text)
        if match is None or len(text) > _LONGEST_LINE or regions.is_apart(element):
            continue
        found += 1
        if found > _MOST_LINES:
            return
        if len(element) > _MOST_PIECES:
            continue
        pieces = pieces_of(element)
        holder = element.getparent()
        if sum(map(len, pieces)) <= match.end() + 1 and holder is not None and len(holder) <= _MOST_PIECES:
            pieces = pieces_of(holder)
        if sum(map(len, pieces)) <= _LONGEST_LINE:
            yield pieces


def _beside_date(page: Page, regions: Regions, barred: frozenset[str]) -> tuple[str, ...]:
    """Names in the line under the headline that holds the date, or in the lines right beside it."""
    parts = list(_parts_under(regions.headings[0]))
    language = (page.root.get("lang") or "").lower()
    dates = [
        place
        for place, part in enumerate(parts)
        if len(part) <= _LONGEST_DATE and datelines.day_in(part, language=language)
    ]
    title = fold(text_of(regions.headings[0]))
    for place, part in enumerate(parts):
        if any(abs(place - date) <= _NEAR for date in dates) and not OPENING.fullmatch(part):
            names = _whole_names(part, barred, title)
            if names:
                return names
    return ()


def _parts_under(heading: HtmlElement) -> Iterator[str]:
    """Pieces of the text under a headline, down to the first paragraph, cut where bylines are cut."""
    for text in strings(_AFTER, heading):
        line = fold_space(text)
        if len(line) > _LONGEST_LINE:
            return
        if line:
            yield from islice((part for part in _PART.split(line) if part), _MOST_PIECES)


def _whole_names(part: str, barred: frozenset[str], title: str) -> tuple[str, ...]:
    """The names of a part that holds nothing else; what the headline speaks of is a topic."""
    names = names_in(part)
    if len(key("".join(names))) < _SHARE * len(key(part)):
        return ()
    for name in names:
        words = name.split()
        told = any(word in title for word in fold(name).split() if len(word) >= _LONG_WORD)
        if len(words) not in _WORDS or not is_whole_name(name) or name.isupper() or key(name) in barred or told:
            return ()
    return tuple(names)


def _bold_names(article: HtmlElement) -> tuple[str, ...]:
    paragraphs = list(article.iter("p"))
    first = list(islice((one for one in paragraphs if text_of(one)), _FIRST))
    last = list(islice((one for one in reversed(paragraphs) if text_of(one)), 1))
    for paragraph in [*first, *last]:
        text = text_of(paragraph)
        bold = len(paragraph) == 1 and paragraph[0].tag in _BOLD and text_of(paragraph[0]) == text
        if bold and text and len(text) <= _LONGEST_NAMES and not _NO_NAMES.search(text):
            names = names_in(text.replace("/", " / "))
            if names and all(is_whole_name(name) and len(name.split()) in _WORDS for name in names):
                return tuple(names)
    return ()
