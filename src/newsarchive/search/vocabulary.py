"""Which words of a text are forms of a query's words: the test that the index makes over its whole dictionary."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.search.analysis import LONGEST_WORD, apart, extras, key, located, stem, stem_language
from newsarchive.search.analysis.scripts import IS_UNSPACED
from newsarchive.search.analysis.spellings import is_syllable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_AROUND: Final = "\"'()[]{}<>.,;:!?*-–—“”‘’„«»…"
"""What stands around a word and is no part of it."""
_PARTING: Final = "、。，．！？「」『』（）…：；"
"""Marks that part sentences where no spaces do; none of them stands inside a word."""
_ALONE: Final = r"(?<!(?=[\x00-\u0dff\u1e00-\u1fff])[^\W_].)"
"""Behind the first letter of a word: none is under way before it. Between two scripts one ends and another begins, so
only letters that no unspaced script has are told; to name those would take 3 ms at each question to compile."""
_STRETCH: Final = re.compile(rf"[^\s{_PARTING}]+")
_FOLDING: Final = (
    "\u00aa-\u02ff\u0340-\u037f\u1c80-\u1cbf\u1d00-\u1fff\u2070-\u218f\u2460-\u24ff\u2c00-\u2dff\u2e80-\u2fff\u3130-\u33ff"
    "\ua640-\ua7ff\uab30-\uabbf\uf900-\uffef\U00010780-\U000107bf\U0001d400-\U0001d7ff\U0001ee00-\U0001f2ff"
    "\U0002f800-\U0002fa1f\u0e33\u0eb3\u0edc\u0edd\u3038-\u303a\u309f\u30ff"
)
"""Where characters stand whose key may begin with a letter of another block."""
_PREFIXING: Final = frozenset({"ar", "cs", "fa", "ga", "id", "nl", "sr", "ta", "yi"})
"""Languages whose stemmers may change how a word begins."""
_LONG: Final = 5
"""Letters of a stem from which on all its forms begin as it does, in the other languages: what they take off or change
is the end of a word. Shorter ones have exceptions (dying, die)."""
_COMPARED: Final = 3
"""Letters of a beginning that are compared before a word is taken apart."""
_NOWHERE: Final = re.compile("(?!)")
_ACCENTED: Final = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_WILD: Final = re.compile(r"([*?])")


class How(StrEnum):
    """How a word of a text is told to be a form of a query's word."""

    WORD = "word"
    """By key, and by stem in the article's language."""
    KEY = "key"
    SURFACE = "surface"
    PREFIX = "prefix"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"


class Piece(NamedTuple):
    """A word of a query, after analysis."""

    how: How
    text: str
    """A surface, or a pattern."""
    key: str
    offset: int = 0
    """Positions after the first word of the same leaf."""
    distance: int = 0
    """Letters that may differ, of a fuzzy word."""
    single: bool = False
    """One character of an unspaced script, found as the first of a pair."""

    @property
    def same(self) -> Piece:
        """The piece without its place: equal ones stand for the same words."""
        return self._replace(offset=0) if self.offset else self


class FoundWord(NamedTuple):
    """A word of a stretch that is asked for."""

    at: int
    """Its place among the words of the stretch."""
    start: int
    end: int
    pieces: tuple[Piece, ...]


class Looked(NamedTuple):
    """What was found in a stretch of text."""

    found: tuple[FoundWord, ...]
    words: int
    """Words of the stretch; 0 for a name, of which each word is a stretch of its own."""


