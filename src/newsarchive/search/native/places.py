"""Where words stand in the texts of a segment, and what follows what: read for those documents that are asked for."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.search.native import decode
from newsarchive.search.native.layout import BODY_START, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Forms, Group
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

SHIFT: Final = 32
"""A place in the text of a segment is a number: the document, then so many bits for the position in it."""
_U4: Final = 1 << 32
_FEWER: Final = 16
"""A search for each document is quicker than a pass over all postings where these are so many times as many."""
_ALWAYS: Final = 1_000
"""So few searches are quicker than a pass, however short that is: it has more steps."""
_ROOM: Final = 1 << 22
"""Places in texts that phrases are looked for in at a time."""


class _Readable(NamedTuple):
    """Of all postings of a group's forms, form after form; nine bytes each, since it is kept."""

    keys: Array
    """The documents in one ascending order (u4): those of each form begin where the numbers of the form before end."""
    times: Array
    """How often the form occurs in the document (u1 or u4)."""
    bits: Array
    """Where its positions begin in the stream of positions (u4, or i8 in a very large segment)."""
    ends: tuple[int, ...]
    """Where the postings of each form end."""


def _packed(bits: Array) -> Array:
    return bits if len(bits) and int(bits[-1]) >= _U4 else bits.astype(np.uint32)


