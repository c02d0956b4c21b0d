"""The index against a brute-force reading of the same documents and the same query tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.dates import Span
from newsarchive.models.query import (
    And,
    DateField,
    DateRange,
    Everything,
    Exact,
    ExactField,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    State,
    Term,
    TextField,
    all_of,
    any_of,
)
from newsarchive.search import Document, IndexWriter, Searcher
from newsarchive.search.analysis import LEAD_WORDS, Piece, asked, keyword, tokens

DAY = datetime(2019, 1, 1, tzinfo=UTC)
WORDS = ["a", "b", "ab", "abc", "Hà", "東京", "東", "京都", "a-b", "U.S."]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
long_texts = texts | texts.map(lambda text: text + " z" * LEAD_WORDS + " a b abc")
days = st.integers(0, 6)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    return Document(
        id=f"d{draw(st.integers(0, 9))}",
        url="https://harbor.example/",
        headline=draw(texts),
        body=draw(long_texts),
        first_seen=DAY,
        last_seen=DAY,
        published=draw(st.none() | days.map(lambda day: DAY + timedelta(days=day))),
        categories=tuple(draw(st.lists(st.sampled_from(["A", "a b", "東京"]), max_size=2))),
        authors=tuple(draw(st.lists(texts, max_size=2))),
        states=tuple(draw(st.sets(st.sampled_from(State)))),
        changed=draw(st.none() | days.map(lambda day: DAY + timedelta(days=day))),
    )


fields = st.none() | st.sampled_from(TextField)
leaves = (
    st.builds(Term, st.sampled_from(WORDS), fields)
    | st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), fields)
    | st.builds(Prefix, st.sampled_from(WORDS), fields)
    | st.builds(Exact, st.just(ExactField.CATEGORY), st.sampled_from(["a", "A B", "東京", "x"]), st.booleans())
    | st.builds(
        lambda field, start, width: DateRange(
            field, Span(DAY + timedelta(days=start), DAY + timedelta(days=start + width))
        ),
        st.sampled_from([DateField.PUBLISHED, DateField.CHANGED]),
        days,
        st.integers(1, 4),
    )
    | st.builds(Is, st.sampled_from(State))
    | st.just(Everything())
)
queries = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: all_of(*parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: any_of(*parts))
    ),
    max_leaves=6,
)
changes = st.lists(st.tuples(st.lists(documents(), max_size=5), st.lists(st.integers(0, 9), max_size=2)), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes, st.lists(queries, min_size=1, max_size=8))
def test_the_index_answers_as_a_plain_reading_of_the_documents_does(
    batches: list[tuple[list[Document], list[int]]], asked_for: list[Query]
) -> None:
    held: dict[str, Document] = {}
    with TemporaryDirectory() as folder:
        with IndexWriter.create(Path(folder), generation="g") as writer:
            writer.apply(revision=0)
            for revision, (upserts, deletes) in enumerate(batches):
                gone = {f"d{number}" for number in deletes}
                writer.apply(upserts, gone, revision=revision)
                held |= {document.id: document for document in upserts}
                held = {key: document for key, document in held.items() if key not in gone}
        with Searcher(Path(folder)) as searcher:
            assert len(searcher) == len(held)
            for query in asked_for:
                expected = {document.id for document in held.values() if matches(query, document)}
                answer = searcher.search(query, limit=100)
                assert {found.id for found in answer.found} == expected
                assert answer.total == len(answer.found) == searcher.count(query)
                newest = [found.id for found in searcher.scan(query, sort="newest")]
                assert newest == sorted(expected, key=lambda key: order(held[key]))


def order(document: Document) -> tuple[bool, float, str]:
    published = document.published
    return published is None, -published.timestamp() if published else 0.0, document.id


def matches(query: Query, document: Document) -> bool:  # noqa: PLR0911 - one return per kind of node
    match query:
        case Term() | Phrase() | Prefix():
            return any(stands(query, words) for words in parts(document, query.field))
        case Exact():
            values = [keyword(category) for category in document.categories]
            wanted = keyword(query.text)
            return any(value.startswith(wanted) if query.prefix else value == wanted for value in values)
        case DateRange():
            start, end = query.span
            assert start
            assert end
            time = document.published if query.field is DateField.PUBLISHED else document.changed
            return time is not None and start <= time < end
        case Is():
            return query.state in document.states
        case Everything():
            return True
        case Not():
            return not matches(query.part, document)
        case And():
            return all(matches(part, document) for part in query.parts)
        case Or():
            return any(matches(part, document) for part in query.parts)


def parts(document: Document, field: TextField | None) -> list[list[str]]:
    headline, body = tokens(document.headline), tokens(document.body)
    by_field: dict[TextField | None, list[list[str]]] = {
        None: [headline, body],
        TextField.HEADLINE: [headline],
        TextField.BODY: [body],
        TextField.LEAD: [body[:LEAD_WORDS]],
        TextField.AUTHOR: [tokens(author) for author in document.authors],
    }
    return by_field[field]


def stands(query: Term | Phrase | Prefix, words: list[str]) -> bool:
    pieces = asked(query.text, prefix=isinstance(query, Prefix))
    return any(all(fits(words, start, piece) for piece in pieces) for start in range(len(words)))


def fits(words: list[str], start: int, piece: Piece) -> bool:
    at = start + piece.offset
    if at >= len(words):
        return False
    return words[at].startswith(piece.text) if piece.prefix else words[at] == piece.text
