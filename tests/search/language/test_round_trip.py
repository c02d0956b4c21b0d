"""What is printed is read back, what is stored is read back, and no text ends in anything but a tree or an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.dates import Span
from newsarchive.errors import QuerySyntaxError, UsageError
from newsarchive.models.query import (
    DEEPEST,
    And,
    AtLeast,
    DateField,
    DateRange,
    Everything,
    Exact,
    ExactField,
    Fuzzy,
    Has,
    Is,
    Near,
    Not,
    NotNear,
    NumberField,
    NumberRange,
    Or,
    Phrase,
    Prefix,
    Property,
    Query,
    Some,
    State,
    Term,
    TextField,
    Wildcard,
    all_of,
    any_of,
    in_field,
    levels,
)
from newsarchive.search import describe, from_json, parse, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2019, 3, 9, 12, 0, 0, 55, tzinfo=UTC)
DAY = datetime(2019, 1, 1, tzinfo=UTC)

fields = st.none() | st.sampled_from(TextField)
words = st.sampled_from(
    [
        "kim",
        "Hà",
        "and",
        "U.S.",
        "covid-19",
        "it's",
        "東京",
        "C++",
        "#metoo",
        "10:30",
        "a",
        "Straße",
        "2020",
        "7d",
        'צה"ל',
    ]
)
phrases = st.sampled_from(["north korea", "a", 'say "no"', "«non»", "who won?", "NOT AND", "“quoted”", "東京 会談"])
starts = st.sampled_from(["denuclear", "covid-19", "no dea", "a", "東京", "NOT"])
patterns = st.sampled_from(["wom?n", "*clear", "?a", "a*b?", "summit?", "s??t*"])
plain = st.sampled_from(["kim", "Hanoi", "sumit", "straße"])
values = st.sampled_from(["politics", "US news", "bbc.co.uk", "a-b", "«x»", "who?", "Chính trị"])


@st.composite
def leaves(draw: st.DrawFn, name: TextField | None) -> Query:
    """Words that are looked for in one field."""
    make: st.SearchStrategy[Callable[[], Query]] = st.sampled_from(
        [
            lambda: Term(draw(words), name, exact=draw(st.booleans())),
            lambda: Phrase(draw(phrases), name, exact=draw(st.booleans())),
            lambda: Prefix(draw(starts), name),
            lambda: Wildcard(draw(patterns), name),
            lambda: Fuzzy(draw(plain), draw(st.integers(1, 2)), name),
        ]
    )
    return draw(make)()


@st.composite
def placed(draw: st.DrawFn) -> Query:
    """What counts words: nearness and numbers of occurrences, over words of one field."""
    name = draw(fields)
    part = leaves(name) | st.lists(leaves(name), min_size=2, max_size=3).map(lambda parts: any_of(*parts))
    distance, ordered = draw(st.integers(1, 1000)), draw(st.booleans())
    return draw(
        st.lists(part, min_size=2, max_size=4).map(lambda parts: Near(tuple(parts), distance, ordered))
        | st.tuples(part, part).map(lambda two: NotNear(*two, distance, ordered))
        | part.map(lambda one: AtLeast(distance, one))
    )


moments = st.none() | st.integers(0, 10**8).map(lambda seconds: DAY + timedelta(seconds=seconds))
spans = st.tuples(moments, moments).filter(
    lambda ends: any(ends) and (None in ends or ends[0] < ends[1])  # type: ignore[operator]
)
numbers = st.tuples(st.none() | st.integers(0, 900), st.none() | st.integers(900, 10**9 - 1)).filter(
    lambda ends: ends != (None, None)
)
properties = (
    st.builds(Exact, st.sampled_from([ExactField.CATEGORY, ExactField.TAG, ExactField.SOURCE]), values, st.booleans())
    | st.builds(Exact, st.just(ExactField.LANGUAGE), st.sampled_from(["en", "vi", "ZH"]))
    | st.builds(
        Exact,
        st.just(ExactField.URL),
        st.sampled_from(["https://a.example/b?c=1", "http://a.example/b c"]),
        st.booleans(),
    )
    | st.builds(DateRange, st.sampled_from(DateField), spans.map(lambda ends: Span(*ends)))
    | st.builds(NumberRange, st.sampled_from(NumberField)).flatmap(
        lambda node: numbers.map(lambda ends: NumberRange(node.field, *ends))
    )
    | st.builds(Has, st.sampled_from(Property))
    | st.builds(Is, st.sampled_from(State))
    | st.just(Everything())
)


def _joined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=4)
    return (
        st.builds(Not, parts)
        | st.tuples(several, st.booleans()).map(lambda asked: all_of(*asked[0], loose=asked[1]))
        | several.map(lambda asked: any_of(*asked))
    )


trees = st.recursive(fields.flatmap(leaves) | placed() | properties, _joined, max_leaves=12)


@given(trees)
def test_a_printed_tree_is_read_back(tree: Query) -> None:
    assert parse(str(tree), now=NOW) == tree


@given(trees)
def test_a_stored_tree_is_read_back(tree: Query) -> None:
    assert from_json(to_json(tree)) == tree


@given(trees)
def test_every_tree_is_said_in_words_of_its_own(tree: Query) -> None:
    said = describe(tree)
    assert said == said.strip()
    assert said.count("(") >= said.count(" or (")
    assert describe(Not(tree)) != said


@given(trees, st.sampled_from(TextField))
def test_words_that_have_a_field_keep_it(tree: Query, name: TextField) -> None:
    once = in_field(tree, name)
    assert in_field(once, TextField.AUTHOR) == once


ALPHABET = "ab AND OR NOT NEAR/5 PRE/2 ATLEAST3 \"“”‘’«()-:*?~^.,'&|/\\=!+0129東ก \t\n<>[]headlinepublishedwordshasis"
PIECES = st.sampled_from(
    [
        *("a", "b", "AND", "OR", "NOT", "NEAR/5", "NOT NEAR/5", "W/5", "PRE/2", "(", ")", "((", "))", "-", "-a", "=a"),
        *('="a"', '"a b"', '"a b"~5', "a*", "*a", "w?n", "a~1", "~", "ATLEAST3(", "headline:", "headline:(", "*", "?"),
        *(
            "category:(",
            "published:(",
            "published:2019",
            "words:>5",
            "has:author",
            "is:(",
            "edited",
            ",",
            "http://a.b/c",
        ),
    ]
)
joined_pieces = st.lists(st.tuples(PIECES, st.sampled_from([" ", " ", ""])), max_size=14).map(
    lambda pairs: "".join(piece + space for piece, space in pairs)
)


def _read(text: str) -> Query | QuerySyntaxError:
    try:
        return parse(text, now=NOW)
    except QuerySyntaxError as error:
        return error


@given(st.text() | st.text(alphabet=ALPHABET) | joined_pieces)
def test_any_text_is_read_or_is_a_syntax_error_with_its_place(text: str) -> None:
    found = _read(text)
    if isinstance(found, QuerySyntaxError):
        assert found.query == text
        assert 0 <= found.start < found.end <= max(len(text), 1) + 1
        assert found.caret()
        return
    assert describe(found)
    assert from_json(to_json(found)) == found
    assert parse(str(found), now=NOW) == found


@given(joined_pieces)
def test_every_node_of_a_read_query_has_its_place_in_the_text(text: str) -> None:
    tree = _read(text)
    for node in [] if isinstance(tree, QuerySyntaxError) else _nodes(tree):
        assert node.place
        start, end = node.place
        assert 0 <= start < end <= len(text)


def _nodes(node: Query) -> list[Query]:
    inner: tuple[Query, ...] = ()
    match node:
        case Not() | AtLeast():
            inner = (node.part,)
        case NotNear():
            inner = (node.part, node.other)
        case And() | Or() | Some() | Near():
            inner = node.parts
    return [node, *(found for part in inner for found in _nodes(part))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(" * 200 + "a" + ")" * 200, "nested deeper"),
        ("NOT " * 500 + "a", "nested deeper"),
        ("(a OR b (c " * 29 + "d OR e f" + "))" * 29, "nested deeper"),
        ("-" + "(-" * 100 + "a" + ")" * 100, "nested deeper"),
        ("a " * 5_000, "more than 4,000 words"),
        ('"' + "a " * 5_000 + '"~5', "more than 4,000 words"),
        ("x" * 60_000, "more than 50,000"),
        ("xyz&" * 12_000, "a word of 48,000 characters"),
        ("(" * 50_000, "nested deeper"),
    ],
    ids=lambda value: value[:20],
)
def test_length_and_nesting_are_bounded(text: str, why: str) -> None:
    with pytest.raises(QuerySyntaxError, match=why):
        parse(text, now=NOW)


def test_what_is_as_deep_as_can_be_is_still_printed_stored_and_said() -> None:
    text = "(a OR b (c " * 28 + "d" + "))" * 28
    tree = parse(text, now=NOW)
    assert DEEPEST // 2 < levels(tree) <= DEEPEST
    assert parse(str(tree), now=NOW) == from_json(to_json(tree)) == tree
    assert describe(tree)


def test_part_of_a_list_cannot_be_asked_for_but_is_printed_and_stored() -> None:
    relaxed = Some((Term("a"), Term("b"), Term("c")), 2)
    assert str(relaxed) == "SOME2(a, b, c)"
    assert describe(relaxed) == "at least 2 of a, b, c in headline or text"
    assert from_json(to_json(relaxed)) == relaxed
    with pytest.raises(QuerySyntaxError):
        parse(str(relaxed), now=NOW)


@pytest.mark.parametrize(
    "node",
    [
        {"type": "near", "parts": [{"type": "term", "text": "a"}], "distance": 5},
        {"type": "near", "parts": [{"type": "term", "text": "a"}, {"type": "everything"}], "distance": 5},
        {"type": "near", "parts": [{"type": "term", "text": "a"}, {"type": "term", "text": "b"}], "distance": 0},
        {"type": "near", "parts": [{"type": "term", "text": "a"}, {"type": "term", "text": "b"}], "distance": True},
        {
            "type": "not-near",
            "part": {"type": "term", "text": "a"},
            "other": {"type": "is", "state": "gone"},
            "distance": 5,
        },
        {"type": "at-least", "count": "3", "part": {"type": "term", "text": "a"}},
        {"type": "at-least", "count": 3, "part": {"type": "not", "part": {"type": "term", "text": "a"}}},
        {
            "type": "near",
            "parts": [{"type": "term", "text": "a", "field": "author"}, {"type": "term", "text": "b"}],
            "distance": 5,
        },
        {"type": "fuzzy", "text": "a", "distance": 3},
        {"type": "number", "field": "words", "least": -1, "most": None},
        {"type": "some", "parts": [{"type": "term", "text": "a"}, {"type": "term", "text": "b"}], "least": 3},
        {"type": "has", "property": "body"},
        {"type": "regex", "text": "a"},
    ],
)
def test_a_stored_node_that_cannot_be_is_an_error(node: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        from_json({"schema": "newsarchive.query/2", "query": node})
