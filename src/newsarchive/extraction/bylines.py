"""Finds the bylines that a reader sees: links to an author's page, elements named so, lines that start with "By".

The relation `author` is HTML's (https://html.spec.whatwg.org/multipage/links.html#link-type-author); class names and
folders are those of themes and content systems. A page shows the authors of teasers, comments and books as well: only
the first group of names in the article counts.
"""

from __future__ import annotations

import re
from itertools import compress, islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.errors import UsageError
from newsarchive.extraction.naming import key
from newsarchive.extraction.people import is_introduced, is_whole_name, names_in
from newsarchive.extraction.regions import around, is_apart, is_within, trunk_of
from newsarchive.extraction.tree import class_words, select, strings, text_of
from newsarchive.text import fold_space
from newsarchive.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
_LINKS = etree.XPath("//a[@href]")
_HREFS = etree.XPath("//a/@href", smart_strings=False)  # in the order of the links
_RELATED = etree.XPath("//a[contains(@rel, 'author')]")
_PIECES = etree.XPath(".//text()[not(parent::script or parent::style or parent::svg)]", smart_strings=False)
_LONGEST = 200  # characters of a byline with place and date
_LONGEST_LINE = 120
_LONGEST_NAMES = 60
_MOST_PIECES = 30  # children of what holds a byline; the list of all paragraphs is none, and long to read
_FEW = 2
_GROUP = 4  # levels from the first author of a byline up to what holds all of them
_JOINERS = frozenset({"", "and", "und", "y", "et", "og", "och", "en", "e", "ja", "ve", "dan", "и", "with", "mit"})
_OPENING = re.compile(
    r"\s*(?:(?:written|reported|posted|story|words|text|article|report)\s+)?(?:by|von|par|por|door|oleh|przez)\b"
    r"|\s*(?:author|autorin/autor|autor(?:in)?|auteur|autore|författare|автор|текст|text)\s*(?::|$)",
    re.IGNORECASE,
)
_LINES = ("p", "div", "span", "li", "address", "em", "i", "b", "strong", "small", "h4", "h5", "h6", "td")
_LONG = 150  # characters that make a paragraph
_TOP = 2  # paragraphs over which a byline stands; below them are those of teasers
_BOLD = frozenset({"strong", "b", "em", "i"})
_NO_NAMES = re.compile(r"[.!?:;\d]\s|[!?:;]$")


def read(
    page: Page, classed: Sequence[HtmlElement], article: HtmlElement | None, *, trunk: frozenset[HtmlElement]
) -> tuple[str, ...]:
    """The names in links to authors' pages or in elements named so: near the headline, or else anywhere if few."""
    to_pages = compress(select(_LINKS, page.root), map(_FOLDER.search, strings(_HREFS, page.root)))
    related = (link for link in select(_RELATED, page.root) if _is_author_link(link))
    links = [link for link in dict.fromkeys([*related, *to_pages]) if _is_of_site(link, page)]
    linked = _names(links, article, trunk)
    marked = _names([element for element in classed if class_words(element) & BYLINE], article, trunk)
    return marked if set(linked) < set(marked) or not linked else linked


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


def _names(
    elements: Iterable[HtmlElement], article: HtmlElement | None, trunk: frozenset[HtmlElement]
) -> tuple[str, ...]:
    shown = [(element, names) for element in elements if (names := _names_of(element))]
    near = [
        (element, names)
        for element, names in shown
        if is_within(element, article) and not is_apart(element, trunk=trunk)
    ]
    if near:
        return _first_group(near)
    anywhere = list(dict.fromkeys(name for element, names in shown if not is_apart(element) for name in names))
    return tuple(anywhere) if len(anywhere) <= _FEW else ()


def _first_group(shown: Sequence[tuple[HtmlElement, tuple[str, ...]]]) -> tuple[str, ...]:
    """The names of the innermost elements that stand together with the first one."""
    outer = {ancestor for element, _ in shown for ancestor in element.iterancestors()}
    inner = [(element, names) for element, names in shown if element not in outer]
    holder = list(islice(inner[0][0].iterancestors(), _GROUP))[-1:]
    return tuple(
        dict.fromkeys(name for element, names in inner if not holder or is_within(element, holder[0]) for name in names)
    )


def _names_of(element: HtmlElement) -> tuple[str, ...]:
    """The names that an element shows; a lone word counts where something says that it is a name."""
    if element.tag in {"body", "html", "article", "main"}:
        return ()
    pieces = _pieces(element)
    if not pieces or sum(map(len, pieces)) > _LONGEST or _is_mention(element):
        return ()
    words = class_words(element)
    sure = _is_author_link(element, sure=True) or ("name" in words and not words & NO_BYLINE) or "authorname" in words
    return _chain(pieces, sure=sure)


def _is_mention(element: HtmlElement) -> bool:
    """Whether a link stands within a paragraph, as the name of somebody the article is about."""
    holder = element.getparent()
    return element.tag == "a" and holder is not None and holder.tag == "p" and len(text_of(holder)) > _LONGEST


def _pieces(element: HtmlElement) -> list[str]:
    return [piece for text in strings(_PIECES, element) if (piece := fold_space(text))]


def _chain(pieces: Sequence[str], *, sure: bool) -> tuple[str, ...]:
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
            sure = sure or bool(_OPENING.fullmatch(piece.rstrip(": ")))
    return tuple(dict.fromkeys(names))


def search(page: Page) -> tuple[str, ...]:
    """Names in lines that start with "By" or "Author:", or that stand in bold over or under the text.

    Slower and weaker than `read`; for pages that say nothing else of their authors.
    """
    heading = next((heading for heading in page.root.iter("h1") if text_of(heading) and not is_apart(heading)), None)
    article = page.root if heading is None else around(heading)
    for line in _opened_lines(article, trunk_of(heading)):
        names = tuple(name for name in _chain(line, sure=False) if is_whole_name(name))
        if names:
            return names
    return _bold_names(article)


def _opened_lines(article: HtmlElement, trunk: frozenset[HtmlElement]) -> Iterator[list[str]]:
    long = 0
    for element in article.iter(*_LINES):
        text = (element.text or "").strip()
        long += len(text) > _LONG
        if long > _TOP:
            return
        match = _OPENING.match(text)
        if match is None or len(text) > _LONGEST_LINE or is_apart(element, trunk=trunk):
            continue
        pieces = _pieces(element)
        holder = element.getparent()
        if sum(map(len, pieces)) <= match.end() + 1 and holder is not None and len(holder) <= _MOST_PIECES:
            pieces = _pieces(holder)
        if sum(map(len, pieces)) <= _LONGEST_LINE:
            yield pieces


def _bold_names(article: HtmlElement) -> tuple[str, ...]:
    paragraphs = [paragraph for paragraph in article.iter("p") if text_of(paragraph)]
    for paragraph in [*paragraphs[:1], *paragraphs[-1:]]:
        text = text_of(paragraph)
        bold = len(paragraph) == 1 and paragraph[0].tag in _BOLD and text_of(paragraph[0]) == text
        if bold and len(text) <= _LONGEST_NAMES and not _NO_NAMES.search(text):
            names = names_in(text.replace("/", " / "))
            if names and all(is_whole_name(name) and 1 < len(name.split()) <= 4 for name in names):  # noqa: PLR2004
                return tuple(names)
    return ()
