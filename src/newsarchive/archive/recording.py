"""Takes what a crawl fetched into the archive: first the bytes, then the row, before anything is read from them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsarchive.digests import warc_sha1
from newsarchive.errors import UsageError
from newsarchive.ingest import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.holdings import Holdings
    from newsarchive.models import Capture, Origin
    from newsarchive.warc import Exchange, WarcWriter


class Recorder:
    """Writes exchanges of one crawl; one thread uses it."""

    def __init__(self, holdings: Holdings, writer: WarcWriter) -> None:
        self._holdings = holdings
        self._writer = writer

    def record(self, exchange: Exchange, *, origin: Origin) -> Capture | None:
        """Keep an exchange; its capture, or None where its address was withdrawn: that is not kept.

        An answer 304, and one with the very bytes of the URL's newest capture, is kept as a revisit: its payload is
        that of the capture which holds the bytes. Captures of other URLs are never referred to, so that each can be
        withdrawn or given away alone.

        Raises:
            OSError: the file could not be written (a full disk, mostly); nothing of the exchange is kept.
        """
        bar = self._holdings.barring.why(exchange.url)
        if bar and bar.kind == "withdrawn":  # it was withdrawn while its answer was on the way
            return None
        capture = self._writer.write(exchange, origin=origin, original=self._original(exchange))
        try:
            with self._holdings.database.transaction():
                note(self._holdings, capture)
        except BaseException:
            self._writer.leave()  # the next writer's repair finds the capture and notes it
            raise
        return capture

    def record_all(self, exchanges: Iterable[tuple[Exchange, Origin]]) -> list[Capture | UsageError | None]:
        """Keep several exchanges with one sync of the file and, after it, one commit of their rows.

        For each, what `record` returns; or the error, where an exchange cannot be kept whatever the disk does.

        Raises:
            OSError: as `record`; then none of them is kept.
            ArchiveError: their rows could not be written; the next writer's repair finds the captures and notes them.
        """
        synced = False
        try:
            with self._holdings.database.transaction():
                with self._writer.together():
                    kept = [self._tried(exchange, origin) for exchange, origin in exchanges]
                synced = True
        except BaseException:
            if synced:
                self._writer.leave()
            raise
        return kept

    def _tried(self, exchange: Exchange, origin: Origin) -> Capture | UsageError | None:
        try:
            return self.record(exchange, origin=origin)
        except UsageError as error:
            return error

    def _original(self, exchange: Exchange) -> Capture | None:
        latest = self._holdings.captures.latest(exchange.url, until=exchange.captured_at)
        row = self._holdings.captures.original(latest) if latest else None
        if row is None or row.capture.url != exchange.url:
            return None
        original, status = row.capture, _status(exchange.response_head)
        if status == HTTPStatus.NOT_MODIFIED:
            return original
        same = original.status == status and original.payload_digest == warc_sha1(exchange.body)
        return original if same and exchange.body and not exchange.truncated else None

    def latest(self, url: str) -> Capture | None:
        """The newest capture of a URL, a revisit maybe; none from the future, as a clock that was ahead leaves them."""
        return self._holdings.captures.latest(url, until=self._holdings.database.now())

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """The ETag and the Last-Modified that a conditional request names (RFC 9110, section 13.1).

        They are the newest answer's; a 304 may leave out what has not changed.
        """
        latest = self.latest(url)
        full = self._holdings.captures.original(latest) if latest else None
        if latest is None or full is None:  # there would be nothing to show for a 304
            return None, None
        return latest.etag or full.capture.etag, latest.last_modified or full.capture.last_modified


def _status(head: bytes) -> int | None:
    parts = head.split(b" ", 2)
    return int(parts[1][:3]) if len(parts) > 1 and parts[1][:3].isdigit() else None
