"""Processes that share the work on an index: each does what it is sent and answers in the same order.

One that sees the parent end ends as well; what it has written is named by no commit and is removed by the next writer.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

_PATIENCE: Final = 10.0
"""Seconds that a process which was told to end may take."""


class Hands:
    """Processes. A context manager: none of them outlives the block."""

    def __init__(self, folder: Path, count: int, work: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - the work's
        """Start them.

        Args:
            folder: the index, for messages.
            count: how many.
            work: what each does, given its end of a connection and the arguments; see `messages` and `answer`.
            arguments: of the work.
        """
        self._folder = folder
        # A fresh interpreter for each: one that is forked from a process with threads may hang.
        self._context = get_context("spawn")
        self._processes = [self._started(work, arguments) for _ in range(count)]

    def _started(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> tuple[Any, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, *arguments), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def __len__(self) -> int:
        return len(self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, connection in self._processes:
            connection.close()
            if error is not None:
                process.terminate()
        for process, _ in self._processes:
            process.join(_PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()

    def send(self, number: int, message: object) -> None:
        """Send one of them a message; None says that there are no more.

        Raises:
            NewsarchiveError: it has ended before.
        """
        try:
            self._processes[number][1].send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        except OSError:  # it ended: it has told why, or was killed
            self.receive(number)
            raise

    def receive(self, number: int) -> Any:  # noqa: ANN401 - whatever the work answers
        """Its next answer.

        Raises:
            NewsarchiveError: it says that it could not do its work, or was killed.
        """
        process, connection = self._processes[number]
        try:
            answer, problem = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError) as error:
            process.join(_PATIENCE)
            message = f"{self._folder}: a worker that indexed articles ended (exit code {process.exitcode})"
            tip = "memory may have run out: set [index] memory_mb lower, or close other programs, and run it again"
            raise NewsarchiveError(message, tip=tip) from error
        if problem:
            message = f"{self._folder}: {problem}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip)
        return answer


def work(connection: Connection, do: Callable[[Any], Any], finish: Callable[[], Any], what: Callable[[], str]) -> None:
    """What a process does: take messages until there are no more, or the parent has ended.

    Args:
        connection: to the parent.
        do: handles a message; what it gives is answered, but for None.
        finish: is called after the last message; what it gives is answered, but for None.
        what: names what is worked on, should it fail.
    """

    def answer(found: object) -> None:
        if found is not None:
            connection.send_bytes(pickle.dumps((found, ""), pickle.HIGHEST_PROTOCOL))

    try:
        while (message := pickle.loads(connection.recv_bytes())) is not None:  # noqa: S301 - from the parent
            answer(do(message))
        answer(finish())
    except (EOFError, BrokenPipeError, KeyboardInterrupt):  # the parent has ended, or gave up
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        problem = f"{what()} could not be indexed: {type(error).__name__}: {error}"
        with suppress(OSError):
            connection.send_bytes(pickle.dumps((None, problem)))
