"""Starts the process that extracts and indexes while the crawl goes on; the reactor never waits for it.

The child takes rows of the archive, so nothing passes between the two but the child's standard input: when that is
closed, the crawl is over (or was killed), and the child ends once nothing waits.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newsarchive.crawl.logs import event
from newsarchive.crawl.publisher import FOLDER
from newsarchive.errors import NewsarchiveError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

EXTENSION: Final = "newsarchive.crawl.processing.Processing"
SWITCH: Final = "NEWSARCHIVE_PROCESS"
"""The Scrapy setting that is false where whoever runs the crawl processes its captures."""
_AGAIN: Final = 3
"""Times that a child which was killed is started again; whatever kills it once more does not go away by that."""

_log = logging.getLogger(__name__)


class Processor:
    """The child of one crawl. It is started again where it was killed, by want of memory for one.

    One that ends with an error is not: it said what must be mended first.

    Args:
        folder: the archive's.
    """

    def __init__(self, folder: str) -> None:
        module = [sys.executable, "-P", "-m", "newsarchive"]
        self._command = [*module, "--archive", folder, "--quiet", "process", "--follow"]
        self._lock = threading.Lock()
        self._is_over = False
        self._status = 0
        self._child = self._start()
        self._thread = threading.Thread(target=self._stand_by, name="newsarchive-processor", daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        # In a session of its own: a Ctrl-C is for the crawl, and the child ends by its standard input.
        # With an arena of glibc for each thread, what the index gave back was of no use to the other threads: the child
        # ended at 116 MB after 50,000 pages instead of 106.
        env = {"MALLOC_ARENA_MAX": "1", **os.environ}
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True, env=env)  # noqa: S603 - ours

    def _stand_by(self) -> None:
        for left in reversed(range(_AGAIN + 1)):
            self._status = self._child.wait()
            if self._status >= 0 or not left:
                return
            event(_log, logging.ERROR, "processor-killed", signal=-self._status, left=left - 1)
            with self._lock:
                _close(self._child)
                self._child = self._start()
                if self._is_over:
                    _close(self._child)

    def end(self) -> int:
        """Tell the child that no more comes, and wait until nothing waits; its exit status."""
        with self._lock:
            self._is_over = True
            _close(self._child)
        self._thread.join()
        return self._status


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()


def unprocessed(status: int) -> NewsarchiveError:
    """What a person is told where the child did not do all of its work."""
    killed = status < 0
    why = f"killed by signal {-status}" if killed else f"exit status {status}"
    cause = "the system may have had too little memory" if killed else "its message is above"
    return NewsarchiveError(
        f"what was captured could not all be processed ({why}); the captures are kept",
        tip=f"{cause}; when the cause is mended, `newsarchive process` or the next crawl goes on",
    )


class Processing:
    """The Scrapy extension that starts and ends the child of a crawl."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._processor: Processor | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension.

        Raises:
            NotConfigured: somebody else processes the captures, now or later, or nothing is captured.
        """
        spider = crawler.spider
        left_alone = getattr(spider, "rehearses", False) or getattr(spider, "captures_only", False)
        if left_alone or not crawler.settings.getbool(SWITCH, default=True):
            raise NotConfigured
        extension = cls(crawler.settings[FOLDER])
        crawler.signals.connect(extension.start, signal=signals.spider_opened)
        crawler.signals.connect(extension.end, signal=signals.spider_closed)
        return extension

    def start(self) -> None:
        """Start the child."""
        self._processor = Processor(self._folder)

    async def end(self) -> None:
        """End the child; the process of the crawl stays until it has."""
        if self._processor is None:
            return
        if status := await asyncio.to_thread(self._processor.end):
            error = unprocessed(status)
            event(_log, logging.ERROR, "unprocessed", problem=error.message, tip=error.tip)
