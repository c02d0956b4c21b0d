"""What near means, as examples: words in one text, asked for by plans that a query would make."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from newsarchive.models.query import AtLeast, Near, NotNear, Or, Phrase, Prefix, Query, Term, TextField
from newsarchive.search import Document
from newsarchive.search.native.build import build_segment
from newsarchive.search.native.container import Container
from newsarchive.search.native.searcher import Searcher
from newsarchive.search.native.segment import Segment

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2019, 1, 1, tzinfo=UTC)
A, B, C = Term("a"), Term("b"), Term("c")


def answers(folder: Path, query: Query, body: str, headline: str = "") -> bool:
    path = folder / "one.arr"
    seen = {"first_seen": DAY, "last_seen": DAY}
    build_segment([Document(id="d", url="https://a.example/", headline=headline, body=body, **seen)], path)
    with Searcher.over([Segment(Container.open(path), np.empty(0, np.uint32))]) as searcher:
        return searcher.count(query) == 1


@pytest.mark.parametrize(
    ("query", "body", "found"),
    [
        (Near((A, B), 2), "a x b", True),
        (Near((A, B), 2), "b x a", True),
        (Near((A, B), 2), "a x x b", False),
        (Near((A, B), 2, ordered=True), "a x b", True),
        (Near((A, B), 2, ordered=True), "b x a", False),
        (Near((A, A), 5), "a x x", False),
        (Near((A, A), 5), "a x a", True),
        (Near((A, Or((A, B))), 2), "a", False),
        (Near((A, Or((A, B))), 2), "a b", True),
        (Near((A, B, C), 2), "b x a x c", True),
        (Near((A, B, C), 2), "b x a x x c", False),
        # Each occurrence carries the stretch on, whichever part it is of.
        (Near((A, B, C), 2), "a x b x b x c", True),
        (Near((A, B, C), 2, ordered=True), "a x b x b x c", False),
        (Near((A, B, C), 2, ordered=True), "a b a x b c", True),
        # From the end of a phrase, not from its beginning.
        (Near((Phrase("a b"), C), 2), "a b x c", True),
        (Near((Phrase("a b"), C), 2), "a b x x c", False),
        (Near((Phrase("a b"), C), 2, ordered=True), "c a b", False),
        (NotNear(A, B, 2), "a x x b", True),
        (NotNear(A, B, 2), "a x b", False),
        (NotNear(A, B, 2), "b x a", False),
        (NotNear(A, B, 2), "a x b x x a", True),
        (NotNear(A, B, 2, ordered=True), "b x a", True),
        (NotNear(A, B, 2, ordered=True), "a x b", False),
        (NotNear(A, Phrase("a b"), 2), "a b", False),
        (NotNear(A, B, 2), "x", False),
        (AtLeast(2, A), "a", False),
        (AtLeast(2, A), "a a", True),
        (AtLeast(40, A), "a " * 40, True),
        (AtLeast(41, A), "a " * 40, False),
        (AtLeast(2, Or((A, B))), "a b", True),
        (AtLeast(2, Phrase("a b")), "a b x a b", True),
        (AtLeast(2, Phrase("a b")), "a b x a", False),
        # A word and what else it may be written as share a place, and are there once.
        (AtLeast(2, Or((Term("email"), Term("e")))), "e-mail", False),
    ],
)
def test_near(query: Query, body: str, found: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    assert answers(tmp_path, query, body) is found


def test_nothing_reaches_from_the_headline_into_the_body(tmp_path: Path) -> None:
    assert not answers(tmp_path, Near((A, B), 1_000_000), "b", headline="a")


def test_a_phrase_does_not_reach_from_the_headline_into_the_body(tmp_path: Path) -> None:
    assert not answers(tmp_path, Phrase("a b"), "b", headline="a")


@pytest.mark.parametrize(("count", "found"), [(4, True), (5, False)])
def test_words_of_the_headline_are_counted_beyond_what_a_code_says(count: int, found: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    in_headline = AtLeast(count, Term("a", TextField.HEADLINE))
    assert answers(tmp_path, in_headline, "a a", headline="a a a a") is found


@pytest.mark.parametrize(("body", "found"), [("", False), ("a", True)])
def test_a_word_that_fills_the_headline_is_in_the_body_only_if_it_is(body: str, found: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    assert answers(tmp_path, Term("a", TextField.BODY), body, headline="a a a a a") is found


def test_a_word_with_many_forms_has_places_in_order(tmp_path: Path) -> None:
    assert answers(tmp_path, Near((Prefix("t"), B), 1, ordered=True), "tz x ta b tz")
