"""Several segments become one, without their deleted documents and without analysing a text again.

All work is done on arrays: the postings of a stretch of the joined dictionary are decoded, get their new numbers, and
take the same way as new ones do (`build.runs`). What a document costs is about a tenth of indexing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from newsarchive.memory import give_back
from newsarchive.search.native import build, layout
from newsarchive.search.native.clusters import put_copies
from newsarchive.search.native.container import Container, ContainerWriter
from newsarchive.search.native.fieldarrays import FieldArrays
from newsarchive.search.native.formtables import Stems, put_fold
from newsarchive.search.native.intake import NUMBER_COLUMNS, Numbers
from newsarchive.search.native.joining import Joining, Part, Source, Stretch, dictionary, joined, renumbered, sources_of
from newsarchive.search.native.layout import LARGEST_SEGMENT
from newsarchive.search.native.segment import Terms

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.search.native.layout import Array

MOST_SEGMENTS: Final = 8
"""Segments that are left as they are; each costs every query some tenths of a millisecond."""
_BESIDE: Final = 200_000
"""Documents up to which others join the text beside the rest of the work: with 250,000, two of them and this process
would take 560 MB."""
_MANY_SEGMENTS: Final = 12
"""Beyond so many the two smallest become one, however much their sizes differ."""


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


Share = Callable[[str, Sequence["Array"], Sequence[tuple[int, int]]], Iterable[Stretch]]
"""Has other processes join the stretches of a field: its name, the numbers of its terms, where the stretches begin and
end; gives them in order."""


def merge(parts: Sequence[Part], path: Path, others: Sequence[Container] = (), share: Share | None = None) -> int:
    """Write one segment of the documents of several that are not deleted, in their order; how many there are.

    Args:
        parts: the segments.
        path: the file of the new one.
        others: the other segments of the index, but for those that wait for a merge of their own, which will look
            for copies among these.
        share: who shares the work on the text; by default nobody.

    Raises:
        OSError: the file cannot be written; what was written of it is removed.
    """
    sources = sources_of(parts)
    docs = sum(source.kept for source in sources)
    writer = ContainerWriter(path)
    try:
        scalars = {"text_words": sum(source.text_words() for source in sources)}
        rest = _beside_the_text(writer, sources, others, scalars)
        # Where others join the text, the rest is done while they are at it.
        _merge_text(writer, sources, share, rest if share and docs <= _BESIDE else iter(()))
        for _ in rest:
            pass
        writer.write(docs, scalars)
    finally:
        writer.close()
    return docs


def _beside_the_text(
    writer: ContainerWriter, sources: list[Source], others: Sequence[Container], scalars: dict[str, int]
) -> Iterator[None]:
    """Merge all but the words of the text, and add to the scalars what it knows; gives a beat after a piece of work."""
    author = _merge_field(writer, "author", sources)
    scalars["author_words"] = author.occurrences
    put_fold(writer, "author.fold", author.terms.strings)
    yield
    for field in layout.VALUE_FIELDS:
        _merge_field(writer, field, sources)
        yield
    writer.put("length", joined(sources, "length"))
    build.put_column(writer, "heading", joined(sources, "heading"))
    _merge_columns(writer, sources)
    yield
    sketches = np.concatenate([source.sketches() for source in sources])
    put_copies(writer, sketches, joined(sources, "id"), others, held=joined(sources, "cluster"))
    del sketches
    give_back()  # others may be joining the text meanwhile, and need room


def _merge_text(writer: ContainerWriter, sources: list[Source], share: Share | None, rest: Iterator[None]) -> None:
    """Merge the words of the text and their form tables, and do a piece of the rest between two stretches."""
    terms, stems = _join_text(writer, sources, share, rest)
    put_fold(writer, "fold", terms.strings)
    stems.put(writer)


def _join_text(
    writer: ContainerWriter, sources: list[Source], share: Share | None, rest: Iterator[None]
) -> tuple[Terms, Stems]:
    terms, numbers = dictionary([source.container["text.terms"].tobytes() for source in sources])
    joining = Joining(sources, "text", numbers)
    cuts = list(pairwise(joining.cuts(len(terms))))
    stretches = share("text", numbers, cuts) if share else (joining.stretch(*cut) for cut in cuts)
    taken = _Taken(writer, joining, terms)
    for stretch in stretches:
        taken.take(stretch)
        next(rest, None)
    return taken.finish(), taken.stems


class _Merged(NamedTuple):
    terms: Terms
    occurrences: int


def _merge_field(writer: ContainerWriter, field: str, sources: list[Source]) -> _Merged:
    """Merge a field; its terms, and how many occurrences they have."""
    terms, numbers = dictionary([source.container[f"{field}.terms"].tobytes() for source in sources])
    joining = Joining(sources, field, numbers)
    taken = _Taken(writer, joining, terms)
    for cut in pairwise(joining.cuts(len(terms))):
        taken.take(joining.stretch(*cut))
    return _Merged(taken.finish(), taken.occurrences)


class _Taken:
    """The stretches of a field that were taken into the new segment."""

    def __init__(self, writer: ContainerWriter, joining: Joining, terms: Terms) -> None:
        self._arrays = FieldArrays(writer, joining.field, joining.docs, joining.width)
        self._terms = terms
        self._kept: list[Array] = []
        self._count = 0
        self.occurrences = 0
        self.stems = Stems(joining.spoken.stemmed if joining.spoken else ())

    def take(self, stretch: Stretch) -> None:
        """Take the next one."""
        self.occurrences += stretch.occurrences
        for piece in stretch.pieces:
            self._kept.append(piece.terms.astype(np.uint32))
            self._count += len(piece.terms)
            self._arrays.take(piece.encoded)
            if piece.seen:
                self.stems.take(_text_of(self._terms, piece.terms).decode().split("\n")[:-1], piece.seen)

    def finish(self) -> Terms:
        """The terms that are left: those of deleted documents alone are not."""
        if self._count == len(self._terms):
            left = self._terms
        else:
            left = Terms.of(b"".join([_text_of(self._terms, numbers) for numbers in self._kept]))
        self._arrays.finish(left)
        return left


def _text_of(terms: Terms, numbers: Array) -> bytes:
    """Terms of a dictionary, whose numbers ascend, each with a line feed behind it."""
    if not len(numbers):
        return b""
    first, end = int(numbers[0]), int(numbers[-1]) + 1
    if end - first == len(numbers):
        return terms.stretch(first, end)
    return b"".join([terms[number] + b"\n" for number in numbers.tolist()])


def _merge_columns(writer: ContainerWriter, sources: list[Source]) -> None:
    build.put_ids(writer, joined(sources, "id"))
    for name in NUMBER_COLUMNS:
        build.put_column(writer, name, joined(sources, name))
    for column, values in (("lang", "language"), ("category", "category"), ("source", "source")):
        numbers = Numbers()
        parts = [renumbered(source.column(column), source.container.values[values], numbers) for source in sources]
        build.put_column(writer, column, np.concatenate(parts))
        writer.put_strings(values, list(numbers))
    _merge_authors(writer, sources)


def _merge_authors(writer: ContainerWriter, sources: list[Source]) -> None:
    numbers = Numbers()
    counts: list[Array] = []
    authors: list[Array] = []
    for source in sources:
        first = source.container["author_first"].astype(np.int64)
        count = np.diff(first)[source.live]
        which = layout.stretches(first[:-1][source.live], count)
        counts.append(count)
        of = source.container["author_of"][which]
        authors.append(renumbered(of, source.container.values["author"], numbers))
    build.put_column(writer, "author_first", layout.offsets(np.concatenate(counts)).astype(np.uint32))
    build.put_column(writer, "author_of", np.concatenate(authors))
    writer.put_strings("author", list(numbers))
