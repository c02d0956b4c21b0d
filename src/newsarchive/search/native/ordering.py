"""The order of an answer, of which mostly only the beginning is needed.

Rows are ordered by the value that is sorted by, then the time of publication (mostly newest first), then the id; so the
order is the same each time. Only as many rows are sorted as a page shows: the rest is told from them by comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.search.cursors import Place
from newsarchive.search.native.layout import UNKNOWN_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.engine import Sort
    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.hits import Ranked
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

_SAMPLE: Final = 4_096
"""Rows from which a bound is taken for all: the k-th best of some is not better than the k-th best of all."""
_COLUMNS: Final = {"longest": "words", "most-edited": "versions"}


class Rows(NamedTuple):
    """Documents of one segment that answer, and what they are sorted by."""

    view: View
    docs: Docs
    first: Array | None
    """The smaller, the earlier: minus the score, or minus a number; None where all are equal."""
    ahead: Docs | None = None
    """Places of rows among which those of this segment are that come first of all segments', `sure` of them."""
    sure: int = 0
    answers: int = -1
    """-1; or else `docs` are all documents of the segment, of which so many answer: the others have a `first` of 0."""

    @property
    def total(self) -> int:
        """How many answer."""
        return len(self.docs) if self.answers < 0 else self.answers

    def named(self) -> Rows:
        """Those alone that answer."""
        if self.answers < 0 or self.first is None:
            return self
        docs = np.flatnonzero(self.first != 0)  # of all documents, the places are their numbers
        return Rows(self.view, docs, self.first.take(docs))

    def where(self, chosen: NDArray[np.bool_] | Docs) -> Rows:
        """Some of the rows, by a mark for each or by their places."""
        return Rows(self.view, self.docs[chosen], None if self.first is None else self.first[chosen])


class Row(NamedTuple):
    """One row of a page."""

    segment: int
    document: int
    place: Place


def ranked(view: View, found: Ranked) -> Rows:
    """Documents with their scores, the best first."""
    return Rows(view, found.docs, None if found.scores is None else -found.scores, answers=found.answers)


def rows_of(view: View, docs: Docs, sort: Sort) -> Rows:
    """Documents with what they are sorted by, which is not their scores."""
    if sort in _COLUMNS:
        return Rows(view, docs, -view.column(_COLUMNS[sort], docs))
    return Rows(view, docs, None)


def best(rows: Sequence[Rows], sort: Sort, most: int | None, after: Place | None = None) -> list[Row]:
    """The rows that come first, in order; `most` None: all.

    Args:
        rows: of each segment.
        sort: the order.
        most: how many are wanted.
        after: only those that come after this place.
    """
    sign = 1 if sort == "oldest" else -1
    if after is not None:
        rows = [_after(some.named(), sign, after) for some in rows]
    rows = [_leading(some, sign, most) for some in rows if len(some.docs)]
    if not rows:
        return []
    first = np.concatenate([_first(some) for some in rows])
    second = np.concatenate([_second(some.view, some.docs, sign) for some in rows])
    ids = np.concatenate([some.view.segment.column("id").take(some.docs) for some in rows])
    segments = np.repeat([some.view.number for some in rows], [len(some.docs) for some in rows])
    docs = np.concatenate([some.docs for some in rows])
    order = np.lexsort((ids, second, first))[:most]
    columns = (segments[order].tolist(), docs[order].tolist(), first[order].tolist(), second[order].tolist())
    return [
        Row(segment, document, Place(value, time, id_.decode("ascii")))
        for segment, document, value, time, id_ in zip(*columns, ids[order].tolist(), strict=True)
    ]


def _first(rows: Rows) -> Array:
    return np.zeros(len(rows.docs)) if rows.first is None else rows.first.astype(np.float64)


def _second(view: View, docs: Docs, sign: int) -> Array:
    """The times of documents; what is not known lies behind all others either way."""
    times = view.column("published", docs)
    return np.where(times == UNKNOWN_TIME, -UNKNOWN_TIME, sign * times)


def _after(rows: Rows, sign: int, place: Place) -> Rows:
    first = _first(rows)
    keep = first > place.first
    ties = np.flatnonzero(first == place.first)
    if len(ties):
        docs = rows.docs.take(ties)
        second = _second(rows.view, docs, sign)
        ids = rows.view.segment.column("id").take(docs)
        keep[ties] = (second > place.second) | ((second == place.second) & (ids > place.id.encode("ascii")))
    return rows.where(keep)


def _leading(rows: Rows, sign: int, most: int | None) -> Rows:
    """At least the `most` rows that come first, and few others."""
    if most is None or most > rows.total:
        rows = rows.named()
    if most is None or len(rows.docs) <= max(most, 1):
        return rows
    if rows.ahead is not None and most <= rows.sure:
        return _leading(rows.where(rows.ahead), sign, most)
    if rows.first is None:
        chosen = leading(_second(rows.view, rows.docs, sign), most)
    else:
        chosen = leading(rows.first, most)
        if len(chosen) > 4 * most:  # many are equal: of these, those that come first by time
            values = rows.first.take(chosen)
            bound = np.partition(values, most - 1)[most - 1]
            sure, ties = chosen[values < bound], chosen[values == bound]
            times = _second(rows.view, rows.docs.take(ties), sign)
            chosen = np.concatenate([sure, ties[leading(times, most - len(sure))]])
    return rows.where(chosen)


def leading(values: Array, most: int) -> Docs:
    """Where the smallest `most` values stand, and all that are equal to the last of them; ascending."""
    if most < 1:
        return np.empty(0, np.intp)
    if len(values) <= most:
        return np.arange(len(values), dtype=np.intp)
    if len(values) > 4 * _SAMPLE and most <= _SAMPLE // 4:
        step = len(values) // _SAMPLE
        bound = np.partition(values[::step], most - 1)[most - 1]
        some = np.flatnonzero(values <= bound)
        kept = values.take(some)
        return np.asarray(some[kept <= np.partition(kept, most - 1)[most - 1]], np.intp)
    return np.flatnonzero(values <= np.partition(values, most - 1)[most - 1])