class Places:
    """The places of words in one segment."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._place_marks = np.empty(0, np.bool_)

    def occurrences(self, group: Group, docs: Docs) -> tuple[Docs, Array]:
        """Where forms of a group stand in documents: the place of the document among these, and the stored position.

        Form after form; of each, document after document, and in order within a document.
        """
        ranks, counts, bits = self._having(group, docs)
        positions = self._view.segment.postings(group.field).positions(bits, counts, docs.take(ranks))
        return ranks.repeat(counts), positions

    def stored(self, groups: Sequence[Group], docs: Docs) -> list[Array]:
        """Where forms of each of several groups of one field stand in documents, as numbers (see `SHIFT`), ascending.

        The number's document is its place among these, its position the stored one; it comes twice where two forms of
        the group share a place. All are read at once: for a page, a call costs more than what it reads.
        """
        read = [self._having(group, docs) for group in groups]
        ranks, counts, bits = (np.concatenate(parts) for parts in zip(*read, strict=True))
        found = self._view.segment.postings(groups[0].field).positions(bits, counts, docs.take(ranks))
        found += (ranks << SHIFT).repeat(counts)
        start, parts = 0, []
        for _, each, _ in read:
            end = start + int(each.sum())
            parts.append(found[start:end])
            parts[-1].sort()
            start = end
        return parts

    def _having(self, group: Group, docs: Docs) -> tuple[Docs, Array, Array]:
        """The postings of a group in documents: place of the document among these, occurrences, where those begin.

        The last is in bits of the stream of positions (i8).
        """
        forms = group.forms[self._view.number]
        if not len(forms.terms) or not len(docs):
            return decode.NONE, np.empty(0, np.int64), np.empty(0, np.int64)
        found = self._readable(group)
        rows, ranks = self._rows(found, docs)
        if forms.limits:
            having = self._view.documents_of(group.field, forms)
            keep = self._view.counting(group.field, forms, having)[rows]
            rows, ranks = rows[keep], ranks[keep]
        return ranks, found.times.take(rows).astype(np.int64), found.bits.take(rows).astype(np.int64)

    def _rows(self, found: _Readable, docs: Docs) -> tuple[Docs, Docs]:
        """Which of a group's postings are in these documents, and the place of the document of each among them."""
        size, forms = self._view.size, len(found.ends)
        if len(docs) * forms <= max(_ALWAYS, len(found.keys) // _FEWER):
            asked = (docs + np.arange(0, forms * size, size)[:, None]).ravel() if forms > 1 else docs
            rows = search(found.keys, asked)
            (places,) = (found.keys.take(rows, mode="clip") == asked).nonzero()
            return rows.take(places), places % len(docs)
        having = found.keys.astype(np.intp)
        for form, (start, end) in enumerate(pairwise(found.ends), start=1):
            having[start:end] -= form * size
        marks = self._marks
        marks[docs] = np.arange(1, len(docs) + 1, dtype=np.int32)
        ranks = marks.take(having)
        marks[docs] = 0
        (rows,) = (ranks != 0).nonzero()
        return rows, ranks.take(rows).astype(np.intp) - 1

    def _readable(self, group: Group) -> _Readable:
        """What it takes to read the positions of a group's forms, kept for the next query."""
        key = (self._view.number, group.field, group.piece.same, "bits")
        found: _Readable | None = self._view.cache.get(key)
        if found is None:
            forms = group.forms[self._view.number]
            alone = len(forms.terms) == 1 and not forms.limits
            found = self._read_alone(group) if alone else self._read(group.field, forms)
            # The documents of a single form are those of the hits, which count them for as long as they are kept.
            own = (found.times, found.bits) if alone else (found.keys, found.times, found.bits)
            self._view.cache.put(key, found, sum(array.nbytes for array in own))
        return found

    def _read_alone(self, group: Group) -> _Readable:
        hits, terms = self._view.hits(group), group.forms[self._view.number].terms
        postings = self._view.segment.postings(group.field)
        times = postings.times(int(terms[0]))
        return _Readable(hits.stored, times, _packed(postings.bits_of_many(terms, hits.docs, times)), (len(hits),))

    def _read(self, field: str, forms: Forms) -> _Readable:
        docs, terms = self._view.documents_of(field, forms), forms.terms
        postings = self._view.segment.postings(field)
        times = postings.times_of_many(terms)
        frequencies = postings.frequencies(terms)
        keys = docs + np.repeat(np.arange(len(terms)) * self._view.size, frequencies)
        keys = keys.astype(np.uint32 if len(terms) * self._view.size < _U4 else np.int64)
        bits = _packed(postings.bits_of_many(terms, docs, times))
        return _Readable(keys, times, bits, tuple(np.cumsum(frequencies).tolist()))

    @cached_property
    def _marks(self) -> NDArray[np.int32]:
        """A number per document; all are 0 between two uses."""
        return np.zeros(self._view.size, np.int32)

    def of(self, group: Group, docs: Docs) -> Array:
        """Where forms of a group stand in documents, as numbers (see `SHIFT`), ascending, each once."""
        ranks, positions = self.occurrences(group, docs)
        found = self.presented(group.field, docs, ranks, positions)
        return found if len(group.forms[self._view.number].terms) == 1 else decode.once(np.sort(found, kind="stable"))

    def presented(self, field: str, docs: Docs, ranks: Docs, positions: Array) -> Array:
        """Occurrences, as `occurrences` gives them, as numbers (see `SHIFT`)."""
        found = (docs << SHIFT).take(ranks) + positions
        if field == "text":
            heading = self.heading(docs).take(ranks)
            found += np.where(positions >= heading, BODY_START - heading, 0)
        return found

    def heading(self, docs: Docs) -> Array:
        """How many words the headlines of documents have: the stored position of the body's first word (i8)."""
        return self._view.segment.column("heading").take(docs).astype(np.int64)

    def following(self, groups: Sequence[Group], offsets: Sequence[int], docs: Docs) -> tuple[Docs, Array]:
        """Where words follow one another in documents that have them all: as `occurrences`, of the first, in order.

        A word is only looked for where those before it have left something, the rarest first.
        """
        order = sorted(range(len(groups)), key=lambda number: self._view.most(groups[number]))
        ranks, starts = self.occurrences(groups[order[0]], docs)
        starts = starts - offsets[order[0]]
        if len(groups[order[0]].forms[self._view.number].terms) > 1:
            keys = decode.once(np.sort(ranks << SHIFT | (starts + offsets[-1]), kind="stable"))
            ranks, starts = keys >> SHIFT, (keys & ((1 << SHIFT) - 1)) - offsets[-1]
        keep = starts >= 0
        ranks, starts = ranks[keep], starts[keep]
        for number in order[1:]:
            if len(ranks):
                ranks, starts = self._followed(groups[number], offsets[number], docs, ranks, starts)
        if groups[0].field == "text" and len(ranks):
            heading = self.heading(docs).take(ranks)
            keep = (starts >= heading) | (starts + offsets[-1] < heading)
            ranks, starts = ranks[keep], starts[keep]
        return ranks, starts

    def _followed(self, group: Group, offset: int, docs: Docs, ranks: Docs, starts: Array) -> tuple[Docs, Array]:
        """Those of the starts that a word follows at an offset."""
        first = np.flatnonzero(np.concatenate(([True], ranks[1:] != ranks[:-1])))
        left = docs.take(ranks.take(first))
        # Each document gets a stretch of places, all its positions and the offset long, and each place a mark.
        room = np.cumsum(
            (np.int64(1) << self._view.segment.postings(group.field).widths(left).astype(np.int64)) + offset + 1
        )
        ends = np.concatenate((np.zeros(1, np.int64), room))
        kept: list[Array] = []
        begin = 0
        while begin < len(left):
            end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + _ROOM, side="right")) - 1)
            base = ends[begin:end] - ends[begin]
            other, places = self.occurrences(group, left[begin:end])
            stretch = slice(int(first[begin]), int(first[end]) if end < len(first) else len(ranks))
            counts = np.diff(np.append(first[begin:end], stretch.stop))
            marks = self._places_marked(int(ends[end] - ends[begin]))
            where = base.take(other) + places
            marks[where] = True
            found = marks.take(np.repeat(base + offset, counts) + starts[stretch])
            marks[where] = False
            kept.append(found)
            begin = end
        keep = np.concatenate(kept)
        return ranks[keep], starts[keep]

    def _places_marked(self, size: int) -> NDArray[np.bool_]:
        """A mark per place, for so many places at least; none is set between two uses."""
        if len(self._place_marks) < size:
            self._place_marks = np.zeros(1 << (size - 1).bit_length(), np.bool_)
        return self._place_marks
