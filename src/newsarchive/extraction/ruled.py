"""Reads a page by its publisher's rule. What it finds comes first in the cascade and is cleaned as what others find.

A rule was written for a page as it looked one day. Whatever it meets on another one, it gives nothing rather than an
error, and the cascade goes on without it.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from lxml import etree

from newsarchive.extraction.body import Block
from newsarchive.extraction.datelines import day_in
from newsarchive.extraction.dating import read_date
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.tree import text_of
from newsarchive.models.rule import PROVENANCE
from newsarchive.selectors import compiled
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page
    from newsarchive.models import Rule

READER: Final = PROVENANCE
MOST: Final = 1000
"""Values of one field; a selector that meets more has met something else."""
LONGEST: Final = 5000
"""Characters of one value; what is longer is no name, date or summary."""

_FREE: Final = {
    "true": True, "yes": True, "1": True, "free": True, "open": True,
    "false": False, "no": False, "0": False, "paid": False, "premium": False, "locked": False, "metered": False,
}  # fmt: skip
_LABEL = re.compile(r"^[^\W\d_][^\d:]{0,40}:\s*")
_LONGEST_DATE = 200

_KINDS: Final = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "head"), "li": "item", "dt": "item", "dd": "item",
    "blockquote": "quote", "q": "", "tr": "row",
}  # fmt: skip
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "body", "caption", "details", "div", "dl", "figure", "footer", "header", "hr",
    "html", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "ul",
})  # fmt: skip
_NO_TEXT: Final = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "head", "nav", "form", "button", "select", "textarea",
    "figcaption", "iframe", "object", "audio", "video", "canvas",
})  # fmt: skip
"""Elements within an article's that hold no words of it."""


def read(page: Page, rule: Rule | None) -> tuple[Findings, ...]:
    """What the rule finds, but for the text; nothing where there is no rule."""
    if rule is None:
        return ()

    def texts(selectors: Sequence[str]) -> tuple[str, ...]:
        return _values(page, selectors, _text)

    def dates(selectors: Sequence[str]) -> tuple[str, ...]:
        return _values(page, selectors, _date)

    def links(selectors: Sequence[str]) -> tuple[str, ...]:
        return _values(page, selectors, lambda found: _link(page, found))

    return (
        Findings(
            READER,
            headlines=texts(rule.headline),
            sections=texts(rule.category),
            published=dates(rule.published),
            modified=dates(rule.modified),
            authors=texts(rule.authors),
            tags=texts(rule.tags),
            languages=_values(page, rule.language, _language),
            descriptions=texts(rule.description),
            images=links(rule.image),
            sources=texts(rule.source),
            canonical=links(rule.canonical_url),
            is_free=_truth(page, rule.is_free),
        ),
    )


def body(page: Page, rule: Rule | None) -> tuple[list[Block], str] | None:
    """The blocks of the elements that the rule names, and the reader's name; None where it finds no word."""
    for selector in rule.body if rule else ():
        elements = _elements(page, selector)
        inner = set(elements)
        outermost = [one for one in elements if not any(above in inner for above in one.iterancestors())]
        if blocks := [block for element in outermost for block in blocks_in(element)]:
            return blocks, READER
    return None


def trimmed(page: Page, rule: Rule | None) -> Page:
    """The page without what the rule says is no part of the text; the page itself where it says nothing."""
    if rule is None or not any(_elements(page, selector) for selector in rule.remove):
        return page
    page = replace(page, root=deepcopy(page.root))  # readers never change the tree, others still read it
    for selector in rule.remove:
        for element in _elements(page, selector):
            if element.getparent() is not None:
                element.drop_tree()
    return page


def blocks_in(element: HtmlElement) -> Iterator[Block]:
    """The paragraphs, sub-headings, quotes, items and rows of an element, in reading order."""
    inline: list[str] = []
    yield from _inner(element, _kind(element, "p"), inline)
    yield from _flush(inline, _kind(element, "p"))


