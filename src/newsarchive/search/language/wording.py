"""A query in plain words, as `read_as` tells it: what is looked for, where, and when, with absolute dates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

from newsarchive.models.query import (
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
    parts_of,
)
from newsarchive.search.analysis import asked, keyword, name_key
from newsarchive.search.widening import widened

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.dates import Span

_TIMES: Final = {DateField.PUBLISHED: "published", DateField.SEEN: "first seen", DateField.CHANGED: "last changed"}
_STATES: Final = {
    State.EDITED: "edited after it was first seen",
    State.HEADLINE_EDITED: "headline edited after it was first seen",
    State.GONE: "gone from its URL",
    State.COPY: "a copy of an article published earlier",
}
_PROPERTIES: Final = {
    Property.AUTHOR: "an author",
    Property.CATEGORY: "a category",
    Property.HEADLINE: "a headline",
    Property.LANGUAGE: "a known language",
    Property.PUBLISHED: "a known time of publication",
    Property.TAG: "a tag",
}
_NUMBERS: Final = {NumberField.WORDS: "word", NumberField.VERSIONS: "version"}
_SAID: Final = frozenset(
    {"and", "any", "at", "exactly", "followed", "in", "is", "no", "not", "or", "then", "within", "without"}
)
"""Words that the wording itself uses; where they are searched for, it says that they are words."""
_DAY: Final = timedelta(days=1)

Place = TextField | None


def describe(query: Query) -> str:
    """How a query was understood: words as they are searched, in their other spellings too, dates absolute.

    Parts are separated by semicolons: all must hold. What stands before "in headline" belongs to it, back to the
    semicolon or the bracket.

    >>> from datetime import UTC, datetime
    >>> from newsarchive.search.language.syntax import parse
    >>> describe(parse('"Hanoi summit" -golf published:2019-02-27..2019-03-05', now=datetime(2019, 3, 9, tzinfo=UTC)))
    '"hanoi summit" and not golf in headline or text; published 2019-02-27 to 2019-03-05'
    """
    query = widened(query)
    parts = query.parts if isinstance(query, And) else (query,)
    words = [part for part in parts if _places(part) == {None}]
    others = [_say(part) for part in parts if _places(part) != {None}]
    if not words:
        return "; ".join(others)
    said = " and ".join(map(_grouped, words)) if len(words) > 1 else _say_words(words[0])
    return "; ".join([f"{said} in {_place(None)}", *others])


def _place(place: Place) -> str:
    return place.value if place else "headline or text"


def _places(query: Query) -> set[Place | str]:
    """The parts of an article that a query's words are looked for in; for anything but words, its kind."""
    match query:
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return {query.field}
        case Not() | AtLeast():
            return _places(query.part)
        case NotNear():
            return _places(query.part) | _places(query.other)
        case And() | Or() | Some() | Near():
            return set[Place | str]().union(*map(_places, query.parts))
        case _:
            return {type(query).__name__}


def _say(query: Query) -> str:  # noqa: PLR0911 - one return per kind of node
    """A part that says itself where its words are looked for."""
    places = _places(query)
    place = next(iter(places))
    if len(places) == 1 and not (isinstance(place, str) and not isinstance(place, TextField)):
        return f"{_say_words(query)} in {_place(place)}"
    match query:
        case Exact():
            return f"{query.field.value} {'begins with' if query.prefix else 'is'} {exact_key(query)}"
        case DateRange():
            return f"{_TIMES[query.field]} {say_span(query.span)}"
        case NumberRange():
            return _say_number(query)
        case Has():
            return f"with {_PROPERTIES[query.property]}"
        case Is():
            return _STATES[query.state]
        case Everything():
            return "every article"
        case Not(part=Has(property=lacking)):
            return f"without {_PROPERTIES[lacking]}"
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return f"{_say_words(query)} in {_place(query.field)}"
        case _:
            return _join(query, [_whole(part) for part in parts_of(query)])


def _whole(query: Query) -> str:
    """A part beside others; in brackets where it could be taken apart."""
    text = _say(query)
    plain = isinstance(query, Exact | DateRange | NumberRange | Has | Is | Everything | Not)
    return text if plain or (isinstance(query, Words) and query.field and _is_plain(query)) else f"({text})"


def _say_words(query: Query) -> str:
    """Words of one place, which is said elsewhere."""
    match query:
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return _word(query)
        case Near() | NotNear() | AtLeast() | Not() | And() | Or() | Some():
            return _join(query, [_grouped(part) for part in parts_of(query)])
        case _:
            raise TypeError(f"no words: {query!r}")


def _grouped(query: Query) -> str:
    text = _say_words(query)
    return text if isinstance(query, Not) or _is_plain(query) or _is_chain(query) else f"({text})"


def _is_chain(query: Query) -> bool:
    """Whether a part stands in brackets anyway."""
    return isinstance(query, Near) and len(query.parts) > 2  # noqa: PLR2004 - more than a pair


def _is_plain(query: Query) -> bool:
    """Whether a part's words are said as they are, without words of the wording."""
    return isinstance(query, Term | Phrase)


def _join(query: Near | NotNear | AtLeast | Not | And | Or | Some, said: list[str]) -> str:  # noqa: PLR0911 - as above
    match query:
        case Not():
            return f"not {said[0]}"
        case And():
            return " and ".join(said)
        case Or():
            return " or ".join(said)
        case Some():
            return f"at least {query.least} of {', '.join(dict.fromkeys(said))}"
        case AtLeast():
            return f"{said[0]} at least {'once' if query.count == 1 else f'{query.count:,} times'}"
        case NotNear(ordered=True):
            return f"{said[0]} not followed by {said[1]} within {_count(query.distance, 'word')}"
        case NotNear():
            return f"{said[0]} without {said[1]} within {_count(query.distance, 'word')} of it"
        case Near():
            return _say_near(query, said)
        case _:
            assert_never(query)


def _say_near(query: Near, said: list[str]) -> str:
    words = _count(query.distance, "word")
    if not _is_chain(query):
        return (
            f"{said[0]} followed by {said[1]} within {words}"
            if query.ordered
            else f"{said[0]} within {words} of {said[1]}"
        )
    if query.ordered:
        return f"({', then '.join(said)}, each within {words} of the one before)"
    return f"({', '.join(said[:-1])} and {said[-1]} in any order, each within {words} of the next)"


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _word(query: Words) -> str:
    match query:
        case Term(exact=True) | Phrase(exact=True):
            text = " ".join(query.text.split()).casefold()
            return f'exactly "{text}"'
        case Phrase():
            return f'"{_spoken(query.text)}"'
        case Term():
            text = _spoken(query.text)
            return f'"{text}"' if " " in text else f"the word '{text}'" if text in _SAID else text
        case Prefix():
            text = _spoken(query.text)
            return f'any phrase starting with "{text}"' if " " in text else f"any word starting with {text}"
        case Wildcard():
            return f"any word of the form {query.text.casefold()}"
        case Fuzzy():
            return f"any word at most {_count(query.distance, 'letter')} off {_spoken(query.text)}"
        case _:
            assert_never(query)


def _spoken(text: str) -> str:
    return " ".join(piece.text for piece in asked(text))


def _say_number(query: NumberRange) -> str:
    unit = _NUMBERS[query.field]
    least, most = query.least, query.most
    if most is None:
        return f"any number of {unit}s" if least is None else f"at least {_count(least, unit)}"
    if least is None:
        return f"at most {_count(most, unit)}"
    return f"exactly {_count(most, unit)}" if least == most else f"{least:,} to {_count(most, unit)}"


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

    >>> from datetime import UTC, datetime
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
