"""A newsroom on loopback, archives that list its outlets as sources, and what can be compared of two archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.archive.folder import append_source
from newsarchive.sample import OUTLETS, Newsroom, NewsroomServer, build, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.settings import SourceSettings

CRAWL = "\n[crawl]\nallow_private_hosts = true\ndelay = 0\nconcurrency_per_host = 4\n"
ARTICLES = 100


@pytest.fixture(scope="session")
def truth() -> Newsroom:
    """What the newsroom published."""
    return build(1, articles=ARTICLES)


@pytest.fixture(scope="session")
def _server(truth: Newsroom) -> Iterator[NewsroomServer]:
    with serve(truth) as server:
        yield server


@pytest.fixture
def newsroom(_server: NewsroomServer) -> NewsroomServer:
    """The newsroom on loopback, at its first edition."""
    _server.edition = 1
    return _server


@pytest.fixture(scope="session")
def found() -> dict[str, SourceSettings]:
    """What `sources add` found of each outlet; looked for once."""
    return {}


@pytest.fixture
def new_archive(newsroom: NewsroomServer, tmp_path: Path, found: dict[str, SourceSettings]) -> Callable[..., Path]:
    """Makes archives whose sources are the outlets, found as `sources add` finds them."""

    def make(name: str, *, sources: tuple[str, ...] = tuple(outlet.name for outlet in OUTLETS)) -> Path:
        folder = init_folder(tmp_path / name)
        with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(CRAWL)
        with newsarchive.open(folder, mode="rw") as archive:
            for source in sources:
                if source not in found:
                    found[source] = archive.find_sources(newsroom.url(source)).source
                append_source(folder, name=source, source=found[source])
        return folder

    return make


@pytest.fixture
def picture() -> Callable[[Path], dict[str, Any]]:
    """What an archive holds, without what depends on the moment of capture."""

    def take(folder: Path) -> dict[str, Any]:
        with newsarchive.open(folder) as archive:
            return {
                "versions": {
                    article.url: [version.digest for version in article.versions] for article in archive.articles()
                },
                "rejected": sorted({(r.capture.url, r.problems[0].code) for r in archive.rejected()}),
                "found": sorted(hit.url for hit in archive.search('"Hanoi summit"')),
                "sources": {status.name: status.articles for status in archive.status().sources},
                "left": archive.status().captures["captured"],
            }

    return take
