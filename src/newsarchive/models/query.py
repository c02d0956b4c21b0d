"""A question as a value: the tree that a query is read into, and its JSON form `newsarchive.query/2`.

Saved searches, feeds, exports and permalinks hold the JSON form, never an engine's string. Dates in it are absolute, so
a stored query asks the same question tomorrow. Each node knows its place in the text it was read from; the place is no
part of what the node says, so two queries that ask the same are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as with_default
from datetime import datetime
from enum import StrEnum
from typing import Any

from newsarchive.dates import Span
from newsarchive.errors import UsageError

SCHEMA = "newsarchive.query/2"
_READABLE = frozenset({"newsarchive.query/1", SCHEMA})
"""Version 2 only adds kinds of nodes."""
DEEPEST = 60
"""Levels of nesting that a query may have: beyond any that a person writes, below what Python's stack holds."""


class TextField(StrEnum):
    """A part of an article that is searched word by word. Without a field, headline and body are searched."""

    HEADLINE = "headline"
    BODY = "body"
    LEAD = "lead"
    """The first words of the body, see `newsarchive.search.analysis.LEAD_WORDS`."""
    AUTHOR = "author"


class ExactField(StrEnum):
    """A property that is compared as a whole, case and accents folded."""

    CATEGORY = "category"
    TAG = "tag"
    SOURCE = "source"
    """Name of the source, or host."""
    LANGUAGE = "language"
    URL = "url"


class DateField(StrEnum):
    """A time that can be asked for."""

    PUBLISHED = "published"
    SEEN = "seen"
    """When the archive first saw the article."""
    CHANGED = "changed"
    """When the archive saw the newest change of its headline or text."""


class NumberField(StrEnum):
    """A number that can be asked for."""

    WORDS = "words"
    """Words of the body."""
    VERSIONS = "versions"


class Property(StrEnum):
    """What an article's record can have; written `has:author`."""

    AUTHOR = "author"
    CATEGORY = "category"
    HEADLINE = "headline"
    LANGUAGE = "language"
    PUBLISHED = "published"
    TAG = "tag"


class State(StrEnum):
    """What can be true of an article's history."""

    EDITED = "edited"
    """Its headline or text changed at least once."""
    HEADLINE_EDITED = "headline-edited"
    GONE = "gone"
    """It stands at its URL no more."""
    COPY = "copy"
    """A near-duplicate of an article that was published earlier, such as a second printing of a wire story."""


TextPlace = tuple[int, int]
"""Start and end in the query's text, in characters."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word, in any form that its language gives it (`summit` finds `summits`), case and diacritics folded.

    It may fall into several words when analysed (`covid-19`); these must then follow one another. With `exact`, written
    `=summit`, only the form as it is typed answers: its letters with their diacritics, case folded.
    """

    text: str
    field: TextField | None = None
    exact: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another, each in the form that is typed, case and diacritics folded.

    With `exact`, written `="Hà Nội"`, diacritics count.
    """

    text: str
    field: TextField | None = None
    exact: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that start so; `text` is written without the `*`."""

    text: str
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words of a pattern: `*` stands for any letters or none, `?` for one letter; `text` holds them as written."""

    text: str
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words that are at most `distance` (1 or 2) letters away: added, left out, replaced, or two exchanged."""

    text: str
    distance: int = 1
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Two or more parts, each at most `distance` words from the next one; in this order where `ordered` is set.

    `a NEAR/5 b` lets four words stand between the two. A chain of `ordered` parts follows in the order written; else
    all parts lie within one stretch of text in which neighbours, in the order of the text, are at most so far apart.
    Headline and body are apart: no stretch runs from one into the other. A part is words or an `Or` of words.
    """

    parts: tuple[Query, ...]
    distance: int
    ordered: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NotNear:
    """The first part stands somewhere without the second one within `distance` words on either side of it.

    With `ordered`, written NOT PRE, only a second part that comes after the first one counts.
    """

    part: Query
    other: Query
    distance: int
    ordered: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The part occurs at least `count` times; written `ATLEAST3(summit)`. A part is words or an `Or` of words."""

    count: int
    part: Query
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exact:
    """A property that has exactly this value, or starts with it where `prefix` is set."""

    field: ExactField
    text: str
    prefix: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DateRange:
    """A time within a span. An article whose time is not known is in no span."""

    field: DateField
    span: Span
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number between two bounds, both included; None leaves an end open."""

    field: NumberField
    least: int | None = None
    most: int | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Has:
    """The article's record has such a value; written `has:author`."""

    property: Property
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is:
    """What is true of the article's history; written `is:edited`."""

    state: State
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article; written `*`."""

    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Every article but these."""

    part: Query
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more; no part is itself an `And` (see `all_of`).

    `loose` where the parts were written side by side without any operator: of such a list of words a search may drop
    some, and says so, when few articles have them all. What was joined by AND is never dropped.
    """

    parts: tuple[Query, ...]
    loose: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more; no part is itself an `Or` (see `any_of`)."""

    parts: tuple[Query, ...]
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


