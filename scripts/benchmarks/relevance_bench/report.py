"""The figures as a table, and whether what is promised holds."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from relevance_bench.measures import paired_t
from relevance_bench.peers import STOCK
from relevance_bench.scores import OURS, SHORT

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
    lines += [row(scores, system) for system in systems]
    peers = [system for system in systems if system != OURS]
    if peers:
        lines.append("| ours less the best peer (t) | " + " | ".join(_against(scores, name) for name in names) + " | |")
    return "\n".join(lines)


def row(scores: Scores, system: str) -> str:
    """A system's row of the table."""
    cells = [[mean(scores, system, name, figure) for figure in (0, 1)] for name in _names(scores)]
    cells.append([statistics.fmean(column) for column in zip(*cells, strict=True)])
    return f"| {system} | " + " | ".join(f"{first:.3f} / {second:.3f}" for first, second in cells) + " |"


def _against(scores: Scores, name: str) -> str:
    cells = []
    for figure in (0, 1):
        best = _best(scores, name, figure, [one for one in _systems(scores) if one != OURS])
        ours = [score[figure] for score in scores[OURS, name].values()]
        theirs = [scores[best, name][query][figure] for query in scores[OURS, name]]
        difference = statistics.fmean(ours) - statistics.fmean(theirs)
        cells.append(f"{difference:+.3f} ({paired_t(ours, theirs):.1f}, {best})")
    return " / ".join(cells)


def verdicts(scores: Scores) -> list[tuple[str, bool]]:
    """What is promised, and whether it holds: against peers asked with all words, then without small ones."""
    found = []
    for label, is_short in (("all words", False), ("small words left out", True)):
        peers = [one for one in _systems(scores) if one != OURS and one.endswith(SHORT) == is_short]
        found += [(f"[{label}] {what}", holds) for what, holds in _against_peers(scores, peers)] if peers else []
    return found


def _against_peers(scores: Scores, peers: list[str]) -> list[tuple[str, bool]]:
    found = []
    names = _names(scores)
    for name in names:
        for figure, label in enumerate(("nDCG@10", "MAP")):
            best = _best(scores, name, figure, peers)
            ours, theirs = mean(scores, OURS, name, figure), mean(scores, best, name, figure)
            found.append((f"{name}: {label} {ours:.4f}, the best peer ({best}) {theirs:.4f}", ours >= theirs))
    for stock in [one for one in peers if one.removesuffix(SHORT) == STOCK]:
        own, theirs = (statistics.fmean(mean(scores, one, name, 0) for name in names) for one in (OURS, stock))
        found.append((f"mean nDCG@10 {own:.4f}, {stock} {theirs:.4f}", own >= theirs + AHEAD))
    return found


def _best(scores: Scores, name: str, figure: int, peers: list[str]) -> str:
    return max(peers, key=lambda one: mean(scores, one, name, figure))


def _systems(scores: Scores) -> list[str]:
    return list(dict.fromkeys(system for system, _ in scores))


def _names(scores: Scores) -> list[str]:
    return list(dict.fromkeys(name for _, name in scores))
