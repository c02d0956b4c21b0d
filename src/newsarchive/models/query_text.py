"""A query in its own language: what `str(node)` gives and `newsarchive.search.parse` reads back."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final, assert_never

from newsarchive.dates import YEARS
from newsarchive.models.query import (
    And,
    AtLeast,
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
    NumberRange,
    Or,
    Phrase,
    Prefix,
    Query,
    Some,
    Term,
    Wildcard,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsarchive.dates import Span

_SECOND: Final = timedelta(seconds=1)
_QUOTED: Final = (('"', '"”“', '"'), ("«", "»", "»"), ("“", '”“"', "”"), ("「", "」", "」"))
"""Opening mark, the marks that would close it, the mark to close with."""
_QUOTES: Final = re.compile('["“”„‟«»‹›「」『』]')
_PLAIN_VALUE: Final = re.compile(r"[^\W_][\w.-]*")
_PLAIN_URL: Final = re.compile(r"https?://[^\s()\"“”„‟«»‹›「」『』*]+", re.IGNORECASE)
_VALUE: Final = re.compile(r"\d+(?:-\d{1,2}){0,2}|\d+(?:h|d|w|mo|y)")
_BETWEEN: Final = re.compile(r"[NnWwPp]\d{1,3}|AFT|BEF|UND|ET|VÀ|ODER|OU|HOẶC|NICHT|SAUF|SANS|NIET")
"""Words that are refused between two others, see `newsarchive.search.language.foreign`."""
_CAPITALS: Final = re.compile(r"(?<!\S)[A-Z]\w{2,}\Z")
_UNTIL: Final = re.compile(r"(?i:to|until|till|bis)")
_NEGATION: Final = re.compile(r"[nN]ot")
_BROKEN: Final = re.compile(
    r"[\s()“”„‟«»‹›「」『』]|(?<![\u05d0-\u05ea])\"|\"(?![\u05d0-\u05ea])|\A\Z"  # the sign of a Hebrew acronym is none
)
_UNWRITABLE: Final = re.compile(rf"{_BROKEN.pattern}|\A(?:AND|OR|NOT)\Z")


def to_text(query: Query) -> str:  # noqa: PLR0911 - one return per kind of node
    """The query in its own language; `parse` reads the same tree from it, if `parse` could make that tree.

    Values that cannot be written are written as near as can be: a `Term` of two words as a phrase. A `Some`, for which
    the language has no form, is written `SOME2(a, b, c)`, which `parse` refuses.

    >>> to_text(Or((Term("kim"), Not(Phrase("north korea")))))
    'kim OR NOT "north korea"'
    """
    match query:
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return (f"{query.field.value}:" if query.field else "") + _words(query)
        case Exact():
            return f"{query.field.value}:{_value(query)}"
        case DateRange():
            return f"{query.field.value}:{_span(query.span)}"
        case NumberRange():
            return f"{query.field.value}:{_numbers(query)}"
        case Has():
            return f"has:{query.property.value}"
        case Is():
            return f"is:{query.state.value}"
        case Everything():
            return "*"
        case _:
            return _joint(query)


def _joint(query: Near | NotNear | AtLeast | Not | And | Or | Some) -> str:  # noqa: PLR0911 - as above
    match query:
        case Not():
            return f"NOT {_grouped(query.part)}"
        case And():
            return _side_by_side(query.parts) if query.loose else " AND ".join(map(_grouped, query.parts))
        case Or():
            return " OR ".join(
                f"({part})" if is_stray_value(part, query.parts) else _grouped(part) for part in query.parts
            )
        case Near():
            said = [f"({part})" if _is_word(part, _NEGATION) else _grouped(part) for part in query.parts]
            return f" {'PRE' if query.ordered else 'NEAR'}/{query.distance} ".join(said)
        case NotNear():
            joint = f" NOT {'PRE' if query.ordered else 'NEAR'}/{query.distance} "
            first = f"({query.part})" if _is_word(query.part, _NEGATION) else _grouped(query.part)
            return first + joint + _grouped(query.other)
        case AtLeast():
            return f"ATLEAST{query.count}({to_text(query.part)})"
        case Some():
            return f"SOME{query.least}({', '.join(map(_grouped, query.parts))})"
        case _:
            assert_never(query)


def is_stray_value(query: Query, parts: Sequence[Query]) -> bool:
    """Whether a word beside dates or numbers looks like one of them: in `published:2019 OR 2020` the 2020 is a word.

    Nobody means that, so `parse` refuses it, unless the word stands in brackets.
    """
    return _is_word(query, _VALUE) and any(isinstance(part, DateRange | NumberRange) for part in parts)


def _side_by_side(parts: Sequence[Query]) -> str:
    """The parts of a loose list; a word is put in brackets where its neighbours would make an operator of it."""
    said = [_grouped(part) for part in parts]
    for number, part in reversed(list(enumerate(parts))):
        odd = (
            (_is_word(part, _BETWEEN) and number)
            or (_CAPITALS.search(said[number]) and number + 1 < len(parts) and said[number + 1].startswith("("))
            or (_is_word(part, _UNTIL) and number and isinstance(parts[number - 1], DateRange | NumberRange))
        )
        if odd:
            said[number] = f"({said[number]})"
    return " ".join(said)


def _is_word(query: Query, form: re.Pattern[str]) -> bool:
    return isinstance(query, Term) and not query.field and not query.exact and form.fullmatch(query.text) is not None


def _grouped(query: Query) -> str:
    """A part of something larger: in brackets where it has parts of its own, and where a `?` would close it."""
    text = to_text(query)
    if isinstance(query, And | Or | Near | NotNear):
        return f"({text})"
    return text


def _words(query: Words) -> str:
    match query:
        case Term():
            if query.exact:
                return "=" + (quoted(query.text) if _BROKEN.search(query.text) else query.text)
            return _bare(query.text)
        case Phrase():
            return ("=" if query.exact else "") + quoted(query.text)
        case Prefix():
            text = _bare(f"{query.text}*")
            return text if text.endswith(("*", ")")) else f"{quoted(query.text)}*"
        case Wildcard():
            # At the end of a word, a ? counts as a letter in brackets only: see newsarchive.search.language.lexer.
            return f"({query.text})" if query.text.endswith("?") else query.text
        case Fuzzy():
            return f"{query.text}~{query.distance}"
        case _:
            assert_never(query)


def _bare(text: str) -> str:
    if _UNWRITABLE.search(text):
        return quoted(text)
    return f"({text})" if text[0] in "'’‛" else text  # with another apostrophe it would look like a quotation


def quoted(text: str) -> str:
    """The text between quotation marks that do not stand in it; if all do, those in it become spaces.

    >>> print(quoted("no deal"), quoted('he said "no"'))
    "no deal" «he said "no"»
    """
    for opening, closers, closing in _QUOTED:
        if not any(mark in text for mark in closers):
            return f"{opening}{text}{closing}"
    return f'"{_QUOTES.sub(" ", text)}"'


def _value(query: Exact) -> str:
    plain = _PLAIN_URL if query.field is ExactField.URL else _PLAIN_VALUE
    return (query.text if plain.fullmatch(query.text) else quoted(query.text)) + ("*" if query.prefix else "")


def _span(span: Span) -> str:
    """Start and end in UTC; the end, which the span leaves out, is written as the second before it."""
    start = _time(span.start) if span.start else ""
    end = _time(span.end - _SECOND) if span.end else ""
    if start and end:
        return f"{start}..{end}"
    return f"<={end}" if end else f">={start or YEARS.start}"


def _time(moment: datetime) -> str:
    universal = moment.astimezone(UTC)
    if universal.year not in YEARS:  # midnight of the first day, or of the last, elsewhere
        return moment.isoformat(timespec="seconds")
    return universal.strftime("%Y-%m-%dT%H:%M:%SZ")


def _numbers(query: NumberRange) -> str:
    least, most = query.least, query.most
    if most is None:
        return f">={least or 0}"
    if least is None:
        return f"<={most}"
    return str(least) if least == most else f"{least}..{most}"
