"""Every engine finds the articles that a plain reading finds, after any sequence of changes; so all find the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search.plain import Plain
from tests.search.test_evaluation import documents, queries

from newsarchive.search import Document, EngineName, IndexWriter, Searcher, name_key
from newsarchive.search.widening import widened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.models.query import Query
    from newsarchive.search.engine import Searcher as AnySearcher

numbers = st.integers(0, 9)
upserts = st.lists(
    st.builds(lambda number, document: document._replace(id=f"d{number}"), numbers, documents()), max_size=6
)
changes = st.lists(st.tuples(upserts, st.sets(numbers, max_size=2), st.booleans()), max_size=3)
Change = tuple[list[Document], set[int], bool]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=changes, asked_for=st.lists(queries, min_size=1, max_size=10))
def test_the_articles_are_those_of_a_plain_reading_after_any_changes(
    engine: EngineName, batches: list[Change], asked_for: list[Query]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with IndexWriter.create(folder, generation="g", engine=engine) as writer:
            writer.apply(revision=0)
            held: dict[str, Document] = {}
            for revision, (new, deletes, compact) in enumerate(batches):
                gone = {f"d{number}" for number in deletes}
                writer.apply(new, gone, revision=revision)
                held |= {document.id: document for document in new}
                held = {id_: document for id_, document in held.items() if id_ not in gone}
                if compact:
                    writer.compact()
        with Searcher(folder) as searcher:
            assert searcher.ids() == sorted(held)
            _compare(searcher, list(held.values()), asked_for)


def _compare(searcher: AnySearcher, held: list[Document], asked_for: Iterable[Query]) -> None:
    plain = Plain([held])
    languages = {name_key(document.language or "") for document in held}
    for query in asked_for:
        expected = plain.answers(widened(query, languages))
        answer = searcher.search(query, limit=100)
        assert {found.id for found in answer.found} == set(expected), query
        assert answer.total == len(answer.found) == searcher.count(query)
        newest = [found.id for found in searcher.scan(query, sort="newest")]
        assert newest == sorted(expected, key=lambda id_: _order(next(one for one in held if one.id == id_)))


def _order(document: Document) -> tuple[bool, float, str]:
    published = document.published
    return published is None, -published.timestamp() if published else 0.0, document.id
