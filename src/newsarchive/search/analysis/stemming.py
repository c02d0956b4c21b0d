"""What is left of a word without its inflection, by Snowball's stemmers (https://snowballstem.org) through PyStemmer.

A stem is made of the surface with its diacritics, because the rules of a language look at them, and then folded like a
key, so that stems meet whatever the accents of the rest.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.analysis.folding import key, keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALGORITHMS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
STEMMED: Final = frozenset(_ALGORITHMS)
"""The languages that have a stemmer, as `stem_language` names them."""
_SAME: Final = {
    "nb": "no",
    "nn": "no",
    "mo": "ro",
    "sh": "sr",
    "hr": "sr",
    "bs": "sr",
    "cnr": "sr",
    "iw": "he",
    "ji": "yi",
}
"""Languages whose inflection another one's stemmer knows, and codes that were renamed."""


def stem_language(language: str) -> str:
    """The member of `STEMMED` whose stemmer reads texts of this language, or "" where there is none.

    Args:
        language: a tag of BCP 47, in any case; "" for a language that is not known.

    >>> stem_language("en-GB"), stem_language("nb"), stem_language("pt_BR"), stem_language("zh-Hant"), stem_language("")
    ('en', 'no', 'pt', '', '')
    """
    first = language.replace("_", "-").split("-", 1)[0].casefold()
    first = _SAME.get(first, first)
    return first if first in STEMMED else ""


def stem(surface: str, language: str) -> str:
    """The stem of a surface in a language, folded; its key where the language has no stemmer.

    >>> stem("summits", "en"), stem("nações", "pt-BR"), stem("hà", "vi")
    ('summit', 'naco', 'ha')
    """
    code = stem_language(language)
    return key(_stemmer(code).stemWord(surface)) if code else key(surface)


def stems(surfaces: Sequence[str], language: str) -> list[str]:
    """The stem of each surface, as `stem` gives it."""
    code = stem_language(language)
    return keys(_stemmer(code).stemWords(surfaces) if code else surfaces)


class _Stemmers(threading.local):
    """Each thread has its own: a stemmer works in place and may not be entered twice at a time."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}


_STEMMERS: Final = _Stemmers()


def _stemmer(code: str) -> Any:  # noqa: ANN401 - PyStemmer has no type information
    found = _STEMMERS.made.get(code)
    if found is None:
        import Stemmer  # noqa: PLC0415 - reading a query needs none

        # Without its cache: whoever stems in bulk hands every word over once.
        found = _STEMMERS.made[code] = Stemmer.Stemmer(_ALGORITHMS[code], 0)
    return found
