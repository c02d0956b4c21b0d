"""robots.txt, obeyed as RFC 9309 asks: what cannot be known is forbidden.

Scrapy's own middleware fetches a page when the robots file answers 503 or not at all; section 2.3.1.4 of the RFC
says that everything is disallowed then. Rules hold for one scheme, host and port, and for one run. Crawl-delay is no
part of the RFC, but hosts that name one mean it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK

from newsarchive.crawl.guard import SCHEMES, Refused
from newsarchive.crawl.retry import slow_down
from newsarchive.discovery import Robots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_DELAY = "NEWSARCHIVE_MAX_DELAY"
"""The Scrapy setting for the seconds of a Crawl-delay that are honoured at the most."""

SKIP = "dont_obey_robotstxt"
"""Scrapy's meta key for a request that no robots file is asked about: the robots file itself."""

_PRIORITY = 1000
"""Other requests of the host wait for its robots file."""

_log = logging.getLogger(__name__)


class Disallowed(IgnoreRequest):
    """The host's robots.txt forbids the request, or cannot be read now (`is_known` is false then)."""

    def __init__(self, message: str, *, is_known: bool) -> None:
        super().__init__(message)
        self.is_known = is_known


@dataclass(frozen=True, slots=True)
class _Rules:
    robots: Robots
    unknown: str = ""
    """Why there are no rules; empty where there are."""
    refused: bool = False
    """The robots file itself may not be fetched, so the host may not be asked at all."""


class RobotsMiddleware:
    """Asks each host's robots.txt before the first request to it, once a run."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._max_delay = crawler.settings.getfloat(MAX_DELAY)
        self._rules: dict[str, asyncio.Task[_Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware.

        Raises:
            NotConfigured: the settings say that robots files are not obeyed.
        """
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            Disallowed: robots.txt forbids it, or is not known.
            Refused: the host may not be asked at all.
        """
        parts = urlsplit(request.url)
        if request.meta.get(SKIP) or parts.scheme not in SCHEMES:
            return
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}")
        if rules.refused:
            self._crawler.stats.inc_value("guard/refused")
            raise Refused(request.url, rules.unknown)
        if not rules.robots.allows(request.url):
            self._crawler.stats.inc_value("robotstxt/unknown" if rules.unknown else "robotstxt/forbidden")
            reason = f"robots.txt is not known ({rules.unknown})" if rules.unknown else "robots.txt forbids it"
            raise Disallowed(f"{request.url}: not fetched: {reason}", is_known=not rules.unknown)

    async def robots_of(self, url: str) -> Robots:
        """The rules of a URL's host, fetched where this run has not asked yet; they name its sitemaps as well."""
        parts = urlsplit(url)
        return (await self._rules_of(f"{parts.scheme}://{parts.netloc}")).robots

    async def _rules_of(self, origin: str) -> _Rules:
        if origin not in self._rules:
            self._rules[origin] = asyncio.create_task(self._fetch(origin))
        # Many requests wait for one robots file; one of them given up must not take it from the others.
        return await asyncio.shield(self._rules[origin])

    async def _fetch(self, origin: str) -> _Rules:
        request = Request(f"{origin}/robots.txt", priority=_PRIORITY, meta={SKIP: True}, callback=NO_CALLBACK)
        self._crawler.stats.inc_value("robotstxt/request_count")
        try:
            response = await self._crawler.engine.download_async(request)
        except Refused as error:
            return _Rules(Robots.unavailable(None), error.reason, refused=True)
        except Exception as error:  # noqa: BLE001 - whatever kept the file from coming, its rules are unknown
            _log.info("%s/robots.txt: %s", origin, error)
            return _Rules(Robots.unavailable(None), f"{type(error).__name__}: {error}")
        self._crawler.stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return self._read(response, request)

    def _read(self, response: Response, request: Request) -> _Rules:
        if response.status != 200:  # noqa: PLR2004 - the only status that comes with rules
            return _Rules(Robots.unavailable(response.status), f"status {response.status}")
        robots = Robots.parse(response.body, url=response.url, agent=self._agent)
        if robots.crawl_delay:
            downloader = self._crawler.engine.downloader
            key = downloader.get_slot_key(request)
            slow_down(downloader, key, delay=min(robots.crawl_delay, self._max_delay))
        return _Rules(robots)
