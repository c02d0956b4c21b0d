"""What tests of archives share: answers of a server at given hours, taken in as a crawl takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from newsarchive.models import Origin, Role
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    import newsarchive
    from newsarchive.models import Capture

START = datetime(2019, 3, 1, tzinfo=UTC)


@pytest.fixture
def record() -> Callable[..., Capture | None]:
    """Keeps one answer: `record(archive, url, body, "X-Robots-Tag: noai", day=1)`; the default is a page, 200."""

    def keep(  # noqa: PLR0913 - each is a property of the answer
        archive: newsarchive.Archive,
        url: str,
        body: bytes = b"",
        *headers: str,
        day: float = 0,
        status: str = "200 OK",
        discovery: bool = False,
        source: str = "harbor",
    ) -> Capture | None:
        head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *headers, "", ""])
        exchange = Exchange(
            url=url,
            captured_at=START + timedelta(days=day, hours=9),
            request_head=f"GET {url} HTTP/1.1\r\n\r\n".encode(),
            response_head=head.encode(),
            body=body,
        )
        role = Role.DISCOVERY if discovery else Role.PAGE
        with archive.recorder() as recorder:
            return recorder.record(exchange, origin=Origin(role=role, source=source))

    return keep


@pytest.fixture
def answered(archive: newsarchive.Archive) -> Callable[..., None]:
    """Takes one answer in, at an hour after `START`, without processing it."""

    def take(
        url: str, body: bytes = b"", *, hour: int, status: int = 200, location: str = "", role: Role = Role.PAGE
    ) -> None:
        head = f"HTTP/1.1 {status} Told\r\nContent-Type: text/html; charset=utf-8\r\n"
        head += f"Location: {location}\r\n\r\n" if location else "\r\n"
        request = f"GET / HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n"
        # What a server sends is never twice the same.
        unlike = body + f"<!-- {hour} -->".encode()
        exchange = Exchange(url, START + timedelta(hours=hour), request.encode(), head.encode(), unlike)
        with archive.recorder() as recorder:
            recorder.record(exchange, origin=Origin(role=role, source="harbor"))

    return take
