"""The query language, second half: tokens into a tree, by recursive descent.

    query    = either END
    either   = all (OR all)*
    all      = unary (AND? unary)*
    unary    = (NOT | -) unary | near
    near     = atom (NOT? NEAR/n atom)*        W/n and N/n are the same; PRE/n and P/n in this order
    atom     = ( either ) | FIELD value | FIELD ( either ) | ATLEASTn ( either ) | words | URL | *
    words    = WORD | =WORD | PREFIX* | W?LDC*RD | FUZZY~n | "PHRASE" | ="PHRASE" | "PHRASE"* | "PHRASE"~n

So nearness binds tightest, then NOT, then AND, written or not, then OR. In the parenthesis of a field the words are
values of the field. A query of negations only asks for everything but; `read_as` says so.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Final, NoReturn

from newsarchive.models.query import (
    DEEPEST,
    AtLeast,
    DateRange,
    Everything,
    ExactField,
    Fuzzy,
    Near,
    Not,
    NotNear,
    NumberRange,
    Phrase,
    Prefix,
    Property,
    Query,
    Term,
    TextField,
    TextPlace,
    Wildcard,
    all_of,
    any_of,
    in_field,
    levels,
    words_of,
)
from newsarchive.models.query_text import is_stray_value
from newsarchive.search.analysis import tokens
from newsarchive.search.language.fields import FIELDS, Field
from newsarchive.search.language.lexer import Lexer, is_plain
from newsarchive.search.language.scanning import Kind, Token, shown
from newsarchive.search.language.values import Values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST_LEAVES: Final = 4_000
"""Words and other leaves of one query: a list of all members of a parliament fits."""

_QUOTE: Final = "put it in quotation marks to search it as a word"
_WORDS: Final = frozenset(
    {Kind.WORD, Kind.PREFIX, Kind.WILDCARD, Kind.FUZZY, Kind.PHRASE, Kind.PHRASE_PREFIX, Kind.LOOSE_PHRASE}
)
_VALUES: Final = frozenset({Kind.WORD, Kind.PREFIX, Kind.PHRASE, Kind.PHRASE_PREFIX, Kind.URL})
_BEGINNINGS: Final = _WORDS | {Kind.OPEN, Kind.FIELD, Kind.STAR, Kind.URL, Kind.VALUE, Kind.AT_LEAST}


def parse(text: str, *, now: datetime) -> Query:
    """Read a query. `now` is aware; relative dates count from it, and days are those of its zone.

    Raises:
        QuerySyntaxError: the query cannot be read; the error marks the place and says what to write instead.
    """
    return _Parser(text, now.replace(microsecond=0)).query()


class _Parser:
    def __init__(self, text: str, now: datetime) -> None:
        self._lexer = Lexer(text)
        self._tokens = self._lexer.tokens()
        self._values = Values(self._lexer, now)
        self._next = 0
        self._leaves = 0
        self._within: Token | None = None
        """The field in whose parenthesis we are."""

    def query(self) -> Query:
        if self._peek().kind is Kind.END:
            self._fail("the query is empty", self._peek(), tip="write a word, or * for every article")
        tree = self._either(0)
        if self._peek().kind is not Kind.END:
            self._fail("this parenthesis was never opened", self._peek(), tip="leave it out")
        if levels(tree) > DEEPEST:
            self._too_deep(self._tokens[0])
        return tree

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _fail(self, message: str, token: Token, *, tip: str = "") -> NoReturn:
        self._lexer.fail(message, token.start, token.end, tip=tip)

    def _fail_at(self, message: str, query: Query, *, tip: str = "") -> NoReturn:
        start, end = query.place or (0, 1)
        self._lexer.fail(message, start, end, tip=tip)

    def _too_deep(self, token: Token) -> NoReturn:
        self._fail(f"nested deeper than {DEEPEST} levels", token, tip="write it with fewer parentheses")

    def _since(self, start: int) -> TextPlace:
        return start, self._tokens[self._next - 1].end

    def _either(self, depth: int) -> Query:
        start = self._peek().start
        bare = [self._peek().kind is Kind.WORD]
        parts = [self._all(depth)]
        while self._peek().kind is Kind.OR:
            self._take()
            bare.append(self._peek().kind is Kind.WORD)
            parts.append(self._all(depth))
        for part in compress(parts, bare):
            if is_stray_value(part, parts):
                self._refuse_value(part, parts)
        return any_of(*parts, place=self._since(start))

    def _refuse_value(self, part: Query, parts: Sequence[Query]) -> NoReturn:
        name = next(other.field.value for other in parts if isinstance(other, DateRange | NumberRange))
        tip = f'write {name}:(A OR B), or "{part}" for the word'
        self._fail_at(f"{part} would be searched as a word", part, tip=tip)

    def _all(self, depth: int) -> Query:
        start = self._peek().start
        parts = [self._unary(depth)]
        loose = True
        while self._peek().kind not in {Kind.OR, Kind.CLOSE, Kind.END}:
            if self._peek().kind is Kind.AND:
                self._take()
                loose = False
            parts.append(self._unary(depth))
        return all_of(*parts, loose=loose, place=self._since(start))

    def _unary(self, depth: int) -> Query:
        token = self._peek()
        if depth >= DEEPEST:
            self._too_deep(token)
        if token.kind is not Kind.NOT:
            return self._near(depth)
        self._take()
        part = self._unary(depth + 1)
        return Not(part, place=self._since(token.start))

    def _near(self, depth: int) -> Query:
        opening = self._peek()
        parts, joints = [self._atom(depth)], []
        while joint := self._joint():
            joints.append(joint)
            parts.append(self._atom(depth))
        if not joints:
            return parts[0]
        self._check_joints(joints)
        (negated, token), *_ = joints
        if opening.kind is Kind.WORD and opening.text in {"not", "Not"} and not opening.mark:
            tip = f"write NOT {token.text}; or {_QUOTE}"
            self._fail(f"the word {opening.text!r} before {token.text}", opening, tip=tip)
        self._check_places(parts, token)
        if negated:
            return NotNear(parts[0], parts[1], token.number, token.mark, self._since(opening.start))
        return Near(tuple(parts), token.number, token.mark, self._since(opening.start))

    def _joint(self) -> tuple[bool, Token] | None:
        """An operator of nearness, and whether NOT stands before it."""
        if self._peek().kind is Kind.NEAR:
            token = self._take()
            if self._peek().kind is Kind.NOT:
                tip = f"write NOT {token.text} for words that are not near"
                self._fail(f"NOT after {token.text!r}", self._peek(), tip=tip)
            return False, token
        if self._peek().kind is Kind.NOT and self._peek().text == "NOT" and self._peek(1).kind is Kind.NEAR:
            self._take()
            return True, self._take()
        return None

    def _check_joints(self, joints: list[tuple[bool, Token]]) -> None:
        first = (joints[0][0], joints[0][1].number, joints[0][1].mark)
        for negated, token in joints[1:]:
            if negated or joints[0][0]:
                tip = "write a NOT NEAR/5 (b OR c), or two parts with AND: a NEAR/5 b AND a NOT NEAR/5 c"
                self._fail("NOT NEAR stands between two parts, no more", token, tip=tip)
            if (negated, token.number, token.mark) != first:
                tip = "write a NEAR/5 b NEAR/5 c, or two parts with AND: a NEAR/5 b AND b PRE/2 c"
                self._fail("a chain has one operator and one distance", token, tip=tip)

    def _check_places(self, parts: Sequence[Query], token: Token) -> None:
        """Only words have places, and only within one field can they be near."""
        for part in parts:
            if not words_of(part):
                tip = "words, phrases and OR of them have a place: (kim OR trump) NEAR/5 summit; join the rest with AND"
                self._fail_at(f"this has no place that {token.text} could count from", part, tip=tip)
        fields = {leaf.field for part in parts for leaf in words_of(part)}
        if len(fields) > 1:
            name = next(field.value for field in fields if field)
            tip = f"write {name}:(kim NEAR/5 summit)"
            self._fail(f"{token.text} counts within one field, and these are two", token, tip=tip)

    def _atom(self, depth: int) -> Query:  # noqa: PLR0911 - one return per kind of token
        token = self._take()
        if self._within and token.kind in {Kind.FIELD, Kind.STAR, Kind.URL, Kind.AT_LEAST, *_WORDS, Kind.VALUE}:
            return self._in_field(self._within, token, depth)
        match token.kind:
            case Kind.OPEN:
                return self._group(token, depth)
            case Kind.FIELD:
                return self._field(token, depth)
            case Kind.STAR:
                return Everything(place=(token.start, token.end))
            case Kind.AT_LEAST:
                return self._at_least(token, depth)
            case Kind.URL:
                return self._values.of(ExactField.URL, token, token.start)
            case kind if kind in _WORDS:
                return self._leaf(token)
            case _:
                self._next -= 1
                return self._missing(token)

    def _missing(self, token: Token) -> NoReturn:
        """Say what is missing at a token that cannot begin anything."""
        before = self._tokens[self._next - 1] if self._next else None
        if token.kind is Kind.NEAR and (before is None or before.kind is not Kind.NEAR):
            self._fail(
                f"nothing stands before {token.text!r}", token, tip=f"write kim {token.text} summit; or {_QUOTE}"
            )
        if before is None:
            self._fail(f"the query begins with {token.text!r}", token, tip=_QUOTE)
        if before.kind in {Kind.AND, Kind.OR, Kind.NOT, Kind.NEAR}:
            self._fail(f"nothing stands after {before.text!r}", before, tip=f"write a word there; or {_QUOTE}")
        if before.kind is Kind.OPEN and token.kind in {Kind.AND, Kind.OR}:
            self._fail(f"nothing stands before {token.text!r}", token, tip=f"write a word there; or {_QUOTE}")
        if before.kind is Kind.OPEN and token.kind in {Kind.END, Kind.CLOSE}:
            self._fail("there is nothing in the parenthesis", before, tip="write words in it, or leave it out")
        self._fail(f"{token.text!r} cannot stand here", token, tip=_QUOTE)

    def _group(self, opened: Token, depth: int) -> Query:
        inner = self._either(depth + 1)
        if self._peek().kind is not Kind.CLOSE:
            self._fail("the parenthesis is not closed", opened, tip="close it, or leave it out")
        self._take()
        return inner

    def _at_least(self, token: Token, depth: int) -> Query:
        part = self._group(self._take(), depth)
        if not words_of(part):
            tip = "words, phrases and OR of them are counted: ATLEAST3(kim OR trump); join the rest with AND"
            self._fail_at(f"this cannot be counted by {token.text}", part, tip=tip)
        if len({leaf.field for leaf in words_of(part)}) > 1:
            self._fail_at(f"{token.text} counts within one field, and these are two", part, tip="use OR between two")
        return AtLeast(token.number, part, self._since(token.start))

    def _count_leaf(self, token: Token) -> None:
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            self._fail(f"more than {MOST_LEAVES:,} words", token, tip="ask in several queries")

    def _leaf(self, token: Token, *, start: int | None = None) -> Query:
        self._count_leaf(token)
        place = (token.start if start is None else start, token.end)
        match token.kind:
            case Kind.PREFIX | Kind.PHRASE_PREFIX:
                return Prefix(token.text, place=place)
            case Kind.WILDCARD:
                return Wildcard(token.text, place=place)
            case Kind.FUZZY:
                return Fuzzy(token.text, token.number, place=place)
            case Kind.PHRASE:
                return Phrase(token.text, exact=token.mark, place=place)
            case Kind.LOOSE_PHRASE:
                return self._loose_phrase(token, place)
            case _:
                return Term(token.text, exact=token.mark, place=place)

    def _loose_phrase(self, token: Token, place: TextPlace) -> Query:
        words = [word for word in token.text.split() if tokens(word)]
        for word in words:
            self._count_leaf(token)
            if not is_plain(word):
                tip = f'write it with an operator: kim NEAR/{token.number} "{word}"'
                self._fail(f"{shown(word)} is no plain word, and only these can have a distance", token, tip=tip)
        return Near(tuple(Term(word, exact=token.mark, place=place) for word in words), token.number, place=place)

    def _field(self, head: Token, depth: int) -> Query:
        field = FIELDS[head.text]
        token = self._take()
        if token.kind is not Kind.OPEN:
            return self._in_field(head, token, depth, start=head.start)
        self._within = head
        inner = self._group(token, depth)
        self._within = None
        return in_field(inner, field) if isinstance(field, TextField) else inner

    def _in_field(self, head: Token, token: Token, depth: int, *, start: int | None = None) -> Query:
        """A value of the field, right after it or in its parenthesis."""
        field = FIELDS[head.text]
        if token.kind is Kind.FIELD:
            self._fail(f"a field in the parenthesis of {head.text}:", token, tip="close the parenthesis before it")
        if token.kind is Kind.STAR or (token.kind is Kind.VALUE and token.text == "*"):
            self._any_value(head, token)
        if isinstance(field, TextField):
            return self._in_text(head, field, token, depth, start)
        if token.kind not in ({Kind.VALUE, Kind.PHRASE} if not isinstance(field, ExactField) else _VALUES):
            self._not_a_value(head, token)
        self._count_leaf(token)
        return self._values.of(field, token, token.start if start is None else start)

    def _in_text(self, head: Token, field: TextField, token: Token, depth: int, start: int | None) -> Query:
        if token.kind is Kind.AT_LEAST and start is None:
            return self._at_least(token, depth)
        if token.kind not in _WORDS:
            self._not_a_value(head, token)
        return in_field(self._leaf(token, start=start), field)

    def _any_value(self, head: Token, token: Token) -> NoReturn:
        field: Field = FIELDS[head.text]
        names = {name.value for name in Property}
        name = getattr(field, "value", "")
        tip = f"write has:{name}" if name in names else f"leave {head.text}: out"
        self._fail(f"a * alone cannot be a value of {head.text}:", token, tip=tip)

    def _not_a_value(self, head: Token, token: Token) -> NoReturn:
        shown = repr(self._lexer.text[token.start : token.end])
        tip = f"write {token.text}({head.text}:summit)" if token.kind is Kind.AT_LEAST else _QUOTE
        if isinstance(FIELDS[head.text], ExactField):
            tip = f"{head.text}: is compared as a whole; only words, phrases and a * at the end can stand here"
        self._fail(f"{shown} cannot be a value of {head.text}:", token, tip=tip)
