"""What is refused before it is parsed: too large, too many tags, or no HTML at all.

Measured with trafilatura 2.3.1: 100,000 unclosed paragraphs (0.7 MB) run for over 60 CPU seconds, a page of 18 KB has
about 1,300 tags. Signatures of file types follow https://mimesniff.spec.whatwg.org/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.errors import ExtractionError

if TYPE_CHECKING:
    from newsarchive.models import Payload

MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"\x1f\x8b", b"BM6", b"OggS",
    b"ID3", b"\x00\x00\x01\x00", b"7z\xbc\xaf", b"Rar!", b"wOFF", b"wOF2", b"\x7fELF", b"\xd0\xcf\x11\xe0",
    b"%!PS", b"fLaC", b"BZh", b"\xfd7zXZ", b"\x1aE\xdf\xa3",
)  # fmt: skip
"""First bytes of files that servers send with a wrong type, or with none."""

OTHER_TYPES = ("image/", "audio/", "video/", "font/", "multipart/")
OTHER_SUBTYPES = frozenset({
    "application/pdf", "application/json", "application/ld+json", "application/zip", "application/gzip",
    "application/javascript", "text/javascript", "text/css", "text/csv", "text/calendar", "application/rss+xml",
    "application/atom+xml", "application/msword", "application/epub+zip",
})  # fmt: skip
"""Types that are taken at their word. `application/octet-stream` and `text/plain` are looked at."""

_LOOKED_AT = 4096
_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|link|script|div|p|a|h[1-6]|article|table|span)\b", re.IGNORECASE
)
_ANY_TAG = re.compile(rb"</?[a-z][a-z0-9]*[\s>/]", re.IGNORECASE)
_FEED = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b", re.IGNORECASE | re.DOTALL
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOSTLY_BINARY = 0.1


MOST_ATTRIBUTES: Final = 1_000
"""Of one tag. Measured with libxml2 2.14: 100,000 of them take 20 s of CPU time, a thousand 2 ms."""

# No alternative gives a byte back or fails behind its first one, so that any input is read once, in linear time.
_ATTRIBUTE = re.compile(rb"""[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+))?+""")
_TOKEN = re.compile(
    rb"""[^<]++|<!--(?s:.*?)(?:-->|\Z)|<(?:script|style)\b[^>]*+>(?s:.*?)(?=</|\Z)"""
    rb"""|<[a-z][^\s/>]*+((?:[\s/=]++|""" + _ATTRIBUTE.pattern + rb""")*+)>?+|<""",
    re.IGNORECASE,
)


class Limits(NamedTuple):
    """What one page may be; the defaults are those of `ExtractionSettings`."""

    max_page_size: int = 20_000_000
    """Bytes, after the content coding is undone."""
    max_tags: int = 150_000


DEFAULT_LIMITS: Final = Limits()


def check(payload: Payload, limits: Limits) -> None:
    """Refuse what should not be parsed.

    Raises:
        ExtractionError: `empty-page`, `too-large`, `too-many-tags` or `not-html`.
    """
    body = payload.body
    if not body.strip(b" \t\r\n\x00"):
        raise ExtractionError(f"{payload.url}: the page is empty", reason="empty-page")
    if len(body) > limits.max_page_size:
        message = f"{payload.url}: {len(body):,} bytes; at most {limits.max_page_size:,} are read"
        raise ExtractionError(message, reason="too-large", tip="raise extraction.max_page_size to read it")
    if problem := _not_html(payload):
        raise ExtractionError(f"{payload.url}: {problem}", reason="not-html")
    tags = body.count(b"<")
    if tags > limits.max_tags:
        message = f"{payload.url}: {tags:,} tags; at most {limits.max_tags:,} are read"
        raise ExtractionError(message, reason="too-many-tags", tip="raise extraction.max_tags to read it")


def has_attribute_flood(body: bytes) -> bool:
    """Whether a tag has so many attributes that it takes long to parse: time grows with the square of their number.

    It costs 4 ms on a page of 230 KB, so it is asked only where no limit of time holds.

    >>> has_attribute_flood(b"<p " + b"a=1 " * 900 + b">"), has_attribute_flood(b"<p " + b"a='>' " * 1100 + b">")
    (False, True)
    """
    tags = (match[1] for match in _TOKEN.finditer(body) if match[1] and len(match[1]) > 2 * MOST_ATTRIBUTES)
    return any(sum(1 for _ in _ATTRIBUTE.finditer(tag)) > MOST_ATTRIBUTES for tag in tags)


def _not_html(payload: Payload) -> str:
    media_type = payload.content_type.partition(";")[0].strip().lower()
    if media_type.startswith(OTHER_TYPES) or media_type in OTHER_SUBTYPES:
        return f"the server calls it {media_type}"
    start = payload.body[:_LOOKED_AT]
    if start.startswith(MAGIC):
        return f"it begins like another kind of file: {start[:8]!r}"
    # Without its NULs, UTF-16 reads like ASCII wherever it matters here.
    bare = start.replace(b"\x00", b"").lstrip()
    if _FEED.match(bare):
        return "it is a feed or sitemap"
    if _TAG.search(bare):
        return ""
    return _no_tag(bare, payload.body)


def _no_tag(bare: bytes, body: bytes) -> str:
    if bare.startswith((b"{", b"[")):
        return "it is JSON"
    if len(_CONTROL.findall(bare)) > _MOSTLY_BINARY * len(bare):
        return "it is binary data"
    return "" if _ANY_TAG.search(body.replace(b"\x00", b"")) else "it has no HTML tag"
