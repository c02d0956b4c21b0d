"""What reading a query from left to right needs: tokens, places, and what stands between quotation marks."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple, NoReturn

from newsarchive.errors import QuerySyntaxError
from newsarchive.models.query import ExactField
from newsarchive.search.analysis import tokens
from newsarchive.search.language.fields import FIELDS

MOST_DISTANCE: Final = 1_000
"""Words that two parts of a nearness can be apart: beyond that, AND says the same of most articles."""
QUOTES: Final = {
    '"': '"”“‟',
    "“": '”“"',
    "”": '”"',
    "„": '“”"‟',
    "‟": '”"',
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "｢": "｣",
    "《": "》",
    "〈": "〉",
    "〝": "〞〟",
}
"""Opening quotation mark to the marks that close it: English, Swedish, German, French, East Asian."""
STOPS: Final = "".join(sorted({mark for pair in QUOTES.items() for mark in "".join(pair)}))
SINGLE: Final = re.compile(r"[‘‚](?P<inner>(?:[^‘’\s](?:[^‘]*?[^‘\s])?))[’‘](?!\w)")
_INNER: Final = re.compile(r'(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')
"""The sign of a Hebrew acronym, as it is typed: a part of the word."""
WORD: Final = re.compile(rf"(?:[^\s(){STOPS}]|{_INNER.pattern})+")
_IN_PHRASE: Final = re.compile(r"\*|(?<=\w)\?(?=\w)|\\|(?<=\w)~(?=\d|\s|$)")
_DIGITS: Final = re.compile(r"[0-9]{1,9}")

# Punctuation and letters of full width, which East Asian keyboards write, are read as the usual ones; marks that cannot
# be seen, and that come along when text is copied, as spaces. Each stands for one character, so places hold.
_READ_AS: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " "
)


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    PREFIX = auto()
    WILDCARD = auto()
    FUZZY = auto()
    PHRASE = auto()
    PHRASE_PREFIX = auto()
    """`"no dea"*`."""
    LOOSE_PHRASE = auto()
    """`"hanoi summit"~5`."""
    URL = auto()
    STAR = auto()
    FIELD = auto()
    VALUE = auto()
    """What follows a field whose values are taken as they stand."""
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    NEAR = auto()
    AT_LEAST = auto()
    END = auto()


class Token(NamedTuple):
    """A piece of the query; `text` is without quotation marks, colon, star and number."""

    kind: Kind
    text: str
    start: int
    end: int
    number: int = 0
    """The distance of NEAR and LOOSE_PHRASE, the letters of FUZZY, the count of AT_LEAST."""
    mark: bool = False
    """Of words and phrases: written with `=`. Of NEAR: in this order."""


class Scanner:
    """A query, and the place in it that was read up to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._read = text.translate(_READ_AS)
        self._at = 0
        self._found: list[Token] = []

    def fail(self, message: str, start: int, end: int, *, tip: str = "") -> NoReturn:
        """Raise a `QuerySyntaxError` for a place in the query."""
        raise QuerySyntaxError(message, query=self.text, start=start, end=max(end, start + 1), tip=tip)

    def _apart(self, what: str, *, allowed: str) -> None:
        """Fail unless what was just read ends here."""
        after = self._read[self._at : self._at + 1]
        if not after or after.isspace() or after in allowed:
            return
        match = WORD.match(self._read, self._at)
        end = match.end() if match else self._at + 1
        tips = {
            "~": 'a distance follows words in quotation marks, as in "kim summit"~5, or stands in kim NEAR/5 summit',
            "^": "there are no weights; leave it out",
            "*": 'a * follows a word, or words in quotation marks: summ*, "no dea"*',
        }
        tip = tips.get(after, "leave it out" if after in ".,;:!?" else "write a space between them")
        self.fail(f"{shown(self.text[self._at : end])} stands right after {what}", self._at, end, tip=tip)

    def _phrase(self, start: int, *, exact: bool = False) -> Token:
        first = start + exact
        inner, self._at = self._quoted(first)
        if not tokens(inner):
            self.fail(
                "there is no word between the quotation marks", first, self._at, tip="write some, or leave them out"
            )
        self._check_phrase(inner, first + 1)
        after = self._read[self._at : self._at + 1]
        if after == "~":
            return self._loose_phrase(inner, start, exact=exact)
        kind = Kind.PHRASE
        if after == "*":
            self._at += 1
            kind = Kind.PHRASE_PREFIX
            if exact:
                self._contradicts(start)
        self._apart("a quotation mark", allowed=")")
        return Token(kind, inner, start, self._at, mark=exact)

    def _quoted(self, start: int) -> tuple[str, int]:
        """What stands between the quotation marks, and the place after the closing one."""
        if match := SINGLE.match(self._read, start):
            return match["inner"], match.end()
        closers = QUOTES[self._read[start]]
        end = start + 1
        while end < len(self._read) and (self._read[end] not in closers or _INNER.match(self._read, end)):
            end += 1
        if end == len(self._read):
            self.fail("the quotation mark is not closed", start, start + 1, tip="close it, or leave it out")
        return self._read[start + 1 : end], end + 1

    def _check_phrase(self, inner: str, start: int) -> None:
        before = self._found[-1] if self._found else None
        field = FIELDS[before.text] if before and before.kind is Kind.FIELD else None
        if field is ExactField.URL:
            return
        if match := _IN_PHRASE.search(inner):
            place = start + match.start()
            tip = {
                "*": 'put it after the closing mark, as in "no dea"*, or write no NEAR/1 dea*',
                "\\": "there is no escape character; another kind of quotation marks can stand around",
            }.get(match[0], "take it out of the quotation marks, as in wom?n NEAR/1 rights")
            self.fail(f"a {match[0]} between quotation marks", place, place + 1, tip=tip)

    def _loose_phrase(self, inner: str, start: int, *, exact: bool) -> Token:
        tilde = self._at
        match = WORD.match(self._read, tilde)
        self._at = match.end() if match else tilde + 1
        digits = self._read[tilde + 1 : self._at]
        if not _DIGITS.fullmatch(digits):
            self.fail("~ needs a number of words", tilde, self._at, tip='write "kim summit"~5')
        words = [word for word in inner.split() if tokens(word)]
        if len(words) < 2:  # noqa: PLR2004 - nearness is of two
            tip = f"write {words[0]}~1 for words that are spelled nearly so"
            self.fail("a distance needs two words between the quotation marks", tilde, self._at, tip=tip)
        distance = self._number(digits, tilde + 1, MOST_DISTANCE, "a distance")
        self._apart("a distance", allowed=")")
        return Token(Kind.LOOSE_PHRASE, inner, start, self._at, distance, exact)

    def _number(self, digits: str, start: int, most: int, what: str) -> int:
        if len(digits) > 9 or not 1 <= int(digits) <= most:  # noqa: PLR2004 - so many digits are no distance
            tip = f"write {most}" if int(digits[:9]) > most else "write 1 or more"
            self.fail(f"{what} is a number from 1 to {most:,}", start, start + len(digits), tip=tip)
        return int(digits)

    def _contradicts(self, start: int) -> NoReturn:
        tip = "leave out the =, or what stands for other letters"
        self.fail("= asks for one form, and the rest for several", start, self._at, tip=tip)


def shown(word: str) -> str:
    """A word as a message shows it: between quotation marks, not too long."""
    return repr(word if len(word) <= 40 else word[:40] + "…").replace("\\\\", "\\")  # noqa: PLR2004 - a message's width
