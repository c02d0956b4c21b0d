"""Noise is no edit and no edit is lost: a floor, on pages that are imported before and after listed mutations.

The mutations are those of `scripts/bench edits`, which measures them over many more articles.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).parents[2] / "scripts" / "benchmarks"
TRIALS = 150
LEAST = 0.95
"""Share of the noise that makes no version."""


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    from edits_bench import trials  # noqa: PLC0415 - scripts are no package that could be imported before

    return trials


@pytest.mark.timeout(600)
def test_noise_is_passed_over_and_no_edit_is_lost(bench: ModuleType, tmp_path: Path) -> None:
    found: list[Any] = bench.outcomes(tmp_path, bench.trials(TRIALS, seed=20190228))
    assert len(found) == TRIALS
    kinds = Counter((outcome.trial.sort, outcome.trial.name) for outcome in found)
    assert sum(sort == "noise" for sort, _ in kinds) >= 20
    assert sum(sort == "real" for sort, _ in kinds) >= 15
    lost = [(one.trial.sort, one.trial.name) for one in found if one.trial.sort != "noise" and not one.is_right]
    assert not lost
    noise = [one for one in found if one.trial.sort == "noise"]
    wrong = Counter(one.trial.name for one in noise if not one.is_right)
    assert 1 - wrong.total() / len(noise) >= LEAST, wrong
    assert sum(one.texts > 1 for one in noise) > len(noise) / 3, "the noise must reach the text to prove anything"
