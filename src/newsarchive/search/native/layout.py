"""How a segment keeps what it keeps: names, numbers and encodings that writer and reader share.

ARCHITECTURE.md lists the arrays of a segment. Here are the encodings that take more than a line: the one-byte length,
the code byte of a posting, and lists of documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

LARGEST_SEGMENT: Final = 250_000
"""Documents that a merge puts into one segment at most."""
WORD_FIELDS: Final = ("text", "author")
"""Fields of words, with positions."""
VALUE_FIELDS: Final = ("category", "tag", "source", "language", "url")
"""Fields of whole values."""
FIELDS: Final = (*WORD_FIELDS, *VALUE_FIELDS)

BODY_START: Final = 100_000
"""Presented position of the body's first word: no stretch of words runs from the headline into the body."""
UNKNOWN_TIME: Final = -(1 << 62)
"""A time that is not known, in seconds since 1970."""
UNKNOWN_MONTH: Final = -32_768
NONE: Final = 0xFFFFFFFF
"""Ordinal where a document has no value."""

MOST_TIMES: Final = 30
"""Occurrences that a code byte can say; 31 stands for more."""
CODE_TIMES: Final = 31
CODE_HEAD_SHIFT: Final = 5
CODE_LEAD: Final = 128
MOST_HEAD: Final = 3
WIDEST: Final = 24
"""Bits of a position at most: sixteen million words."""

EDITED, HEADLINE_EDITED, GONE = 1, 2, 4
"""Bits of `states`."""

CHUNK: Final = 255
"""Documents of a chunk: so a byte can count them, up to all."""
_SMALL: Final = 65_536
"""Segments of up to so many documents need no third byte for a document's number."""
_AT_ONCE: Final = 1 << 22
"""Cells of a table that are worked on at a time."""


_POSITIONS: Final = 1 << 16
"""Positions that are worked on at a time."""
_CODES: Final = 256


def _lengths() -> tuple[int, ...]:
    table = list(range(41))
    while len(table) < _CODES:
        table.append(int(table[-1] * 1.05) + 1)
    return tuple(table)


LENGTHS: Final = _lengths()
"""Words that a length byte stands for: exact up to 40, then 5 % a step, up to some two million."""


def length_codes(lengths: Array) -> Array:
    """The byte of each length: that of the greatest entry of `LENGTHS` that is not above it."""
    return (np.searchsorted(np.array(LENGTHS), lengths, side="right") - 1).astype(np.uint8)


def posting_codes(times: Array, heads: Array, leads: Array) -> Array:
    """The code byte of each posting.

    Args:
        times: occurrences.
        heads: how many of them stand in the headline.
        leads: whether one stands in the lead.
    """
    code = np.minimum(times, CODE_TIMES) | (np.minimum(heads, MOST_HEAD) << CODE_HEAD_SHIFT)
    found: Array = (code | np.where(leads, CODE_LEAD, 0)).astype(np.uint8)
    return found


# Lists of documents. The number of a term's documents and that of the segment decide alone how a list is kept, so no
# flag has to be read first:
#   more than an eighth of all    a bitmap, little bit order
#   many                          a count (u1) per chunk of 255 documents, then each document's place in its chunk (u1)
#   few                           low halves (u2, little-endian), then high bytes (u1); these only where `docs` > 65,536
BITMAP, CHUNKS, HALVES = 2, 1, 0


def list_kinds(df: Array, docs: int) -> Array:
    """How the lists of terms with these document frequencies are kept."""
    df = df.astype(np.int64)
    many = df * (256 if docs <= _SMALL else 512) > docs
    return np.where(df * 8 > docs, BITMAP, np.where(many, CHUNKS, HALVES)).astype(np.uint8)


