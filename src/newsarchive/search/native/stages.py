"""The second look at the best articles: what costs too much for all, or needs to know which are the best.

What is added to a score is never negative, so no article falls behind one that was not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from newsarchive.search.native import feedback, ordering, proximity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.evaluate import Plan
    from newsarchive.search.native.ordering import Rows
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

NEAR_STAGE: int = 50
"""Articles, the best by BM25F, of which nearness is looked at. 200 give the same nDCG@10 and MAP to three places, and
cost four times as many places to read."""
FEEDBACK_STAGE: int = 200
"""Articles whose words are weighed anew. 50 give the same nDCG@10 and a MAP that is 0.002 lower."""


class _Best(NamedTuple):
    """The best articles of all segments."""

    rows: Sequence[Rows]
    at: Sequence[Docs]
    """Where they stand in the rows of each segment, ascending."""
    sure: int
    """So many that come first are surely among them; 0 where too many are equal to the last."""

    def scored(self) -> list[tuple[View, Docs, Array]]:
        """Their segments, documents and scores."""
        some = zip(self.rows, self.at, strict=True)
        return [(one.view, one.docs.take(at), -one.first.take(at)) for one, at in some if one.first is not None]

    def with_more(self, added: Callable[[View, Docs], Array]) -> list[Rows]:
        """The rows with something added to the scores of the best, in place."""
        found = []
        for some, at in zip(self.rows, self.at, strict=True):
            if some.first is not None and len(at):
                some.first[at] -= added(some.view, some.docs.take(at))
            found.append(some._replace(ahead=at, sure=self.sure))
        return found


def improved(plan: Plan, rows: Sequence[Rows]) -> list[Rows]:
    """The rows with what nearness and, of a relaxed list, feedback add to the scores of the best, in place.

    Args:
        plan: that of the query.
        rows: what answers, by relevance, of each segment.
    """
    words, loose = plan.words(), plan.loose()
    if proximity.PROXIMITY and len(words) > 1 and (best := _best(rows, NEAR_STAGE)):
        rows = best.with_more(lambda view, docs: proximity.nearness(view, words, docs))
    if feedback.FEEDBACK and len(loose) > 1 and (best := _best(rows, feedback.BEST)):
        weights = feedback.weights(loose, best.scored())
        if more := _best(rows, FEEDBACK_STAGE):
            rows = more.with_more(lambda view, docs: feedback.added(view, weights, docs))
    return list(rows)


def _best(rows: Sequence[Rows], most: int) -> _Best | None:
    """The best `most`, and of those that are equal to the last of them as many again; None where nothing is scored."""
    if sum(some.total for some in rows) < most:
        rows = [some.named() for some in rows]
    firsts = [some.first for some in rows if some.first is not None]
    if len(firsts) < len(rows) or not sum(map(len, firsts)):
        return None
    # In the order of the index, so that the choice among equal ones is the same for each page.
    leading = ordering.leading(np.concatenate(firsts) if len(firsts) > 1 else firsts[0], most)
    best = leading[: 2 * most]
    starts = np.cumsum([0, *map(len, firsts)])
    cuts = best.searchsorted(starts)
    at = [best[begin:end] - start for begin, end, start in zip(cuts[:-1], cuts[1:], starts[:-1], strict=True)]
    return _Best(rows, at, most if len(best) == len(leading) else 0)
