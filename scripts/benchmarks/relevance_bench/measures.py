"""How good a ranking is, as trec_eval counts it: nDCG at 10, average precision, and a paired t over queries."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEPTH = 1000
"""Documents of a ranking that count for average precision, trec_eval's own limit."""


def ndcg(ranked: Sequence[str], gains: Mapping[str, int], *, at: int = 10) -> float:
    """Discounted gain of the first documents over the best possible (Järvelin and Kekäläinen 2002, log2 discount).

    >>> ndcg(["a", "x"], {"a": 1}), round(ndcg(["x", "a"], {"a": 1}), 3)
    (1.0, 0.631)
    """
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(sorted(gains.values(), reverse=True)[:at]))
    return sum(gains.get(one, 0) / math.log2(place + 2) for place, one in enumerate(ranked[:at])) / best


def average_precision(ranked: Sequence[str], gains: Mapping[str, int]) -> float:
    """Mean over the relevant documents of the precision at the place of each; 0 for one that is not found.

    >>> average_precision(["a", "x", "b"], {"a": 1, "b": 1, "c": 2}) == (1 / 1 + 2 / 3) / 3
    True
    """
    found = 0
    total = 0.0
    for place, document in enumerate(ranked[:DEPTH], start=1):
        if document in gains:
            found += 1
            total += found / place
    return total / len(gains)


def paired_t(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Student's t of the differences query by query; beyond about 2 a difference is hardly chance.

    >>> round(paired_t([0.5, 0.7, 0.9], [0.4, 0.5, 0.6]), 2)
    3.46
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    spread = statistics.stdev(differences) if len(differences) > 1 else 0.0
    return statistics.fmean(differences) / (spread / math.sqrt(len(differences))) if spread else 0.0
