"""A batch of documents becomes a segment: one sort of packed numbers, then arrays.

A key holds (term, document, position) in 64 bits, terms numbered in their order in the dictionary. Sorted keys are the
index: equal terms stand together, documents ascend in them and positions in these. NumPy sorts eight million keys, the
words of 20,000 articles, in 0.13 s.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.analysis import LEAD_WORDS
from newsarchive.search.document import LONGEST_ID
from newsarchive.search.native import layout, packing
from newsarchive.search.native.clusters import put_copies
from newsarchive.search.native.container import ContainerWriter
from newsarchive.search.native.fieldarrays import FieldArrays, Run
from newsarchive.search.native.formtables import Spoken, Stems, listed, put_fold
from newsarchive.search.native.intake import NUMBER_COLUMNS, Batch
from newsarchive.search.native.segment import Terms
from newsarchive.search.native.tokens import Tokens, ordered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from newsarchive.search.document import Document
    from newsarchive.search.native.container import Container
    from newsarchive.search.native.intake import Columns
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 1 << 17
"""Words that are worked on at a time: what NumPy makes of them stays in the cache. Eight times as many are no faster,
and take 40 MB more."""
_PIECE: Final = 1 << 18
"""Keys of one term, which may have millions, that are worked on at a time: more would only take memory."""
IDS: Final = f"S{LONGEST_ID}"
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


_MISSING: Final = {
    "published": layout.UNKNOWN_TIME,
    "seen": layout.UNKNOWN_TIME,
    "changed": layout.UNKNOWN_TIME,
    "month": layout.UNKNOWN_MONTH,
    "category": layout.NONE,
    "source": layout.NONE,
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


def write_segment(batch: Batch, path: Path, existing: Sequence[Container] = (), *, tables: bool = True) -> int:
    """Write a batch as a segment; how many bytes it has.

    Args:
        batch: the documents.
        path: its file, which must not exist.
        existing: segments whose documents the new ones may be copies of.
        tables: whether it gets its form tables, and knows its copies. One without them answers no question: it must be
            merged before it counts, and what is a tenth of the work is done then.

    Raises:
        OSError: the file cannot be written; what was written of it is removed.
    """
    writer = ContainerWriter(path)
    try:
        text_words = _text(writer, batch, existing, tables=tables)
        _authors(writer, batch)
        for field in layout.VALUE_FIELDS:
            _values(writer, field, batch)
        put_columns(writer, batch.columns)
        scalars = {"text_words": text_words, "author_words": batch.author_words}
        return writer.write(len(batch), scalars)
    finally:
        writer.close()


def _text(writer: ContainerWriter, batch: Batch, existing: Sequence[Container], *, tables: bool) -> int:
    tokens = Tokens(batch)
    names = tokens.names
    arrays = FieldArrays(writer, "text", len(batch), tokens.width)
    spoken = Spoken(np.array(batch.columns.lang, np.int64), list(batch.columns.names["language"]))
    stems = Stems(spoken.stemmed)
    done = 0
    for run in runs(tokens.keys(), len(names), tokens.bits, tokens.heading):
        arrays.add(run)
        if tables:
            stems.take(names[done : done + len(run.df)], spoken.seen(run))
            done += len(run.df)
    arrays.finish(dictionary(names))
    if tables:
        put_fold(writer, "fold", listed(names))
        stems.put(writer)
    put_copies(writer, tokens.sketches, np.array(batch.columns.ids, IDS), existing if tables else None)
    writer.put("length", layout.length_codes(tokens.length))
    put_column(writer, "heading", tokens.heading.astype(np.uint16))
    return int(tokens.length.sum())


def dictionary(names: list[str]) -> Terms:
    """Terms as a segment keeps them."""
    # A stretch at a time: else all of them would be there twice over, as strings.
    stretches = (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE))
    return Terms.of(b"".join("".join([f"{name}\n" for name in some]).encode() for some in stretches))


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
    begins = _begins(keys, place_bits)
    pairs = keys[begins] >> place_bits
    times = np.diff(np.append(begins, len(keys)))
    documents = (pairs & ((1 << doc_bits) - 1)).astype(np.uint32)
    terms = pairs >> doc_bits
    starts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]]))
    df = np.diff(np.append(starts, len(terms)))
    positions = keys.astype(np.uint32)  # its lower half holds them
    positions &= (1 << place_bits) - 1
    codes = codes_of(documents, times, begins, positions, heading)
    return Run(terms[starts], df, documents, times, codes, positions)


def _begins(keys: Array, place_bits: int) -> Array:
    """Where the keys of each posting begin. A term may have millions of keys, so that they are compared in pieces."""
    found = [np.zeros(min(1, len(keys)), np.int64)]
    for start in range(0, len(keys), _PIECE):
        pairs = keys[start : start + _PIECE + 1] >> place_bits
        found.append(np.flatnonzero(pairs[1:] != pairs[:-1]) + (start + 1))
    return np.concatenate(found)


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
    words = heading[documents].astype(np.int32)
    cuts = np.unique(np.append(np.searchsorted(begins, np.arange(0, len(positions), _PIECE)), len(begins)))
    heads, leads = zeros.copy(), zeros.astype(bool)
    for first, last in pairwise(cuts.tolist()):
        start, end = int(begins[first]), int(begins[last]) if last < len(begins) else len(positions)
        place = positions[start:end].astype(np.int32) - np.repeat(words[first:last], times[first:last])
        at = begins[first:last] - start
        heads[first:last] = np.minimum(np.add.reduceat(place < 0, at, dtype=np.int32), layout.MOST_HEAD)
        leads[first:last] = np.logical_or.reduceat((place >= 0) & (place < LEAD_WORDS), at)
    return layout.posting_codes(times, heads, leads)


def _authors(writer: ContainerWriter, batch: Batch) -> None:
    names, rank = ordered(batch.authors.terms)
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
    arrays.finish(dictionary(names))
    put_fold(writer, "author.fold", listed(names))


def _values(writer: ContainerWriter, field: str, batch: Batch) -> None:
    values = batch.values[field]
    names, rank = ordered(values.terms)
    documents = np.array(values.document_of, np.int64)
    keys = np.sort((rank[np.array(values.term_of, np.int64)] << 32) | documents)
    df = np.bincount(keys >> 32, minlength=len(names))
    arrays = FieldArrays(writer, field, len(batch))
    arrays.add(Run(np.arange(len(names)), df, (keys & 0xFFFFFFFF).astype(np.uint32)))
    arrays.finish(dictionary(names))


def put_columns(writer: ContainerWriter, columns: Columns) -> None:
    """Give a container the ids and records of its documents."""
    put_ids(writer, np.array(columns.ids, IDS))
    for name, numbers in zip(NUMBER_COLUMNS, columns.numbers, strict=True):
        put_column(writer, name, np.array(numbers, np.int64).astype(COLUMN_TYPES[name]))
    for name in ("lang", "category", "source", "author_first", "author_of"):
        put_column(writer, name, np.array(getattr(columns, name), np.uint32).astype(COLUMN_TYPES[name]))
    for name, numbers_of in columns.names.items():
        writer.put_strings(name, list(numbers_of))


def put_column(writer: ContainerWriter, name: str, column: Array) -> None:
    """Give a container a column of numbers, in as few bytes as they need."""
    if name == "author_first":
        writer.put(name, column, packing.steps(column))
    else:
        writer.put(name, column, packing.column(column, _MISSING.get(name)))


def put_ids(writer: ContainerWriter, ids: Array) -> None:
    """Give a container its ids, and the order in which they are looked up."""
    writer.put("id", ids)
    writer.put("id_order", np.argsort(ids, kind="stable").astype(np.uint32))


def segment_bytes(path: Path) -> dict[str, Any]:
    """Bytes of each array of a segment, the largest first; for those who measure."""
    from newsarchive.search.native.container import Container  # noqa: PLC0415 - only for measuring

    container = Container.open(path)
    return dict(sorted(((name, container.nbytes(name)) for name in container), key=lambda pair: -pair[1]))
