"""Takes what a crawl fetched into the archive: first the bytes, then the row, before anything is read from them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsarchive.digests import warc_sha1
from newsarchive.ingest import note
from newsarchive.models import Capture, Origin, Role
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.warc import Exchange, WarcWriter


class Recorder:
    """Writes exchanges of one crawl; one thread uses it."""

    def __init__(self, holdings: Holdings, writer: WarcWriter) -> None:
        self._holdings = holdings
        self._writer = writer

    def record(self, exchange: Exchange, *, origin: Origin) -> Capture | None:
        """Keep an exchange; its capture, or None where the page is as it was.

        An answer 304, and one with the very bytes of the URL's newest capture, is no new capture: its URL only leaves
        the frontier.

        Raises:
            OSError: the file could not be written (a full disk, mostly); nothing of the exchange is kept.
        """
        if self._is_unchanged(exchange):
            if origin.source and origin.role is not Role.DISCOVERY and is_web_url(exchange.url):
                url = canonicalise(exchange.url)
                self._holdings.frontier.fetched(origin.source, url, at=exchange.captured_at)
            return None
        capture = self._writer.write(exchange, origin=origin)
        with self._holdings.database.transaction():
            note(self._holdings, capture)
        return capture

    def _is_unchanged(self, exchange: Exchange) -> bool:
        status = _status(exchange.response_head)
        if status == HTTPStatus.NOT_MODIFIED:
            return True
        latest = self._holdings.captures.latest(exchange.url)
        return (
            latest is not None
            and latest.status == status
            and bool(exchange.body)
            and latest.payload_digest == warc_sha1(exchange.body)
        )

    def latest(self, url: str) -> Capture | None:
        """The newest capture of a URL: what a conditional request names."""
        return self._holdings.captures.latest(url)


def _status(head: bytes) -> int | None:
    parts = head.split(b" ", 2)
    return int(parts[1][:3]) if len(parts) > 1 and parts[1][:3].isdigit() else None
