"""Starts the process that extracts and indexes while the crawl goes on; the reactor never waits for it.

The child takes rows of the archive, so nothing passes between the two but the child's standard input: when that is
closed, the crawl is over (or was killed), and the child ends once nothing waits.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newsarchive.crawl.publisher import FOLDER

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

EXTENSION: Final = "newsarchive.crawl.processing.Processing"
SWITCH: Final = "NEWSARCHIVE_PROCESS"
"""The Scrapy setting that is false where whoever runs the crawl processes its captures."""


def start_processing(folder: str) -> subprocess.Popen[bytes]:
    """Start the child for an archive folder."""
    command = [sys.executable, "-P", "-m", "newsarchive", "--archive", folder, "--quiet", "process", "--follow"]
    # In a session of its own: a Ctrl-C is for the crawl, and the child ends by its standard input.
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - our own command


def end_processing(child: subprocess.Popen[bytes]) -> int:
    """Tell the child that no more comes, and wait until nothing waits; its exit code."""
    if child.stdin:
        child.stdin.close()
    return child.wait()


class Processing:
    """The Scrapy extension that starts and ends the child of a crawl."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

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
        self._child = start_processing(self._folder)

    async def end(self) -> None:
        """End the child; the process of the crawl stays until it has."""
        if self._child is not None:
            await asyncio.to_thread(end_processing, self._child)
