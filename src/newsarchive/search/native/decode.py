"""From the encodings of `layout.py` to arrays: documents of terms, and the places of words in documents.

Documents are numbered by `np.intp` here, the type that NumPy gathers with: other types are converted at each use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native.layout import BITMAP, CHUNK, CHUNKS, CODE_TIMES, HALVES, list_kinds, list_sizes, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Docs = NDArray[np.intp]

NONE: Final = np.empty(0, np.intp)


def stretches(starts: Array, counts: Array) -> Docs:
    """The numbers of several runs, one run behind the other.

    >>> stretches(np.array([3, 10]), np.array([2, 3])).tolist()
    [3, 4, 10, 11, 12]
    """
    ends = np.cumsum(counts, dtype=np.intp)
    if not len(ends):
        return NONE
    found = np.arange(ends[-1], dtype=np.intp)
    found += np.repeat(starts - (ends - counts), counts)
    return found


def kind_of(df: int, docs: int) -> int:
    """How the list of one term is kept; `layout.list_kinds` for a single term, without its arrays."""
    if df * 8 > docs:
        return BITMAP
    return CHUNKS if df * (256 if docs <= _SMALL else 512) > docs else HALVES


_SMALL: Final = 65_536


def documents(data: Array, df: int, docs: int) -> Docs:
    """The documents of one term, ascending.

    Args:
        data: bytes that begin with the list.
        df: how many documents it has.
        docs: documents of the segment.
    """
    kind = kind_of(df, docs)
    if kind == BITMAP:
        return np.flatnonzero(mask(data, docs))
    if kind == CHUNKS:
        width = -(-docs // CHUNK)
        found = np.repeat(np.arange(0, width * CHUNK, CHUNK, dtype=np.intp), data[:width])
        found += data[width : width + df]
        return found
    low = np.frombuffer(data[: 2 * df].tobytes(), "<u2").astype(np.intp)
    if docs > _SMALL:
        low |= data[2 * df : 3 * df].astype(np.intp) << 16
    return low


def mask(data: Array, docs: int) -> NDArray[np.bool_]:
    """Of each document, whether it is in a list that is kept as a bitmap."""
    return np.unpackbits(data[: -(-docs // 8)], count=docs, bitorder="little").view(np.bool_)


def documents_of_many(data: Array, at: Array, df: Array, docs: int) -> Docs:
    """The documents of many terms, term after term.

    Args:
        data: the lists of the field.
        at: where the list of each term begins.
        df: how many documents it has.
        docs: documents of the segment.
    """
    kinds = list_kinds(df, docs)
    if (kinds == HALVES).all():
        return _halves_of_many(data, at, df, docs)
    found = np.empty(int(df.sum()), np.intp)
    ends = np.cumsum(df, dtype=np.intp)
    few = kinds == HALVES
    found[np.repeat(few, df)] = _halves_of_many(data, at[few], df[few], docs)
    sizes = list_sizes(df, docs)
    for term in np.flatnonzero(~few).tolist():
        start, count = int(at[term]), int(df[term])
        stretch = data[start : start + int(sizes[term])]
        found[ends[term] - count : ends[term]] = documents(stretch, count, docs)
    return found


def _halves_of_many(data: Array, at: Array, df: Array, docs: int) -> Docs:
    place = stretches(np.zeros(len(df), np.intp), df)
    starts = np.repeat(at.astype(np.intp), df)
    low = starts + 2 * place
    found = data.take(low).astype(np.intp)
    found |= data.take(low + 1).astype(np.intp) << 8
    if docs > _SMALL:
        found |= data.take(starts + np.repeat(2 * df.astype(np.intp), df) + place).astype(np.intp) << 16
    return found


def times(codes: Array, many_at: Array, many: Array, first: int) -> Array:
    """How often a term occurs in each of its documents: u1 or, where a code cannot say it, u4.

    Args:
        codes: the code bytes of all its postings.
        many_at: numbers of the field's postings with more occurrences than a code can say, ascending.
        many: how many those have.
        first: number of the term's first posting.
    """
    found: Array = codes & CODE_TIMES
    low, high = search(many_at, (first, first + len(codes))) if len(many_at) else (0, 0)
    if low < high:
        found = found.astype(np.uint32)
        found[many_at[low:high].astype(np.intp) - first] = many[low:high]
    return found


def once(numbers: Docs) -> Docs:
    """Numbers that ascend, each once."""
    if len(numbers) < 2:  # noqa: PLR2004 - one is once
        return numbers
    return numbers[np.concatenate(([True], numbers[1:] != numbers[:-1]))]
