"""How well a document answers: BM25F over headline, lead and body, by tables of 256 entries.

score = idf * w * (k1 + 1) / (w + k1 * (1 - b + b * length / average)), where w counts the occurrences of a word, those
of the headline and the lead for more (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted
fields", CIKM 2004). A posting's code byte says all that w needs, a document's length byte all that the fraction needs.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native.layout import CODE_HEAD_SHIFT, CODE_LEAD, CODE_TIMES, LENGTHS, MOST_HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.segment import Segment

    Array = NDArray[Any]

K1: Final = 1.4
B: Final = 0.75
W_HEADLINE: Final = 2.0
"""What an occurrence in the headline counts beyond one in the body."""
W_LEAD: Final = 0.0
"""What a word counts more if it stands in the lead."""
FORM_FACTOR: float = 0.9
"""What a form that is not as typed counts: other diacritics, another form of the stem."""


def idf(documents: int, frequency: float) -> float:
    """How telling a word is that stands in so many of all documents; never negative."""
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def weights() -> Array:
    """The weight w of a posting, by its code byte (f4); of more occurrences than a code can say, 31 count."""
    codes = np.arange(256)
    heads = (codes >> CODE_HEAD_SHIFT) & MOST_HEAD
    found: Array = (codes & CODE_TIMES) + W_HEADLINE * heads + W_LEAD * (codes >= CODE_LEAD)
    return found.astype(np.float32)


class Ranking:
    """The tables of an index: what scoring needs to know of all its segments."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.documents = sum(segment.size for segment in segments)
        """Documents of the index, those included that are deleted but still stand in its files."""
        words = sum(segment.scalar("text_words") for segment in segments)
        average = words / max(self.documents, 1) or 1.0
        self.weights = weights()
        lengths = np.array(LENGTHS, np.float64)
        self._norms = {
            "text": (K1 * (1 - B + B * lengths / average)).astype(np.float32),
            "author": np.full(256, K1, np.float32),
        }
        self._tables: dict[str, Array] = {}

    def by_code(self, field: str, codes: Array, lengths: Array) -> Array:
        """Scores without their idf, of postings of one word (f4)."""
        if field not in self._tables:
            self._tables[field] = self._scores(self.weights[:, None], self._norms[field][None, :]).ravel()
        return self._tables[field].take((codes.astype(np.uint16) << 8) | lengths)

    def by_weight(self, field: str, weights: Array, lengths: Array) -> Array:
        """Scores without their idf, of postings with these weights (f4)."""
        return self._scores(weights.astype(np.float32), self._norms[field].take(lengths))

    @staticmethod
    def _scores(weights: Array, norms: Array) -> Array:
        scores: Array = weights * np.float32(K1 + 1) / (weights + norms)
        return scores
