"""Other spellings of what stands in a text as several words: `email` for e-mail, `hanoi` for Hà Nội, `1000` for 1 000.

They are put into the index beside the words themselves, at the place of the first of them, so that whoever asks for the
joined word finds the parted one. `newsarchive.search.analysis.asking` does the same for the words of a query.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from newsarchive.search.analysis.folding import key, surface
from newsarchive.search.analysis.scripts import IS_UNSPACED

LONGEST_JOINED: Final = 24
"""Characters of a word that is put together: longer ones are chains made for the day (`five-and-twenty-year-old`)."""
_WHOLE_NAME: Final = 3
"""Syllables of a name that is put together whole."""
_MOST_JOINED: Final = 3
"""Words with hyphens between them that are put together at most."""

_CONTRACTED: Final = frozenset({"d", "ll", "m", "re", "s", "t", "ve"})
"""What follows an apostrophe in English for a word of its own or none."""
_ELIDED: Final = frozenset(
    "all c d dall dell j jusqu l lorsqu m n nell presqu puisqu qu quell quelqu quest quoiqu s sant sull t un".split()  # noqa: SIM905 - a list of words reads better
)
"""What stands before an apostrophe in French, Italian and Catalan as a word of its own."""

# The syllables of Vietnamese without their marks: initial, vowels, final.
_SYLLABLE: Final = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    "(?:ieu|yeu|uoi|uou|uye|oai|oay|oeo|uay|uya|uyu|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye|[aeiouy])"
    "(?:ng|nh|ch|[cmnpt])?"
)


@lru_cache(maxsize=1 << 14)
def is_syllable(word: str) -> bool:
    """Whether a word has the shape of one Vietnamese syllable, its diacritics left aside.

    >>> [is_syllable(word) for word in ("Hà", "noi", "Nguyễn", "hanoi", "Trump", "the")]
    [True, True, True, False, False, True]
    """
    return _SYLLABLE.fullmatch(key(surface(word))) is not None


@lru_cache(maxsize=1 << 14)
def name_extras(run: str) -> tuple[tuple[str, ...], ...]:
    """For each word of a run of capitalised words, the names that begin there, written as one word; () where none does.

    Two neighbours make one, and so do three where the run has exactly three (Hồ Chí Minh, Điện Biên Phủ).

    >>> name_extras("Hà Nội"), name_extras("Ho Chi Minh")
    ((('hanoi',), ()), (('hochi', 'hochiminh'), ('chiminh',), ()))
    >>> name_extras("Donald Trump")
    ()
    """
    bare = [key(surface(word)) if is_syllable(word) else "" for word in run.split(" ")]
    found: list[tuple[str, ...]] = [(first + second,) if first and second else () for first, second in pairwise(bare)]
    if len(bare) == _WHOLE_NAME and all(bare):
        found[0] += ("".join(bare),)
    return (*found, ()) if any(found) else ()


def joined(parts: tuple[str, ...], *, apostrophe: bool) -> str | None:
    """What words with hyphens (or an apostrophe) between them are when they are written as one; None: nobody does.

    A number stands last if at all (`covid-19`, `F-16`; not `30-year` and not `2-1`).

    >>> joined(("e", "mail"), apostrophe=False), joined(("30", "year", "old"), apostrophe=False)
    ('email', None)
    >>> joined(("sana", "a"), apostrophe=True), joined(("l", "homme"), apostrophe=True)
    ('sanaa', None)
    """
    if apostrophe and (parts[0] in _ELIDED or parts[1] in _CONTRACTED):
        return None
    if apostrophe and len(parts[0]) == 1 and parts[0] != "o":
        return None
    if (
        len(parts) > _MOST_JOINED
        or not all(part.isalpha() for part in parts[:-1])
        or any(map(IS_UNSPACED.match, parts))
    ):
        return None
    whole = "".join(parts)
    return whole if len(whole) <= LONGEST_JOINED and whole.isalnum() else None
