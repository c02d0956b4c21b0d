"""Prefixes, wildcards and fuzzy words: which surfaces have a key that fits.

Keys stand nowhere as a list of their own: a surface without diacritics is its own key, and the table `fold` has the
keys of all others. So a pattern is looked for in both.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.analysis import key
from newsarchive.search.native import decode, layout, spelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Piece
    from newsarchive.search.native.segment import Segment, Terms

    Array = NDArray[Any]

_CHAR: Final = rb"(?:[\x00-\x09\x0b-\x7f]|[\xc0-\xff][\x80-\xbf]+)"
"""One character in UTF-8, of those that a word can have."""
_ANY: Final = rb"[^\n]*"
_WILD: Final = re.compile(r"([*?])")


def folded(text: str) -> str:
    """A wildcard pattern with its letters folded as keys are; `**` says no more than `*`.

    >>> folded("Hà*N?i"), folded("a**b")
    ('ha*n?i', 'a*b')
    """
    parts = [part if part in "*?" else key(part) for part in _WILD.split(text) if part]
    return re.sub(r"\*+", "*", "".join(parts))


def matching(segment: Segment, name: str, piece: Piece) -> Docs:
    """The numbers of the surfaces of a field that a prefix, wildcard or fuzzy word stands for, ascending."""
    word = key(piece.text)
    if piece.how == "prefix":
        return _over_keys(segment, name, lambda terms: np.arange(*terms.starting(word.encode()), dtype=np.intp))
    if piece.how == "wildcard":
        return _over_keys(segment, name, lambda terms: _wild(terms, piece.text))
    return _over_keys(segment, name, lambda terms: spelling.near(terms, word, piece.distance))


def _over_keys(segment: Segment, name: str, find: Callable[[Terms], Docs]) -> Docs:
    terms = segment.postings(name).terms
    found = find(terms)
    table = segment.table("fold" if name == "text" else f"{name}.fold")
    if table is None or not len(table.keys):
        return found
    found = _bare(terms, found)
    keys = find(table.keys)
    return np.union1d(found, table.of_many(keys)) if len(keys) else found


def _bare(terms: Terms, found: Docs) -> Docs:
    """Those that are their own keys."""
    if not len(found):
        return found
    if found[-1] - found[0] == len(found) - 1 and terms.stretch(int(found[0]), int(found[-1]) + 1).isascii():
        return found
    keep = [_is_bare(terms[number]) for number in found.tolist()]
    return found[np.array(keep, np.bool_)]


@lru_cache(maxsize=1 << 14)
def _is_bare(term: bytes) -> bool:
    if term.isascii():
        return True
    text = term.decode()
    return key(text) == text


def _wild(terms: Terms, pattern: str) -> Docs:
    literals = [part.encode() for part in _WILD.split(pattern) if part not in {"", "*", "?"}]
    expression = b"".join(_translated(part) for part in _WILD.split(pattern) if part)
    if not literals:
        return _fitting_range(terms, 0, len(terms), expression)
    if pattern[0] not in "*?":
        return _fitting_range(terms, *terms.starting(literals[0]), expression)
    longest = max(literals, key=len)
    ends = pattern[-1] not in "*?" and len(literals[-1]) + 1 >= len(longest)
    candidates = terms.ending(literals[-1]) if ends else terms.holding(longest)
    fits = re.compile(expression).fullmatch
    keep = [number for number in candidates.tolist() if fits(terms[number])]
    return np.array(keep, np.intp)


def _translated(part: str) -> bytes:
    return {"*": _ANY, "?": _CHAR}.get(part) or re.escape(part.encode())


def _fitting_range(terms: Terms, first: int, end: int, expression: bytes) -> Docs:
    """The terms of a range that fit an expression, which is run over all of them at once."""
    if first >= end:
        return decode.NONE
    # Without the last line feed: behind it an expression for any letters or none would find another word.
    found = re.finditer(rb"^" + expression + rb"$", terms.stretch(first, end)[:-1], re.MULTILINE)
    starts = np.array([match.start() for match in found], np.int64)
    return layout.search(terms.at, starts + int(terms.at[first])).astype(np.intp)
