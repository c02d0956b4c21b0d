"""Runs crawls of an archive's sources in this process, which can do so once: its reactor cannot start again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess

from newsarchive import layout
from newsarchive.crawl import logs, processing, telling
from newsarchive.crawl.processing import Processor, unprocessed
from newsarchive.crawl.publisher import FOLDER
from newsarchive.crawl.registry import unknown
from newsarchive.crawl.session import Rehearsal, Session, Waiting
from newsarchive.crawl.settings import crawl_settings
from newsarchive.crawl.site import SiteSpider
from newsarchive.errors import NewsarchiveError, UnknownSource
from newsarchive.settings import load

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler

    from newsarchive.crawl.logs import LogFormat


def error_event(error: NewsarchiveError) -> dict[str, Any]:
    """The event that tells an error to the process that started this one."""
    return {"event": "error", "kind": type(error).__name__, "message": error.message, "tip": error.tip}


def project_settings(folder: Path, *, log_level: str) -> dict[str, Any]:
    """All Scrapy settings for an archive folder; errors as in `newsarchive.settings.load`."""
    settings = crawl_settings(load(folder / layout.SETTINGS), log_level=log_level)
    settings["EXTENSIONS"] = {
        **settings["EXTENSIONS"],
        processing.EXTENSION: 0,
        telling.EXTENSION: 0,
        logs.EXTENSION: 0,
    }
    return {
        **settings,
        FOLDER: str(folder),
        "SPIDER_MODULES": ["newsarchive.crawl.site", "spiders"],
        "NEWSPIDER_MODULE": "spiders",
        # One publisher's file with a mistake in it must not stop the crawl of the others.
        "SPIDER_LOADER_WARN_ONLY": True,
    }


class CrawlRun:
    """One crawl of several sources at once, each by a spider of its own."""

    def __init__(self, folder: Path, *, log_level: str, log_format: LogFormat) -> None:
        self._folder = folder
        # The archive's spiders/ is found as Scrapy's own command finds it: from the folder of scrapy.cfg.
        sys.path.append(str(folder))
        logs.write_lines(log_format, level=log_level)
        settings = {**project_settings(folder, log_level=log_level), "LOG_INSTALL_ROOT_HANDLER": False}
        self._sources = load(folder / layout.SETTINGS).sources
        self._process = AsyncCrawlerProcess({**settings, processing.SWITCH: False, telling.SWITCH: True})
        self._crawls: list[tuple[str, Crawler, asyncio.Future[None]]] = []

    def names(self) -> list[str]:
        """Every source: the settings' tables and the files in `spiders/`."""
        files = [name for name in self._process.spider_loader.list() if name != SiteSpider.name]
        return sorted({*self._sources, *files})

    def add(self, name: str, *, arguments: dict[str, str]) -> None:
        """Plan the crawl of a source. A file in `spiders/` comes before a table of the same name.

        Raises:
            UnknownSource: there is no such source.
        """
        if name not in self.names():
            raise unknown(name, self.names())
        if name in self._process.spider_loader.list():
            crawler = self._process.create_crawler(name)
        else:
            crawler = self._process.create_crawler(SiteSpider)
            arguments = {**arguments, "source": name}
        self._crawls.append((name, crawler, self._process.crawl(crawler, **arguments)))

    def _crawl(self, *, processes: bool) -> int:
        """Crawl to the end; the exit status of the process that takes the captures."""
        processor = Processor(str(self._folder)) if processes else None
        status = 0
        try:
            self._process.start()
        finally:
            if processor is not None:
                status = processor.end()
        return status

    def run(self, *, processes: bool) -> Iterator[dict[str, Any]]:
        """Crawl until every source is done; then what happened, an event for each run or planned fetch."""
        status = self._crawl(processes=processes)
        for name, crawler, task in self._crawls:
            session = getattr(crawler.spider, "session", None)
            error = task.exception() if task.done() and not task.cancelled() else None
            if isinstance(session, Session):
                yield {"event": "run", "id": session.run_id, "source": session.source}
            elif isinstance(session, Waiting):
                yield {"event": "hours", "source": session.source, "opens_at": session.opens_at.isoformat()}
                session.release()
            elif isinstance(session, Rehearsal):
                yield from _planned(session, limit=getattr(crawler.spider, "limit", 0))
            elif isinstance(error, NewsarchiveError):
                yield {**error_event(error), "source": name}
            elif error is not None:
                raise error
        if status:
            yield error_event(unprocessed(status))


def _planned(session: Rehearsal, *, limit: int) -> Iterator[dict[str, Any]]:
    """What a dry run found: an event for each page that would be fetched, and one with the counts of all else."""
    try:
        for one in session.rechecks:
            yield {"event": "candidate", "source": session.source, "url": one.url, "via": "recheck", "why": one.why}
        for candidate, why in session.plan(limit=limit):
            record = candidate.model_dump(mode="json", exclude_none=True)
            yield {"event": "candidate", "source": session.source, **record, "why": why}
        yield {"event": "planned", "source": session.source, "counts": dict(session.counts)}
    finally:
        session.release()


def run_sources(
    folder: Path, names: Sequence[str], *, arguments: dict[str, str], log_level: str, log_format: LogFormat = "text"
) -> Iterator[dict[str, Any]]:
    """Crawl the named sources, or all; events as in `CrawlRun.run`.

    Raises:
        UnknownSource: a name is listed nowhere, or nothing is.
    """
    crawl = CrawlRun(folder, log_level=log_level, log_format=log_format)
    wanted = names or crawl.names()
    if not wanted:
        raise UnknownSource("there is no source to crawl", tip="add one with `newsarchive sources add URL`")
    for name in wanted:
        crawl.add(name, arguments=arguments)
    yield from crawl.run(processes=not {"dry_run", "capture_only"} & arguments.keys())
