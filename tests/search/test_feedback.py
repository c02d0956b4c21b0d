"""A relaxed list is ordered by what its best articles are about; what somebody wrote on purpose is not."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from newsarchive.models import query as q
from newsarchive.search import Document, IndexWriter, Searcher
from newsarchive.search.native import feedback, proximity, ranking, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILLER = "the council met in the old hall and spoke of roads and schools "
WORDS = ("ferry", "strike", "pay", "harbor")


def articles(document: Callable[..., Document]) -> Iterator[Document]:
    """Twelve articles that are about the ferry's strike; two that have two of the words, and others that have one."""
    for number in range(12):
        yield document(f"about{number:02}", body=f"ferry strike ferry strike pay harbor {FILLER * (number + 1)}")
    yield document("of-pay", body=f"harbor pay {FILLER}")
    yield document("of-strike", body=f"harbor strike {FILLER}")
    for number in range(40):
        yield document(f"few{number:02}", body=f"{WORDS[number % 4]} n{number} {FILLER * (number % 3 + 1)}")


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, document: Callable[..., Document]) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("feedback") / "index"
    with IndexWriter.create(folder, generation="g") as writer:
        every = list(articles(document))
        for start in range(0, len(every), 20):
            writer.apply(every[start : start + 20], revision=start + 1)
    with Searcher(folder) as searcher:
        yield searcher


@pytest.fixture(autouse=True)
def _without_nearness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proximity, "PROXIMITY", 0.0)


def scores(searcher: Searcher, query: q.Query) -> dict[str, float]:
    return {found.id: found.score for found in searcher.scan(query)}


def some(*words: str) -> q.Some:
    return q.Some(tuple(q.Term(word) for word in words), 1)


def test_words_that_the_best_articles_are_about_count_more(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def lead() -> float:
        found = scores(searcher, some(*WORDS))
        return found["of-strike"] - found["of-pay"]

    heard = lead()
    monkeypatch.setattr(feedback, "FEEDBACK", 0.0)
    assert heard > lead() + 0.05


def test_what_is_added_is_the_words_own_scores_by_how_much_of_them_the_ten_best_have(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = some("ferry", *WORDS)  # one that stands there twice counts twice
    heard = scores(searcher, asked)
    monkeypatch.setattr(feedback, "FEEDBACK", 0.0)
    plain = scores(searcher, asked)
    alone = {word: scores(searcher, q.Term(word)) for word in WORDS}
    idf = {word: ranking.idf(len(searcher), len(alone[word])) for word in WORDS}
    best = sorted(plain, key=lambda id_: -plain[id_])[:10]
    top = plain[best[0]]
    much = {
        word: sum((alone[word].get(id_, 0) / idf[word]) ** 2 * (plain[id_] / top) ** 4 for id_ in best)
        for word in WORDS
    }
    for id_, score in plain.items():
        more = sum(much[word] * alone[word].get(id_, 0) for word in WORDS) / sum(much.values())
        assert heard[id_] == pytest.approx(score + 0.12 * 5 * more, rel=1e-4)


@pytest.mark.parametrize("make", [q.any_of, q.all_of])
def test_what_was_joined_on_purpose_is_ordered_by_its_words_alone(
    make: Callable[..., q.Query], searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = make(*(q.Term(word) for word in WORDS))
    before = scores(searcher, asked)
    monkeypatch.setattr(feedback, "FEEDBACK", 0.0)
    assert scores(searcher, asked) == before


@pytest.mark.parametrize("stage", [3, 20, 200])
def test_the_articles_and_their_pages_are_the_same_with_it(
    stage: int, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "FEEDBACK_STAGE", stage)
    for asked in (some(*WORDS), q.all_of(some(*WORDS), q.Not(q.Term("n7"))), some("ferry", "n3"), some("n3", "nobody")):
        every = searcher.search(asked, limit=100).found
        assert {found.id for found in every} == set(scores(searcher, asked))
        assert all(one.score >= other.score for one, other in pairwise(every))
        answer = searcher.search(asked, limit=7)
        paged = [*answer.found]
        while answer.next is not None:
            answer = searcher.search(asked, limit=7, after=answer.next)
            paged += answer.found
        assert tuple(paged) == tuple(every)
        assert searcher.search(asked, limit=5, offset=4).found == every[4:9]


def test_a_list_of_which_nothing_stands_in_the_index_finds_nothing(searcher: Searcher) -> None:
    assert searcher.search(some("nobody", "nowhere")).total == 0
