"""Figures worked out of what was measured."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any, Final

from search_bench.questions import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

APART: Final = 0.05
"""Counts that differ by more than this share of the larger one disagree."""


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile: a figure that was measured."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Asked:
    """The answers of one engine."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.rows: list[dict[str, Any]] = said["rows"]
        self.memory: dict[str, float] = said["memory"]
        self.memory_before: float = said["memory_before"]
        self.opening: float = said["opening"]
        self.articles: int = said["articles"]
        self.kinds = [kind for kind in KINDS if any(self.of(kind, "warm"))]

    def of(self, kind: str | None, what: str) -> list[float]:
        """The figures of a class, or of the mix, of what was answered."""
        return [row[what] for row in self.rows if kind in {None, row["kind"]} and row.get(what) is not None]

    def pair(self, kind: str | None, what: str) -> tuple[float, float] | None:
        """Median and 95th percentile; None where nothing of it was answered."""
        values = self.of(kind, what)
        return (statistics.median(values), percentile(values, 0.95)) if values else None

    def times_warm(self, what: str) -> float:
        """How many times what a question costs when it is asked again; the median over the questions."""
        return statistics.median(row[what] / row["warm"] for row in self.rows if row["warm"])


def on_common_ground(first: Asked, second: Asked) -> tuple[float, float]:
    """The medians of two engines over what both answer."""
    both = [
        (one["warm"], other["warm"])
        for one, other in zip(first.rows, second.rows, strict=True)
        if one["warm"] is not None and other["warm"] is not None
    ]
    return statistics.median(one for one, _ in both), statistics.median(other for _, other in both)


def disagreements(first: Asked, second: Asked) -> dict[str, tuple[int, int, float, list[tuple[str, int, int]]]]:
    """By class: questions that both count, those whose counts are apart, the median ratio, the widest apart."""
    found = {}
    for kind in KINDS:
        pairs = [
            (" ".join(one["words"]), one["total"], other["total"])
            for one, other in zip(first.rows, second.rows, strict=True)
            if one["kind"] == kind and one.get("total") is not None and other.get("total") is not None
        ]
        if pairs:
            apart = sorted((pair for pair in pairs if _gap(pair) > APART), key=_gap, reverse=True)
            ratio = statistics.median((one + 1) / (other + 1) for _, one, other in pairs)
            found[kind] = (len(pairs), len(apart), ratio, apart[:2])
    return found


def _gap(pair: tuple[str, int, int]) -> float:
    _, one, other = pair
    return abs(one - other) / max(one, other, 1)


def speed(figures: dict[str, Any]) -> float:
    """Articles per CPU second of a build."""
    return float(figures["articles"] / figures["cpu"])
