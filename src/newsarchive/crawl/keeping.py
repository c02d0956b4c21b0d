"""Keeps what the crawls of this process fetch, a few exchanges at a time: they share one sync and one commit.

A sync and a commit for each response cost 0.6 ms of CPU and, on a busy disk, 10 ms of waiting in which the reactor does
nothing else. Nobody sees a response before it is on the disk, so that what was acknowledged is never lost.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from newsarchive.archive import Archive
from newsarchive.dates import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from newsarchive.models import Capture, Origin, RecheckPlan
    from newsarchive.warc import Exchange

_GATHER: Final = 0.02
"""Seconds that an exchange waits for others that are on their way; a fiftieth of the shortest polite delay."""
_FULL: Final = 4_000_000
"""Bytes that are held at the most while they wait; more are written at once."""


class _Waiting(NamedTuple):
    exchange: Exchange
    origin: Origin
    kept: asyncio.Future[Capture | None]


class Keeper:
    """Writes the exchanges of all crawls that this process runs for one archive; see `of`."""

    _open: ClassVar[dict[Path, Keeper]] = {}

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._users = 0
        self._receiving: list[Callable[[], bool]] = []
        self._waiting: list[_Waiting] = []
        self._held = 0
        self._timer: asyncio.Handle | None = None
        with ExitStack() as stack:
            archive = stack.enter_context(Archive(folder, mode="rw", clock=clock))
            self._recorder = stack.enter_context(archive.recorder())
            self._rechecks = archive.frontier.rechecks
            self._stack = stack.pop_all()

    @classmethod
    def of(cls, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> Keeper:
        """The keeper of an archive, shared by all who ask for it, as is the first one's clock; each must `leave` it."""
        keeper = cls._open.get(folder)
        if keeper is None:
            keeper = cls._open[folder] = cls(folder, clock)
        keeper._users += 1
        return keeper

    def leave(self) -> None:
        """Have no more to keep; the last one to leave finishes the file."""
        self._users -= 1
        self._flush()
        if self._users == 0:
            del self._open[self._folder]
            self._stack.close()

    @contextmanager
    def watching(self, is_receiving: Callable[[], bool]) -> Iterator[None]:
        """Ask a crawl whether answers are on their way to it: once all crawls have none, nothing is waited for."""
        self._receiving.append(is_receiving)
        try:
            yield
        finally:
            self._receiving.remove(is_receiving)

    def follow(self, source: str, plan: RecheckPlan) -> None:
        """Plan the next look at each page of a source by these ages, as its answer is kept."""
        self._rechecks.follow(source, plan)

    def latest(self, url: str) -> Capture | None:
        """The newest capture of a URL, a revisit maybe."""
        return self._recorder.latest(url)

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """What a conditional request names; see `Recorder.validators`."""
        return self._recorder.validators(url)

    async def keep(self, exchange: Exchange, origin: Origin) -> Capture | None:
        """Keep an exchange; its capture, or None where it may not be kept. When this returns, it is on the disk.

        Raises:
            OSError: it could not be written, nor could those that shared its sync.
            NewsarchiveError: as OSError.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(exchange, origin, loop.create_future())
        self._waiting.append(waiting)
        self._held += len(exchange.body)
        if self._held >= _FULL:
            self._flush()
        elif not self._more_may_come():
            self._stop_timer()
            self._timer = loop.call_soon(self._flush)  # behind those that came in the same turn of the loop
        elif self._timer is None:
            self._timer = loop.call_later(_GATHER, self._flush)
        return await waiting.kept

    def _more_may_come(self) -> bool:
        told = len(self._receiving) == self._users
        return not told or any(is_receiving() for is_receiving in self._receiving)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._stop_timer()
        batch, self._waiting, self._held = self._waiting, [], 0
        if not batch:
            return
        try:
            outcomes = self._recorder.record_all((one.exchange, one.origin) for one in batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for their exchange must hear of it
            for one in batch:
                _tell(one.kept, error)
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                _tell(one.kept, outcome)


def _tell(kept: asyncio.Future[Capture | None], outcome: Capture | Exception | None) -> None:
    if kept.cancelled():
        return
    if isinstance(outcome, Exception):
        kept.set_exception(outcome)
    else:
        kept.set_result(outcome)
