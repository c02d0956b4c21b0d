"""The forms of a word: as it stands in the dictionary (surface), and without its diacritics (key).

| text | surface | key |
|---|---|---|
| Hà | hà | ha |
| ＮＡＴＯ | nato | nato |
| Straße | strasse | strasse |
| Ёлка | ёлка | елка |
| أحمد | أحمد | احمد |
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from newsarchive.search.analysis.scripts import SILENT
from newsarchive.text import STROKES

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WORD: Final = 200
"""Characters of a word that are kept; longer runs are data URIs and the like. An index key holds 64 KiB at most."""

# What a reader takes for an accent and leaves out when typing: Latin, Greek and Cyrillic accents, Hebrew points, Arabic
# vowel signs and hamza, the Indic nukta, the half rings of Uzbek and of romanised Arabic. The vowel signs of Indic
# scripts and Thai and the voiced marks of kana (U+3099, U+309A) carry meaning and stay. So do the marks of й, ў and ї,
# which are letters of their own to those who type them; ё is one that Russian print itself writes as е.
_DROPPED: Final = re.compile(
    "((?<=[иу])\u0306|(?<=\u0456)\u0308)"
    "|[\u02bb\u02bd-\u02bf\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c]+"
)
# Letters that are written one for the other. Arabic: alef maksura and yeh, teh marbuta and heh (the rules of Lucene's
# ArabicNormalizer), and the Persian and Urdu forms of yeh, kaf and heh, which keyboards mix. Hindi: chandrabindu and
# anusvara.
_LETTERS: Final = STROKES | str.maketrans(
    {"ى": "ي", "ة": "ه", "ٱ": "ا", "ی": "ي", "ک": "ك", "ہ": "ه", "ە": "ه", "ँ": "ं", "ŋ": "n", "ŧ": "t"}
)
_NASAL: Final = re.compile("न\u094d(?=[\u0915-\u0939])")
"""हिन्दी and हिंदी: an n before a consonant is written either way."""
_DIGIT: Final = re.compile(r"[^\W\D]")


def surface(word: str) -> str:
    """A word as the dictionary has it: case and width folded, diacritics kept; Unicode's NFKC_Casefold.

    https://www.unicode.org/versions/latest/core-spec/chapter-3/#G63737. The dot that a Turkish İ would leave over its i
    is dropped, and so are invisible joiners and the Arabic tatweel.

    >>> surface("HÀ"), surface("ＮＡＴＯ"), surface("Straße"), surface("İstanbul"), surface("ﾆｭｰｽ")
    ('hà', 'nato', 'strasse', 'istanbul', 'ニュース')
    """
    return word.lower() if word.isascii() else _surface(word)


# Words of ASCII are left out: folding them costs no more than remembering them, and a crawl meets a new number on every
# page.
@lru_cache(maxsize=1 << 14)
def _surface(word: str) -> str:
    word = unicodedata.normalize("NFKC", SILENT.sub("", word)).casefold()
    # Casefolding may part letters, and joining them may make a capital: twice is enough (tested over all of Unicode).
    word = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", SILENT.sub("", word.replace("i\u0307", "i")))


def key(surface: str) -> str:
    """A surface without its diacritics: under one key stand all spellings that a reader may type for one another.

    A key is its own key. Digits of all scripts become European ones.

    >>> key("hà"), key("đà"), key("ёлка"), key("йод"), key("أحمد"), key("हिन्दी"), key("٢٠١٩"), key("ガス")
    ('ha', 'da', 'елка', 'йод', 'احمد', 'हिंदी', '2019', 'ガス')
    """
    return surface.lower() if surface.isascii() else _key(surface)


@lru_cache(maxsize=1 << 16)
def _key(surface: str) -> str:
    whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", surface.casefold()).casefold())
    bare = _DROPPED.sub(r"\1", whole)
    bare = unicodedata.normalize("NFC", bare).translate(_LETTERS)
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), _NASAL.sub("\u0902", bare))


def keys(surfaces: Iterable[str]) -> list[str]:
    """The key of each surface."""
    return [word if word.isascii() else key(word) for word in surfaces]
