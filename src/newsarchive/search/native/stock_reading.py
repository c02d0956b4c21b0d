"""What stock Whoosh reads of a segment: terms, matchers, columns. Exact and slow; the tests' oracle stands on it."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.matching import ListMatcher
from whoosh.query.spans import Span
from whoosh.reading import TermInfo, TermNotFound

from newsarchive.search.native import layout
from newsarchive.search.native.clusters import sketches_of
from newsarchive.search.native.codes import Codes
from newsarchive.search.native.intake import NUMBER_COLUMNS, Record
from newsarchive.search.native.ranking import weights
from newsarchive.search.native.stock_schema import Kept, encode_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsarchive.search.native.codec import ArraySegment
    from newsarchive.search.native.container import Container
    from newsarchive.search.native.layout import Array

_NUMERIC: Final = ("published", "seen", "changed", "words", "versions")


class _FieldReader:
    """The terms of one field."""

    def __init__(self, container: Container, field: str) -> None:
        self._container = container
        self._field = field
        self.terms: list[bytes] = self._array("terms").tobytes().split(b"\n")[:-1]

    def _array(self, name: str) -> Array:
        return self._container[f"{self._field}.{name}"]

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        number = bisect_left(self.terms, term)
        return number if number < len(self.terms) and self.terms[number] == term else -1

    def frequency(self, number: int) -> int:
        """In how many documents a term stands."""
        return int(self._first[number + 1]) - int(self._first[number])

    @cached_property
    def _first(self) -> Array:
        return self._array("first")

    def documents(self, number: int) -> Array:
        """The documents of a term."""
        data = self._array("docs")[int(self._array("docs_at")[number]) :]
        return layout.decode_list(data, self.frequency(number), self._container.docs)

    def codes(self, number: int) -> Array:
        """The code bytes of a term's postings."""
        return Codes(self._container, self._field).stretch(int(self._first[number]), int(self._first[number + 1]))

    def times(self, number: int) -> Array:
        """How often a term occurs in each of its documents."""
        times = (self.codes(number) & layout.CODE_TIMES).astype(np.int64)
        first, many_at = int(self._first[number]), self._array("many_at")
        low, high = layout.search(many_at, (first, first + len(times)))
        times[many_at[low:high].astype(np.int64) - first] = self._array("many")[low:high]
        return times

    def positions(self, number: int) -> list[list[int]]:
        """The presented positions of a term in each of its documents."""
        documents, times = self.documents(number), self.times(number)
        width = self._array("width")[documents].astype(np.int64)
        each = np.repeat(width, times)
        bits = layout.offsets(each)[:-1] + 8 * int(self._array("pos_at")[number])
        places = layout.read_positions(self._array("pos"), bits, each)
        if self._field == "text":
            heading = np.repeat(self._container["heading"][documents].astype(np.int64), times)
            places = np.where(places >= heading, places - heading + layout.BODY_START, places)
        return [part.tolist() for part in np.split(places, np.cumsum(times)[:-1])]


