"""Words that are spelled much like another: candidates from parts that are as they were, then distances of all at once.

A distance counts letters added, left out, replaced, or two neighbours exchanged ("optimal string alignment": no letter
is touched twice). Of a word cut into one part more than letters may differ, at least one part is left as it is, unless
two letters were exchanged across a cut: such words are looked for by themselves.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.search.native.decode import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.segment import Terms

    Array = NDArray[Any]

LONGEST: Final = 60
"""Letters of a word that can be compared: a bit each in a machine word."""
_WIDEST: Final = 4
"""Bytes of a character."""
_ASCII: Final = 128


def near(terms: Terms, word: str, distance: int) -> Docs:
    """The numbers of the terms that are at most so many letters away from a word, itself among them, ascending."""
    candidates = _of_length(terms, _candidates(terms, word, distance), word, distance)
    if not len(candidates):
        return NONE
    chars, lengths = _matrix_of(terms, candidates)
    return candidates[_distances(chars, lengths, word) <= distance]


def _candidates(terms: Terms, word: str, distance: int) -> Docs:
    if len(word) <= distance + 1:
        return np.arange(len(terms), dtype=np.intp)
    cuts = [len(word) * part // (distance + 1) for part in range(distance + 2)]
    parts = [word[start:end].encode() for start, end in pairwise(cuts)]
    found = [np.arange(*terms.starting(parts[0]), dtype=np.intp), terms.ending(parts[-1])]
    found += [terms.holding(part) for part in parts[1:-1]]
    for cut in cuts[1:-1]:
        exchanged = word[: cut - 1] + word[cut] + word[cut - 1] + word[cut + 1 :]
        if distance > 1:
            found.append(_candidates(terms, exchanged, distance - 1))
        elif (number := terms.find(exchanged.encode())) >= 0:
            found.append(np.array([number], np.intp))
    return np.unique(np.concatenate(found))


def _of_length(terms: Terms, numbers: Docs, word: str, distance: int) -> Docs:
    """Those that are not too long or too short, by their bytes."""
    if not len(numbers):
        return numbers
    lengths, own = terms.lengths(numbers), len(word.encode())
    return numbers[(lengths >= own - _WIDEST * distance) & (lengths <= own + _WIDEST * distance)]


def distances(words: list[str], word: str) -> Array:
    """How many letters each word is away from one (i8); of one that is too long to be compared, more than any.

    Bit-parallel, after Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003),
    with an array of machine words in place of each machine word.

    >>> distances(["summit", "sumit", "smumit", "summits", "tea"], "summit").tolist()
    [0, 1, 1, 1, 6]
    """
    return _distances(*_matrix(words), word)


def _distances(chars: Array, lengths: Array, word: str) -> Array:
    if not 0 < len(word) <= LONGEST:
        same = (lengths == len(word)) & (chars[:, : len(word)] == [ord(char) for char in word]).all(axis=1)
        return np.where(same, 0, np.maximum(lengths, len(word)))
    matches = _Matches(word)
    count, top = len(chars), np.uint64(1 << (len(word) - 1))
    one = np.uint64(1)
    plus, minus = np.full(count, (1 << len(word)) - 1, np.uint64), np.zeros(count, np.uint64)
    zeros, before = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    found = np.full(count, len(word), np.int64)
    for column in range(chars.shape[1]):
        here = matches.of(chars[:, column])
        swapped = ((~zeros & here) << one) & before
        zeros = (((here & plus) + plus) ^ plus) | here | minus | swapped
        up, down = minus | ~(zeros | plus), plus & zeros
        step = ((up & top) != 0).astype(np.int64) - ((down & top) != 0)
        found += np.where(column < lengths, step, 0)
        up, down = (up << one) | one, down << one
        plus, minus = down | ~(zeros | up), up & zeros
        before = here
    return found


class _Matches:
    """Where each letter stands in a word, a bit a place."""

    def __init__(self, word: str) -> None:
        places: dict[int, int] = {}
        for place, char in enumerate(word):
            places[ord(char)] = places.get(ord(char), 0) | 1 << place
        self._chars = np.array(sorted(places), np.uint32)
        self._bits = np.array([places[char] for char in sorted(places)] + [0], np.uint64)

    def of(self, chars: Array) -> Array:
        place = np.searchsorted(self._chars, chars)
        place[place == len(self._chars)] = 0
        return np.where(self._chars[place] == chars, self._bits[place], np.uint64(0))


def _matrix(words: list[str]) -> tuple[Array, Array]:
    """The characters of words, a row each, filled up with zeros (u4), and how long each is."""
    lengths = np.array([len(word) for word in words], np.int64)
    width = max(1, int(lengths.max(initial=1)))
    text = "".join([word.ljust(width, "\0") for word in words])
    chars = np.frombuffer(text.encode("utf-32-le"), np.uint32).reshape(len(words), width)
    return chars, lengths


def _matrix_of(terms: Terms, numbers: Docs) -> tuple[Array, Array]:
    """The same of terms; those without a letter beyond ASCII are taken from the dictionary as they stand."""
    chars, lengths = terms.bytes_of(numbers)
    wide = np.flatnonzero((chars >= _ASCII).any(axis=1))
    if not len(wide):
        return chars.astype(np.uint32), lengths
    found = chars.astype(np.uint32)
    decoded, short = _matrix([terms[number].decode() for number in numbers[wide].tolist()])
    found[wide] = 0
    found[wide, : decoded.shape[1]] = decoded
    lengths[wide] = short
    return found, lengths
