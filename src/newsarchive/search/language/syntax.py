"""The query language, second half: tokens into a tree, by recursive descent.

    query    = either END
    either   = all (OR all)*              AND, written or not, binds tighter than OR
    all      = unary (AND? unary)*
    unary    = (NOT | -) unary | atom
    atom     = ( either ) | FIELD value | WORD | PREFIX* | "PHRASE" | URL | *
    value    = ( either ) | WORD | PREFIX* | "PHRASE"

A query of negations only asks for everything but; `read_as` says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from newsarchive.dates import Span, parse_span
from newsarchive.models.query import (
    DEEPEST,
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
    TextPlace,
    all_of,
    any_of,
    in_field,
)
from newsarchive.search.language.lexer import Kind, Lexer, Token

if TYPE_CHECKING:
    from datetime import datetime

MOST_LEAVES = 4_000
"""Words and other leaves of one query: a list of all members of a parliament fits."""

FIELDS: dict[str, TextField | ExactField | DateField | type[State]] = {
    **{name.value: name for name in TextField},
    **{name.value: name for name in ExactField},
    **{name.value: name for name in DateField},
    "lang": ExactField.LANGUAGE,
    "is": State,
}
"""Every field by the name that a query uses."""

_LATER = "not yet supported: "
_UNKNOWN = {
    "has": _LATER + "has:",
    "words": _LATER + "words:",
    "date": "did you mean published: or seen: ?",
    "title": "did you mean headline: ?",
    "section": "did you mean category: ?",
    "site": "did you mean source: ?",
    "text": "did you mean body: ? Without a field, headline and text are searched",
    "by": "did you mean author: ?",
    "since": "write published:>=2019-02-20",
    "until": "write published:<=2019-03-05",
    "before": "write published:<2019-03-05",
    "after": "write published:>2019-02-20",
}
"""Names that other systems use, or that the language will have, and what to write."""

_COMPARISON = re.compile(r"(?P<sign>>=|<=|>|<)(?P<date>.+)", re.DOTALL)
_STATE_TIP = f"there are {', '.join(f'is:{state.value}' for state in State)}"
_DATE_TIP = "dates are written 2019, 2019-02, 2019-02-27, 7d, yesterday; spans A..B, >A, >=A, <A, <=A"


def _near_state(name: str) -> str:
    import difflib  # noqa: PLC0415 - only on the way to an error

    near = difflib.get_close_matches(name.casefold(), list(State), n=1)
    return f"did you mean is:{near[0]} ?" if near else _STATE_TIP


def parse(text: str, *, now: datetime) -> Query:
    """Read a query. `now` is aware; relative dates count from it, and days are those of its zone.

    Raises:
        QuerySyntaxError: the query cannot be read; the error marks the place and says what to write instead.
    """
    return _Parser(text, now.replace(microsecond=0)).query()


class _Parser:
    def __init__(self, text: str, now: datetime) -> None:
        wholes = {name: isinstance(kind, DateField) for name, kind in FIELDS.items()}
        self._lexer = Lexer(text, fields=wholes, unknown=_UNKNOWN)
        self._tokens = self._lexer.tokens()
        self._next = 0
        self._leaves = 0
        self._now = now

    def query(self) -> Query:
        if self._peek().kind is Kind.END:
            self._fail("the query is empty", self._peek(), tip="write a word, or * for every article")
        tree = self._either(0)
        if self._peek().kind is not Kind.END:
            self._fail("this parenthesis was never opened", self._peek())
        return tree

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _fail(self, message: str, token: Token, *, tip: str = "") -> NoReturn:
        self._lexer.fail(message, token.start, max(token.end, token.start + 1), tip=tip)

    def _either(self, depth: int) -> Query:
        start = self._peek().start
        parts = [self._all(depth)]
        while self._peek().kind is Kind.OR:
            self._take()
            parts.append(self._all(depth))
        return any_of(*parts, place=self._since(start))

    def _all(self, depth: int) -> Query:
        start = self._peek().start
        parts = [self._unary(depth)]
        while self._peek().kind not in {Kind.OR, Kind.CLOSE, Kind.END}:
            if self._peek().kind is Kind.AND:
                self._take()
            parts.append(self._unary(depth))
        return all_of(*parts, place=self._since(start))

    def _since(self, start: int) -> TextPlace:
        return start, self._tokens[self._next - 1].end

    def _unary(self, depth: int) -> Query:
        token = self._peek()
        if depth > DEEPEST // 2:  # each level of the text can be two of the tree
            self._fail(f"nested deeper than {DEEPEST // 2} levels", token)
        if token.kind is not Kind.NOT:
            return self._atom(depth)
        self._take()
        part = self._unary(depth + 1)
        return Not(part, place=self._since(token.start))

    def _atom(self, depth: int) -> Query:
        token = self._take()
        match token.kind:
            case Kind.OPEN:
                return self._group(token, depth)
            case Kind.FIELD:
                return self._field(token, depth)
            case Kind.STAR:
                return Everything(place=(token.start, token.end))
            case Kind.URL:
                return Exact(ExactField.URL, token.text, place=(token.start, token.end))
            case Kind.WORD | Kind.PREFIX | Kind.PHRASE:
                return self._leaf(token)
            case _:
                self._next -= 1
                return self._missing(token)

    def _missing(self, token: Token) -> NoReturn:
        """Say what is missing at a token that cannot begin anything."""
        before = self._tokens[self._next - 1] if self._next else None
        if before is None:
            self._fail(f"the query begins with {token.text!r}", token, tip="quote it to search it as a word")
        if before.kind in {Kind.AND, Kind.OR, Kind.NOT}:
            self._fail(f"nothing stands after {before.text!r}", before, tip="quote it to search it as a word")
        if before.kind is Kind.OPEN and token.kind in {Kind.END, Kind.CLOSE}:
            self._fail("there is nothing in the parenthesis", before)
        self._fail(f"{token.text!r} cannot stand here", token, tip="quote it to search it as a word")

    def _group(self, opened: Token, depth: int) -> Query:
        inner = self._either(depth + 1)
        if self._peek().kind is not Kind.CLOSE:
            self._fail("the parenthesis is not closed", opened)
        self._take()
        return inner

    def _leaf(self, token: Token, *, name: TextField | None = None, start: int | None = None) -> Query:
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            self._fail(f"more than {MOST_LEAVES:,} words", token)
        place = (token.start if start is None else start, token.end)
        kinds: dict[Kind, type[Term | Prefix | Phrase]] = {Kind.PREFIX: Prefix, Kind.PHRASE: Phrase}
        return kinds.get(token.kind, Term)(token.text, name, place=place)

    def _field(self, head: Token, depth: int) -> Query:
        field = FIELDS[head.text]
        token = self._take()
        if isinstance(field, DateField):
            return self._date(field, head, token)
        if field is State:
            return self._state(head, token, depth)
        if not isinstance(field, TextField | ExactField):
            raise TypeError(f"no field: {field!r}")
        if token.kind is Kind.OPEN:
            return self._field_group(field, token, depth)
        if token.kind not in {Kind.WORD, Kind.PREFIX, Kind.PHRASE, Kind.URL}:
            shown = "a * alone" if token.kind is Kind.STAR else repr(token.text)
            self._fail(f"{shown} cannot be a value of {head.text}:", token, tip="quote it to search it as a word")
        if isinstance(field, ExactField):
            return self._exact(field, head, token)
        return self._leaf(token, name=field, start=head.start)

    def _field_group(self, field: TextField | ExactField, opened: Token, depth: int) -> Query:
        inner = self._group(opened, depth)
        if isinstance(field, TextField):
            return in_field(inner, field)
        return self._exact_group(field, inner, opened)

    def _exact(self, field: ExactField, head: Token, token: Token) -> Query:
        self._leaf(token)  # counts it
        prefix = token.kind is Kind.PREFIX or (token.kind is Kind.URL and token.text.endswith("*"))
        text = token.text.removesuffix("*") if prefix else token.text
        return Exact(field, text.strip(), prefix, (head.start, token.end))

    def _exact_group(self, field: ExactField, query: Query, opened: Token) -> Query:
        """The group of a field with whole values: each word or phrase in it is a value."""
        match query:
            case Term() | Phrase() | Prefix() if query.field is None:
                return Exact(field, query.text.strip(), isinstance(query, Prefix), query.place)
            case Not():
                return Not(self._exact_group(field, query.part, opened), query.place)
            case _ if hasattr(query, "parts"):
                parts = [self._exact_group(field, part, opened) for part in query.parts]
                return (any_of if type(query).__name__ == "Or" else all_of)(*parts, place=query.place)
            case _ if field is ExactField.URL and isinstance(query, Exact):
                return query
            case _:
                return self._fail(f"only words and phrases can stand in {field.value}:( )", opened)

    def _state(self, head: Token, token: Token, depth: int) -> Query:
        if token.kind is Kind.OPEN:
            return self._states(self._group(token, depth), token)
        self._leaf(token)  # counts it
        return self._is(token.text if token.kind in {Kind.WORD, Kind.PHRASE} else "", (token.start, token.end), head)

    def _states(self, query: Query, opened: Token) -> Query:
        """The group of `is:`: each word in it is a state."""
        match query:
            case Term() | Phrase() if query.field is None and query.place:
                return self._is(query.text, query.place, opened)
            case Not():
                return Not(self._states(query.part, opened), query.place)
            case And() | Or():
                parts = [self._states(part, opened) for part in query.parts]
                return (any_of if isinstance(query, Or) else all_of)(*parts, place=query.place)
            case _:
                return self._fail("only states can stand in is:( )", opened, tip=_STATE_TIP)

    def _is(self, name: str, place: TextPlace, head: Token) -> Query:
        start, end = place
        try:
            return Is(State(name.strip().casefold()), (head.start, end))
        except ValueError:
            self._lexer.fail(f"there is no is:{self._lexer.text[start:end]}", start, end, tip=_near_state(name))

    def _date(self, field: DateField, head: Token, token: Token) -> Query:
        if token.kind not in {Kind.VALUE, Kind.PHRASE}:
            self._fail(f"{token.text!r} is no date", token, tip=_DATE_TIP)
        self._leaf(token)
        span = self._span(token)
        if span.start and span.end and span.start >= span.end:
            self._fail(f"the span {token.text!r} ends before it starts", token)
        return DateRange(field, span, (head.start, token.end))

    def _span(self, token: Token) -> Span:
        text = token.text.strip()
        if match := _COMPARISON.fullmatch(text):
            return self._compared(match["sign"], self._asked(match["date"], token))
        first, dots, last = text.partition("..")
        if not dots:
            return self._asked(first, token)
        if not first and not last:
            self._fail("a span needs at least one date", token, tip=_DATE_TIP)
        start = self._asked(first, token).start if first else None
        end = self._asked(last, token) if last else Span(None, None)
        return Span(start, end.end or end.start)

    @staticmethod
    def _compared(sign: str, asked: Span) -> Span:
        """`>` is after the whole span of a date; of `7d`, which is open, it is since then."""
        match sign:
            case ">":
                return Span(asked.end or asked.start, None)
            case ">=":
                return Span(asked.start, None)
            case "<":
                return Span(None, asked.start)
            case _:
                return Span(None, asked.end or asked.start)

    def _asked(self, text: str, token: Token) -> Span:
        span = parse_span(text, now=self._now)
        if span is None:
            self._fail(f"{text!r} is no date", token, tip=_DATE_TIP)
        return span
