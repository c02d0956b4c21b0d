"""Which characters make a word, and which scripts are written without spaces."""

from __future__ import annotations

import re
from typing import Final

MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f39\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u1056-\u1059\u17b4-\u17d3"
    "\u3099\u309a\u200c\u200d\u00ad\u2060"
)
r"""Marks that Python's \w leaves out although they are part of words, as a range for a character class.

Accents written apart, Hebrew points, Arabic vowel signs, the vowel signs of the Indic scripts, Thai, Lao, Tibetan,
Khmer and Myanmar (without the dandas U+0964 and U+0965), the joiners between letters, the soft hyphen.
"""
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
"""Scripts that are indexed as overlapping pairs of characters: Han, kana, hangul, Thai, Lao, Khmer, Myanmar.

Korean does have spaces, but what stands between them is a noun with its particles (한국은, 한국의) or several nouns in
one (북미정상회담), so that words between spaces hardly ever meet. Pairs find the noun in all of these without a
dictionary, as Lucene's CJKAnalyzer does. Lee, Ahn, Park and Kim give the same reasons ("An n-gram-based indexing
method for effective retrieval of hangul texts", 1996, https://koreascience.kr/article/JAKO199611920383186.page).
"""
SILENT: Final = re.compile("[\u0640\u02bc\u00ad\u200c\u200d\u2060]")
"""What stands inside words and is not seen or says nothing: the Arabic tatweel, joiners, soft hyphen, U+02BC."""
IS_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
RUNS: Final = re.compile(f"([{UNSPACED}\u3099\u309a]+)")
"""Splits a word between an unspaced script and the rest."""
ODD: Final = re.compile(rf"(?:[^\w{MARKS}]|_)+")
"""What is part of no word."""
