"""Breaks every call that changes a file, cuts the power after each, and cuts and flips a WARC file at every byte.

Usage: scripts/bench faults [--only calls,cuts,bytes] [--every N]

A short river (capture, extract, store, index) runs undisturbed once, with each of its calls written down. Then it runs
again for each call and each fault: a kill before the call, a full disk, a broken disk, a write that is cut short. And a
model of a power cut lays out, after each call, what a disk may hold of it, in four ways (`tests/faults/powercut.py`).
Each time what was acknowledged must be there, and the next run must end with the same archive. --every N takes each
N-th. Needs a C compiler. Ends with 1 if anything did not hold.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.faults.breaking import FAULTS, River, build_shim, fast_folder
from tests.faults.damage import cut_everywhere, flip_everywhere, three_captures
from tests.faults.trial import Proving, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS = ("calls", "cuts", "bytes")


def main() -> int:
    """Break everything and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    parts = given.only.split(",")
    faults = 0
    with fast_folder() as folder:
        shim = build_shim(folder)
        if shim is None:
            parser.error("there is no C compiler (cc, gcc or clang)")
        with River(shim) as river:
            proving = Proving(river, folder)
            calls = proving.calls
            if "calls" in parts:
                print("calls of the river:", dict(Counter(place for _, place in calls.values()).most_common()))
                trials = (proving.broken(number, fault) for number in list(calls)[:: given.every] for fault in FAULTS)
                faults += report("calls that fail or kill", trials)
            if "cuts" in parts:
                at = range(0, len(proving.operations), given.every)
                faults += report("states after a power cut (model)", proving.cuts(at))
        if "bytes" in parts:
            sample = three_captures(folder / "sample")
            for name, made in (("cuts", cut_everywhere), ("flips", flip_everywhere)):
                faults += report(f"{name} of a WARC file", made(sample, folder / name, every=given.every))
    return 1 if faults else 0


def report(what: str, trials: Iterable[Trial]) -> int:
    """Carry trials out and print how they ended; how many did not hold."""
    began, done = time.monotonic(), []
    for trial in trials:
        done.append(trial)
        if trial.faults:
            print(f"  FAULT  {trial.what}: {trial.faults}")
        if len(done) % 200 == 0:
            print(f"{len(done)} {what}", file=sys.stderr, flush=True)
    failed = sum(bool(trial.faults) for trial in done)
    hit = sum(trial.hit for trial in done)
    print(
        f"{what}: {len(done)}, of which {hit} met something; {failed} did not hold ({time.monotonic() - began:.0f} s)"
    )
    return failed


if __name__ == "__main__":
    sys.exit(main())
