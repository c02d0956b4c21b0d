"""A text as the words and marks that carry its sense. White space, typography and invisible characters carry none."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from newsarchive.text import UNSPACED

INVISIBLE: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
"""Soft hyphens, joiners, marks of direction, variation selectors: they steer how a text is set, not what it says."""
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u0900-\u0963\u0966-\u0dff\u3099\u309a"
)
"""Accents written apart, points and vowel signs: parts of words that `\\w` leaves out."""
_UNSPACED_MARKS: Final = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
# ASCII first: most words are nothing else, and the look ahead is needed at the others alone. Nothing that follows can
# fail, so no letter is given back; a possessive group would say so, but Python gets it wrong before 3.11.5 (gh-106052).
_LETTERS: Final = rf"(?:[a-zA-Z0-9]++|(?![{UNSPACED}_])[\w{_MARKS}{INVISIBLE}])+"
_APOSTROPHES: Final = "'’ʼ‘´`"
_QUOTES: Final = f'"“”„‟«»‹›「」『』〝〞＂{_APOSTROPHES}‚‛'
_DASHES: Final = "-‐‑‒–—―−⁃"
_TOKEN = re.compile(
    rf"{_LETTERS}(?:[{_APOSTROPHES}]{_LETTERS})*"
    rf"|[{UNSPACED}][{_UNSPACED_MARKS}\u3099\u309a{INVISIBLE}]*"
    r"|\.(?:\s?\.){2,}"
    rf"|[{_DASHES}]+"
    rf"|[{_APOSTROPHES}]{{2}}"
    r"|\S"
)
_HIDDEN = re.compile(f"[{INVISIBLE}]+")
_FOLDED: Final = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'")
    | {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full width, as Japanese keyboards write it
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
)


class Token(NamedTuple):
    """A word or mark of a text."""

    key: str
    """Equal for tokens that say the same."""
    start: int
    """Where it stands in the text, in characters."""


def tokens(text: str) -> list[Token]:
    """The words and marks of a text; scripts written without spaces give one token a character.

    >>> [token.key for token in tokens("“Don’t” – he said…")]
    ['"', "Don't", '"', '-', 'he', 'said', '…']
    >>> [token.key for token in tokens("東京で")]
    ['東', '京', 'で']
    """
    found = _TOKEN.finditer(text)
    return [Token(key, match.start()) for match in found if (key := _key(match[0]))]


def keys(text: str) -> list[str]:
    """The keys of the tokens alone."""
    return list(filter(None, map(_key, _TOKEN.findall(text))))


_KINDS: Final = (
    {"…": "…", ".": "…"}
    | dict.fromkeys(_DASHES, "-")
    # One of them, the modifier letter, is a letter to Unicode: a token that begins with it is a word.
    | {mark: '"' for mark in _QUOTES if not mark.isalpha()}
)


# Most words of a text were met before.
@lru_cache(maxsize=1 << 15)
def _key(word: str) -> str:
    kind = _KINDS.get(word[0])
    if kind and word != ".":
        return kind
    if word.isascii():
        return word.replace("`", "'")
    return unicodedata.normalize("NFC", _HIDDEN.sub("", word).translate(_FOLDED))
