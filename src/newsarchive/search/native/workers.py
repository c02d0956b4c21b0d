"""Large loads are shared among processes: each analyses and writes segments of its own, the parent hands out texts.

Documents of one id always go to the same worker, in their order, so that the last one counts as it does without
workers. A worker that sees the parent end ends as well; what it has written is named by no commit and is removed by the
next writer.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, Self
from zlib import crc32

from newsarchive.errors import NewsarchiveError
from newsarchive.search.native.load import Load, Made

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

    from newsarchive.search.document import Document

_AT_ONCE: Final = 64
"""Documents that are handed over together: few enough to keep all workers in work, many enough to cost little."""
_PATIENCE: Final = 10.0
"""Seconds that a worker which was told to end may take."""


class Workers:
    """Processes that make segments. A context manager: none of them outlives the block."""

    def __init__(self, folder: Path, memory: int, count: int) -> None:
        """Start them.

        Args:
            folder: where segments are written.
            memory: bytes that the documents of all workers together may take in memory.
            count: how many.
        """
        self._folder = folder
        # A fresh interpreter for each: one that is forked from a process with threads may hang.
        self._context = get_context("spawn")
        self._workers = [self._started(memory // count) for _ in range(count)]
        self._waiting: list[list[Document]] = [[] for _ in range(count)]

    def _started(self, memory: int) -> tuple[Any, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._folder, memory), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, connection in self._workers:
            connection.close()
            if error is not None:
                process.terminate()
        for process, _ in self._workers:
            process.join(_PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()

    def load(self, documents: Iterable[Document]) -> tuple[int, list[Made]]:
        """Make segments of documents: how many there were, and the segments.

        Raises:
            NewsarchiveError: a document could not be indexed, or a worker was killed.
        """
        count = 0
        for count, document in enumerate(documents, start=1):  # noqa: B007 - it is used after the loop
            number = crc32(document.id.encode("utf-8", "replace")) % len(self._workers)
            waiting = self._waiting[number]
            waiting.append(document)
            if len(waiting) >= _AT_ONCE:
                self._send(number, waiting)
                waiting.clear()
        for number, waiting in enumerate(self._waiting):
            self._send(number, waiting)
            self._send(number, None)
        return count, [made for number in range(len(self._workers)) for made in self._answer(number)]

    def _send(self, number: int, documents: list[Document] | None) -> None:
        try:
            self._workers[number][1].send_bytes(pickle.dumps(documents, pickle.HIGHEST_PROTOCOL))
        except OSError:  # it ended: it has told why, or was killed
            self._answer(number)
            raise

    def _answer(self, number: int) -> list[Made]:
        process, connection = self._workers[number]
        try:
            made, problem = connection.recv()
        except (EOFError, OSError) as error:
            process.join(_PATIENCE)
            message = f"{self._folder}: a worker that indexed articles ended (exit code {process.exitcode})"
            tip = "memory may have run out: set [index] memory_mb lower, or close other programs, and run it again"
            raise NewsarchiveError(message, tip=tip) from error
        if problem:
            message = f"{self._folder}: {problem}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip)
        found: list[Made] = made
        return found


def _work(connection: Connection, folder: Path, memory: int) -> None:
    """What a worker does: take documents until there are no more, then say which segments it has made."""
    load = Load(folder, memory, merged=True)
    try:
        while (documents := pickle.loads(connection.recv_bytes())) is not None:  # noqa: S301 - from the parent
            for document in documents:
                load.add(document)
        load.finish()
    except (EOFError, KeyboardInterrupt):  # the parent has ended, or gave up
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        with suppress(OSError):
            connection.send(([], f"{load.working_on} could not be indexed: {type(error).__name__}: {error}"))
        return
    connection.send((load.made, ""))
