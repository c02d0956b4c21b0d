"""Several segments become one, without their deleted documents and without analysing a text again.

All work is done on arrays: the postings of a stretch of the joined dictionary are decoded, get their new numbers, and
take the same way as new ones do (`build.runs`). What a document costs is about a tenth of indexing it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from newsarchive.search.native import build, layout
from newsarchive.search.native.clusters import put_copies, sketches_of
from newsarchive.search.native.codes import Codes
from newsarchive.search.native.container import Container, ContainerWriter
from newsarchive.search.native.fieldarrays import FieldArrays, Run
from newsarchive.search.native.formtables import Spoken, put_fold, put_stems
from newsarchive.search.native.intake import NUMBER_COLUMNS, Numbers
from newsarchive.search.native.layout import LARGEST_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from newsarchive.search.native.layout import Array

MOST_SEGMENTS: Final = 8
"""Segments that are left as they are; each costs every query some tenths of a millisecond."""
_MANY_SEGMENTS: Final = 12
"""Beyond so many the two smallest become one, however much their sizes differ."""
_AT_ONCE: Final = 1 << 21
"""Bytes of positions, about as many as occurrences, that are worked on at a time."""


class Size(NamedTuple):
    """What deciding on a merge needs to know of a segment."""

    live: int
    """Documents that are not deleted."""
    docs: int


def plan(sizes: Sequence[Size]) -> list[int]:
    """Which segments are to become one: numbers, ascending; none where it is not yet worth while.

    Once there are many segments, the smallest are joined until each of the rest is larger than all below it together.
    A document is so rewritten about log2(articles / batch) / `MOST_SEGMENTS` times in its life.
    """
    wasteful = [number for number, size in enumerate(sizes) if (size.docs - size.live) * 3 > size.docs]
    small = sorted((size.live, number) for number, size in enumerate(sizes) if size.live * 2 <= LARGEST_SEGMENT)
    chosen: list[int] = []
    total = 0
    if len(small) > MOST_SEGMENTS:
        for live, number in small:
            must = len(small) > _MANY_SEGMENTS and len(chosen) < 2  # noqa: PLR2004 - one alone is no merge
            if total + live > LARGEST_SEGMENT or (chosen and live > 2 * max(total, 1) and not must):
                break
            chosen.append(number)
            total += live
    if len(chosen) > 1:
        return sorted(chosen)
    return wasteful[:1]


def pack(sizes: Sequence[Size]) -> list[list[int]]:
    """All segments in as few groups as may become one segment each, in their order."""
    groups: list[list[int]] = []
    total = 0
    for number, size in enumerate(sizes):
        if not groups or total + size.live > LARGEST_SEGMENT:
            groups.append([])
            total = 0
        groups[-1].append(number)
        total += size.live
    return groups


class Part(NamedTuple):
    """A segment that is merged."""

    container: Container
    deleted: Array


def merge(parts: Sequence[Part], path: Path, others: Sequence[Container] = ()) -> int:
    """Write one segment of the documents of several that are not deleted, in their order; how many there are.

    Args:
        parts: the segments.
        path: the file of the new one.
        others: the rest of the index, whose documents may be copies of those of segments that were made apart.

    Raises:
        OSError: the file cannot be written; what was written of it is removed.
    """
    sources = list(_sources(parts))
    docs = sum(source.kept for source in sources)
    writer = ContainerWriter(path)
    try:
        scalars = {
            "text_words": sum(source.text_words() for source in sources),
            "author_words": _merge_words(writer, sources),
        }
        for field in layout.VALUE_FIELDS:
            _merge_field(writer, field, sources)
        writer.put("length", _joined(sources, "length"))
        build.put_column(writer, "heading", _joined(sources, "heading"))
        _merge_columns(writer, sources)
        sketches = np.concatenate([source.sketches() for source in sources])
        put_copies(writer, sketches, _joined(sources, "id"), others, held=_joined(sources, "cluster"))
        writer.write(docs, scalars)
    finally:
        writer.close()
    return docs


class _Source:
    """A segment on its way into another one."""

    def __init__(self, part: Part, base: int) -> None:
        self.container = part.container
        self.live = np.ones(part.container.docs, bool)
        self.live[part.deleted] = False
        self.whole = not len(part.deleted)
        self.kept = int(self.live.sum())
        self.new = np.where(self.live, np.cumsum(self.live) - 1 + base, -1)
        """The new number of each document, -1 where it is deleted."""

    def text_words(self) -> int:
        """Words of the documents that are kept; those of the deleted ones are known to 5 % only."""
        gone = np.array(layout.LENGTHS)[self.container["length"][~self.live]]
        return int(self.container.scalars["text_words"]) - int(gone.sum())

    def sketches(self) -> Array:
        """The sketches of the documents that are kept."""
        sketches = sketches_of(self.container)
        return sketches if self.whole else sketches[self.live]

    def column(self, name: str) -> Array:
        """A column without the deleted documents."""
        column = self.container[name]
        return column if self.whole else column[self.live]


def _sources(parts: Sequence[Part]) -> Iterator[_Source]:
    base = 0
    for part in parts:
        source = _Source(part, base)
        base += source.kept
        yield source


def _joined(sources: list[_Source], name: str) -> Array:
    return np.concatenate([source.column(name) for source in sources])


class _Field:
    """A field of one source, its terms numbered as in the joined dictionary."""

    def __init__(self, source: _Source, field: str, numbers: Array) -> None:
        self._source = source
        self._of = field
        self.numbers = numbers
        self.has_words = field in layout.WORD_FIELDS
        self._first = self._array("first").astype(np.int64)
        self._docs_at = self._array("docs_at")

    def _array(self, name: str) -> Array:
        return self._source.container[f"{self._of}.{name}"]

    def costs(self) -> Array:
        """About how many occurrences each term has."""
        return np.diff(self._array("pos_at").astype(np.int64)) + 1 if self.has_words else np.diff(self._first)

    def keys(self, low: int, high: int, bits: tuple[int, int]) -> Array:
        """The keys of the joined dictionary's terms from `low` up to `high`, numbered from 0; deleted ones left out."""
        a, b = np.searchsorted(self.numbers, (low, high)).tolist()
        df = np.diff(self._first[a : b + 1])
        documents = layout.decode_lists(self._array("docs"), self._docs_at[a:b], df, self._source.container.docs)
        keys = np.repeat(self.numbers[a:b] - low, df) << sum(bits)
        new = self._source.new[documents]
        keys |= new << bits[1]
        keep = None if self._source.whole else new >= 0
        if self.has_words:
            return self._placed(keys, documents, (a, b), keep)
        return keys if keep is None else keys[keep]

    def _placed(self, keys: Array, documents: Array, terms: tuple[int, int], keep: Array | None) -> Array:
        a, b = terms
        times = self._times(int(self._first[a]), int(self._first[b]))
        width = self._array("width")[documents].astype(np.int64)
        ends = layout.offsets(times * width)
        df = np.diff(self._first[a : b + 1])
        starts = ends[self._first[a:b] - self._first[a]]
        begins = ends[:-1] + np.repeat(8 * self._array("pos_at")[a:b].astype(np.int64) - starts, df)
        if keep is not None:
            keys, times, width, begins = keys[keep], times[keep], width[keep], begins[keep]
        found = np.repeat(keys, times)
        found |= layout.read_postings(self._array("pos"), begins, times, width)
        return found

    def _times(self, first: int, end: int) -> Array:
        codes = Codes(self._source.container, self._of).stretch(first, end)
        times = (codes & layout.CODE_TIMES).astype(np.int64)
        many_at = self._array("many_at")
        low, high = layout.search(many_at, (first, end))
        times[many_at[low:high].astype(np.int64) - first] = self._array("many")[low:high]
        return times