class Vocabulary:
    """The words that pieces stand for in texts of one language. It grows as it is asked."""

    def __init__(self, pieces: Sequence[Piece], language: str) -> None:
        """Sort what is asked for by how it is told."""
        self._language = stem_language(language)
        words = {How.WORD} if self._language else set()
        self._surfaces = _by(pieces, {How.SURFACE}, lambda piece: piece.text)
        self._keys = _by(pieces, {How.WORD, How.KEY}, lambda piece: piece.key)
        self._stems = _by(pieces, words, lambda piece: stem(piece.text, self._language))
        self._prefixes = [piece for piece in pieces if piece.how is How.PREFIX]
        self._patterns = [(_expression(piece.text), piece) for piece in pieces if piece.how is How.WILDCARD]
        self._fuzzy = [piece for piece in pieces if piece.how is How.FUZZY]
        self._starts = {start for piece in pieces for start in _starts(piece, self._language)}
        self._begins: dict[bool, re.Pattern[str]] = {}
        names = [_apart(piece) for piece in pieces]
        self._names = None if None in names else [name for one in names for name in one or ()]
        self._shortest = min(map(_shortest, pieces), default=0)
        self._words: dict[str, tuple[Piece, ...]] = {}
        self._looked: dict[str, Looked | None] = {}

    def stretches(self, text: str) -> Iterable[tuple[int, int, Looked]]:
        """The stretches of a text, from space to space, in which something stands that is asked for: start, end, what.

        In scripts without spaces the marks that part sentences part stretches as well.
        """
        if "" not in self._starts:
            return self._stretches_by_letter(text)
        if not text.isascii() and IS_UNSPACED.search(text):
            found = [(match.start(), match.end(), self._look(match[0])) for match in _STRETCH.finditer(text)]
            return [(start, end, looked) for start, end, looked in found if looked is not None]
        hits = [(stretch, looked) for stretch in set(text.split()) if (looked := self._look(stretch)) is not None]
        return [(at, at + len(stretch), looked) for stretch, looked in hits for at in _occurrences(text, stretch)]

    def _stretches_by_letter(self, text: str) -> Iterable[tuple[int, int, Looked]]:
        is_ascii = text.isascii()
        if is_ascii not in self._begins:
            self._begins[is_ascii] = (_ascii_beginnings if is_ascii else _beginnings)(self._starts)
        for match in self._begins[is_ascii].finditer(text):
            start, end = match.span()
            while start and text[start - 1] not in _PARTING and not text[start - 1].isspace():
                start -= 1
            if (looked := self._look(text[start:end])) is not None:
                yield start, end, looked

    def _look(self, stretch: str) -> Looked | None:
        """What stands in a stretch that no word reaches out of; None for nothing that is asked for."""
        if stretch not in self._looked:
            self._looked[stretch] = self._taken_apart(stretch)
        return self._looked[stretch]

    def _taken_apart(self, stretch: str) -> Looked | None:
        bare = stretch.strip(_AROUND)
        if len(bare) < self._shortest and bare.isascii():
            return None
        if bare.isascii() and bare.isalnum():
            pieces = self.pieces_of(bare.lower()[:LONGEST_WORD])
            start = stretch.find(bare)
            return Looked((FoundWord(0, start, start + len(bare), pieces),), 1) if pieces else None
        words, places = located(stretch)
        found = [
            FoundWord(at, start, start + 1 if all(piece.single for piece in pieces) else end, pieces)
            for at, (word, (start, end)) in enumerate(zip(words, places, strict=True))
            if (pieces := self.pieces_of(word))
        ]
        if len(words) > 1:
            found += self._joined(extras(stretch), words, places)
        return Looked(tuple(found), len(words)) if found else None

    def _joined(
        self, more: Iterable[tuple[int, str]], words: Sequence[str], places: Sequence[tuple[int, int]]
    ) -> Iterable[FoundWord]:
        """The words that other spellings of a stretch have: `email` in e-mail."""
        for at, word in more:
            if pieces := self.pieces_of(word):
                last, whole = at, words[at]
                while len(whole) < len(word) and last + 1 < len(words):
                    last += 1
                    whole += words[last]
                yield FoundWord(at, places[at][0], places[last][1], pieces)

    def names(self, text: str) -> Iterable[tuple[int, int, Looked]]:
        """Where words that are asked for stand with spaces in them: `hanoi` as Hà Nội, `1000` as 1 000."""
        if not self._can_hold_names(text):
            return
        for start, end, word in apart(text):
            if pieces := self.pieces_of(word):
                yield start, end, Looked((FoundWord(0, 0, end - start, pieces),), 0)

    def _can_hold_names(self, text: str) -> bool:
        if self._names is None or (self._names and _ACCENTED.search(text)):
            return True
        return any(name in text for name in self._names)

    def pieces_of(self, surface: str) -> tuple[Piece, ...]:
        """Which pieces a word is a form of."""
        found = self._words.get(surface)
        if found is None:
            found = self._words[surface] = tuple(self._tested(surface))
        return found

    def _tested(self, surface: str) -> Iterable[Piece]:
        own = key(surface)
        same = self._keys.get(own, [])
        yield from same
        if self._surfaces:
            yield from self._surfaces.get(surface, ())
        if self._stems:
            yield from (piece for piece in self._stems.get(stem(surface, self._language), ()) if piece not in same)
        for piece in self._prefixes:
            if own.startswith(piece.key):
                yield piece
        for fits, piece in self._patterns:
            if fits(own):
                yield piece
        for piece in self._fuzzy:
            if _is_near(own, piece.key, piece.distance):
                yield piece


