"""A bare Scrapy spider over a `World`: the tuned settings of our crawls, none of our parts, and nothing is kept.

python bare.py FOLDER PAGES
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import DontCloseSpider

from crawl_bench.pages import load
from newsarchive.crawl.settings import crawl_settings
from newsarchive.settings import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

_WINDOW = 32


class Bare(scrapy.Spider):
    """Asks for every page, a few at a time, and counts them."""

    name = "bare"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy
        """Make the spider."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        world = load(Path(sys.argv[1]))
        spider.left = [world.url(one) for one in world.articles[: int(sys.argv[2])]]
        crawler.signals.connect(spider.feed, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """The first pages."""
        for _ in range(_WINDOW):
            if self.left:
                yield self._next()

    def _next(self) -> scrapy.Request:
        return scrapy.Request(self.left.pop(), callback=self.parse, dont_filter=True)

    def parse(self, response: Response) -> Any:  # noqa: ANN401 - as Scrapy
        """Take a page, and ask for the next."""
        if self.left and len(response.body):
            yield self._next()

    def feed(self) -> None:
        """Go on where pages are left."""
        if self.left:
            self.crawler.engine.crawl(self._next())
            raise DontCloseSpider


def settings() -> dict[str, Any]:
    """Those of our crawls, with Scrapy's own parts in place of ours."""
    ours = crawl_settings(parse("[crawl]\ndelay = 0\nconcurrency_per_host = 8\nallow_private_hosts = true\n"))
    own = {"DOWNLOADER", "DOWNLOAD_HANDLERS"}  # the resolver stays: it knows names under .localhost
    parts = {}
    for group in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"):
        parts[group] = {name: place for name, place in ours[group].items() if not name.startswith("newsarchive.")}
    return {name: value for name, value in ours.items() if name not in own} | parts


process = AsyncCrawlerProcess(settings())
process.crawl(Bare)
process.start()
