"""The keyword filters become parts of the tree."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsarchive.errors import UsageError
from newsarchive.models.query import And, Exact, ExactField, Prefix, Term, TextField
from newsarchive.models.query_json import from_json
from newsarchive.search import combine, describe, parse, to_text

NOW = datetime(2019, 3, 9, 12, 0, 0, 5, tzinfo=UTC)


def test_filters_narrow_the_query() -> None:
    query = combine(
        parse("kim OR trump", now=NOW),
        now=NOW,
        since="2019-02-20",
        until="2019-03-05",
        source=["bbc.co.uk", "Harbor Post"],
        category="Politics",
        language="vi",
        author="Lan Tran",
    )
    assert describe(query) == (
        "kim or trump in headline or text; source is bbc.co.uk or source is harbor post; category is politics; "
        'language is vi; "lan tran" in author; published 2019-02-20 to 2019-03-05'
    )
    assert parse(to_text(query), now=NOW) == query


def test_the_parts_of_a_query_are_not_mixed_with_the_filters() -> None:
    query = combine(parse("a OR b", now=NOW), now=NOW, source="x")
    assert to_text(query) == "(a OR b) AND source:x"


def test_without_query_and_filters_everything_is_asked_for() -> None:
    assert describe(combine(None, now=NOW)) == "every article"
    assert describe(combine(None, now=NOW, language="vi")) == "language is vi"
    assert combine(Term("a"), now=NOW) == Term("a")


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2019-02", None, "published since 2019-02-01"),
        (None, "2019-02", "published up to 2019-02-28"),
        ("7d", None, "published since 2019-03-02 12:00:00 UTC"),
        (datetime(2019, 2, 1, tzinfo=UTC), datetime(2019, 2, 3, tzinfo=UTC), "published 2019-02-01 to 2019-02-02"),
        (
            datetime(2019, 2, 1, 5, tzinfo=timezone(timedelta(hours=7))),
            None,
            "published since 2019-02-01 05:00:00 UTC+07:00",
        ),
    ],
)
def test_since_and_until(since: str | datetime | None, until: str | datetime | None, said: str) -> None:
    query = combine(None, now=NOW, since=since, until=until)
    assert describe(query) == said
    assert parse(to_text(query), now=NOW) == query


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "soon"},
        {"until": "2019-13"},
        {"since": "2019-03", "until": "2019-02"},
        {"since": datetime(2019, 1, 1)},  # noqa: DTZ001 - the missing zone is the point
        {"source": ""},
        {"author": "—"},
        {"category": ["politics", " "]},
        {"author": 'a"b'},
    ],
)
def test_a_filter_that_cannot_be_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        combine(None, now=NOW, **wrong)  # type: ignore[arg-type]
    assert caught.value.tip


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"schema": "newsarchive.query/3", "query": {"type": "term", "text": "a"}},
        {"schema": "newsarchive.query/2"},
        {"schema": "newsarchive.query/2", "query": []},
        {"schema": "newsarchive.query/2", "query": {"type": "near"}},
        {"schema": "newsarchive.query/2", "query": {"type": "term"}},
        {"schema": "newsarchive.query/2", "query": {"type": "term", "text": 5}},
        {"schema": "newsarchive.query/2", "query": {"type": "term", "text": "a", "field": "x"}},
        {"schema": "newsarchive.query/2", "query": {"type": "or", "parts": []}},
        {
            "schema": "newsarchive.query/2",
            "query": {"type": "date", "field": "seen", "start": "2019-01-01", "end": None},
        },
    ],
)
def test_a_stored_query_that_cannot_be_read_is_an_error(data: object) -> None:
    with pytest.raises(UsageError):
        from_json(data)


def test_a_query_that_was_stored_before_there_were_loose_lists_drops_no_word() -> None:
    words = [{"type": "term", "text": "a"}, {"type": "prefix", "text": "b", "field": "lead"}]
    stored = {"schema": "newsarchive.query/1", "query": {"type": "and", "parts": words}}
    assert from_json(stored) == And((Term("a"), Prefix("b", TextField.LEAD)))


def test_filters_leave_a_loose_list_of_words_loose() -> None:
    words = And((Term("a"), Term("b")), loose=True)
    assert combine(words, now=NOW, language="vi") == And((*words.parts, Exact(ExactField.LANGUAGE, "vi")), loose=True)
    assert combine(replace(words, loose=False), now=NOW, language="vi") == And(
        (*words.parts, Exact(ExactField.LANGUAGE, "vi"))
    )


def test_a_stored_query_that_is_nested_without_end_is_an_error() -> None:
    node: dict[str, object] = {"type": "term", "text": "a"}
    for _ in range(500):
        node = {"type": "not", "part": node}
    with pytest.raises(UsageError, match="nested"):
        from_json({"schema": "newsarchive.query/2", "query": node})


def test_reading_and_describing_a_query_loads_no_engine() -> None:
    code = (
        "import sys, newsarchive.search as s; from datetime import datetime, UTC;"
        "s.describe(s.parse('a b', now=datetime.now(UTC)));"
        "sys.exit(bool({'whoosh', 'numpy', 'Stemmer', 'tantivy', 'sqlite3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
