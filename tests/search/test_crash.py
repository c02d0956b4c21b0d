"""Kills and readers beside a writer: the index is always in the old state or the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from newsarchive.search import Document, EngineName, IndexWriter, Searcher, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models.query import Query

# Each batch n puts in five articles of "batch n" and takes out those of batch n-3; a line is printed after each commit.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsarchive.search import Document, IndexWriter, stamp

folder, most = Path(sys.argv[1]), int(sys.argv[2])
seen = datetime(2019, 1, 1, tzinfo=UTC)
first = stamp(folder).revision + 1
with IndexWriter.open(folder, generation="g") as writer:
    for batch in range(first, first + most):
        body = f"word batch{batch} " * 40
        new = [
            Document(id=f"{batch}.{n}", url="u", headline="", body=body, first_seen=seen, last_seen=seen)
            for n in range(5)
        ]
        writer.apply(new, [f"{batch - 3}.{n}" for n in range(5)], revision=batch)
        print(batch, flush=True)
"""
KILLS = 12


def start(folder: Path, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def batches_in(folder: Path, ask: Callable[[str], Query]) -> list[int]:
    """The batches that the index holds; each must be whole."""
    with Searcher(folder) as searcher:
        ids = [found.id for found in searcher.scan(ask("word"))]
    assert len(ids) == len(set(ids))
    batches = sorted({int(text.split(".")[0]) for text in ids})
    assert len(ids) == 5 * len(batches)
    return batches


def test_a_killed_writer_leaves_the_old_state_or_the_new_one(
    engine: EngineName, tmp_path: Path, ask: Callable[[str], Query]
) -> None:
    with IndexWriter.create(tmp_path, generation="g", engine=engine) as writer:
        writer.apply(revision=0)
    progressed = 0
    for kill in range(KILLS):
        child = start(tmp_path, 10_000)
        assert child.stdout
        acknowledged = int(child.stdout.readline())  # the start-up is over and work goes on
        # The delay is the point of the kill: it walks through the phases of a commit.
        end = time.monotonic() + 0.004 * kill
        while time.monotonic() < end:
            pass
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split()
        child.wait()
        child.stdout.close()
        acknowledged = int(rest[-1]) if rest else acknowledged
        batches = batches_in(tmp_path, ask)
        found = stamp(tmp_path)
        assert found
        assert acknowledged <= found.revision <= batches[-1] <= acknowledged + 1
        assert batches == list(range(max(1, batches[-1] - 2), batches[-1] + 1))
        progressed += 1
    assert progressed == KILLS
    IndexWriter.open(tmp_path, generation="g").close()  # the lock died with its holder


def test_readers_beside_a_writer_always_see_whole_batches(
    engine: EngineName, tmp_path: Path, ask: Callable[[str], Query]
) -> None:
    with IndexWriter.create(tmp_path, generation="g", engine=engine) as writer:
        writer.apply(revision=0)
    child = start(tmp_path, 25)
    seen: set[int] = set()
    while child.poll() is None:
        batches = batches_in(tmp_path, ask)
        assert batches == list(range(batches[-1] - len(batches) + 1, batches[-1] + 1)) if batches else True
        assert len(batches) <= 3
        seen |= set(batches)
    assert child.stdout
    child.stdout.close()
    assert child.returncode == 0
    assert len(seen) > 3  # it did read while there was writing
    assert batches_in(tmp_path, ask) == [23, 24, 25]


def test_a_kill_while_building_leaves_no_index_that_looks_whole(
    engine: EngineName, tmp_path: Path, document: Callable[..., Document]
) -> None:
    writer = IndexWriter.create(tmp_path, generation="g", engine=engine)

    def documents() -> object:
        yield document("a")
        raise KeyboardInterrupt

    try:
        writer.build(documents(), revision=1)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        pass
    finally:
        writer.close()
    assert stamp(tmp_path) is None
