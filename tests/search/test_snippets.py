"""Snippets mark what matched, nowhere else, and are short."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.models.query import Phrase, Prefix, Query, Term, any_of
from newsarchive.search import Snippet, parse, snippet

FILLER = "Nothing of interest stands in this sentence. " * 30
Ask = Callable[[str], Query]


def marked(found: Snippet) -> list[str]:
    return [found.text[start:end] for start, end in found.marks]


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        ("The Hanoi summit ended. A summit.", '"hanoi summit"', ["Hanoi summit"]),
        ("The Hanoi summit ended. A summit.", "summit", ["summit", "summit"]),
        ("At Hà Nội they met", "ha noi", ["Hà", "Nội"]),
        ("At Hà Nội they met", '"hà nội"', ["Hà Nội"]),
        ("Denuclearization, denuclearized", "denuclear*", ["Denuclearization", "denuclearized"]),
        ("東京で首脳会談があった", "会談", ["会談"]),
        ("東京で首脳会談があった", "首脳会談", ["首脳会談"]),
        ("東京で首脳会談があった", "談", ["談"]),
        ("The U.S. and NATO's envoy", "us nato", ["U.S.", "NATO's"]),
        ("covid-19 and covid", "covid-19", ["covid-19"]),
        ("kim said, golf too", "kim -golf", ["kim"]),
        ("kim or trump", "kim OR trump", ["kim", "trump"]),
        ("kim or trump", "headline:kim", []),
        ("kim or trump", "body:kim lead:trump", ["kim", "trump"]),
        ("Die Straße", "strasse", ["Straße"]),
        ("nothing here", "absent", []),
        ("", "absent", []),
        ("a b c", "a b published:2019 category:x", ["a", "b"]),
    ],
)
def test_what_matched_is_marked(text: str, query: str, marks: list[str], ask: Ask) -> None:
    assert marked(snippet(text, ask(query))) == marks


def test_the_piece_around_the_match_is_taken(ask: Ask) -> None:
    found = snippet(FILLER + "Then the summit ended.\n\n" + FILLER, ask("summit"))
    assert found.text.startswith("… Then the summit ended. Nothing")
    assert found.text.endswith(" …")
    assert marked(found) == ["summit"]
    assert len(found.text) <= 244


def test_the_piece_with_most_of_the_words_is_taken(ask: Ask) -> None:
    text = "kim here. " + FILLER + "There kim met trump. " + FILLER + "trump alone"
    assert marked(snippet(text, ask("kim trump"))) == ["kim", "trump"]


def test_without_a_match_the_beginning_is_taken(ask: Ask) -> None:
    found = snippet("  First line.\n\nSecond. " + FILLER, ask("absent"), width=40)
    assert found.text.strip().startswith("First line. Second.")
    assert found.marks == ()


def test_marks_of_the_headline_when_asked_for(ask: Ask) -> None:
    assert marked(snippet("Kim meets Trump", ask("headline:kim trump"), part="headline")) == ["Kim", "Trump"]


words = st.sampled_from(["kim", "Kim.", "trump", "東京会談", "Hà", "x\n\ny", "…", "  "])
queries = st.lists(
    st.builds(Term, st.sampled_from(["kim", "ha", "東京"]))
    | st.builds(Prefix, st.just("k"))
    | st.builds(Phrase, st.sampled_from(["kim trump", "東京会談"])),
    min_size=1,
    max_size=3,
).map(lambda leaves: any_of(*leaves))


@given(st.lists(words, max_size=200).map(" ".join) | st.text(), queries, st.integers(20, 300))
def test_snippets_are_short_and_their_marks_in_order(text: str, query: Query, width: int) -> None:
    found = snippet(text, query, width=width)
    assert len(found.text) <= width + 4
    assert "\n" not in found.text
    ends = [place for mark in found.marks for place in mark]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(found.text) for start, end in found.marks)
    if any(word in text.split() for word in ("kim", "Kim.")) and "Term(text='kim'" in repr(query):
        assert found.marks


def test_a_very_long_text_takes_one_pass() -> None:
    text = FILLER * 800 + "summit " * 1_000
    query = parse("summit OR nothing OR in*", now=datetime(2019, 1, 1, tzinfo=UTC))
    begin = time.process_time()
    assert snippet(text, query).marks
    assert time.process_time() - begin < 5  # about 0.5 s for a megabyte
