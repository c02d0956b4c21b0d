"""Lines in the order of their bytes, however many there are: what does not fit in memory waits in files."""

from __future__ import annotations

import heapq
import tempfile
from typing import IO, TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_MOST: Final = 100_000
"""Lines held in memory: about 50 MB of CDXJ."""


class SortedLines:
    """Takes lines in any order and gives them back sorted; a context manager, which leaves no file behind."""

    def __init__(self, *, most: int = _MOST) -> None:
        """Begin without a line.

        Args:
            most: lines that are held in memory.
        """
        self._most = most
        self._lines: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run in self._runs:
            run.close()

    def add(self, line: str) -> None:
        """Take a line, with its line feed.

        Raises:
            OSError: the folder for temporary files is full.
        """
        self._lines.append(line.encode("utf-8"))
        if len(self._lines) >= self._most:
            run = tempfile.TemporaryFile()  # noqa: SIM115 - closed with all the others
            self._runs.append(run)
            run.writelines(sorted(self._lines))
            self._lines = []

    def __iter__(self) -> Iterator[bytes]:
        for run in self._runs:
            run.seek(0)
        yield from heapq.merge(*self._runs, sorted(self._lines))
