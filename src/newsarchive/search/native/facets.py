"""What the articles of an answer can be counted by: columns of ordinals are counted, then joined by value."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from newsarchive.errors import UsageError
from newsarchive.search.document import month_name
from newsarchive.search.engine import FACETS, FacetCount
from newsarchive.search.native.decode import stretches
from newsarchive.search.native.layout import EDITED, UNKNOWN_MONTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.view import View

    Array = NDArray[Any]


def count(chosen: Sequence[tuple[View, Docs]], names: Sequence[str], most: int) -> dict[str, tuple[FacetCount, ...]]:
    """The facets of an answer, by name.

    Args:
        chosen: the documents that answer, by segment.
        names: facets that are asked for.
        most: values of one facet at the most; `month` has them all.

    Raises:
        UsageError: a facet is not known.
    """
    check(names)
    return {name: _facet(chosen, name, most) for name in dict.fromkeys(names)}


def check(names: Sequence[str]) -> None:
    """See that facets are known.

    Raises:
        UsageError: one is not.
    """
    for name in names:
        if name not in FACETS:
            raise UsageError(f"articles cannot be counted by {name!r}", tip=f"choose from {', '.join(FACETS)}")


def _facet(chosen: Sequence[tuple[View, Docs]], name: str, most: int) -> tuple[FacetCount, ...]:
    counts: Counter[str] = Counter()
    for view, docs in chosen:
        counts.update(_COUNTED[name](view, docs, most if len(chosen) == 1 else None))
    if name == "month":
        return tuple(FacetCount(value, counts[value]) for value in sorted(counts))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value, number) for value, number in ordered[:most])


def _named(counts: Array, values: Sequence[str], most: int | None) -> dict[str, int]:
    """The counts of values by name; of one segment alone, only those that can be among the most frequent."""
    some = np.flatnonzero(counts)
    if most is not None and 0 < most < len(some):
        bound = np.partition(counts[some], len(some) - most)[len(some) - most]
        some = some[counts[some] >= bound]
    return {
        values[place]: number
        for place, number in zip(some.tolist(), counts[some].tolist(), strict=True)
        if values[place]
    }


def _ordinals(column: str, field: str) -> Callable[[View, Docs, int | None], Mapping[str, int]]:
    def counted(view: View, docs: Docs, most: int | None) -> Mapping[str, int]:
        values = view.segment.values[field]
        # No value is the greatest ordinal: one more makes it 0, in less time than to leave it out.
        counts = np.bincount(view.column(column, docs).astype(np.uint32) + np.uint32(1), minlength=len(values) + 1)
        return _named(counts[1:], values, most)

    return counted


def _authors(view: View, docs: Docs, most: int | None) -> Mapping[str, int]:
    first, authors = view.segment.column("author_first"), view.segment.column("author_of")
    values = view.segment.values["author"]
    starts = first.take(docs).astype(np.intp)
    each = authors.take(stretches(starts, first.take(docs + 1) - starts))
    return _named(np.bincount(each, minlength=len(values)), values, most)


def _months(view: View, docs: Docs, most: int | None) -> Mapping[str, int]:  # noqa: ARG001 - all months are given
    months = view.column("month", docs)
    months = months[months != UNKNOWN_MONTH].astype(np.int64)
    if not len(months):
        return {}
    first = int(months.min())
    counts = np.bincount(months - first)
    some = np.flatnonzero(counts)
    return dict(zip(map(_month, (some + first).tolist()), counts[some].tolist(), strict=True))


_month = lru_cache(maxsize=1 << 12)(month_name)


def _edited(view: View, docs: Docs, most: int | None) -> Mapping[str, int]:  # noqa: ARG001 - there are two values
    return _yes_no(int(np.count_nonzero(view.column("states", docs) & EDITED)), len(docs))


def _copies(view: View, docs: Docs, most: int | None) -> Mapping[str, int]:  # noqa: ARG001 - there are two values
    return _yes_no(int(np.count_nonzero(view.copies.place.take(docs))), len(docs))


def _yes_no(yes: int, of: int) -> dict[str, int]:
    return {value: number for value, number in (("yes", yes), ("no", of - yes)) if number}


_COUNTED: dict[str, Callable[[View, Docs, int | None], Mapping[str, int]]] = {
    "source": _ordinals("source", "source"),
    "category": _ordinals("category", "category"),
    "language": _ordinals("lang", "language"),
    "author": _authors,
    "month": _months,
    "edited": _edited,
    "copies": _copies,
}
