"""Documents become segments, as many as the memory allows for at a time."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from newsarchive.search.document import LONGEST_ID
from newsarchive.search.native import layout, toc
from newsarchive.search.native.build import write_segment
from newsarchive.search.native.container import Container
from newsarchive.search.native.intake import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from newsarchive.search.document import Document
    from newsarchive.search.native.layout import Array

_ID_BYTES: Final = 8
_OWN: Final = 64 << 20
"""Bytes that a process takes before it has a text, and that NumPy takes for what it works on, about."""


class Made(NamedTuple):
    """A segment that was written and is part of no commit yet."""

    name: str
    docs: int
    deleted: list[int]
    """Documents that a later one of the same id has replaced."""


def new_name() -> str:
    """A name for a segment, as Whoosh makes them."""
    return f"{toc.INDEX_NAME}_{secrets.token_hex(_ID_BYTES)}"


class Load:
    """Takes documents and writes segments of them; of equal ids the last one counts."""

    def __init__(self, folder: Path, memory: int, existing: Sequence[Container] = (), *, merged: bool = False) -> None:
        """Begin.

        Args:
            folder: where segments are written.
            memory: bytes that the process may take, about; a quarter of it is for documents in any case.
            existing: segments of the index, whose documents the new ones may be copies of.
            merged: whether all segments are merged before they count, so that they need no form tables.
        """
        self._folder = folder
        self._memory = max(memory - _OWN, memory // 4)
        self._existing = list(existing)
        self._merged = merged
        self._batch = Batch()
        self._numbers: dict[bytes, int] = {}
        self._replaced: list[int] = []
        self.made: list[Made] = []
        self.working_on = "a batch of changes"
        """For a message, should this fail."""

    def add(self, document: Document) -> None:
        """Take a document.

        Raises:
            ValueError: it cannot be indexed; what was taken is of no more use.
            OSError: a segment could not be written.
        """
        self.working_on = f"article {document.id}"
        number = len(self._batch)
        self._batch.add(document)
        self.working_on = "a batch of changes"
        key = self._batch.columns.ids[number]
        if key in self._numbers:
            self._replaced.append(self._numbers[key])
        self._numbers[key] = number
        if self._batch.held >= self._memory or number + 1 >= layout.LARGEST_SEGMENT:
            self._flush(tables=not self._merged)

    def finish(self) -> None:
        """Make a segment of what waits. One that is alone gets its tables: it needs no merge.

        Raises:
            OSError: it could not be written.
        """
        if len(self._batch):
            self._flush(tables=not self._merged or not self.made)

    def _flush(self, *, tables: bool) -> None:
        ids = np.sort(np.array(list(self._numbers), f"S{LONGEST_ID}"))
        for made in self.made:
            made.deleted.extend(documents_with(self._open(made.name), ids).tolist())
        made = Made(new_name(), len(self._batch), self._replaced)
        write_segment(self._batch, self._path(made.name), self._existing, tables=tables)
        self.made.append(made)
        if not self._merged:  # else the merge looks for copies
            self._existing.append(self._open(made.name))
        vocabulary = self._batch.vocabulary
        self._batch = Batch(vocabulary if vocabulary.held * 3 < 2 * self._memory else None)
        self._numbers, self._replaced = {}, []

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{toc.EXTENSION}"

    def _open(self, name: str) -> Container:
        return Container.open(self._path(name))


def documents_with(container: Container, ids: Array) -> Array:
    """The documents of a segment that have one of these ids (S16, ascending); a few pages of it are read for each."""
    column, order = container["id"], container["id_order"]
    first = np.searchsorted(column, ids, side="left", sorter=order)
    last = np.searchsorted(column, ids, side="right", sorter=order)
    return order[layout.stretches(first, last - first)]
