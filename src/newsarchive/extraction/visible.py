"""Reads what a reader sees: headline, byline, time, breadcrumb and section label; and the language the page declares.

The class names are those that themes and content systems use for these parts, most of them WordPress's, Drupal's and
the microformats' (https://microformats.org/wiki/h-entry).
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction import bylines
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.regions import around, is_apart, is_within, trunk_of
from newsarchive.extraction.tree import class_words, select, strings, text_of, words_of
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

READER: Final = "visible"
TITLE_READER: Final = "title"

_CLASSED = etree.XPath("//*[@class]")
_CLASS_NAMES = etree.XPath("//@class", smart_strings=False)  # in the order of the elements
_RELATED = etree.XPath("//a[@rel] | //*[@aria-label]")
_TRAIL = frozenset({"breadcrumb", "breadcrumbs", "bread", "crumb", "crumbs", "crumbtrail", "brotkrumen", "ariane"})
_LABEL = frozenset(
    {"cat", "category", "categories", "section", "kicker", "rubric", "rubrik", "eyebrow", "ressort", "channel", "topic"}
)
_PUBLISHED = frozenset(
    {"published", "publish", "pubdate", "date", "created", "posted", "entry", "post", "datum", "publication"}
)
_UPDATED = frozenset({"updated", "modified", "update", "aktualisiert", "lastmodified"})
_INTERESTING = bylines.BYLINE | _TRAIL | _LABEL | {"tag"}
_LONGEST_LABEL = 60
_OUTSIDE = 3  # the first rank of times that stand outside of the article


def read(page: Page) -> tuple[Findings, ...]:
    """What is shown, and apart from it the `title`, which names the site as well."""
    headings = _headings(page)
    heading = headings[0] if headings else None
    article = around(heading) if heading is not None else None
    trunk = trunk_of(heading)
    classed = _marked(page)
    published, modified = _times(page, article, trunk)
    titles = tuple(text for title in page.root.iter("title") if (text := text_of(title)))
    seen = Findings(
        READER,
        headlines=tuple(text for heading in headings if (text := text_of(heading))),
        sections=tuple(dict.fromkeys(_labels(classed, article, trunk))),
        crumbs=_crumbs(classed),
        published=published,
        modified=modified,
        authors=bylines.read(page, classed, article, trunk=trunk),
        languages=tuple(lang for lang in (page.root.get("lang"), page.root.get("xml:lang")) if lang),
    )
    return seen, Findings(TITLE_READER, headlines=titles[:1])


def _marked(page: Page) -> list[HtmlElement]:
    """Elements that their class or relation may mark as a byline, a label or a breadcrumb.

    Class names are looked at apart from their elements, each once: a page repeats a few hundred on thousands of
    elements (measured: 3.3 ms a page, against 5.0 with every element's attributes read in turn).
    """
    names = strings(_CLASS_NAMES, page.root)
    wanted = {name for name in set(names) if words_of(name) & _INTERESTING}
    classed = compress(select(_CLASSED, page.root), (name in wanted for name in names))
    related = (
        element
        for element in select(_RELATED, page.root)
        if words_of(f"{element.get('rel') or ''} {element.get('aria-label') or ''}") & _INTERESTING
    )
    return list(dict.fromkeys([*classed, *related]))


def _headings(page: Page) -> list[HtmlElement]:
    found = [heading for heading in page.root.iter("h1") if text_of(heading)]
    return [heading for heading in found if not is_apart(heading)] or found


def _labels(classed: list[HtmlElement], article: HtmlElement | None, trunk: frozenset[HtmlElement]) -> Iterator[str]:
    """Section labels beside the headline: links first, since a link leads to the section itself."""
    marked: list[str] = []
    for element in classed:
        related = {"category", "tag"}.issubset((element.get("rel") or "").lower().split())
        if not related and not class_words(element) & _LABEL:
            continue
        if article is None or not is_within(element, article) or is_apart(element, trunk=trunk):
            continue
        text = text_of(element)
        if not text or len(text) > _LONGEST_LABEL:
            continue
        if related or element.tag == "a" or element.getparent().tag == "a":
            yield text
        else:
            marked.append(text)
    yield from marked


def _crumbs(classed: list[HtmlElement]) -> tuple[str, ...]:
    for element in classed:
        labelled = (element.get("aria-label") or "").strip().lower() in _TRAIL
        if not labelled and not class_words(element) & _TRAIL:
            continue
        names = tuple(text for link in element.iter("a") if (text := fold_space(text_of(link))))
        if names:
            return tuple(name for name in names if len(name) <= _LONGEST_LABEL)
    return ()


def _times(
    page: Page, article: HtmlElement | None, trunk: frozenset[HtmlElement]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Publication and update from `time` elements; of several publications the first one within the article counts."""
    published: list[tuple[int, str]] = []
    modified: list[str] = []
    for time in page.root.iter("time"):
        value = fold_space(time.get("datetime") or "")
        if not value or is_apart(time, trunk=trunk):
            continue
        words = class_words(time) | class_words(time.getparent())
        if words & _UPDATED and not words & _PUBLISHED and time.get("pubdate") is None:
            modified.append(value)
            continue
        rank = 0 if time.get("pubdate") is not None else 1 if words & _PUBLISHED else 2
        published.append((rank if is_within(time, article) else rank + _OUTSIDE, value))
    if len({value for rank, value in published if rank >= _OUTSIDE}) > 1:  # of teasers
        published = [(rank, value) for rank, value in published if rank < _OUTSIDE]
    return tuple(value for _, value in sorted(published, key=lambda pair: pair[0])), tuple(modified)
