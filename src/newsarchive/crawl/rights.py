"""What is opted out is not asked for, not by a redirect either; each host is asked once what it reserves as a whole."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from newsarchive.crawl.guard import SCHEMES
from newsarchive.crawl.session import ORIGIN, Rehearsal, Session
from newsarchive.discovery import tdmrep_url
from newsarchive.models import Origin, Role

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

READ_TDMREP: Final = "NEWSARCHIVE_READ_TDMREP"
"""The Scrapy setting that says whether hosts are asked for `/.well-known/tdmrep.json`."""
_PRIORITY: Final = 900
"""The pages of the host wait for it; its robots file comes first."""

_log = logging.getLogger(__name__)


class LeftOut(IgnoreRequest):
    """The archive leaves this address out: it is opted out, or was withdrawn."""


class RightsMiddleware:
    """Stands before all that asks hosts anything."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._reads_tdmrep = crawler.settings.getbool(READ_TDMREP)
        self._asked: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass; a page waits until its host was asked for its reservations.

        Raises:
            LeftOut: its address is opted out, or was withdrawn.
        """
        session = getattr(self._crawler.spider, "session", None)
        if not isinstance(session, Session | Rehearsal):
            return
        if bar := session.bar_of(request.url):
            self._crawler.stats.inc_value("rights/left_out")
            raise LeftOut(f"{request.url}: not fetched: {bar}")
        origin = request.meta.get(ORIGIN)
        if self._reads_tdmrep and origin and origin.role is Role.PAGE:
            await self._ask(request.url, session)

    async def _ask(self, url: str, session: Session | Rehearsal) -> None:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            return
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._asked:
            self._asked[host] = asyncio.create_task(self._fetch(tdmrep_url(url), session))
        # Many pages wait for one file; one of them given up must not take it from the others.
        await asyncio.shield(self._asked[host])

    async def _fetch(self, url: str, session: Session | Rehearsal) -> None:
        """Ask for the file; the capture of its answer, whatever it is, is what the processing reads."""
        meta = {ORIGIN: Origin(role=Role.DISCOVERY, source=session.source), "handle_httpstatus_all": True}
        request = Request(
            url, headers=session.validators(url), meta=meta, priority=_PRIORITY, callback=NO_CALLBACK, dont_filter=True
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever kept the file from coming, the site said nothing by it
            _log.info("%s: %s", url, error)
            self._crawler.stats.inc_value(f"tdmrep/failed/{type(error).__name__}")
        else:
            self._crawler.stats.inc_value(f"tdmrep/status/{response.status}")
