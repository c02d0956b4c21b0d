"""The index is brought up to date in a thread, while captures are processed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive import layout
from newsarchive.holdings import Holdings
from newsarchive.ingest import IndexBeside, index_beside, process
from newsarchive.ingest.indexing import update_index
from newsarchive.storage import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MANY = 60


@pytest.fixture
def holdings(folder: Path) -> Iterator[Holdings]:
    with Database(folder / layout.DATABASE) as database:
        yield Holdings(folder, database)


@pytest.fixture
def capture(
    holdings: Holdings, record: Callable[..., object], page: Callable[..., bytes]
) -> Callable[[str, int], None]:
    """Captures many articles about a word on a day, and reads them; the index knows nothing of it."""

    def take(word: str, day: int) -> None:
        with newsarchive.open(holdings.folder, mode="rw") as archive:
            for number in range(MANY):
                url = f"https://harbor.example/{number}"
                record(archive, url, page(url, headline=f"The {word} number {number} opens"), day=day)
        process(holdings)

    return take


def found(folder: Path, word: str) -> int:
    with newsarchive.open(folder) as archive:
        return archive.search(word).total


def test_an_update_that_rests_indexes_every_article(holdings: Holdings, capture: Callable[[str, int], None]) -> None:
    for day, word in enumerate(("zeppelin", "regatta")):  # a new index, and one that goes on
        capture(word, day)
        rests: list[float] = []
        assert update_index(holdings, rest=rests.append) == MANY
        assert len(rests) == 2
        assert min(rests) >= 0
        assert found(holdings.folder, word) == MANY
    assert found(holdings.folder, "zeppelin") == 0


def test_at_the_end_of_processing_the_index_knows_all_though_an_update_was_under_way(
    holdings: Holdings, capture: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_beside, "_EVERY", 0.0)
    capture("zeppelin", 0)
    with IndexBeside(holdings) as index:
        index.now_and_then()
        capture("regatta", 1)
    assert found(holdings.folder, "regatta") == MANY
    assert found(holdings.folder, "zeppelin") == 0
