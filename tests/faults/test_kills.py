"""Kills at random moments of capture, extraction, storing and indexing, many of them, in a process that starts fast.

Where a kill falls is the machine's affair, so nothing is asserted of it: `scripts/bench kills` counts and prints it.
`tests/flow/test_kill.py` kills whole crawls; `scripts/bench kills` does both by the hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.killing import kill_rivers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.breaking import River

KILLS = 25


def test_kills_lose_nothing_that_was_acknowledged(river: River, memory: Path) -> None:
    kills = kill_rivers(river, memory, kills=KILLS, seed=20190227)
    assert kills.with_progress == KILLS
    assert not kills.faults