def _occurrences(text: str, stretch: str) -> Iterable[int]:
    """Where a stretch stands between spaces."""
    length = len(stretch)
    at = text.find(stretch)
    while at >= 0:
        end = at + length
        if (not at or text[at - 1].isspace()) and (end == len(text) or text[end].isspace()):
            yield at
            at = text.find(stretch, end)
        else:
            at = text.find(stretch, at + 1)


def _by(pieces: Sequence[Piece], hows: set[How], name: Callable[[Piece], str]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.how in hows:
            found.setdefault(name(piece), []).append(piece)
    return found


def _shortest(piece: Piece) -> int:
    """Letters that the key of a form has at the least."""
    if piece.how is How.WORD:
        return 1
    return len(piece.key) - piece.distance - (piece.key.count("*") if piece.how is How.WILDCARD else 0)


def count_words(stretch: str) -> int:
    """How many words stand in a stretch without spaces."""
    bare = stretch.strip(_AROUND)
    return 1 if bare.isascii() and bare.isalnum() else len(located(bare)[0]) if bare else 0


def _apart(piece: Piece) -> list[str] | None:
    """How a word may stand in a text as several with spaces between them, without accents; None: in too many ways.

    See `newsarchive.search.analysis.spellings`.
    """
    if piece.how in {How.PREFIX, How.WILDCARD, How.FUZZY}:
        return None if piece.key.isascii() else []
    word = piece.key
    if word.isdigit():
        return None if len(word) > 3 else []  # noqa: PLR2004 - thousands
    cuts = [(word[:at], word[at:]) for at in range(1, len(word)) if word.isascii() and is_syllable(word[:at])]
    return [f"{first.title()} {rest[0].upper()}" for first, rest in cuts if _is_syllables(rest)]


def _is_syllables(word: str) -> bool:
    return is_syllable(word) or any(is_syllable(word[:at]) and is_syllable(word[at:]) for at in range(1, len(word)))


def _beginnings(starts: set[str]) -> re.Pattern[str]:
    """Finds where one of the words may begin, and what follows up to the next space."""
    firsts = sorted({start[0] for start in starts})
    # After a letter that is not ASCII anything may follow.
    spaced = "|".join((r"(?<=[^\x00-\x7f])", *_spaced(firsts, starts)))
    found = [f"{_ALONE}(?:{spaced})"]
    found += [f"(?<=[{_variants(first)}{_FOLDING}])" for first in firsts if IS_UNSPACED.match(first)]
    # A pattern that begins with one class of characters is looked for five times as fast as one that begins with ways.
    letters = "".join(map(_variants, firsts)) + _FOLDING
    return re.compile(rf"[{letters}](?:{'|'.join(found)})[^\s{_PARTING}]*")


def _ascii_beginnings(starts: set[str]) -> re.Pattern[str]:
    """The same for a text in ASCII: it is found in 0.4 of the time, since the class that it begins with is small."""
    firsts = sorted({start[0] for start in starts if start[0].isascii()})
    if not firsts:
        return _NOWHERE
    letters = "".join(map(_variants, firsts))
    spaced = "|".join(_spaced(firsts, starts, ""))
    return re.compile(rf"[{letters}](?<![A-Za-z0-9].)(?:{spaced})\S*")


def _spaced(firsts: Sequence[str], starts: set[str], parting: str = _PARTING) -> Iterable[str]:
    """What the first letter of a word must be, and what follow it, for those that begin with a letter of ASCII."""
    for first in filter(str.isascii, firsts):
        yield f"(?<=[{_variants(first)}])" + _continued({start[1:] for start in starts if start[0] == first}, parting)


def _continued(rests: set[str], parting: str) -> str:
    """What may follow a first letter of ASCII: a beginning's further letters, or after a sign any."""
    if "" in rests or not all(map(str.isascii, rests)):
        return ""
    letters = [[_either(letter) for letter in rest] for rest in sorted(rests)]
    some = "|".join("".join(f"(?:{one}" for one in rest[:-1]) + ")?" * (len(rest) - 1) for rest in letters)
    # The class is written once, and without what ASCII has not: compiling it takes longer than all the rest.
    return rf"(?:{'|'.join(map(''.join, letters))}|(?:{some})[^A-Za-z0-9\s{parting}])"


def _either(letter: str) -> str:
    return re.escape(letter) if letter.isdigit() else f"[{re.escape(letter + letter.upper())}]"


def _starts(piece: Piece, language: str) -> tuple[str, ...]:
    """How the keys of all forms of a piece begin, some letters at the most; "" where they may begin in any way."""
    if piece.how is How.FUZZY or piece.key[:1] in {"*", "?"}:
        return ("",)
    if piece.how is How.WILDCARD:
        return (_WILD.split(piece.key, maxsplit=1)[0][:_COMPARED],)
    if piece.how is not How.WORD or not language:
        return (piece.key[:_COMPARED],)
    return _stem_starts(piece, language)


def _stem_starts(piece: Piece, language: str) -> tuple[str, ...]:
    """The same of a word and all that have its stem."""
    own = stem(piece.text, language)
    if language in _PREFIXING:
        return ("",)
    if len(own) >= _LONG:
        return (piece.key[:_COMPARED], own[:_COMPARED])
    if language == "en" and own[1:]:  # of the first two letters its stemmer changes a `y` alone: dying, die
        return tuple(own[0] + second for second in ("iy" if own[1] in "iy" else own[1]))
    return (piece.key[:1],)


@lru_cache(maxsize=1 << 10)
def _variants(first: str) -> str:
    """Characters that a word may begin with whose key begins with this letter, but for `_FOLDING`, for a class."""
    if first.isascii():
        return r"\d" if first.isdigit() else re.escape(first + first.upper())
    block = ord(first) & ~0xFF
    same = [chr(code) for code in range(block, block + 0x100) if key(chr(code))[:1] == first]
    return "".join(map(re.escape, {first, first.upper()[:1], *same}))


def wild_pattern(text: str) -> str:
    """A wildcard pattern with its letters folded as keys are; `**` says no more than `*`.

    >>> wild_pattern("Hà*N?i"), wild_pattern("a**b")
    ('ha*n?i', 'a*b')
    """
    return re.sub(r"\*+", "*", "".join(part if part in {"*", "?"} else key(part) for part in _WILD.split(text)))


def _expression(pattern: str) -> Callable[[str], object]:
    expression = {"*": ".*", "?": "."}
    whole = "".join(expression.get(part, re.escape(part)) for part in _WILD.split(pattern))
    return re.compile(whole, re.DOTALL).fullmatch


def _is_near(word: str, other: str, distance: int) -> bool:
    """Whether two words are at most so many letters apart: added, left out, replaced, or two neighbours exchanged.

    Optimal string alignment, row by row (https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance).

    >>> _is_near("sumit", "summit", 1), _is_near("smumit", "summit", 1), _is_near("summer", "summit", 1)
    (True, True, False)
    """
    if abs(len(word) - len(other)) > distance or len(set(other).difference(word)) > distance:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(word, start=1):
        above, before, row = before, row, [at]
        for place, theirs in enumerate(other, start=1):
            least = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != theirs))
            if above and place > 1 and letter == other[place - 2] and theirs == word[at - 2]:
                least = min(least, above[place - 2] + 1)
            row.append(least)
        if min(row) > distance and min(before) > distance:
            return False
    return row[-1] <= distance
