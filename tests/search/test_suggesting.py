"""What may have been meant is offered as a text to type, out of the index's own words, and only where needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from newsarchive.search import IndexWriter, Searcher
from newsarchive.search.suggesting import absent, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.models.query import Query
    from newsarchive.search import Document
    from newsarchive.search.engine import Searcher as AnySearcher

Ask = Callable[[str], "Query"]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, document: Callable[..., Document]) -> Iterator[AnySearcher]:
    folder: Path = tmp_path_factory.mktemp("index")
    bodies = ["the hanoi summit of leaders"] * 120 + ["a sumit nobody meant", "Nguyễn spoke in Hà Nội", "golf"]
    with IndexWriter.create(folder, generation="g") as writer:
        writer.build((document(f"d{at}", body=body, language="en") for at, body in enumerate(bodies)), revision=1)
    with Searcher(folder) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("hanoi sumnit", "hanoi summit"),
        ("sumnit -golf category:politics", "summit -golf category:politics"),
        ("headline:leadres OR hanoi", "headline:leaders OR hanoi"),
        ('"hanoi sumnit"', '"hanoi summit"'),
        ('"hanoi sumnit"~5', '"hanoi summit"~5'),
        ("hanoy NEAR/3 sumnit", "hanoi NEAR/3 summit"),
        ("=sumnit", "=summit"),
        ("sumit", "summit"),
        ("hanoi summit", None),
        ("golf", None),
        ("-sumnit hanoi", None),
        ("sumn*", None),
        ("author:sumnit", None),
        ("xqzwvk", None),
        ("source:sumnit", None),
    ],
)
def test_near_words_are_offered_in_their_places(
    query: str, offered: str | None, searcher: AnySearcher, ask: Ask
) -> None:
    assert did_you_mean(ask(query), query, searcher) == offered
    if offered:
        assert did_you_mean(ask(offered), offered, searcher) is None


def test_words_that_no_article_has_are_named(searcher: AnySearcher, ask: Ask) -> None:
    assert absent(ask('hanoi sumnit "leaders zzz" -yyy'), searcher) == ("sumnit", "zzz")
    assert absent(ask("leader hà"), searcher) == ()
