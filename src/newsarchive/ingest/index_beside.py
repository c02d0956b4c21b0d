"""Indexes beside the processing of captures, so that the workers are kept busy while an index is written."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Self

from newsarchive.holdings import Holdings
from newsarchive.ingest.indexing import update_index
from newsarchive.memory import give_back
from newsarchive.storage import Database

if TYPE_CHECKING:
    from types import TracebackType

_EVERY: Final = 20.0
"""Seconds between two commits of the index at the least; each commit leaves a segment to merge."""
_SHARE: Final = 4
"""An index that takes long to write is written more seldom: it rests so many times as long as it took."""


class IndexBeside:
    """A context manager that updates the index now and then in a thread, and brings it up to date at its end.

    While it takes articles, which is most of an update, the thread rests as long as it works: where it held the
    interpreter all of the time, pages were stored at half the speed and the workers were idle for 40 % of two cores
    meanwhile. A segment is written and merged without a rest, mostly by NumPy, which lets others work. A block that
    fails leaves the index as it is; the next update goes on from there.
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._thread: threading.Thread | None = None
        self._is_over = threading.Event()
        self._error: Exception | None = None
        self._next = time.monotonic() + _EVERY

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
        if error is None:
            self._raise()
            update_index(self._holdings)

    def now_and_then(self) -> None:
        """Begin an update, unless one goes on or the last one is not long ago.

        Raises:
            NewsarchiveError: the last update failed.
        """
        if (self._thread and self._thread.is_alive()) or time.monotonic() < self._next:
            return
        self._raise()
        self._thread = threading.Thread(target=self._update, name="newsarchive-index", daemon=True)
        self._thread.start()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _update(self) -> None:
        began = time.monotonic()
        try:
            # A connection belongs to one thread.
            with Database(self._holdings.database.path) as database:
                update_index(Holdings(self._holdings.folder, database), rest=self._is_over.wait)
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that processes
            self._error = error
        give_back()
        ended = time.monotonic()
        self._next = ended + max(_EVERY, _SHARE * (ended - began))
