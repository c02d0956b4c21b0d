"""Tables that lead from a key, or from a stem, to the surfaces of the dictionary that have it.

    X.keys, X.key_at      keys in order, kept as a dictionary is
    X.first, X.members    where the surfaces of each key begin, and their numbers in the dictionary, ascending

`fold` and `author.fold` are for keys, `stem:en` and the like for the stems of the words that stand in articles of that
language. A key or stem that has one surface only, which equals it, needs no entry: whoever finds none looks for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from newsarchive.search.analysis import keys, stem_language, stems
from newsarchive.search.native import layout, packing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.search.native.container import Container, ContainerWriter
    from newsarchive.search.native.fieldarrays import Run
    from newsarchive.search.native.layout import Array


class Spoken:
    """Which terms stand in articles of which language, as far as stemmers tell languages apart."""

    def __init__(self, lang: Array, languages: Sequence[str]) -> None:
        """Begin with no term.

        Args:
            lang: the language of each document, a place in `languages`.
            languages: their names.
        """
        codes = [stem_language(language) for language in languages]
        self.stemmed = sorted({code for code in codes if code})
        number = {code: at for at, code in enumerate(self.stemmed)}
        table = np.array([number.get(code, len(self.stemmed)) for code in codes], np.int64)
        self._of = table[lang] if len(languages) else np.empty(0, np.int64)
        self._found: list[list[Array]] = [[] for _ in self.stemmed]
        self._terms = 0

    def add(self, run: Run) -> None:
        """Take the postings of the next terms."""
        self.take(self.seen(run), len(run.df))

    def seen(self, run: Run) -> list[Array]:
        """For each stemmer the terms of a run, by their places in it, that stand in articles of its language."""
        terms, width = len(run.df), len(self.stemmed) + 1
        seen = np.zeros(terms * width, bool)
        seen[np.repeat(np.arange(0, terms * width, width), run.df) + self._of[run.documents]] = True
        return [np.flatnonzero(seen[number::width]) for number in range(len(self.stemmed))]

    def take(self, seen: Sequence[Array], terms: int) -> None:
        """Take what `seen` said of the next so many terms."""
        for found, here in zip(self._found, seen, strict=True):
            found.append(here + self._terms)
        self._terms += terms

    def terms(self) -> Iterable[tuple[str, Array]]:
        """The terms that stand in articles of each language, by their places in the dictionary."""
        for code, found in zip(self.stemmed, self._found, strict=True):
            yield code, np.concatenate(found) if found else np.empty(0, np.int64)


def put_fold(writer: ContainerWriter, name: str, surfaces: Sequence[str]) -> None:
    """Give a container the table of the keys of all surfaces, which are given in order."""
    groups: dict[str, list[int]] = {}
    for number, (surface, key) in enumerate(zip(surfaces, keys(surfaces), strict=True)):
        if key != surface:
            groups.setdefault(key, []).append(number)
    if groups:
        own = {surface: number for number, surface in enumerate(surfaces) if surface in groups}
        for key, number in own.items():
            groups[key].append(number)
    _put(writer, name, groups)


def has_tables(container: Container) -> bool:
    """Whether a segment has its form tables."""
    return "stemmed" in container.values


def put_stems(writer: ContainerWriter, spoken: Spoken, surfaces: Sequence[str]) -> None:
    """Give a container the tables of stems, and the list of languages that have one."""
    for code, numbers in spoken.terms():
        chosen = numbers.tolist()
        groups: dict[str, list[int]] = {}
        for number, stem in zip(chosen, stems([surfaces[number] for number in chosen], code), strict=True):
            if stem in groups:
                groups[stem].append(number)
            else:
                groups[stem] = [number]
        several = {stem: group for stem, group in groups.items() if len(group) > 1 or surfaces[group[0]] != stem}
        _put(writer, f"stem:{code}", several)
    writer.put_strings("stemmed", spoken.stemmed)


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
