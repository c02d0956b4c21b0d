"""Runs the systems over the sets: each in a process of its own, taking turns page by page.

A process of its own keeps one system's caches and garbage out of another's time. CPU time is that process's
`process_time` around one call; the page is unpacked, and decoded where a system wants text, before the clock starts.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from extraction_bench.sets import GOLD
from extraction_bench.systems import SYSTEMS, Reading, decoded, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

    from extraction_bench.sets import Page
    from extraction_bench.systems import System

PATIENCE: Final = 120.0
"""Seconds of wall time that a system gets for a page before its process is ended and the page counts as failed."""

LONG: Final = 0.5
"""CPU seconds after which a page is read once more and the shorter time counts: date parsers load their languages on
the first page that needs them (3.4 s, measured), which is no cost of that page."""


@dataclass(frozen=True)
class Turn:
    """What one system made of one page."""

    page: Page
    reading: Reading
    seconds: float
    """CPU time; 0 where the system did not come back."""
    failure: str = ""
    """The error that it raised, if it did; the page then counts as read with nothing found."""


@dataclass
class Child:
    """One system in its own process, made again when it does not come back."""

    system: System
    process: Any = None
    line: Connection | None = None

    def ask(self, page: Page, body: bytes) -> Turn:
        """Read one page; the first one twice, so that what is loaded once is not counted."""
        if self.process is None:
            self._start()
            self._send(page, body)
        return self._send(page, body)

    def _send(self, page: Page, body: bytes) -> Turn:
        if self.line is None:
            return Turn(page, Reading(), 0.0, "no process")
        try:
            self.line.send((page.url, body))
            if self.line.poll(PATIENCE):
                reading, seconds, failure = self.line.recv()
                return Turn(page, reading, seconds, failure)
            failure = f"no answer within {PATIENCE:.0f} s"
        except (EOFError, OSError) as error:
            failure = f"its process ended: {error!r}"
        self.stop()
        return Turn(page, Reading(), 0.0, failure)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(self.system.name, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
        self.process, self.line = None, None


def _serve(name: str, line: Connection) -> None:
    quiet()
    system = next(one for one in SYSTEMS if one.name == name)
    read = system.make()
    gc.freeze()  # modules are no garbage: without this each collection walks the libraries' own objects
    while True:
        try:
            url, body = line.recv()
        except EOFError:
            return
        page = decoded(body) if system.decode else body
        reading, seconds, failure = _timed(read, url, page)
        if seconds > LONG:
            seconds = min(seconds, _timed(read, url, page)[1])
        line.send((reading, seconds, failure))


def _timed(read: Callable[[str, Any], Reading], url: str, page: bytes | str) -> tuple[Reading, float, str]:
    before = time.process_time()
    try:
        reading, failure = read(url, page), ""
    except Exception as error:  # noqa: BLE001 - peers raise whatever they like; it is counted as nothing found
        reading, failure = Reading(), f"{type(error).__name__}: {error}"
    return reading, time.process_time() - before, failure


def run(pages: Mapping[str, Sequence[Page]], systems: Sequence[System]) -> Iterator[tuple[str, str, list[Turn]]]:
    """Set by set and system by system, what was read; the turns are taken page by page, in an order that rotates."""
    children = [Child(system) for system in systems]
    try:
        for name, wanted in pages.items():
            playing = [child for child in children if child.system.fields & set(GOLD[name])]
            turns: dict[str, list[Turn]] = {child.system.name: [] for child in playing}
            for place, page in enumerate(wanted):
                _progress(name, place, len(wanted))
                body = page.read()
                first = place % max(1, len(playing))
                for child in playing[first:] + playing[:first]:
                    turns[child.system.name].append(child.ask(page, body))
            for system, taken in turns.items():
                yield name, system, taken
    finally:
        for child in children:
            child.stop()


def _progress(name: str, place: int, count: int) -> None:
    if sys.stderr.isatty() or place % 100 == 0:
        print(f"{name}: page {place + 1} of {count}", file=sys.stderr, end="\r" if sys.stderr.isatty() else "\n")
