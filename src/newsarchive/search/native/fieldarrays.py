"""The arrays of one field, put together from runs of terms in order.

Whoever has postings (a new batch, a merge, Whoosh's own writer) hands them on a run of terms at a time, so that no more
than a run is ever held in the wide form that NumPy works on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from newsarchive.search.native import layout, packing
from newsarchive.search.native.codes import CodesWriter
from newsarchive.search.native.layout import MOST_TIMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.native.container import ContainerWriter
    from newsarchive.search.native.layout import Array
    from newsarchive.search.native.segment import Terms

_U4: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Run:
    """The postings of terms that follow one another in the dictionary."""

    terms: Array
    """Numbers of the terms, ascending."""
    df: Array
    """Documents of each term."""
    documents: Array
    """u4, ascending within each term."""
    times: Array | None = None
    """Occurrences of each posting; None for whole values, as are all below."""
    codes: Array | None = None
    positions: Array | None = None
    """Stored positions of all occurrences, ascending within each posting."""


class Encoded(NamedTuple):
    """A run of terms as it stands in the files."""

    lists: Array
    df: Array
    list_sizes: Array
    postings: int
    codes: Array | None = None
    """The code bytes of the postings; None for whole values, as are all below."""
    many: Array | None = None
    """Postings of the run with more occurrences than a code can say."""
    many_times: Array | None = None
    stream: Array | None = None
    position_sizes: Array | None = None


def encode(run: Run, docs: int, width: Array | None) -> Encoded:
    """A run as it stands in the files.

    Args:
        run: the terms.
        docs: documents of the segment.
        width: bits of the positions in each document; None for whole values.
    """
    lists, at = layout.encode_lists(run.documents, run.df, docs)
    found = Encoded(lists, run.df, np.diff(at), len(run.documents))
    times, codes, positions = run.times, run.codes, run.positions
    if width is None or times is None or codes is None or positions is None:
        return found
    many = np.flatnonzero(times > MOST_TIMES)
    bits = width[run.documents].astype(np.int64)
    ends = layout.offsets(times * bits)
    used = np.diff(ends[layout.offsets(run.df)])
    sizes = -(-used // 8)
    # Each term begins at a byte: what the terms before leave empty is added to where the postings begin.
    begins = ends[:-1] + np.repeat(layout.offsets(sizes * 8 - used)[:-1], run.df)
    stream = layout.pack_postings(positions, begins, times, bits)
    return found._replace(codes=codes, many=many, many_times=times[many], stream=stream, position_sizes=sizes)


class FieldArrays:
    """Collects the runs of a field and gives a container its arrays."""

    def __init__(self, writer: ContainerWriter, field: str, docs: int, width: Array | None = None) -> None:
        """Begin a field.

        Args:
            writer: gets the arrays.
            field: its name.
            docs: documents of the segment.
            width: bits of the positions in each document; None for whole values.
        """
        self._writer = writer
        self._field = field
        self._docs = docs
        self._width = width
        self._df: list[Array] = []
        self._list_sizes: list[Array] = []
        self._position_sizes: list[Array] = []
        self._postings = 0
        self._many: list[tuple[Array, Array]] = []
        self._codes = CodesWriter(writer, field)

    def add(self, run: Run) -> None:
        """Take the postings of the terms that follow those taken before."""
        self.take(encode(run, self._docs, self._width))

    def take(self, run: Encoded) -> None:
        """The same with postings that somebody has encoded."""
        self._append("docs", run.lists)
        # In four bytes each: of a large load there are millions.
        self._df.append(run.df.astype(np.uint32))
        self._list_sizes.append(run.list_sizes.astype(np.uint32))
        if run.codes is not None and run.stream is not None:
            self._codes.add(run.codes)
            self._append("pos", run.stream)
        if run.many is not None and run.many_times is not None and run.position_sizes is not None:
            self._many.append((run.many + self._postings, run.many_times))
            self._position_sizes.append(run.position_sizes.astype(np.uint32))
        self._postings += run.postings

    def finish(self, terms: Terms) -> None:
        """Give the container what is known only now, of the terms that were taken."""
        self._append("docs", np.empty(0, np.uint8))  # an array without a run is there too
        text = terms.text
        self._writer.put(f"{self._field}.terms", text, packing.deflate(text) if self._field == "url" else None)
        self._put_steps("term_at", terms.at)
        self._put_steps("first", _ends(self._df))
        self._put_steps("docs_at", _ends(self._list_sizes))
        if self._width is not None:
            self._writer.put(f"{self._field}.width", self._width, packing.column(self._width))
            self._put_steps("pos_at", _ends(self._position_sizes))
            self._put("many_at", narrow(joined([at for at, _ in self._many])))
            self._put("many", joined([values for _, values in self._many]).astype(np.uint32))
            self._codes.finish()
            self._append("pos", np.zeros(3, np.uint8))  # four bytes can be read from any of its bytes on

    def _append(self, name: str, part: Array) -> None:
        self._writer.append(f"{self._field}.{name}", part)

    def _put_steps(self, name: str, numbers: Array) -> None:
        self._writer.put(f"{self._field}.{name}", numbers, packing.steps(numbers))

    def _put(self, name: str, array: Array) -> None:
        self._writer.put(f"{self._field}.{name}", array)


def joined(parts: Sequence[Array]) -> Array:
    """The parts as one array; no parts make an empty one."""
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _ends(sizes: list[Array]) -> Array:
    """0, then where each of so many things ends that follow one another; in four bytes each where they do.

    The list is empty then: of a large load there are millions of sizes, and each is held once.
    """
    wide = sum(int(part.sum(dtype=np.int64)) for part in sizes) >= _U4
    found = np.zeros(sum(map(len, sizes)) + 1, np.uint64 if wide else np.uint32)
    at = 0
    for part in sizes:
        here: Array = found[at + 1 : at + 1 + len(part)]
        np.cumsum(part, dtype=found.dtype, out=here)
        np.add(here, found[at], out=here)
        at += len(part)
    sizes.clear()
    return found


def narrow(numbers: Array) -> Array:
    """Ascending numbers in four bytes each, or in eight where the last one needs them."""
    wide = len(numbers) > 0 and int(numbers[-1]) >= _U4
    return numbers.astype(np.uint64 if wide else np.uint32)
