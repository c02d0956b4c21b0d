"""From a page's bytes to UTF-8, once. Labels mean what browsers take them for: https://encoding.spec.whatwg.org/.

The order differs from the browsers' in one point: bytes that are valid UTF-8 are UTF-8 whatever header and meta say.
Text of another charset is hardly ever valid UTF-8 by chance; labels are wrong rather often.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "hz": "hz", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}  # fmt: skip
"""Python codec to the superset that browsers use for the same label."""

ALIASES = {
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "windows-874": "cp874",
    "x-euc-jp": "euc_jp",
}
"""Labels of pages that Python does not know."""

SEVEN_BIT = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
"""Charsets written in ASCII bytes: valid UTF-8 says nothing about them."""

NO_PAGE_CHARSETS = frozenset(
    {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "rot13", "undefined"}
)
"""Codecs of Python that no browser would use for a page (utf-7 has been a way to smuggle scripts)."""

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:+-]+)", re.IGNORECASE)
_META_WITHIN = 8192  # bytes; browsers look at 1024, yet pages carry long scripts before their meta
_GUESS_WITHIN = 65536  # bytes; charset_normalizer takes time in proportion
_MOST_BROKEN = 0.005  # share of characters that may be undecodable in the right charset
_NON_ASCII = re.compile(rb"[\x80-\xff]+")


class Decoded(NamedTuple):
    """A page as UTF-8 without byte order mark and NULs, and the charset that it came in."""

    utf8: bytes
    charset: str


def decode(body: bytes, *, content_type: str = "") -> Decoded:
    """Find the charset of a page and bring it to UTF-8; what cannot be decoded becomes U+FFFD.

    >>> decode("Café".encode("cp1252"), content_type="text/html; charset=iso-8859-1").utf8.decode()
    'Café'
    >>> decode("<meta charset=latin1>Café".encode()).charset
    'utf-8'
    """
    for mark, charset in BOMS:
        if body.startswith(mark):
            return _recoded(body[len(mark) :], charset)
    if wide := _wide(body):
        return _recoded(body, wide)
    labels = _labels(body, content_type)
    if body.isascii():
        stateful = next((label for label in labels if label in SEVEN_BIT), None)
        return _recoded(body, stateful) if stateful else Decoded(body.replace(b"\x00", b""), "utf-8")
    if _is_utf8(body):
        return _recoded(body, "utf-8")
    for label in labels:
        text = body.decode(label, errors="replace")
        if text.count("\ufffd") <= _MOST_BROKEN * len(text):
            return Decoded(_encoded(text), label)
    return _recoded(body, _guess(body))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        # A page glued together from several sources: one in twenty of its non-ASCII runs may be something else.
        runs = _NON_ASCII.findall(body)
        broken = body.decode("utf-8", errors="replace").count("\ufffd") - body.count(b"\xef\xbf\xbd")
        return broken * 20 < len(runs)
    return True


def _recoded(body: bytes, charset: str) -> Decoded:
    if charset == "utf-8":
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return Decoded(_encoded(body.decode("utf-8", errors="replace")), charset)
        return Decoded(body.replace(b"\x00", b""), charset)
    return Decoded(_encoded(body.decode(charset, errors="replace")), charset)


def _encoded(text: str) -> bytes:
    return text.replace("\x00", "").encode("utf-8", errors="replace")


def _wide(body: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of the first tags is NUL."""
    start = body[:64]
    even, odd = start[::2], start[1::2]
    if len(odd) > 4 and odd.count(0) > 0.9 * len(odd) and even.count(0) == 0:  # noqa: PLR2004 - nearly all of them
        return "utf-16-le"
    if len(even) > 4 and even.count(0) > 0.9 * len(even) and odd.count(0) == 0:  # noqa: PLR2004 - nearly all of them
        return "utf-16-be"
    return None


def _labels(body: bytes, content_type: str) -> list[str]:
    start = body[:_META_WITHIN]
    found = [match[1] for match in [_HEADER.search(content_type)] if match]
    found += [match[1].decode("ascii", errors="replace") for match in (_META.search(start), _XML.match(start)) if match]
    return list(dict.fromkeys(codec for label in found if (codec := _codec(label))))


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    try:
        name = codecs.lookup(ALIASES.get(label, label)).name
        "".encode(name)  # codecs such as `hex` are none for text
    except (LookupError, ValueError):
        return None
    # A meta that can be read as ASCII proves that the page is not UTF-16, whatever it says.
    if name in NO_PAGE_CHARSETS or name.startswith(("utf-16", "utf-32")):
        return None
    return WIDER.get(name, name)


def _guess(body: bytes) -> str:
    import charset_normalizer  # noqa: PLC0415 - 0.1 s, for pages without a label that fits

    best = charset_normalizer.from_bytes(body[:_GUESS_WITHIN]).best()
    return (best and _codec(best.encoding)) or "cp1252"
