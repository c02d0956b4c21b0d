"""Pages and exchanges for the WARC tests, all made here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from newsarchive.models import Origin, Role
from newsarchive.warc import Exchange, WarcWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "https://harbor.example/politics/summit?b=2&a=1"
AT = datetime(2019, 2, 27, 11, 30, 5, 123456, tzinfo=UTC)
PAGE = "<html><title>Summit ends without a deal</title><p>Hà Nội, Thursday.</p></html>".encode()


class MakeExchange(Protocol):
    def __call__(self, *, head: bytes = ..., body: bytes = ..., url: str = ..., request: bytes = ...) -> Exchange: ...


@pytest.fixture
def exchange() -> MakeExchange:
    """Makes an exchange; what the test does not care about is filled in."""

    def make(
        *,
        head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n",
        body: bytes = PAGE,
        url: str = URL,
        request: bytes = b"GET /politics/summit?b=2&a=1 HTTP/1.1\r\nHost: harbor.example\r\n\r\n",
    ) -> Exchange:
        return Exchange(url, AT, request, head, body, ip="192.0.2.7")

    return make


@pytest.fixture
def origin() -> Origin:
    return Origin(role=Role.DISCOVERY, source="harbor", via="https://harbor.example/feed.xml")


@pytest.fixture
def writer(tmp_path: Path) -> Callable[..., WarcWriter]:
    """Makes a writer into the test's folder."""

    def make(max_file_size: int = 1_000_000) -> WarcWriter:
        return WarcWriter(tmp_path, max_file_size=max_file_size, info={"software": "newsarchive tests"})

    return make
