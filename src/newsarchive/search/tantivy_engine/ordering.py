"""The order of an answer: what the library gives in the order of one number, brought into the order of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.search.cursors import Place
from newsarchive.search.tantivy_engine.entries import id_text
from newsarchive.search.tantivy_engine.library import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.search.engine import Sort

_UNKNOWN: Final = 1 << 62
"""Seconds, negated, of a time that is not known: after all others, whichever way they are ordered."""
_MORE: Final = 4
"""How many times as many hits are asked for when those that tie at the end must be told apart."""


class Row(NamedTuple):
    """A document in the order of an answer."""

    place: Place
    score: float


class Order:
    """Gives the documents that answer a query in an order."""

    def __init__(self, searcher: Any, query: Any, sort: Sort, *, scored: bool) -> None:  # noqa: ANN401 - the library's
        self._searcher = searcher
        self._query = query
        self._sort: Sort = sort
        self._scored = scored and sort == "relevance"

    def total(self) -> int:
        """How many documents answer."""
        return int(self._searcher.search(self._query, 1).count)

    def first(self, most: int, *, after: Place | None = None) -> tuple[int, list[Row]]:
        """How many documents answer, and the first rows after a place, in order: at least `most`, or all."""
        size, total = most + 1, -1
        while True:
            found = self._search(size, count=total < 0)
            total = found.count if total < 0 else total
            hits = found.hits
            whole = len(hits) >= total
            if not whole:
                # Others may tie with the last one; of these, only some were given.
                hits = [hit for hit in hits if hit[0] != hits[-1][0]]
            rows = sorted(self._rows(hits))
            if after is not None:
                rows = [row for row in rows if row.place > after]
            if whole or len(rows) >= most:
                return total, rows
            size = min(size * _MORE, total)

    def every(self) -> list[Row]:
        """All rows, in order."""
        total = self.total()
        return sorted(self._rows(self._search(total, count=False).hits)) if total else []

    def _search(self, size: int, *, count: bool) -> Any:  # noqa: ANN401 - a tantivy.SearchResult
        order = library().Order
        if self._scored:
            return self._searcher.search(self._query, size, count)
        field = {"longest": "words", "most-edited": "versions"}.get(self._sort, "published")
        way = order.Asc if self._sort == "oldest" else order.Desc
        return self._searcher.search(self._query, size, count, order_by_field=field, order=way)

    def _rows(self, hits: Sequence[tuple[Any, Any]]) -> Iterator[Row]:
        addresses = [address for _, address in hits]
        highs, lows, times = (
            self._searcher.fast_field_values(field, addresses) for field in ("id_high", "id_low", "published")
        )
        for (key, _), high, low, time in zip(hits, highs, lows, times, strict=True):
            yield Row(self._place(key, time, id_text(high, low)), key if self._scored else 0.0)

    def _place(self, key: float | None, time: int | None, text: str) -> Place:
        newest = _UNKNOWN if time is None else -time
        if self._scored:
            return Place(-(key or 0.0), newest, text)
        if self._sort in {"longest", "most-edited"}:
            return Place(-float(key or 0), newest, text)
        if self._sort == "relevance":
            return Place(0.0, newest, text)
        unknown = float(time is None)
        return Place(unknown, (0 if time is None else time) if self._sort == "oldest" else newest, text)
