"""A small archive as a crawl leaves it: edits, a page that is gone, two articles of one site."""

from __future__ import annotations

import gzip
import html
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.models import Origin
from newsarchive.warc import Exchange
from newsarchive.warc.members import Member, walk
from newsarchive.warc.record import parse_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SITE = "https://harbor.example"
EDITED = f"{SITE}/politics/summit"
OTHER = f"{SITE}/world/talks"
FEED = f"{SITE}/feed.xml"
FIRST = datetime(2019, 2, 27, 11, 30, 5, 123456, tzinfo=UTC)
SENTENCES = (
    "The leaders of the two countries ended their meeting in the old opera house without signing anything at all.",
    "Officials had hoped for a short declaration on trade, but the talks stalled over the question of inspections.",
    "Both sides said that working groups would go on, and that a further meeting could be held before the summer.",
)


def article(headline: str, *more: str) -> bytes:
    """An article page."""
    text = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in (*SENTENCES, *more))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(headline)}</title>'
        '<meta property="article:published_time" content="2019-02-27T18:05:00+07:00"></head>'
        f"<body><article><h1>{html.escape(headline)}</h1>{text}</article></body></html>"
    ).encode()


def exchange(url: str, body: bytes, *, day: int = 0, status: str = "200 OK") -> Exchange:
    """An exchange some days after the first one, its body packed as servers do it."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n\r\n"
    path = url.removeprefix(SITE)
    request = f"GET {path} HTTP/1.1\r\nHost: harbor.example\r\n\r\n"
    at = FIRST + timedelta(days=day)
    packed = gzip.compress(body, mtime=0) if body else b""
    return Exchange(url, at, request.encode(), head.encode(), packed, ip="192.0.2.7")


TALKS = article("Talks go on behind closed doors", "A second round was set for the spring in Geneva.")
EXCHANGES = (
    exchange(EDITED, article("Summit ends without a deal")),
    exchange(OTHER, TALKS),
    exchange(EDITED, article("Summit collapses over inspections"), day=1),
    exchange(EDITED, b"<p>Nothing here any more.", day=9, status="410 Gone"),
    exchange(OTHER, TALKS, day=2),
    exchange(OTHER, b"", day=3, status="304 Not Modified"),
)


@pytest.fixture(scope="session")
def _crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = init_folder(tmp_path_factory.mktemp("export") / "archive", name="Hanoi summit")
    with newsarchive.open(folder, mode="rw") as archive:
        with archive.recorder() as recorder:
            for one in EXCHANGES:
                recorder.record(one, origin=Origin(via=FEED))
        archive.process()
    return folder


@pytest.fixture
def crawled(_crawled: Path, copied: Callable[[Path], Path]) -> Path:
    """An archive folder of one's own: two articles of three captures each, one edited and gone, one unchanged."""
    return copied(_crawled)


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies an archive to another place."""

    def copy(folder: Path) -> Path:
        target = tmp_path / f"copy-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(folder, target)
        return target

    return copy


def members(path: Path) -> list[bytes]:
    """The gzip members of a WARC file, in order."""
    with path.open("rb") as file:
        found = list(walk(file.fileno(), keep=0))
        assert all(isinstance(item, Member) for item in found)
        data = path.read_bytes()
    return [data[item.offset : item.offset + item.length] for item in found]


def kinds(parts: list[bytes]) -> list[str]:
    """The kind of the WARC record in each member."""
    return [parse_header(gzip.decompress(part)).kind for part in parts]


@pytest.fixture
def opened(crawled: Path) -> Iterator[newsarchive.Archive]:
    with newsarchive.open(crawled) as archive:
        yield archive