def _merge_words(writer: ContainerWriter, sources: list[_Source]) -> int:
    """Merge the fields of words and what hangs on them; how many words of authors there are."""
    heading = _joined(sources, "heading")
    languages = Numbers()
    lang = [_renumbered(source.column("lang"), source.container.values["language"], languages) for source in sources]
    spoken = Spoken(np.concatenate(lang), list(languages))
    text = _merge_field(writer, "text", sources, heading, spoken)
    put_fold(writer, "fold", text.names)
    put_stems(writer, spoken, text.names)
    author = _merge_field(writer, "author", sources)
    put_fold(writer, "author.fold", author.names)
    return author.occurrences


class _Merged(NamedTuple):
    names: list[str]
    occurrences: int


def _merge_field(
    writer: ContainerWriter,
    field: str,
    sources: list[_Source],
    heading: Array | None = None,
    spoken: Spoken | None = None,
) -> _Merged:
    """Merge a field; its terms, and how many occurrences they have."""
    terms, numbers = _dictionary([source.container[f"{field}.terms"].tobytes() for source in sources])
    fields = [_Field(source, field, found) for source, found in zip(sources, numbers, strict=True)]
    docs = sum(source.kept for source in sources)
    width = _joined(sources, f"{field}.width") if field in layout.WORD_FIELDS else None
    bits = max(1, docs.bit_length()), 0 if width is None else int(width.max(initial=1))
    arrays = FieldArrays(writer, field, docs, width)
    kept: list[str] = []
    occurrences = 0
    for low, high in pairwise(_cuts(fields, len(terms))):
        keys = np.concatenate([one.keys(low, high, bits) for one in fields])
        keys.sort()
        occurrences += len(keys)
        for run in build.runs(keys.view(np.uint64), 1, bits, heading):
            kept += [terms[low + number].decode() for number in run.terms.tolist()]
            arrays.add(run if width is not None else Run(run.terms, run.df, run.documents))
            if spoken:
                spoken.add(run)
        for source in sources:  # else all of them would be held by the end
            source.container.release()
    arrays.finish(build.dictionary(kept), len(kept))
    return _Merged(kept, occurrences)


