"""The words of a batch on their way into the index: as packed numbers that only have to be sorted."""

from __future__ import annotations

from itertools import compress, repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from newsarchive.search import copies
from newsarchive.search.document import LONGEST_HEADLINE
from newsarchive.search.native import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.search.native.intake import Batch, Vocabulary
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 1 << 17
"""Words that are worked on at a time, as in `build`."""


def ordered(numbers: dict[str, int], used: Array | None = None) -> tuple[list[str], Array]:
    """Strings in order, and the place of each number in it; Python orders strings as UTF-8 orders their bytes.

    Args:
        numbers: the strings with their numbers, from 0 and in this order.
        used: which numbers count; all where it is not given. The place of any other is 0.
    """
    names = sorted(numbers if used is None else compress(numbers, used.tolist()))
    rank = np.zeros(len(numbers), np.int64)
    rank[np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))] = np.arange(len(names))
    return names, rank


def _surfaces(vocabulary: Vocabulary, used: Array) -> tuple[list[str], Array]:
    """The same for surfaces: those of words, then the others."""
    count = len(vocabulary)
    own, own_rank = ordered(vocabulary, used[:count])
    if not used[count:].any():
        return own, np.append(own_rank, np.zeros(len(vocabulary.others), np.int64))
    others, _ = ordered(vocabulary.others, used[count:])
    names = sorted(own + others)  # two runs in order, which sorting only merges
    number = np.fromiter(map(vocabulary.others.get, names, repeat(-1)), np.int64, len(names))
    rank = np.zeros(len(used), np.int64)
    is_other = number >= 0
    rank[count + number[is_other]] = np.flatnonzero(is_other)
    rank[:count] = np.append(np.flatnonzero(~is_other), 0)[own_rank]
    return names, rank


