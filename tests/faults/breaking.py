"""Runs the river with something broken: a call of the system that fails or kills, or a kill at some moment."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from tests.faults.river import KILL, SHORT, Job, as_line, command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

ROOT: Final = Path(__file__).parent.parent.parent
FAULTS: Final = {"kill": KILL, "full": errno.ENOSPC, "broken": errno.EIO, "short": SHORT}
"""A kill, a full disk, a broken disk, a disk that becomes full within a write."""
_PLACES: Final = (
    (".cdxj", "CDXJ file"),
    ("/warc", "WARC file"),
    ("articles.db", "database"),
    ("/index", "index"),
    (".locks", "lock"),
)


class Operation(NamedTuple):
    """One call that changed something, or a mark between two of them."""

    number: int
    """Of the call, from 1; marks have that of the call before them."""
    name: str
    file: int
    """The inode, where the call was about one."""
    place: int
    """Where in the file."""
    size: int
    path: str
    other: str
    data: bytes


@dataclass(frozen=True)
class Broken:
    """How a run of the river ended."""

    status: int
    """Of the process; negative for a signal."""
    acknowledged: tuple[dict[str, Any], ...]
    calls: int
    """How many calls there were, where the process lived to tell."""

    @property
    def error(self) -> dict[str, Any] | None:
        """The error that it ended with, as a user would see it."""
        return next((ack for ack in self.acknowledged if "error" in ack), None)

    @property
    def ended(self) -> bool:
        """Whether it came to its end."""
        return any("end" in ack for ack in self.acknowledged)


class River:
    """Runs jobs one after the other, each in a process of its own that is forked from a loaded one."""

    def __init__(self, shim: Path | None = None) -> None:
        self._environment = {**os.environ, "LD_PRELOAD": str(shim)} if shim else dict(os.environ)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=self._environment,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.wait()

    def run(self, job: Job, *, kill_after: tuple[int, float] | None = None) -> Broken:
        """Run a job; where that is asked for, kill it some seconds after so many things were acknowledged."""
        assert self._process.stdin
        self._process.stdin.write(as_line(job))
        self._process.stdin.flush()
        child = int(self._line())
        lines = []
        while "status" not in (line := json.loads(self._line())):
            lines.append(line)
            if kill_after is not None and len(lines) == kill_after[0]:
                time.sleep(kill_after[1])  # the moment is what is tested
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        calls = sum(line.get("calls", 0) for line in lines)
        return Broken(line["status"], tuple(line for line in lines if "calls" not in line), calls)

    def record(self, job: Job, journal: Path) -> list[Operation]:
        """Everything that an undisturbed run changes, in order."""
        done = self.run(Job(**{**vars(job), "journal": str(journal)}))
        assert done.ended, done.acknowledged
        return list(operations(journal))

    def _line(self) -> bytes:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the process that forks children ended"
        return line


def operations(journal: Path) -> Iterator[Operation]:
    """What `shim.c` wrote down."""
    with journal.open("rb") as file:
        while line := file.readline():
            number, name, inode, place, size, path, other, length = os.fsdecode(line[:-1]).split("\t")
            data = file.read(int(length))
            yield Operation(int(number), name, int(inode), int(place), int(size), path, other, data)


def place_of(path: str) -> str:
    """The part of an archive that a file belongs to."""
    return next((place for mark, place in _PLACES if mark in path), "elsewhere")


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is such a thing: nothing here rests on a real disk, and syncs would cost most."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a random name and is our own
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def build_shim(folder: Path) -> Path | None:
    """Compile `shim.c`; None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    made = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made
