"""How queries are read. Nothing is dropped and nothing is taken for a word in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import QuerySyntaxError
from newsarchive.models.query import (
    And,
    DateField,
    DateRange,
    Everything,
    Exact,
    ExactField,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    TextField,
)
from newsarchive.models.query_json import from_json, to_json
from newsarchive.models.query_text import to_text
from newsarchive.search.language.syntax import parse
from newsarchive.search.language.wording import describe

NOW = datetime(2019, 3, 9, 12, 0, 0, 55, tzinfo=UTC)

READ_AS = {
    "hanoi": "hanoi in headline or text",
    "hanoi summit": "hanoi and summit in headline or text",
    '"hanoi summit"': '"hanoi summit" in headline or text',
    "“hanoi summit”": '"hanoi summit" in headline or text',
    "„Hanoi Gipfel“": '"hanoi gipfel" in headline or text',
    "«sommet de Hanoï»": '"sommet de hanoi" in headline or text',
    "»Gipfel in Hanoi«": '"gipfel in hanoi" in headline or text',
    '"Hanoi" summit': '"hanoi" and summit in headline or text',
    "hanoi AND summit": "hanoi and summit in headline or text",
    "hanoi and summit": "hanoi and the word 'and' and summit in headline or text",
    "hanoi OR summit": "hanoi or summit in headline or text",
    "Or Not": "the word 'or' and the word 'not' in headline or text",
    "a b OR c": "(a and b) or c in headline or text",
    "a (b OR c)": "a and (b or c) in headline or text",
    "a -b": "a and not b in headline or text",
    "a −b": "a and not b in headline or text",
    "a NOT b": "a and not b in headline or text",
    "a AND NOT b": "a and not b in headline or text",
    'a -"b c"': 'a and not "b c" in headline or text',
    "a -(b OR c)": "a and not (b or c) in headline or text",
    "-golf": "not golf in headline or text",
    "NOT NOT a": "not not a in headline or text",
    "NATO's": "nato in headline or text",
    "U.S.": "us in headline or text",
    "covid-19": '"covid 19" in headline or text',
    "10:30": '"10 30" in headline or text',
    "16:9": '"16 9" in headline or text',
    "AT&T": '"at t" in headline or text',
    "24/7": '"24 7" in headline or text',
    "George W Bush": "george and w and bush in headline or text",
    "#metoo @potus $5 50%": "metoo and potus and 5 and 50 in headline or text",
    "C++": "c in headline or text",
    "it's over!": "it and over in headline or text",
    "denuclear*": "any word starting with denuclear in headline or text",
    "covid-19*": 'any phrase starting with "covid 19" in headline or text',
    '"who won?"': '"who won" in headline or text',
    "headline:summit": "summit in headline",
    "is:copy": "a copy of an article published earlier",
    "is:edited": "edited after it was first seen",
    "hanoi is:Headline-Edited": "hanoi in headline or text; headline edited after it was first seen",
    "-is:gone": "not gone from its URL",
    "is:(edited OR gone)": "edited after it was first seen or gone from its URL",
    "changed:2019-02": "last changed 2019-02-01 to 2019-02-28",
    "HEADLINE:summit": "summit in headline",
    "lead:deal body:talks": "deal in lead; talks in body",
    'headline:"no deal"': '"no deal" in headline',
    "headline:(a OR b)": "a or b in headline",
    "headline:(a -b)": "a in headline; not b in headline",
    'author:"lan tran"': '"lan tran" in author',
    "category:Politics": "category is politics",
    "category:(politics OR world)": "category is politics or category is world",
    'category:"US news"': "category is us news",
    "category:polit*": "category begins with polit",
    "source:BBC.co.uk": "source is bbc.co.uk",
    "source:www.bbc.co.uk": "source is bbc.co.uk",
    "lang:VI": "language is vi",
    "language:vi": "language is vi",
    "tag:nato": "tag is nato",
    "https://harbor.example/a?b=1:2": "url is https://harbor.example/a?b=1:2",
    "(https://harbor.example/a)": "url is https://harbor.example/a",
    "url:https://harbor.example/p*": "url begins with https://harbor.example/p",
    "published:2019-02": "published 2019-02-01 to 2019-02-28",
    "published:2019": "published 2019-01-01 to 2019-12-31",
    "published:2019-02-27": "published 2019-02-27",
    "published:2019-02-27..2019-03-05": "published 2019-02-27 to 2019-03-05",
    "published:2019-02..": "published since 2019-02-01",
    "published:..2019-02": "published up to 2019-02-28",
    "published:>7d": "published since 2019-03-02 12:00:00 UTC",
    "published:<7d": "published before 2019-03-02 12:00:00 UTC",
    "published:30d..7d": "published 2019-02-07 12:00:00 UTC to 2019-03-02 12:00:00 UTC",
    "published:>2019-02": "published since 2019-03-01",
    "published:>=2019-02": "published since 2019-02-01",
    "published:<2019-02": "published up to 2019-01-31",
    "published:<=2019-02": "published up to 2019-02-28",
    "published:yesterday": "published 2019-03-08",
    'published:"2019-02-27"': "published 2019-02-27",
    "published:2019-02-27T10:30": "published 2019-02-27 10:30:00 UTC to 2019-02-27 10:31:00 UTC",
    "seen:>2019-02": "first seen since 2019-03-01",
    "*": "every article",
    "* -golf": "not golf in headline or text; every article",
    "東京 会談": "東京 and 会談 in headline or text",
    "Hà Nội": "ha and noi in headline or text",
    "ATLEAST and near": "",
}

ERRORS = {
    "": "empty",
    "   ": "empty",
    "hanoi AND (": "parenthesis",
    "(((": "parenthesis",
    "(a": "not closed",
    "a)": "never opened",
    "()": "nothing in the parenthesis",
    '"unclosed': "not closed",
    'a "b': "not closed",
    '""': "no word",
    '" - "': "no word",
    "NOT": "'NOT'",
    "AND": "begins with 'AND'",
    "OR a": "begins with 'OR'",
    "a OR": "after 'OR'",
    "a AND": "after 'AND'",
    "a AND OR b": "after 'AND'",
    "a OR OR b": "after 'OR'",
    "NOT AND a": "'NOT'",
    "-": "stands alone",
    "a - b": "stands alone",
    "--a": "two minus",
    "(-)": "stands alone",
    "foo:bar": "no field 'foo'",
    "họp:x": "no field 'họp'",
    "headlin:x": "no field",
    "Re:Publica": "no field",
    "has:author": "no field 'has'",
    "words:>800": "no field 'words'",
    "changed:soon": "'soon' is no date",
    "is:(edited OR copied)": "no is:copied",
    "is:edit*": "no is:edit",
    "is:(headline:edited)": "only states",
    "headline: summit": "nothing stands after",
    "headline:": "nothing stands after",
    "headline:)": "nothing stands after",
    "headline:()": "nothing in the parenthesis",
    "headline:*": "cannot be a value",
    "headline:AND": "cannot be a value",
    ":x": "cannot be read",
    "hanoi NEAR/5 summit": "'NEAR/5'",
    "hanoi NEAR summit": "'NEAR'",
    "a W/5 b": "'W/5'",
    "a N/5 b": "'N/5'",
    "kim PRE/2 jong": "'PRE/2'",
    "a ADJ b": "'ADJ'",
    "ATLEAST3(summit)": "'ATLEAST3'",
    "a XOR b": "'XOR'",
    "a && b": "'&&'",
    "a || b": "'||'",
    "a|b": "'a|b'",
    "+hanoi": "'+hanoi'",
    "!hanoi": "'!hanoi'",
    "wom?n": "'wom?n'",
    "summit?": "'summit?'",
    "sumit~1": "'sumit~1'",
    "sumit~": "'sumit~'",
    '"a b"~5': "~ after a phrase",
    '"a b"*': "* after a phrase",
    '"a b"^2': "^ after a phrase",
    '"a* b"': "* inside a phrase",
    "*clear": "'*clear'",
    "de*clear": "'de*clear'",
    "**": "'**'",
    "a^2": "'a^2'",
    "/regex/": "'/regex/'",
    "a\\b": "cannot be read",
    "[a TO b]": "'[a'",
    "{a": "'{a'",
    ">5": "'>5'",
    "&": "no letter",
    "Marks & Spencer": "no letter",
    "…": "no letter",
    "-*x": "cannot be read",
    "published:soon": "no date",
    "published:": "nothing stands after",
    "published:..": "at least one date",
    "published:2019-13": "no date",
    "published:2019-03..2019-02": "ends before",
    "published:>soon": "no date",
    "published:2019-02..soon": "no date",
    "published:(2019 OR 2020)": "no date",
    "category:&": "no letter",
    "category:(published:2019)": "only words and phrases",
    "(" * 200 + "a" + ")" * 200: "nested deeper",
    "NOT " * 500 + "a": "nested deeper",
    "a " * 5_000: "more than 4,000 words",
    "x" * 60_000: "more than 50,000",
}


@pytest.mark.parametrize(("text", "said"), [item for item in READ_AS.items() if item[1]])
def test_a_query_is_understood_so(text: str, said: str) -> None:
    assert describe(parse(text, now=NOW)) == said


@pytest.mark.parametrize(("text", "why"), ERRORS.items(), ids=lambda value: value[:30])
def test_what_cannot_be_read_is_an_error_with_its_place(text: str, why: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, now=NOW)
    error = caught.value
    assert why in error.message
    assert 0 <= error.start < error.end <= max(len(text), 1) + 1
    assert error.query == text


def test_the_two_lists_are_long() -> None:
    assert len(READ_AS) + len(ERRORS) >= 80


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("headlin:x", "headline"),
        ("title:x", "headline"),
        ("a NEAR/5 b", "not yet supported"),
        ("is:headline", "did you mean is:headline-edited ?"),
        ("is:new", "there are is:edited, is:headline-edited, is:gone, is:copy"),
        ("has:author", "not yet supported"),
        ("publishd:2019", "published"),
        ("published:soon", "2019-02-27"),
    ],
)
def test_an_error_says_what_to_write(text: str, tip: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, now=NOW)
    assert tip in caught.value.tip


def test_the_tree_of_a_query() -> None:
    tree = parse('trump AND (kim OR "north korea") NOT golf headline:deal* lang:vi', now=NOW)
    assert tree == And(
        (
            Term("trump"),
            Or((Term("kim"), Phrase("north korea"))),
            Not(Term("golf")),
            Prefix("deal", TextField.HEADLINE),
            Exact(ExactField.LANGUAGE, "vi"),
        )
    )


def test_each_node_knows_its_place() -> None:
    text = 'a (b OR "c d") -headline:e published:2019'
    tree = parse(text, now=NOW)
    assert isinstance(tree, And)
    shown = [text[slice(*part.place)] for part in tree.parts if part.place]
    assert shown == ["a", 'b OR "c d"', "-headline:e", "published:2019"]


def test_a_relative_date_is_made_absolute() -> None:
    tree = parse("published:>7d", now=NOW)
    assert isinstance(tree, DateRange)
    assert tree.field is DateField.PUBLISHED
    assert tree.span.start == datetime(2019, 3, 2, 12, tzinfo=UTC)
    assert tree.span.end is None


ALPHABET = "ab AND OR NOT \"“”()-:*?~^.,'&|/\\0129東 \t\nheadlinepublished>=<"


@given(st.text() | st.text(alphabet=ALPHABET))
def test_any_text_is_read_or_is_a_syntax_error(text: str) -> None:
    try:
        tree = parse(text, now=NOW)
    except QuerySyntaxError:
        return
    assert describe(tree)
    assert from_json(to_json(tree)) == tree
    assert parse(to_text(tree), now=NOW) == tree


PARTS = st.sampled_from([text for text, said in READ_AS.items() if said])
JOINED = st.lists(st.tuples(PARTS, st.sampled_from([" ", " AND ", " OR ", " -", " NOT "])), min_size=1, max_size=6)


@given(JOINED)
def test_queries_put_together_read_back_the_same(parts: list[tuple[str, str]]) -> None:
    text = "*" + "".join(f"{joint}({part})" for part, joint in parts)
    tree = parse(text, now=NOW)
    assert parse(to_text(tree), now=NOW) == tree
    assert from_json(to_json(tree)) == tree


def test_everything_is_a_query() -> None:
    assert parse("*", now=NOW) == Everything()
