"""Large loads are shared among processes: each analyses and writes segments of its own, the parent hands out texts.

Documents of one id always go to the same worker, in their order, so that the last one counts as it does without
workers. The merge of what they have written is shared as well.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from zlib import crc32

from newsarchive.search.native import hands
from newsarchive.search.native.container import Container
from newsarchive.search.native.hands import Hands
from newsarchive.search.native.joining import Joining, Part, Stretch, sources_of
from newsarchive.search.native.load import Load, Made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from newsarchive.search.document import Document
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 64
"""Documents that are handed over together: few enough to keep all workers in work, many enough to cost little."""
_PARENT: Final = 100 << 20
"""Bytes that the process takes that hands out the texts."""
_AHEAD: Final = 2
"""Stretches that a process has to do: one that it works on, and the next."""


def load(documents: Iterable[Document], folder: Path, memory: int, count: int) -> tuple[int, list[Made]]:
    """Have processes make segments of documents: how many there were, and the segments.

    Args:
        documents: of equal ids the last one counts.
        folder: where segments are written.
        memory: bytes that all processes together may take.
        count: how many processes.

    Raises:
        NewsarchiveError: a document could not be indexed, or a worker was killed.
    """
    waiting: list[list[Document]] = [[] for _ in range(count)]
    number = 0
    share = max(memory - _PARENT, memory // 2) // count
    with Hands(folder, count, _load, folder, share) as workers:
        for number, document in enumerate(documents, start=1):  # noqa: B007 - it is used after the loop
            worker = crc32(document.id.encode("utf-8", "replace")) % count
            waiting[worker].append(document)
            if len(waiting[worker]) >= _AT_ONCE:
                workers.send(worker, waiting[worker])
                waiting[worker].clear()
        for worker, rest in enumerate(waiting):
            workers.send(worker, rest)
            workers.send(worker, None)
        return number, [made for worker in range(count) for made in workers.receive(worker)]


def _load(connection: Connection, folder: Path, memory: int) -> None:
    taking = Load(folder, memory, merged=True)

    def take(documents: list[Document]) -> None:
        for document in documents:
            taking.add(document)

    def finish() -> list[Made]:
        taking.finish()
        return taking.made

    hands.work(connection, take, finish, lambda: taking.working_on)


class Sharing:
    """Has processes join the stretches of a field of segments: what `merge` asks for."""

    def __init__(self, parts: Sequence[Part], folder: Path, count: int) -> None:
        """So many processes for each field; the files of the segments must still be there."""
        self._parts = [(part.container.path, part.deleted) for part in parts]
        self._folder = folder
        self._count = count

    def __call__(self, field: str, numbers: Sequence[Array], cuts: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
        """The stretches, in order.

        Raises:
            NewsarchiveError: a process could not do its work, or was killed.
        """
        with Hands(self._folder, self._count, _join, self._parts, field, numbers) as workers:
            for place, cut in enumerate(cuts[: _AHEAD * self._count]):
                workers.send(place % self._count, cut)
            for place in range(len(cuts)):
                yield workers.receive(place % self._count)
                if place + _AHEAD * self._count < len(cuts):
                    workers.send(place % self._count, cuts[place + _AHEAD * self._count])
            for worker in range(self._count):
                workers.send(worker, None)


def _join(connection: Connection, parts: Sequence[tuple[Path, Array]], field: str, numbers: Sequence[Array]) -> None:
    @cache
    def joining() -> Joining:
        return Joining(sources_of([Part(Container.open(path), gone) for path, gone in parts]), field, numbers)

    hands.work(connection, lambda cut: joining().stretch(*cut), lambda: None, lambda: "a stretch of the merged segment")
