"""The postings of several segments on their way into one, a stretch of the joined dictionary at a time.

What a stretch needs is in the files of the segments and in the numbers of their terms, so that other processes can work
on it as well as the one that merges.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from newsarchive.search.native import build, layout
from newsarchive.search.native.clusters import sketches_of
from newsarchive.search.native.codes import Codes
from newsarchive.search.native.fieldarrays import Encoded, Run, encode
from newsarchive.search.native.formtables import Spoken
from newsarchive.search.native.intake import Numbers
from newsarchive.search.native.segment import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.native.container import Container
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 1 << 18
"""Bytes of positions, about as many as occurrences, that are worked on at a time. Eight times as many are a tenth
quicker, but a writer that merges for long would hold 80 MB more."""
_TERMS: Final = 1 << 17
"""Terms of all dictionaries together that are joined at a time."""


class Part(NamedTuple):
    """A segment that is merged."""

    container: Container
    deleted: Array


class Source:
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


def sources_of(parts: Sequence[Part]) -> list[Source]:
    """Segments with the numbers that their documents get."""
    found: list[Source] = []
    for part in parts:
        found.append(Source(part, sum(source.kept for source in found)))
    return found


def joined(sources: Sequence[Source], name: str) -> Array:
    """A column of all segments, without the deleted documents."""
    return np.concatenate([source.column(name) for source in sources])


def renumbered(column: Array, values: list[str], numbers: Numbers) -> Array:
    """A column of numbers of `values`, as numbers of the joined list."""
    none = np.iinfo(column.dtype).max
    table = np.full(len(values) + 1, none, column.dtype)
    found, first = np.unique(column, return_index=True)
    for number in found[np.argsort(first)].tolist():  # in the order in which documents have them
        if number != none:
            table[number] = numbers[values[number]]
    return table[np.minimum(column, len(values))]


def dictionary(texts: Sequence[bytes]) -> tuple[Terms, list[Array]]:
    """The terms of several dictionaries in order, and for each dictionary the numbers that its terms have there.

    A stretch at a time: as strings of Python, with their places, the terms take many times the bytes of the texts.
    """
    own = [Terms.of(text) for text in texts]
    step = max(1, _TERMS // max(1, len(own)))
    marks = sorted({terms[number] for terms in own for number in range(step, len(terms), step)})
    cuts = [[0, *map(terms.lower, marks), len(terms)] for terms in own]
    joined_: list[bytes] = []
    numbers: list[list[Array]] = [[] for _ in own]
    base = 0
    for block in range(len(marks) + 1):
        found = _block([terms.stretch(*cut[block : block + 2]) for terms, cut in zip(own, cuts, strict=True)])
        joined_.append(found.text)
        for mine, here in zip(numbers, found.numbers, strict=True):
            mine.append(here + np.uint32(base))
        base += found.terms
    return Terms.of(b"".join(joined_)), [np.concatenate(mine) for mine in numbers]


class _Block(NamedTuple):
    text: bytes
    terms: int
    numbers: list[Array]


def _block(texts: Sequence[bytes]) -> _Block:
    """A stretch of the joined dictionary, its terms numbered from 0."""
    first: defaultdict[bytes, int] = defaultdict(count().__next__)
    numbers = [np.fromiter(map(first.__getitem__, text.split(b"\n")[:-1]), np.uint32) for text in texts]
    terms = sorted(first)
    places = np.empty(len(terms), np.uint32)
    places[np.fromiter(map(first.__getitem__, terms), np.intp, len(terms))] = np.arange(len(terms), dtype=np.uint32)
    return _Block(b"".join([term + b"\n" for term in terms]), len(terms), [places.take(found) for found in numbers])


class _Field:
    """A field of one source, its terms numbered as in the joined dictionary."""

    def __init__(self, source: Source, field: str, numbers: Array) -> None:
        self._source = source
        self._of = field
        self.numbers = numbers
        self.has_words = field in layout.WORD_FIELDS

    def _array(self, name: str) -> Array:
        return self._source.container[f"{self._of}.{name}"]

    def release(self) -> None:
        """Give back the pages of the file that were read."""
        self._source.container.release()

    def costs(self) -> Array:
        """About how many occurrences each term has."""
        costs: Array = np.diff(self._array("pos_at" if self.has_words else "first").astype(np.int64)) + 1
        return costs

    def keys(self, low: int, high: int, bits: tuple[int, int]) -> Array:
        """The keys of the joined dictionary's terms from `low` up to `high`, numbered from 0; deleted ones left out."""
        a, b = layout.search(self.numbers, (low, high)).tolist()
        df: Array = np.diff(self._array("first")[a : b + 1].astype(np.int64))
        documents = layout.decode_lists(
            self._array("docs"), self._array("docs_at")[a:b], df, self._source.container.docs
        )
        keys = np.repeat(self.numbers[a:b].astype(np.int64) - low, df) << sum(bits)
        new = self._source.new[documents]
        keys |= new << bits[1]
        keep = None if self._source.whole else new >= 0
        if self.has_words:
            return self._placed(keys, documents, (a, b), keep)
        return keys if keep is None else keys[keep]

    def _placed(self, keys: Array, documents: Array, terms: tuple[int, int], keep: Array | None) -> Array:
        a, b = terms
        first = self._array("first")[a : b + 1].astype(np.int64)
        df: Array = np.diff(first)
        times = self._times(int(first[0]), int(first[-1]))
        width = self._array("width")[documents].astype(np.int64)
        ends = layout.offsets(times * width)
        starts = ends[first[:-1] - first[0]]
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