class ArrayTerms(base.TermsReader):  # type: ignore[misc]  # Whoosh has no type information
    """Terms and postings."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._fields: dict[str, _FieldReader] = {}

    def _field(self, name: str) -> _FieldReader:
        if name not in self._fields:
            self._fields[name] = _FieldReader(self._container, name)
        return self._fields[name]

    def _number(self, field: str, text: bytes) -> int:
        number = self._field(field).find(text) if field in layout.FIELDS else -1
        if number < 0:
            raise TermNotFound(f"No term {field}:{text!r}")
        return number

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return term[0] in layout.FIELDS and self._field(term[0]).find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """Fields that have terms."""
        return [field for field in layout.FIELDS if len(self._container[f"{field}.terms"])]

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:  # noqa: ANN401 - Whoosh's signature
        """Walks through the terms of a field."""
        return ArrayCursor(self._field(fieldname).terms, fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """All terms in order."""
        return ((field, term) for field in sorted(layout.FIELDS) for term in self._field(field).terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """The terms from this one on, to the end of the last field."""
        return ((field, term) for field, term in self.terms() if (field, term) >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """All terms with what is known of each."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """As `terms_from`, with what is known of each."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Sums over the postings of a term."""
        number = self._number(fieldname, text)
        documents, all_weights = self._field(fieldname).documents(number), self._weights(fieldname, number)
        return TermInfo(
            weight=sum(all_weights),
            df=len(documents),
            minlength=1,
            maxlength=layout.LENGTHS[-1],
            maxweight=max(all_weights),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """In how many documents a term stands."""
        return self._field(fieldname).frequency(self._number(fieldname, text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:  # noqa: ANN401 - Whoosh's signature
        """Steps through the postings of a term."""
        number = self._number(fieldname, text)
        field = self._field(fieldname)
        matcher = ArrayMatcher(
            field.documents(number).tolist(),
            self._weights(fieldname, number),
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )
        if fieldname in layout.WORD_FIELDS:
            matcher.places = lambda: field.positions(number)
        return matcher

    def _weights(self, fieldname: str, number: int) -> list[float]:
        field = self._field(fieldname)
        if fieldname in layout.VALUE_FIELDS:
            return [1.0] * field.frequency(number)
        found: list[float] = weights()[field.codes(number)].tolist()
        return found


class ArrayMatcher(ListMatcher):  # type: ignore[misc]  # Whoosh has no type information
    """Steps through documents; their positions are read when they are first asked for."""

    places: Callable[[], list[list[int]]] | None = None
    _read: list[list[int]] | None = None

    def positions(self) -> list[int]:
        """Where the term stands in the document that it is at."""
        if self._read is None:
            self._read = self.places() if self.places else [[] for _ in self._ids]
        return self._read[self._i]

    def value(self) -> bytes:
        """The positions in Whoosh's form."""
        return encode_positions(self.positions()) if self.places else b""

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        """All documents with their values."""
        self._i = 0
        while self.is_active():
            yield self.id(), self.value()
            self.next()

    def spans(self) -> list[Span]:
        """The positions as spans."""
        return [Span(place) for place in self.positions()]

    def copy(self) -> ArrayMatcher:
        """Another one at the same document."""
        twin = ArrayMatcher(
            self._ids,
            self._weights,
            format=self._format,
            scorer=self._scorer,
            position=self._i,
            term=self._term,
            terminfo=self._terminfo,
        )
        twin.places, twin._read = self.places, self._read
        return twin


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]  # Whoosh has no type information
    """Walks through sorted terms."""

    def __init__(self, terms: list[bytes], field: Any) -> None:  # noqa: ANN401 - Whoosh's field type
        self._terms = terms
        self._field = field
        self._at = 0

    def first(self) -> str | None:
        """Go to the first term."""
        self._at = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        """Go to the first term that is not below this one."""
        self._at = bisect_left(self._terms, term if isinstance(term, bytes) else self._field.to_bytes(term))
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        """The term that it is at; None after the last one."""
        return self._terms[self._at].decode() if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether it is at a term."""
        return self._at < len(self._terms)


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]  # Whoosh has no type information
    """Lengths, columns, deletions."""

    def __init__(self, container: Container, segment: ArraySegment) -> None:
        self._container = container
        self._segment = segment
        self._author_counts: Array | None = None

    def doc_count(self) -> int:
        """How many documents are not deleted."""
        return self.doc_count_all() - self._segment.deleted_count()

    def doc_count_all(self) -> int:
        """How many documents there are, the deleted ones included."""
        return self._container.docs

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        return self._segment.has_deletions()  # type: ignore[no-any-return]  # as above

    def is_deleted(self, docnum: int) -> bool:
        """Whether this one is deleted."""
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterable[int]:
        """Which are deleted."""
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        """It does."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether there is such a column."""
        return fieldname in {"kept", *_NUMERIC}

    def list_columns(self) -> list[str]:
        """All columns."""
        return ["kept", *_NUMERIC]

    def column_reader(self, fieldname: str, _column: Any) -> _Column:  # noqa: ANN401 - Whoosh's signature
        """Reads a column document by document."""
        if fieldname == "kept":
            return _Column(self._kept, self.doc_count_all())
        numbers = self._container[fieldname]
        return _Column(lambda document: int(numbers[document]), self.doc_count_all())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Words of headline and body, by their code. All fields of words are measured by it."""
        return layout.LENGTHS[self._container["length"][docnum]] if fieldname in layout.WORD_FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Words of headline and body of all documents."""
        return int(self._container.scalars["text_words"]) if fieldname in layout.WORD_FIELDS else 0

    def min_field_length(self, _fieldname: str) -> int:
        """A lower bound."""
        return 1

    def max_field_length(self, _fieldname: str) -> int:
        """An upper bound."""
        return layout.LENGTHS[-1]

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The id."""
        return {"id": self._container["id"][docnum].decode("ascii")}

    def _kept(self, document: int) -> Kept:
        container = self._container
        heading = int(container["heading"][document])
        return Kept(
            id=bytes(container["id"][document]),
            record=self._record(document),
            heading=heading,
            length=layout.LENGTHS[container["length"][document]],
            author_words=self._author_words(document),
            sketch=sketches_of(container)[document].tobytes(),
        )

    def _author_words(self, document: int) -> int:
        if self._author_counts is None:
            field = _FieldReader(self._container, "author")
            counts = np.zeros(self._container.docs, np.int64)
            for number in range(len(field.terms)):
                counts[field.documents(number)] += field.times(number)
            self._author_counts = counts
        return int(self._author_counts[document])

    def _record(self, document: int) -> Record:
        container = self._container
        first = container["author_first"]
        authors = container["author_of"][int(first[document]) : int(first[document + 1])]
        return Record(
            numbers=tuple(int(container[name][document]) for name in NUMBER_COLUMNS),
            language=container.values["language"][int(container["lang"][document])],
            category=self._value("category", document),
            source=self._value("source", document),
            authors=tuple(container.values["author"][int(number)] for number in authors),
        )

    def _value(self, name: str, document: int) -> str | None:
        number = int(self._container[name][document])
        return None if number == layout.NONE else self._container.values[name][number]


class _Column(ColumnReader):  # type: ignore[misc]  # Whoosh has no type information
    def __init__(self, read: Callable[[int], Any], docs: int) -> None:
        self._read = read
        self._doccount = docs

    def __getitem__(self, document: int) -> Any:  # noqa: ANN401 - a column can hold anything
        return self._read(document)

    def set_reverse(self) -> None:
        """Sorting by it downwards needs nothing of the column."""
