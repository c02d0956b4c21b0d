"""What nearness of a query's words adds to the scores of the best articles.

Words that stand side by side in a query and near to one another in an article say more than the same words far apart.
Each such pair counts as one more word: its frequency is how often the first one has the second one within `WINDOW`
words of it, before or after; its idf the smaller one of the two; its share of the score `PROXIMITY`. The idea is that
of Büttcher, Clarke and Lushman ("Term proximity scoring for ad-hoc retrieval on very large text collections", SIGIR
2006) and of the unordered pairs of Metzler and Croft ("A Markov random field model for term dependencies", SIGIR 2005).
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native.places import SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.placing import Word
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

PROXIMITY: float = 0.15
"""What nearness of a query's words counts; 0 leaves it out."""
WINDOW: Final = 8
"""Words within which two are near: part of a sentence."""
MOST_WORDS: Final = 16
"""Words of a query whose places are read, the most telling ones; a pasted paragraph has more."""
MOST_FORMS: Final = 50
"""Forms of a word whose places are read. A wildcard stands for more: what is near to any of hundreds says little."""


def nearness(view: View, words: Sequence[Word], docs: Docs) -> Array:
    """What nearness of a query's words adds to the scores of documents (f4, not negative).

    Args:
        view: the segment.
        words: those of the query that are looked for, in its order.
        docs: documents of the segment, ascending.
    """
    added = np.zeros(len(docs), np.float32)
    pairs = _pairs(view, words)
    if not pairs:
        return added
    lengths = view.column("length", docs)
    wanted = list(dict.fromkeys(chain.from_iterable(pairs)))
    # The body follows the headline in stored positions without a gap.
    read = dict(zip(wanted, view.places.stored([word.group for word in wanted], docs), strict=True))
    for one, other in pairs:
        weight = np.float32(PROXIMITY) * min(one.idf, other.idf)
        added += weight * view.ranking.by_weight("text", _times(read[one], read[other], docs), lengths)
    return added


def _pairs(view: View, words: Sequence[Word]) -> list[tuple[Word, Word]]:
    """The pairs of neighbours in the query, each once; words that tell little are stepped over."""
    known = {word.group.piece.same: word for word in words if _counts(view, word)}
    telling = set(sorted(known, key=lambda piece: -float(known[piece].idf))[:MOST_WORDS])
    order = [word.group.piece.same for word in words if word.group.piece.same in telling]
    pairs = {frozenset(pair): pair for pair in pairwise(order) if pair[0] != pair[1]}
    return [(known[one], known[other]) for one, other in pairs.values()]


def _counts(view: View, word: Word) -> bool:
    return word.group.field == "text" and len(word.group.forms[view.number].terms) <= MOST_FORMS


def _times(ones: Array, others: Array, docs: Docs) -> Array:
    """How often in each document the rarer one of two words has the other one near it (f4)."""
    few, many = (ones, others) if len(ones) <= len(others) else (others, ones)
    if not len(few):
        return np.zeros(len(docs), np.float32)
    at = np.searchsorted(many, few)
    after = many.take(at, mode="clip") - few
    before = few - many.take(at - 1, mode="clip")
    # At distance 0 stands a word that is written in two ways, as `e-mail` and `email`: that is no nearness.
    is_near = ((after > 0) & (after <= WINDOW)) | ((before > 0) & (before <= WINDOW))
    return np.bincount(few[is_near] >> SHIFT, minlength=len(docs)).astype(np.float32)
