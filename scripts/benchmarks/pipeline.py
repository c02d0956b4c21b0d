"""What a page costs from WARC file to index, stage by stage, beside bare trafilatura on the same pages.

Usage: scripts/bench pipeline FILE.warc.gz [--workers 2] [--rounds 3]

Two figures: the whole command `newsarchive import` in CPU seconds of all its processes, and the same stages called one
after the other in this process, timed each. Bare trafilatura is `bare_extraction(page, with_metadata=True)` on the same
decoded bodies in this process; rounds take turns, and the median of the ratios is what counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

from newsarchive import layout
from newsarchive.archive import init_folder
from newsarchive.digests import article_id, text_digest
from newsarchive.errors import ExtractionError
from newsarchive.extraction import extract
from newsarchive.holdings import Holdings
from newsarchive.ingest import update_index
from newsarchive.storage import Database, Reading
from newsarchive.urls import canonicalise, site_of
from newsarchive.validation import judge
from newsarchive.warc import WarcWriter, import_records, read_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.models import Payload

STAGES = ("take in", "capture", "read", "extract", "validate", "store", "index")


class Clock:
    """CPU seconds of this process, by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block under a stage."""
        before = time.process_time()
        yield
        self.spent[name] += time.process_time() - before

    def drain(self, name: str, items: Iterator[object]) -> Iterator[object]:
        """Count what producing each item takes."""
        while True:
            with self.stage(name):
                item = next(items, None)
            if item is None:
                return
            yield item


def stages(path: Path) -> tuple[Clock, list[Payload]]:
    """Every stage over a WARC file, one after the other in this process; its payloads."""
    clock = Clock()
    payloads: list[Payload] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = init_folder(Path(scratch) / "archive")
        with Database(folder / "articles.db") as database:
            holdings = Holdings(folder, database)
            with WarcWriter(holdings.warc_folder, max_file_size=10**9, info={}) as writer:
                captures = []
                for record in clock.drain("take in", import_records(path)):
                    with clock.stage("capture"):
                        captures.append(writer.copy(record.member, record.capture))
                for capture in captures:
                    _one(holdings, capture, clock, payloads)
            with clock.stage("index"):
                update_index(holdings)
    return clock, payloads


def _one(holdings, capture, clock, payloads) -> None:  # noqa: ANN001 - a script
    with clock.stage("store"), holdings.database.transaction():
        row = holdings.captures.add(capture)
    with clock.stage("read"):
        payload = read_payload(holdings.warc_folder, capture.place)
    payloads.append(payload)
    with clock.stage("extract"):
        try:
            extraction = extract(payload)
        except ExtractionError:
            return
    with clock.stage("validate"):
        verdict = judge(extraction, captured_at=capture.captured_at, settings=holdings.settings.validation)
    with clock.stage("store"), holdings.database.transaction():
        if not verdict.accepted:
            holdings.captures.reject(row, problems=verdict.problems, extractor="bench")
            return
        url = canonicalise(extraction.url)
        digest = text_digest(extraction.headline or "", *extraction.paragraphs)
        reading = Reading(row, capture.captured_at, article_id(url), url, site_of(url), digest, extraction)
        holdings.articles.add(reading)
        holdings.captures.accept(row, extractor="bench")


def bare(payloads: list[Payload]) -> float:
    """CPU seconds of trafilatura alone on the same bodies."""
    before = time.process_time()
    for payload in payloads:
        bare_extraction(payload.body, url=payload.url, with_metadata=True)
    return time.process_time() - before


def command(path: Path, workers: int) -> tuple[float, float]:
    """CPU and wall seconds of the whole import command, all its processes counted."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = init_folder(Path(scratch) / "archive")
        with (folder / layout.SETTINGS).open("a", encoding="utf-8") as settings:
            settings.write(f"\n[extraction]\nworkers = {workers}\n")
        before, wall = _children(), time.perf_counter()
        done = [sys.executable, "-m", "newsarchive", "-q", "-A", str(folder), "import", str(path)]
        subprocess.run(done, check=True, stdout=subprocess.DEVNULL, env={**os.environ})
        return _children() - before, time.perf_counter() - wall


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rounds = []
    bare_extraction("<html><body><p>warm up</p></body></html>", with_metadata=True)
    for _ in range(given.rounds):
        clock, payloads = stages(given.path)
        rounds.append((clock.spent, bare(payloads), command(given.path, given.workers), len(payloads)))
    pages = rounds[0][3]
    print(f"{pages} pages, {given.rounds} rounds, medians; CPU ms a page")
    for name in STAGES:
        cost = statistics.median(spent[name] for spent, _, _, _ in rounds)
        share = statistics.median(spent[name] / sum(spent.values()) for spent, _, _, _ in rounds)
        print(f"  {name:<10}{1000 * cost / pages:8.2f}  {share:6.1%}")
    total = statistics.median(sum(spent.values()) for spent, _, _, _ in rounds)
    print(f"  {'all stages':<10}{1000 * total / pages:8.2f}")
    alone = statistics.median(plain for _, plain, _, _ in rounds)
    print(f"bare trafilatura {1000 * alone / pages:.2f}")
    ratio = statistics.median(sum(spent.values()) / plain for spent, plain, _, _ in rounds)
    print(f"all stages against bare trafilatura: {ratio:.3f} (beyond it {ratio - 1:+.1%})")
    cpu = statistics.median(whole[0] for _, _, whole, _ in rounds)
    wall = statistics.median(whole[1] for _, _, whole, _ in rounds)
    whole_ratio = statistics.median(whole[0] / plain for _, plain, whole, _ in rounds)
    print(
        f"newsarchive import, {given.workers} workers: {cpu:.1f} CPU s ({pages / cpu:.1f} pages per CPU second), "
        f"{wall:.1f} s wall ({pages / wall:.1f} pages/s); against bare trafilatura {whole_ratio:.3f}"
    )


if __name__ == "__main__":
    main()
