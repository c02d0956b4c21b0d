"""What becomes a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.search.analysis import asked, keyword, located, name_key, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NATO's", ["nato"]),
        ("NATO’s", ["nato"]),
        ("well-known", ["well", "known"]),
        ("U.S.", ["us"]),
        ("the U.S. and U.K", ["the", "us", "and", "uk"]),
        ("U.S.-led", ["us", "led"]),
        ("at 10:30 p.m.", ["at", "10", "30", "pm"]),
        ("covid-19", ["covid", "19"]),
        ("O'Brien didn't", ["o", "brien", "didn", "t"]),
        ("l’homme", ["l", "homme"]),
        ("Hà Nội", ["ha", "noi"]),
        ("Ha\u0300 No\u0323\u0302i", ["ha", "noi"]),
        ("Đà Nẵng", ["da", "nang"]),
        ("Straße über Öl", ["strasse", "uber", "ol"]),
        ("El niño, ¿dónde?", ["el", "nino", "donde"]),
        ("東京会談", ["東京", "京会", "会談", "談"]),
        ("NATO加盟", ["nato", "加盟", "盟"]),
        ("ﾆｭｰｽ", ["ニュ", "ュー", "ース", "ス"]),
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("co\u00adoperation", ["cooperation"]),
        ("snake_case __x__", ["snake", "case", "x"]),
        ("bbc.co.uk", ["bbc", "co", "uk"]),
        ("3.5 1,000", ["3", "5", "1", "000"]),
        ("— … ** ''", []),
        ("", []),
    ],
)
def test_text_becomes_these_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@given(st.text())
def test_places_and_words_go_together(text: str) -> None:
    words, places = located(text)
    assert words == tokens(text)
    assert len(words) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text())
def test_words_are_folded_already(text: str) -> None:
    for word in tokens(text):
        assert word
        assert not any(char.isspace() for char in word)


@given(st.text(alphabet="東京会談の 平和"))
def test_a_query_over_unspaced_text_asks_for_words_the_text_has_at_its_positions(text: str) -> None:
    words = tokens(text)
    pieces = asked(text)
    if not words:
        assert not pieces
        return
    assert all(words[piece.offset].startswith(piece.text) for piece in pieces)


def test_one_character_of_an_unspaced_script_finds_every_place_it_stands_at() -> None:
    for char in "東京会談":
        (piece,) = asked(char)
        assert piece.prefix
        assert any(word.startswith(piece.text) for word in tokens("東京会談"))


def test_a_value_is_one_term() -> None:
    assert keyword("U.S. & Canada") == keyword("us  canada") == "us canada"
    assert keyword("—") == ""
    assert name_key("WWW.Harbor.Example") == "harbor.example"


def test_a_long_run_is_cut() -> None:
    assert len(tokens("a" * 5_000)[0]) == 200
    assert len(tokens("é" * 5_000)[0]) == 200
