"""The query language, first half: text into tokens. Whatever looks like an operator we do not have is an error here.

A researcher brings habits from other systems (`NEAR/5`, `wom?n`, `+word`). Taken as words these would find nothing, in
silence; so each such form stands in a table with what to write instead.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple, NoReturn

from newsarchive.errors import QuerySyntaxError
from newsarchive.search.analysis import tokens

LONGEST_QUERY = 50_000
"""Characters; a pasted list of 3,000 names fits."""

_QUOTES = {'"': '"”“', "“": '”“"', "”": '”"', "„": '“”"', "«": "»", "»": "«"}
"""Opening quotation mark to the marks that close it: English, Swedish, German, French, and reversed guillemets."""

_MINUS = "-−–"
"""The hyphen, the minus sign, and the dash that phones make of it."""

_URL = re.compile(r"https?://[^\s()\"“”„«»]+", re.IGNORECASE)
_FIELD = re.compile(r"(?P<name>[^\W\d][\w-]*):")
_WORD = re.compile(r"[^\s()\"“”„«»]+")
_NOT_YET = "not yet supported: "

_FOREIGN_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:NEAR|ONEAR|W|N|PRE|P|WITHIN)/\d*|NEAR|ONEAR|ADJ\d*|PRE/\S*"), _NOT_YET + "proximity"),
    (re.compile(r"ATLEAST\d*"), _NOT_YET + "ATLEAST"),
    (re.compile(r"XOR"), "there is no XOR; write (a OR b) NOT (a AND b)"),
    (re.compile(r"&&.*"), "write AND, or nothing: words are all required"),
    (re.compile(r".*\|\|?.*"), "write OR"),
    (re.compile(r"!.+"), "write NOT word or -word"),
    (re.compile(r"\+.+"), "leave out the plus: words are all required"),
    (re.compile(r"[\[{].*"), "a range of dates is written published:2019-02..2019-03"),
    (re.compile(r"[<>=].*"), "comparisons belong to a field, as in published:>2019-02"),
    (re.compile(r"/.+/"), _NOT_YET + "regular expressions"),
    (re.compile(r".*\\.*"), "there is no escape character; put the text in quotation marks"),
    (re.compile(r".*\^[\d.]*"), _NOT_YET + "weights; leave out the ^"),
    (re.compile(r".*~.*"), _NOT_YET + "fuzzy words and ~"),
    (re.compile(r".*\?.*"), _NOT_YET + "one-letter wildcards; for a question mark, quote the words"),
    (re.compile(r".*\*.+"), _NOT_YET + "a * that is not at the end of a word"),
    (re.compile(r":.*"), "a field needs its name, as in headline:summit"),
)
"""What other search systems write, and what to write here."""


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    PREFIX = auto()
    PHRASE = auto()
    URL = auto()
    STAR = auto()
    FIELD = auto()
    VALUE = auto()
    """What follows a date field directly."""
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    END = auto()


class Token(NamedTuple):
    """A piece of the query; `text` is without quotation marks, colon or star."""

    kind: Kind
    text: str
    start: int
    end: int


_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}


class Lexer:
    """Reads a query from left to right.

    `fields` maps each field's name to whether its value is taken whole (dates). Other names are errors.
    """

    def __init__(self, text: str, *, fields: dict[str, bool], unknown: dict[str, str]) -> None:
        self.text = text
        self.at = 0
        self._fields = fields
        self._unknown = unknown

    def fail(self, message: str, start: int, end: int, *, tip: str = "") -> NoReturn:
        """Raise a `QuerySyntaxError` for a place in the query."""
        raise QuerySyntaxError(message, query=self.text, start=start, end=end, tip=tip)

    def tokens(self) -> list[Token]:
        """All tokens, the last one of kind END.

        Raises:
            QuerySyntaxError: something that is neither a word nor an operator we have.
        """
        if len(self.text) > LONGEST_QUERY:
            self.fail(f"the query has {len(self.text):,} characters, more than {LONGEST_QUERY:,}", 0, 1)
        found: list[Token] = []
        while (token := self._next(found)).kind is not Kind.END:
            found.append(token)
        return [*found, token]

    def _next(self, found: list[Token]) -> Token:  # noqa: PLR0911 - one return per kind of token
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        start = self.at
        if start == len(self.text):
            return Token(Kind.END, "", start, start)
        char = self.text[start]
        if char in "()":
            self.at += 1
            return Token(Kind.OPEN if char == "(" else Kind.CLOSE, char, start, self.at)
        if char in _QUOTES:
            return self._phrase(start)
        follows = bool(found) and found[-1].kind is Kind.FIELD and found[-1].end == start
        if follows and self._fields[found[-1].text]:
            return self._value(start)
        if char in _MINUS and not follows:
            return self._minus(start)
        if match := _URL.match(self.text, start):
            self.at = match.end()
            return Token(Kind.URL, match[0], start, self.at)
        if not follows and (match := _FIELD.match(self.text, start)):
            return self._field(match)
        return self._word(start)

    def _phrase(self, start: int) -> Token:
        closers = _QUOTES[self.text[start]]
        end = start + 1
        while end < len(self.text) and self.text[end] not in closers:
            end += 1
        if end == len(self.text):
            self.fail("the quotation mark is not closed", start, start + 1, tip="close it, or leave it out")
        self.at = end + 1
        inner = self.text[start + 1 : end]
        if not tokens(inner):
            self.fail("there is no word between the quotation marks", start, self.at)
        if "*" in inner:
            star = start + 1 + inner.index("*")
            self.fail("a * inside a phrase", star, star + 1, tip=_NOT_YET + "wildcards in phrases")
        if self.at < len(self.text) and self.text[self.at] in "~*^":
            tip = {"~": "proximity", "*": "wildcards in phrases", "^": "weights"}[self.text[self.at]]
            self.fail(f"{self.text[self.at]} after a phrase", self.at, self.at + 1, tip=_NOT_YET + tip)
        return Token(Kind.PHRASE, inner, start, self.at)

    def _minus(self, start: int) -> Token:
        after = self.text[start + 1 : start + 2]
        if not after or after.isspace() or after == ")":
            self.fail(f"{self.text[start]} stands alone", start, start + 1, tip="write -word, or leave it out")
        if after in _MINUS:
            self.fail("two minus signs", start, start + 2, tip="write -word with one")
        self.at = start + 1
        return Token(Kind.NOT, self.text[start], start, self.at)

    def _field(self, match: re.Match[str]) -> Token:
        start, end = match.span()
        name = match["name"].casefold()
        if name not in self._fields:
            tip = self._unknown.get(name) or self._near(name)
            self.fail(f"there is no field {match['name']!r}", start, end, tip=tip)
        after = self.text[end : end + 1]
        if not after or after.isspace() or after == ")":
            tip = "write the value right after the colon, or put the words in quotation marks"
            self.fail(f"nothing stands after {match[0]!r}", start, end, tip=tip)
        self.at = end
        return Token(Kind.FIELD, name, start, end)

    def _near(self, name: str) -> str:
        import difflib  # noqa: PLC0415 - only on the way to an error

        near = difflib.get_close_matches(name, self._fields, n=1)
        hint = f"did you mean {near[0]}: ?" if near else f"fields: {', '.join(self._fields)}"
        return f"{hint} To search the text as it is, put it in quotation marks"

    def _value(self, start: int) -> Token:
        match = _WORD.match(self.text, start)
        self.at = match.end() if match else start + 1
        return Token(Kind.VALUE, self.text[start : self.at], start, self.at)

    def _word(self, start: int) -> Token:
        match = _WORD.match(self.text, start)
        end = match.end() if match else start + 1
        word = self.text[start:end]
        self.at = end
        if word in _OPERATORS:
            return Token(_OPERATORS[word], word, start, end)
        if word == "*":
            return Token(Kind.STAR, word, start, end)
        for pattern, tip in _FOREIGN_WORDS:
            if pattern.fullmatch(word):
                self.fail(f"{_short(word)!r} cannot be read", start, end, tip=tip)
        bare = word.removesuffix("*")
        if not tokens(bare):
            tip = "leave it out, or put it in quotation marks together with a word"
            self.fail(f"{_short(word)!r} holds no letter and no digit", start, end, tip=tip)
        return Token(Kind.WORD if bare == word else Kind.PREFIX, bare, start, end)


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:40] + "…"  # noqa: PLR2004 - a message's width, used once
