"""Processes that share the work on an index: each does what it is sent and answers in the same order.

One that sees the parent end ends as well; what it has written is named by no commit and is removed by the next writer.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from multiprocessing import get_context
from queue import Queue, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

_PATIENCE: Final = 10.0
"""Seconds that a process which was told to end may take."""
_WAITING: Final = 32
"""Messages that wait at the most, for a process or for whichever is free."""
_NO_MORE: Final = pickle.dumps(None)


class _Hand:
    """One process, and the answers that wait for the parent.

    Threads hand over messages and fetch answers: neither side waits with its work until the other one has time.
    """

    def __init__(self, process: Any, connection: Connection, waiting: Queue[bytes]) -> None:  # noqa: ANN401 - of the context's own class
        self.process = process
        self.connection = connection
        self.waiting = waiting
        self.has_ended = False
        self.answers: SimpleQueue[bytes | None] = SimpleQueue()
        """None is the last one: the process has ended."""
        self.threads = [Thread(target=what, daemon=True) for what in (self._hand_over, self._fetch)]
        for thread in self.threads:
            thread.start()

    def _hand_over(self) -> None:
        data = None
        while data is not _NO_MORE:
            data = self.waiting.get()
            try:
                if not self.has_ended:
                    self.connection.send_bytes(data)
            except (OSError, MemoryError):  # what still comes is dropped, so that nobody waits for room
                self.has_ended = True

    def _fetch(self) -> None:
        try:
            while True:
                self.answers.put(self.connection.recv_bytes())
        except (EOFError, OSError, MemoryError):
            pass
        finally:  # whatever it was: else the parent would wait for ever
            self.answers.put(None)


class _Processes:
    """Processes. A context manager: none of them outlives the block."""

    def __init__(
        self, folder: Path, work: Callable[..., None], arguments: tuple[Any, ...], queues: Sequence[Queue[bytes]]
    ) -> None:
        """Start one for each queue of messages; the other arguments are those of `Hands`."""
        self._folder = folder
        self._told = 0
        # A fresh interpreter for each: one that is forked from a process with threads may hang.
        self._context = get_context("spawn")
        self._hands = [self._started(work, arguments, queue) for queue in queues]

    def _started(self, work: Callable[..., None], arguments: tuple[Any, ...], waiting: Queue[bytes]) -> _Hand:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, *arguments), daemon=True)
        process.start()
        theirs.close()
        return _Hand(process, ours, waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.no_more()
        else:
            for hand in self._hands:
                hand.process.terminate()
        for hand in self._hands:
            hand.process.join(_PATIENCE)
            if hand.process.exitcode is None:
                hand.process.kill()
                hand.process.join()
        self.no_more()  # now nobody is waited for who takes no message
        for hand in self._hands:
            for thread in hand.threads:
                thread.join()
            hand.connection.close()

    def no_more(self) -> None:
        """Tell all that there are no more messages; doing it twice, or again where it was interrupted, does no harm."""
        while self._told < len(self._hands):
            self._hands[self._told].waiting.put(_NO_MORE)
            self._told += 1

    def _check(self, number: int) -> None:
        if self._hands[number].has_ended:  # it has told why, or was killed
            self.receive(number)

    def receive(self, number: int) -> Any:  # noqa: ANN401 - whatever the work answers
        """Its next answer.

        Raises:
            NewsarchiveError: it says that it could not do its work, or was killed.
        """
        hand = self._hands[number]
        data = hand.answers.get()
        if data is None:
            hand.answers.put(None)  # whoever asks again is told again
            hand.process.join(_PATIENCE)
            message = f"{self._folder}: a worker that indexed articles ended (exit code {hand.process.exitcode})"
            tip = "memory may have run out: set [index] memory_mb lower, or close other programs, and run it again"
            raise NewsarchiveError(message, tip=tip)
        answer, problem = pickle.loads(data)  # noqa: S301 - from our own process
        if problem:
            message = f"{self._folder}: {problem}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip)
        return answer


class Hands(_Processes):
    """Processes with messages for each."""

    def __init__(self, folder: Path, count: int, work: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - the work's
        """Start them.

        Args:
            folder: the index, for messages.
            count: how many.
            work: what each does, given its end of a connection and the arguments; see the function `work`.
            arguments: of the work.
        """
        super().__init__(folder, work, arguments, [Queue(_WAITING) for _ in range(count)])

    def send(self, number: int, message: object) -> None:
        """Send one of them a message, as soon as it takes one.

        Raises:
            NewsarchiveError: it has ended before.
        """
        self._check(number)
        self._hands[number].waiting.put(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


class SharedHands(_Processes):
    """Processes of which whichever is free gets the next message."""

    def __init__(self, folder: Path, count: int, work: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - the work's
        """Start them; the arguments are those of `Hands`."""
        self._waiting: Queue[bytes] = Queue(_WAITING)
        super().__init__(folder, work, arguments, [self._waiting] * count)

    def give(self, message: object) -> None:
        """Send a message, as soon as one of them takes one.

        Raises:
            NewsarchiveError: one of them has ended before.
        """
        for number in range(len(self._hands)):
            self._check(number)
        self._waiting.put(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


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
