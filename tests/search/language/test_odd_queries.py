"""More than a thousand odd queries: none is read with a meaning that it does not have, and each error says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import QuerySyntaxError
from newsarchive.search import describe, from_json, parse, to_json

if TYPE_CHECKING:
    from newsarchive.models.query import Query

NOW = datetime(2019, 3, 9, 12, tzinfo=UTC)


def _queries() -> list[tuple[str, str]]:
    """Each query with what must come of it."""
    lines = (Path(__file__).parent / "odd-queries.txt").read_text(encoding="utf-8").split("\n")
    lines = [line for line in lines if line and not line.startswith(("# ", "## "))]
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    return [(_unescaped(query), _unescaped(f"\\ {said}") if query[:2] == "\\ " else said) for query, said in pairs]


def _unescaped(text: str) -> str:
    return text[2:].encode("latin-1", "backslashreplace").decode("unicode_escape") if text[:2] == "\\ " else text


QUERIES = _queries()


def test_the_queries_are_many_and_none_stands_twice() -> None:
    assert len({query for query, _ in QUERIES}) == len(QUERIES) > 1_000
    assert sum(said.startswith("  ! ") for _, said in QUERIES) > 500


def _read(query: str) -> Query | QuerySyntaxError:
    try:
        return parse(query, now=NOW)
    except QuerySyntaxError as error:
        return error


@pytest.mark.parametrize(("query", "said"), QUERIES, ids=range(len(QUERIES)))
def test_an_odd_query_is_read_as_it_says_or_refused_with_a_reason(query: str, said: str) -> None:
    found = _read(query)
    if isinstance(found, QuerySyntaxError):
        assert f"  ! {query[found.start : found.end]} | {found.message}" == said
        assert found.tip
        assert found.caret()
    else:
        assert f"  = {found}" == said
        assert describe(found)
        assert _read(str(found)) == found


ASKED = [query for query, said in QUERIES if said.startswith("  = ")]
joined = st.lists(st.tuples(st.sampled_from([" ", " AND ", " OR ", " NOT ", " -"]), st.sampled_from(ASKED)), max_size=5)


@given(joined)
def test_queries_put_together_are_read_back(parts: list[tuple[str, str]]) -> None:
    tree = parse("*" + "".join(f"{joint}({query})" for joint, query in parts), now=NOW)
    assert _read(str(tree)) == tree
    assert from_json(to_json(tree)) == tree
    assert describe(tree)
