"""Reads many pages at once, each in a process that can be killed. A hostile page costs its own time and nothing else.

Each worker process has a thread here that hands it pages and waits for the answers; so the processes go on while the
caller is busy with the results. Where many pages wait, a process has its next one at hand before it has answered: its
thread may have to wait for its turn in this process. Results come back in the order of the jobs.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from newsarchive.errors import ExtractionError
from newsarchive.extraction.guide import NO_GUIDE, Guide
from newsarchive.extraction.limits import Limits
from newsarchive.extraction.process import PageLost, Worker
from newsarchive.extraction.wire import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsarchive.models import Extraction, Payload

K = TypeVar("K")

LOOK_AHEAD = 32
"""Jobs taken in advance for each worker: results keep the jobs' order, so that a slow page makes the next ones wait.
Who asks stores results by the fifty, which takes a quarter of a second; with four in advance workers had nothing to do
meanwhile, and two of them used 1.6 of 2 cores."""
LOOK_AHEAD_BYTES = 64_000_000
"""Bytes of pages held in advance, so that large pages do not fill the memory."""


class _Task:
    """One page on its way, and what came of it."""

    def __init__(self, payload: Payload, guide: Guide) -> None:
        self.payload = payload
        self.guide = guide
        self.dropped = False
        self._answer: SimpleQueue[Extraction | ExtractionError | _Failure] = SimpleQueue()

    def settle(self, outcome: Extraction | ExtractionError) -> None:
        """The page was read, or cannot be."""
        self._answer.put(outcome)

    def fail(self, error: Exception) -> None:
        """Nothing can be said of the page; the error goes to who waits for it."""
        self._answer.put(_Failure(error))

    def wait(self) -> Extraction | ExtractionError:
        """What came of the page; may be asked once."""
        answer = self._answer.get()
        if isinstance(answer, _Failure):
            raise answer.error
        return answer


class _Failure(NamedTuple):
    error: Exception


class Pool:
    """Worker processes for extraction; a context manager, and not to be used by two threads at once.

    Args:
        workers: processes.
        timeout: CPU seconds that one page may take.
        memory: bytes of address space that one page may take, beyond what a fresh worker holds.
        max_page_size: bytes of a page, beyond which it is not looked at.
        max_tags: tags of a page, beyond which it is not parsed.
    """

    def __init__(self, workers: int, *, timeout: float, memory: int, max_page_size: int, max_tags: int) -> None:
        limits = Limits(max_page_size=max_page_size, max_tags=max_tags)
        self._budget = Budget(cpu=timeout, memory=memory, limits=limits)
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._closing = threading.Event()
        self._tenders = [_Tender(self._tasks, workers, self._budget, self._closing) for _ in range(workers)]

    def __enter__(self) -> Self:
        for tender in self._tenders:
            tender.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for _tender in self._tenders:
            self._tasks.put(None)
        for tender in self._tenders:
            tender.stop()

    def map(
        self, jobs: Iterable[tuple[K, Payload] | tuple[K, Payload, Guide]]
    ) -> Iterator[tuple[K, Extraction | ExtractionError]]:
        """Read pages; each job's key comes back with what was read, or with why nothing was, in the jobs' order.

        A job is a key, a page and, where something is known of its site, a guide.

        Jobs are taken as workers become free, a bounded number in advance, in the caller's thread. A page that takes
        too much time or memory, or ends its process, is tried once more with trafilatura's fast mode; then its
        outcome is an ExtractionError with `reason` `timeout`, `memory` or `crashed`. (One that was given ahead to a
        process that ended, or was replaced, meanwhile is begun anew before that.)

        Raises:
            ExtractionError: only where worker processes cannot be started at all (`reason` is `crashed`).
        """
        waiting: deque[tuple[K, _Task]] = deque()
        source = iter(jobs)
        with self._dropping(waiting):
            while True:
                self._take(source, waiting)
                if not waiting:
                    return
                key, task = waiting[0]
                outcome = task.wait()
                waiting.popleft()
                yield key, outcome

    def _take(
        self, source: Iterator[tuple[K, Payload] | tuple[K, Payload, Guide]], waiting: deque[tuple[K, _Task]]
    ) -> None:
        """Take jobs in advance, as many as the bounds allow."""
        held = sum(len(task.payload.body) for _, task in waiting)
        while len(waiting) < LOOK_AHEAD * len(self._tenders) and held < LOOK_AHEAD_BYTES:
            job = next(source, None)
            if job is None:
                return
            key, payload, *rest = job
            task = _Task(payload, rest[0] if rest else NO_GUIDE)
            held += len(payload.body)
            waiting.append((key, task))
            self._tasks.put(task)

    @contextmanager
    def _dropping(self, waiting: Iterable[tuple[object, _Task]]) -> Iterator[None]:
        """Whatever ends a map early, pages taken in advance are not read any more, but for those that workers hold."""
        try:
            yield
        finally:
            for _, task in waiting:
                task.dropped = True


class _Tender(threading.Thread):
    """Hands pages to one worker process, and replaces the process when a page has cost it its life."""

    def __init__(
        self, tasks: SimpleQueue[_Task | None], workers: int, budget: Budget, closing: threading.Event
    ) -> None:
        super().__init__(name="newsarchive-extraction", daemon=True)
        self._tasks = tasks
        self._workers = workers
        self._budget = budget
        self._closing = closing
        self._changing = threading.Lock()
        self._worker: Worker | None = None
        self._next: _Task | None = None
        """The page that is read after this one. It is in `_given`, unless its process was replaced since."""
        self._given: list[_Task] = []
        """Pages that the process holds and has not answered for, in the order in which it reads them; two at most."""

    def run(self) -> None:
        """Read pages until the pool closes."""
        while (task := self._taken()) is not None and not self._closing.is_set():
            if task.dropped and task not in self._given:
                continue
            try:
                task.settle(self._read(task))
            except Exception as error:  # noqa: BLE001 - it is raised again in the thread that waits for the task
                task.fail(error)

    def stop(self) -> None:
        """Kill the process, which ends the wait for its answer, and wait for the thread."""
        with self._changing:
            if self._worker is not None:
                self._worker.kill()
        self.join()
        if self._worker is not None:
            self._worker.close()

    def _taken(self) -> _Task | None:
        task, self._next = self._next, None
        return task or self._tasks.get()

    def _read(self, task: _Task) -> Extraction | ExtractionError:
        for fast in (False, True):
            try:
                return self._attempt(task, fast=fast)
            except PageLost as error:
                lost = error
            if task.dropped:
                break
        return ExtractionError(str(lost), reason=lost.reason, tip="the page is kept and can be tried again")

    def _attempt(self, task: _Task, *, fast: bool) -> Extraction | ExtractionError:
        try:
            worker = self._running()
        except ExtractionError:  # killed from outside while it started, perhaps; twice is no accident
            worker = self._running()
        try:
            if task not in self._given:
                self._give(worker, task, fast=fast)
            self._look_ahead(worker)
            answer = worker.answer(task.payload, budget=self._budget)
        except BaseException:  # whatever it was: what the process says next may be of another page
            self._replace(None)
            raise
        self._given.remove(task)
        return answer

    def _give(self, worker: Worker, task: _Task, *, fast: bool) -> None:
        worker.give(task.payload, task.guide, budget=self._budget, fast=fast)
        self._given.append(task)

    def _look_ahead(self, worker: Worker) -> None:
        """Give the process its next page as well, unless few are left: those are for whoever is free first."""
        if self._next is not None:
            return
        with suppress(Empty):  # the other threads take pages as well
            while self._tasks.qsize() > self._workers:
                task = self._tasks.get_nowait()
                if task is None:
                    self._tasks.put(None)  # the pool closes, and each thread must be told
                    return
                if not task.dropped:
                    self._next = task
                    self._give(worker, task, fast=False)
                    return

    def _running(self) -> Worker:
        if self._worker is None or not self._worker.usable:
            self._replace(Worker)
        if self._worker is None:
            raise PageLost("the pool is closed", reason="crashed")
        self._worker.await_ready()
        return self._worker

    def _replace(self, start: Callable[[], Worker] | None) -> None:
        with self._changing:
            if self._worker is not None:
                self._worker.close()
            self._given = []  # whoever comes next was given nothing
            self._worker = start() if start and not self._closing.is_set() else None
