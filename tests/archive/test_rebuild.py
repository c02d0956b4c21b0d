"""Whatever lies downstream of the captures comes back from them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def picture(folder: Path) -> dict[str, Any]:
    """All that a user can see of an archive.

    Scores are left out, not the order they give: a state of an article that was indexed and replaced counts in the
    frequency of its words until its segment is merged.
    """
    with newsarchive.open(folder) as archive:
        results = archive.search("", sort="oldest")
        return {
            "articles": [article.model_dump(mode="json") for article in archive.articles()],
            "rejected": sorted((r.capture.url, r.problems[0].code) for r in archive.rejected()),
            "hits": [hit.as_record() for hit in results],
            "found": [hit.as_record() | {"score": None} for hit in archive.search("opera OR mayor")],
        }


@pytest.fixture
def filled(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """An archive with an edited article, an unchanged one, a rejected page and a second look at each."""
    pile = tmp_path / "pile"
    pile.mkdir()
    with newsarchive.open(folder, mode="rw") as archive:
        (pile / "a.html").write_bytes(page("https://harbor.example/a"))
        (pile / "b.html").write_bytes(page("https://harbor.example/b", headline="The mayor resigns"))
        (pile / "c.html").write_bytes(page("https://harbor.example/c", published=None))
        archive.ingest(pile)
        (pile / "a.html").write_bytes(page("https://harbor.example/a", headline="Summit ends early"))
        (pile / "b.html").write_bytes(page("https://harbor.example/b", headline="The mayor resigns") + b"<!-- -->")
        archive.ingest(pile)
        assert len(archive.get("https://harbor.example/a").versions) == 2
        assert len(archive.get("https://harbor.example/b").versions) == 1
    return folder


def rebuild(folder: Path) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()


def test_a_deleted_index_comes_back(filled: Path) -> None:
    before = picture(filled)
    shutil.rmtree(filled / "index")
    rebuild(filled)
    assert picture(filled) == before


def test_deleted_records_come_back(filled: Path) -> None:
    before = picture(filled)
    for path in filled.glob("articles.db*"):
        path.unlink()
    rebuild(filled)
    assert picture(filled) == before


def test_everything_but_the_captures_can_be_deleted(filled: Path) -> None:
    before = picture(filled)
    shutil.rmtree(filled / "index")
    for path in filled.glob("articles.db*"):
        path.unlink()
    rebuild(filled)
    assert picture(filled) == before


def test_a_search_without_an_index_says_what_to_do(filled: Path) -> None:
    shutil.rmtree(filled / "index")
    with newsarchive.open(filled) as archive, pytest.raises(newsarchive.errors.IndexMissing) as caught:
        _ = archive.search("opera").total
    assert "newsarchive rebuild" in caught.value.tip


def test_lost_records_are_told_with_the_way_back(filled: Path) -> None:
    for path in filled.glob("articles.db*"):
        path.unlink()
    with pytest.raises(newsarchive.errors.ArchiveNotFound) as caught:
        newsarchive.open(filled)
    assert "newsarchive rebuild" in caught.value.tip


def test_an_index_of_other_records_is_not_searched(filled: Path) -> None:
    for path in filled.glob("articles.db*"):
        path.unlink()
    newsarchive.open(filled, mode="rw").close()
    with newsarchive.open(filled) as archive, pytest.raises(newsarchive.errors.IndexMissing):
        _ = archive.search("opera").total


def test_a_rejected_page_can_be_tried_again(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> None:
    (tmp_path / "short.html").write_bytes(page(paragraphs=("Only a few words here today.",)))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(tmp_path / "short.html")
        assert archive.status().captures_rejected == 1
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[validation]\nmin_words = 3\n")
    with newsarchive.open(folder, mode="rw") as archive:
        assert archive.retry_rejected(code="no-date").processed == 0
        assert archive.retry_rejected().accepted == 1
        assert archive.search("words").total == 1
