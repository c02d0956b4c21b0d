"""Writers of an index that are killed, and readers beside one: for moments in the tests, for long under scripts/bench.

Each batch n of the writer puts in five articles "batch n" and takes out those of batch n-3, so that an index holds
three whole batches, or fewer at its beginning; after some batches all segments are merged.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.search import EngineName, IndexWriter, Searcher, parse, stamp

if TYPE_CHECKING:
    from pathlib import Path

OF_A_BATCH: Final = 5
KEPT: Final = 3
"""Batches that stay in the index."""
_NOW: Final = datetime(2019, 3, 9, tzinfo=UTC)

# A line is printed before the first batch, and after each commit.
WRITER: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsarchive.search import Document, IndexWriter, stamp

folder, most = Path(sys.argv[1]), int(sys.argv[2])
seen = datetime(2019, 1, 1, tzinfo=UTC)
first = stamp(folder).revision + 1
with IndexWriter.open(folder, generation="g") as writer:
    print(first - 1, flush=True)
    for batch in range(first, first + most):
        body = f"word batch{batch} " * 40
        new = [
            Document(id=f"{batch}.{n}", url="u", headline="", body=body, first_seen=seen, last_seen=seen)
            for n in range(5)
        ]
        writer.apply(new, [f"{batch - 3}.{n}" for n in range(5)], revision=batch)
        print(batch, flush=True)
        if batch % 11 == 0:
            writer.compact()
"""

# Reads until its input ends; then prints how often it did, and which batch it saw last.
READER: Final = """
import select, sys
from pathlib import Path
from tests.search.crashing import batches_in

folder, reads, last = Path(sys.argv[1]), 0, 0
while not select.select([sys.stdin], [], [], 0)[0]:
    batches = batches_in(folder)
    assert not batches or batches[-1] >= last, (batches, last)
    last = batches[-1] if batches else last
    reads += 1
print(reads, last)
"""


def begin(folder: Path, engine: EngineName = "whoosh") -> None:
    """An empty index."""
    with IndexWriter.create(folder, generation="g", engine=engine) as writer:
        writer.apply(revision=0)


def start(folder: Path, batches: int) -> subprocess.Popen[str]:
    """A writer of so many batches."""
    command = [sys.executable, "-c", WRITER, str(folder), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def batches_in(folder: Path) -> list[int]:
    """The batches that the index holds.

    Raises:
        AssertionError: one of them is not whole, or an article is there twice.
    """
    with Searcher(folder) as searcher:
        ids = [found.id for found in searcher.scan(parse("word", now=_NOW))]
    assert len(ids) == len(set(ids)), ids
    batches = sorted({int(text.split(".")[0]) for text in ids})
    assert len(ids) == OF_A_BATCH * len(batches), ids
    return batches


def kill_one(folder: Path, delay: float) -> int:
    """Start a writer and kill it some seconds after its first commit; the newest batch that the index then holds.

    Raises:
        AssertionError: what was committed is gone, or something is there in part.
    """
    child = start(folder, 10_000)
    assert child.stdout
    acknowledged = [int(child.stdout.readline()), int(child.stdout.readline())][-1]
    # The delay is the point of the kill: it walks through the phases of a commit.
    end = time.monotonic() + delay
    while time.monotonic() < end:
        pass
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    batches = batches_in(folder)
    found = stamp(folder)
    assert found
    assert acknowledged <= found.revision <= batches[-1] <= acknowledged + 1, (acknowledged, found, batches)
    assert batches == list(range(max(1, batches[-1] - KEPT + 1), batches[-1] + 1)), batches
    return batches[-1]


def kill_many(folder: Path, kills: int, *, longest: float, seed: int) -> int:
    """Kill writers at drawn moments, one after the other; the newest batch at the end.

    Raises:
        AssertionError: something was lost, or a writer did not get on after the kill before.
    """
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    newest = 0
    for _ in range(kills):
        # A batch that was committed before its writer could say so is written once more by the next one.
        before, newest = newest, kill_one(folder, chance.random() * longest)
        assert newest >= before, (newest, before)
    assert newest * 2 >= kills, "the writers did not get on"
    IndexWriter.open(folder, generation="g").close()  # the lock died with its holder
    return newest


class Soaked(NamedTuple):
    """What went on in a soak."""

    batches: int
    reads: tuple[int, ...]
    """Of each reader."""


def soak(folder: Path, *, batches: int | None = None, seconds: float = 0.0, readers: int) -> Soaked:
    """One writer and some readers at the same time, until so many batches are written or so much time has passed.

    Raises:
        AssertionError: a reader failed, or saw a batch in part, or an older state than before.
    """
    command = [sys.executable, "-c", READER, str(folder)]
    reading = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(readers)
    ]
    writer = start(folder, batches or 1_000_000)
    assert writer.stdout
    end = time.monotonic() + seconds
    last = 0
    for line in writer.stdout:
        last = int(line)
        if batches is None and time.monotonic() > end:
            writer.terminate()
            break
    writer.stdout.close()
    writer.wait()
    told = [reader.communicate("\n")[0] for reader in reading]
    assert [reader.returncode for reader in reading] == [0] * readers
    return Soaked(last, tuple(int(line.split()[0]) for line in told))