Words = Term | Phrase | Prefix | Wildcard | Fuzzy
"""What is looked for word by word, and has places in a text."""


@dataclass(frozen=True, slots=True)
class Some:
    """At least `least` of two or more parts. What a loose list of words is relaxed to; a query cannot ask for it."""

    parts: tuple[Query, ...]
    least: int
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


Leaf = Words | Exact | DateRange | NumberRange | Has | Is | Everything
Query = Leaf | Near | NotNear | AtLeast | Not | And | Or | Some


def all_of(*parts: Query, place: TextPlace | None = None) -> Query:
    """The conjunction of the parts, flat; of none, everything.

    >>> all_of(Term("a"), And((Term("b"), Term("c")))) == And((Term("a"), Term("b"), Term("c")))
    True
    """
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, And) else (part,))]
    if not flat:
        return Everything(place=place)
    return flat[0] if len(flat) == 1 else And(tuple(flat), place=place)


def any_of(*parts: Query, place: TextPlace | None = None) -> Query:
    """The disjunction of the parts, flat.

    Raises:
        ValueError: there are no parts; a query that nothing can answer is a slip of the caller.
    """
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, Or) else (part,))]
    if not flat:
        raise ValueError("any_of needs at least one part")
    return flat[0] if len(flat) == 1 else Or(tuple(flat), place=place)


def in_field(query: Query, name: TextField) -> Query:
    """The query with every word that has no field yet looked for in this one.

    >>> in_field(Or((Term("a"), Term("b"))), TextField.HEADLINE).parts[1].field.value
    'headline'
    """
    match query:
        case Term() | Phrase() | Prefix():
            return query if query.field else replace(query, field=name)
        case Not():
            return replace(query, part=in_field(query.part, name))
        case And() | Or():
            return replace(query, parts=tuple(in_field(part, name) for part in query.parts))
        case _:
            return query


def to_json(query: Query) -> dict[str, Any]:
    """The query as JSON-able values.

    >>> to_json(Term("hanoi"))
    {'schema': 'newsarchive.query/1', 'query': {'type': 'term', 'text': 'hanoi'}}
    """
    return {"schema": SCHEMA, "query": _node_to_json(query)}


_LEAVES: dict[str, type[Term | Phrase | Prefix]] = {"term": Term, "phrase": Phrase, "prefix": Prefix}


def _node_to_json(node: Query) -> dict[str, Any]:  # noqa: PLR0911 - one return per kind of node
    match node:
        case Term() | Phrase() | Prefix():
            name = type(node).__name__.lower()
            return {"type": name, "text": node.text} | ({"field": node.field.value} if node.field else {})
        case Exact():
            record = {"type": "exact", "field": node.field.value, "text": node.text}
            return record | ({"prefix": True} if node.prefix else {})
        case DateRange():
            start, end = (moment.isoformat() if moment else None for moment in node.span)
            return {"type": "date", "field": node.field.value, "start": start, "end": end}
        case Is():
            return {"type": "is", "state": node.state.value}
        case Everything():
            return {"type": "everything"}
        case Not():
            return {"type": "not", "part": _node_to_json(node.part)}
        case And() | Or():
            return {"type": type(node).__name__.lower(), "parts": [_node_to_json(part) for part in node.parts]}


def from_json(data: object) -> Query:
    """The query that `to_json` wrote.

    Raises:
        UsageError: not this schema, or a node that cannot be; the message names what.
    """
    if not isinstance(data, dict) or data.get("schema") not in _READABLE:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise UsageError(f"not a stored query of this version: {found!r}", tip=f"expected the schema {SCHEMA!r}")
    try:
        return _node_from_json(data["query"], DEEPEST)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the stored query cannot be read: {type(error).__name__}: {error}"
        raise UsageError(message, tip="make it anew with newsarchive.search.parse") from error


def _node_from_json(data: dict[str, Any], depth: int) -> Query:  # noqa: PLR0911 - one return per kind of node
    if depth == 0:
        raise ValueError("nested too deeply")
    kind = data["type"]
    if kind in {"and", "or"}:
        parts = [_node_from_json(part, depth - 1) for part in data["parts"]]
        return all_of(*parts) if kind == "and" else any_of(*parts)
    if kind == "not":
        return Not(_node_from_json(data["part"], depth - 1))
    if kind == "everything":
        return Everything()
    if kind == "is":
        return Is(State(data["state"]))
    if kind == "date":
        return DateRange(DateField(data["field"]), Span(_moment(data["start"]), _moment(data["end"])))
    text = data["text"]
    if not isinstance(text, str):
        raise TypeError("text is no string")
    if kind == "exact":
        return Exact(ExactField(data["field"]), text, prefix=data.get("prefix") is True)
    return _LEAVES[kind](text, TextField(data["field"]) if "field" in data else None)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return moment
