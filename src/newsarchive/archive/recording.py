"""Takes what a crawl fetched into the archive: first the bytes, then the row, before anything is read from them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsarchive.digests import warc_sha1
from newsarchive.errors import UsageError
from newsarchive.ingest import note
from newsarchive.models import Capture, Origin, Role
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterable

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
            if origin.source and origin.role is Role.PAGE and is_web_url(exchange.url):
                url = canonicalise(exchange.url)
                self._holdings.frontier.fetched(origin.source, url, at=exchange.captured_at)
            return None
        capture = self._writer.write(exchange, origin=origin)
        with self._holdings.database.transaction():
            note(self._holdings, capture)
        return capture

    def record_all(self, exchanges: Iterable[tuple[Exchange, Origin]]) -> list[Capture | UsageError | None]:
        """Keep several exchanges with one sync of the file and, after it, one commit of their rows.

        For each, what `record` would return; or the error, where an exchange cannot be kept whatever the disk does.

        Raises:
            OSError: as `record`; then none of them is kept.
        """
        with self._holdings.database.transaction(), self._writer.together():
            return [self._tried(exchange, origin) for exchange, origin in exchanges]

    def _tried(self, exchange: Exchange, origin: Origin) -> Capture | UsageError | None:
        try:
            return self.record(exchange, origin=origin)
        except UsageError as error:
            return error

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
