"""An article that is captured under many addresses is one, in whatever order, and after a rebuild."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive.archive import init_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADDRESSES = (
    "http://harbor.example/world/summit-ends",
    "https://www.harbor.example/world/summit-ends/",
    "https://www.harbor.example/world/summit-ends/amp",
    "https://m.harbor.example/world/summit-ends?utm_source=rss",
)


def take_in(folder: Path, pages: list[tuple[str, bytes]], tmp: Path) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        for number, (url, body) in enumerate(pages):
            file = tmp / f"{number}.html"
            file.write_bytes(body)
            archive.ingest(file, urls={file.name: url})


@pytest.mark.parametrize("order", list(itertools.permutations(range(4), 4))[::7])
def test_pages_without_a_canonical_link_are_versions_of_one_article(
    order: tuple[int, ...], page: Callable[..., bytes], tmp_path: Path
) -> None:
    folder = init_folder(tmp_path / "archive")
    pages = [(ADDRESSES[number], page(None, headline=f"Summit ends {number}")) for number in order]
    take_in(folder, pages, tmp_path)
    with newsarchive.open(folder, mode="rw") as archive:
        (article,) = archive.articles()
        assert article.id == newsarchive.open(folder).get(ADDRESSES[2]).id
        assert len(article.versions) == 4
        for address in (*ADDRESSES, "https://amp.harbor.example/world/summit-ends"):
            assert archive.get(address).id == article.id
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        assert [(one.id, len(one.versions)) for one in archive.articles()] == [(article.id, 4)]


def test_a_canonical_link_decides_where_there_is_one(page: Callable[..., bytes], tmp_path: Path) -> None:
    folder = init_folder(tmp_path / "archive")
    there = "https://harbor.example/story/7001"
    pages = [
        ("https://harbor.example/amp/s/99", page(there)),
        ("http://www.harbor.example/story/7001/print", page(None)),
    ]
    take_in(folder, pages, tmp_path)
    with newsarchive.open(folder) as archive:
        assert [one.url for one in archive.articles()] == [there]


def test_articles_of_an_archive_whose_ids_are_older_keep_them(page: Callable[..., bytes], tmp_path: Path) -> None:
    folder = init_folder(tmp_path / "archive")
    url = "https://harbor.example/story/7001"
    take_in(folder, [(url, page(url))], tmp_path)
    with newsarchive.open(folder, mode="rw") as archive:
        connection = archive._holdings.database.connection
        connection.execute("UPDATE articles SET id = 'anolderoneid'")
        connection.execute("UPDATE readings SET article_id = 'anolderoneid'")
        connection.execute("UPDATE texts SET article_id = 'anolderoneid'")
    take_in(folder, [(url, page(url, headline="Summit ends, again"))], tmp_path)
    with newsarchive.open(folder) as archive:
        assert [(one.id, len(one.versions)) for one in archive.articles()] == [("anolderoneid", 2)]
