"""A loose list of words of which few articles have all is relaxed; everything else that was written stays."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsarchive.models import query as q
from newsarchive.search import Document, IndexWriter, Searcher, parse
from newsarchive.search.native import feedback
from newsarchive.search.relaxing import Relaxed, relaxed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2019, 3, 9, tzinfo=UTC)
NEWS = {
    "all": ("Harbor pilots strike", "The pilots of the harbor strike over pay. Ferries wait, WHO doctors too."),
    "pay": ("Pilots want pay", "The pilots asked for more pay in a letter to the harbor."),
    "ferry": ("Ferries late again", "Ferries were late. A strike was not the reason, the ferry office said."),
    "budget": ("Council passes budget", "The council passed the budget after a debate about pay."),
    "doctors": ("Doctors at the port", "Doctors looked at the crews of two ferries and found nothing."),
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder: Path = tmp_path_factory.mktemp("relaxing")
    documents = (
        Document(
            id=id_,
            url=f"https://harbor.example/{id_}",
            headline=headline,
            body=body,
            first_seen=NOW,
            last_seen=NOW,
            language="en",
            sources=("Harbor Post",) if id_ != "budget" else ("Council Gazette",),
        )
        for id_, (headline, body) in NEWS.items()
    )
    with IndexWriter.create(folder, generation="one") as writer:
        writer.build(documents, revision=1)
    with Searcher(folder, generation="one") as opened:
        yield opened


@pytest.fixture
def relax(searcher: Searcher) -> Callable[..., Relaxed]:
    """Relaxes a query's text, if nothing else is said until two articles answer."""
    return lambda text, few=2, enough=2: relaxed(parse(text, now=NOW), searcher, few=few, enough=enough, shortest=2)


def found(searcher: Searcher, query: q.Query) -> set[str]:
    return {one.id for one in searcher.search(query, limit=100).found}


def test_what_enough_articles_have_stays_as_it_was_written(relax: Callable[..., Relaxed]) -> None:
    given = relax("pilots pay")
    assert given.query == parse("pilots pay", now=NOW)
    assert (given.total_all, given.is_relaxed, given.said) == (2, False, "")


def test_words_are_given_up_step_by_step_until_enough_articles_answer(
    relax: Callable[..., Relaxed], searcher: Searcher
) -> None:
    given = relax("pilots strike pay ferries harbor", enough=2)
    assert (given.least, given.words, given.total_all) == (3, 5, 1)
    assert found(searcher, given.query) == {"all", "pay"}
    further = relax("pilots strike pay ferries harbor", enough=4)
    assert further.least == 1
    assert found(searcher, further.query) == set(NEWS)


def test_the_read_as_line_says_what_few_have_and_what_is_searched(relax: Callable[..., Relaxed]) -> None:
    said = relax("pilots strike budget pay").said
    assert said.startswith("no article has all 4 words; best first: at least 2 of ")
    assert "pilots" in said


def test_words_that_no_article_has_are_named_and_set_aside(relax: Callable[..., Relaxed], searcher: Searcher) -> None:
    given = relax("pilots pay zeppelin")
    assert given.absent == ("zeppelin",)
    assert "none has zeppelin" in given.said
    assert given.least == given.words == 2
    assert found(searcher, given.query) == {"all", "pay"}


def test_small_words_of_a_sentence_are_set_aside_and_named(relax: Callable[..., Relaxed]) -> None:
    given = relax("what was the reason of the strike in the budget debate")
    assert set(given.small) == {"was", "the", "of", "in"}
    assert {part.text for part in parts_of(given.query)} == {"reason", "strike", "budget", "debate"}


def test_a_name_in_capitals_is_no_small_word(relax: Callable[..., Relaxed]) -> None:
    assert "WHO" not in relax("the WHO doctors of the budget debate").small
    assert "who" in relax("the doctors who were in the budget debate of all ferries").small


def test_a_list_of_small_words_alone_keeps_them(relax: Callable[..., Relaxed]) -> None:
    assert relax("to be or not to be").small == ()


@pytest.mark.parametrize(
    "text",
    [
        "pilots AND budget",
        '"pilots budget"',
        "pilots NEAR/3 budget",
        "(pilots AND budget) OR (zeppelin AND ferry)",
        "headline:(pilots budget)",
        "pilots",
        "zeppelin source:x",
        "*",
    ],
)
def test_operators_phrases_and_fields_are_never_relaxed(relax: Callable[..., Relaxed], text: str) -> None:
    assert relax(text).query == parse(text, now=NOW)
    assert not relax(text).is_relaxed


KEPT = [
    'source:"Council Gazette"',
    '-source:"Harbor Post"',
    "words:<100",
    "is:edited",
    '"passed the budget"',
    "=council",
    "headline:council",
    "published:2019",
    "-ferries",
    "(council OR port)",
]
loose = st.lists(
    st.sampled_from(["pilots", "strike", "pay", "the", "of", "ferr*", "budget", "zeppelin", "WHO", "budgat~1"]),
    max_size=8,
)


def parts_of(query: q.Query) -> tuple[q.Query, ...]:
    match query:
        case q.And() | q.Some():
            return tuple(leaf for part in query.parts for leaf in parts_of(part))
        case _:
            return (query,)


@settings(max_examples=150, deadline=None)
@given(
    loose, st.lists(st.sampled_from(KEPT), max_size=3, unique=True), st.integers(1, 4), st.integers(1, 6), st.randoms()
)
def test_no_filter_is_dropped_no_word_made_up_and_nothing_lost(
    searcher: Searcher, words: list[str], kept: list[str], few: int, enough: int, random: object
) -> None:
    written = [*words, *kept]
    random.shuffle(written)  # type: ignore[attr-defined]
    if not written:
        return
    query = parse(" ".join(written), now=NOW)
    given = relaxed(query, searcher, few=few, enough=enough, shortest=2)
    asked_for, searched = set(parts_of(query)), set(parts_of(given.query))
    assert searched <= asked_for
    assert {parse(text, now=NOW) for text in kept} <= searched
    assert given.total_all == searcher.count(query) or (given.total_all is None and not given.is_relaxed)
    assert found(searcher, query) <= found(searcher, given.query)
    assert given.is_relaxed == bool(given.said) == (given.query != query)
    if given.is_relaxed:
        assert 1 <= given.least <= given.words
        assert given.total_all < few
        assert searcher.count(given.query) > given.total_all


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["pilots", "strike", "pay", "ferries", "budget", "council"]), min_size=2, max_size=6))
def test_the_more_articles_are_enough_the_fewer_words_must_be_there(searcher: Searcher, words: list[str]) -> None:
    query = parse(" ".join(words), now=NOW)
    steps = [relaxed(query, searcher, few=100, enough=enough, shortest=2) for enough in range(1, 8)]
    answers = [found(searcher, step.query) for step in steps]
    assert all(one <= other for one, other in pairwise(answers))


def test_a_word_written_twice_counts_once(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "FEEDBACK", 0.0)  # by which the weight of a word depends on the list
    twice = q.Some((q.Term("council"), q.Term("council"), q.Term("pilots")), 2)
    assert found(searcher, twice) == set()
    (once, again) = (q.Some((q.Term("council"), *more, q.Term("pilots")), 1) for more in ((), (q.Term("council"),)))
    (low,) = (one.score for one in searcher.search(once).found if one.id == "budget")
    (high,) = (one.score for one in searcher.search(again).found if one.id == "budget")
    assert high == pytest.approx(2 * low, rel=1e-5)
