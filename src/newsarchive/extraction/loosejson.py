"""JSON as pages write it: wrapped in comments, with line breaks in strings, stray commas, escaped once too often.

The standard is RFC 8259 (https://www.rfc-editor.org/rfc/rfc8259); each repair is tried only where the strict reading
fails, so that what is valid is never changed.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH: Final = 5_000_000
"""Characters; what is longer is state of an application, not a description of an article."""
MAX_REPAIRED: Final = 1_000_000
"""Characters of a text that is worth its repair, which takes many times as long as the reading."""

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_STRING_OR_COMMA = re.compile(
    r'("(?:[^"\\]++|\\.|\\\Z)*(?:"|\Z))|,(?=\s*+[}\]])|(/\*(?:[^*]++|\*(?!/))*(?:\*/|\Z))', re.DOTALL
)
# Strings and comments that nobody closes run to the end: to fail there would be to start again at every quote. So
# neither can fail, and their groups need not be possessive, which Python gets wrong before 3.11.5 (gh-106052).
_LONE_BACKSLASH = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')
_MISSING_COMMA = re.compile(r'(["}\]])(\s++)(?=")')
_RESCUED = ("headline", "datePublished", "dateModified", "articleSection")
_RESCUE = re.compile(rf'"({"|".join(_RESCUED)})"\s*:\s*"((?:[^"\\]|\\.){{0,2000}})"')


def loads(text: str) -> list[Any]:
    """The values in a text, repaired as far as that can be done; none where there is nothing to save.

    >>> loads('<!-- {"a": [1, 2,], "b": "x,]"} -->')
    [{'a': [1, 2], 'b': 'x,]'}]
    >>> loads('{"headline": "Summit", "datePublished": "2019-02-27", broken')
    [{'@type': 'NewsArticle', 'headline': 'Summit', 'datePublished': '2019-02-27'}]
    """
    if len(text) > MAX_LENGTH:
        return []
    for repair in _REPAIRS:
        text = repair(text)
        values = _values(text)
        if values or len(text) > MAX_REPAIRED:
            return values
    rescued: dict[str, Any] = {}
    for match in _RESCUE.finditer(text):
        rescued.setdefault(match[1], match[2].replace('\\"', '"'))
    return [{"@type": "NewsArticle", **rescued}] if rescued else []


def _values(text: str) -> list[Any]:
    """Every value of a text that is nothing but values one after the other; none where it is anything else."""
    values: list[Any] = []
    at, end = 0, len(text)
    try:
        while at < end:
            value, at = _DECODER.raw_decode(text, at)
            values.append(value)
            while at < end and (text[at].isspace() or text[at] in ";,"):
                at += 1
    except (ValueError, RecursionError):
        return []
    return values


_DECODER = json.JSONDecoder(strict=False)  # line breaks and tabs may stand in strings


def _unwrapped(text: str) -> str:
    return _WRAPPING.sub("", _WRAPPING.sub("", text)).strip().strip("\ufeff;").strip()


def _without_entities(text: str) -> str:
    return html.unescape(text) if "&quot;" in text and '"' not in text.replace("&quot;", "") else text


def _without_stray_commas(text: str) -> str:
    return _STRING_OR_COMMA.sub(lambda match: match[1] or "", text)


def _with_plain_backslashes(text: str) -> str:
    return _LONE_BACKSLASH.sub(lambda match: "\\" + match[0], text)


def _with_commas(text: str) -> str:
    return _MISSING_COMMA.sub(lambda match: f"{match[1]},{match[2]}" if "\n" in match[2] else match[0], text)


_REPAIRS: Final[tuple[Callable[[str], str], ...]] = (
    str.strip,
    _unwrapped,
    _without_entities,
    _with_plain_backslashes,
    _without_stray_commas,
    _with_commas,
)
