"""Ours and the peers behind one form. Each is imported where it runs, so one that is not installed costs nothing.

Peers get what they ask for: bytes where they decode themselves, else text that was decoded outside the clock.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
"""Elements that begin a line of their own: readability gives HTML, and words of two paragraphs must stay apart."""
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """What a system says of a page; None where it says nothing."""

    body: str = ""
    headline: str | None = None
    published: datetime | date | None = None
    authors: tuple[str, ...] = ()
    category: str | None = None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's lines that hold anything."""
        return tuple(line for line in map(str.strip, self.body.splitlines()) if line)


@dataclass(frozen=True)
class System:
    """One extractor."""

    name: str
    package: str
    """The distribution that it comes from, for its version."""
    module: str
    fields: frozenset[str]
    """What it can say at all; it does not run on sets that ask for nothing of this."""
    make: Callable[[], Callable[[str, Any], Reading]]
    """Imports what is needed and gives the function from URL and page to reading."""
    decode: bool = False
    """Whether it wants text: bytes are decoded for it outside the clock."""

    @property
    def installed(self) -> bool:
        """Whether it can be imported here."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """Name and version of the distribution."""
        return f"{self.package} {version(self.package)}"


def decoded(body: bytes) -> str:
    """A page as text: the charset that it names, else UTF-8."""
    named = _CHARSET.search(body[:4096])
    try:
        return body.decode(named[1].decode("ascii") if named else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _ours() -> Callable[[str, Any], Reading]:
    from newsarchive.dates import Precision  # noqa: PLC0415 - only in the process that runs it
    from newsarchive.extraction import extract  # noqa: PLC0415 - as above
    from newsarchive.models import Payload  # noqa: PLC0415 - as above

    def read(url: str, body: bytes) -> Reading:
        found = extract(Payload(url=url, body=body, content_type="text/html"))
        by_day = found.published and found.published_precision is Precision.DAY
        published = found.published.date() if found.published and by_day else found.published
        return Reading(found.body, found.headline, published, found.authors, found.category)

    return read


def _our_dates() -> Callable[[str, Any], Reading]:
    from newsarchive.extraction import cascade  # noqa: PLC0415 - only in the process that runs it
    from newsarchive.extraction.tree import parse  # noqa: PLC0415 - as above
    from newsarchive.models import Payload  # noqa: PLC0415 - as above

    def read(url: str, body: bytes) -> Reading:
        page = parse(Payload(url=url, body=body, content_type="text/html"))
        return Reading(published=cascade.dates_of(page).get("published", (None, ""))[0])

    return read


def _trafilatura(*, fast: bool) -> Callable[[str, Any], Reading]:
    from trafilatura import bare_extraction  # noqa: PLC0415 - only in the process that runs it

    def read(url: str, body: bytes) -> Reading:
        found: Any = bare_extraction(body, url=url, with_metadata=True, fast=fast, include_comments=False)
        if found is None:
            return Reading()
        authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
        category = next(iter(found.categories or ()), None)
        return Reading(found.text or "", found.title, _day(found.date), authors, category)

    return read


def _day(text: str | None) -> date | None:
    from datetime import date  # noqa: PLC0415 - as the systems that use it

    return date.fromisoformat(text) if text else None


def _names(authors: Iterable[Any]) -> tuple[str, ...]:
    """Authors as texts: some peers hand over a list within the list where a page's data have one."""
    return tuple(name for one in authors for name in (one if isinstance(one, list) else [one]) if isinstance(name, str))


def _newspaper() -> Callable[[str, Any], Reading]:
    from newspaper import Article  # noqa: PLC0415 - only in the process that runs it

    def read(url: str, page: str) -> Reading:
        article = Article(url, fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return Reading(article.text, article.title, article.publish_date or None, _names(article.authors))

    return read


def _readability() -> Callable[[str, Any], Reading]:
    from lxml import html  # noqa: PLC0415 - only in the process that runs it
    from readability import Document  # noqa: PLC0415 - as above

    def read(_url: str, page: bytes) -> Reading:
        document = Document(page)
        root = html.fragment_fromstring(document.summary(html_partial=True), create_parent="div")
        for node in root.iter():
            if node.tag in _BLOCKS:
                node.text, node.tail = "\n" + (node.text or ""), "\n" + (node.tail or "")
        return Reading(str(root.text_content()), document.short_title())

    return read


def _resiliparse() -> Callable[[str, Any], Reading]:
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 - only in the process that runs it
    from resiliparse.parse.html import HTMLTree  # noqa: PLC0415 - as above

    def read(_url: str, page: str) -> Reading:
        tree = HTMLTree.parse(page)
        body = extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False)
        return Reading(body, tree.title)

    return read


def _goose() -> Callable[[str, Any], Reading]:
    from goose3 import Goose  # noqa: PLC0415 - only in the process that runs it

    goose = Goose({"enable_image_fetching": False})

    def read(_url: str, page: str) -> Reading:
        found = goose.extract(raw_html=page)
        return Reading(found.cleaned_text, found.title, found.publish_datetime_utc, _names(found.authors))

    return read


def _htmldate() -> Callable[[str, Any], Reading]:
    from htmldate import find_date  # noqa: PLC0415 - only in the process that runs it

    def read(url: str, page: bytes) -> Reading:
        return Reading(published=_day(find_date(page, url=url, original_date=True)))

    return read


_TEXT: Final = frozenset({"body", "paragraphs", "headline"})
_ALL: Final = frozenset({"body", "paragraphs", "headline", "published", "authors", "category"})
SYSTEMS: Final = (
    System("ours", "newsarchive", "newsarchive", _ALL, _ours),
    System("ours-dates", "newsarchive", "newsarchive", frozenset({"published"}), _our_dates),
    System("trafilatura", "trafilatura", "trafilatura", _ALL, lambda: _trafilatura(fast=False)),
    System("trafilatura-fast", "trafilatura", "trafilatura", _ALL, lambda: _trafilatura(fast=True)),
    System("newspaper4k", "newspaper4k", "newspaper", _ALL - {"category"}, _newspaper, decode=True),
    System("readability", "readability-lxml", "readability", _TEXT, _readability),
    System("resiliparse", "Resiliparse", "resiliparse", _TEXT, _resiliparse, decode=True),
    System("goose3", "goose3", "goose3", _ALL - {"category"}, _goose, decode=True),
    System("htmldate", "htmldate", "htmldate", frozenset({"published"}), _htmldate),
)
"""In the order of the tables."""


def quiet() -> None:
    """Keep the peers' complaints about pages off the terminal."""
    logging.disable(logging.CRITICAL)
