"""The JSON form of a query, `newsarchive.query/2`: what saved searches, feeds, exports and permalinks hold.

Dates in it are absolute, so a stored query asks the same question tomorrow. Version 2 only added kinds of nodes and
marks; `newsarchive.query/1` is read as it was meant: an `and` of it drops no words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, assert_never

from newsarchive.dates import Span
from newsarchive.errors import UsageError
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
    Words,
    all_of,
    any_of,
    words_of,
)

SCHEMA: Final = "newsarchive.query/2"
_READABLE: Final = frozenset({"newsarchive.query/1", SCHEMA})

Record = dict[str, Any]


def to_json(query: Query) -> Record:
    """The query as JSON-able values.

    >>> to_json(Term("hanoi"))
    {'schema': 'newsarchive.query/2', 'query': {'type': 'term', 'text': 'hanoi'}}
    """
    return {"schema": SCHEMA, "query": _written(query)}


def from_json(data: object) -> Query:
    """The query that `to_json` wrote.

    Raises:
        UsageError: not this schema, or a node that cannot be; the message names what.
    """
    if not isinstance(data, dict) or data.get("schema") not in _READABLE:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise UsageError(f"not a stored query of this version: {found!r}", tip=f"expected the schema {SCHEMA!r}")
    try:
        return _read(data["query"], DEEPEST)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the stored query cannot be read: {type(error).__name__}: {error}"
        raise UsageError(message, tip="make it anew with newsarchive.search.parse") from error


def _written(node: Query) -> Record:  # noqa: PLR0911 - one return per kind of node
    match node:
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return _written_words(node)
        case Exact():
            return {"type": "exact", "field": node.field.value, "text": node.text} | _set(prefix=node.prefix)
        case DateRange():
            start, end = (moment.isoformat() if moment else None for moment in node.span)
            return {"type": "date", "field": node.field.value, "start": start, "end": end}
        case NumberRange():
            return {"type": "number", "field": node.field.value, "least": node.least, "most": node.most}
        case Has():
            return {"type": "has", "property": node.property.value}
        case Is():
            return {"type": "is", "state": node.state.value}
        case Everything():
            return {"type": "everything"}
        case _:
            return _written_joint(node)


def _written_words(node: Words) -> Record:
    record: Record = {"type": type(node).__name__.lower(), "text": node.text}
    if isinstance(node, Fuzzy):
        record["distance"] = node.distance
    if node.field:
        record["field"] = node.field.value
    return record | (_set(exact=node.exact) if isinstance(node, Term | Phrase) else {})


def _written_joint(node: Near | NotNear | AtLeast | Not | And | Or | Some) -> Record:  # noqa: PLR0911 - as above
    match node:
        case Not():
            return {"type": "not", "part": _written(node.part)}
        case AtLeast():
            return {"type": "at-least", "count": node.count, "part": _written(node.part)}
        case NotNear():
            record = {"type": "not-near", "part": _written(node.part), "other": _written(node.other)}
            return record | {"distance": node.distance} | _set(ordered=node.ordered)
        case Near():
            parts = [_written(part) for part in node.parts]
            return {"type": "near", "parts": parts, "distance": node.distance} | _set(ordered=node.ordered)
        case And():
            return {"type": "and", "parts": [_written(part) for part in node.parts]} | _set(loose=node.loose)
        case Or():
            return {"type": "or", "parts": [_written(part) for part in node.parts]}
        case Some():
            return {"type": "some", "parts": [_written(part) for part in node.parts], "least": node.least}
        case _:
            assert_never(node)


def _set(**marks: bool) -> Record:
    """The marks that are set; one that is not is left out."""
    return {name: True for name, value in marks.items() if value}


def _read(data: Record, depth: int) -> Query:  # noqa: PLR0911 - one return per kind of node
    if depth == 0:
        raise ValueError("nested too deeply")
    match data["type"]:
        case "term" | "phrase" | "prefix" | "wildcard" | "fuzzy":
            return _read_words(data)
        case "exact":
            return Exact(ExactField(data["field"]), _text(data), prefix=data.get("prefix") is True)
        case "date":
            return DateRange(DateField(data["field"]), Span(_moment(data["start"]), _moment(data["end"])))
        case "number":
            least, most = (None if data[end] is None else _whole(data, end, range(10**9 + 1)) for end in _ENDS)
            return NumberRange(NumberField(data["field"]), least, most)
        case "has":
            return Has(Property(data["property"]))
        case "is":
            return Is(State(data["state"]))
        case "everything":
            return Everything()
        case _:
            return _read_joint(data, depth)


_ENDS: Final = ("least", "most")


def _read_words(data: Record) -> Query:
    text, field = _text(data), TextField(data["field"]) if "field" in data else None
    match data["type"]:
        case "term":
            return Term(text, field, exact=data.get("exact") is True)
        case "phrase":
            return Phrase(text, field, exact=data.get("exact") is True)
        case "prefix":
            return Prefix(text, field)
        case "wildcard":
            return Wildcard(text, field)
        case _:
            return Fuzzy(text, _whole(data, "distance", range(1, 3)), field)


def _read_joint(data: Record, depth: int) -> Query:  # noqa: PLR0911 - one return per kind of node
    match data["type"]:
        case "and":
            return all_of(*_parts(data, depth), loose=data.get("loose") is True)
        case "or":
            return any_of(*_parts(data, depth))
        case "not":
            return Not(_read(data["part"], depth - 1))
        case "near":
            parts = _placed(*_parts(data, depth, least=2))
            return Near(parts, _whole(data, "distance", range(1, 10**6)), ordered=data.get("ordered") is True)
        case "not-near":
            part, other = _placed(_read(data["part"], depth - 1), _read(data["other"], depth - 1))
            return NotNear(part, other, _whole(data, "distance", range(1, 10**6)), ordered=data.get("ordered") is True)
        case "at-least":
            (part,) = _placed(_read(data["part"], depth - 1))
            return AtLeast(_whole(data, "count", range(1, 10**6)), part)
        case "some":
            parts = _parts(data, depth, least=2)
            return Some(parts, _whole(data, "least", range(1, len(parts) + 1)))
        case unknown:
            raise ValueError(f"there is no kind of node {unknown!r}")


def _parts(data: Record, depth: int, *, least: int = 1) -> tuple[Query, ...]:
    parts = tuple(_read(part, depth - 1) for part in data["parts"])
    if len(parts) < least:
        raise ValueError(f"{data['type']!r} needs {least} parts")
    return parts


def _placed(*parts: Query) -> tuple[Query, ...]:
    """The parts, each of which has places in one field."""
    fields = {leaf.field for part in parts for leaf in words_of(part)}
    if not all(map(words_of, parts)) or len(fields) > 1:
        raise ValueError("what is near, or is counted, must be words of one field, or an 'or' of such")
    return parts


def _text(data: Record) -> str:
    if not isinstance(data["text"], str):
        raise TypeError("text is no string")
    return data["text"]


def _whole(data: Record, name: str, allowed: range) -> int:
    number = data[name]
    if type(number) is not int or number not in allowed:
        raise ValueError(f"{name} is {number!r}, not a whole number from {allowed.start} to {allowed.stop - 1:,}")
    return number


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return moment
