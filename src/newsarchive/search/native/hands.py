"""Processes that share the work on an index: each does what it is sent and answers in the same order.

One that sees the parent end ends as well; what it has written is named by no commit and is removed by the next writer.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from multiprocessing import get_context
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

_PATIENCE: Final = 10.0
"""Seconds that a process which was told to end may take."""
_WAITING: Final = 32
"""Messages that wait for a process at the most: a second's work, as long as another may take to write a segment while
the parent waits for room."""


class _Hand:
    """One process, and the messages that wait for it."""

    def __init__(self, process: Any, connection: Connection) -> None:  # noqa: ANN401 - of the context's own class
        self.process = process
        self.connection = connection
        self.has_ended = False
        self.waiting: Queue[bytes | None] = Queue(_WAITING)
        self.thread = Thread(target=self._hand_over, daemon=True)
        self.thread.start()

    def _hand_over(self) -> None:
        while (data := self.waiting.get()) is not None:
            try:
                if not self.has_ended:
                    self.connection.send_bytes(data)
            except OSError:  # what still comes is dropped, so that nobody waits for room
                self.has_ended = True


class Hands:
    """Processes. A context manager: none of them outlives the block."""

    def __init__(self, folder: Path, count: int, work: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - the work's
        """Start them.

        Args:
            folder: the index, for messages.
            count: how many.
            work: what each does, given its end of a connection and the arguments; see the function `work`.
            arguments: of the work.
        """
        self._folder = folder
        # A fresh interpreter for each: one that is forked from a process with threads may hang.
        self._context = get_context("spawn")
        self._hands = [self._started(work, arguments) for _ in range(count)]

    def _started(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> _Hand:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, *arguments), daemon=True)
        process.start()
        theirs.close()
        return _Hand(process, ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hand in self._hands:
            if error is not None:
                hand.process.terminate()
            hand.waiting.put(None)
            hand.thread.join()
            hand.connection.close()
        for hand in self._hands:
            hand.process.join(_PATIENCE)
            if hand.process.exitcode is None:
                hand.process.kill()
                hand.process.join()

    @property
    def idlest(self) -> int:
        """The one for which the fewest messages wait."""
        return min(range(len(self._hands)), key=lambda number: self._hands[number].waiting.qsize())

    def send(self, number: int, message: object) -> None:
        """Send one of them a message, as soon as it takes one; None says that there are no more.

        Raises:
            NewsarchiveError: it has ended before.
        """
        hand = self._hands[number]
        if hand.has_ended:  # it has told why, or was killed
            self.receive(number)
        hand.waiting.put(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def receive(self, number: int) -> Any:  # noqa: ANN401 - whatever the work answers
        """Its next answer.

        Raises:
            NewsarchiveError: it says that it could not do its work, or was killed.
        """
        hand = self._hands[number]
        try:
            answer, problem = pickle.loads(hand.connection.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError) as error:
            hand.process.join(_PATIENCE)
            message = f"{self._folder}: a worker that indexed articles ended (exit code {hand.process.exitcode})"
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
