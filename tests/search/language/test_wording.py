"""What `read_as` says is plain, absolute, and cannot be taken for another query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsarchive.dates import Span
from newsarchive.models.query import (
    AtLeast,
    DateField,
    DateRange,
    Everything,
    Near,
    Not,
    NumberField,
    NumberRange,
    Or,
    Some,
    Term,
    TextField,
    all_of,
)
from newsarchive.search import describe, parse

NOW = datetime(2019, 3, 9, 12, tzinfo=UTC)
A, B, C = Term("a"), Term("b"), Term("c")

SAID = {
    "a b OR c": "(a and b) or c in headline or text",
    "a (b OR c)": "a and (b or c) in headline or text",
    "a -(b OR c)": "a and not (b or c) in headline or text",
    "-(a b) c": "not (a and b) and c in headline or text",
    "a OR headline:b": "(a in headline or text) or b in headline",
    'a OR headline:"b c" OR category:d': '(a in headline or text) or "b c" in headline or category is d',
    "(a b) OR headline:c": "(a and b in headline or text) or c in headline",
    "headline:(a b) OR c": "(a and b in headline) or (c in headline or text)",
    "headline:(a b OR c)": "(a and b) or c in headline",
    "a (headline:b OR c)": "a in headline or text; b in headline or (c in headline or text)",
    "(headline:a OR c) published:2019 d": (
        "d in headline or text; a in headline or (c in headline or text); published 2019-01-01 to 2019-12-31"
    ),
    "NOT (a OR category:b)": "not ((a in headline or text) or category is b)",
    "a b NEAR/5 c": "a and (b within 5 words of c) in headline or text",
    "a OR b PRE/1 c": "a or (b followed by c within 1 word) in headline or text",
    "a OR b NOT PRE/3 c": "a or (b not followed by c within 3 words) in headline or text",
    "a NEAR/2 b NEAR/2 c OR d": ("(a, b and c in any order, each within 2 words of the next) or d in headline or text"),
    "a PRE/2 b PRE/2 c d": "(a, then b, then c, each within 2 words of the one before) and d in headline or text",
    "ATLEAST1(a) b": "(a at least once) and b in headline or text",
    "headline:a* OR headline:b": "(any word starting with a) or b in headline",
    "or": "the word 'or' in headline or text",
    '"or" not': "\"or\" and the word 'not' in headline or text",
    "kim and trump": "kim and the word 'and' and trump in headline or text",
    "=Hà": 'exactly "hà" in headline or text',
    '"kim   jong"': '"kim jong" in headline or text',
    "words:1": "exactly 1 word",
    "words:<=1": "at most 1 word",
    "versions:>1": "at least 2 versions",
    "words:1000..2000": "1,000 to 2,000 words",
    "-has:author": "without an author",
    "has:published": "with a known time of publication",
    "-is:copy": "not a copy of an article published earlier",
    "is:edited OR has:tag": "edited after it was first seen or with a tag",
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_a_query_is_said_so(text: str, said: str) -> None:
    assert describe(parse(text, now=NOW)) == said


def test_different_queries_are_said_differently() -> None:
    assert len({describe(parse(text, now=NOW)) for text in SAID}) == len(SAID)


def test_what_only_code_can_ask_is_said_too() -> None:
    assert describe(Some((A, B, C), 2)) == "at least 2 of a, b, c in headline or text"
    assert describe(Some((A, Or((B, C))), 1)) == "at least 1 of a, (b or c) in headline or text"
    assert describe(Some((A, Term("b", TextField.LEAD)), 1)) == "at least 1 of (a in headline or text), b in lead"
    assert describe(NumberRange(NumberField.WORDS)) == "any number of words"
    assert describe(DateRange(DateField.SEEN, Span(None, None))) == "first seen at a known time"
    assert describe(Not(Everything())) == "not every article"
    mixed = Near((A, Term("b", TextField.HEADLINE)), 5)
    assert describe(mixed) == "(a in headline or text) within 5 words of b in headline"
    assert describe(all_of(AtLeast(2, A), B)) == "(a at least 2 times) and b in headline or text"


def test_relative_dates_are_told_absolutely_in_the_zone_of_the_asker() -> None:
    now = datetime(2019, 3, 9, 12, tzinfo=timezone(timedelta(hours=7)))
    assert describe(parse("published:>7d", now=now)) == "published since 2019-03-02 12:00:00 UTC+07:00"
    assert describe(parse("seen:yesterday", now=now)) == "first seen 2019-03-08"
