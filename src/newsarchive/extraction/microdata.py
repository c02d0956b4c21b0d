"""Reads microdata: `itemprop` inside the scope of an article, and breadcrumb trails.

Syntax: https://html.spec.whatwg.org/multipage/microdata.html; words: https://schema.org/NewsArticle.
"""

from __future__ import annotations

from collections import defaultdict
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
_SKIPPED = frozenset({"articlebody", "text", "reviewbody"})

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
    scopes: dict[HtmlElement | None, Properties] = defaultdict(lambda: defaultdict(list))
    for element in elements:
        names = (element.get("itemprop") or "").lower().split()
        if _SKIPPED.intersection(names):
            continue
        value = _value(element)
        if value:
            scope = _scope(element)
            for name in names:
                scopes[scope][name].append(value)
    return scopes


def _scope(element: HtmlElement) -> HtmlElement | None:
    for ancestor in element.iterancestors():
        if ancestor.get("itemscope") is not None:
            return ancestor
    return None


def _value(element: HtmlElement) -> str:
    if element.get("itemscope") is not None:
        return _name_within(element)
    for attribute in ("content", "datetime"):
        if value := fold_space(element.get(attribute) or ""):
            return value
    if element.tag in {"link", "img", "source", "meta"}:
        return next((value for name in _LINK_ATTRIBUTES if (value := element.get(name))), "")
    return text_of(element)[:_LONGEST]


def _name_within(scope: HtmlElement) -> str:
    """What an inner item (a person, an image) is called or lies at."""
    for wanted in ("name", "url", "contenturl"):
        for element in scope.iter():
            if element is not scope and wanted in (element.get("itemprop") or "").lower().split():
                return _value(element) if element.get("itemscope") is None else ""
    return text_of(scope)[:_LONGEST] if len(scope) <= 1 else ""


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
        is_free=next((free.get(value.lower()) for value in of("isaccessibleforfree")), None),
    )


def _crumbs(elements: list[HtmlElement]) -> tuple[str, ...]:
    """`ListItem` names of a `BreadcrumbList`, or the titles of the older `data-vocabulary.org/Breadcrumb`."""
    names: list[str] = []
    for element in elements:
        if not {"name", "title"}.intersection((element.get("itemprop") or "").lower().split()):
            continue
        for ancestor in element.iterancestors():
            kind = _type(ancestor)
            if kind in {"BreadcrumbList", "Breadcrumb"}:
                names.append(_value(element))
                break
            if kind not in {"", "ListItem", "Thing", "WebPage"}:
                break
    return tuple(dict.fromkeys(name for name in names if name))
