"""Finds the bylines that a reader sees and that are marked: links to an author's page, elements named so.

The relation `author` is HTML's (https://html.spec.whatwg.org/multipage/links.html#link-type-author); class names and
folders are those of themes and content systems. A page shows the authors of teasers, comments and books as well: only
the first group of names in the article counts.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.errors import UsageError
from newsarchive.extraction.naming import key
from newsarchive.extraction.people import is_introduced, is_whole_name, names_in, team_in
from newsarchive.extraction.regions import Regions, is_in
from newsarchive.extraction.tree import class_words, strings, text_of
from newsarchive.text import fold_space
from newsarchive.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

BYLINE: Final = frozenset({
    "byline", "bylines", "author", "authors", "autor", "autoren", "auteur", "auteurs", "autore", "writer", "reporter",
    "byl", "authorname",
})  # fmt: skip
"""Words of class names that mark a byline."""

NO_BYLINE: Final = frozenset({
    "bio", "avatar", "image", "img", "photo", "social", "twitter", "comment", "comments", "related", "follow",
    "description", "email", "more", "posts", "role", "title", "jobtitle", "job", "date", "time", "share", "footer",
    "popular", "recent", "widget", "sidebar", "card", "teaser", "desc", "about", "position",
})  # fmt: skip
"""Words of class names that mark what else is said of authors; inside of these, only an author's name counts."""

_SURE = "authors?|autor(?:es|en|i|e)?|auteurs?|contributors?|columnists?|writers?|reporters?|journalist(?:s|en)?|staff"
_AUTHORS = re.compile(rf"/(?:{_SURE})/[^?#]+", re.IGNORECASE)
_FOLDER = re.compile(rf"/(?:{_SURE}|profiles?|editors|redakteure?|byline|by|users?|u)/[^?#]+", re.IGNORECASE)
_MOST_PARTS = 60  # elements in a byline, icons and separators among them
_MANY = etree.XPath(f"count(descendant::*) > {_MOST_PARTS}")
_PIECES = etree.XPath(".//text()[not(parent::script or parent::style or parent::svg)]", smart_strings=False)
_LONGEST = 200  # characters of a byline with place and date
_FEW = 2
_MOST_BOXED = 20
_MOST_MARKED = 2000
_GROUP = 4  # levels from the first author of a byline up to what holds all of them
_JOINERS = frozenset({"", "and", "und", "y", "et", "og", "och", "en", "e", "ja", "ve", "dan", "и", "with", "mit"})
OPENING = re.compile(
    r"\s*(?:(?:written|reported|posted|story|words|text|article|report)\s+)?(?:by|von|par|por|door|oleh|przez)\b"
    r"|\s*(?:author|autorin/autor|autor(?:in)?|auteur|autore|författare|автор|текст|text)\s*(?::|$)",
    re.IGNORECASE,
)
"""What a line that names its author starts with."""


def read(page: Page, classed: Sequence[HtmlElement], regions: Regions) -> tuple[str, ...]:
    """The names in links to authors' pages or in elements named so: near the headline, or else anywhere if few."""
    linked = _names(_author_links(page), regions)
    marked = _names([element for element in classed if class_words(element) & BYLINE], regions)
    return marked if set(linked) < set(marked) or not linked else linked


def _author_links(page: Page) -> list[HtmlElement]:
    """Links to an author's page, those that say so themselves first."""
    related, to_pages = [], []
    for link in page.tagged("a"):
        if (rel := link.get("rel")) and "author" in rel.lower().split():
            related.append(link)
        elif (href := link.get("href")) and _FOLDER.search(href):
            to_pages.append(link)
    return [link for link in [*related, *to_pages][:_MOST_MARKED] if _is_of_site(link, page)]


def _is_author_link(link: HtmlElement, *, sure: bool = False) -> bool:
    """Whether a link leads to an author's page; a folder of users may hold anything, so it is not `sure`."""
    folder = (_AUTHORS if sure else _FOLDER).search(link.get("href") or "")
    return "author" in (link.get("rel") or "").lower().split() or bool(folder)


def _is_of_site(link: HtmlElement, page: Page) -> bool:
    """Whether a link stays on the site: what stands under `/user/` elsewhere is the house's account."""
    href = link.get("href") or ""
    try:
        return not href.startswith(("http:", "https:", "//")) or site_of(page.link(href) or "") == site_of(page.url)
    except UsageError:
        return False


def _names(elements: Iterable[HtmlElement], regions: Regions) -> tuple[str, ...]:
    long: dict[HtmlElement, bool] = {}
    told = [element for element in elements if not _is_mention(element, long)]
    own = (element for element in told if not regions.is_apart(element))
    shown = [(element, names) for element in own if (names := _names_of(element))]
    if not shown:  # a byline may share its box with share buttons or with what is related
        boxed = (element for element in told if regions.article is not None and regions.is_within(element))
        inside = dict.fromkeys(name for element in islice(boxed, _MOST_BOXED) for name in _names_of(element))
        return tuple(name for name in inside if len(inside) == 1 and " " in name)
    if near := [(element, names) for element, names in shown if regions.is_within(element)]:
        return _first_group(near)
    anywhere = list(dict.fromkeys(name for _, names in shown for name in names))
    return tuple(anywhere) if len(anywhere) <= _FEW else ()


def _first_group(shown: Sequence[tuple[HtmlElement, tuple[str, ...]]]) -> tuple[str, ...]:
    """The names of the innermost elements that stand together with the first one."""
    outer = {ancestor for element, _ in shown for ancestor in element.iterancestors()}
    inner = [(element, names) for element, names in shown if element not in outer]
    holder = list(islice(inner[0][0].iterancestors(), _GROUP))[-1:]
    return tuple(
        dict.fromkeys(name for element, names in inner if not holder or is_in(element, holder[0]) for name in names)
    )


def _names_of(element: HtmlElement) -> tuple[str, ...]:
    """The names that an element shows; a lone word counts where something says that it is a name."""
    if element.tag in {"body", "html", "article", "main"} or _MANY(element):
        return ()
    pieces = pieces_of(element)
    if not pieces or sum(map(len, pieces)) > _LONGEST:
        return ()
    words = class_words(element)
    sure = _is_author_link(element, sure=True) or ("name" in words and not words & NO_BYLINE) or "authorname" in words
    return chain_of(pieces, sure=sure) or ((pieces[0],) if team_in(pieces[0]) else ())


def _is_mention(element: HtmlElement, long: dict[HtmlElement, bool]) -> bool:
    """Whether a link stands within a paragraph, as the name of somebody the article is about."""
    holder = element.getparent()
    if element.tag != "a" or holder is None or holder.tag != "p":
        return False
    if holder not in long:
        long[holder] = len(text_of(holder)) > _LONGEST
    return long[holder]


def pieces_of(element: HtmlElement) -> list[str]:
    """The pieces of text that an element is made of, in their order."""
    return [piece for text in strings(_PIECES, element) if (piece := fold_space(text))]


def chain_of(pieces: Sequence[str], *, sure: bool) -> tuple[str, ...]:
    """The first names among pieces of text, as far as commas and the like join them: an agency or a date ends it."""
    names: list[str] = []
    joined = True
    for piece in pieces:
        found = [name for name in names_in(piece) if sure or is_introduced(piece) or is_whole_name(name)]
        if found and joined:
            names.extend(found)
            joined = piece.endswith((",", "&", " and", " und", " et"))
        elif found or (names and key(piece) not in _JOINERS):
            break
        else:
            joined = True
            sure = sure or bool(OPENING.fullmatch(piece.rstrip(": ")))
    return tuple(dict.fromkeys(names))
