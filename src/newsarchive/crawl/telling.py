"""Tells the process that started a crawl how far it has come: an event a second on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from newsarchive.crawl.session import Rehearsal, Session

EXTENSION: Final = "newsarchive.crawl.telling.Telling"
SWITCH: Final = "NEWSARCHIVE_EVENTS"
"""The Scrapy setting that is true where somebody reads the events."""
_EVERY: Final = 1.0
"""Seconds between two events."""


def tell(event: dict[str, Any]) -> None:
    """Print an event for the process that started this one."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Telling:
    """The Scrapy extension that tells a spider's counts while it crawls."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension.

        Raises:
            NotConfigured: nobody reads the events.
        """
        if not crawler.settings.getbool(SWITCH):
            raise NotConfigured
        extension = cls()
        crawler.signals.connect(extension.start, signal=signals.spider_opened)
        crawler.signals.connect(extension.end, signal=signals.spider_closed)
        return extension

    def start(self, spider: Spider) -> None:
        """Begin to tell."""
        session: Session | Rehearsal = spider.session  # type: ignore[attr-defined]  # every spider here has one
        self._task = asyncio.create_task(_tell_of(session))

    def end(self) -> None:
        """Stop telling."""
        if self._task is not None:
            self._task.cancel()


async def _tell_of(session: Session | Rehearsal) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        tell({"event": "progress", "source": session.source, "counts": dict(session.counts)})
