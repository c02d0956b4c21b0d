"""XML from strangers, read safely and for as far as it can be read: sitemaps and feeds.

lxml is asked for no network, no DTD, no entities, no huge trees. Beyond that, nothing before the root element is handed
to it, so a document type and its entities never arrive. Broken input is mended first (XML 1.0,
https://www.w3.org/TR/xml/, would have it refused): the declared charset is not believed over the bytes, bare
ampersands are escaped, HTML's named entities are replaced, characters that XML forbids are dropped.
"""

from __future__ import annotations

import codecs
import html
import re
import zlib
from html.entities import html5
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from newsarchive.dates import parse_moment
from newsarchive.errors import DiscoveryError
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.etree import _Element as Element

MAX_BYTES = 52_428_800
"""Uncompressed size of a sitemap by its protocol (https://www.sitemaps.org/protocol.html); feeds are far smaller."""
MAX_HELD = 100_000
"""Elements in memory at once; one entry with many images and translations has some hundreds."""
MAX_MENDED = 2_000_000
"""Ampersands looked at, which takes about 2 s; the largest sitemap with 20 parameters in each URL has half as many."""
MAX_MEMBERS = 100
"""Parts of a gzip file, which is one in practice."""
MAX_TITLE = 500
"""Characters of a headline that are kept."""

NAMESPACES = {
    "": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://purl.org/rss/1.0/": "",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",  # Atom 0.3
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
"""Vocabularies of sitemaps and feeds, beside the root's own. Others (images, video) hold no hint for a candidate."""

CORE = ("", "atom")
"""Where entries, links and titles are found."""

_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf)(?=[\s>/])", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DEFAULT_NAMESPACE = re.compile(r"""\sxmlns\s*=\s*(?:"[^"]*"|'[^']*')""")
_PROLOGUE = 20_000
"""Characters in which a root element must come; server messages and long comments stand before some."""
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(
    r"(?:x-)?(?:utf|ucs|iso|hz|us-ascii|ascii|latin|windows|cp|ibm|mac|koi8|euc|gb|big5|shift|s-?jis|ks_?c|tis)[\w.:-]*",
    re.IGNORECASE,
)
"""Declared names that are believed. Python's codecs know more than charsets: `punycode` takes quadratic time."""
_SEVEN_BIT = re.compile(r"iso-?2022|hz|utf-?7|utf-?16|ucs", re.IGNORECASE)
"""Charsets whose bytes can be valid UTF-8 and mean something else."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});|(\w{2,31};))?", re.DOTALL
)
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?=[-_\s]|$)")


class Document(NamedTuple):
    """The text of an XML document from its root element on."""

    root: str
    """Local name of the root, lower case; empty where it is none that is known here."""
    text: str
    is_html: bool
    is_whole: bool
    """Whether the root is closed at the end."""


def decompress(body: bytes) -> tuple[bytes, bool]:
    """A body without its gzip coding, and whether all of it could be read within `MAX_BYTES`.

    Servers send `.xml.gz` as a file, so that no Content-Encoding tells of it: the first bytes do (RFC 1952, 2.3.1).
    """
    if not body.startswith(b"\x1f\x8b"):
        return body[:MAX_BYTES], len(body) <= MAX_BYTES
    plain, rest = bytearray(), body
    for _ in range(MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            plain += member.decompress(rest, MAX_BYTES + 1 - len(plain))
        except zlib.error:
            return bytes(plain), False
        if not member.eof or len(plain) > MAX_BYTES:
            return bytes(plain[:MAX_BYTES]), False
        rest = member.unused_data
        if not rest.startswith(b"\x1f\x8b"):
            return bytes(plain), True
    return bytes(plain), False


def decode(body: bytes) -> str:
    """The text of a document: a byte order mark first, then UTF-8 if the bytes are, then what is declared."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body.decode(codec, errors="replace")
    declared = match[1].decode("ascii") if (match := _DECLARED.match(body)) else ""
    declared = declared if _CHARSET.fullmatch(declared) else ""
    if not _SEVEN_BIT.match(declared):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if declared and not declared.lower().startswith(("utf-8", "utf8")):
        try:
            return body.decode(declared, errors="replace")
        except (LookupError, UnicodeError):
            pass
    return _mostly_utf8(body)


def _mostly_utf8(body: bytes) -> str:
    """UTF-8 with some broken characters, or windows-1252 where most are broken."""
    text = body.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = len(_NOT_ASCII.findall(text)) - broken
    return text if whole > broken else body.decode("windows-1252", errors="replace")


