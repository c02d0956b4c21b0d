"""What the best articles tell of the words of a relaxed list: those that they are about count more.

A pasted headline or a question mixes words that matter with words that do not, and idf alone cannot tell them apart.
The best articles mostly can: what they have much of is what was asked about. So all words of the list count `FEEDBACK`
more in the mean, shared out by how much of each the best articles have. This is feedback from articles that nobody
judged (Croft and Harper, "Using probabilistic models of document retrieval without relevance information", Journal of
Documentation 35, 1979), of which only the weighing is taken: no word is added that was not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.placing import Word
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

FEEDBACK: float = 0.12
"""What a word of the list counts more, in the mean of all its words; 0 leaves it out."""
BEST: Final = 10
"""The articles that are listened to."""
_BETTER: Final = 4
"""The power of an article's score by which it is listened to: one that scores half as much as the best, a sixteenth."""


def weights(words: Sequence[Word], best: Sequence[tuple[View, Docs, Array]]) -> dict[Word, np.float32]:
    """What each word of a list counts more, idf included.

    Args:
        words: those of the list; repeated ones repeatedly.
        best: the articles that are listened to: of each segment some, ascending, with their scores.
    """
    distinct = {word.group.piece.same: word for word in words}.values()
    top = max(float(scores.max(initial=0)) for _, _, scores in best) or 1.0
    heard = [(view, docs, (scores / top) ** _BETTER) for view, docs, scores in best if len(docs)]
    # Squared, so that what an article has much of stands out from what it merely has.
    much = [sum(float(word.hits(view, docs) ** 2 @ weight) for view, docs, weight in heard) for word in distinct]
    more = FEEDBACK * len(words) / (sum(much) or 1)
    return {word: np.float32(more * has) * word.idf for word, has in zip(distinct, much, strict=True)}


def added(view: View, weights: Mapping[Word, np.float32], docs: Docs) -> Array:
    """What the words' new weights add to the scores of documents (f4, not negative).

    Args:
        view: the segment.
        weights: what each word counts more.
        docs: documents of the segment, ascending.
    """
    more = np.zeros(len(docs), np.float32)
    for word, weight in weights.items():
        more += word.hits(view, docs) * weight
    return more
