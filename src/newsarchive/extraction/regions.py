"""Tells the article's own part of a page from navigation, teasers and footers, by elements and class names.

Elements: https://html.spec.whatwg.org/multipage/sections.html; the class names are those of themes and content systems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.extraction.tree import class_words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

APART: Final = frozenset({
    "nav", "aside", "menu", "sidebar", "related", "teaser", "trending", "popular", "recommended",
    "more",
})  # fmt: skip
"""Words of class names that mark what is not of the article."""

_NEAR = 12  # levels between a headline and the element that holds it and the rest of the article


def around(heading: HtmlElement) -> HtmlElement:
    """The nearest element that looks like the article's: an `article` or `main`, or a few levels up."""
    last = heading
    for level, ancestor in enumerate(heading.iterancestors()):
        if ancestor.tag in {"body", "html"}:
            break
        last = ancestor
        if ancestor.tag in {"article", "main"} or level >= _NEAR:
            break
    return last


def trunk_of(heading: HtmlElement | None) -> frozenset[HtmlElement]:
    """All that holds the headline; whatever its class names say, it is no part apart."""
    return frozenset() if heading is None else frozenset(heading.iterancestors())


def is_apart(element: HtmlElement, *, trunk: frozenset[HtmlElement] = frozenset()) -> bool:
    """Whether an element belongs to navigation or teasers; the footer of an `article` is its own, a site's is not."""
    footer = False
    for ancestor in element.iterancestors():
        if ancestor in trunk or ancestor.tag in {"body", "article", "main"}:
            return footer and ancestor.tag != "article"
        if ancestor.tag in {"nav", "aside"} or class_words(ancestor) & APART or _WIDGET.intersection(_tokens(ancestor)):
            return True
        footer = footer or ancestor.tag == "footer" or "footer" in class_words(ancestor)
    return footer


_WIDGET = frozenset({"widget", "widgets"})  # whole names: page builders put the word into the class of every element


def _tokens(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def is_within(element: HtmlElement, holder: HtmlElement | None) -> bool:
    """Whether an element lies in another; all lie in None."""
    return holder is None or any(ancestor is holder for ancestor in element.iterancestors())
