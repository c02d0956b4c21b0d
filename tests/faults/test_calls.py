"""Any call that changes a file may fail or be the last: the archive is in the old state or the new one, and goes on.

A sample of each kind of call, drawn anew with each seed; `scripts/bench faults` breaks every one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.faults.breaking import FAULTS

if TYPE_CHECKING:
    from tests.faults.trial import Proving

SEED = 20190227
EVERY_FAULT = {"WARC file", "CDXJ file"}
"""Where each sampled call is broken in every way; elsewhere in one."""


def sample(proving: Proving) -> list[tuple[int, str]]:
    """One call of each name and part of the archive, with the fault that it is to meet."""
    chance = random.Random(SEED)  # noqa: S311 - a choice, not a secret
    kinds = defaultdict(list)
    for number, kind in proving.calls.items():
        kinds[kind].append(number)
    chosen = []
    for (_, place), numbers in sorted(kinds.items()):
        faults = list(FAULTS) if place in EVERY_FAULT else [chance.choice(list(FAULTS))]
        chosen += [(chance.choice(numbers), fault) for fault in faults]
    return chosen


def test_a_call_that_fails_or_kills_loses_nothing_and_the_next_run_ends_as_if_it_had_not(proving: Proving) -> None:
    trials = [proving.broken(number, fault) for number, fault in sample(proving)]
    assert len(trials) > 40
    assert all(trial.hit for trial in trials)
    assert not [trial for trial in trials if trial.faults]


def test_the_river_changes_every_part_of_an_archive(proving: Proving) -> None:
    places = Counter(place for _, place in proving.calls.values())
    assert {"WARC file", "CDXJ file", "database", "index", "lock"} <= set(places)
    names = {name for name, _ in proving.calls.values()}
    assert {"create", "write", "sync", "rename", "unlink", "truncate"} <= names
