"""The searcher over an index of several commits: orders, pages, facets, copies, what is hidden, forms of words."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from newsarchive.errors import IntegrityError, UsageError
from newsarchive.models.query import (
    Everything,
    Exact,
    ExactField,
    Fuzzy,
    Is,
    Prefix,
    Query,
    State,
    Term,
    TextField,
    Wildcard,
)
from newsarchive.search import Document
from newsarchive.search.engine import FACETS, Sort
from newsarchive.search.native import forms, stages, view
from newsarchive.search.native import searcher as searcher_
from newsarchive.search.native.container import Container, Resident
from newsarchive.search.native.searcher import Searcher
from newsarchive.search.native.writer import IndexWriter

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Document]
Ask = Callable[[str], Query]
DAY = datetime(2019, 1, 31, tzinfo=UTC)
STORY = " ".join(f"word{number}" for number in range(60))


def articles(document: Make) -> Iterator[Document]:
    """Sixty articles: one in five without a time, two outlets, some edited, four copies of one story."""
    for number in range(60):
        yield document(
            f"d{number:02}",
            headline=f"Summit {number % 4}",
            body=f"talks in Hanoi n{number} {'summit ' * (number % 7)} {'sanctions' if number % 3 else 'sanction'}",
            published=None if number % 5 == 0 else DAY + timedelta(days=number % 30),
            sources=("Harbor Post" if number % 2 else "The Quay",),
            category="Politics" if number % 3 else None,
            authors=("Lan Tran", f"Writer {number % 8}"),
            language="en",
            word_count=number % 9,
            versions=1 + number % 3,
            states=(State.EDITED,) if number % 3 else (),
        )
    for number, source in enumerate(("Wire", "Harbor Post", "The Quay", "Wire")):
        day = DAY + timedelta(days=number)
        yield document(f"w{number}", headline="Wired", body=STORY, published=day, sources=(source,), language="en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, document: Make) -> Path:
    folder = tmp_path_factory.mktemp("searcher") / "index"
    every = list(articles(document))
    with IndexWriter.create(folder, generation="g") as writer:
        for start in range(0, len(every), 16):
            writer.apply(every[start : start + 16], revision=start + 1)
        writer.apply([every[3]], deletes=["d04"], revision=99)  # one is written anew, one is gone
    return folder


@pytest.fixture
def searcher(folder: Path) -> Iterator[Searcher]:
    with Searcher(folder) as searcher:
        yield searcher


def test_every_article_is_there_once(searcher: Searcher) -> None:
    assert len(searcher) == 63
    assert searcher.ids() == sorted({f"d{number:02}" for number in range(60)} - {"d04"} | {f"w{n}" for n in range(4)})
    assert searcher.search(Everything(), limit=100).total == 63


@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_by_place_and_by_cursor_are_the_scan_in_pieces(sort: Sort, searcher: Searcher, ask: Ask) -> None:
    query = ask("summit OR sanctions")
    every = list(searcher.scan(query, sort=sort))
    assert len(every) == searcher.count(query) == 59
    by_place = [
        found for at in range(0, 60, 7) for found in searcher.search(query, sort=sort, limit=7, offset=at).found
    ]
    assert by_place == every
    by_cursor, after = [], None
    while True:
        answer = searcher.search(query, sort=sort, limit=7, after=after)
        assert answer.total == 59
        by_cursor += answer.found
        after = answer.next
        if after is None:
            break
    assert by_cursor == every


def test_an_or_of_frequent_words_answers_the_same_whether_its_articles_are_named_or_not(
    folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> list[object]:
        found: list[object] = []
        with Searcher(folder, hidden=frozenset({"d01", "d07", "w0"})) as searcher:
            for query in map(ask, ("summit OR sanctions", "n7 OR word7", "hanoi OR talks OR hanoi", "word1 OR word2")):
                first = searcher.search(query, limit=4)
                found += [first, searcher.search(query, limit=4, after=first.next), searcher.search(query, limit=100)]
                found += [searcher.search(query, limit=2, offset=3, facets=("source",), fold_copies=True)]
                found += [*searcher.scan(query)]
        return found

    for stage in (50, 3):
        monkeypatch.setattr(stages, "NEAR_STAGE", stage)
        monkeypatch.setattr(view, "_WIDE", 1_000_000)
        named = answers()
        monkeypatch.setattr(view, "_WIDE", 0)
        assert answers() == named


@pytest.mark.parametrize("sort", get_args(Sort))
def test_the_order_is_that_of_the_documents(sort: Sort, searcher: Searcher, document: Make) -> None:
    held = {made.id: made for made in articles(document) if made.id != "d04"}

    def place(id_: str) -> tuple[float, bool, float, str]:
        made = held[id_]
        time = made.published.timestamp() if made.published else 0.0
        first = {"longest": -made.word_count, "most-edited": -made.versions}.get(sort, 0)
        return first, made.published is None, time if sort == "oldest" else -time, id_

    found = [found.id for found in searcher.scan(Everything(), sort=sort)]
    assert found == sorted(held, key=place)


def test_a_cursor_is_of_its_order(searcher: Searcher) -> None:
    token = searcher.search(Everything(), sort="newest", limit=1).next
    with pytest.raises(UsageError):
        searcher.search(Everything(), sort="oldest", after=token)


def test_a_cursor_goes_on_where_it_was_when_the_index_has_changed(document: Make, tmp_path: Path) -> None:
    days = [DAY + timedelta(days=number) for number in range(6)]
    with IndexWriter.create(tmp_path, generation="g") as writer:
        writer.apply([document(f"a{number}", published=day) for number, day in enumerate(days)], revision=1)
        with Searcher(tmp_path) as searcher:
            first = searcher.search(Everything(), sort="oldest", limit=3)
        writer.apply([document("new", published=days[1])], deletes=["a2", "a4"], revision=2)
    with Searcher(tmp_path) as searcher:
        second = searcher.search(Everything(), sort="oldest", limit=3, after=first.next)
    assert [found.id for found in (*first.found, *second.found)] == ["a0", "a1", "a2", "a3", "a5"]


def test_the_last_page_has_no_next_one(searcher: Searcher) -> None:
    assert searcher.search(Everything(), limit=63).next is None
    assert searcher.search(Everything(), limit=62).next is not None
    assert searcher.search(Everything(), limit=0).found == ()


def test_facets_count_every_article_that_answers(searcher: Searcher, document: Make, ask: Ask) -> None:
    held = [made for made in articles(document) if made.id != "d04" and made.id.startswith("d")]
    answer = searcher.search(ask("summit"), limit=3, facets=FACETS)
    counts = {name: {one.value: one.count for one in values} for name, values in answer.facets.items()}
    assert counts["source"] == Counter(made.sources[0] for made in held)
    assert counts["category"] == Counter(made.category for made in held if made.category)
    assert counts["language"] == {"en": 59}
    assert counts["author"] == Counter(author for made in held for author in made.authors)
    assert counts["month"] == Counter(f"{made.published:%Y-%m}" for made in held if made.published)
    assert counts["edited"] == {
        "yes": sum(bool(made.states) for made in held),
        "no": sum(not made.states for made in held),
    }
    assert list(counts["month"]) == sorted(counts["month"])
    assert [one.count for one in answer.facets["author"]] == sorted((counts["author"].values()), reverse=True)
    assert len(searcher.search(ask("summit"), facets=["author"], most_values=2).facets["author"]) == 2


def test_an_unknown_facet_is_refused(searcher: Searcher) -> None:
    with pytest.raises(UsageError, match="colour"):
        searcher.search(Everything(), facets=["colour"])


def test_copies_are_told_and_folded(searcher: Searcher, ask: Ask) -> None:
    assert {found.id for found in searcher.search(Is(State.COPY)).found} == {"w1", "w2", "w3"}
    answer = searcher.search(ask("word7"), facets=["copies"], fold_copies=True)
    assert [(found.id, found.copies) for found in answer.found] == [("w0", 3)]
    assert (answer.total, answer.folded) == (4, 3)
    assert {one.value: one.count for one in answer.facets["copies"]} == {"yes": 3, "no": 1}
    # Of the copies that answer, the one that was published first stands for the others.
    narrowed = searcher.search(ask("word7 -source:wire"), fold_copies=True)
    assert [(found.id, found.copies) for found in narrowed.found] == [("w1", 1)]


def test_what_is_hidden_answers_nothing_but_is_counted(folder: Path, ask: Ask) -> None:
    with Searcher(folder, hidden=frozenset({"d01", "d02", "w0", "d04", "absent"})) as searcher:
        assert searcher.count(ask("summit")) == 57
        assert searcher.count_hidden(ask("summit")) == 2
        assert not {"d01", "d02"} & {found.id for found in searcher.scan(ask("summit"))}
        assert {found.id for found in searcher.search(Is(State.COPY)).found} == {"w2", "w3"}


def test_a_word_is_expanded_to_its_forms(searcher: Searcher) -> None:
    assert [form.word for form in searcher.expand(Term("sanctions"))] == ["sanctions", "sanction"]
    assert [form.word for form in searcher.expand(Term("sanctions", exact=True))] == ["sanctions"]
    assert {form.word for form in searcher.expand(Prefix("sanc"))} == {"sanctions", "sanction"}
    assert [form.word for form in searcher.expand(Wildcard("s?mmit"))] == ["summit"]
    assert [form.word for form in searcher.expand(Fuzzy("sumit"))] == ["summit"]
    assert searcher.expand(Term("hanoi", TextField.HEADLINE)) == []


def test_words_like_one_that_is_not_there_are_offered(searcher: Searcher) -> None:
    assert searcher.near_words("sumit")[0].word == "summit"
    assert "summit" not in [form.word for form in searcher.near_words("summit")]
    assert searcher.near_words("xyzzyxyzzy") == []


def test_a_pattern_for_too_many_words_is_refused(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_FORMS", 10)
    with pytest.raises(UsageError, match="60"):
        searcher.search(Prefix("word"))


def test_a_query_is_explained_node_by_node(searcher: Searcher, ask: Ask) -> None:
    explained = searcher.explain(ask("(summit OR wired) -hanoi"))
    assert explained.engine == "whoosh"
    assert explained.tree.kind == "and"
    assert explained.tree.documents == 4
    either, without = explained.tree.parts
    assert [(part.kind, part.documents) for part in either.parts] == [("term", 59), ("term", 4)]
    assert either.parts[0].place == (1, 7)
    assert without.parts[0].forms[0].word == "hanoi"
    assert "summit" in explained.engine_query


def test_whole_values_are_found_by_their_keys(searcher: Searcher) -> None:
    assert searcher.count(Exact(ExactField.SOURCE, "wire")) == 2
    assert searcher.count(Exact(ExactField.SOURCE, "ha", prefix=True)) == 31


@pytest.mark.parametrize("told", [True, False])
def test_pages_of_the_files_that_were_given_back_are_read_again(
    told: bool,  # noqa: FBT001 - pytest's parameters come by name
    folder: Path,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    questions = [ask(text) for text in ("summit", "hanoi -sanctions", '"talks in hanoi"', "s*", "summit NEAR/5 hanoi")]
    with Searcher(folder) as searcher:
        wanted = [searcher.search(question) for question in questions]
    monkeypatch.setattr(searcher_, "_MAPPED", -(1 << 40))
    monkeypatch.setattr(searcher_, "_ALL", 0)
    monkeypatch.setattr(searcher_, "_LOOKED_EVERY", 1)
    if not told:
        monkeypatch.setattr(searcher_, "resident", lambda: None)
    given_back: list[Container] = []
    release = Container.release
    monkeypatch.setattr(Container, "release", lambda self: (given_back.append(self), release(self)))
    with Searcher(folder) as searcher:
        for _ in range(2):
            assert [searcher.search(question) for question in questions] == wanted
    assert len(given_back) >= 2 * len(questions)


def test_what_others_have_mapped_is_not_counted_as_the_searchers_own(
    folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped, others = 0, 900 << 20
    monkeypatch.setattr(searcher_, "_LOOKED_EVERY", 1)
    monkeypatch.setattr(searcher_, "resident", lambda: Resident(2 << 30, others + mapped))
    given_back: list[Container] = []
    monkeypatch.setattr(Container, "release", lambda self: given_back.append(self))  # noqa: PLW0108 - bound to a container
    with Searcher(folder) as searcher:
        segments = len(searcher._segments)

        def asked() -> int:
            given_back.clear()
            searcher.search(ask("summit"))
            return len(given_back)

        assert asked() == 0
        others = 0  # an older searcher was closed
        assert asked() == 0
        mapped = 60 << 20
        assert asked() == segments
        mapped, others = 0, 70 << 20  # somebody else has mapped more meanwhile: giving back does not help again
        asked()
        assert asked() == 0


def test_reading_through_meets_no_damage(searcher: Searcher) -> None:
    assert list(searcher.read_through()) == []


def test_a_list_that_was_altered_is_damage(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    segment = max(tmp_path.glob("*.arr"), key=lambda path: path.stat().st_size)
    data = bytearray(segment.read_bytes())
    place = data.index(b"hanoi\n")
    data[place : place + 5] = b"zanoi"
    segment.write_bytes(data)
    with Searcher(tmp_path) as searcher, pytest.raises(IntegrityError, match="damaged"):
        list(searcher.read_through())


def test_a_searcher_of_each_thread_answers_the_same(folder: Path, ask: Ask) -> None:
    query, found = ask('"talks in hanoi" OR summit'), []

    def search() -> None:
        with Searcher(folder) as searcher:
            found.extend([searcher.search(query).found for _ in range(20)])

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(one == found[0] for one in found)


def test_an_open_searcher_answers_while_its_files_are_merged_away(document: Make, tmp_path: Path, ask: Ask) -> None:
    with IndexWriter.create(tmp_path, generation="g") as writer:
        writer.apply([document("a", body="summit"), document("b", body="summit")], revision=1)
        with Searcher(tmp_path) as searcher:
            writer.apply([document("c", body="summit")], deletes=["a"], revision=2)
            writer.compact()
            assert {found.id for found in searcher.search(ask("summit")).found} == {"a", "b"}
        with Searcher(tmp_path) as searcher:
            assert {found.id for found in searcher.search(ask("summit")).found} == {"b", "c"}


def test_readers_open_and_answer_while_a_writer_commits_and_merges(document: Make, tmp_path: Path, ask: Ask) -> None:
    with IndexWriter.create(tmp_path, generation="g") as writer:
        writer.apply([document("a0", body="summit")], revision=0)

        def write() -> None:
            for number in range(1, 25):
                writer.apply([document(f"a{number}", body="summit")], revision=number)
                if number % 5 == 0:
                    writer.compact()

        thread = threading.Thread(target=write)
        thread.start()
        seen: list[int] = []
        while thread.is_alive() or not seen or seen[-1] < 25:
            with Searcher(tmp_path) as searcher:
                seen.append(searcher.count(ask("summit")))
                assert len(searcher.search(ask("summit"), limit=100).found) == seen[-1] == len(searcher)
        thread.join()
    assert seen == sorted(seen)
