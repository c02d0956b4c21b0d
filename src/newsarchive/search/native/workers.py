"""Large loads are shared among processes: each analyses and writes segments of its own, the parent hands out texts.

Whichever worker is free first gets the next documents; of those with one id the last one counts, as it does without
workers. The merge of what they have written is shared as well.
"""

from __future__ import annotations

from array import array
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.memory import give_back
from newsarchive.search.document import Document
from newsarchive.search.native import hands, layout, toc
from newsarchive.search.native.container import Container
from newsarchive.search.native.fieldarrays import joined
from newsarchive.search.native.hands import Hands, SharedHands
from newsarchive.search.native.joining import Joining, Part, Stretch, sources_of
from newsarchive.search.native.load import Load, Made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from newsarchive.search.native.layout import Array
    from newsarchive.search.native.merge import Share

_AT_ONCE: Final = 16
"""Documents that are handed over together. A connection holds some such messages, so that a process finds the next one
there; with 64 in one it waited for the parent's thread, and for the interpreter, in the middle of it."""
_PARENT: Final = 100 << 20
"""Bytes that the process takes that hands out the texts."""
_MANY: Final = 1 << 20
"""Occurrences of a stretch, mostly of one word like `the`, beyond which what it took is given back at once."""
_AHEAD: Final = 6
"""Stretches that a process has been told to do, or that wait for the parent, of 0.02 s and about 1 MB each: as many as
it does while the parent does something else."""


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
    arriving = iter(documents)
    number = 0
    share = max(memory - _PARENT, memory // 2) // count
    with SharedHands(folder, count, _load, folder, share) as workers:
        while some := list(islice(arriving, _AT_ONCE)):
            # As plain tuples, which take half the time to pickle.
            workers.give((number, list(map(tuple, some))))
            number += len(some)
        workers.no_more()
        shares = [workers.receive(worker) for worker in range(count)]
    made = [one for segments, _ in shares for one in segments]
    _leave_the_last(made, folder, np.concatenate([np.array(numbers, np.int64) for _, numbers in shares]))
    return number, made


def _leave_the_last(made: Sequence[Made], folder: Path, numbers: Array) -> None:
    """Mark documents as deleted of whose id a later one is in another segment.

    Args:
        made: the segments.
        folder: where their files are.
        numbers: the place of each document among all that came, segment by segment.
    """
    ids = joined([Container.open(folder / f"{one.name}{toc.EXTENSION}")["id"] for one in made])
    order = np.lexsort((numbers, ids))
    sooner = order[:-1][ids[order][:-1] == ids[order][1:]]
    starts = layout.offsets(np.array([one.docs for one in made], np.int64))
    for place in sooner.tolist():
        segment = int(np.searchsorted(starts, place, side="right")) - 1
        made[segment].deleted.append(place - int(starts[segment]))


def _load(connection: Connection, folder: Path, memory: int) -> None:
    taking = Load(folder, memory, merged=True)
    numbers = array("q")

    def take(message: tuple[int, list[tuple[Any, ...]]]) -> None:
        first, documents = message
        numbers.extend(range(first, first + len(documents)))
        for document in documents:
            taking.add(Document._make(document))

    def finish() -> tuple[list[Made], array[int]]:
        taking.finish()
        return taking.made, numbers

    hands.work(connection, take, finish, lambda: taking.working_on)


@contextmanager
def sharing(parts: Sequence[Part], folder: Path, count: int) -> Iterator[Share]:
    """Processes that join the stretches of one field of segments: what `merge` asks for.

    They start while the dictionary is joined, and end with the last stretch. The files of the segments must be there
    until the block ends.

    Raises:
        NewsarchiveError: a process could not do its work, or was killed.
    """
    files = [(part.container.path, part.deleted) for part in parts]
    with Hands(folder, count, _join, files) as workers:

        def share(field: str, numbers: Sequence[Array], cuts: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
            for worker in range(count):
                workers.send(worker, (field, numbers))
            for place, cut in enumerate(cuts[: _AHEAD * count]):
                workers.send(place % count, cut)
            for place in range(len(cuts)):
                yield workers.receive(place % count)
                if place + _AHEAD * count < len(cuts):
                    workers.send(place % count, cuts[place + _AHEAD * count])
            workers.no_more()  # what they hold is needed for the form tables

        yield share


def _join(connection: Connection, files: Sequence[tuple[Path, Array]]) -> None:
    joining: list[Joining] = []

    def join(message: tuple[Any, Any]) -> Stretch | None:
        if joining:
            stretch = joining[0].stretch(*message)
            if stretch.occurrences > _MANY:
                give_back()
            return stretch
        joining.append(Joining(sources_of([Part(Container.open(path), gone) for path, gone in files]), *message))
        return None

    hands.work(connection, join, lambda: None, lambda: "a stretch of the merged segment")
