"""One parse of a page, and how its elements are read. Follows what libxml2 makes of HTML; scripts are never run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, cast

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from newsarchive.errors import ExtractionError
from newsarchive.extraction.decode import decode
from newsarchive.text import fold_space
from newsarchive.urls import absolute

if TYPE_CHECKING:
    from newsarchive.models import Payload

MAX_DEPTH: Final = 254
"""libxml2 drops what lies deeper than 256 elements, without an error: the article would be lost in silence."""

LARGEST_NODE: Final = 10_000_000
"""Bytes; libxml2 ends the page, without an error, at a text, comment or attribute that is larger."""

_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg"})
_HUMP = re.compile(r"([a-z])([A-Z])")
_CLASS_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Page:
    """A page that can be read: its URL and its tree. Readers never change the tree."""

    url: str
    root: HtmlElement = field(repr=False)
    charset: str = "utf-8"
    signals: tuple[tuple[str, str], ...] = ()
    """HTTP fields of the answer that speak of rights."""

    @cached_property
    def base(self) -> str:
        """What relative links stand against."""
        for element in self.tagged("base"):
            if href := element.get("href"):
                return absolute(href, self.url) or self.url
        return self.url

    @cached_property
    def metas(self) -> dict[str, tuple[str, ...]]:
        """Contents of the `meta` elements by lower-case name, property or itemprop, in the page's order."""
        found: dict[str, list[str]] = {}
        for meta in self.tagged("meta"):
            content = fold_space(meta.get("content") or "")
            if content:
                for attribute in ("name", "property", "itemprop", "http-equiv"):
                    if name := meta.get(attribute):
                        found.setdefault(name.strip().lower(), []).append(content)
        return {name: tuple(dict.fromkeys(contents)) for name, contents in found.items()}

    @cached_property
    def size(self) -> int:
        """How many elements the page has."""
        return int(cast("float", _COUNT(self.root)))

    def tagged(self, tag: str) -> list[HtmlElement]:
        """The elements of a tag, in the page's order; looked for once, for all readers."""
        if tag not in self._tagged:
            self._tagged[tag] = list(self.root.iter(tag))
        return self._tagged[tag]

    @cached_property
    def _tagged(self) -> dict[str, list[HtmlElement]]:
        return {}

    @cached_property
    def classed(self) -> list[tuple[str, HtmlElement]]:
        """The class attributes that are not empty and their elements, in the page's order."""
        return [(names, element) for element in self.root.iter() if (names := element.get("class"))]

    def link(self, href: str) -> str | None:
        """A link of this page as an absolute web URL, or None."""
        return absolute(href, self.base)


def parse(payload: Payload) -> Page:
    """Decode and parse a page.

    Raises:
        ExtractionError: `empty-page` where nothing can be seen, `unreadable` where the parser gives up.
    """
    decoded = decode(payload.body, content_type=payload.content_type)
    utf8 = without_controls(decoded.utf8)
    huge = len(utf8) > LARGEST_NODE
    try:
        root = document_fromstring(utf8, parser=_parser(huge=huge))
        if _too_deep(root):
            root = document_fromstring(_flattened(utf8), parser=_parser(huge=huge))
    except etree.ParserError as error:  # "Document is empty"
        raise ExtractionError(f"{payload.url}: the page is empty", reason="empty-page") from error
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError(f"{payload.url}: cannot be parsed: {error}", reason="unreadable") from error
    return Page(url=payload.url, root=root, charset=decoded.charset, signals=payload.signals)


_SEPARATORS: Final = b"\f\x1c\x1d\x1e\x1f"  # white space or what ASCII parts fields with: words on both sides are two
_TO_SPACE: Final = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))
_CONTROLS: Final = bytes({*range(32), 0x7F} - {*b"\t\n\r", *_SEPARATORS})
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])"
    rb"|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
"""References to the same characters, decimal and hexadecimal; a form feed (12, C) is white space in HTML."""


def without_controls(utf8: bytes) -> bytes:
    r"""A page without control characters and others that XML 1.0 cannot hold, as they are or as references.

    libxml2 keeps them in the tree of an HTML page; where trafilatura copies such a text, it gives up the whole page.
    This takes 0.3 ms for a page of 230 KB.

    >>> without_controls(b"a\x01b\x0cc &#1;&#x0C;&#12;&#8217;&#xFFFF;")
    b'ab c    &#8217; '
    """
    utf8 = utf8.translate(_TO_SPACE, _CONTROLS)
    if b"\xef\xbf" in utf8:
        utf8 = _NO_CHARACTER.sub(b"", utf8)
    return _REFERENCE.sub(b" ", utf8)


def _parser(*, huge: bool) -> HTMLParser:
    # The tree holds text in UTF-8 already; no_network is the default, and entities of an internal DTD are ignored.
    # `huge` lifts libxml2's limit of depth as well, to 2048, so it is only asked for where a node may need it.
    parser = HTMLParser(encoding="utf-8", huge_tree=huge, remove_comments=True, remove_pis=True)
    # lxml.html asks a Python function for the class of every element that is looked at, for the sake of forms, which
    # nobody fills in here (measured: to look at every element of a page takes half the time without it).
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


_COUNT = etree.XPath("count(//*)")


def _too_deep(root: HtmlElement) -> bool:
    return bool(_AT_LIMIT(root))


_AT_LIMIT = etree.XPath("boolean(" + "/*" * MAX_DEPTH + ")")
_WRAPPER_TAG = re.compile(rb"</?(?:div|span|font|center|b|i|em|strong|big|small|u)\b[^>]{0,4000}>", re.IGNORECASE)


def _flattened(utf8: bytes) -> bytes:
    """A page that is nested too deeply, without the elements that only wrap: a break stays where one was."""
    return _WRAPPER_TAG.sub(b"\n", utf8)


def select(path: etree.XPath, root: HtmlElement) -> list[HtmlElement]:
    """The elements that a path leads to."""
    found = path(root)
    return cast("list[HtmlElement]", found)  # the path decides the type; ours lead to elements


def strings(path: etree.XPath, root: HtmlElement) -> list[str]:
    """The texts or attribute values that a path leads to."""
    found = path(root)
    return cast("list[str]", found)  # as above


def text_of(element: HtmlElement) -> str:
    """What a reader sees of an element, white space folded; scripts and styles are left out."""
    if len(element) == 0:
        return fold_space(element.text or "")
    parts: list[str] = []
    _gather(element, parts)
    return fold_space("".join(parts))


def _gather(element: HtmlElement, parts: list[str]) -> None:
    # Walks by events, not by recursion: a hostile page nests as deep as the parser allows.
    skipped = 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            skipped += node.tag in _UNSEEN
            if not skipped and node.text:
                parts.append(node.text)
            if node.tag == "br":
                parts.append(" ")
        else:
            skipped -= node.tag in _UNSEEN
            if not skipped and node is not element and node.tail:
                parts.append(node.tail)


def class_words(element: HtmlElement) -> frozenset[str]:
    """The words that class and id are made of: `post-cat_link` has three."""
    return words_of(f"{element.get('class') or ''} {element.get('id') or ''}")


@lru_cache(maxsize=4096)  # pages use the same few classes on hundreds of elements
def words_of(names: str) -> frozenset[str]:
    """The words that class names are made of, lower case.

    >>> sorted(words_of("post-cat_link assetAuthor"))
    ['asset', 'author', 'cat', 'link', 'post']
    """
    return frozenset(_CLASS_WORD.split(_HUMP.sub(r"\1 \2", names).lower()))
