"""What is left of a word without its inflection, by Snowball's stemmers (https://snowballstem.org) through PyStemmer.

A stem is made of the surface with its diacritics, because the rules of a language look at them, and is then folded like
a key, so that stems meet whatever the accents of the rest. Where a stemmer parts forms that news is full of, a rule
before or behind it mends that (`_BEFORE`, `_BEHIND`).

Arabic has a stemmer of its own here: Snowball's takes -at off `الانتخابات` and leaves it on `انتخابات`. What is done
instead is light stemming as Larkey, Ballesteros and Connell describe it (light10), which later studies take as the
measure for Arabic and Lucene's ArabicStemmer uses.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.analysis.folding import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_ALGORITHMS: Final = {
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
    "nl": "dutch_porter",
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
STEMMED: Final = frozenset({"ar", *_ALGORITHMS})
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


def primary(language: str) -> str:
    """The language of a tag of BCP 47, without its region and script.

    >>> primary("pt_BR")
    'pt'
    """
    return language.replace("_", "-").split("-", 1)[0].casefold()


def stem_language(language: str) -> str:
    """The member of `STEMMED` whose stemmer reads texts of this language, or "" where there is none.

    Args:
        language: a tag of BCP 47, in any case; "" for a language that is not known.

    >>> stem_language("en-GB"), stem_language("nb"), stem_language("pt_BR"), stem_language("zh-Hant"), stem_language("")
    ('en', 'no', 'pt', '', '')
    """
    first = primary(language)
    first = _SAME.get(first, first)
    return first if first in STEMMED else ""


def stem(surface: str, language: str) -> str:
    """The stem of a surface in a language, folded; its key where the language has no stemmer.

    >>> stem("summits", "en"), stem("eleições", "pt-BR"), stem("والمفاوضات", "ar"), stem("nội", "vi")
    ('summit', 'eleica', 'مفاوض', 'noi')
    """
    return stems([surface], language)[0]


def stems(surfaces: Sequence[str], language: str) -> list[str]:
    """The stem of each surface, as `stem` gives it."""
    code = stem_language(language)
    if not code:
        return keys(surfaces)
    if code == "ar":
        return [_arabic(word) for word in keys(surfaces)]
    words: Iterable[str] = surfaces
    if code in _BEFORE:
        words = [_BEFORE[code](word) for word in surfaces]
    found = keys(_stemmer(code).stemWords(words))
    return [_BEHIND[code](word) for word in found] if code in _BEHIND else found


_CZECH: Final = {"ach": "ách", "am": "ám", "um": "ům", "ich": "ích"}


def _replacing(pattern: str, by: str | Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda word: compiled.sub(by, word)


def _portuguese(word: str) -> str:
    """Plurals of words in -ão, -l and -m as singulars: eleições (or eleicoes), nacionais, possíveis, homens."""
    if not word.endswith("s") or len(word) < _LONG_PLURAL:
        return word
    for ending, single in (("ões", "ão"), ("oes", "ao"), ("ais", "al"), ("veis", "vel"), ("ens", "em"), ("éns", "ém")):
        if word.endswith(ending):
            return word.removesuffix(ending) + single
    return word


def _finnish(stem: str) -> str:
    """Hallitus and hallitukse-, vaali and vaale-: the nominative and the stem of the other cases as one."""
    if stem.endswith("ks"):
        stem = stem[:-2] + "s"
    return stem[:-1] if len(stem) > _SHORT_FINNISH and stem[-1] in "ei" else stem


_LONG_PLURAL: Final = 6
"""Letters of a Portuguese word whose ending is surely one of a plural: not mais, reis, bens."""
_SHORT_FINNISH: Final = 4
_BEFORE: Final[dict[str, Callable[[str], str]]] = {
    # Snowball takes gobiernos for a verb with a pronoun (gobier-nos).
    "es": _replacing("(?<=[dit]erno)s$", ""),
    "pt": _portuguese,
    # Endings that these stemmers know with their accent alone, as they are typed without it.
    "ca": _replacing("cio$", "ció"),
    "cs": _replacing("(?<=..[^aeiou])(?:ach|am|um|ich)$", lambda end: _CZECH[end[0]]),
    "pl": _replacing("(?<=...)ow$", "ów"),
}
_BEHIND: Final[dict[str, Callable[[str], str]]] = {"fi": _finnish}

_ARTICLES: Final = ("وبال", "ولل", "وال", "بال", "كال", "فال", "ال", "لل")
_ENDINGS: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_LEAST_LEFT: Final = 2
"""Letters of an Arabic word that its article and endings leave."""
_LEAST_WITH_AND: Final = 4
"""Letters of a word that the conjunction و is taken off: shorter ones begin with it themselves (وطن, وفد)."""


def _arabic(key: str) -> str:
    for article in _ARTICLES:
        if key.startswith(article) and len(key) >= len(article) + _LEAST_LEFT:
            key = key.removeprefix(article)
            break
    for ending in _ENDINGS:
        if key.endswith(ending) and len(key) >= len(ending) + _LEAST_LEFT:
            key = key.removesuffix(ending)
    # Last, other than light10 does: so وزير loses its و with an article and without, and وطني keeps it as وطن does.
    return key.removeprefix("و") if len(key) >= _LEAST_WITH_AND else key


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
