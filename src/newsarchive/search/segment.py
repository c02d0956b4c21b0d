"""Reading one segment of the index: postings, positions, columns.

Whoosh's matchers step through postings, and its columns through values, one method call at a time. Here whole lists are
read at once (`postings.py` has the layout), with what Whoosh's readers hold in private attributes; in `tests/search`,
`test_segment.py` and `test_postings.py` are the contract with that code, and whoosh-reloaded is pinned below 2.8.
"""
# ruff: noqa: SLF001 - see above: reading whole lists and columns is what this file is for

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import accumulate
from pickle import loads
from sys import byteorder
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.util.numeric import byte_to_length

from newsarchive.search.postings import all_terms, term_postings
from newsarchive.search.schema import LONGEST_ID, UNKNOWN_TIME

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

LENGTHS: tuple[int, ...] = tuple(byte_to_length(code) for code in range(256))
"""Words of a field by the byte that the index keeps of it."""
_TIMES = frozenset({"published", "seen"})
_COUNT_BYTES = 4
"""Bytes of the count before the pickled positions."""


class Segment:
    """One segment: documents are numbered from 0, the deleted ones included."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - a whoosh.reading.SegmentReader
        self._reader = reader
        self.size: int = reader.doc_count_all()
        self.deleted: frozenset[int] = reader.deleted_docs_set
        self._columns: dict[str, array[int]] = {}

    def frequency(self, field: str, term: bytes) -> int:
        """In how many documents a term stands, the deleted ones included."""
        return int(self._reader.doc_frequency(field, term))

    def words(self, field: str) -> int:
        """How many words the field has in all documents."""
        return int(self._reader.field_length(field))

    def expand(self, field: str, prefix: bytes) -> list[bytes]:
        """The terms that start so."""
        found: list[bytes] = []
        if field in self._reader.indexed_field_names():
            for name, term in self._reader.terms_from(field, prefix):
                if name != field or not term.startswith(prefix):
                    break
                found.append(term)
        return found

    def postings(self, field: str, term: bytes) -> tuple[list[int], list[float]]:
        """The documents of a term, ascending, and its weight in each."""
        documents, weights, _ = term_postings(self._reader, field, term)
        return documents, weights

    def positions(self, field: str, term: bytes, documents: Container[int]) -> dict[int, list[int]]:
        """Where a term stands in those of its documents that are asked for."""
        having, _, values = term_postings(self._reader, field, term)
        return {
            document: list(accumulate(loads(value[_COUNT_BYTES:])))  # noqa: S301 - the index is our own, see stamps.py
            for document, value in zip(having, values, strict=True)
            if document in documents
        }

    def lengths(self, field: str) -> bytes:
        """A byte per document that says how many words its field has, see `LENGTHS`."""
        if f"_{field}_len" not in self._byte_columns:
            self._byte_columns[f"_{field}_len"] = self._raw(f"_{field}_len", LENGTHS_COLUMN, b"\0")
        return self._byte_columns[f"_{field}_len"]

    @cached_property
    def _byte_columns(self) -> dict[str, bytes]:
        return {}

    def times(self, field: str) -> array[int]:
        """A time per document, in seconds since 1970, or `UNKNOWN_TIME`."""
        if field not in self._columns:
            default = UNKNOWN_TIME.to_bytes(8, "big", signed=True)
            column = array("q", self._raw(field, self._reader.schema[field].column_type, default))
            if byteorder == "little":
                column.byteswap()
            self._columns[field] = column
        return self._columns[field]

    @cached_property
    def ids(self) -> bytes:
        """The ids of all documents, each filled up to `LONGEST_ID` bytes with zeros."""
        return self._raw("id", self._reader.schema["id"].column_type, b"\0" * LONGEST_ID)

    def id(self, document: int) -> str:
        """The id of a document."""
        return self.ids[document * LONGEST_ID : (document + 1) * LONGEST_ID].rstrip(b"\0").decode("ascii")

    def read_through(self) -> Iterator[None]:
        """Read all columns, and each posting list with its positions; gives a beat after each list.

        Raises:
            ValueError: a list names a document that is not there, or has more or fewer values than documents.
        """
        for name, field in self._reader.schema.items():
            if field.scorable:
                self.lengths(name)
            if name in _TIMES:
                self.times(name)
        for field, term, documents, weights, values in all_terms(self._reader):
            if not documents or documents[-1] >= self.size or not len(documents) == len(weights) == len(values):
                raise ValueError(f"the posting list of {field}:{term!r} does not fit its segment")
            yield

    def _raw(self, name: str, column: Any, default: bytes) -> bytes:  # noqa: ANN401 - one of Whoosh's column types
        return column_bytes(self._reader._perdoc, name, column, default)


def column_bytes(documents: Any, name: str, column: Any, default: bytes) -> bytes:  # noqa: ANN401 - Whoosh's reader and column type
    """A column of fixed width as its bytes; documents at the end that have the default value are not in the file."""
    size = int(documents.doc_count_all())
    if not documents.has_column(name):
        return default * size
    reader = documents.column_reader(name, column)
    count = int(reader._count)
    return bytes(reader._dbfile.get(reader._basepos, len(default) * count)) + default * (size - count)
