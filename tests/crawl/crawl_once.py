"""One real Scrapy crawl in a process of its own, told by a JSON file; what it saw goes to another one.

A reactor runs once in a process, so the tests start this file for each crawl: `crawl_once.py JOB RESULT`.
"""

from __future__ import annotations

import errno
import json
import re
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

from newsarchive.crawl.guard import GuardedResolver, GuardMiddleware
from newsarchive.crawl.settings import crawl_settings
from newsarchive.settings import CrawlSettings, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from datetime import datetime

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.base import ReactorBase
    from twisted.python.failure import Failure

    from newsarchive.crawl.guard import TxAddress
    from newsarchive.warc import Exchange

HOME = "TEST_HOME"
"""Scrapy setting: the one host and port that the guards below let pass, so that an attack has a place to start."""


class RecordingSink:
    """Keeps exchanges in memory; `full_after` says after how many the disk is full."""

    def __init__(self, full_after: int | None) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._full_after = full_after

    async def store(self, exchange: Exchange, request: Request) -> None:
        if self._full_after is not None and len(self.exchanges) >= self._full_after:
            raise OSError(errno.ENOSPC, "No space left on device")
        fields = {name: _plain(value) for name, value in asdict(exchange).items()}
        self.exchanges.append({**fields, "asked": request.url})


class HomeGuard(GuardMiddleware):
    """The guard, with a door for one host and port."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._home = crawler.settings[HOME]

    def process_request(self, request: Request) -> None:
        if request.url.split("/")[2] != self._home:
            super().process_request(request)


class HomeResolver(GuardedResolver):
    """The resolver, with a door for the address of the one host (the ports are the other guard's affair)."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.home = crawler.settings[HOME].partition(":")[0]
        return resolver

    def judge(self, name: str, addresses: Sequence[TxAddress]) -> tuple[TxAddress, ...]:
        return tuple(addresses) if name == self.home else super().judge(name, addresses)


class JobSpider(Spider):
    name = "job"
    outcomes: ClassVar[list[list[Any]]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: object, **kwargs: object) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.capture_sink = RecordingSink(spider.job.get("full_after"))
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for asked in self.job["requests"]:
            yield self._request(**asked)

    def _request(self, url: str, method: str = "GET", headers: dict[str, str] | None = None) -> Request:
        meta = {"handle_httpstatus_list": [304, *range(400, 600)]}
        return Request(url, self.parse, method, headers, meta=meta, errback=self.failed, dont_filter=True)

    def parse(self, response: Response) -> Iterator[Request]:
        self._note(response.request, "response", response.status, len(response.body))
        if self.job.get("follow"):
            for href in response.xpath("//a/@href").getall():
                try:
                    yield response.follow(href, callback=self.parse, errback=self.failed, dont_filter=True)
                except ValueError as error:
                    self.outcomes.append([href, "unusable", str(error), 0, time.monotonic()])

    def failed(self, failure: Failure) -> None:
        self._note(failure.request, "failure", type(failure.value).__name__, str(failure.value))

    def _note(self, request: Request, kind: str, what: object, detail: object) -> None:
        self.outcomes.append([request.url, kind, what, detail, time.monotonic()])


def peak_memory() -> int:
    """Bytes that this process held at most.

    `ru_maxrss` outlives exec: in a child it starts at what the parent held when it forked, which in a long test run is
    more than any crawl needs. The kernel's own mark of this program's memory begins anew (proc_pid_status(5), VmHWM).
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _plain(value: object) -> object:
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else _text(value)


def _text(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def main(job_file: str, result_file: str) -> None:
    job = json.loads(Path(job_file).read_text())
    settings = Settings(crawl=CrawlSettings(**job["crawl"]))
    process = CrawlerProcess({**crawl_settings(settings, log_level="INFO"), **job["scrapy"]})
    crawler = process.create_crawler(JobSpider)
    process.crawl(crawler, job=job)
    process.start()
    stats = {name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, str | int | float)}
    result = {
        "exchanges": crawler.spider.capture_sink.exchanges,
        "outcomes": JobSpider.outcomes,
        "stats": stats,
        "rss": peak_memory(),
    }
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
