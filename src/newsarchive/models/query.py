"""A question as a value: the tree that a query is read into.

Each node knows its place in the text it was read from; the place is no part of what the node says, so two queries that
ask the same are equal. `str(node)` is the node in the query language (`newsarchive.models.query_text`); what is stored
is the JSON form (`newsarchive.models.query_json`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as with_default
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.dates import Span

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


class _Written:
    """What all nodes share: their text in the query language."""

    __slots__ = ()

    def __str__(self) -> str:
        from newsarchive.models.query_text import to_text  # noqa: PLC0415 - it imports the nodes

        return to_text(self)  # type: ignore[arg-type] # every class below is a node


@dataclass(frozen=True, slots=True)
class Term(_Written):
    """One word, in any form that its language gives it (`summit` finds `summits`), case and diacritics folded.

    It may fall into several words when analysed (`covid-19`); these must then follow one another. With `exact`, written
    `=summit`, only the form as it is typed answers: its letters with their diacritics, case folded.
    """

    text: str
    field: TextField | None = None
    exact: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase(_Written):
    """Words that follow one another, each in the form that is typed, case and diacritics folded.

    With `exact`, written `="Hà Nội"`, diacritics count.
    """

    text: str
    field: TextField | None = None
    exact: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prefix(_Written):
    """Words that start so; `text` is written without the `*`."""

    text: str
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wildcard(_Written):
    """Words of a pattern: `*` stands for any letters or none, `?` for one letter; `text` holds them as written."""

    text: str
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fuzzy(_Written):
    """Words that are at most `distance` (1 or 2) letters away: added, left out, replaced, or two exchanged."""

    text: str
    distance: int = 1
    field: TextField | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Near(_Written):
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
class NotNear(_Written):
    """The first part stands somewhere without the second one within `distance` words on either side of it.

    With `ordered`, written NOT PRE, only a second part that comes after the first one counts.
    """

    part: Query
    other: Query
    distance: int
    ordered: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AtLeast(_Written):
    """The part occurs at least `count` times; written `ATLEAST3(summit)`. A part is words or an `Or` of words."""

    count: int
    part: Query
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exact(_Written):
    """A property that has exactly this value, or starts with it where `prefix` is set."""

    field: ExactField
    text: str
    prefix: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DateRange(_Written):
    """A time within a span. An article whose time is not known is in no span."""

    field: DateField
    span: Span
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NumberRange(_Written):
    """A number between two bounds, both included; None leaves an end open."""

    field: NumberField
    least: int | None = None
    most: int | None = None
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Has(_Written):
    """The article's record has such a value; written `has:author`."""

    property: Property
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is(_Written):
    """What is true of the article's history; written `is:edited`."""

    state: State
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Everything(_Written):
    """Every article; written `*`."""

    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not(_Written):
    """Every article but these."""

    part: Query
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And(_Written):
    """All of two or more; no part is itself an `And` (see `all_of`).

    `loose` where the parts were written side by side without any operator: of such a list of words a search may drop
    some, and says so, when few articles have them all. What was joined by AND is never dropped.
    """

    parts: tuple[Query, ...]
    loose: bool = False
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or(_Written):
    """Any of two or more; no part is itself an `Or` (see `any_of`)."""

    parts: tuple[Query, ...]
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


Words = Term | Phrase | Prefix | Wildcard | Fuzzy
"""What is looked for word by word, and has places in a text."""


@dataclass(frozen=True, slots=True)
class Some(_Written):
    """At least `least` of two or more parts. What a loose list of words is relaxed to; a query cannot ask for it.

    A part that stands there twice counts once towards `least`, and twice in the score, as in any list of words.
    """

    parts: tuple[Query, ...]
    least: int
    place: TextPlace | None = with_default(default=None, compare=False, repr=False)


Leaf = Words | Exact | DateRange | NumberRange | Has | Is | Everything
Query = Leaf | Near | NotNear | AtLeast | Not | And | Or | Some


def all_of(*parts: Query, loose: bool = False, place: TextPlace | None = None) -> Query:
    """The conjunction of the parts, flat; of none, everything. Loose if `loose` is set and every `And` in it is loose.

    >>> all_of(Term("a"), And((Term("b"), Term("c")))) == And((Term("a"), Term("b"), Term("c")))
    True
    """
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, And) else (part,))]
    if not flat:
        return Everything(place=place)
    loose = loose and all(part.loose for part in parts if isinstance(part, And))
    return flat[0] if len(flat) == 1 else And(tuple(flat), loose, place)


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
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return query if query.field else replace(query, field=name)
        case Not() | AtLeast():
            return replace(query, part=in_field(query.part, name))
        case NotNear():
            return replace(query, part=in_field(query.part, name), other=in_field(query.other, name))
        case And() | Or() | Some() | Near():
            return replace(query, parts=tuple(in_field(part, name) for part in query.parts))
        case _:
            return query


def words_of(query: Query) -> tuple[Words, ...]:
    """The words of what can be a part of `Near`, `NotNear` and `AtLeast`: words, or an `Or` of words; else none.

    >>> len(words_of(Or((Term("a"), Phrase("b c"))))), words_of(Not(Term("a")))
    (2, ())
    """
    parts = query.parts if isinstance(query, Or) else (query,)
    found = tuple(part for part in parts if isinstance(part, Words))
    return found if len(found) == len(parts) else ()


def levels(query: Query) -> int:
    """How many nodes stand one within another at most; a word alone is one.

    >>> levels(Not(Or((Term("a"), Term("b")))))
    3
    """
    return 1 + max(map(levels, parts_of(query)), default=0)


def parts_of(query: Query) -> tuple[Query, ...]:
    """The nodes right below one, in the order of the text; a leaf has none.

    >>> parts_of(Not(Term("a"))), parts_of(Term("a"))
    ((Term(text='a', field=None, exact=False),), ())
    """
    match query:
        case Not() | AtLeast():
            return (query.part,)
        case NotNear():
            return (query.part, query.other)
        case And() | Or() | Some() | Near():
            return query.parts
        case _:
            return ()
