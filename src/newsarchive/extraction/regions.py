"""Tells the article's own part of a page from navigation, teasers and footers, by elements and class names.

Elements: https://html.spec.whatwg.org/multipage/sections.html; the class names are those of themes and content systems.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.extraction.tree import class_words, text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

APART: Final = frozenset({
    "nav", "aside", "menu", "sidebar", "related", "teaser", "trending", "popular", "recommended",
    "more",
})  # fmt: skip
"""Words of class names that mark what is not of the article."""

_NEAR = 12  # levels between a headline and the element that holds it and the rest of the article
_MOST_HEADINGS = 40
_WIDGET = frozenset({"widget", "widgets"})  # whole names: page builders put the word into the class of every element


class _Place(NamedTuple):
    """What is known of an element for all that lies in it."""

    is_apart: bool
    footer_counts: bool
    """Whether a footer in it would be a site's; the footer of an `article` is the article's own."""


class Regions:
    """Where the parts of one page lie. What was found of an element is kept for all others that lie in it."""

    def __init__(self, page: Page, *, heads: tuple[str, ...] = ("h1",)) -> None:
        self._places: dict[HtmlElement, _Place] = {}
        self._within: dict[HtmlElement, bool] = {}
        self.trunk: frozenset[HtmlElement] = frozenset()
        """All that holds the headline; whatever its class names say, it is no part apart."""
        candidates = (one for tag in heads for one in page.tagged(tag))
        found = [
            heading
            for heading in islice(candidates, _MOST_HEADINGS)
            if text_of(heading) and not _leads_home(heading, page)
        ]
        self.headings: list[HtmlElement] = [heading for heading in found if not self.is_apart(heading)] or found
        """Headings that are no part of navigation, or else all."""
        self.article: HtmlElement | None = None
        """The nearest element around the headline that looks like the article's, or None where there is no heading."""
        if self.headings:
            self.article = _around(self.headings[0])
            self.trunk = frozenset(self.headings[0].iterancestors())
            self._places.clear()

    def is_apart(self, element: HtmlElement) -> bool:
        """Whether an element belongs to navigation or teasers, or to the site's footer."""
        return self._place_in(element.getparent()).is_apart

    def is_within(self, element: HtmlElement) -> bool:
        """Whether an element lies in the article; all do where there is no heading."""
        if self.article is None:
            return True
        passed: list[HtmlElement] = []
        answer = False
        for ancestor in element.iterancestors():
            if ancestor is self.article or ancestor in self._within:
                answer = self._within.get(ancestor, True)
                break
            passed.append(ancestor)
        self._within.update(dict.fromkeys(passed, answer))
        return answer

    def is_own(self, element: HtmlElement) -> bool:
        """Whether an element is the article's own."""
        return self.is_within(element) and not self.is_apart(element)

    def _place_in(self, holder: HtmlElement | None) -> _Place:
        passed: list[HtmlElement] = []
        place = _Place(is_apart=False, footer_counts=True)
        while holder is not None:
            if holder in self._places:
                place = self._places[holder]
                break
            passed.append(holder)
            if holder in self.trunk or holder.tag in {"body", "article", "main"}:
                place = _Place(is_apart=False, footer_counts=holder.tag != "article")
                break
            holder = holder.getparent()
        for one in reversed(passed):
            if one not in self.trunk and one.tag not in {"body", "article", "main"}:
                place = _within(one, place)
            self._places[one] = place
        return place


def _within(element: HtmlElement, outer: _Place) -> _Place:
    """The place of what lies in an element, from the place of the element."""
    if element.tag in {"nav", "aside"}:
        return outer._replace(is_apart=True)
    names = element.get("class")
    words = class_words(element) if names or element.get("id") else frozenset()
    if words & APART or (names and not _WIDGET.isdisjoint(names.split())):
        return outer._replace(is_apart=True)
    footer = element.tag == "footer" or "footer" in words
    return outer._replace(is_apart=True) if footer and outer.footer_counts else outer


def is_in(element: HtmlElement, holder: HtmlElement) -> bool:
    """Whether an element lies in another."""
    return any(ancestor is holder for ancestor in element.iterancestors())


def _leads_home(heading: HtmlElement, page: Page) -> bool:
    """Whether a heading is the logo: it links to the front page, and this page is another one."""
    holder = heading.getparent()
    links = [*heading.iter("a"), *([holder] if holder is not None and holder.tag == "a" else [])]
    hrefs = [page.link(link.get("href") or "") for link in links[:2]]
    return any(href and _is_front(href) and href != page.url for href in hrefs) and not _is_front(page.url)


def _is_front(url: str) -> bool:
    return (url.count("/") <= 3 and url.endswith("/")) or url.count("/") == 2  # noqa: PLR2004 - https://host/


def _around(heading: HtmlElement) -> HtmlElement:
    """The nearest element that looks like the article's: an `article` or `main`, or a few levels up."""
    last = heading
    for level, ancestor in enumerate(heading.iterancestors()):
        if ancestor.tag in {"body", "html"}:
            break
        last = ancestor
        if ancestor.tag in {"article", "main"} or level >= _NEAR:
            break
    return last
