"""Crawls one source in this process, as if it were another time: `crawl_at.py FOLDER SOURCE TIME`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess

from newsarchive.crawl import processing
from newsarchive.crawl.run import project_settings
from newsarchive.crawl.site import SiteSpider
from newsarchive.crawl.wire import CLOCK


def main() -> None:
    """Crawl."""
    folder, source, time = sys.argv[1:]
    at = datetime.fromisoformat(time)
    settings = project_settings(Path(folder), log_level="ERROR")
    process = AsyncCrawlerProcess({**settings, processing.SWITCH: False, CLOCK: lambda: at, "SPIDER_MODULES": []})
    process.crawl(SiteSpider, source=source)
    process.start()


if __name__ == "__main__":
    main()
