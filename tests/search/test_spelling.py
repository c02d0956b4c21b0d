"""Words that are spelled much like another: distances, and that no word within the distance is missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.search.plain import letters_apart

from newsarchive.search.native import spelling
from newsarchive.search.native.segment import Terms

letters = st.text("abcé東", max_size=9)


def dictionary(words: set[str]) -> Terms:
    text = "".join(f"{word}\n" for word in sorted(words, key=str.encode)).encode()
    at = [0, *(place + 1 for place, byte in enumerate(text) if byte == ord("\n"))]
    return Terms(np.frombuffer(text, np.uint8), np.array(at, np.uint32))


@given(st.lists(letters, min_size=1, max_size=20), letters)
def test_distances_are_those_of_the_table_that_is_filled_by_hand(words: list[str], word: str) -> None:
    assert spelling.distances(words, word).tolist() == [letters_apart(other, word) for other in words]


@given(st.sets(letters.filter(bool), max_size=40), letters.filter(bool), st.sampled_from([1, 2]))
def test_no_word_within_the_distance_is_missed(words: set[str], word: str, distance: int) -> None:
    terms = dictionary(words)
    found = {terms[number].decode() for number in spelling.near(terms, word, distance).tolist()}
    assert found == {other for other in words if letters_apart(other, word) <= distance}


@pytest.mark.parametrize("length", [59, 60, 61, 200])
def test_a_long_word_is_compared_as_far_as_a_machine_word_goes(length: int) -> None:
    word = "ab" * (length // 2) + "c" * (length % 2)
    terms = dictionary({word, word[1:], "b"})
    found = [terms[number].decode() for number in spelling.near(terms, word, 1).tolist()]
    assert word in found
    assert (word[1:] in found) == (length <= spelling.LONGEST)


@given(st.sets(letters.filter(bool), min_size=1, max_size=30), letters.filter(bool))
def test_a_dictionary_finds_what_is_in_it(words: set[str], word: str) -> None:
    terms = dictionary(words)
    ordered = sorted(other.encode() for other in words)
    assert [terms[number] for number in range(len(terms))] == ordered
    assert (terms.find(word.encode()) >= 0) == (word in words)
    first, end = terms.starting(word.encode())
    assert ordered[first:end] == [other for other in ordered if other.startswith(word.encode())]
    assert [terms[number] for number in terms.holding(word.encode()).tolist()] == [
        other for other in ordered if word.encode() in other
    ]
    assert [terms[number] for number in terms.ending(word.encode()).tolist()] == [
        other for other in ordered if other.endswith(word.encode())
    ]
