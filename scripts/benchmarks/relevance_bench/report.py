"""The figures as a table, and whether what is promised holds."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from relevance_bench.measures import paired_t
from relevance_bench.peers import STOCK
from relevance_bench.scores import OURS

if TYPE_CHECKING:
    from relevance_bench.scores import Scores

AHEAD: Final = 0.03
"""Mean nDCG@10 that ours is promised to be above stock Whoosh's."""


def mean(scores: Scores, system: str, name: str, figure: int) -> float:
    """The mean over queries of a figure (0: nDCG@10, 1: MAP)."""
    return statistics.fmean(score[figure] for score in scores[system, name].values())


def table(scores: Scores) -> str:
    """A row for each system: nDCG@10 / MAP on each collection and in the mean; then ours against the best peer."""
    systems, names = _systems(scores), _names(scores)
    lines = ["| nDCG@10 / MAP | " + " | ".join(names) + " | mean |", "|---" * (len(names) + 2) + "|"]
    for system in systems:
        cells = [[mean(scores, system, name, figure) for figure in (0, 1)] for name in names]
        cells.append([statistics.fmean(column) for column in zip(*cells, strict=True)])
        lines.append(f"| {system} | " + " | ".join(f"{first:.3f} / {second:.3f}" for first, second in cells) + " |")
    peers = [system for system in systems if system != OURS]
    if peers:
        lines.append("| ours less the best peer (t) | " + " | ".join(_against(scores, name) for name in names) + " | |")
    return "\n".join(lines)


def _against(scores: Scores, name: str) -> str:
    cells = []
    for figure in (0, 1):
        best = _best(scores, name, figure)
        ours = [score[figure] for score in scores[OURS, name].values()]
        theirs = [scores[best, name][query][figure] for query in scores[OURS, name]]
        difference = statistics.fmean(ours) - statistics.fmean(theirs)
        cells.append(f"{difference:+.3f} ({paired_t(ours, theirs):.1f}, {best})")
    return " / ".join(cells)


def verdicts(scores: Scores) -> list[tuple[str, bool]]:
    """What is promised, and whether it holds."""
    names, systems = _names(scores), _systems(scores)
    if len(systems) == 1:
        return []
    found = []
    for name in names:
        for figure, label in enumerate(("nDCG@10", "MAP")):
            best = _best(scores, name, figure)
            ours, theirs = mean(scores, OURS, name, figure), mean(scores, best, name, figure)
            found.append((f"{name}: {label} {ours:.4f}, the best peer ({best}) {theirs:.4f}", ours >= theirs))
    if STOCK in systems:
        ours, stock = (statistics.fmean(mean(scores, one, name, 0) for name in names) for one in (OURS, STOCK))
        found.append((f"mean nDCG@10 {ours:.4f}, stock Whoosh's {stock:.4f}", ours >= stock + AHEAD))
    return found


def _best(scores: Scores, name: str, figure: int) -> str:
    return max((one for one in _systems(scores) if one != OURS), key=lambda one: mean(scores, one, name, figure))


def _systems(scores: Scores) -> list[str]:
    return list(dict.fromkeys(system for system, _ in scores))


def _names(scores: Scores) -> list[str]:
    return list(dict.fromkeys(name for _, name in scores))
