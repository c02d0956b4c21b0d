"""The other spellings that a query's words stand for: what `spellings` does for texts, from the side of the query.

Case, width, diacritics, thousands separators, possessives and initials need nothing here, since the words of the index
have no two spellings in them (`surfaces`, `key`). What remains is what one writes in two words and another in one, and
the letters that some languages write as two.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.search.analysis.folding import key, surface
from newsarchive.search.analysis.spellings import is_syllable, joined
from newsarchive.search.analysis.stemming import primary
from newsarchive.search.analysis.words import analysed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


Stretch = tuple[int, int, str]
"""Words that may be one word: the number of the first, of the one behind the last, and the word."""


class Spelling(StrEnum):
    """How another spelling differs; the value is how it is said."""

    JOINED = "as one word"
    APART = "as two words"
    DIGRAPH = "with two letters for one"
    LETTER = "with one letter for two"


class Variant(NamedTuple):
    """Another spelling of a query's word."""

    text: str
    """A word, or words that must follow one another."""
    why: Spelling
    exact: bool = False
    """Only this very spelling: `muller` was not meant by one who typed `Mueller`."""


_DIGITS_LAST: Final = re.compile(r"([^\W\d_]{1,12})([0-9]{1,4})")
"""MH370, covid19, G20; not a password."""
_THOUSANDS: Final = 3
_LONGEST_LETTERS: Final = 6
"""Letters before a number that may be written as one word with it: Covid 19, MH 370, G 20."""
_WHOLE_NAME: Final = 3
"""Syllables of a name that is put together whole."""
_MOST_SPELLINGS: Final = 8
"""Spellings of one phrase that are looked for beside the one that was typed."""
_LONGEST_PHRASE: Final = 20
"""Words of a phrase that has other spellings; a longer one is a quotation."""
_UMLAUTS: Final = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"))
_NORDIC: Final = (("å", "aa"), ("ø", "oe"))
_DIGRAPHS: Final = {
    "de": _UMLAUTS,
    "fi": _UMLAUTS[:2],
    "et": _UMLAUTS,
    "sv": (*_UMLAUTS[:2], _NORDIC[0]),
    "da": _NORDIC,
    "no": _NORDIC,
    "nb": _NORDIC,
    "nn": _NORDIC,
}
"""Letters, and how they are written where a keyboard or a wire has none of them. æ is ae by its key already."""


def variants(word: str, languages: Iterable[str] = ()) -> tuple[Variant, ...]:
    """The other spellings that one word of a query stands for, as it was typed; most words have none.

    Args:
        word: what was typed without a space in it.
        languages: those of the articles that may answer; letters are exchanged only where one of them does so.

    >>> [variant.text for variant in variants("e-mail") + variants("MH370") + variants("Müller", ["de"])]
    ['email', 'mh 370', 'mueller']
    >>> variants("Mueller", ["de"])
    (Variant(text='müller', why=<Spelling.LETTER: 'with one letter for two'>, exact=True),)
    >>> variants("Mueller", ["en"]), variants("summit")
    ((), ())
    """
    return _variants(word, frozenset(_DIGRAPHS.keys() & map(primary, languages)))


@lru_cache(maxsize=1 << 12)
def _variants(word: str, languages: frozenset[str]) -> tuple[Variant, ...]:
    words, extras = analysed(word)
    if len(words) > 1:
        return tuple(Variant(extra, Spelling.JOINED) for place, extra in extras if place == 0)
    if not words:
        return ()
    if match := _DIGITS_LAST.fullmatch(words[0]):
        return (Variant(f"{match[1]} {match[2]}", Spelling.APART),)
    pairs = dict.fromkeys(pair for language in sorted(languages) for pair in _DIGRAPHS[language])
    return tuple(dict.fromkeys(_exchanged(words[0], tuple(pairs))))


def _exchanged(word: str, pairs: Sequence[tuple[str, str]]) -> Iterable[Variant]:
    if any(letter in word for letter, _ in pairs):
        for letter, two in pairs:
            word = word.replace(letter, two)
        yield Variant(word, Spelling.DIGRAPH)
        return
    for letter, two in pairs:
        if two in word:
            yield Variant(word.replace(two, letter), Spelling.LETTER, exact=True)


def phrase_variants(text: str) -> tuple[Variant, ...]:
    """The other spellings of a phrase: with what has a hyphen, and with a Vietnamese name in it, as one word.

    >>> [variant.text for variant in phrase_variants("Hà Nội e-mail list")]
    ['hà nội email list', 'hanoi e mail list', 'hanoi email list']
    >>> phrase_variants("the summit")
    ()
    """
    words, extras = analysed(text)
    if len(words) > _LONGEST_PHRASE:
        return ()
    stretches = {(place, place + _width(words[place:], whole), whole) for place, whole in extras}
    found = respellings(words, stretches | set(neighbours(words)))
    return tuple(Variant(" ".join(phrase), Spelling.JOINED) for phrase in found)


def _width(words: Sequence[str], whole: str) -> int:
    """How many words one is put together from."""
    lengths = list(accumulate(map(len, words)))
    return next((count for count, length in enumerate(lengths, 1) if length >= len(whole)), len(words))


def neighbours(words: Sequence[str]) -> tuple[Stretch, ...]:
    """What neighbours of a query are when they are written as one word.

    Syllables of a Vietnamese name (in any case, as a query is typed), a number's thousands, a number behind letters.

    >>> neighbours(["summit", "Ha", "noi"]), neighbours(["1", "000"]), neighbours(["Covid", "19", "peace", "talks"])
    (((1, 3, 'hanoi'),), ((0, 2, '1000'),), ((0, 2, 'covid19'),))
    """
    folded = list(map(surface, words))
    found = [(at, at + 2, whole) for at, pair in enumerate(pairwise(folded)) if (whole := _pair(*pair))]
    found += [
        (at, at + _WHOLE_NAME, "".join(map(key, folded[at : at + _WHOLE_NAME])))
        for at in range(len(folded) - _WHOLE_NAME + 1)
        if all(map(_is_name_part, folded[at : at + _WHOLE_NAME]))
    ]
    return tuple(sorted(found))


def _is_name_part(word: str) -> bool:
    return len(word) > 1 and is_syllable(word)


def _pair(first: str, second: str) -> str | None:
    if _is_name_part(first) and _is_name_part(second):
        return key(first) + key(second)
    if not (second.isdecimal() and second.isascii()):
        return None
    if first.isalpha() and len(first) <= _LONGEST_LETTERS:
        return joined((first, second), apostrophe=False)
    is_number = first.isdecimal() and first.isascii() and len(first) <= _THOUSANDS == len(second)
    return first + second if is_number else None


def respellings(words: Sequence[str], stretches: Iterable[Stretch]) -> tuple[tuple[str, ...], ...]:
    """The words with some of the stretches as one word, in every way, but for the words as they are.

    >>> respellings(["in", "ha", "noi"], [(0, 2, "inha"), (1, 3, "hanoi")])
    (('in', 'hanoi'), ('inha', 'noi'))
    """
    by_start: dict[int, list[Stretch]] = {}
    for stretch in stretches:
        by_start.setdefault(stretch[0], []).append(stretch)

    def spelled(at: int) -> Iterator[tuple[str, ...]]:
        if at >= len(words):
            yield ()
            return
        for _, end, word in ((at, at + 1, words[at]), *sorted(by_start.get(at, ()))):
            for rest in spelled(end):
                yield (word, *rest)

    return tuple(islice(spelled(0), 1, 1 + _MOST_SPELLINGS)) if by_start else ()
