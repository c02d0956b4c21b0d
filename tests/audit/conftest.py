"""A filled archive: made once, copied for each test."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.models import Origin, Role
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AT = datetime(2019, 2, 28, 7, 0, tzinfo=UTC)
A, B, C = (f"https://harbor.example/{name}" for name in "abc")
FEED = "https://harbor.example/feed.xml"


def exchange(url: str, body: bytes, *, minutes: int, status: str = "200 OK", headers: str = "") -> Exchange:
    """A request and its answer, some minutes after the first one."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n".encode()
    request = f"GET {url} HTTP/1.1\r\nHost: harbor.example\r\n\r\n".encode()
    return Exchange(url, AT + timedelta(minutes=minutes), request, head, body)


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory, _page: Callable[..., bytes]) -> Path:
    """An archive with an edited article, one seen thrice unedited, a rejected page, a feed, revisits, an import."""
    folder = init_folder(tmp_path_factory.mktemp("filled") / "archive")
    page, origin = _page, Origin(source="harbor", via=FEED)
    with newsarchive.open(folder, mode="rw") as archive:
        with archive.recorder() as recorder:
            recorder.record(exchange(FEED, b"<rss/>", minutes=0), origin=Origin(role=Role.DISCOVERY, source="harbor"))
            recorder.record(exchange(A, page(A), minutes=1), origin=origin)
            recorder.record(exchange(B, page(B, headline="The mayor resigns"), minutes=2), origin=origin)
            recorder.record(exchange(C, page(C, published=None), minutes=3), origin=origin)
        with archive.recorder() as recorder:
            recorder.record(exchange(A, page(A, headline="Summit ends early"), minutes=61), origin=origin)
            twice = page(B, headline="The mayor resigns") + b"<!-- -->"
            recorder.record(exchange(B, twice, minutes=62), origin=origin)
            again = exchange(FEED, b"", minutes=63, status="304 Not Modified")
            recorder.record(again, origin=Origin(role=Role.DISCOVERY, source="harbor"))
            recorder.record(exchange(B, twice, minutes=64), origin=origin)
        saved = folder.parent / "saved.html"
        saved.write_bytes(page("https://harbor.example/d", headline="A bridge opens"))
        archive.ingest(saved)
    return folder


@pytest.fixture
def filled(_filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled archive."""
    return shutil.copytree(_filled, tmp_path / "filled")