class Piece(NamedTuple):
    """Terms of a stretch that follow one another."""

    terms: Array
    """Their numbers in the joined dictionary."""
    encoded: Encoded
    seen: list[Array]
    """What `Spoken.seen` says of them."""


class Stretch(NamedTuple):
    """A stretch of the joined dictionary."""

    pieces: list[Piece]
    occurrences: int


class Joining:
    """A field of several segments; its terms are numbered as in the joined dictionary."""

    def __init__(self, sources: Sequence[Source], field: str, numbers: Sequence[Array]) -> None:
        """Begin.

        Args:
            sources: the segments.
            field: one of `layout.FIELDS`.
            numbers: of each segment's terms, in the joined dictionary.
        """
        self.field = field
        self._fields = [_Field(source, field, found) for source, found in zip(sources, numbers, strict=True)]
        self.docs = sum(source.kept for source in sources)
        self.width = joined(sources, f"{field}.width") if field in layout.WORD_FIELDS else None
        self._bits = max(1, self.docs.bit_length()), 0 if self.width is None else int(self.width.max(initial=1))
        self._heading = joined(sources, "heading") if field == "text" else None
        self.spoken = _spoken(sources) if field == "text" else None

    def cuts(self, terms: int) -> list[int]:
        """Where to cut the joined dictionary of so many terms into stretches of about `_AT_ONCE` occurrences."""
        costs = np.zeros(terms, np.int64)
        for field in self._fields:
            costs[field.numbers] += field.costs()
        ends = np.cumsum(costs)
        total = int(ends[-1]) if terms else 0
        inner = np.searchsorted(ends, np.arange(_AT_ONCE, total, _AT_ONCE)) + 1
        return sorted({0, *inner.tolist(), terms})

    def stretch(self, low: int, high: int) -> Stretch:
        """The terms from `low` up to `high`."""
        parts = [self._read(field, low, high) for field in self._fields]
        end = sum(map(len, parts))
        keys = np.empty(end, np.int64)
        while parts:  # each is let go of at once: those of a word like `the` are larger than all else
            part = parts.pop()
            keys[end - len(part) : end] = part
            end -= len(part)
        keys.sort()
        pieces: list[Piece] = []
        for run in build.runs(keys.view(np.uint64), 1, self._bits, self._heading):
            bare = run if self.width is not None else Run(run.terms, run.df, run.documents)
            seen = self.spoken.seen(run) if self.spoken else []
            pieces.append(Piece(run.terms + low, encode(bare, self.docs, self.width), seen))
        return Stretch(pieces, len(keys))

    def _read(self, field: _Field, low: int, high: int) -> Array:
        keys = field.keys(low, high, self._bits)
        field.release()  # else all of the segments would be held by the end
        return keys


def _spoken(sources: Sequence[Source]) -> Spoken:
    languages = Numbers()
    lang = [renumbered(source.column("lang"), source.container.values["language"], languages) for source in sources]
    return Spoken(np.concatenate(lang), list(languages))
