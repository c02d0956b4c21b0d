"""Kills crawls at random moments by the hundred; afterwards nothing is lost and the archive is as if never killed.

Usage: scripts/bench kills [--kills 500] [--rivers 500] [--seed N] [--articles N]

First whole crawls: `newsarchive crawl` of the sample newsroom on loopback, one source at a time. Each is killed with
all its processes some time after it captured, stored or indexed something new; the next one goes on. What was seen
in the records before a kill must be there after it. At the end one crawl of everything runs undisturbed: the archive
must verify clean and equal one that was never killed. Then short rivers (capture, extract, store, index in one process
that starts fast), several kills a second. A kill without new work since the one before does not count.
Ends with 1 if anything was lost or differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.archive.folder import append_source
from newsarchive.models import CaptureState
from newsarchive.sample import OUTLETS, build, serve

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.faults.breaking import River, fast_folder
from tests.faults.killing import Kills, crawl_command, kill_crawls, kill_rivers

if TYPE_CHECKING:
    import random

CRAWL = "\n[crawl]\nallow_private_hosts = true\ndelay = 0\nconcurrency_per_host = 4\n\n[extraction]\nworkers = 1\n"
EVERY = 20
"""Kills between two lines of progress."""


def main() -> int:
    """Kill, compare, print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500, help="of whole crawls")
    parser.add_argument("--rivers", type=int, default=500, help="kills of short rivers")
    parser.add_argument("--seed", type=int, default=20190227)
    parser.add_argument("--articles", type=int, default=0, help="of the newsroom; by default 4 for each kill")
    given = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
        if given.kills:
            articles = given.articles or max(200, 4 * given.kills)
            faults += crawls(Path(scratch), kills=given.kills, seed=given.seed, articles=articles)
        if given.rivers:
            with fast_folder() as folder, River() as river:
                began = time.monotonic()
                done = kill_rivers(river, folder, kills=given.rivers, seed=given.seed)
                faults += summary("rivers", done, seed=given.seed, seconds=time.monotonic() - began)
    return 1 if faults else 0


def crawls(scratch: Path, *, kills: int, seed: int, articles: int) -> int:
    """Kill whole crawls; how many things did not hold."""
    with serve(build(1, articles=articles)) as server:
        folders = [_archive(scratch / name, server) for name in ("killed", "undisturbed")]
        began = time.monotonic()

        def command(chance: random.Random) -> list[str]:
            return crawl_command(folders[0], "--limit", str(chance.randint(1, 6)), chance.choice(OUTLETS).name)

        def tell(done: Kills) -> None:
            if done.attempts % EVERY == 0:
                rate = done.with_progress / (time.monotonic() - began)
                print(f"{done.with_progress} of {kills} kills, {60 * rate:.0f} a minute", file=sys.stderr, flush=True)

        done = kill_crawls(folders[0], kills=kills, seed=seed, command=command, tell=tell)
        seconds = time.monotonic() - began
        print("both archives are crawled to their end", file=sys.stderr, flush=True)
        pictures = [_crawled(folder) for folder in folders]
    done.faults += [
        f"{key} differ: {_unlike(*(one[key] for one in pictures))}"
        for key in pictures[0]
        if pictures[0][key] != pictures[1][key]
    ]
    return summary("crawls", done, seed=seed, seconds=seconds)


def _archive(folder: Path, server: Any) -> Path:  # noqa: ANN401 - a NewsroomServer
    init_folder(folder)
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(CRAWL)
    with newsarchive.open(folder, mode="rw") as archive:
        for outlet in OUTLETS:
            append_source(folder, name=outlet.name, source=archive.find_sources(server.url(outlet.name)).source)
    return folder


def _crawled(folder: Path) -> dict[str, Any]:
    """What an archive holds once everything is crawled, without what depends on moments.

    What is learned of a site's lines depends on the pages that were read before; reading again evens it out.
    """
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        archive.reextract()
    with newsarchive.open(folder) as archive:
        verified = archive.verify()
        return {
            "versions": {one.url: [version.digest for version in one.versions] for one in archive.articles()},
            "rejected": sorted({(one.capture.url, one.problems[0].code) for one in archive.rejected()}),
            "found": sorted(hit.url for hit in archive.search("")),
            "damages": dict(verified.kinds),
            "on its way": (vars(verified.lag), archive.status().captures[CaptureState.CAPTURED]),
            "open files": [path.name for path in (folder / "warc").glob("*.open")],
        }


def _unlike(killed: Any, undisturbed: Any) -> str:  # noqa: ANN401 - parts of a picture
    """The first things in which two parts of a picture differ."""
    if isinstance(killed, dict):
        unlike = [key for key in {*killed, *undisturbed} if killed.get(key) != undisturbed.get(key)]
        return ", ".join(f"{key}: {killed.get(key)} / {undisturbed.get(key)}" for key in sorted(unlike)[:3])
    return f"{killed!s:.300} / {undisturbed!s:.300}"


def summary(what: str, done: Kills, *, seed: int, seconds: float) -> int:
    """Print what a loop did; how many things did not hold."""
    rate = 60 * done.with_progress / seconds
    print(
        f"{what}: {done.attempts} kills, kills_with_progress {done.with_progress}, {done.acknowledged:,} captures"
        f" acknowledged, {len(done.faults)} lost or different (seed {seed}, {seconds:.0f} s, {rate:.0f} a minute)"
    )
    for phase, count in done.phases.most_common():
        print(f"  {count:5}  {phase}")
    for fault in done.faults[:20]:
        print(f"  FAULT  {fault}")
    return len(done.faults)


if __name__ == "__main__":
    sys.exit(main())
