"""In a model of a power cut, all that was acknowledged is there afterwards, and everything opens and goes on.

A sample of the moments; `scripts/bench faults` cuts after every call.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.faults.breaking import Operation
from tests.faults.powercut import STATES, Disk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.trial import Proving

MOMENTS = 14


def test_after_a_cut_everything_acknowledged_is_there(proving: Proving) -> None:
    marks = [place for place, one in enumerate(proving.operations) if one.name == "mark"]
    step = len(proving.operations) // (MOMENTS - len(marks) // 2)
    torn = [place for place, one in enumerate(proving.operations) if one.name == "write" and "/warc/" in one.path][2]
    at = {*marks[::2], *range(7, len(proving.operations), step), torn}
    trials = list(proving.cuts(at))
    assert len(trials) == len(STATES) * len(at)
    assert not [trial for trial in trials if trial.faults]


def call(name: str, path: Path, *, data: bytes = b"", other: str = "") -> Operation:
    return Operation(1, name, 0, 0, 0, str(path), other, data)


@pytest.mark.parametrize("state", STATES)
def test_the_model_drops_what_is_not_synced_and_keeps_what_is(tmp_path: Path, state: str) -> None:
    folder, target = tmp_path / "disk", tmp_path / "after"
    folder.mkdir()
    disk = Disk(folder)
    for one in (
        call("create", folder / "kept"),
        call("write", folder / "kept", data=b"synced"),
        call("sync", folder / "kept"),
        call("sync", folder),
        call("create", folder / "lost"),
        call("write", folder / "lost", data=b"never synced"),
        call("rename", folder / "kept", other=str(folder / "renamed")),
    ):
        disk.follow(one)
    disk.lay_out(target, state, random.Random(1))  # noqa: S311 - noise, not secrets
    there = {path.name: path.read_bytes() for path in target.iterdir()}
    assert b"never synced" not in there.values()
    if state == "strict":
        assert there == {"kept": b"synced"}
    else:
        assert there["renamed"] == b"synced"
        assert set(there) == {"renamed", "lost"}