def is_charset(name: str) -> bool:
    """Whether a name that a server or page gives is a charset that Python knows."""
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return _CHARSET.fullmatch(name) is not None


def document(text: str) -> Document:
    """Find the root element of a sitemap or feed, or see that it is an HTML page."""
    root = _ROOT.search(text, 0, _PROLOGUE)
    page = _HTML.search(text, 0, root.start() if root else _PROLOGUE)
    if page or root is None:
        return Document("", text, is_html=page is not None, is_whole=True)
    name = root[1].lower()
    tail = text[-200:].rstrip()
    is_whole = tail.lower().endswith((f"{name}>", "/>"))
    head, end, rest = text[root.start() :].partition(">")
    # The root's own vocabulary is the core one, however its name is misspelt: many are.
    return Document(name, _DEFAULT_NAMESPACE.sub("", head, count=1) + end + rest, is_html=False, is_whole=is_whole)


def elements(found: Document, *, entries: frozenset[str], heads: frozenset[str] = frozenset()) -> Iterator[Element]:
    """Yield the elements with these local names as they end; each entry is emptied after it was looked at.

    So memory holds the text and one entry, not a tree: 300,000 items take 17 MB of text and 250 MB as a tree. Reading
    ends where more than `MAX_HELD` elements come without an entry.
    """
    data = BytesIO(_mended(found.text).encode("utf-8"))
    events = etree.iterparse(
        data,
        events=("end",),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    held = 0
    try:
        for _, element in events:
            vocabulary, local = name_of(element)
            held += 1
            if held > MAX_HELD:
                return
            if local in entries and vocabulary in CORE:
                yield element
                _free(element)
                held = 0
            elif local in heads and vocabulary in CORE:
                yield element
    except etree.XMLSyntaxError:
        return  # what was read before stays; a document that yields nothing is refused by the caller


def _free(element: Element) -> None:
    element.clear()
    while (before := element.getprevious()) is not None:
        parent = before.getparent()
        if parent is None:
            return
        parent.remove(before)


def name_of(element: Element) -> tuple[str, str]:
    """Vocabulary (see `NAMESPACES`; the prefix itself where it was never declared) and local name, lower case."""
    namespace, _, local = str(element.tag).rpartition("}")
    prefix, _, local = local.rpartition(":")
    return (prefix.lower() or NAMESPACES.get(namespace[1:], namespace or "")), local.lower()


def text_of(element: Element) -> str:
    """All text inside an element."""
    return "".join(str(part) for part in element.itertext()) if len(element) else element.text or ""


def plain(text: str) -> str | None:
    """A title as text: markup and entities gone, however often they were escaped; None where nothing is left.

    >>> plain("Summit &amp;amp; <b>sanctions</b>"), plain("5 < 6"), plain(" <br/> ")
    ('Summit & sanctions', '5 < 6', None)
    """
    text = text.strip()[: 8 * MAX_TITLE]
    for _ in range(2):
        text = html.unescape(_TAG.sub(" ", _SCRIPT.sub(" ", text)))
    return fold_space(_FORBIDDEN.sub("", _TAG.sub(" ", _SCRIPT.sub(" ", text))))[:MAX_TITLE].rstrip() or None


def address(text: str) -> str:
    """An address as it was meant: inside CDATA, many sites escape its ampersands all the same."""
    return text.strip().replace("&amp;", "&")


def moment(text: str) -> datetime | None:
    """A date as sitemaps and feeds write it, aware; None where it is none."""
    found = parse_moment(text.strip())
    return found.at if found else None


def language(text: str) -> str | None:
    """The primary language of a tag.

    >>> language("pt-BR"), language("EN_us"), language("English")
    ('pt', 'en', None)
    """
    match = _LANGUAGE.match(text)
    return match[1].lower() if match else None


def refuse(kind: str, *, url: str, found: Document) -> DiscoveryError:
    """The error for a document that is no sitemap or feed."""
    if found.is_html:
        message = f"{url}: expected a {kind}, got an HTML page"
        tip = "the address may have moved, or the site shows an error or consent page; `sources test` looks for others"
    else:
        message, tip = f"{url}: this is no {kind}", "open it in a browser to see what the site sends"
    return DiscoveryError(message, url=url, tip=tip)


def _mended(text: str) -> str:
    return _AMPERSAND.sub(_ampersand, _FORBIDDEN.sub("", text), count=MAX_MENDED)


def _ampersand(match: re.Match[str]) -> str:
    whole = match[0]
    if whole[0] == "<" or match[1]:
        return whole
    if match[2] and match[2] in html5:
        return html.escape(html5[match[2]])
    return "&amp;" + whole[1:]
