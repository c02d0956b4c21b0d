"""How queries are read. Nothing is dropped and nothing is taken for a word in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

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
    "covid-19": '"covid 19" or covid19 in headline or text',
    "10:30": '"10 30" in headline or text',
    "16:9": '"16 9" in headline or text',
    "AT&T": '"at t" in headline or text',
    "24/7": '"24 7" in headline or text',
    "George W Bush": "george and w and bush in headline or text",
    "#metoo @potus $5 50%": "metoo and potus and 5 and 50 in headline or text",
    "C++": "c in headline or text",
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
    "Hà Nội": "(ha and noi) or hanoi in headline or text",
}


@pytest.mark.parametrize(("text", "said"), READ_AS.items())
def test_a_query_is_understood_so(text: str, said: str) -> None:
    assert describe(parse(text, now=NOW)) == said


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("headlin:x", "headline"),
        ("title:x", "headline"),
        ("publishd:2019", "published"),
        ("published:soon", "2019-02-27"),
        ("a near/5 b", "NEAR/5"),
        ("a adj3 b", "PRE/3"),
        ("a w/s b", "NEAR/25"),
        ("a N5 b", "NEAR/5"),
        ("a +5 b", "PRE/5"),
        ("econom! growth", "econom*"),
        ("hd=summit", "headline:summit"),
        ("wc>800", "words:>800"),
        ("TI(summit)", "headline:("),
        ("lang:english", "lang:en"),
        ("lang:jp", "lang:ja"),
        ("is:headline", "did you mean is:headline-edited ?"),
        ("is:new", "there are is:edited, is:headline-edited, is:gone, is:copy"),
        ("has:authors", "has:author"),
        ("headline:*", "has:headline"),
        ("headline:a NEAR/5 b", "headline:(kim NEAR/5 summit)"),
        ("published:2019 OR 2020", "published:(A OR B)"),
        ("published:2019..2018", "2018..2019"),
        ("sumit~9", "sumit~2"),
        ("hanoi?", "hanoi*"),
        ("'hanoi summit'", '"hanoi summit"'),
        ("source:https://www.bbc.co.uk/news", "source:www.bbc.co.uk"),
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


def test_everything_is_a_query() -> None:
    assert parse("*", now=NOW) == Everything()


@pytest.mark.parametrize(
    ("text", "start", "shown"),
    [
        ("a\tb (", 4, "a b (\n    ^"),
        ("東京 (", 3, "東京 (\n     ^"),
        ("Hà Nội (".replace("à", "a\u0300"), 8, "Ha\u0300 Nội (\n       ^"),
        ("a\n(", 2, "a (\n  ^"),
        ("x\udc80", 1, "x \n ^"),
        (
            "kim " * 100 + "( " + "OR trump " * 100,
            400,
            "…" + "kim " * 15 + "( " + "OR trump " * 13 + "O…\n" + " " * 61 + "^",
        ),
    ],
)
def test_the_caret_stands_below_its_place(text: str, start: int, shown: str) -> None:
    assert QuerySyntaxError("", query=text, start=start, end=start + 1).caret() == shown
