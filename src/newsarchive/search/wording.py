"""A query in words: `describe` for people (`read_as`), `to_text` in the query language itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsarchive.errors import QuerySyntaxError
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
)
from newsarchive.search.analysis import asked, keyword, name_key
from newsarchive.search.lexer import Kind, Lexer
from newsarchive.search.syntax import FIELDS

if TYPE_CHECKING:
    from newsarchive.dates import Span

_LABELS = {DateField.PUBLISHED: "published", DateField.SEEN: "first seen", DateField.CHANGED: "last changed"}
_STATES = {
    State.EDITED: "edited after it was first seen",
    State.HEADLINE_EDITED: "headline edited after it was first seen",
    State.GONE: "gone from its URL",
}
_DAY = timedelta(days=1)


def describe(query: Query) -> str:
    """How a query was understood: words as they are searched, dates absolute.

    >>> from newsarchive.search.syntax import parse
    >>> describe(parse('"Hanoi summit" -golf published:2019-02-27..2019-03-05', now=datetime(2019, 3, 9, tzinfo=UTC)))
    '"hanoi summit" and not golf in headline or text; published 2019-02-27 to 2019-03-05'
    """
    parts = query.parts if isinstance(query, And) else (query,)
    words = [part for part in parts if _searches_text(part)]
    others = [part for part in parts if not _searches_text(part)]
    said = [f"{' and '.join(_say(part, inside=len(words) > 1) for part in words)} in headline or text"] if words else []
    return "; ".join(said + [_say(part, inside=False) for part in others])


def _searches_text(query: Query) -> bool:
    """Whether a part consists of words without a field only."""
    match query:
        case Term() | Phrase() | Prefix():
            return query.field is None
        case Not():
            return _searches_text(query.part)
        case And() | Or():
            return all(_searches_text(part) for part in query.parts)
        case _:
            return False


def _say(query: Query, *, inside: bool) -> str:  # noqa: PLR0911 - one return per kind of node
    match query:
        case Term() | Phrase() | Prefix():
            return _say_words(query)
        case Exact():
            verb = "begins with" if query.prefix else "is"
            return f"{query.field.value} {verb} {exact_key(query)}"
        case DateRange():
            return f"{_LABELS[query.field]} {say_span(query.span)}"
        case Is():
            return _STATES[query.state]
        case Everything():
            return "every article"
        case Not():
            return f"not {_say(query.part, inside=True)}"
        case And() | Or():
            joined = f" {type(query).__name__.lower()} ".join(_say(part, inside=True) for part in query.parts)
            return f"({joined})" if inside else joined


def _say_words(query: Term | Phrase | Prefix) -> str:
    pieces = asked(query.text, prefix=isinstance(query, Prefix))
    shown = " ".join(piece.text for piece in pieces)
    if len(pieces) > 1 or isinstance(query, Phrase):
        shown = f'"{shown}"'
    if isinstance(query, Prefix):
        shown += "*"
    return f"{shown} in {query.field.value}" if query.field else shown


def exact_key(query: Exact) -> str:
    """The value of a whole-value leaf as the index holds it."""
    match query.field:
        case ExactField.CATEGORY | ExactField.TAG:
            return keyword(query.text)
        case ExactField.SOURCE | ExactField.LANGUAGE:
            return name_key(query.text)
        case ExactField.URL:
            return query.text


def say_span(span: Span) -> str:
    """A span in words; whole days include the last one.

    >>> from newsarchive.dates import parse_span
    >>> say_span(parse_span("2019-02", now=datetime(2019, 3, 9, tzinfo=UTC)))
    '2019-02-01 to 2019-02-28'
    """
    start, end = span
    whole = end is not None and _is_midnight(end)
    first = _say_time(start) if start else ""
    last = _say_time(end - _DAY if whole else end) if end else ""
    if first and last:
        return first if first == last else f"{first} to {last}"
    if last:
        return f"up to {last}" if whole else f"before {last}"
    return f"since {first}" if first else "at a known time"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _say_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if _is_midnight(moment) else f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def to_text(query: Query) -> str:  # noqa: PLR0911 - one return per kind of node
    """The query in its own language; `parse` reads the same tree from it (nodes as `parse` makes them).

    >>> to_text(Or((Term("kim"), Not(Phrase("north korea")))))
    'kim OR NOT "north korea"'
    """
    match query:
        case Term() | Phrase() | Prefix():
            head = f"{query.field.value}:" if query.field else ""
            return head + _write_words(query)
        case Exact():
            star = "*" if query.prefix else ""
            bare = _reads_as(query.text + star, Kind.PREFIX if query.prefix else Kind.WORD, after_field=True)
            return f"{query.field.value}:" + (query.text + star if bare else f'"{query.text}"')
        case DateRange():
            return f"{query.field.value}:{_write_span(query.span)}"
        case Is():
            return f"is:{query.state.value}"
        case Everything():
            return "*"
        case Not():
            return f"NOT {_grouped(query.part)}"
        case And():
            return " ".join(_grouped(part) for part in query.parts)
        case Or():
            return " OR ".join(_grouped(part) if isinstance(part, Or) else to_text(part) for part in query.parts)


def _grouped(query: Query) -> str:
    return f"({to_text(query)})" if isinstance(query, And | Or) else to_text(query)


def _write_words(query: Term | Phrase | Prefix) -> str:
    if isinstance(query, Phrase):
        return f'"{query.text}"'
    return query.text + "*" if isinstance(query, Prefix) else query.text


def _reads_as(text: str, kind: Kind, *, after_field: bool) -> bool:
    head = "source:" if after_field else ""
    try:
        found = Lexer(head + text, fields=dict.fromkeys(FIELDS, False), unknown={}).tokens()
    except QuerySyntaxError:
        return False
    kinds = [token.kind for token in found]
    return kinds in ([Kind.FIELD, kind, Kind.END], [Kind.FIELD, Kind.URL, Kind.END])


def _write_span(span: Span) -> str:
    """Start and end in UTC; the end, which the span leaves out, is written as the second before it."""
    start = _write_time(span.start) if span.start else ""
    end = _write_time(span.end - timedelta(seconds=1)) if span.end else ""
    return f"{start}..{end}"


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
