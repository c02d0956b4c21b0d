"""What every engine promises beyond finding words: pages, facets, copies, hidden articles, explanations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from newsarchive.errors import IndexMissing, UsageError
from newsarchive.models.query import (
    AtLeast,
    Near,
    NotNear,
    Prefix,
    Query,
    Some,
    State,
    Term,
    Wildcard,
    Words,
    all_of,
    any_of,
)
from newsarchive.search import FACETS, Document, EngineName, FacetCount, IndexWriter, Searcher, Sort

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Document]
Ask = Callable[[str], Query]
Build = Callable[..., None]
DAY = datetime(2019, 1, 30, tzinfo=UTC)
WIRE = "The two leaders ended their summit without an agreement, and the teams went home. " * 8


@pytest.fixture(scope="module")
def folder(build: Build, tmp_path_factory: pytest.TempPathFactory, document: Make) -> Path:
    folder = tmp_path_factory.mktemp("engines") / "index"
    build(
        folder,
        *(
            document(
                f"a{number:02}",
                headline=f"Talks, day {number}",
                body="talks " * (1 + number % 5) + f"about n{number}",
                published=None if number % 7 == 0 else DAY + timedelta(days=number % 4),
                category=("Politics", "World")[number % 2],
                authors=("Lan Tran", "Jo Reed")[: number % 3],
                sources=("harbor",),
                language=("en", "de")[number % 2],
                word_count=number % 6,
                versions=1 + number % 3,
                states=(State.EDITED,) if number % 3 else (),
            )
            for number in range(25)
        ),
        document("wire1", headline="No deal", body=WIRE, published=DAY),
        document("wire2", headline="Summit ends", body=WIRE, published=DAY + timedelta(hours=5)),
        document("wire3", headline="Leaders part", body=WIRE, published=DAY - timedelta(hours=5)),
    )
    return folder


def test_a_word_that_stands_twice_in_a_relaxed_list_counts_once_and_weighs_twice(folder: Path) -> None:
    def asked(least: int, *words: str) -> dict[str, float]:
        with Searcher(folder) as searcher:
            return {each.id: each.score for each in searcher.scan(Some(tuple(map(Term, words)), least))}

    assert set(asked(2, "talks", "talks", "n3")) == {"a03"} == set(asked(2, "talks", "n3"))
    assert asked(1, "talks", "talks", "n3")["a07"] > 1.5 * asked(1, "talks", "n3")["a07"]


@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_that_follow_a_cursor_give_every_article_once_and_in_order(folder: Path, ask: Ask, sort: Sort) -> None:
    with Searcher(folder) as searcher:
        for text in ("talks", "*", "category:world OR n3"):
            query = ask(text)
            whole = [found.id for found in searcher.scan(query, sort=sort)]
            answer = searcher.search(query, sort=sort, limit=4)
            seen = [found.id for found in answer.found]
            while answer.next is not None:
                answer = searcher.search(query, sort=sort, limit=4, after=answer.next)
                seen += [found.id for found in answer.found]
            assert seen == whole
            assert len(seen) == answer.total
            assert [found.id for found in searcher.search(query, sort=sort, limit=3, offset=5).found] == whole[5:8]


def test_a_cursor_goes_on_where_it_stood_after_a_commit(build: Build, tmp_path: Path, document: Make, ask: Ask) -> None:
    build(tmp_path, *(document(f"d{day}", body="word", published=DAY + timedelta(days=day)) for day in range(6)))
    with Searcher(tmp_path) as searcher:
        first = searcher.search(ask("word"), sort="newest", limit=3)
    with IndexWriter.open(tmp_path, generation="g") as writer:
        writer.apply([document("new", body="word", published=DAY + timedelta(days=9))], ["d5", "d3"], revision=2)
    with Searcher(tmp_path) as searcher:
        rest = searcher.search(ask("word"), sort="newest", limit=9, after=first.next)
    assert [found.id for found in rest.found] == ["d2", "d1", "d0"]


def test_a_cursor_of_another_order_and_what_is_no_cursor_are_refused(folder: Path, ask: Ask) -> None:
    with Searcher(folder) as searcher:
        token = searcher.search(ask("talks"), sort="newest", limit=2).next
        for wrong in (token, "nonsense", ""):
            with pytest.raises(UsageError, match="cursor"):
                searcher.search(ask("talks"), sort="oldest", after=wrong)
        with pytest.raises(UsageError, match="colour"):
            searcher.search(ask("talks"), facets=("colour",))


def test_facets_count_all_that_answers_by_what_is_shown(folder: Path, ask: Ask) -> None:
    with Searcher(folder) as searcher:
        facets = searcher.search(ask("talks"), limit=1, facets=FACETS).facets
        assert facets["source"] == (FacetCount("harbor", 25),)
        assert facets["category"] == (FacetCount("Politics", 13), FacetCount("World", 12))
        assert facets["language"] == (FacetCount("en", 13), FacetCount("de", 12))
        assert facets["author"] == (FacetCount("Lan Tran", 16), FacetCount("Jo Reed", 8))
        assert facets["month"] == (FacetCount("2019-01", 11), FacetCount("2019-02", 10))
        assert facets["edited"] == (FacetCount("yes", 16), FacetCount("no", 9))
        assert facets["copies"] == (FacetCount("no", 25),)
        assert searcher.search(ask("summit"), facets=("copies",)).facets["copies"] == (
            FacetCount("yes", 2),
            FacetCount("no", 1),
        )
        assert searcher.search(ask("talks"), facets=("author",), most_values=1).facets["author"][0].value == "Lan Tran"
        assert searcher.search(ask("nothingofthekind"), facets=("month", "source")).facets == {
            "month": (),
            "source": (),
        }


def test_copies_are_found_and_folded_under_the_one_that_came_first(folder: Path, ask: Ask) -> None:
    with Searcher(folder) as searcher:
        assert {found.id for found in searcher.scan(ask("is:copy"))} == {"wire1", "wire2"}
        answer = searcher.search(ask("leaders OR n3"), sort="newest", fold_copies=True)
        assert [(found.id, found.copies) for found in answer.found] == [("a03", 0), ("wire3", 2)]
        assert (answer.total, answer.folded) == (4, 2)
        # Only what answers is folded.
        assert [found.id for found in searcher.search(ask('headline:"no deal"'), fold_copies=True).found] == ["wire1"]


def test_hidden_articles_answer_nothing_and_are_counted(folder: Path, ask: Ask) -> None:
    with Searcher(folder, hidden=frozenset({"a01", "wire3", "unknown"})) as searcher:
        assert searcher.count(ask("talks")) == 24
        assert searcher.count_hidden(ask("talks")) == 1
        assert "a01" not in {found.id for found in searcher.scan(ask("*"))}
        assert len(searcher) == 28
        assert {found.id for found in searcher.scan(ask("is:copy"))} == {"wire2"}
        assert searcher.search(ask("talks"), facets=("language",)).facets["language"][1] == FacetCount("de", 11)


def test_a_word_tells_what_it_stands_for(build: Build, tmp_path: Path, document: Make) -> None:
    build(
        tmp_path,
        document("1", body="Summit in Hà Nội", language="vi"),
        document("2", body="Summits of ha, an e-mail", language="en"),
        document("3", headline="Summits", language="en"),
        document("4", body="summits", language="vi"),
    )
    expected: dict[Words, dict[str, int]] = {
        Term("summit"): {"summits": 2, "summit": 1},
        Term("ha"): {"ha": 1, "hà": 1},
        Term("hà", exact=True): {"hà": 1},
        Prefix("h"): {"ha": 1, "hà": 1, "hanoi": 1},
        Wildcard("*mail"): {"email": 1, "mail": 1},
    }
    with Searcher(tmp_path) as searcher:
        for node, forms in expected.items():
            assert dict(searcher.expand(node)) == forms, node
        assert [form.word for form in searcher.near_words("summitt")] == ["summits", "summit"]
        assert "summit" in [form.word for form in searcher.near_words("smumit")]
        assert "summit" not in [form.word for form in searcher.near_words("summit")]


def test_an_explanation_has_every_node_with_its_count(folder: Path, engine: EngineName) -> None:
    near = Near((Term("day"), Term("talks")), 3)
    query = all_of(Term("talks", place=(0, 5)), any_of(Term("n3"), near))
    with Searcher(folder) as searcher:
        told = searcher.explain(query)
        assert told.engine == engine
        assert told.engine_query
        assert told.milliseconds >= 0
        talks, either = told.tree.parts
        assert (told.tree.kind, told.tree.documents) == ("and", searcher.count(query))
        assert (talks.kind, talks.documents, talks.place) == ("term", 25, (0, 5))
        assert [form.word for form in talks.forms][:1] == ["talks"]
        assert [part.kind for part in either.parts] == ["term", "near"]
        assert either.parts[1].documents == 25


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Near((Term("alpha"), Term("beta"), Term("gamma")), 2, ordered=True), {"1"}),
        (Near((Term("gamma"), Term("alpha"), Term("beta")), 2), {"1", "2"}),
        (Near((Term("alpha"), Term("alpha")), 3), {"4"}),
        (NotNear(Term("alpha"), Term("beta"), 2), {"3", "4"}),
        (NotNear(Term("alpha"), Term("beta"), 2, ordered=True), {"2", "3", "4"}),
        (AtLeast(2, Term("alpha")), {"4"}),
        (AtLeast(3, Term("alpha")), set()),
    ],
)
def test_nearness_and_counts_are_those_of_the_language(
    build: Build, tmp_path: Path, document: Make, query: Query, found: set[str]
) -> None:
    build(
        tmp_path,
        document("1", body="alpha x beta x gamma"),
        document("2", body="gamma beta alpha"),
        document("3", headline="alpha", body="beta gamma"),
        document("4", body="alpha x x alpha"),
    )
    with Searcher(tmp_path) as searcher:
        assert {each.id for each in searcher.scan(query)} == found


def test_a_word_that_stands_for_too_many_is_refused_with_their_number(
    build: Build, tmp_path: Path, document: Make
) -> None:
    build(tmp_path, document("1", body=" ".join(f"w{number}" for number in range(10_001)) + " v1"))
    with Searcher(tmp_path) as searcher:
        assert searcher.count(Prefix("v")) == 1
        with pytest.raises(UsageError, match="10,001") as caught:
            searcher.count(Prefix("w"))
    assert "letters" in caught.value.tip


def test_an_index_is_opened_by_the_engine_that_made_it_and_another_takes_its_place_whole(
    build: Build, tmp_path: Path, document: Make, ask: Ask
) -> None:
    build(tmp_path, document("1", body="old"))
    for other in get_args(EngineName):
        with IndexWriter.create(tmp_path, generation="g", engine=other) as writer:
            with pytest.raises(IndexMissing):
                Searcher(tmp_path)
            writer.apply([document("2", body=f"by {other}")], revision=3)
        with Searcher(tmp_path) as searcher:
            assert searcher.stamp.engine == other
            assert [found.id for found in searcher.scan(ask("*"))] == ["2"]
        names = {path.name.split("_")[0] for path in tmp_path.iterdir()} - {"stamp.json"}
        assert ("tantivy" in names) == (other == "tantivy")
        assert any(path.name.startswith("_MAIN") for path in tmp_path.iterdir()) == (other == "whoosh")


def test_every_field_of_a_document_can_be_asked_for() -> None:
    # A new field must be given to all engines; this test is changed with it.
    known = {
        "id", "url", "headline", "body", "first_seen", "last_seen", "published", "category", "categories", "authors",
        "sources", "tags", "language", "word_count", "versions", "changed", "states",
    }  # fmt: skip
    assert set(Document._fields) == known
