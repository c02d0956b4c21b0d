"""What `scripts/bench search` searches and asks: made articles and drawn questions, the same for the same seed."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "scripts" / "benchmarks"
REAL, NUMBER = 240, 1_200
SEED = 20190228

OPENINGS = (
    "The council of {place} met on Monday to talk about the {thing}.",
    "Two ministers from {place} have agreed to pay for a new {thing} in spring.",
    "A court in {place} has put a stop to the {thing} that {name} had planned.",
    "Workers of the {thing} in {place} went on strike for the third time this year.",
    "The price of a {thing} rose by {number} percent, the bank of {place} reported.",
)
MIDDLES = (
    '"We never wanted this," said {name}, who speaks for the {thing} makers.',
    "According to {name} the work will take {number} weeks and cost less than feared.",
    "The mayor, {name}, told reporters that nobody had asked the people of {place}.",
    "Critics such as {name} call it a gift to the owners of the old {thing}.",
    "Last year the police counted {number} complaints, most of them from {place}.",
    "A report by the university of {place} found no harm in the {thing}.",
    "Farmers near {place} fear that the river will carry away what is left of the {thing}.",
)
THINGS = ("bridge", "market", "railway", "harbour", "library", "stadium", "theatre", "tunnel", "windmill", "museum")
START = ("Bal", "Cor", "Dan", "El", "Fen", "Gor", "Hal", "Is", "Jor", "Kal", "Lin")
END = ("ham", "ton", "ness", "by")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(BENCH))
    from search_bench import corpus, questions  # noqa: PLC0415 - scripts are no package that could be imported before

    return SimpleNamespace(corpus=corpus, questions=questions)


def real_articles() -> list[dict[str, Any]]:
    draw = random.Random(7)  # noqa: S311 - repeatable texts

    def name() -> str:
        return draw.choice(START) + draw.choice("aeiou") + draw.choice(END)

    def filled(sentence: str) -> str:
        return sentence.format(
            place=name(), name=f"{name()} {name()}", thing=draw.choice(THINGS), number=draw.randrange(90)
        )

    return [
        {
            "title": filled(draw.choice(OPENINGS)).rstrip("."),
            "body": " ".join(
                filled(draw.choice(OPENINGS if at == 0 else MIDDLES)) for at in range(draw.randrange(6, 12))
            ),
            "date": f"2018-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}" if place % 5 else None,
            "category": draw.choice(("politics", "economy")),
            "source": ("northline", "wire")[place % 2],
        }
        for place in range(REAL)
    ]


def articles(bench: SimpleNamespace, *, seed: int = SEED) -> tuple[list[Any], Any]:
    maker = bench.corpus.Maker(real_articles(), seed=seed)
    return list(maker.articles(NUMBER)), maker.made


def test_the_same_seed_makes_the_same_articles_and_another_seed_others(bench: SimpleNamespace) -> None:
    first, _ = articles(bench)
    assert first == articles(bench)[0]
    others = {one.body for one in articles(bench, seed=1)[0][REAL:]}
    assert sum(one.body in others for one in first[REAL:]) < len(others) / 50


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(bench: SimpleNamespace) -> None:
    maker = bench.corpus.Maker(real_articles(), seed=SEED)
    assert list(maker.articles(NUMBER // 2)) == articles(bench)[0][: NUMBER // 2]


def test_real_articles_come_first_and_as_they_are(bench: SimpleNamespace) -> None:
    found, made = articles(bench)
    assert sorted(one.body for one in found[:REAL]) == sorted(record["body"] for record in real_articles())
    assert [one.made for one in found] == [False] * REAL + [True] * (NUMBER - REAL)
    assert (made.articles, made.made) == (NUMBER, NUMBER - REAL)
    assert len({one.id for one in found}) == NUMBER


def test_made_articles_are_no_copies_but_those_that_say_so(bench: SimpleNamespace) -> None:
    found, made = articles(bench)
    mixed = [one for one in found if one.made and one.copy_of is None]
    assert {one.body for one in mixed}.isdisjoint({one.body for one in found[:REAL]})
    assert len({one.body for one in mixed}) == len(mixed)
    copies = [one for one in found if one.copy_of]
    assert len(copies) == made.copies
    assert 0.01 < len(copies) / len(found) < 0.07


def test_a_wire_copy_is_another_outlets_and_a_little_later(bench: SimpleNamespace) -> None:
    found, _ = articles(bench)
    by_id = {one.id: one for one in found}
    copies = [one for one in found if one.copy_of]
    assert copies
    for copy in copies:
        original = by_id[copy.copy_of]
        assert copy.source != original.source
        words, others = set(copy.body.split()), set(original.body.split())
        assert len(words & others) >= 0.8 * len(words)
        if original.published is not None:
            assert 0 <= copy.published - original.published <= 2 * bench.corpus.DAY


def test_the_vocabulary_goes_on_growing_by_the_law_of_the_real_articles(bench: SimpleNamespace) -> None:
    _, made = articles(bench)
    assert made.made_exponent == pytest.approx(made.real_exponent, abs=0.02)
    assert made.words > 4 * REAL * 40


def test_questions_are_the_same_for_the_same_seed(bench: SimpleNamespace) -> None:
    found, _ = articles(bench)
    first = bench.questions.draw(found, each=8, seed=3)
    assert first == bench.questions.draw(found, each=8, seed=3)
    assert first != bench.questions.draw(found, each=8, seed=4)
    assert [(kind, sum(one.kind == kind for one in first)) for kind in bench.questions.KINDS] == [
        (kind, 8) for kind in bench.questions.KINDS
    ]


def test_words_are_of_their_band_and_phrases_stand_in_a_text(bench: SimpleNamespace) -> None:
    found, _ = articles(bench)
    asked = bench.questions.draw(found, each=8, seed=3)
    counted = bench.questions.Counted(found, draw=random.Random(1))  # noqa: S311 - repeatable
    texts = [" ".join(one.body.lower().split()) for one in found]
    for question in asked:
        words = question.words
        if question.kind.startswith("term "):
            least, most = counted.band(question.kind.removeprefix("term "))
            assert least <= counted.counts[words[0]] <= most
        if question.shape == "phrase":
            assert any(" ".join(words) in text for text in texts)
            inner = bench.questions.STOP_WORDS.intersection(words)
            assert bool(inner) == (question.kind == "phrase with stop words")
        if question.kind == "and":
            assert any(set(words) <= set(bench.questions._TOKEN.findall(text)) for text in texts)
        if question.shape == "fuzzy":
            assert words[0] not in counted.counts
        if question.since:
            assert question.since < question.until


def test_a_near_pair_stands_near_in_some_text(bench: SimpleNamespace) -> None:
    found, _ = articles(bench)
    texts = [bench.questions._TOKEN.findall(one.body.casefold()) for one in found]
    for question in bench.questions.draw(found, each=8, seed=3):
        if question.shape == "near":
            first, second = question.words
            places = [[(at, word) for at, word in enumerate(text) if word in {first, second}] for text in texts]
            assert any(
                one[1] != other[1] and other[0] - one[0] <= bench.questions.NEAR
                for text in places
                for one, other in pairwise(text)
            )


def test_stored_questions_are_read_as_they_were(bench: SimpleNamespace, tmp_path: Path) -> None:
    asked = bench.questions.draw(articles(bench)[0], each=2, seed=3)
    bench.questions.store(asked, tmp_path / "questions.json")
    assert bench.questions.load(tmp_path / "questions.json") == asked
    assert json.loads((tmp_path / "questions.json").read_text())[0]["kind"] == bench.questions.KINDS[0]
