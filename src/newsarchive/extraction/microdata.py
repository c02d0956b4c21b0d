"""Reads microdata: `itemprop` inside the scope of an article, and breadcrumb trails.

Syntax: https://html.spec.whatwg.org/multipage/microdata.html; words: https://schema.org/NewsArticle.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction.findings import Findings
from newsarchive.extraction.jsonld import ARTICLE_TYPES
from newsarchive.extraction.tree import select, text_of
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

READER: Final = "microdata"

_PROPERTIES = etree.XPath("//*[@itemprop]")
_LINK_ATTRIBUTES = ("href", "src", "data")
_MOST = 3000
_LONGEST = 2000  # characters of a property; `articleBody` is never read from here, the body reader is better at it
_MOST_OF_A_SCOPE = 300
_MANY = etree.XPath("count(descendant::*) > 100")  # no value of a property, but a part of the page
_WANTED = frozenset({
    "headline", "name", "alternativeheadline", "articlesection", "datepublished", "datecreated", "datemodified",
    "author", "creator", "keywords", "inlanguage", "description", "image", "thumbnailurl", "publisher",
    "mainentityofpage", "isaccessibleforfree", "url", "contenturl", "title",
})  # fmt: skip

Properties = dict[str, list[str]]


def read(page: Page) -> tuple[Findings, ...]:
    """What the page's article scope says; properties outside of any scope count where there is none."""
    elements = select(_PROPERTIES, page.root)[:_MOST]
    if not elements:
        return ()
    by_scope = _by_scope(elements)
    article = _article(by_scope)
    found = article if article is not None else by_scope.get(None, {})
    return (_findings(found, crumbs=_crumbs(elements)),)


def _by_scope(elements: list[HtmlElement]) -> dict[HtmlElement | None, Properties]:
    """The values of each scope's properties, in the page's order; what an inner item is called stands for the item."""
    held: dict[HtmlElement | None, list[tuple[str, HtmlElement]]] = defaultdict(list)
    scopes = _Scopes()
    for element in elements:
        for name in (element.get("itemprop") or "").lower().split():
            if name in _WANTED:
                held[scopes.of(element)].append((name, element))
    found: dict[HtmlElement | None, Properties] = {}
    for scope, properties in held.items():
        values: Properties = found.setdefault(scope, defaultdict(list))
        for name, element in properties[:_MOST_OF_A_SCOPE]:
            if value := _value(element) if element.get("itemscope") is None else _name_of(element, held):
                values[name].append(value)
    return found


class _Scopes:
    """The nearest scope around an element; what was found is kept, since properties stand side by side."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement, HtmlElement | None] = {}

    def of(self, element: HtmlElement) -> HtmlElement | None:
        passed: list[HtmlElement] = []
        scope: HtmlElement | None = None
        for ancestor in element.iterancestors():
            if ancestor in self._known or ancestor.get("itemscope") is not None:
                scope = ancestor if ancestor.get("itemscope") is not None else self._known[ancestor]
                break
            passed.append(ancestor)
        self._known.update(dict.fromkeys(passed, scope))
        return scope


def _value(element: HtmlElement) -> str:
    for attribute in ("content", "datetime"):
        if value := fold_space((element.get(attribute) or "")[:_LONGEST]):
            return value
    if element.tag in {"link", "img", "source", "meta"}:
        return next((value for name in _LINK_ATTRIBUTES if (value := element.get(name))), "")
    return "" if _MANY(element) else text_of(element)[:_LONGEST]


def _name_of(item: HtmlElement, held: Mapping[HtmlElement | None, list[tuple[str, HtmlElement]]]) -> str:
    """What an inner item (a person, an image) is called or lies at."""
    properties = held.get(item, [])
    for wanted in ("name", "url", "contenturl"):
        for name, element in properties:
            if name == wanted:
                return _value(element) if element.get("itemscope") is None else ""
    return text_of(item)[:_LONGEST] if len(item) <= 1 and not _MANY(item) else ""


def _type(scope: HtmlElement) -> str:
    return (scope.get("itemtype") or "").strip().rstrip("/").rpartition("/")[2]


def _article(by_scope: Mapping[HtmlElement | None, Properties]) -> Properties | None:
    """The fullest article scope; teasers have a headline and little else."""
    best: Properties | None = None
    best_score = 0
    for scope, properties in by_scope.items():
        sure = ARTICLE_TYPES.get(_type(scope), 0) if scope is not None else 0
        score = sure and sure + 3 * ("datepublished" in properties) + len(properties)
        if score > best_score:
            best, best_score = properties, score
    return best


def _findings(found: Mapping[str, list[str]], *, crumbs: tuple[str, ...]) -> Findings:
    def of(*names: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for name in names for value in found.get(name, ())))

    free = {"true": True, "false": False}
    return Findings(
        READER,
        headlines=of("headline", "name", "alternativeheadline"),
        sections=of("articlesection"),
        crumbs=crumbs,
        published=of("datepublished", "datecreated"),
        modified=of("datemodified"),
        authors=of("author", "creator"),
        tags=of("keywords"),
        languages=of("inlanguage"),
        descriptions=of("description"),
        images=of("image", "thumbnailurl"),
        sources=of("publisher"),
        canonical=of("mainentityofpage"),
        is_free=next((free.get(value.rpartition("/")[2].lower()) for value in of("isaccessibleforfree")), None),
    )


def _crumbs(elements: list[HtmlElement]) -> tuple[str, ...]:
    """`ListItem` names of a `BreadcrumbList`, or the titles of the older `data-vocabulary.org/Breadcrumb`."""
    names: list[str] = []
    for element in elements:
        if not {"name", "title"}.intersection((element.get("itemprop") or "").lower().split()):
            continue
        for ancestor in islice(element.iterancestors(), _NEAR):
            kind = _type(ancestor)
            if kind in {"BreadcrumbList", "Breadcrumb"}:
                names.append(_value(element))
                break
            if kind not in {"", "ListItem", "Thing", "WebPage"}:
                break
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_CRUMBS]


_NEAR = 12  # levels between a crumb and its trail
_MOST_CRUMBS = 20
