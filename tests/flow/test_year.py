"""Weeks of a newsroom with only the clock simulated; `scripts/bench year` is the same for a year."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

YEAR = Path(__file__).parents[2] / "scripts" / "benchmarks" / "year.py"


def live(*arguments: object) -> tuple[int, dict[str, Any]]:
    """How the simulation ended, and what it told."""
    command = [sys.executable, "-W", "ignore", str(YEAR), "--json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_every_edit_that_was_up_when_a_recheck_was_due_is_found() -> None:
    code, told = live("--days", 36, "--every", 12)
    assert told["wrong"] == []
    assert code == 0
    figures = told["figures"]
    assert figures["edits found"] > 10
    assert figures["edits lost"] == figures["edits invented"] == 0
    assert figures["vanished"] > 0
    assert figures["days without news"] > 0
    assert figures["crawls out of hours"] > 0


def test_the_truth_tells_where_a_plan_looks_too_late() -> None:
    code, told = live("--days", 16, "--every", 12, "--ages", "30d")
    assert code == 1
    assert told["figures"]["edits lost"] > 0
