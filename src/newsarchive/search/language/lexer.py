"""The query language, first half: text into tokens. Whatever looks like an operator we do not have is an error here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from newsarchive.errors import QuerySyntaxError
from newsarchive.models.query import ExactField
from newsarchive.search.analysis import tokens
from newsarchive.search.analysis.scripts import IS_UNSPACED
from newsarchive.search.language.fields import FIELDS, is_whole, tip_for
from newsarchive.search.language.foreign import BETWEEN, habit_of, is_foreign_field, tip_for_call
from newsarchive.search.language.scanning import MOST_DISTANCE, QUOTES, SINGLE, STOPS, WORD, Kind, Scanner, Token, shown

LONGEST_QUERY: Final = 50_000
"""Characters; a pasted list of 3,000 names fits."""
LONGEST_PIECE: Final = 1_000
"""Characters without a space that can be a word: far more than one has, few enough to be looked at from all sides."""
MOST_TIMES: Final = 1_000
"""Occurrences that ATLEAST can ask for."""
MOST_OFF: Final = 2
"""Letters by which a fuzzy word can differ: with three, most short words are alike."""

_APOSTROPHES: Final = re.compile(r"(?P<mark>['’‛])(?P<inner>[^\s'’()](?:[^'’()]*[^\s'’()])?)['’](?![\w(])")
_APOSTROPHE: Final = "'’‛"
_MINUS: Final = "-−–‐‑﹣"
"""The hyphen, the minus sign, and the dash that phones make of it; hyphens of other kinds."""
_URL: Final = re.compile(rf"https?://[^\s(){STOPS}]+", re.IGNORECASE)
_FIELD: Final = re.compile(r"(?P<name>[^\W\d][\w-]*):")
_NEAR: Final = re.compile(r"(?P<name>NEAR|N|W|PRE|P)/(?P<distance>\d+)")
_AT_LEAST: Final = re.compile(r"ATLEAST(?P<count>\d+)(?=\s*\()")
_POSSESSIVE: Final = re.compile(r"['’ʼ][sS]\Z")
_SPAN_IN_WORDS: Final = re.compile(r"\s+(?:(?i:to|until|till|bis)|[-–—])\s+\d[^\s()]*")
_SPAN_GOES_ON: Final = re.compile(r"\s+\d[^\s()]*")
_DIALOG: Final = re.compile(r"\(\d{0,2}[wWnN]\)")

_OPERATORS: Final = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
_JOINS: Final = frozenset({Kind.AND, Kind.OR, Kind.NOT, Kind.NEAR, Kind.OPEN, Kind.FIELD, Kind.AT_LEAST})


class Lexer(Scanner):
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._open: list[bool] = []
        """The parentheses that are open: whether values are taken as they stand in them."""

    def tokens(self) -> list[Token]:
        """All tokens, the last one of kind END.

        Raises:
            QuerySyntaxError: something that is neither a word nor an operator we have.
        """
        if len(self.text) > LONGEST_QUERY:
            self.fail(f"the query has {len(self.text):,} characters, more than {LONGEST_QUERY:,}", 0, 1)
        for at, char in enumerate(self._read):
            if unicodedata.category(char) in {"Cc", "Cs"} and not char.isspace():
                self.fail(
                    f"there is a character U+{ord(char):04X} in the query, which is no text",
                    at,
                    at + 1,
                    tip="leave it out",
                )
        while (token := self._next()).kind is not Kind.END:
            self._found.append(token)
        return [*self._found, token]

    def _next(self) -> Token:  # noqa: PLR0911 - one return per kind of token
        while self._at < len(self._read) and self._read[self._at].isspace():
            self._at += 1
        start = self._at
        if start == len(self._read):
            return Token(Kind.END, "", start, start)
        char = self._read[start]
        if char in "()":
            return self._parenthesis(char, start)
        follows = bool(self._found) and self._found[-1].kind is Kind.FIELD and self._found[-1].end == start
        if char in QUOTES or SINGLE.match(self._read, start):
            return self._phrase(start)
        if char in "‘‚":
            self.fail("the quotation mark is not closed", start, start + 1, tip="close it, or leave it out")
        if char in _MINUS:
            return self._minus(start, follows=follows)
        if self._takes_values(follows=follows):
            return self._value(start)
        if match := _URL.match(self._read, start):
            self._at = match.end()
            return Token(Kind.URL, match[0], start, self._at)
        if match := _FIELD.match(self._read, start):
            return self._field(match, follows=follows)
        return self._marked(start) if char == "=" else self._word(start)

    def _takes_values(self, *, follows: bool) -> bool:
        if follows:
            return is_whole(FIELDS[self._found[-1].text])
        return bool(self._open) and self._open[-1] and not self._stands("AND", "OR", "NOT")

    def _stands(self, *words: str) -> bool:
        match = WORD.match(self._read, self._at)
        return match is not None and match[0] in words

    def _parenthesis(self, char: str, start: int) -> Token:
        self._at += 1
        before = self._found[-1] if self._found else None
        if char == "(":
            if self._found and (match := _DIALOG.match(self._read, start)):
                self.fail(f"{shown(match[0])} is no operator here", start, match.end(), tip="write NEAR/5 or PRE/5")
            inherited = bool(self._open) and self._open[-1]
            field = before is not None and before.kind is Kind.FIELD and before.end == start
            self._open.append(is_whole(FIELDS[before.text]) if field and before else inherited)
            return Token(Kind.OPEN, char, start, self._at)
        if self._open:
            self._open.pop()
        self._apart("a parenthesis", allowed="()")
        return Token(Kind.CLOSE, char, start, self._at)

    def _minus(self, start: int, *, follows: bool) -> Token:
        after = self._read[start + 1 : start + 2]
        sign = self.text[start]
        if follows:
            field = self._found[-1].text
            self.fail(
                f"a {sign} right after {field}:", start, start + 1, tip=f"write -{field}:word, or NOT {field}:word"
            )
        if not after or after.isspace() or after == ")":
            self.fail(f"{sign} stands alone", start, start + 1, tip="write -word, or leave it out")
        if after in _MINUS:
            self.fail("two minus signs", start, start + 2, tip="write -word with one")
        self._at = start + 1
        return Token(Kind.NOT, sign, start, self._at)

    def _field(self, match: re.Match[str], *, follows: bool) -> Token:
        start, end = match.span()
        name = match["name"].casefold()
        if follows:
            self.fail(f"a field right after {self._found[-1].text}:", start, end, tip="quote it to search it as words")
        if name not in FIELDS:
            self.fail(f"there is no field {shown(match['name'])}", start, end, tip=tip_for(name))
        after = self._read[end : end + 1]
        if not after or after.isspace() or after == ")":
            tip = "write the value right after the colon, or put the words in quotation marks"
            self.fail(f"nothing stands after {match[0]!r}", start, end, tip=tip)
        self._at = end
        return Token(Kind.FIELD, name, start, end)

    def _value(self, start: int) -> Token:
        match = WORD.match(self._read, start)
        self._at = match.end() if match else start + 1
        value = self._read[start : self._at]
        if re.search(r"[\[\]{}]", value):
            tip = "a range is written A..B, as in published:2019-02..2019-03"
            self.fail(f"{shown(value)} holds a bracket that is not round", start, self._at, tip=tip)
        span = (_SPAN_GOES_ON if value.endswith("..") else _SPAN_IN_WORDS).match(self._read, self._at)
        if span:
            tip = "write A..B, as in published:2019-02..2019-03 or words:300..800"
            self.fail("a span is written without spaces", start, span.end(), tip=tip)
        self._apart("a value", allowed=")")
        return Token(Kind.VALUE, value, start, self._at)

    def _marked(self, start: int) -> Token:
        """A word or phrase that is looked for in the form that is typed: `=summit`."""
        tip = 'write =word or ="two words", without a space'
        after = self._read[start + 1 : start + 2]
        if after in QUOTES or SINGLE.match(self._read, start + 1):
            return self._phrase(start, exact=True)
        match = WORD.match(self._read, start + 1)
        if match is None or after in {"=", *_MINUS} or _FIELD.match(self._read, start + 1):
            self.fail("nothing that can be looked for stands after =", start, start + 1, tip=tip)
        self._at = match.end()
        if _NEAR.fullmatch(match[0]):
            self.fail("an operator stands after =", start, self._at, tip="put it in quotation marks to search it")
        if re.search(r"[*?~]", match[0]):
            self._contradicts(start)
        token = self._plain(match[0], start, operators=not match[0].isalpha())
        return token._replace(mark=True)

    def _word(self, start: int) -> Token:
        if match := _APOSTROPHES.match(self._read, start):
            tip = f'write "{match["inner"]}" for the words as they stand, or leave the marks out'
            self.fail("single quotation marks do not quote", start, match.end(), tip=tip)
        match = WORD.match(self._read, start)
        self._at = match.end() if match else start + 1
        word = self._read[start : self._at]
        if word in _OPERATORS:
            return Token(_OPERATORS[word], word, start, self._at)
        if near := _NEAR.fullmatch(word):
            distance = self._number(near["distance"], start + near.start("distance"), MOST_DISTANCE, "a distance")
            return Token(Kind.NEAR, word, start, self._at, distance, near["name"] in {"PRE", "P"})
        if counted := _AT_LEAST.match(self._read, start):
            count = self._number(counted["count"], start + counted.start("count"), MOST_TIMES, "a count")
            return Token(Kind.AT_LEAST, word, start, self._at, count)
        if word == "*":
            self._apart("a *", allowed=")")
            return Token(Kind.STAR, word, start, self._at)
        return self._plain(word, start)

    def _plain(self, word: str, start: int, *, operators: bool = True) -> Token:
        end = self._at
        if len(word) > LONGEST_PIECE:
            self.fail(f"a word of {len(word):,} characters", start, end, tip="put spaces between its words")
        if operators:
            self._refuse_habits(word, start)
        after = self._read[end : end + 1]
        if after == "(":
            message = f"{shown(word)} stands right before a parenthesis"
            self.fail(message, start, end + 1, tip=tip_for_call(word))
        self._apart("a word", allowed=")")
        alone = operators and not (self._found and self._found[-1].kind is Kind.FIELD and self._found[-1].end == start)
        if alone and is_foreign_field(word) and self._read[end:].lstrip().startswith("("):
            self.fail(f"{shown(word)} stands before a parenthesis", start, end, tip=tip_for_call(word))
        if "~" in word:
            return self._fuzzy(word, start)
        if "?" in word or "*" in word[:-1]:
            return self._wildcard(word, start)
        bare = word.removesuffix("*")
        if not tokens(bare):
            tip = "leave it out, or put it in quotation marks together with a word"
            self.fail(f"{shown(word)} holds no letter and no digit", start, end, tip=tip)
        if bare == word:
            return Token(Kind.WORD, word, start, end)
        if unicodedata.category(bare[-1])[0] not in "LNM" or _POSSESSIVE.search(bare):
            stem = _POSSESSIVE.sub("", bare).rstrip("".join({char for char in bare if not char.isalnum()}))
            self.fail("a * follows a letter or a digit of the word", start, end, tip=f"write {stem}*")
        return Token(Kind.PREFIX, bare, start, end)

    def _refuse_habits(self, word: str, start: int) -> None:
        habit = habit_of(word)
        if habit is None and self._found and self._found[-1].kind not in _JOINS:
            between = habit_of(word, BETWEEN)
            rest = self._read[self._at :].lstrip() if between else ""
            habit = between if rest and not rest.startswith(")") else None
        if habit:
            self.fail(f"{shown(self.text[start : self._at])} {habit[0]}", start, self._at, tip=habit[1])

    def _fuzzy(self, word: str, start: int) -> Token:
        bare, _, digits = word.partition("~")
        if not bare:
            tip = 'write it right after a word, or words in quotation marks: sumit~1, "kim summit"~5'
            self.fail("nothing stands before ~", start, self._at, tip=tip)
        if digits and not re.fullmatch("[1-9]", digits):
            tip = f"write {bare}~1 or {bare}~2: letters that differ"
            self.fail(f"{shown('~' + digits)} is no number of letters", start + len(bare), self._at, tip=tip)
        off = int(digits or 1)
        if off > MOST_OFF:
            self.fail(
                f"at most {MOST_OFF} letters can differ", start + len(bare), self._at, tip=f"write {bare}~{MOST_OFF}"
            )
        self._require_one_word(bare, start, "a word that may be misspelled", signs="")
        if len(bare) <= off:
            self.fail(f"{bare!r} is too short to differ by {off}", start, self._at, tip="write more letters")
        return Token(Kind.FUZZY, bare, start, self._at, off)

    def _wildcard(self, word: str, start: int) -> Token:
        bare = word.rstrip("?")
        if word != bare and not self._open and not re.search(r"[*?]", bare) and tokens(bare):
            tip = f"leave the question mark out; for any letters write {bare}*"
            if bare.isalnum() and not IS_UNSPACED.search(bare):
                tip += f", for one more letter ({word})"
            self.fail(f"{shown(word)} ends in a question mark", start, self._at, tip=tip)
        before = self._found[-1] if self._found else None
        if not (before and before.kind is Kind.FIELD and isinstance(FIELDS[before.text], ExactField)):
            self._require_one_word(word, start, "a pattern", signs="*?")
        return Token(Kind.WILDCARD, word, start, self._at)

    def _require_one_word(self, word: str, start: int, what: str, *, signs: str) -> None:
        """Fail unless a word consists of letters, digits and marks, one at least, besides these signs."""
        plain = "".join(char for char in word if char not in signs)
        if not plain or not tokens(plain):
            self.fail(f"{shown(word)} holds no letter and no digit", start, self._at, tip="write some letters")
        odd = next((char for char in plain if unicodedata.category(char)[0] not in "LNM"), None)
        if odd is not None:
            tip = "put the parts together with NEAR/1, or quote the text without signs"
            self.fail(f"{what} is one word, and {shown(word)} has a {odd!r} inside", start, self._at, tip=tip)
        if IS_UNSPACED.search(plain):
            tip = "a * can stand at the end only"
            self.fail(f"{what} cannot be of a script that is indexed in pairs of characters", start, self._at, tip=tip)


def is_plain(word: str) -> bool:
    """Whether a text without spaces is read as a word alone, wherever it stands."""
    if word[0] in _APOSTROPHE:
        return False
    try:
        return [token.kind for token in Lexer(word).tokens()] == [Kind.WORD, Kind.END]
    except QuerySyntaxError:
        return False
