"""Pace of each host: how long it is left alone after a failure, and the least time between two requests.

Scrapy retries a 429 at once and ignores Retry-After (measured: three requests within a second). Here a busy answer
holds the whole host, not just the request. Retry-After: RFC 9110, section 10.2.3; 429: RFC 6585, section 4.
All waiting is done by Scrapy's download slots, on the monotonic clock; nothing sleeps.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.core.downloader import Downloader
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.asyncio import call_later

from newsarchive.dates import parse_moment

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request, Spider
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.internet.defer import Deferred

LONGEST_PAUSE = "NEWSARCHIVE_LONGEST_PAUSE"
"""The Scrapy setting for the seconds that a run waits for a busy host; a host that asks for more is closed."""

BUSY = frozenset({429, 503})
"""Too Many Requests and Service Unavailable: the statuses that Retry-After is defined for and that mean the host."""

_FIRST_PAUSE = 5.0
"""Seconds of the first pause where the host names none; each further one is twice as long."""
_FOREVER = 1e9
"""Seconds that stand for a number too long to read: 31 years."""
_SECONDS = re.compile(r"\s*(\d+)\s*", re.ASCII)

_log = logging.getLogger(__name__)


class HostClosed(IgnoreRequest):
    """The host asked to be left alone for longer than a run waits; `seconds` are left of it."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds from `now` that a Retry-After header asks for, never negative; None where it cannot be read.

    >>> now = datetime(2019, 2, 27, 18, 30, tzinfo=UTC)
    >>> retry_after("120", now=now), retry_after("Wed, 27 Feb 2019 18:31:05 GMT", now=now)
    (120.0, 65.0)
    >>> retry_after("Wed, 27 Feb 2019 18:00:00 GMT", now=now), retry_after("soon", now=now)
    (0.0, None)
    """
    if seconds := _SECONDS.fullmatch(value):
        return float(seconds[1]) if len(seconds[1]) <= len("999999999") else _FOREVER
    moment = parse_moment(value)
    return None if moment is None else max(0.0, (moment.at - now).total_seconds())


class BusyHostMiddleware(RetryMiddleware):
    """Scrapy's retries, and a pause for the whole host where it says that it is busy."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._longest = settings.getfloat(LONGEST_PAUSE)
        self._busy_in_a_row: Counter[str] = Counter()
        self._closed_until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware."""
        middleware = super().from_crawler(crawler)
        # Heard before the slot is asked for its next request; process_response comes after that.
        crawler.signals.connect(middleware.note, signal=signals.response_downloaded)
        return middleware

    def process_request(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            HostClosed: its host asked for a longer pause than a run waits.
        """
        key = self._downloader.get_slot_key(request)
        if (left := self._left(key)) > 0:
            raise _closed(key, left)

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - the base's signature
    ) -> Request | Response:
        """Try a failed request again, after the pause of its host; not at all where the host is closed."""
        if response.status in BUSY and self._left(self._downloader.get_slot_key(request)) > 0:
            return response
        return super().process_response(request, response)

    def note(self, response: Response, request: Request) -> None:
        """Hold or close the host of a busy answer, before its slot sends the next request."""
        key = self._downloader.get_slot_key(request)
        if response.status not in BUSY:
            self._busy_in_a_row.pop(key, None)
            return
        self._busy_in_a_row[key] += 1
        pause = self._pause(key, response)
        if pause > self._longest:
            self._close(key, pause)
            return
        _log.info("%s is busy (%d): no request to it for %.0f s", key, response.status, pause)
        self.crawler.stats.inc_value("pace/held")
        hold(self._downloader, key, pause)

    def _left(self, key: str) -> float:
        return self._closed_until.get(key, 0.0) - time.monotonic()

    @property
    def _downloader(self) -> Downloader:
        downloader: Downloader = self.crawler.engine.downloader
        return downloader

    def _pause(self, key: str, response: Response) -> float:
        asked = retry_after(_text(response, "Retry-After"), now=_server_time(response))
        backoff = _FIRST_PAUSE * 2.0 ** min(self._busy_in_a_row[key] - 1, 20)
        # A pause of 0 seconds, again and again, is no help to the host that sends it.
        return backoff if asked is None else max(asked, backoff / 2 if self._busy_in_a_row[key] > 1 else 0.0)

    def _close(self, key: str, pause: float) -> None:
        _log.warning("%s is busy and asks for %.0f s: no further request to it in this run until then", key, pause)
        self.crawler.stats.inc_value("pace/closed")
        self._closed_until[key] = time.monotonic() + pause
        drop_waiting(self._downloader, key, _closed(key, pause))


def _closed(key: str, seconds: float) -> HostClosed:
    return HostClosed(f"{key} asked to be left alone for {seconds:.0f} more seconds", seconds=seconds)


def _text(response: Response, header: str) -> str:
    return (response.headers.get(header) or b"").decode("latin-1")


def _server_time(response: Response) -> datetime:
    # The host's own clock, where it tells it: its Retry-After was counted on that one.
    told = parse_moment(_text(response, "Date"))
    return told.at if told else datetime.now(UTC)


def hold(downloader: Downloader, key: str, seconds: float) -> None:
    """Send nothing to a slot for so many seconds; a longer hold that is already on stays."""
    slot = downloader.slots.get(key)
    until = time.monotonic() + seconds
    if slot is None or slot.lastseen + slot.delay >= until:
        return
    if slot.latercall:
        slot.latercall.cancel()
    slot.latercall = call_later(seconds, downloader._latercall, slot)  # noqa: SLF001 - no public way to hold a slot
    # Scrapy forgets a slot that was idle for 60 s and counts delays from here as well.
    slot.lastseen = until - slot.delay


def drop_waiting(downloader: Downloader, key: str, error: IgnoreRequest) -> None:
    """Fail the requests that wait in a slot; those under way are not touched."""
    slot = downloader.slots.get(key)
    while slot is not None and slot.queue:
        _, waiting = slot.queue.popleft()
        waiting.errback(error)


def slow_down(downloader: Downloader, key: str, *, delay: float) -> None:
    """Keep at least `delay` seconds between two requests of a slot, also when Scrapy makes the slot anew."""
    kept = downloader.per_slot_settings.get(key, {})
    delay = max(delay, kept.get("delay", 0.0))
    downloader.per_slot_settings[key] = {**kept, "delay": delay}
    slot = downloader.slots.get(key)
    if slot is not None:
        slot.delay = max(slot.delay, delay)


class CountingDownloader(Downloader):
    """Scrapy's downloader, with the requests of a slot counted from the moment that they are let go.

    Scrapy 2.19 counts one when its task first runs; without a delay it lets everything that waits go before that
    (measured: 20 requests at a time to a host that was allowed 1).
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)


class HostThrottle(AutoThrottle):
    """AutoThrottle that goes below neither a source's own delay nor the Crawl-delay of its host."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[int, float] = {}

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        floor = self._floor(slot)
        target = latency / self.target_concurrency
        delay = min(max(floor, target, (slot.delay + target) / 2), max(floor, self.maxdelay))
        # Errors and 304 answers are quick; they are no reason to go faster.
        if response.status == 200 or delay > slot.delay:  # noqa: PLR2004 - the one status with a full page
            slot.delay = delay

    def _floor(self, slot: Slot) -> float:
        downloader = self.crawler.engine.downloader
        for key, kept in downloader.per_slot_settings.items():
            if downloader.slots.get(key) is slot and "delay" in kept:
                return float(kept["delay"])
        return self.mindelay
