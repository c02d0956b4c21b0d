"""Tables that lead from a key, or from a stem, to the surfaces of the dictionary that have it.

    X.keys, X.key_at      keys in order, kept as a dictionary is
    X.first, X.members    where the surfaces of each key begin, and their numbers in the dictionary, ascending

`fold` and `author.fold` are for keys, `stem:en` and the like for the stems of the words that stand in articles of that
language. A key or stem that has one surface only, which equals it, needs no entry: whoever finds none looks for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import eq
from typing import TYPE_CHECKING, Final

import numpy as np

from newsarchive.search.analysis import keys, stem_language, stems
from newsarchive.search.native import layout, packing

if TYPE_CHECKING:
    from newsarchive.search.native.container import Container, ContainerWriter
    from newsarchive.search.native.fieldarrays import Run
    from newsarchive.search.native.layout import Array

_AT_ONCE: Final = 1 << 14
"""Surfaces that are worked on at a time."""


class Spoken:
    """Which terms stand in articles of which language, as far as stemmers tell languages apart."""

    def __init__(self, lang: Array, languages: Sequence[str]) -> None:
        """Take what documents are written in.

        Args:
            lang: the language of each document, a place in `languages`.
            languages: their names.
        """
        codes = [stem_language(language) for language in languages]
        self.stemmed = sorted({code for code in codes if code})
        number = {code: at for at, code in enumerate(self.stemmed)}
        table = np.array([number.get(code, len(self.stemmed)) for code in codes], np.int64)
        self._of = table[lang] if len(languages) else np.empty(0, np.int64)

    def seen(self, run: Run) -> list[Array]:
        """For each stemmer the terms of a run, by their places in it, that stand in articles of its language."""
        terms, width = len(run.df), len(self.stemmed) + 1
        seen = np.zeros(terms * width, bool)
        seen[np.repeat(np.arange(0, terms * width, width), run.df) + self._of[run.documents]] = True
        return [np.flatnonzero(seen[number::width]) for number in range(len(self.stemmed))]


Names = Callable[[], Iterable[Sequence[str]]]
"""Gives all surfaces in order, some thousand at a time, as often as it is called."""


def listed(names: Sequence[str]) -> Names:
    """Names that are all at hand."""
    return lambda: (names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE))


def _numbered(names: Names) -> Iterator[tuple[int, Sequence[str]]]:
    first = 0
    for some in names():
        yield first, some
        first += len(some)


def put_fold(writer: ContainerWriter, name: str, names: Names) -> None:
    """Give a container the table of the keys of all surfaces."""
    groups: dict[str, list[int]] = {}
    for first, some in _numbered(names):
        for number, (surface, key) in enumerate(zip(some, keys(some), strict=True), start=first):
            if key != surface:
                groups.setdefault(key, []).append(number)
    if groups:
        for first, some in _numbered(names):
            for number, surface in enumerate(some, start=first):
                if surface in groups:
                    groups[surface].append(number)
    _put(writer, name, groups)


def has_tables(container: Container) -> bool:
    """Whether a segment has its form tables."""
    return "stemmed" in container.values


class Stems:
    """The tables of stems on their way, for each language that has them."""

    def __init__(self, stemmed: Sequence[str]) -> None:
        """Begin with no term.

        Args:
            stemmed: the stemmers, see `Spoken`.
        """
        self._stems = {code: _Stems(code) for code in stemmed}
        self._terms = 0

    def take(self, surfaces: Sequence[str], seen: Sequence[Array]) -> None:
        """Take the next terms of the dictionary, and what `Spoken.seen` said of them."""
        for found, here in zip(self._stems.values(), seen, strict=True):
            found.take([surfaces[number] for number in here.tolist()], here + self._terms)
        self._terms += len(surfaces)

    def put(self, writer: ContainerWriter) -> None:
        """Give a container the tables, and the list of languages that have one; the terms are gone then."""
        writer.put_strings("stemmed", list(self._stems))
        while self._stems:  # what is written is let go of: the next one needs room
            code = next(iter(self._stems))
            _put(writer, f"stem:{code}", self._stems.pop(code).groups())


class _Stems:
    """The surfaces of each stem of one language.

    Most surfaces are their own stem and that of no other: they are told by hashes, and no list is made for them.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._numbers: list[Array] = []
        self._hashes: list[Array] = []
        self._own: list[Array] = []
        self._texts: list[bytes] = []

    def take(self, surfaces: Sequence[str], numbers: Array) -> None:
        found = stems(surfaces, self._code)
        self._numbers.append(numbers.astype(np.uint32))
        self._hashes.append(np.fromiter(map(hash, found), np.int64, len(found)))
        self._own.append(np.fromiter(map(eq, found, surfaces), bool, len(found)))
        self._texts.append("".join([f"{stem}\n" for stem in found]).encode())

    def groups(self) -> dict[str, list[int]]:
        """Of each stem that has several surfaces, or one that does not equal it, the numbers of these."""
        if not self._texts:
            return {}
        numbers, own = np.concatenate(self._numbers), np.concatenate(self._own)
        wanted = np.flatnonzero(_repeated(np.concatenate(self._hashes)) | ~own)
        groups: dict[str, list[int]] = {}
        at = 0
        for text in self._texts:
            found = text.decode().split("\n")[:-1]
            low, high = layout.search(wanted, (at, at + len(found))).tolist()
            for place in wanted[low:high].tolist():
                groups.setdefault(found[place - at], []).append(place)
            at += len(found)
        told = {stem: places for stem, places in groups.items() if len(places) > 1 or not own[places[0]]}
        return {stem: numbers.take(places).tolist() for stem, places in told.items()}


def _repeated(hashes: Array) -> Array:
    """Of each hash, whether another one equals it."""
    order = np.argsort(hashes)
    same = np.diff(hashes.take(order)) == 0
    found = np.zeros(len(hashes), bool)
    found[order[1:][same]] = True
    found[order[:-1][same]] = True
    return found


def _put(writer: ContainerWriter, name: str, groups: dict[str, list[int]]) -> None:
    order = sorted(groups)
    text = np.frombuffer("".join([f"{key}\n" for key in order]).encode(), np.uint8)
    writer.put(f"{name}.keys", text)
    key_at = np.concatenate([[0], np.flatnonzero(text == ord("\n")) + 1]).astype(np.uint32)
    writer.put(f"{name}.key_at", key_at, packing.steps(key_at))
    first = layout.offsets(np.array([len(groups[key]) for key in order])).astype(np.uint32)
    writer.put(f"{name}.first", first, packing.steps(first))
    members = [number for key in order for number in sorted(groups[key])]
    writer.put(f"{name}.members", np.array(members, np.uint32))
