"""A file of captures, cut at every byte or with a bit flipped: never silently short, never other bytes, never unusable.

Flips and repairs are a sample; `scripts/bench faults` flips every bit, and repairs after every cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.breaking import fast_folder
from tests.faults.damage import Sample, cut_everywhere, flip_everywhere, three_captures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def sample(memory: Path) -> Sample:
    return three_captures(memory / "sample")


def test_a_cut_at_any_byte_is_named_and_the_file_can_be_finished_and_written_on(memory: Path, sample: Sample) -> None:
    trials = list(cut_everywhere(sample, memory / "cuts", repairs=7))
    assert len(trials) == len(sample.data) > 2_000
    assert not [trial for trial in trials if trial.faults]


def test_a_flipped_bit_is_found_or_changes_nothing(memory: Path, sample: Sample) -> None:
    trials = list(flip_everywhere(sample, memory / "flips", every=41))
    found = sum(trial.hit for trial in trials)
    assert not [trial for trial in trials if trial.faults]
    assert found > 0.9 * len(trials)  # of each record, some bits of the gzip header mean nothing to a reader
