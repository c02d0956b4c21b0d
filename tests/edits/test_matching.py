"""Two texts in pieces: nothing of either is lost, and what did not change is said to be the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.edits import compare, line_sense, lines
from newsarchive.edits import matching as module

WORDS = st.sampled_from(
    ["a", "b", "c", "the", "東", "京", "ไทย", "“", "”", ".", ",", " ", "\n\n", "—", "e\u0301", "\u00ad"]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=60)


def changed(one: str, other: str) -> list[tuple[str, str]]:
    return [(piece.old, piece.new) for piece in compare(one, other) if piece.changed]


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_two_texts(one: str, other: str) -> None:
    pieces = compare(one, other)
    assert "".join(piece.old for piece in pieces) == one
    assert "".join(piece.new for piece in pieces) == other
    for piece in pieces:
        assert piece.changed or line_sense(piece.old) == line_sense(piece.new)


@given(TEXTS)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert changed(text, text) == []


@given(TEXTS, TEXTS)
def test_only_what_says_something_else_is_changed(one: str, other: str) -> None:
    assert bool(changed(one, other)) == (line_sense(one) != line_sense(other))


@given(st.lists(st.text(max_size=5), max_size=12), st.lists(st.text(max_size=5), max_size=12))
def test_the_lines_are_those_of_both_texts(one: list[str], other: list[str]) -> None:
    pieces = lines(one, other)
    assert [piece.old for piece in pieces if piece.old] == [line for line in one if line]
    assert [piece.new for piece in pieces if piece.new] == [line for line in other if line]
    assert all(not (piece.old and piece.new) for piece in pieces if piece.changed)


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("talks end", "talks did not end", [("", "did not ")]),
        ("he was not there", "he was there", [("not ", "")]),
        ("3,000 men", "4,000 men", [("3", "4")]),
        ("He said no.", "He said no?", [(".", "?")]),
        ("“No”, he said", '"No", he said', []),
        ("東京で会談", "東京で会議", [("談", "議")]),
        ("ที่กรุงเทพ", "ที่กรุงไทย", [("เ", "ไ"), ("พ", "ย")]),
        ("", "new", [("", "new")]),
        ("old", "", [("old", "")]),
    ],
)
def test_a_change_is_no_larger_than_it_is(one: str, other: str, what: list[tuple[str, str]]) -> None:
    assert changed(one, other) == what


def test_long_texts_are_anchored_and_keep_what_they_share(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(4)  # noqa: S311 - texts, not secrets
    words = [f"w{random.randint(0, 400)}" for _ in range(3_000)]
    other = words[:1_000] + ["new"] * 5 + words[1_000:2_000] + words[2_300:]
    largest = 0
    real = module.SequenceMatcher

    def matcher(junk: None, first: list[str], second: list[str], *, autojunk: bool) -> object:
        nonlocal largest
        largest = max(largest, len(first) * len(second))
        return real(junk, first, second, autojunk=autojunk)

    monkeypatch.setattr(module, "SequenceMatcher", matcher)
    found = changed(" ".join(words), " ".join(other))
    assert [(len(old.split()), len(new.split())) for old, new in found] == [(0, 5), (300, 0)]
    assert largest <= module._AREA


def test_texts_without_a_single_anchor_are_taken_as_replaced() -> None:
    one, other = "a b " * 2_000, "b a " * 2_000
    assert len(compare(one, other)) == 1
