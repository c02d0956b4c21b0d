"""A batch of documents becomes a segment: one sort of packed numbers, then arrays.

A key holds (term, document, position) in 64 bits, terms numbered in their order in the dictionary. Sorted keys are the
index: equal terms stand together, documents ascend in them and positions in these. NumPy sorts eight million keys, the
words of 20,000 articles, in 0.13 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.analysis import LEAD_WORDS
from newsarchive.search.native import layout
from newsarchive.search.native.container import ContainerWriter
from newsarchive.search.native.fieldarrays import FieldArrays, Run
from newsarchive.search.native.intake import NUMBER_COLUMNS, Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newsarchive.search.document import Document
    from newsarchive.search.native.intake import Columns
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 1 << 20
"""Words that are worked on at a time: what NumPy makes of them stays in the cache."""
COLUMN_TYPES: Final = {
    "published": np.int64,
    "seen": np.int64,
    "changed": np.int64,
    "month": np.int16,
    "words": np.int32,
    "versions": np.int32,
    "states": np.uint8,
    "has": np.uint8,
    "lang": np.uint16,
    "category": np.uint32,
    "source": np.uint32,
    "author_first": np.uint32,
    "author_of": np.uint32,
}


def build_segment(documents: Iterable[Document], path: Path) -> int:
    """Write a segment of these documents; how many there are.

    Raises:
        ValueError: a document cannot be indexed.
        OSError: the file cannot be written.
    """
    batch = Batch()
    for document in documents:
        batch.add(document)
    write_segment(batch, path)
    return len(batch)


def write_segment(batch: Batch, path: Path) -> int:
    """Write a batch as a segment; how many bytes it has.

    Raises:
        OSError: the file cannot be written; what was written of it is removed.
    """
    writer = ContainerWriter(path)
    try:
        text_words = _text(writer, batch)
        _authors(writer, batch)
        for field in layout.VALUE_FIELDS:
            _values(writer, field, batch)
        put_columns(writer, batch.columns)
        scalars = {"text_words": text_words, "author_words": batch.author_words}
        return writer.write(len(batch), scalars)
    finally:
        writer.close()


def _text(writer: ContainerWriter, batch: Batch) -> int:
    docs = len(batch)
    names, rank = _ordered(batch.vocabulary.surfaces)
    tokens = _Tokens(batch, rank)
    keys = tokens.keys()
    keys.sort()
    arrays = FieldArrays(writer, "text", docs, tokens.width)
    for run in runs(keys, len(names), tokens.bits, tokens.heading):
        arrays.add(run)
    arrays.finish(dictionary(names), len(names))
    writer.put("length", layout.length_codes(tokens.length))
    writer.put("heading", tokens.heading.astype(np.uint16))
    return int(tokens.length.sum())


def _ordered(numbers: dict[str, int]) -> tuple[list[str], Array]:
    """The strings in order, and the place of each number in it. Python orders strings as UTF-8 orders their bytes."""
    names = sorted(numbers)
    rank = np.empty(len(names), np.int64)
    rank[np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))] = np.arange(len(names))
    return names, rank


def dictionary(names: list[str]) -> bytes:
    """Terms as a segment keeps them."""
    return "".join([f"{name}\n" for name in names]).encode()


class _Tokens:
    """The words of a batch as keys, and what is known of each document on the way there."""

    def __init__(self, batch: Batch, rank: Array) -> None:
        vocabulary = batch.vocabulary
        self._words = np.frombuffer(batch.words, np.uint32) if batch.words else np.empty(0, np.uint32)
        self._first = np.array(vocabulary.first, np.int64)
        self._parts = rank[np.array(vocabulary.parts, np.int64)]
        self._counts = np.diff(self._first)
        self._single = np.append(self._parts, 0)[self._first[:-1]]
        """The surface of each word that has one."""
        headline, body = np.array(batch.headline_words, np.int64), np.array(batch.body_words, np.int64)
        self._starts = layout.offsets(headline + body)
        self._between = self._starts[:-1] + headline
        docs = len(batch)
        self.heading = np.zeros(docs, np.int64)
        self.length = np.zeros(docs, np.int64)
        self._measure()
        self.width = layout.widths(np.maximum(self.length - 1, 0))
        self.bits = max(1, docs.bit_length()), int(self.width.max(initial=1))

    def _measure(self) -> None:
        for some in self._chunks():
            counts = self._counts[self._words[self._starts[some.start] : self._starts[some.stop]]]
            ends = layout.offsets(counts)
            at = self._starts[some.start : some.stop + 1] - self._starts[some.start]
            self.length[some] = np.diff(ends[at])
            self.heading[some] = ends[self._between[some] - self._starts[some.start]] - ends[at[:-1]]

    def _chunks(self) -> Iterator[slice]:
        """Stretches of documents with about `_AT_ONCE` words each."""
        first, docs = 0, len(self.length)
        while first < docs:
            last = int(np.searchsorted(self._starts, self._starts[first] + _AT_ONCE, side="right")) - 1
            last = min(max(last, first + 1), docs)
            yield slice(first, last)
            first = last

    def keys(self) -> Array:
        """A key per word (u8), unsorted."""
        out = np.empty(int(self.length.sum()), np.uint64)
        doc_bits, place_bits = self.bits
        at = 0
        for some in self._chunks():
            terms = self._terms(self._words[self._starts[some.start] : self._starts[some.stop]])
            lengths = self.length[some]
            base = np.arange(some.start, some.stop) << place_bits
            # Position in the document = place in this stretch less where the document begins in it.
            base -= layout.offsets(lengths)[:-1]
            keys = terms << (doc_bits + place_bits)
            keys += np.repeat(base, lengths)
            keys += np.arange(len(keys))
            out[at : at + len(keys)] = keys
            at += len(keys)
        return out

    def _terms(self, words: Array) -> Array:
        """The terms of words as they are written, in order."""
        counts = self._counts[words]
        odd = np.flatnonzero(counts != 1)
        if not len(odd):
            found: Array = self._single[words]
            return found
        terms = np.repeat(self._single[words], counts)
        several = odd[counts[odd] > 1]
        if len(several):
            begins = (np.cumsum(counts) - counts)[several]
            sizes = counts[several]
            within = np.arange(int(sizes.sum())) - np.repeat(layout.offsets(sizes)[:-1], sizes)
            terms[np.repeat(begins, sizes) + within] = self._parts[
                np.repeat(self._first[words[several]], sizes) + within
            ]
        return terms


def runs(keys: Array, terms: int, bits: tuple[int, int], heading: Array | None) -> Iterator[Run]:
    """Sorted keys as runs of terms.

    Args:
        keys: (term, document, position), sorted.
        terms: how many terms there are; each has a key.
        bits: how many of a key are for the document and for the position.
        heading: words of each document's headline, or None where a field has no headline.
    """
    doc_bits, place_bits = bits
    shift = np.uint64(doc_bits + place_bits)
    start = 0
    while start < len(keys):
        end = min(start + _AT_ONCE, len(keys))
        if end < len(keys):
            end = int(np.searchsorted(keys, ((keys[end - 1] >> shift) + np.uint64(1)) << shift))
        yield _run(keys[start:end].view(np.int64), doc_bits, place_bits, heading)
        start = end
    if not terms:
        empty = np.empty(0, np.int64)
        yield Run(empty, empty, empty.astype(np.uint32), empty, empty.astype(np.uint8), empty)


def _run(keys: Array, doc_bits: int, place_bits: int, heading: Array | None) -> Run:
    pairs = keys >> place_bits
    begins = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]]))
    pairs = pairs[begins]
    times = np.diff(np.append(begins, len(keys)))
    documents = (pairs & ((1 << doc_bits) - 1)).astype(np.uint32)
    terms = pairs >> doc_bits
    starts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]]))
    df = np.diff(np.append(starts, len(terms)))
    positions = (keys & ((1 << place_bits) - 1)).astype(np.uint32)
    codes = codes_of(documents, times, begins, positions, heading)
    return Run(terms[starts], df, documents, times, codes, positions)


def codes_of(documents: Array, times: Array, begins: Array, positions: Array, heading: Array | None) -> Array:
    """The code byte of each posting.

    Args:
        documents: of each posting.
        times: occurrences of each.
        begins: where its positions begin.
        positions: of all occurrences.
        heading: words of each document's headline, or None where a field has no headline.
    """
    zeros = np.zeros(len(documents), np.uint8)
    if heading is None or not len(documents):
        return layout.posting_codes(times, zeros, zeros)
    place = positions.astype(np.int32) - np.repeat(heading[documents].astype(np.int32), times)
    heads = np.add.reduceat(place < 0, begins, dtype=np.int32)
    leads = np.logical_or.reduceat((place >= 0) & (place < LEAD_WORDS), begins)
    return layout.posting_codes(times, heads, leads)


def _authors(writer: ContainerWriter, batch: Batch) -> None:
    names, rank = _ordered(batch.authors.terms)
    places = np.array(batch.author_place, np.int64)
    last = np.zeros(len(batch), np.int64)
    np.maximum.at(last, np.array(batch.authors.document_of, np.int64), places)
    width = layout.widths(last)
    bits = max(1, len(batch).bit_length()), int(width.max(initial=1))
    keys = rank[np.array(batch.authors.term_of, np.int64)] << sum(bits)
    keys |= (np.array(batch.authors.document_of, np.int64) << bits[1]) | places
    packed = np.sort(keys.astype(np.uint64))
    arrays = FieldArrays(writer, "author", len(batch), width)
    for run in runs(packed, len(names), bits, None):
        arrays.add(run)
    arrays.finish(dictionary(names), len(names))


def _values(writer: ContainerWriter, field: str, batch: Batch) -> None:
    values = batch.values[field]
    names, rank = _ordered(values.terms)
    documents = np.array(values.document_of, np.int64)
    keys = np.sort((rank[np.array(values.term_of, np.int64)] << 32) | documents)
    df = np.bincount(keys >> 32, minlength=len(names))
    arrays = FieldArrays(writer, field, len(batch))
    arrays.add(Run(np.arange(len(names)), df, (keys & 0xFFFFFFFF).astype(np.uint32)))
    arrays.finish(dictionary(names), len(names))


def put_columns(writer: ContainerWriter, columns: Columns) -> None:
    """Give a container the ids and records of its documents."""
    put_ids(writer, np.array(columns.ids, f"S{layout.LONGEST_ID}"))
    for name, numbers in zip(NUMBER_COLUMNS, columns.numbers, strict=True):
        writer.put(name, np.array(numbers, np.int64).astype(COLUMN_TYPES[name]))
    for name in ("lang", "category", "source", "author_first", "author_of"):
        writer.put(name, np.array(getattr(columns, name), np.uint32).astype(COLUMN_TYPES[name]))
    for name, numbers_of in columns.names.items():
        writer.put_strings(name, list(numbers_of))


def put_ids(writer: ContainerWriter, ids: Array) -> None:
    """Give a container its ids, and the order in which they are looked up."""
    writer.put("id", ids)
    writer.put("id_order", np.argsort(ids, kind="stable").astype(np.uint32))


def segment_bytes(path: Path) -> dict[str, Any]:
    """Bytes of each array of a segment, the largest first; for those who measure."""
    from newsarchive.search.native.container import Container  # noqa: PLC0415 - only for measuring

    container = Container.open(path)
    return dict(sorted(((name, container.nbytes(name)) for name in container), key=lambda pair: -pair[1]))
