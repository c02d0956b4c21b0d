"""Reads the article's text: `narrowing` finds its part of the page, trafilatura reads it, `furniture` cleans it.

Only this module imports trafilatura, and only when the first page is read (https://trafilatura.readthedocs.io/).
Trafilatura's fast mode reads the part; where too little comes of it, or where the part holds less than half of the
page's prose, its dear mode reads the whole page (measured: 11 of 1,017 pages, 1 of 308 of news). Kept to for reasons:
`deduplicate` stays off (it remembers text across pages, and threw whole pages of a set away), tables stay on, the text
that pages repeat for machines (`articleBody`) comes last since it is mostly cut short.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.extraction.naming import plain_lines
from newsarchive.extraction.narrowing import nameless, narrow
from newsarchive.text import count_words, fold_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from newsarchive.extraction.findings import Findings
    from newsarchive.extraction.narrowing import Part
    from newsarchive.extraction.tree import Page

ENOUGH: Final = 25
"""Words; with less than this, the text that the page repeats for machines is looked at as well."""

_LEAST_READ: Final = 0.4
"""Share of the part's prose that its reading should hold."""
_SURE: Final = 0.5
"""Share of the page's prose that the part should hold."""
_LITTLE: Final = 300
"""Letters; where the part holds fewer, the text may stand where no prose is looked for."""
_CLEARLY_MORE: Final = 1.3
_BLOCKS = frozenset({
    "p", "head", "list", "item", "quote", "table", "row", "cell", "ab", "div", "code", "body", "main", "fw",
    # Passed through as they were where trafilatura expects no block; the words of two cells must not become one.
    "td", "th", "tr", "tbody", "thead", "tfoot", "caption", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre",
    "section", "article", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_LOGGERS = ("trafilatura", "htmldate", "justext", "charset_normalizer", "courlan")


class Block(NamedTuple):
    """One paragraph, sub-heading, list item, quote or table row."""

    kind: str
    """trafilatura's element: `p`, `head`, `item`, `quote`, `row`."""
    text: str


class Reading(NamedTuple):
    """A text before it is cleaned."""

    blocks: list[Block]
    """In reading order."""
    reader: str
    """What read them."""
    part: Part | None = None
    """The part of the page that was looked at; None where it was the whole page, or what a rule names."""
    refused: frozenset[str] = frozenset()
    """Paragraphs of the whole page that were not taken, whatever read it."""


def read(page: Page, found: Sequence[Findings], *, title: str | None, fast: bool) -> Reading:
    """The text, and what read it.

    Args:
        page: the page.
        found: what the readers of fields found; their titles lead to the headline on the page.
        title: the headline that was chosen.
        fast: never use trafilatura's dear mode.
    """
    reading = _narrowed(page, found, title=title, fast=fast)
    if words_of(reading.blocks) < ENOUGH:
        for one in found:
            repeated = _repeated(one.text)
            if words_of(repeated) > words_of(reading.blocks):
                return Reading(repeated, one.reader, reading.part)
    return reading


def _narrowed(page: Page, found: Sequence[Findings], *, title: str | None, fast: bool) -> Reading:
    # A page shows the headlines of other articles as well; what its own is called, its data say.
    titles = [name for one in found if one.reader != "visible" for name in one.headlines]
    part = narrow(page, title=title, titles=[*titles, title or ""])
    if part is None:
        return Reading(_blocks(page.root, page.url, fast=fast), _reader(fast=fast))
    blocks = _blocks(part.tree, page.url, fast=True)
    if letters_of(blocks) < _LEAST_READ * part.size:
        nameless(part.tree)  # its class names made trafilatura drop most of it
        again = _blocks(part.tree, page.url, fast=True)
        blocks = max(blocks, again, key=letters_of)
    doubtful = part.size < _LITTLE or part.share < _SURE or letters_of(blocks) < _LEAST_READ * part.size
    if doubtful and not fast:
        refused = part.refused
        whole = [block for block in _blocks(page.root, page.url, fast=False) if block.text not in refused]
        if letters_of(whole) > _CLEARLY_MORE * letters_of(blocks):
            return Reading(whole, _reader(fast=False), refused=refused)
    return Reading(blocks, _reader(fast=fast), part)


def _reader(*, fast: bool) -> str:
    return "trafilatura-fast" if fast else "trafilatura"


def _blocks(tree: HtmlElement, url: str, *, fast: bool) -> list[Block]:
    document = _trafilatura()(
        tree,
        url=url or None,
        fast=fast,
        with_metadata=False,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
    )
    return _once(blocks_of(document.body)) if document is not None and document.body is not None else []


def letters_of(blocks: Iterable[Block]) -> int:
    """Characters in all blocks together."""
    return sum(len(block.text) for block in blocks)


def words_of(blocks: Iterable[Block]) -> int:
    """Words in all blocks together."""
    return sum(count_words(block.text) for block in blocks)


@cache
def _trafilatura() -> Callable[..., Any]:
    from trafilatura import bare_extraction  # noqa: PLC0415 - 0.35 s; nothing but extraction itself may wait for it

    for name in _LOGGERS:
        # Without a handler of their own, libraries' warnings about single pages would end on the user's terminal.
        logging.getLogger(name).addHandler(logging.NullHandler())
    function: Callable[..., Any] = bare_extraction
    return function


def blocks_of(body: Any) -> Iterator[Block]:  # noqa: ANN401 - trafilatura hands over an untyped lxml tree
    """The blocks of trafilatura's result tree; a line break parts two blocks, as `<br>` does between paragraphs."""
    yield from _inner(body, "p")


def _inner(element: Any, kind: str) -> Iterator[Block]:  # noqa: ANN401 - as above
    inline: list[str] = [element.text or ""]
    for child in element:
        if child.tag == "row":
            yield from _flush(inline, kind)
            inline = []
            cells = (fold_space(" ".join(cell.itertext())) for cell in child)
            yield from _flush([" ".join(cell for cell in cells if cell)], "row")
        elif child.tag in _BLOCKS:
            yield from _flush(inline, kind)
            inline = []
            yield from _inner(child, _kind(child.tag, kind))
        elif child.tag == "lb":
            yield from _flush(inline, kind)
            inline = []
        else:
            inline.append(child.text or "" if len(child) == 0 else "".join(child.itertext()))
        inline.append(child.tail or "")
    yield from _flush(inline, kind)


def _kind(tag: str, outer: str) -> str:
    if tag == "p" and outer in {"quote", "item"}:
        return outer
    return tag if tag in {"p", "head", "item", "quote"} else "p"


def _flush(inline: list[str], kind: str) -> Iterator[Block]:
    text = fold_space("".join(inline))
    if text:
        yield Block(kind, text)


def _once(blocks: Iterable[Block]) -> list[Block]:
    """Without paragraphs that repeat the one before: galleries and pull quotes show the same words twice."""
    kept: list[Block] = []
    for block in blocks:
        if not kept or kept[-1].text != block.text or block.kind == "row":
            kept.append(block)
    return kept


def _repeated(text: str) -> list[Block]:
    return [Block("p", line) for line in plain_lines(text)]
