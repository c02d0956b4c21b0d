"""Kill loops that count what was done between two kills: a loop without progress proves nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.faults.claims import lost, picture
from tests.faults.river import Job, prepare

import newsarchive
from newsarchive.models import CaptureState
from newsarchive.search import stamp
from newsarchive.warc import scan
from newsarchive.warc.members import Damage, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.breaking import River

    from newsarchive.archive import Archive

CAPTURES: Final = 24
"""In one river; when it has come to its end, a new one begins."""
_POLL: Final = 0.02


@dataclass
class Kills:
    """What a kill loop did."""

    attempts: int = 0
    with_progress: int = 0
    """Kills that had new captures, articles or index entries before them; only these count."""
    acknowledged: int = 0
    """Captures that were seen, each held against the archive after the kill."""
    phases: Counter[str] = field(default_factory=Counter)
    """Where the kills met the archive, told by what they left behind."""
    faults: list[str] = field(default_factory=list)
    """What was lost, and what differs at the end."""


def phase_of(folder: Path) -> str:
    """Where in its work an archive was interrupted, told by what lies there: the furthest upstream counts."""
    with newsarchive.open(folder) as archive:
        captures = archive._holdings.captures
        for path in (folder / "warc").glob("*.open"):
            with path.open("rb") as file:
                if any(isinstance(item, Damage) for item in walk(file.fileno(), keep=0)):
                    return "within a WARC record"
            if any(not captures.knows(capture.record_id) for capture in scan(path)):
                return "between capture and row"
        if any(".toc." in path.name or path.name.endswith((".tmp", ".new")) for path in (folder / "index").iterdir()):
            return "within an index commit"
        status = archive.status()
        if status.captures[CaptureState.CAPTURED]:
            return "captured, not yet read"
        if status.not_indexed:
            return "stored, not yet indexed"
    return "all indexed"


def kill_rivers(river: River, folder: Path, *, kills: int, seed: int) -> Kills:
    """Kill rivers until so many kills had progress before them."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    expected = _undisturbed(river, folder)
    done, archive, acknowledged = Kills(), prepare(folder / "0"), ()
    while done.with_progress < kills and done.attempts < 3 * kills:
        done.attempts += 1
        ended = river.run(Job(str(archive), captures=CAPTURES), kill_after=(chance.randint(1, 9), chance.random() / 30))
        new = tuple(ack for ack in ended.acknowledged if ack.keys() & {"captured", "stored", "indexed"})
        acknowledged += new
        if ended.status == -signal.SIGKILL:
            done.phases[phase_of(archive)] += 1
            done.with_progress += any("captured" in ack for ack in new)
            done.faults += lost(archive, acknowledged)
        else:
            done.faults += _differences(expected, archive, ended.acknowledged)
            shutil.rmtree(archive)
            done.acknowledged += sum("captured" in ack for ack in acknowledged)
            archive, acknowledged = prepare(folder / str(done.attempts)), ()
    ended = river.run(Job(str(archive), captures=CAPTURES))
    done.faults += _differences(expected, archive, ended.acknowledged)
    done.acknowledged += sum("captured" in ack for ack in acknowledged)
    return done


def _undisturbed(river: River, folder: Path) -> dict[str, Any]:
    archive = prepare(folder / "undisturbed")
    assert river.run(Job(str(archive), captures=CAPTURES)).ended
    return picture(archive)


def _differences(expected: dict[str, Any], folder: Path, acknowledged: Sequence[dict[str, Any]]) -> list[str]:
    if not any("end" in ack for ack in acknowledged):
        return [f"it cannot go on: {acknowledged[-1:]}"]
    found = picture(folder)
    return [f"{key} differ" for key in expected if expected[key] != found[key]]


class Witness:
    """Reads an archive beside whatever writes it, and remembers what it saw."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.seen: set[str] = set()
        """The record ids of all captures seen."""
        self._last = 0

    def look(self, archive: Archive) -> tuple[int, int, int]:
        """Captures, captures that were settled, and the index's revision."""
        connection = archive._holdings.database.connection
        for number, record_id in connection.execute(
            "SELECT id, record_id FROM captures WHERE id > ? ORDER BY id", (self._last,)
        ):
            self._last = number
            self.seen.add(record_id)
        query = "SELECT count(*) FROM captures WHERE state IN ('accepted', 'rejected')"
        settled = int(connection.execute(query).fetchone()[0])
        indexed = stamp(self._folder / "index")
        return len(self.seen), settled, indexed.revision if indexed else 0

    def missing(self, archive: Archive) -> set[str]:
        """What was seen and is not there."""
        query = "SELECT record_id FROM captures"
        return self.seen - {record_id for (record_id,) in archive._holdings.database.connection.execute(query)}


def kill_crawls(
    folder: Path,
    *,
    kills: int,
    seed: int,
    command: Callable[[random.Random], list[str]],
    tell: Callable[[Kills], None] | None = None,
) -> Kills:
    """Kill whole crawls, with all their processes, until so many kills had progress before them.

    Args:
        folder: the archive.
        kills: how many.
        seed: of the moments.
        command: what starts a crawl; it may draw from the seed as well.
        tell: called after each kill.
    """
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    done, witness = Kills(), Witness(folder)
    with newsarchive.open(folder, mode="rw") as archive:
        before = witness.look(archive)
    while done.with_progress < kills and done.attempts < 2 * kills:
        done.attempts += 1
        wanted = chance.randrange(3)
        with subprocess.Popen(command(chance), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as crawl:
            with newsarchive.open(folder) as archive:
                while crawl.poll() is None and witness.look(archive)[wanted] <= before[wanted]:
                    time.sleep(_POLL)
                time.sleep(chance.uniform(0.0, 0.2))  # the moment of the kill is what is tested
                witness.look(archive)
            kill_all_of(folder)
            crawl.wait()
        with newsarchive.open(folder) as archive:
            missing = witness.missing(archive)
            after = witness.look(archive)
        done.faults += [f"capture {record_id} is gone" for record_id in missing]
        witness.seen -= missing
        done.phases[phase_of(folder)] += 1
        done.with_progress += any(now > then for now, then in zip(after, before, strict=True))
        done.acknowledged = len(witness.seen)
        before = after
        if tell:
            tell(done)
    return done


def kill_all_of(folder: Path) -> None:
    """SIGKILL to every process that names the archive: command, crawl, and the one that processes."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if os.fsencode(folder) in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)


def crawl_command(folder: Path, *arguments: str) -> list[str]:
    """The command that crawls an archive."""
    return [sys.executable, "-m", "newsarchive", "--archive", str(folder), "crawl", *arguments]
