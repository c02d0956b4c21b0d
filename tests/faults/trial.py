"""One trial: the river is broken at one place, looked at, and run once more; what must hold is held against it."""

from __future__ import annotations

import json
import random
import shutil
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.faults.breaking import FAULTS, River, operations, place_of
from tests.faults.claims import left_open, lost, picture, wrong_tails
from tests.faults.powercut import STATES, Disk
from tests.faults.river import Job, prepare

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path
    from typing import Any

    from tests.faults.breaking import Broken, Operation

_GARBAGE_SEED: Final = 20190227


@dataclass(frozen=True)
class Trial:
    """What was broken, and what did not hold."""

    what: str
    """The call and the file, or the moment of the cut."""
    hit: bool
    """Whether the fault met anything."""
    faults: list[str] = field(default_factory=list)
    """In words: what was lost, what could not go on, what differs."""


class Proving:
    """An undisturbed run of the river, and trials against it."""

    def __init__(self, river: River, folder: Path) -> None:
        self._river = river
        self._folder = folder
        clean = prepare(folder / "clean")
        self._disk = Disk(clean)
        self.operations: list[Operation] = river.record(Job(str(clean)), folder / "journal")
        """Everything that it changes, in order."""
        self.expected: dict[str, Any] = picture(clean)

    @property
    def calls(self) -> dict[int, tuple[str, str]]:
        """Every call by its number: its name and the part of the archive; calls that fail anyway have no name."""
        named = {one.number: (one.name, place_of(one.path)) for one in self.operations if one.name != "mark"}
        return {number: named.get(number, ("other", "")) for number in range(1, self.operations[-1].number + 1)}

    def broken(self, number: int, fault: str) -> Trial:
        """Break one call, look, and run the river again."""
        folder = prepare(self._folder / "trial")
        journal = self._folder / "trial.journal"
        done = self._river.run(Job(str(folder), number=number, fault=FAULTS[fault], journal=str(journal)))
        met = next((one for one in operations(journal) if one.name == "hit"), None)
        what = f"call {number}: {fault} at {met.other} of {met.path.removeprefix(str(folder))}" if met else f"{number}"
        found = [*_told(done, folder), *self._after(folder, done.acknowledged)]
        shutil.rmtree(folder)
        return Trial(what, met is not None, found)

    def cuts(self, at: Container[int] | None = None) -> Iterator[Trial]:
        """Cut the power after each of the operations (or those at some places), in every way."""
        disk, acknowledged = self._disk, []
        chance = random.Random(_GARBAGE_SEED)  # noqa: S311 - noise, not secrets
        for place, operation in enumerate(self.operations):
            if operation.name == "mark":
                acknowledged.append(json.loads(operation.data))
            disk.follow(operation)
            if at is not None and place not in at:
                continue
            for state in STATES:
                folder = self._folder / "cut"
                disk.lay_out(folder, state, chance)
                where = operation.path.rpartition("/clean")[2]
                found = self._after(folder, tuple(acknowledged))
                yield Trial(
                    f"cut after {operation.name} {operation.number} of {where}, {state}", hit=True, faults=found
                )

    def _after(self, folder: Path, acknowledged: tuple[dict[str, Any], ...]) -> list[str]:
        """What is missing, and what differs once the river ran again."""
        found = lost(folder, acknowledged) if any("queued" in ack for ack in acknowledged) else []
        left = left_open(folder)
        again = self._river.run(Job(str(folder)))
        if not again.ended:
            return [*found, f"it cannot go on: {again.error or again.status}"]
        now = picture(folder)
        return [*found, *wrong_tails(folder, left)] + [
            f"{key} differ: {now[key]} instead of {value}" for key, value in self.expected.items() if now[key] != value
        ]


def _told(done: Broken, folder: Path) -> Iterator[str]:
    """What is wrong with how the run ended: a user is told the file and what to do, and never sees a traceback."""
    error = done.error
    if error is None:
        if not done.ended and done.status != -signal.SIGKILL:
            yield f"it ended with {done.status} and said nothing"
    elif "foreign" in error:
        yield f"an error that no user should see: {error['foreign']}"
    elif str(folder) not in error["message"]:
        yield f"the error names no file: {error}"