def _inner(element: HtmlElement, kind: str, inline: list[str]) -> Iterator[Block]:
    """The blocks that end within an element; what comes after the last of them stays in `inline`."""
    inline.append(element.text or "")
    for child in element:
        tag = child.tag
        if tag in _NO_TEXT or child.get("hidden") is not None:
            pass
        elif tag == "tr":
            yield from _flush(inline, kind)
            yield from _flush([" ".join(cell for part in child if (cell := text_of(part)))], "row")
        elif tag in _BLOCKS or _KINDS.get(tag):
            yield from _flush(inline, kind)
            inner = _kind(child, kind)
            yield from _inner(child, inner, inline)
            yield from _flush(inline, inner)
        elif tag == "br":
            yield from _flush(inline, kind)
        else:
            yield from _inner(child, kind, inline)
        inline.append(child.tail or "")


def _kind(element: HtmlElement, outer: str) -> str:
    """A paragraph within a quote or an item is one itself."""
    kind = _KINDS.get(element.tag) or ("p" if element.tag in _BLOCKS else outer)
    return outer if kind == "p" and outer in {"quote", "item"} else kind


def _flush(inline: list[str], kind: str) -> Iterator[Block]:
    text = fold_space("".join(inline))
    inline.clear()
    if text:
        yield Block(kind, text)


def _values(page: Page, selectors: Sequence[str], value: Callable[[HtmlElement | str], str]) -> tuple[str, ...]:
    """What the first selector gives that gives anything."""
    for selector in selectors:
        values = (value(found) for found in _run(page, selector))
        if kept := tuple(dict.fromkeys(text for text in values if text)):
            return kept
    return ()


def _run(page: Page, selector: str) -> list[HtmlElement | str]:
    """What a selector meets on a page: elements and texts; nothing where it cannot be run to its end there."""
    try:
        found = compiled(selector).path(page.root)
    except etree.XPathError:  # libxml2 has bounds of its own, for the depth and number of what it looks at
        return []
    if isinstance(found, list):
        return cast("list[HtmlElement | str]", found[:MOST])  # of a parsed page; it has no comments any more
    return [found] if isinstance(found, str) else []


def _elements(page: Page, selector: str) -> list[HtmlElement]:
    return [one for one in _run(page, selector) if not isinstance(one, str)]


def _text(found: HtmlElement | str) -> str:
    if isinstance(found, str):
        text = fold_space(found)
    else:
        text = fold_space(found.get("content") or "") if found.tag == "meta" else text_of(found)
    return text[:LONGEST]


def _date(found: HtmlElement | str) -> str:
    """A date that can be read: in an attribute, in the text, in the text after a label, or the day in a line."""
    attributes: tuple[str | None, ...] = () if isinstance(found, str) else (found.get("datetime"), found.get("content"))
    text = _text(found)[:_LONGEST_DATE]
    for written in (*attributes, text, _LABEL.sub("", text, count=1)):
        if written and read_date(written):
            return written
    return day_in(text) or ""


def _link(page: Page, found: HtmlElement | str) -> str:
    if isinstance(found, str):
        return page.link(found) or ""
    written = (found.get(name) for name in ("content", "src", "data-src", "href"))
    return next((link for href in written if href and (link := page.link(href))), "")


def _language(found: HtmlElement | str) -> str:
    if isinstance(found, str):
        return fold_space(found)
    declared = found.get("lang") or found.get("xml:lang")
    return str(declared) if declared else _text(found)


def _truth(page: Page, selectors: Sequence[str]) -> bool | None:
    """The first answer that is one: of an XPath that is true or false, or a word as pages write it."""
    for selector in selectors:
        try:
            found = compiled(selector).path(page.root)
        except etree.XPathError:
            continue
        if isinstance(found, bool):
            return found
        for one in _run(page, selector):
            word = _text(one).rpartition("/")[2].lower()
            if word in _FREE:
                return _FREE[word]
    return None
