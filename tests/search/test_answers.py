"""Questions in many languages with answers that were checked by hand: the same over every engine.

The articles and the questions stand under `answers/`; each question says why its answers are right.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.search import Document, parse
from newsarchive.search.native import searcher as native_searcher
from newsarchive.search.native import writer as native
from newsarchive.search.tantivy_engine import searcher as tantivy_searcher
from newsarchive.search.tantivy_engine import writer as tantivy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.search.engine import Searcher

HERE = Path(__file__).parent / "answers"
ARTICLES: list[dict[str, Any]] = tomllib.loads((HERE / "articles.toml").read_text(encoding="utf-8"))["article"]
QUERIES: list[dict[str, Any]] = tomllib.loads((HERE / "queries.toml").read_text(encoding="utf-8"))["query"]
IDS = {article["id"] for article in ARTICLES}
NOW = datetime(2021, 7, 1, 12, tzinfo=UTC)


def document(article: dict[str, Any]) -> Document:
    moment = datetime.combine(article["published"], time(12), UTC)
    return Document(
        id=article["id"],
        url=f"https://{article['source']}.example/{article['id']}",
        headline=article["headline"],
        body=article["body"],
        first_seen=moment,
        last_seen=moment,
        published=moment,
        category=article["category"],
        categories=(article["category"],),
        authors=(article["author"],) if "author" in article else (),
        sources=(article["source"],),
        language=article.get("language"),
        word_count=len(article["body"].split()),
    )


ENGINES: dict[str, tuple[Any, Any]] = {
    "native": (native.IndexWriter, native_searcher.Searcher),
    "tantivy": (tantivy.IndexWriter, tantivy_searcher.Searcher),
}
"""What writes an index and what reads it, by engine."""


@pytest.fixture(scope="module", params=ENGINES)
def searcher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    index_writer, engine = ENGINES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    with index_writer.create(folder, generation="g") as writer:
        writer.build(map(document, ARTICLES), revision=1)
    with engine(folder, generation="g") as opened:
        yield opened


def name_of(asked: dict[str, Any]) -> str:
    return f"{asked['query']} {asked.get('sort', '')}".strip()


@pytest.mark.parametrize("asked", QUERIES, ids=name_of)
def test_a_question_has_the_answers_that_a_reader_found(searcher: Searcher, asked: dict[str, Any]) -> None:
    query = parse(asked["query"], now=NOW)
    answer = searcher.search(query, sort=asked.get("sort", "relevance"), limit=100)
    found = [hit.id for hit in answer.found]
    assert answer.total == len(found) == searcher.count(query), asked["why"]
    if "order" in asked:
        assert found == asked["order"], asked["why"]
    else:
        assert sorted(found) == sorted(asked["finds"]), asked["why"]


def test_the_test_set_is_as_large_as_it_is_said_to_be() -> None:
    assert len({article.get("language") for article in ARTICLES}) >= 20
    assert len(IDS) == len(ARTICLES)
    assert len(QUERIES) >= 100
    for asked in QUERIES:
        assert set(asked.get("finds", asked.get("order", ()))) <= IDS
        assert asked["why"]
