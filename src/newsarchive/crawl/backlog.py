"""Holds a crawl back while too many captures wait to be read, so that fetching does not run away from extraction.

What waits are rows of a table and bytes on the disk. The bound keeps the two in step: a search finds a page minutes
after it was fetched, and a disk does not fill with pages that nothing reads.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_GO_ON: Final = 0.75
"""Share of the bound at which the crawl goes on, so that it does not stop and start with each page."""
_STALLED: Final = 300.0
"""Seconds without any capture read, after which nothing seems to read them: then fetching is the better half."""
_EVERY: Final = 1.0
"""Seconds between two counts while the crawl is held."""

_log = logging.getLogger(__name__)


class Backlog:
    """The captures that wait, and whether a crawl should.

    Args:
        count: how many captures wait, counted to a limit.
        bound: how many may wait.
        clock: seconds that never go back.
    """

    def __init__(self, count: Callable[[int], int], *, bound: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._bound = bound
        self._clock = clock
        self._ignored = False
        self._asked_at = 0.0
        self._fell_at = 0.0
        self.waiting = 0
        """How many captures the crawl waits for; 0 while it is not held."""

    def holds(self) -> bool:
        """Whether the crawl should fetch nothing more now."""
        if self._ignored:
            return False
        now = self._clock()
        if self.waiting:
            return self._still_holds(now)
        found = self._count(self._bound + 1)
        if found > self._bound:
            self.waiting, self._asked_at, self._fell_at = self._count(-1), now, now
        return bool(self.waiting)

    def _still_holds(self, now: float) -> bool:
        if now - self._asked_at < _EVERY:
            return True
        found, self._asked_at = self._count(-1), now
        if found < self.waiting:
            self._fell_at = now
        if now - self._fell_at > _STALLED:
            _log.warning("nothing has read a capture for %.0f s, %d wait: the crawl goes on", _STALLED, found)
            self._ignored = True
        self.waiting = 0 if self._ignored or found <= _GO_ON * self._bound else found
        return bool(self.waiting)