def list_sizes(df: Array, docs: int) -> Array:
    """Bytes of the lists of terms with these document frequencies."""
    df = df.astype(np.int64)
    kinds = list_kinds(df, docs)
    few = df * (2 if docs <= _SMALL else 3)
    return np.where(kinds == BITMAP, -(-docs // 8), np.where(kinds == CHUNKS, -(-docs // CHUNK) + df, few))


def encode_lists(documents: Array, df: Array, docs: int) -> tuple[Array, Array]:
    """The lists of many terms, one behind the other.

    Args:
        documents: the documents of all terms, ascending within each.
        df: how many of them each term has.
        docs: documents of the segment.

    Returns:
        The bytes (u1), and where each term's list begins in them, with the end behind (i8).
    """
    at = offsets(list_sizes(df, docs))
    out = np.zeros(int(at[-1]), np.uint8)
    kinds = list_kinds(df, docs)
    for kind, encode in ((HALVES, _encode_halves), (CHUNKS, _encode_chunks), (BITMAP, _encode_bitmaps)):
        terms = np.flatnonzero(kinds == kind)
        if not len(terms):
            continue
        if len(terms) == len(df):
            encode(out, at[:-1], documents, df.astype(np.int64), docs)
        else:
            encode(out, at[terms], documents[np.repeat(kinds == kind, df)], df[terms].astype(np.int64), docs)
    return out, at


def _encode_halves(out: Array, at: Array, documents: Array, df: Array, docs: int) -> None:
    place = np.arange(len(documents)) - np.repeat(offsets(df)[:-1], df)  # within its term
    low = np.repeat(at, df) + 2 * place
    out[low] = documents & 255
    out[low + 1] = (documents >> 8) & 255
    if docs > _SMALL:
        out[np.repeat(at + 2 * df, df) + place] = documents >> 16


def _encode_chunks(out: Array, at: Array, documents: Array, df: Array, docs: int) -> None:
    width = -(-docs // CHUNK)
    chunks = documents // CHUNK
    first = offsets(df)
    out[np.arange(len(documents)) + np.repeat(at + width - first[:-1], df)] = documents - chunks * CHUNK
    step = max(1, _AT_ONCE // width)
    for start in range(0, len(df), step):
        some = slice(start, start + step)
        begin, end = first[start], first[min(start + step, len(df))]
        rows = len(df[some])
        cells = np.repeat(np.arange(rows) * width, df[some]) + chunks[begin:end]
        counts = np.bincount(cells, minlength=rows * width).astype(np.uint8)
        out[at[some][:, None] + np.arange(width)] = counts.reshape(rows, width)


def _encode_bitmaps(out: Array, at: Array, documents: Array, df: Array, docs: int) -> None:
    first = offsets(df)
    step = max(1, _AT_ONCE // docs)
    for start in range(0, len(df), step):
        some = slice(start, start + step)
        begin, end = first[start], first[min(start + step, len(df))]
        table = np.zeros((len(df[some]), docs), np.uint8)
        table[np.repeat(np.arange(len(df[some])), df[some]), documents[begin:end]] = 1
        packed = np.packbits(table, axis=1, bitorder="little")
        out[at[some][:, None] + np.arange(packed.shape[1])] = packed


def decode_list(data: Array, df: int, docs: int) -> Array:
    """The documents of one term, ascending (u4).

    Args:
        data: bytes that begin with the list.
        df: how many documents it has.
        docs: documents of the segment.
    """
    if df * 8 > docs:
        bits = np.unpackbits(data[: -(-docs // 8)], count=docs, bitorder="little")
        return np.flatnonzero(bits.view(bool)).astype(np.uint32)
    if df * (256 if docs <= _SMALL else 512) > docs:
        width = -(-docs // CHUNK)
        base = np.arange(0, width * CHUNK, CHUNK, dtype=np.uint32)
        return np.repeat(base, data[:width]) + data[width : width + df]
    low = np.frombuffer(data[: 2 * df].tobytes(), "<u2").astype(np.uint32)
    return low if docs <= _SMALL else low | (data[2 * df : 3 * df].astype(np.uint32) << 16)


def decode_lists(data: Array, at: Array, df: Array, docs: int) -> Array:
    """The documents of many terms, term after term (u4).

    Args:
        data: the lists of the field.
        at: where the list of each term begins.
        df: how many documents it has.
        docs: documents of the segment.
    """
    at, df = at.astype(np.int64), df.astype(np.int64)
    kinds = list_kinds(df, docs)
    out = np.empty(int(df.sum()), np.uint32)
    for kind, decode in ((HALVES, _decode_halves), (CHUNKS, _decode_chunks)):
        some = kinds == kind
        if some.any():
            out[np.repeat(some, df)] = decode(data, at[some], df[some], docs)
    ends = np.cumsum(df)
    for term in np.flatnonzero(kinds == BITMAP).tolist():
        out[ends[term] - df[term] : ends[term]] = decode_list(data[at[term] :], int(df[term]), docs)
    return out


def _decode_halves(data: Array, at: Array, df: Array, docs: int) -> Array:
    low = stretches(at, df * 2).reshape(-1, 2)
    found = data[low[:, 0]].astype(np.uint32) | (data[low[:, 1]].astype(np.uint32) << 8)
    if docs > _SMALL:
        found |= data[stretches(at + 2 * df, df)].astype(np.uint32) << 16
    return found


def _decode_chunks(data: Array, at: Array, df: Array, docs: int) -> Array:
    width = -(-docs // CHUNK)
    found = data[stretches(at + width, df)].astype(np.uint32)
    ends, step = offsets(df), max(1, _AT_ONCE // width)
    for start in range(0, len(df), step):
        counts = data[at[start : start + step, None] + np.arange(width)]
        bases = np.tile(np.arange(0, width * CHUNK, CHUNK, dtype=np.uint32), len(counts))
        found[ends[start] : ends[min(start + step, len(df))]] += np.repeat(bases, counts.ravel())
    return found


def search(ascending: Array, numbers: ArrayLike, side: Literal["left", "right"] = "left") -> Array:
    """`np.searchsorted` for numbers of any type. That copies the whole array where the types differ: 1 ms a million."""
    return ascending.searchsorted(np.asarray(numbers).astype(ascending.dtype), side)


def stretches(starts: Array, counts: Array) -> Array:
    """The numbers of several runs, one run behind the other (i8).

    >>> stretches(np.array([3, 10]), np.array([2, 3])).tolist()
    [3, 4, 10, 11, 12]
    """
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - (ends - counts), counts)


def offsets(counts: Array) -> Array:
    """Where each of several stretches begins when they stand one behind the other, with the end behind (i8)."""
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    return found


# Positions: those of a document take as many bits each as its last one needs (`F.width`). The positions of a term
# follow one another without gaps, posting by posting; each term begins at a byte (`F.pos_at`). So the first bit of a
# posting is 8 * pos_at[term] + the sum of times * width over the postings before it, and any can be read on its own.
# That takes 9.6 bits an occurrence in news; twelve bits and a list of exceptions took 12.6.


def widths(last: Array) -> Array:
    """Bits of a document's positions, by its last position (u1).

    Raises:
        ValueError: a position needs more than `WIDEST` bits.
    """
    if len(last) and int(last.max()) >= 1 << WIDEST:
        raise ValueError(f"a text of more than {1 << WIDEST} words cannot be indexed")
    found: Array = np.maximum(np.frexp(np.asarray(last, np.float64))[1], 1).astype(np.uint8)
    return found


def pack_postings(positions: Array, begins: Array, times: Array, width: Array) -> Array:
    """The positions of postings as a stream of bytes, to its last byte.

    Args:
        positions: of all postings, one behind the other; numbers below 2**24.
        begins: bit of the stream at which those of each posting begin, ascending.
        times: how many each posting has.
        width: how many bits each of them takes.
    """
    if not len(positions):
        return np.empty(0, np.uint8)
    end = int(begins[-1]) + int(times[-1]) * int(width[-1])
    out = np.zeros(-(-end // 64), np.uint64)
    for some, bits, each in _bits(begins, times, width):
        _pack(out, positions[some].astype(np.uint64), bits, each)
    return out.astype("<u8", copy=False).view(np.uint8)[: -(-end // 8)]


def read_postings(stream: Array, begins: Array, times: Array, width: Array) -> Array:
    """The positions of postings, one behind the other (u4); the arguments are those of `pack_postings`.

    `stream` is the field's whole one (`F.pos`), with the three bytes behind it.
    """
    found = np.empty(int(times.sum()), np.uint32)
    for some, bits, each in _bits(begins, times, width):
        found[some] = read_positions(stream, bits, each)
    return found


def _bits(begins: Array, times: Array, width: Array) -> Iterator[tuple[slice, Array, Array]]:
    """Stretches of about `_POSITIONS` positions: which they are, where each begins, and how many bits it takes (i8).

    What is worked on at a time bounds memory, since a term may stand millions of times, and stays in the cache.
    """
    ends = offsets(times)
    first = 0
    while first < len(times):
        last = max(int(np.searchsorted(ends, ends[first] + _POSITIONS, side="right")) - 1, first + 1)
        here = times[first:last]
        each = np.repeat(width[first:last].astype(np.int64), here)
        bits = np.arange(len(each)) - np.repeat(ends[first:last] - ends[first], here)
        bits *= each
        bits += np.repeat(begins[first:last], here)
        yield slice(int(ends[first]), int(ends[last])), bits, each
        first = last


def _pack(out: Array, values: Array, bits: Array, sizes: Array) -> None:
    """Put numbers at their bits of a stream of words (u8)."""
    word, shift = bits >> 6, (bits & 63).astype(np.uint64)
    first = np.flatnonzero(np.concatenate([[True], word[1:] != word[:-1]]))
    out[word[first]] |= np.bitwise_or.reduceat(values << shift, first)
    over = np.flatnonzero((bits & 63) + sizes > 64)  # noqa: PLR2004 - bits of a word
    out[word[over] + 1] |= values[over] >> (np.uint64(64) - shift[over])


def read_positions(stream: Array, bits: Array, sizes: Array) -> Array:
    """The positions that begin at these bits (i8).

    Args:
        stream: the field's whole stream (`F.pos`), with the three bytes behind it.
        bits: where each begins in the stream.
        sizes: how many bits each has.
    """
    if not len(bits):
        return np.empty(0, np.int64)
    # Four bytes that begin at any byte, without a copy; 24 bits and a shift of up to seven fit in.
    window: Array = np.ndarray((len(stream) - 3,), "<u4", buffer=stream, strides=(1,))
    found: Array = window[bits >> 3].astype(np.int64) >> (bits & 7)
    found &= (1 << sizes.astype(np.int64)) - 1
    return found
