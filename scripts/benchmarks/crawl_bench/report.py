"""Prints what was measured, and says whether what was promised holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crawl_bench.metering import CORES, Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawl_bench.pages import World

CAPTURE_ADDS: Final = 2.0
"""CPU milliseconds a page that a capture may add to bare Scrapy."""
REACTOR: Final = 8.0
"""CPU milliseconds a page of the crawl's process in the whole pipeline."""
REACHED: Final = 0.85
"""Share of the bound that the pipeline must reach with two workers."""
_KINDS: Final = ("crawl", "processor", "workers")
_TWO: Final = "pipeline, 2 workers"


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


def verdicts(rows: Mapping[str, Row]) -> str:
    """Whether each criterion holds, with what it was worked out from; those that were not measured are left out."""
    said = []
    bare, capture, two = rows.get("bare Scrapy"), rows.get("capture only"), rows.get(_TWO)
    if bare and capture:
        adds = capture.each("crawl") - bare.each("crawl")
        size = capture.bytes / capture.pages / 1000
        what = f"capture adds {adds:.2f} ms CPU a page to bare Scrapy, {CAPTURE_ADDS:g} allowed"
        said.append(_verdict(adds <= CAPTURE_ADDS, f"{what}; {size:.1f} KB a page in warc/"))
    if two:
        spent = two.each("crawl")
        said.append(
            _verdict(spent < REACTOR, f"the crawl's process takes {spent:.2f} ms CPU a page, {REACTOR:g} allowed")
        )
    if two and (alone := rows.get("ours, 2")):
        said.append(_bound(two, alone))
    return "\n" + "\n".join(said)


def _bound(two: Row, alone: Row) -> str:
    """What could be reached: all cores, less what the server and the rest of the machine took, do nothing else."""
    worker, crawl, server = alone.each("workers"), two.each("crawl", "processor"), 1000 * two.cost.server / two.pages
    bound = 1000 * two.left / (worker + crawl + server)
    reached = two.speed / bound
    nominal = two.speed * (worker + crawl + server) / 1000 / CORES
    return _verdict(reached >= REACHED, (
        f"two workers reach {reached:.1%} of the bound, {REACHED:.0%} wanted: {two.speed:.1f} of {bound:.1f} pages/s\n"
        f"       two workers alone: {alone.speed:.1f} pages/s, {worker:.2f} ms worker CPU a page; in the pipeline"
        f" {two.each('workers'):.2f}\n"
        f"       crawl CPU a page: {two.each('crawl'):.2f} crawl + {two.each('processor'):.2f} processor and index;"
        f" server {server:.2f}\n"
        f"       bound = {two.left:.2f} cores / ({worker:.2f} + {crawl:.2f} + {server:.2f} ms);"
        f" of all {CORES} cores {nominal:.1%}"
    ))  # fmt: skip


def _verdict(holds: bool, what: str) -> str:  # noqa: FBT001 - the answer itself
    return f"{'holds' if holds else 'FAILS':<6} {what}"