class Tokens:
    """The words of a batch, and what is known of each document on the way through them."""

    def __init__(self, batch: Batch) -> None:
        vocabulary = batch.vocabulary
        count = len(vocabulary)
        self._words = batch.words
        headline, body = np.array(batch.headline_words, np.int64), np.array(batch.body_words, np.int64)
        self._starts = layout.offsets(headline + body)
        self._between = self._starts[:-1] + headline
        self._odd = np.array(vocabulary.odd, np.uint32)
        self._first = np.array(vocabulary.first, np.int64)
        self._extra_first = np.array(vocabulary.extra_first, np.int64)
        self._extra_at = np.array(vocabulary.extra_at, np.int64)
        self._counts = np.ones(count, np.int32)
        """How many surfaces each word consists of."""
        self._counts[self._odd] = np.diff(self._first)
        self._extra_counts = np.zeros(count, np.int32)
        """How many extra ones it has."""
        self._extra_counts[self._odd] = np.diff(self._extra_first)
        parts, extras = _places(vocabulary.parts, count), _places(vocabulary.extra_part, count)
        self.names, rank = _surfaces(vocabulary, self._used(parts, extras, count + len(vocabulary.others)))
        self._hashes = copies.word_hashes(map(str.encode, self.names))
        self._parts, self._extras = rank[parts], rank[extras]
        self._single = rank[:count]
        """The surface of each word that has one."""
        self._single[self._odd] = np.append(self._parts, 0)[self._first[:-1]]
        docs = len(batch)
        self.heading = np.zeros(docs, np.int64)
        """Words of each headline."""
        self.length = np.zeros(docs, np.int64)
        """Words of each document."""
        self.sketches = np.zeros((docs, copies.VALUES), np.uint16)
        """See `copies.py`; known once `keys` was called."""
        self._measure()
        self.width = layout.widths(np.maximum(self.length - 1, 0))
        self.bits = max(1, docs.bit_length()), int(self.width.max(initial=1))
        """Of a key, how many are for the document and for the position."""

    def _used(self, parts: Array, extras: Array, surfaces: int) -> Array:
        """Which surfaces the batch has; its vocabulary may be older than it is."""
        words = np.zeros(len(self._counts), bool)
        for some in self._chunks():
            words[self._words_of(some)] = True
        odd = np.flatnonzero(words[self._odd])
        used = np.zeros(surfaces, bool)
        used[: len(words)] = words
        used[self._odd] = False
        used[parts[layout.stretches(self._first[odd], np.diff(self._first)[odd])]] = True
        used[extras[layout.stretches(self._extra_first[odd], np.diff(self._extra_first)[odd])]] = True
        return used

    def _measure(self) -> None:
        for some in self._chunks():
            counts = self._counts[self._words_of(some)]
            ends = layout.offsets(counts)
            at = self._starts[some.start : some.stop + 1] - self._starts[some.start]
            self.length[some] = np.diff(ends[at])
            heading = ends[self._between[some] - self._starts[some.start]] - ends[at[:-1]]
            self.heading[some] = np.minimum(heading, LONGEST_HEADLINE)

    def _chunks(self) -> Iterator[slice]:
        """Stretches of documents with about `_AT_ONCE` words each."""
        first, docs = 0, len(self._between)
        while first < docs:
            last = int(np.searchsorted(self._starts, self._starts[first] + _AT_ONCE, side="right")) - 1
            last = min(max(last, first + 1), docs)
            yield slice(first, last)
            first = last

    def _words_of(self, some: slice) -> Array:
        first, last = int(self._starts[some.start]), int(self._starts[some.stop])
        found: Array = np.frombuffer(self._words, np.uint32, last - first, first * self._words.itemsize)
        return found

    def keys(self) -> Array:
        """A key for each word (u8), sorted: term, document, position; terms are places in `names`.

        The words of the batch are gone then: they and the keys are the largest things that a build holds. They go from
        their end, where an array gives back the memory of what is cut off.
        """
        end = int(self.length.sum())
        chunks = list(self._chunks())
        extra_end = end + sum(int(self._extra_counts[self._words_of(some)].sum()) for some in chunks)
        out = np.empty(extra_end, np.uint64)
        for some in reversed(chunks):
            keys, extra = self._keys_of(some)
            out[end - len(keys) : end] = keys
            end -= len(keys)
            out[extra_end - len(extra) : extra_end] = extra
            extra_end -= len(extra)
            del self._words[int(self._starts[some.start]) :]
        out.sort()
        # A word may stand at a position as a plain word and as an extra one.
        return _each_once(out)

    def _keys_of(self, some: slice) -> tuple[Array, Array]:
        words = self._words_of(some)
        keys = self._keyed(some, self._terms(words))
        return keys, self._extra_keys(words, keys)

    def _keyed(self, some: slice, terms: Array) -> Array:
        doc_bits, place_bits = self.bits
        lengths = self.length[some]
        first = layout.offsets(lengths)
        self.sketches[some] = copies.sketch(self._hashes[terms], first, self.heading[some])
        keys = terms << (doc_bits + place_bits)
        # Position in the document = place in this stretch less where the document begins in it.
        keys += np.repeat((np.arange(some.start, some.stop) << place_bits) - first[:-1], lengths)
        keys += np.arange(len(keys))
        return keys

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
            sizes = counts[several]
            places = layout.stretches((np.cumsum(counts) - counts)[several], sizes)
            begins = self._first[np.searchsorted(self._odd, words[several])]
            terms[places] = self._parts[layout.stretches(begins, sizes)]
        return terms

    def _extra_keys(self, words: Array, keys: Array) -> Array:
        """The keys of the words that stand beside others."""
        sizes = self._extra_counts[words]
        having = np.flatnonzero(sizes)
        if not len(having):
            return np.empty(0, np.uint64)
        sizes = sizes[having]
        extras = layout.stretches(self._extra_first[np.searchsorted(self._odd, words[having])], sizes)
        counts = self._counts[words]
        begins = (np.cumsum(counts) - counts)[having]
        place = keys[np.repeat(begins, sizes) + self._extra_at[extras]] & ((1 << sum(self.bits)) - 1)
        found: Array = ((self._extras[extras] << sum(self.bits)) | place).astype(np.uint64)
        return found


def _places(parts: Sequence[int], words: int) -> Array:
    """The numbers of surfaces where those of words come first, and the others behind them."""
    numbers = np.array(parts, np.int64)
    return np.where(numbers < 0, words + ~numbers, numbers)


def _each_once(keys: Array) -> Array:
    """Sorted keys without those that equal the one before, in the place where they stand."""
    kept = 0
    last = None
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        new = np.concatenate([[last is None or some[0] != last], some[1:] != some[:-1]])
        last = some[-1]
        found = some[new]
        keys[kept : kept + len(found)] = found
        kept += len(found)
    return keys[:kept]
