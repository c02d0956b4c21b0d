"""Reading one segment: dictionaries, posting lists, form tables and columns, all of them mapped, none of them copied.

Opening one reads the header of its file and nothing else; what a query does not need stays on the disk.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from newsarchive.search.analysis import stem_language
from newsarchive.search.native import decode
from newsarchive.search.native.codes import Codes
from newsarchive.search.native.layout import CODE_TIMES, MOST_TIMES, read_positions, search

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from newsarchive.search.native.container import Container
    from newsarchive.search.native.decode import Docs

    Array = NDArray[Any]

_LINE_FEED: Final = ord("\n")
_AT_ONCE: Final = 1 << 14
"""Terms that are strings at a time."""
_STEP: Final = 256
"""Terms of a block, of which the first one is kept in memory."""
_FEW: Final = 12
"""Terms that are read one by one: what each costs more is less than what it costs to tell them apart."""
_LATELY: Final = 16 << 20
"""Bytes of a field's lists that are remembered while a question is answered: the places of its words are read with the
same lists as its scores. A question of words that are new takes a fifth less by it."""
_AFTER: Final = b"\xff"
"""Comes after every byte of UTF-8: a prefix with this is where the words that start so end."""


def _view(array: Array) -> memoryview[Any]:
    """The array as a memory view, of which single items are read five times as fast."""
    return memoryview(array)  # type: ignore[arg-type]  # NumPy's stubs do not call an array a buffer


class Terms:
    """A sorted list of byte strings; each has its place in it as its number."""

    def __init__(self, text: Array, at: Array) -> None:
        self.text = text
        """All of them (u1), each with a line feed behind it."""
        self.at = at
        """Where each begins in `text`, and at last where the last one ends."""
        self._view = _view(text)
        self._at = _view(at)

    @classmethod
    def of(cls, text: bytes) -> Self:
        """The terms of a text, each with a line feed behind it."""
        array = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(array == _LINE_FEED)
        at = np.zeros(len(ends) + 1, np.uint32)
        np.add(ends, 1, out=at[1:], casting="unsafe")
        return cls(array, at)

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._view[self._at[number] : self._at[number + 1] - 1])

    def lower(self, term: bytes) -> int:
        """The number of the first term that is not below this one."""
        # A search over the map itself would touch 36 pages, at 3 µs each when they are touched for the first time.
        place = bisect_left(self._samples, term)
        if not place:
            return 0
        first = (place - 1) * _STEP
        return bisect_left(range(len(self)), term, first, min(first + _STEP, len(self)), key=self.__getitem__)

    @cached_property
    def _samples(self) -> list[bytes]:
        """Every `_STEP`th term."""
        return [self[number] for number in range(0, len(self), _STEP)]

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        number = self.lower(term)
        return number if number < len(self) and self[number] == term else -1

    def starting(self, prefix: bytes) -> tuple[int, int]:
        """The numbers of the terms that start so: the first, and the one after the last."""
        return (self.lower(prefix), self.lower(prefix + _AFTER)) if prefix else (0, len(self))

    def stretch(self, first: int, end: int) -> bytes:
        """The terms of a range of numbers, each with a line feed behind it."""
        return bytes(self._view[self._at[first] : self._at[end]])

    def strings(self) -> Iterator[list[str]]:
        """All terms, some thousand at a time: as strings they take many times their bytes."""
        for first in range(0, len(self), _AT_ONCE):
            yield self.stretch(first, min(first + _AT_ONCE, len(self))).decode().split("\n")[:-1]

    def lengths(self, numbers: Docs) -> Array:
        """How many bytes terms have."""
        return self.at.take(numbers + 1).astype(np.int64) - self.at.take(numbers) - 1

    @cached_property
    def whole(self) -> bytes:
        """All terms, each with a line feed behind it: searched ten times as fast as through the map."""
        return self.text.tobytes()

    def holding(self, literal: bytes) -> Docs:
        """The numbers of the terms that hold these bytes, ascending."""
        found: list[int] = []
        place = self.whole.find(literal)
        while place >= 0:
            found.append(place)
            place = self.whole.find(literal, place + 1)
        numbers = search(self.at, found, "right").astype(np.intp) - 1
        return np.unique(numbers)

    def ending(self, suffix: bytes) -> Docs:
        """The numbers of the terms that end so, ascending."""
        # Byte after byte from the end of all terms at once: a search through the text takes six times as long. A step
        # beyond a term meets a line feed, which no suffix has.
        ends = self.at[1:].astype(np.intp) - 2
        found = np.flatnonzero(self.text.take(ends) == suffix[-1]) if len(ends) else decode.NONE
        for back in range(1, len(suffix)):
            found = found[self.text.take(ends.take(found) - back) == suffix[-1 - back]]
        return found

    def bytes_of(self, numbers: Docs) -> tuple[Array, Array]:
        """The bytes of terms, a row each, filled up with zeros (u1), and how many each has."""
        lengths = self.lengths(numbers)
        width = int(lengths.max(initial=1))
        places = self.at.take(numbers).astype(np.intp)[:, None] + np.arange(width)
        found = self.text.take(places, mode="clip")
        found[np.arange(width) >= lengths[:, None]] = 0
        return found, lengths


class Postings:
    """The words of one field, with the documents of each and their places in them."""

    def __init__(self, container: Container, field: str) -> None:
        self._container = container
        self._field = field
        self._docs = container.docs
        self.terms = Terms(self._array("terms"), self._array("term_at"))
        self.first = self._array("first")
        self._first = _view(self.first)
        self._lists = self._array("docs")
        self._lists_at = self._array("docs_at")
        self._lately: dict[int, Docs] = {}
        self._lately_codes: dict[int, Array] = {}
        self._held = 0

    def _array(self, name: str) -> Array:
        return self._container[f"{self._field}.{name}"]

    def frequency(self, term: int) -> int:
        """In how many documents a term stands, the deleted ones included."""
        return int(self._first[term + 1] - self._first[term])

    def frequencies(self, terms: Docs) -> Array:
        """In how many documents each of these stands (i8)."""
        return self.first.take(terms + 1).astype(np.int64) - self.first.take(terms)

    def documents(self, term: int) -> Docs:
        """The documents of a term, ascending; not to be written to, since they may be remembered until `forget`."""
        found = self._lately.get(term)
        if found is None:
            found = decode.documents(self._lists[int(self._lists_at[term]) :], self.frequency(term), self._docs)
            self._remember(self._lately, term, found)
        return found

    def _remember(self, lists: dict[int, Array], term: int, found: Array) -> None:
        if self._held + found.nbytes <= _LATELY:
            found.flags.writeable = False
            lists[term] = found
            self._held += found.nbytes

    def forget(self) -> None:
        """Let go of what was decoded for a question that is answered."""
        self._lately.clear()
        self._lately_codes.clear()
        self._held = 0

    def documents_of_many(self, terms: Docs) -> Docs:
        """The documents of terms, term after term."""
        if 0 < len(terms) <= _FEW:
            return np.concatenate([self.documents(term) for term in terms.tolist()])
        return decode.documents_of_many(self._lists, self._lists_at.take(terms), self.frequencies(terms), self._docs)

    def mask(self, term: int) -> NDArray[np.bool_] | None:
        """Of each document, whether the term stands in it; None where the list is not kept that way."""
        if self.frequency(term) * 8 <= self._docs:
            return None
        return decode.mask(self._lists[int(self._lists_at[term]) :], self._docs)

    def codes(self, term: int) -> Array:
        """The code bytes of a term's postings; not to be written to."""
        found = self._lately_codes.get(term)
        if found is None:
            found = self._codes.stretch(self._first[term], self._first[term + 1])
            self._remember(self._lately_codes, term, found)
        return found

    def codes_of_many(self, terms: Docs) -> Array:
        """The code bytes of terms, term after term."""
        if 0 < len(terms) <= _FEW:
            return np.concatenate([self.codes(term) for term in terms.tolist()])
        return self._codes.take(decode.stretches(self.first.take(terms).astype(np.intp), self.frequencies(terms)))

    def times(self, term: int) -> Array:
        """How often a term occurs in each of its documents, exactly (u1 or u4)."""
        return decode.times(self.codes(term), self._many_at, self._many, self._first[term])

    def times_of_many(self, terms: Docs) -> Array:
        """How often terms occur in each of their documents, exactly, term after term (u1 or u4)."""
        if 0 < len(terms) <= _FEW:
            return np.concatenate([self.times(term) for term in terms.tolist()])
        numbers = decode.stretches(self.first.take(terms).astype(np.intp), self.frequencies(terms))
        found = self._codes.take(numbers) & CODE_TIMES
        more = np.flatnonzero(found > MOST_TIMES)
        if len(more):
            found = found.astype(np.uint32)
            found[more] = self._many[search(self._many_at, numbers[more])]
        return found

    def bits_of_many(self, terms: Docs, docs: Docs, times: Array) -> Array:
        """Where the positions of each posting of terms begin in the stream of positions, in bits (i8).

        Args:
            terms: their numbers.
            docs: all their documents, term after term, as `documents_of_many` gives them.
            times: how often they occur in each.
        """
        # Of at most 30 occurrences with at most 24 bits, two bytes hold the sum.
        bits = np.multiply(times, self._width.take(docs), dtype=np.uint16 if times.dtype == np.uint8 else np.uint32)
        ends: Array = np.cumsum(bits, dtype=np.int64)
        ends -= bits
        at = self._pos_at.take(terms).astype(np.int64) << 3
        if len(terms) == 1:
            ends += at
            return ends
        frequencies = self.frequencies(terms)
        at -= ends.take(np.cumsum(frequencies) - frequencies)  # every term has a posting
        ends += np.repeat(at, frequencies)
        return ends

    def positions(self, bits: Array, times: Array, docs: Docs) -> Array:
        """The stored positions of postings, posting after posting (i8).

        Args:
            bits: where those of each begin in the stream, see `bits_of_many`.
            times: how many each has.
            docs: the document of each.
        """
        width = self._width.take(docs).astype(np.int64)
        each = width.repeat(times)
        at = np.arange(len(each), dtype=np.int64)
        at *= each
        at += (bits - (times.cumsum() - times) * width).repeat(times)
        return read_positions(self._pos, at, each)

    def widths(self, docs: Docs) -> Array:
        """Bits that a position has in these documents (u1): all positions are below 2 to the power of this."""
        return self._width.take(docs)

    @cached_property
    def _codes(self) -> Codes:
        return Codes(self._container, self._field)

    @cached_property
    def _many_at(self) -> Array:
        return self._array("many_at")

    @cached_property
    def _many(self) -> Array:
        return self._array("many")

    @cached_property
    def _width(self) -> Array:
        return self._array("width")

    @cached_property
    def _pos_at(self) -> Array:
        return self._array("pos_at")

    @cached_property
    def _pos(self) -> Array:
        return self._array("pos")

    def read_through(self) -> Iterator[int]:
        """Read every list; gives how many terms were read so far.

        Raises:
            ValueError: the lists do not fit one another or the segment.
        """
        has_places = f"{self._field}.code" in self._container
        before = b""
        for term in range(len(self.terms)):
            word, found = self.terms[term], self.documents(term)
            if word < before or not self.frequency(term) == len(found) > 0 or (np.diff(found) <= 0).any():
                raise ValueError(f"the posting list of {self._field}:{word!r} is not as it was written")
            if found[-1] >= self._docs:
                raise ValueError(f"the posting list of {self._field}:{word!r} does not fit its segment")
            if has_places:
                self._check_places(term, found)
            before = word
            yield term + 1

    def _check_places(self, term: int, docs: Docs) -> None:
        here, times = np.array([term], np.intp), self.times(term)
        bits = self.bits_of_many(here, docs, times)
        places = self.positions(bits, times.astype(np.int64), docs)
        end = int(bits[-1]) + int(times[-1]) * int(self._width[docs[-1]])
        new = np.repeat(np.arange(len(docs)), times)
        is_sorted = ((np.diff(places) >= 0) | (np.diff(new) > 0)).all()
        if -(-end // 8) != int(self._pos_at[term + 1]) or not is_sorted:
            raise ValueError(f"the places of {self._field}:{self.terms[term]!r} are not as they were written")


class FormTable:
    """From a key or a stem to the words of the field `text` that have it."""

    def __init__(self, container: Container, name: str) -> None:
        self.keys = Terms(container[f"{name}.keys"], container[f"{name}.key_at"])
        self.first = container[f"{name}.first"]
        self.members = container[f"{name}.members"]

    def of(self, key: bytes) -> list[int]:
        """The numbers of the words that have a key; none where the table does not hold it."""
        number = self.keys.find(key)
        if number < 0:
            return []
        found: list[int] = self.members[int(self.first[number]) : int(self.first[number + 1])].tolist()
        return found

    def of_many(self, keys: Docs) -> Docs:
        """The numbers of the words that have one of several keys, which are given by their numbers."""
        starts = self.first.take(keys).astype(np.intp)
        return self.members.take(decode.stretches(starts, self.first.take(keys + 1) - starts)).astype(np.intp)


class Segment:
    """One segment: documents are numbered from 0, the deleted ones included."""

    def __init__(self, container: Container, deleted: Array) -> None:
        """Take a mapped file, and the numbers of the documents that are deleted from it, ascending."""
        self._container = container
        self.size = container.docs
        self.deleted = deleted
        self.values = container.values
        self._columns: dict[str, Array] = {}
        self._postings: dict[str, Postings] = {}
        self._tables: dict[str, FormTable | None] = {}

    def release(self) -> None:
        """Give back the pages of its file that were read."""
        self._container.release()

    def scalar(self, name: str) -> float:
        """A number of the whole segment; 0 where it was not written."""
        return self._container.scalars.get(name, 0)

    def column(self, name: str) -> Array:
        """A value per document, or another array of the segment."""
        if name not in self._columns:
            self._columns[name] = self._container[name]
        return self._columns[name]

    def postings(self, field: str) -> Postings:
        """The words or values of a field."""
        if field not in self._postings:
            self._postings[field] = Postings(self._container, field)
        return self._postings[field]

    def forget(self) -> None:
        """Let go of what was decoded for a question that is answered."""
        for postings in self._postings.values():
            postings.forget()

    def table(self, name: str) -> FormTable | None:
        """A form table, or None where the segment has none of that name."""
        if name not in self._tables:
            has_one = f"{name}.keys" in self._container
            self._tables[name] = FormTable(self._container, name) if has_one else None
        return self._tables[name]

    @cached_property
    def stemmed(self) -> tuple[str, ...]:
        """The stemmers whose tables the segment has."""
        return tuple(self.values["stemmed"]) if "stemmed" in self.values else ()

    @cached_property
    def languages(self) -> dict[str, frozenset[int]]:
        """By stemmer, the languages of documents that it reads, as the numbers of the column `lang`."""
        found: dict[str, set[int]] = {}
        for number, language in enumerate(self.values["language"]):
            found.setdefault(stem_language(language), set()).add(number)
        return {stemmer: frozenset(numbers) for stemmer, numbers in found.items()}

    def speaks_only(self, languages: Iterable[int]) -> bool:
        """Whether all documents are of these languages."""
        return sum(self._documents_by_language[language] for language in languages) == self.size

    @cached_property
    def _documents_by_language(self) -> list[int]:
        found: list[int] = np.bincount(self.column("lang"), minlength=len(self.values["language"])).tolist()
        return found

    def ids(self) -> Iterator[str]:
        """The ids of all documents that are not deleted."""
        for found in np.delete(self.column("id"), self.deleted.astype(np.intp)).tolist():
            yield found.decode("ascii")

    def numbers_of(self, ids: Array) -> Docs:
        """The documents that have one of these ids (S16)."""
        column, order = self.column("id"), self.column("id_order")
        places = np.searchsorted(column, ids, sorter=order)
        inside = places < self.size
        found = order.take(places[inside]).astype(np.intp)
        return np.asarray(found[column[found] == ids[inside]], np.intp)

    def read_through(self) -> Iterator[int]:
        """Read every array; gives a beat now and then.

        Raises:
            ValueError: what is in it does not fit together.
        """
        for field in sorted({name.partition(".")[0] for name in self._container if name.endswith(".docs_at")}):
            yield from self.postings(field).read_through()