def _dictionary(texts: list[bytes]) -> tuple[list[bytes], list[Array]]:
    """The terms of several dictionaries in order, and for each dictionary the numbers that its terms have there."""
    lists = [text.split(b"\n")[:-1] for text in texts]
    terms = sorted(set().union(*lists))
    number = {term: at for at, term in enumerate(terms)}
    return terms, [np.fromiter(map(number.__getitem__, each), np.int64, len(each)) for each in lists]


def _cuts(fields: list[_Field], terms: int) -> list[int]:
    """Where to cut the joined dictionary into stretches of about `_AT_ONCE` occurrences."""
    costs = np.zeros(terms, np.int64)
    for field in fields:
        costs[field.numbers] += field.costs()
    ends = np.cumsum(costs)
    total = int(ends[-1]) if terms else 0
    inner = np.searchsorted(ends, np.arange(_AT_ONCE, total, _AT_ONCE)) + 1
    return sorted({0, *inner.tolist(), terms})


def _merge_columns(writer: ContainerWriter, sources: list[_Source]) -> None:
    build.put_ids(writer, _joined(sources, "id"))
    for name in NUMBER_COLUMNS:
        build.put_column(writer, name, _joined(sources, name))
    for column, values in (("lang", "language"), ("category", "category"), ("source", "source")):
        numbers = Numbers()
        parts = [_renumbered(source.column(column), source.container.values[values], numbers) for source in sources]
        build.put_column(writer, column, np.concatenate(parts))
        writer.put_strings(values, list(numbers))
    _merge_authors(writer, sources)


def _merge_authors(writer: ContainerWriter, sources: list[_Source]) -> None:
    numbers = Numbers()
    counts: list[Array] = []
    authors: list[Array] = []
    for source in sources:
        first = source.container["author_first"].astype(np.int64)
        count = np.diff(first)[source.live]
        which = layout.stretches(first[:-1][source.live], count)
        counts.append(count)
        of = source.container["author_of"][which]
        authors.append(_renumbered(of, source.container.values["author"], numbers))
    build.put_column(writer, "author_first", layout.offsets(np.concatenate(counts)).astype(np.uint32))
    build.put_column(writer, "author_of", np.concatenate(authors))
    writer.put_strings("author", list(numbers))


def _renumbered(column: Array, values: list[str], numbers: Numbers) -> Array:
    """A column of numbers of `values`, as numbers of the joined list."""
    none = np.iinfo(column.dtype).max
    table = np.full(len(values) + 1, none, column.dtype)
    found, first = np.unique(column, return_index=True)
    for number in found[np.argsort(first)].tolist():  # in the order in which documents have them
        if number != none:
            table[number] = numbers[values[number]]
    return table[np.minimum(column, len(values))]
