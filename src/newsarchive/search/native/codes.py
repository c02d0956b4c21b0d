"""The code bytes of postings in half a byte each.

Fifteen codes make 94 of 100 postings in news: a word once, or a few times, in the lead or not. Each has a number below
15, two of which stand in a byte (`F.code`, the first in the lower half). 15 says that the code is another one; these
stand in `F.rare`, and where they stand in `F.rare_at`: 0, then the number of each one's posting plus 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from newsarchive.search.native import packing
from newsarchive.search.native.layout import search

if TYPE_CHECKING:
    from newsarchive.search.native.container import Container, ContainerWriter
    from newsarchive.search.native.layout import Array

_COMMON: Final = (1, 2, 129, 3, 130, 162, 4, 131, 5, 132, 163, 33, 6, 133, 164)
"""In order of their frequency on 48,443 articles; part of the format."""
_RARE: Final = 15
_NUMBERS: Final = np.full(256, _RARE, np.uint8)
_NUMBERS[list(_COMMON)] = np.arange(len(_COMMON))
_CODES: Final = np.array([*_COMMON, 0], np.uint8)
"""No posting has code 0: it marks a code that is looked for in `F.rare`."""
_PAIRS: Final = np.ascontiguousarray(np.stack([np.tile(_CODES, 16), np.repeat(_CODES, 16)], axis=1)).view("<u2").ravel()
"""The two codes of a byte."""


class CodesWriter:
    """Takes the codes of a field's postings, run after run."""

    def __init__(self, writer: ContainerWriter, field: str) -> None:
        self._writer = writer
        self._field = field
        self._postings = 0
        self._waiting = np.empty(0, np.uint8)
        self._rare: list[Array] = [np.zeros(1, np.int64)]

    def add(self, codes: Array) -> None:
        """Take the codes of the next postings."""
        numbers = _NUMBERS[codes]
        rare = np.flatnonzero(numbers == _RARE)
        self._rare.append(rare + (self._postings + 1))
        self._writer.append(f"{self._field}.rare", codes[rare])
        self._postings += len(codes)
        numbers = np.concatenate([self._waiting, numbers])
        even = len(numbers) & ~1
        self._waiting = numbers[even:]
        self._writer.append(f"{self._field}.code", numbers[0:even:2] | (numbers[1:even:2] << 4))

    def finish(self) -> None:
        """All codes were taken."""
        self._writer.append(f"{self._field}.code", self._waiting)
        self._writer.append(f"{self._field}.rare", np.empty(0, np.uint8))
        rare_at = np.concatenate(self._rare).astype(np.uint32)
        self._writer.put(f"{self._field}.rare_at", rare_at, packing.steps(rare_at))


class Codes:
    """The code bytes of a field's postings."""

    def __init__(self, container: Container, field: str) -> None:
        self._pairs = container[f"{field}.code"]
        self._rare = container[f"{field}.rare"]
        self._rare_at = container[f"{field}.rare_at"]

    def stretch(self, first: int, end: int) -> Array:
        """The codes of postings that follow one another (u1)."""
        found: Array = _PAIRS.take(self._pairs[first >> 1 : (end + 1) >> 1]).view(np.uint8)
        found = found[first & 1 : (first & 1) + end - first]
        rare = np.flatnonzero(found == 0)
        if len(rare):
            start = int(search(self._rare_at, first + 1)) - 1
            found[rare] = self._rare[start : start + len(rare)]
        return found

    def take(self, postings: Array) -> Array:
        """The codes of these postings (u1)."""
        pairs = self._pairs.take(postings >> 1)
        found: Array = _CODES.take((pairs >> ((postings & 1) << 2).astype(np.uint8)) & _RARE)
        rare = np.flatnonzero(found == 0)
        if len(rare):
            found[rare] = self._rare[search(self._rare_at, postings[rare] + 1) - 1]
        return found
