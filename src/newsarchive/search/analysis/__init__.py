"""How text becomes the words of the index, and a query's words what is looked for: in one place, so that they meet.

Words are runs of letters, digits and their marks (Unicode categories L, N, M). They stand in the dictionary with their
diacritics, case and width folded (`surfaces`); a table leads from a word without diacritics (`key`) and from a stem
(`stem`) to them. No word is left out, because a phrase must find its small words. Scripts that are written without
spaces, and Korean, are indexed as overlapping pairs of characters, the usual way where no dictionary is wanted (CJK
bigrams, as in
https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/cjk/CJKBigramFilter.html).

    NATO's -> nato          well-known -> well, known (and wellknown)       U.S. -> us          l'homme -> l, homme
    Hà Nội -> hà, nội (and hanoi)       1,000 -> 1000       3.5 -> 3, 5     東京会談 -> 東京, 京会, 会談, 談

Spellings are kept apart from meaning: `us` is the pronoun as well as the country, and `1.000` is a thousand even where
an English text means one and no thousandths.
"""

from newsarchive.search.analysis.asking import Piece, asked, asked_surfaces, is_single
from newsarchive.search.analysis.folding import LONGEST_WORD, key, keys
from newsarchive.search.analysis.stemming import STEMMED, stem, stem_language, stems
from newsarchive.search.analysis.values import keyword, name_key
from newsarchive.search.analysis.variants import Spelling, Variant, neighbours, phrase_variants, respellings, variants
from newsarchive.search.analysis.words import (
    Analysed,
    analysed,
    apart,
    extras,
    extras_of,
    located,
    pieces_of,
    surfaces,
    tokens,
    words_of,
)

LEAD_WORDS = 50
"""Words of the body that count as its lead: two to three sentences of news."""

__all__ = [
    "LEAD_WORDS",
    "LONGEST_WORD",
    "STEMMED",
    "Analysed",
    "Piece",
    "Spelling",
    "Variant",
    "analysed",
    "apart",
    "asked",
    "asked_surfaces",
    "extras",
    "extras_of",
    "is_single",
    "key",
    "keys",
    "keyword",
    "located",
    "name_key",
    "neighbours",
    "phrase_variants",
    "pieces_of",
    "respellings",
    "stem",
    "stem_language",
    "stems",
    "surfaces",
    "tokens",
    "variants",
    "words_of",
]
