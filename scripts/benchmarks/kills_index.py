"""Kills writers of a search index by the hundred, and lets one write while others read: nothing committed is lost.

Usage: scripts/bench kills_index [--kills 300] [--soak 120] [--readers 4] [--engine whoosh] [--seed N]

Each writer adds, replaces, deletes and merges in commits of some milliseconds, and is killed at a drawn moment of one
of them. After each kill the index must open, hold every batch whole that was committed, and let the next writer on.
Then one writer and some readers run side by side for --soak seconds: no reader may fail, see a batch in part, or an
older state than it saw before. Ends with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.search import crashing


def main() -> int:
    """Kill, soak, print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--soak", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--engine", choices=("whoosh", "tantivy"), default="whoosh")
    parser.add_argument("--seed", type=int, default=20190227)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-index-") as scratch:
        folder = Path(scratch)
        crashing.begin(folder, given.engine)
        try:
            began = time.monotonic()
            newest = crashing.kill_many(folder, given.kills, longest=0.25, seed=given.seed)
            print(
                f"{given.kills} kills in {time.monotonic() - began:.0f} s, {newest} batches: nothing lost", flush=True
            )
            done = crashing.soak(folder, seconds=given.soak, readers=given.readers)
        except AssertionError as error:
            print(f"seed {given.seed}: {error}")
            return 1
    print(f"{given.soak:.0f} s of one writer ({done.batches - newest} commits) and readers {done.reads}: no error")
    return 0


if __name__ == "__main__":
    sys.exit(main())
