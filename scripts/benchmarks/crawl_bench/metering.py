"""What every process of a command costs: CPU seconds by kind of process, read from /proc while it runs.

A process that has ended keeps the figure of its last look, so that up to one interval of it is not seen. What was spent
before the first article page was asked for (start, imports, reading of sitemaps) is taken off; it is told apart.
"""

from __future__ import annotations

import os
import struct
import subprocess
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EVERY: Final = 0.05
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
CORES: Final = len(os.sched_getaffinity(0))
KINDS: Final = (
    ("newsarchive.extraction.worker", "workers"),
    ("process --follow", "processor"),
    (" process", "processor"),
    ("newsarchive.crawl", "crawl"),
)


@dataclass
class Cost:
    """What a command took from its first article page to its end."""

    wall: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    """CPU seconds by kind of process."""
    before: float = 0.0
    """CPU seconds of all its processes before the first article page."""
    server: float = 0.0
    others: float = 0.0
    """CPU seconds that the rest of the machine used meanwhile."""
    memory: dict[str, int] = field(default_factory=dict)
    """Largest resident size seen of one process, by kind, in bytes."""
    steps: dict[int, dict[str, int]] = field(default_factory=dict)
    """The same at the moments when so many article pages were asked for."""

    @property
    def total(self) -> float:
        """CPU seconds of all its processes."""
        return sum(self.cpu.values())


class Meter:
    """Runs a command and watches it."""

    def __init__(self, server: int | None, counter: Path, *, step: int = 0) -> None:
        self._server = server
        self._counter = counter
        self._step = step

    def run(self, command: Sequence[str], *, kind: str = "crawl", env: dict[str, str] | None = None) -> Cost:
        """The cost of a command; a failure ends the benchmark with what the command said."""
        self._counter.write_bytes(bytes(8))
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd="/"
        ) as child:
            watch = _Watch(child.pid, self._server, self._counter, kind)
            watch.step = self._step
            watch.start()
            _, said = child.communicate()
            cost = watch.end()
        if child.returncode not in {0, 4}:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{said[-3000:]}")
        return cost

    @contextmanager
    def beside(self) -> Iterator[list[float]]:
        """CPU seconds that the whole machine used during the block, known at its end; the server's are taken off."""
        used: list[float] = []
        before = busy() - cpu_of(self._server)
        yield used
        used.append(busy() - cpu_of(self._server) - before)


class _Watch(threading.Thread):
    def __init__(self, root: int, server: int | None, counter: Path, kind: str) -> None:
        super().__init__(daemon=True)
        self._root, self._server, self._counter, self._kind = root, server, counter, kind
        self._done = threading.Event()
        self.step = 0
        self._steps: dict[int, dict[str, int]] = {}
        self._kinds: dict[int, str] = {root: kind}
        self._now: dict[int, float] = {}
        self._at_first: dict[int, float] | None = None
        self._memory: dict[str, int] = defaultdict(int)
        self._began = (time.perf_counter(), cpu_of(server), busy())

    def run(self) -> None:
        while not self._done.wait(_EVERY):
            sizes: dict[str, int] = {}
            for process in _tree(self._root):
                # Asked each time: a process that is being started still has its parent's command line.
                self._kinds[process] = kind_of(process, self._kinds.get(process, self._kind))
                self._now[process] = cpu_of(process) or self._now.get(process, 0.0)
                name = self._kinds[process]
                sizes[name] = max(sizes.get(name, 0), resident(process))
                self._memory[name] = max(self._memory[name], sizes[name])
            (asked,) = struct.unpack("<Q", self._counter.read_bytes())
            if self.step and asked // self.step > len(self._steps):
                self._steps[(len(self._steps) + 1) * self.step] = sizes
            if self._at_first is None and asked:
                self._at_first = dict(self._now)
                self._began = (time.perf_counter(), cpu_of(self._server), busy())

    def end(self) -> Cost:
        self._done.set()
        self.join()
        first = self._at_first or {}
        cost = Cost(wall=time.perf_counter() - self._began[0], memory=dict(self._memory), before=sum(first.values()))
        cost.steps = self._steps
        for process, spent in self._now.items():
            name = self._kinds[process]
            cost.cpu[name] = cost.cpu.get(name, 0.0) + spent - first.get(process, 0.0)
        cost.server = cpu_of(self._server) - self._began[1]
        own = cost.total + cost.server
        cost.others = max(0.0, busy() - self._began[2] - own)
        return cost


def kind_of(process: int, otherwise: str) -> str:
    """What a process is for, by its command line."""
    try:
        line = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return otherwise
    return next((kind for mark, kind in KINDS if mark in line), otherwise)


def _tree(root: int) -> list[int]:
    found = [root]
    for process in found:
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def cpu_of(process: int | None) -> float:
    """CPU seconds of a process so far, its threads included; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident(process: int) -> int:
    """Resident memory of a process in bytes; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def busy() -> float:
    """CPU seconds that all cores of the machine worked since it started."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft, *_ = map(int, fields)
    return (user + nice + system + irq + soft) / _TICK
