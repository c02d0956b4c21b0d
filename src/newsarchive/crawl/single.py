"""Spiders that fetch a few documents and keep none of them: to look at a site, or to show one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from newsarchive import layout
from newsarchive.crawl.settings import crawl_settings
from newsarchive.crawl.telling import tell
from newsarchive.settings import Settings, load

if TYPE_CHECKING:
    from scrapy import Request

    from newsarchive.warc import Exchange


class KeepsNothing:
    """A capture sink for spiders whose pages are only looked at."""

    async def store(self, exchange: Exchange, request: Request) -> None:
        """Pass over an exchange."""


class LookingSpider(scrapy.Spider):
    """Fetches documents to look at them."""

    capture_sink = KeepsNothing()


def run_spider(spider: type[LookingSpider], *, archive: Path | None, **arguments: Any) -> None:  # noqa: ANN401 - Scrapy hands over what `-a` says
    """Run one spider to its end, with an archive's settings where there is one."""
    settings = load(archive / layout.SETTINGS) if archive else Settings()
    process = AsyncCrawlerProcess(crawl_settings(settings, log_level="ERROR"))
    process.crawl(spider, **arguments)
    process.start()


def tell_error(kind: str, message: str, *, tip: str = "") -> None:
    """Print why it could not be done."""
    tell({"event": "error", "kind": kind, "message": message, "tip": tip})


def arguments_of(command: list[str]) -> tuple[Path | None, str]:
    """The archive folder and the URL of a command line `[--archive DIR] -- URL`."""
    archive = Path(command[command.index("--archive") + 1]) if "--archive" in command else None
    return archive, command[-1]
