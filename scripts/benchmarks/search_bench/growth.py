"""How fast the vocabulary of a text grows: Heaps' law, V(n) = K * n ** beta, fitted and kept to.

H. S. Heaps, Information Retrieval: Computational and Theoretical Aspects (1978), section 7.5. Resampling alone would
end the growth: the terms of an index would be as many at a million articles as at fifty thousand, each twenty times as
frequent, and nothing would be rare.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

WORD: Final = re.compile(r"\w+")
_POINTS: Final = 1.05
"""Each point of the curve lies this much further on than the last one."""
_FITTED_FROM: Final = 1 / 16
"""The share of the words after which the curve is fitted: its beginning bends more."""


@dataclass(frozen=True, slots=True)
class Law:
    """The growth of a vocabulary around a point that it passes through."""

    words: int
    vocabulary: int
    exponent: float

    def vocabulary_at(self, words: int) -> float:
        """How many different words there are among so many."""
        return float(self.vocabulary * (words / self.words) ** self.exponent)


class Growth:
    """Counts words and different words as texts go by, and keeps points of the curve."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.words = 0
        self._points: list[tuple[int, int]] = []
        self._next = 1.0

    def take(self, text: str) -> None:
        """Count the words of a text."""
        found = WORD.findall(text.casefold())
        self.known.update(found)
        self.count(len(found))

    def count(self, words: int) -> None:
        """Count words; those that are new are in `known` already."""
        self.words += words
        if self.words >= self._next:
            self._points.append((self.words, len(self.known)))
            self._next = self.words * _POINTS

    def law(self, *, since: int | None = None) -> Law:
        """The law that the points follow, of the words `since` this one; by least squares of the logarithms."""
        least = self.words * _FITTED_FROM if since is None else since
        points = [(math.log(n), math.log(v)) for n, v in [*self._points, (self.words, len(self.known))] if n >= least]
        mean_n, mean_v = (sum(values) / len(points) for values in zip(*points, strict=True))
        spread = sum((n - mean_n) ** 2 for n, _ in points)
        slope = sum((n - mean_n) * (v - mean_v) for n, v in points) / spread if spread else 0.0
        return Law(self.words, len(self.known), slope)
