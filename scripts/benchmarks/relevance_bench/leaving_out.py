"""Constants tuned on all collections but one, and what that one gets by them."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.native import proximity, ranking
from relevance_bench.scores import scored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from relevance_bench.collections import Collection
    from relevance_bench.ours import Ours

_GRID: Final = {
    (ranking, "K1"): (1.2, 1.4, 1.6, 2.0),
    (ranking, "B"): (0.65, 0.75, 0.85),
    (ranking, "FORM_FACTOR"): (0.8, 0.9, 1.0),
    (ranking, "W_HEADLINE"): (1.0, 2.0, 3.0),
    (proximity, "PROXIMITY"): (0.0, 0.15, 0.3),
}
Values = tuple[float, ...]


def measure(sets: Sequence[Collection], ours: Mapping[str, Ours]) -> str:
    """For each collection: the best constants of the others, and its nDCG@10 by them and by those that stand."""
    standing = tuple(float(getattr(module, name)) for module, name in _GRID)
    found = {values: _figures(values, sets, ours) for values in _settings(standing)}
    names = [name for _, name in _GRID]
    lines = [
        f"| left out | best of the others ({', '.join(names)}) | nDCG@10 by these | as it stands |",
        "|---|---|---|---|",
    ]
    for one in sets:
        others = [other.name for other in sets if other is not one]
        best = max(found, key=lambda values: statistics.fmean(found[values][other] for other in others))
        lines.append(f"| {one.name} | {best} | {found[best][one.name]:.4f} | {found[standing][one.name]:.4f} |")
    return "\n".join([*lines, "", *_spread(found, standing)])


def _settings(standing: Values) -> list[Values]:
    """The settings that are tried: one constant changed, or K1 and B together."""
    tried = [standing]
    for place, choices in enumerate(_GRID.values()):
        tried += [(*standing[:place], value, *standing[place + 1 :]) for value in choices]
    tried += [(k1, b, *standing[2:]) for k1, b in product(*list(_GRID.values())[:2])]
    return list(dict.fromkeys(tried))


def _spread(found: Mapping[Values, Mapping[str, float]], standing: Values) -> list[str]:
    """The mean of each setting that was tried: how wide the optimum is."""
    means = sorted(((statistics.fmean(each.values()), values) for values, each in found.items()), reverse=True)
    return [f"{mean:.4f}  {values}{'  as it stands' if values == standing else ''}" for mean, values in means]


def _figures(values: Values, sets: Sequence[Collection], ours: Mapping[str, Ours]) -> dict[str, float]:
    with _constants(values):
        found = {}
        for one in sets:
            ours[one.name].open()
            found[one.name] = statistics.fmean(score.ndcg for score in scored(one, ours[one.name].rank).values())
        return found


@contextmanager
def _constants(values: Values) -> Iterator[None]:
    """The constants of the ranking, for a while."""
    before: list[tuple[Any, str, float]] = [(module, name, getattr(module, name)) for module, name in _GRID]
    try:
        for (module, name), value in zip(_GRID, values, strict=True):
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
