"""What crawling costs beside extraction: a large newsroom on loopback, crawled and read by ours and by others.

Usage: scripts/bench crawl [--pages 5000] [--rounds 3] [--only bare,capture,...] [--peer-pages 200] [--site FOLDER]
       [--json FILE]

In one run, one after the other, on the same pages: a bare Scrapy spider; ours with capture alone; ours whole, with one
worker; bare trafilatura and our extractor alone, in one process and trafilatura in two; ours whole with two workers,
in turn with two extraction workers alone; and peers that fetch from loopback, where they can be imported (`pip install
--group bench`, into an environment of their own). The pages are the sample newsroom's, brought to the size of real
ones, and come gzip-encoded from the memory of a server process whose CPU time stands apart.

What the pipeline could reach is reckoned from what extraction alone costs, and a machine that others share is a third
faster in one minute than in the next. So each of --rounds runs of the pipeline is held against the runs of extraction
alone just before and just after it, and the verdict is on the median.

Figures run from the first article page to the end of the command: pages per second on the clock, and CPU milliseconds
a page by kind of process. `processor` is the parent of the workers; it stores and indexes. `others` is what the rest
of the machine used meanwhile, in cores: on a machine that does other work the clock says little, and the verdict on the
pipeline counts the cores that were left.

--site keeps the newsroom in a folder, and takes it from there if it is there. --only runs some of the systems.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawl_bench import report
from crawl_bench.metering import Cost, Meter
from crawl_bench.pages import SITEMAP, World, load, make

from newsarchive.archive import Archive, init_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
SETTINGS: Final = """
[crawl]
allow_private_hosts = true
delay = 0
concurrency_per_host = 8

[extraction]
workers = {workers}
"""
SOURCE: Final = """
[sources.{name}]
url = "{home}/"
sitemaps = ["{sitemap}"]
"""
PEERS: Final = ("newspaper4k", "news-please", "fundus")


def main() -> None:
    """Measure and print."""
    given = arguments()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory(prefix="crawl-bench-") as scratch:
        folder = given.site or Path(scratch) / "site"
        folder.mkdir(exist_ok=True)
        world = load(folder) if (folder / "answers.json").exists() else make(folder, given.pages)
        print(report.about(world), flush=True)
        with serving(world, Path(scratch)) as meter:
            rows: dict[str, list[report.Row]] = {}
            for name, row in Bench(world, Path(scratch), meter, given).rows():
                rows.setdefault(name, []).append(row)
                print(report.line(name, row), flush=True)
        print(report.verdicts(rows))
    if given.json:
        told = {name: [asdict(row) for row in runs] for name, runs in rows.items()}
        given.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-pages", type=int, default=200)
    parser.add_argument("--site", type=Path)
    parser.add_argument("--only", default="bare,capture,one,two,trafilatura,ours,peers")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    given.only = set(given.only.split(","))
    return given


@contextmanager
def serving(world: World, scratch: Path, *, step: int = 0) -> Iterator[Meter]:
    """Serve the newsroom while the block runs; what measures its clients, and their memory every `step` pages."""
    counter = scratch / "counter"
    counter.write_bytes(bytes(8))
    command = [sys.executable, "-m", "crawl_bench.server", str(world.folder), str(counter)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None or server.stdout.readline() != "ready\n":
                raise SystemExit("the server did not start")
            yield Meter(server.pid, counter, step=step)
        finally:
            server.terminate()


class Bench:
    """The systems, one after the other."""

    def __init__(self, world: World, scratch: Path, meter: Meter, given: argparse.Namespace) -> None:
        self._world, self._scratch, self._meter, self._given = world, scratch, meter, given

    def rows(self) -> Iterator[tuple[str, report.Row]]:
        """Name and figures of each system."""
        only = self._given.only
        if "bare" in only:
            yield "bare Scrapy", self._bare()
        if "capture" in only:
            yield "capture only", self._crawl(2, "--capture-only")
        if "one" in only:
            yield "pipeline, 1 worker", self._crawl(1)
        for name in ("trafilatura", "ours"):
            for count in (1, 2) if name == "trafilatura" else (1,):
                yield from self._readers(name, count) if name in only else ()
        yield from self._in_turn()
        for name in PEERS if "peers" in only else ():
            yield from self._readers(name, 1, self._given.peer_pages)

    def _in_turn(self) -> Iterator[tuple[str, report.Row]]:
        """The pipeline with two workers, between runs of two extraction workers alone."""
        only = self._given.only
        for number in range(self._given.rounds + 1):
            if "ours" in only:
                yield from self._readers("ours", 2)
            if "two" in only and number < self._given.rounds:
                yield report.TWO, self._crawl(2)

    def _bare(self) -> report.Row:
        pages = len(self._world.articles)
        command = [sys.executable, "-m", "crawl_bench.bare", str(self._world.folder), str(pages)]
        return report.Row(pages, self._meter.run(command))

    def _crawl(self, workers: int, *flags: str) -> report.Row:
        folder = init_folder(self._scratch / "archive")
        with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(workers=workers))
            for host in dict.fromkeys(answer.host for answer in self._world.articles):
                home = f"http://{host}:{self._world.port}"
                settings.write(SOURCE.format(name=host.partition(".")[0], home=home, sitemap=home + SITEMAP))
        command = [sys.executable, "-m", "newsarchive.crawl", "--archive", str(folder), *flags]
        cost = self._meter.run(command)
        with Archive(folder) as archive:
            captures = archive.status().captures
        size = sum(path.stat().st_size for path in (folder / "warc").iterdir() if path.name.endswith(".warc.gz"))
        read = captures["accepted"] + captures["rejected"]
        pages = captures["captured"] + read
        if pages < 0.99 * len(self._world.articles):  # a few are denied by robots.txt, on purpose
            raise SystemExit(f"only {pages} of {len(self._world.articles)} pages were captured")
        if not flags and captures["captured"]:
            raise SystemExit(f"{captures['captured']} captures were left unread")
        shutil.rmtree(folder)
        return report.Row(pages, cost, accepted=captures["accepted"], bytes=size)

    def _readers(self, system: str, count: int, pages: int | None = None) -> Iterator[tuple[str, report.Row]]:
        """Start processes that each read a share of the pages; together, once all are ready."""
        wanted = str(pages or len(self._world.articles))
        command = [sys.executable, "-m", "crawl_bench.readers", system, str(self._world.folder), wanted]
        children = [
            subprocess.Popen(
                [*command, str(part), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for part in range(count)
        ]
        said = [child.stdout.readline().strip() for child in children]
        if any(line != "ready" for line in said):
            print(f"{system:<24}{said[0] or 'did not start'}", flush=True)
            for child in children:
                child.communicate()
            return
        with self._meter.beside() as others:
            for child in children:
                child.stdin.write("go\n")
                child.stdin.flush()
            told = [json.loads(child.communicate()[0]) for child in children]
        cost = Cost(wall=max(one["wall"] for one in told), cpu={"workers": sum(one["cpu"] for one in told)})
        cost.others = max(0.0, others[0] - cost.total)
        done = sum(one["pages"] for one in told)
        yield f"{system}, {count}", report.Row(done, cost, failed=sum(one["failed"] for one in told))


if __name__ == "__main__":
    main()
