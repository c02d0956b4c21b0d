"""What follows a field whose value is no word: dates, numbers, properties, states, and values compared as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from newsarchive.dates import Span, parse_span
from newsarchive.models.query import (
    DateField,
    DateRange,
    Exact,
    ExactField,
    Has,
    Is,
    NumberField,
    NumberRange,
    Property,
    Query,
    State,
)
from newsarchive.search.language.fields import LANGUAGE_CODES, Field, near_names
from newsarchive.search.language.scanning import Kind, Scanner, Token

if TYPE_CHECKING:
    from datetime import datetime

_COMPARISON: Final = re.compile(r"(?P<sign>>=|<=|>|<)(?P<value>.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_DATE_TIP: Final = "dates are written 2019, 2019-02, 2019-02-27, 7d, yesterday; spans A..B, >A, >=A, <A, <=A"
_NUMBER_TIP: Final = "numbers are written 800; spans 300..800, >800, >=800, <800, <=800"
_LANGUAGE: Final = re.compile(r"[^\W\d_]{2,3}(?:[-_]\w+)*")
_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)


class Values:
    """Makes the nodes of such fields."""

    def __init__(self, lexer: Scanner, now: datetime) -> None:
        self._lexer = lexer
        self._now = now

    def of(self, field: Field, token: Token, start: int) -> Query:
        """The node of a value; `start` is where its field begins.

        Raises:
            QuerySyntaxError: the field has no such value.
        """
        if isinstance(field, ExactField):
            return self._exact(field, token, start)
        if token.kind not in {Kind.VALUE, Kind.PHRASE} or token.mark:
            self._fail(
                f"{self._shown(token)} is no value of this field", token, tip="write it after the colon, unquoted"
            )
        text = token.text.strip()
        place = (start, token.end)
        if isinstance(field, DateField):
            return DateRange(field, self._span(text, token), place)
        if isinstance(field, NumberField):
            return NumberRange(field, *self._numbers(text, token), place=place)
        if field is State:
            return Is(State(self._named(text, token, "is", list(State))), place)
        return Has(Property(self._named(text, token, "has", list(Property))), place)

    def _fail(self, message: str, token: Token, *, tip: str = "") -> NoReturn:
        self._lexer.fail(message, token.start, token.end, tip=tip)

    def _shown(self, token: Token) -> str:
        return repr(self._lexer.text[token.start : token.end])

    def _named(self, text: str, token: Token, head: str, names: list[str]) -> str:
        folded = text.casefold()
        if folded not in names:
            near = near_names(folded, names)
            listed = f"there are {', '.join(f'{head}:{name}' for name in names)}"
            self._fail(f"there is no {head}:{text}", token, tip=f"did you mean {head}:{near} ?" if near else listed)
        return folded

    def _exact(self, field: ExactField, token: Token, start: int) -> Query:
        text, prefix = token.text, token.kind in {Kind.PREFIX, Kind.PHRASE_PREFIX}
        if token.kind is Kind.URL and text.endswith("*"):
            text, prefix = text[:-1], True
        text = text.strip()
        if token.mark:
            self._fail(f"{field.value}: is compared as a whole anyway", token, tip="leave out the =")
        if token.kind is Kind.URL and "*" in text:
            self._fail("a * inside a URL", token, tip="a * can stand at its end only")
        if field is ExactField.URL and not _WEB.match(text):
            tip = "write it whole, or its beginning with a *: url:https://www.harborpost.example/2019*"
            self._fail("a URL begins with https:// or http://", token, tip=tip)
        if field is ExactField.SOURCE and "/" in text:
            host = _HOST.search(text)
            tip = f"write source:{host[0]}" if host else "write its name or its host"
            self._fail("a source is a name or a host", token, tip=tip)
        if field is ExactField.LANGUAGE:
            self._check_language(text, token)
        return Exact(field, text, prefix, (start, token.end))

    def _check_language(self, text: str, token: Token) -> None:
        tip = "write its two-letter code, such as en, vi or zh"
        code = LANGUAGE_CODES.get(text.casefold())
        if code:
            self._fail(f"{text!r} is no code of a language", token, tip=f"did you mean lang:{code} ?")
        if not _LANGUAGE.fullmatch(text):
            self._fail(f"{text!r} is no code of a language", token, tip=tip)
        if len(re.split("[-_]", text)) > 1:
            self._fail("languages are kept without their region", token, tip=f"write lang:{re.split('[-_]', text)[0]}")

    def _span(self, text: str, token: Token) -> Span:
        if match := _COMPARISON.fullmatch(text):
            return self._compared(match["sign"], self._date(match["value"], token))
        first, dots, last = text.partition("..")
        if not dots:
            return self._date(first, token)
        if not first and not last:
            self._fail("a span needs at least one date", token, tip=_DATE_TIP)
        start = self._date(first, token).start if first else None
        end = self._date(last, token) if last else Span(None, None)
        span = Span(start, end.end or end.start)
        if span.start and span.end and span.start >= span.end:
            self._fail(f"the span {text!r} ends before it starts", token, tip=f"write {last}..{first}")
        return span

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

    def _date(self, text: str, token: Token) -> Span:
        self._require(text, token)
        span = parse_span(text, now=self._now)
        if span is None:
            self._fail(f"{text!r} is no date", token, tip=_DATE_TIP)
        return span

    def _numbers(self, text: str, token: Token) -> tuple[int | None, int | None]:
        if match := _COMPARISON.fullmatch(text):
            number = self._whole(match["value"], token)
            if match["sign"] == "<" and number == 0:
                self._fail("no number is below 0", token, tip=_NUMBER_TIP)
            bounds = {">": (number + 1, None), ">=": (number, None), "<": (None, number - 1), "<=": (None, number)}
            return bounds[match["sign"]]
        first, dots, last = text.partition("..")
        if dots and not first and not last:
            self._fail("a span needs at least one number", token, tip=_NUMBER_TIP)
        least = self._whole(first, token) if first else None
        most = (self._whole(last, token) if last else None) if dots else least
        if least is not None and most is not None and least > most:
            self._fail(f"the span {text!r} ends before it starts", token, tip=f"write {most}..{least}")
        return least, most

    def _require(self, text: str, token: Token) -> None:
        if not text:
            self._fail(
                f"nothing stands after {token.text}", token, tip="write the value right after it, without a space"
            )

    def _whole(self, text: str, token: Token) -> int:
        self._require(text, token)
        if not _NUMBER.fullmatch(text):
            self._fail(f"{text!r} is no whole number", token, tip=_NUMBER_TIP)
        return int(text)
