"""A system's figures on a collection, query by query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from relevance_bench.measures import average_precision, ndcg

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevance_bench.collections import Collection

OURS: Final = "ours"
AS_SEARCHED: Final = "ours, as searched"
"""The same with lists of two or three words left strict, as a search leaves them."""
SHORT: Final = "-small"
"""How the name of a peer ends that is asked without small words."""


class Score(NamedTuple):
    """How good one ranking is."""

    ndcg: float
    """At 10."""
    precision: float
    """Average precision; its mean over queries is MAP."""


Scores = dict[tuple[str, str], dict[str, Score]]
"""By system and collection, by query."""


def scored(collection: Collection, rank: Callable[[str], list[str]]) -> dict[str, Score]:
    """The figures of a ranker that takes the id of a query."""
    found = {}
    for query in collection.queries:
        ranked, gains = rank(query), collection.gains[query]
        found[query] = Score(ndcg(ranked, gains), average_precision(ranked, gains))
    return found
