"""Prints what was measured, and says whether what was promised holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Final

from crawl_bench.metering import CORES, Cost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawl_bench.pages import World

CAPTURE_ADDS: Final = 2.0
"""CPU milliseconds a page that a capture may add to bare Scrapy."""
REACTOR: Final = 8.0
"""CPU milliseconds a page of the crawl's process in the whole pipeline."""
REACHED: Final = 0.85
"""Share of the bound that the pipeline must reach with two workers."""
_KINDS: Final = ("crawl", "processor", "workers")
TWO: Final = "pipeline, 2 workers"
_ALONE: Final = "ours, 2"


@dataclass
class Row:
    """One system's figures."""

    pages: int
    cost: Cost
    accepted: int | None = None
    bytes: int = 0
    """Of the finished WARC files."""
    failed: int = 0

    def each(self, *kinds: str) -> float:
        """CPU milliseconds a page of some kinds of processes."""
        return 1000 * sum(self.cost.cpu.get(kind, 0.0) for kind in kinds) / self.pages

    @property
    def speed(self) -> float:
        """Pages a second on the clock."""
        return self.pages / self.cost.wall

    @property
    def left(self) -> float:
        """Cores that the rest of the machine left."""
        return CORES - self.cost.others / self.cost.wall


def about(world: World) -> str:
    """What is crawled, and the head of the table."""
    pages = world.articles
    raw = sum(page.raw for page in pages) / len(pages)
    packed = sum(page.length - page.body for page in pages) / len(pages)
    return (
        f"{len(pages):,} article pages of {len({page.host for page in pages})} sites, mean {raw / 1000:.1f} KB,"
        f" {packed / 1000:.1f} KB packed; {CORES} cores\n\n"
        f"{'':<24}{'pages':>6}{'pages/s':>9}{'CPU ms a page:':>16}{'crawl':>7}{'processor':>11}{'workers':>9}"
        f"{'server':>8}{'  others':>8}  largest resident MB"
    )


def line(name: str, row: Row) -> str:
    """One row of the table."""
    cost, pages = row.cost, row.pages
    memory = ", ".join(f"{kind} {size / 1e6:.0f}" for kind, size in sorted(cost.memory.items()))
    parts = [f"{row.each(kind):.2f}" if kind in cost.cpu else "-" for kind in _KINDS]
    columns = (
        f"{pages:>6}{row.speed:>9.1f}{1000 * cost.total / pages:>16.2f}",
        f"{parts[0]:>7}{parts[1]:>11}{parts[2]:>9}{1000 * cost.server / pages:>8.2f}{cost.others / cost.wall:>8.2f}",
        f"  {memory}  {row.failed} failed" if row.failed else f"  {memory}",
    )
    return f"{name:<24}" + "".join(columns)


def verdicts(rows: Mapping[str, Sequence[Row]]) -> str:
    """Whether each criterion holds, with what it was worked out from; those that were not measured are left out.

    Args:
        rows: the runs of each system, in the order in which they were made.
    """
    said = []
    bare, capture = rows.get("bare Scrapy"), rows.get("capture only")
    if bare and capture:
        adds = capture[0].each("crawl") - bare[0].each("crawl")
        size = capture[0].bytes / capture[0].pages / 1000
        what = f"capture adds {adds:.2f} ms CPU a page to bare Scrapy, {CAPTURE_ADDS:g} allowed"
        said.append(_verdict(adds <= CAPTURE_ADDS, f"{what}; {size:.1f} KB a page in warc/"))
    two, alone = rows.get(TWO, ()), rows.get(_ALONE, ())
    if two:
        spent = median(row.each("crawl") for row in two)
        said.append(
            _verdict(spent < REACTOR, f"the crawl's process takes {spent:.2f} ms CPU a page, {REACTOR:g} allowed")
        )
    if two and len(alone) == len(two) + 1:
        said.append(_bounds(two, alone))
    return "\n" + "\n".join(said)


def _bounds(two: Sequence[Row], alone: Sequence[Row]) -> str:
    """Each run of the pipeline beside the runs of extraction alone before and after it."""
    held = list(zip(two, pairwise(alone), strict=True))
    reached = median(run.speed / _bound(run, pair) for run, pair in held)
    lines = [f"two workers reach {reached:.1%} of the bound, {REACHED:.0%} wanted; run by run:"]
    for run, pair in held:
        bound, worker = _bound(run, pair), _worker(pair)
        lines.append(
            f"       {run.speed / bound:.1%}: {run.speed:.1f} of {bound:.1f} pages/s ="
            f" {run.left:.2f} cores / ({worker:.2f} worker + {run.each('crawl'):.2f} crawl"
            f" + {run.each('processor'):.2f} processor and index + {_server(run):.2f} server ms CPU a page);"
            f" in the pipeline {run.each('workers'):.2f} worker"
        )
    return _verdict(reached >= REACHED, "\n".join(lines))


def _bound(run: Row, alone: Sequence[Row]) -> float:
    """What could be reached: all cores, less what the server and the rest of the machine took, do nothing else."""
    return 1000 * run.left / (_worker(alone) + run.each("crawl", "processor") + _server(run))


def _worker(alone: Sequence[Row]) -> float:
    return mean(row.each("workers") for row in alone)


def _server(run: Row) -> float:
    return 1000 * run.cost.server / run.pages


def _verdict(holds: bool, what: str) -> str:  # noqa: FBT001 - the answer itself
    return f"{'holds' if holds else 'FAILS':<6} {what}"
