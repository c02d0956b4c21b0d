"""The evaluation of queries against two others: the same articles, the same scores.

One is a plain reading of the documents, which knows nothing of the files; the other is stock Whoosh over the same
files, after any sequence of commits, deletions and merges.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.search.plain import Plain
from tests.search.stock import Stock
from tests.search.strategies import DAY, corpora, documents, queries

from newsarchive.models import query as q
from newsarchive.search import Document
from newsarchive.search.analysis import name_key
from newsarchive.search.native import feedback, proximity
from newsarchive.search.native.build import build_segment
from newsarchive.search.native.container import Container
from newsarchive.search.native.searcher import Searcher
from newsarchive.search.native.segment import Segment
from newsarchive.search.native.writer import IndexWriter
from newsarchive.search.widening import widened

if TYPE_CHECKING:
    from collections.abc import Iterator


def languages_of(documents: list[Document]) -> set[str]:
    return {name_key(document.language) for document in documents if document.language}


def close(scores: dict[str, float]) -> dict[str, object]:
    return {id_: pytest.approx(score, rel=1e-4, abs=1e-6) for id_, score in scores.items()}


def numbered(segments: list[list[Document]]) -> list[list[Document]]:
    """The documents with ids of their own."""
    return [
        [document._replace(id=f"d{segment}-{number}") for number, document in enumerate(documents)]
        for segment, documents in enumerate(segments)
    ]


@pytest.fixture(autouse=True, scope="module")
def _without_second_stages() -> Iterator[None]:
    """They are a matter of their own, see `test_ranking` and `test_feedback`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proximity, "PROXIMITY", 0.0)
        patch.setattr(feedback, "FEEDBACK", 0.0)
        yield


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corpora, st.lists(queries, min_size=1, max_size=12), st.sets(st.tuples(st.integers(0, 2), st.integers(0, 7))))
def test_the_articles_and_scores_are_those_of_a_plain_reading(
    segments: list[list[Document]], asked_for: list[q.Query], gone: set[tuple[int, int]]
) -> None:
    segments = numbered(segments)
    plain = Plain(segments)
    languages = languages_of([document for documents in segments for document in documents])
    with TemporaryDirectory() as folder:
        opened = []
        for number, documents in enumerate(segments):
            path = Path(folder) / f"{number}.arr"
            build_segment(documents, path)
            deleted = sorted(at for segment, at in gone if segment == number and at < len(documents))
            opened.append(Segment(Container.open(path), np.array(deleted, np.uint32)))
        with Searcher.over(opened) as searcher:
            for query in [*asked_for, *asked_for]:  # the second time from the cache
                expected = plain.answers(widened(query, languages), lambda *place: place in gone)
                answer = searcher.search(query, limit=100)
                assert {found.id: found.score for found in answer.found} == close(expected)
                assert answer.total == len(answer.found) == searcher.count(query)


changes = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 9), documents()), max_size=6),
        st.sets(st.integers(0, 9), max_size=2),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def one(headline: str, language: str | None) -> Document:
    return Document("", "https://a.example/1", headline, "", DAY, DAY, language=language)


LAST_OF_A_LANGUAGE = [([(0, one("talk", None)), (1, one("talks", "en"))], set[int](), True), ([], {1}, False)]
"""Of a form that counted in one language alone, the only document was deleted and is not merged away yet."""


@example(LAST_OF_A_LANGUAGE, [q.Term("talk")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes, st.lists(queries, min_size=1, max_size=8))
def test_stock_whoosh_finds_the_same_in_the_same_files(
    batches: list[tuple[list[tuple[int, Document]], set[int], bool]], asked_for: list[q.Query]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        held: dict[str, Document] = {}
        with IndexWriter.create(folder, generation="g") as writer:
            writer.apply(revision=0)
            for upserts, deletes, is_merged in batches:
                put = [document._replace(id=f"d{number}") for number, document in upserts]
                gone = {f"d{number}" for number in deletes}
                writer.apply(put, gone, revision=1)
                held |= {document.id: document for document in put}
                held = {id_: document for id_, document in held.items() if id_ not in gone}
                if is_merged:
                    writer.compact()
        stock, plain = Stock(folder), Plain([[*held.values()]])
        with Searcher(folder) as searcher:
            for query in asked_for:
                asked = widened(query, searcher.languages)
                expected = stock.answers(asked)
                found = {found.id: found.score for found in searcher.search(query, limit=100).found}
                assert found == close(expected)
                assert found.keys() == plain.answers(asked).keys()
