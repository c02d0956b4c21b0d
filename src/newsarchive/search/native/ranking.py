"""How well a document answers: BM25F over headline, lead and body, by tables of 256 entries.

score = idf * w * (k1 + 1) / (w + k1 * (1 - b + b * length / average)), where w counts the occurrences of a word, those
of the headline and the lead for more (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted
fields", CIKM 2004). A posting's code byte says all that w needs, a document's length byte all that the fraction needs.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native import ordering, proximity
from newsarchive.search.native.layout import CODE_HEAD_SHIFT, CODE_LEAD, CODE_TIMES, LENGTHS, MOST_HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.evaluate import Plan
    from newsarchive.search.native.ordering import Rows
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
SECOND_STAGE: int = 50
"""Articles, the best by BM25F, that a second stage puts in another order. 200 give the same nDCG@10 and MAP to three
places, and cost four times as many places to read."""


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


def second_stage(plan: Plan, rows: Sequence[Rows]) -> list[Rows]:
    """The rows with what nearness adds to the scores of the best `SECOND_STAGE`, in place; the others keep theirs.

    What is added is never negative, so no article falls behind one that was not looked at.
    """
    words = plan.words()
    if sum(some.total for some in rows) < SECOND_STAGE:
        rows = [some.named() for some in rows]
    firsts = [some.first for some in rows if some.first is not None]
    if len(words) < 2 or len(firsts) < len(rows) or not sum(map(len, firsts)):  # noqa: PLR2004 - one word is near to nothing
        return list(rows)
    # In the order of the index, so that the choice among equal ones is the same for each page.
    leading = ordering.leading(np.concatenate(firsts) if len(firsts) > 1 else firsts[0], SECOND_STAGE)
    best = leading[: 2 * SECOND_STAGE]
    sure = SECOND_STAGE if len(best) == len(leading) else 0
    found, start = [], 0
    for some, first in zip(rows, firsts, strict=True):
        begin, end = best.searchsorted((start, start + len(first)))
        ahead = best[begin:end] - start
        if begin < end:
            first[ahead] -= proximity.nearness(some.view, words, some.docs.take(ahead))
        found.append(some._replace(ahead=ahead, sure=sure))
        start += len(first)
    return found
