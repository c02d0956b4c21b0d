"""The arrays of one field, put together from runs of terms in order.

Whoever has postings (a new batch, a merge, Whoosh's own writer) hands them on a run of terms at a time, so that no more
than a run is ever held in the wide form that NumPy works on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native import layout
from newsarchive.search.native.layout import FAR, MOST_TIMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.native.container import ContainerWriter
    from newsarchive.search.native.layout import Array

_U4: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Run:
    """The postings of terms that follow one another in the dictionary."""

    df: Array
    """Documents of each term."""
    documents: Array
    """u4, ascending within each term."""
    times: Array | None = None
    """Occurrences of each posting; None for whole values, as are all below."""
    codes: Array | None = None
    positions: Array | None = None
    """Stored positions of all occurrences, ascending within each posting."""


class FieldArrays:
    """Collects the runs of a field and gives a container its arrays."""

    def __init__(self, writer: ContainerWriter, field: str, docs: int) -> None:
        self._writer = writer
        self._field = field
        self._docs = docs
        self._df: list[Array] = []
        self._list_sizes: list[Array] = []
        self._counts: list[Array] = []
        self._postings = self._occurrences = 0
        self._many: list[tuple[Array, Array]] = []
        self._far: list[tuple[Array, Array]] = []
        self._waiting: int | None = None
        """High bits of the last position, where an odd number of them was taken."""

    def add(self, run: Run) -> None:
        """Take the postings of the terms that follow those taken before."""
        lists, at = layout.encode_lists(run.documents, run.df, self._docs)
        self._append("docs", lists)
        self._df.append(run.df)
        self._list_sizes.append(np.diff(at))
        if run.positions is not None:
            self._add_words(run)
        self._postings += len(run.documents)

    def _add_words(self, run: Run) -> None:
        times = run.times
        assert times is not None  # noqa: S101 - a run of words has both; says so to the type checker
        assert run.codes is not None  # noqa: S101 - as above
        self._append("code", run.codes)
        many = np.flatnonzero(times > MOST_TIMES)
        self._many.append((many + self._postings, times[many]))
        ends = layout.offsets(times)[layout.offsets(run.df)]
        self._counts.append(np.diff(ends))
        self._add_positions(run.positions)

    def _add_positions(self, positions: Any) -> None:  # noqa: ANN401 - an array; None was seen by the caller
        far = np.flatnonzero(positions >= FAR)
        high = np.minimum(positions >> 8, 15).astype(np.uint8)
        self._append("pos_low", (positions & 255).astype(np.uint8))
        self._far.append((far + self._occurrences, positions[far]))
        self._occurrences += len(positions)
        if self._waiting is not None:
            high = np.concatenate([np.array([self._waiting], np.uint8), high])
        self._waiting = int(high[-1]) if len(high) % 2 else None
        even = len(high) & ~1
        self._append("pos_high", high[0:even:2] | (high[1:even:2] << 4))

    def finish(self, terms: bytes, count: int) -> None:
        """Give the container what is known only now.

        Args:
            terms: all terms in order, each with a line feed behind.
            count: how many there are.
        """
        text = np.frombuffer(terms, np.uint8)
        term_at = np.zeros(count + 1, np.uint32)
        term_at[1:] = np.flatnonzero(text == ord("\n")) + 1
        self._put("terms", text)
        self._put("term_at", term_at)
        self._put("first", narrow(layout.offsets(joined(self._df))))
        self._put("docs_at", narrow(layout.offsets(joined(self._list_sizes))))
        if self._field in layout.WORD_FIELDS:
            self._finish_words()

    def _finish_words(self) -> None:
        if self._waiting is not None:
            self._append("pos_high", np.array([self._waiting], np.uint8))
        self._put("pos_first", narrow(layout.offsets(joined(self._counts))))
        for name, pairs in (("many", self._many), ("far", self._far)):
            self._put(f"{name}_at", narrow(joined([at for at, _ in pairs])))
            self._put(name, joined([values for _, values in pairs]).astype(np.uint32))
        for name in ("code", "pos_low", "pos_high"):
            self._append(name, np.empty(0, np.uint8))  # an array without a run is there too

    def _append(self, name: str, part: Array) -> None:
        self._writer.append(f"{self._field}.{name}", part)

    def _put(self, name: str, array: Array) -> None:
        self._writer.put(f"{self._field}.{name}", array)


def joined(parts: Sequence[Array]) -> Array:
    """The parts as one array; no parts make an empty one."""
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def narrow(numbers: Array) -> Array:
    """Ascending numbers in four bytes each, or in eight where the last one needs them."""
    wide = len(numbers) > 0 and int(numbers[-1]) >= _U4
    return numbers.astype(np.uint64 if wide else np.uint32)
