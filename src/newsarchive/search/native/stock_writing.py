"""The slow way into a segment: what Whoosh's own `SegmentWriter` calls, posting by posting.

It makes the same file as `build.py` of the same documents; the tests hold the two against each other.
"""

from __future__ import annotations

from array import array
from pickle import loads
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from whoosh.codec import base

from newsarchive.search import copies
from newsarchive.search.native import build, layout
from newsarchive.search.native.clusters import put_copies
from newsarchive.search.native.container import ContainerWriter
from newsarchive.search.native.fieldarrays import FieldArrays, Run
from newsarchive.search.native.formtables import Spoken, Stems, listed, put_fold
from newsarchive.search.native.intake import Columns
from newsarchive.search.native.toc import EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newsarchive.search.native.codec import ArraySegment
    from newsarchive.search.native.layout import Array
    from newsarchive.search.native.stock_schema import Kept

_COUNT_BYTES: Final = 4
"""Bytes of the count before the pickled positions."""


class Parts:
    """What the two writers of a segment share."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.heading = array("q")
        self.length = array("q")
        self.author_words = 0
        self.sketches: list[bytes] = []


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Takes the `Kept` of each document."""

    def __init__(self, segment: ArraySegment) -> None:
        self._parts = segment.parts = Parts()
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        """Begin the next document."""

    def cancel_doc(self) -> None:
        """Nothing was taken of a document whose fields could not be read."""

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:  # noqa: ANN401 - Whoosh's signature
        """Lengths and stored values come with `Kept`."""

    def add_column_value(self, fieldname: str, _column: Any, value: Kept) -> None:  # noqa: ANN401 - Whoosh's signature
        """Take what is kept; the other columns are parts of it."""
        if fieldname == "kept":
            parts = self._parts
            parts.columns.add(value.id, value.record)
            parts.heading.append(value.heading)
            parts.length.append(value.length)
            parts.author_words += value.author_words
            parts.sketches.append(value.sketch)

    def close(self) -> None:
        """All documents were given."""
        self.is_closed = True


class TermsWriter(base.FieldWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Takes postings in order of field, term and document; writes the file once all have come."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._path = folder / segment.make_filename(EXTENSION)
        self._segment = segment
        self._fields: dict[str, _Field] = {}
        self._complete = False
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Any]) -> None:  # noqa: ANN401 - Whoosh's signature
        """Take all postings, as the base class does."""
        super().add_postings(schema, lengths, items)
        self._complete = True

    def start_field(self, fieldname: str, _field: Any) -> None:  # noqa: ANN401 - Whoosh's signature
        """Begin a field."""
        self._field = self._fields[fieldname] = _Field()

    def start_term(self, text: bytes) -> None:
        """Begin a term."""
        self._field.terms.append(text.decode())

    def add(self, docnum: int, _weight: float, vbytes: bytes, _length: int) -> None:
        """Take a posting of the term."""
        field = self._field
        places: list[int] = []
        if vbytes:
            at = 0
            for step in loads(vbytes[_COUNT_BYTES:]):  # noqa: S301 - made by this very process
                at += step
                places.append(at)
        field.term_of.extend([len(field.terms) - 1] * (len(places) or 1))
        field.document_of.extend([docnum] * (len(places) or 1))
        field.place.extend(places or [0])

    def finish_term(self) -> None:
        """All postings of the term were given."""

    def close(self) -> None:
        """Write the file, unless the batch was cancelled."""
        self.is_closed = True
        if not self._complete:
            return
        writer = ContainerWriter(self._path)
        try:
            self._write(writer, self._segment.parts)
        finally:
            writer.close()

    def _write(self, writer: ContainerWriter, parts: Parts) -> None:
        docs = len(parts.columns.ids)
        heading, length = np.array(parts.heading, np.int64), np.array(parts.length, np.int64)
        spoken = Spoken(np.array(parts.columns.lang, np.int64), list(parts.columns.names["language"]))
        stems = Stems(spoken.stemmed)
        for name in layout.FIELDS:
            field = self._fields.get(name, _Field())
            done = 0
            keys, width, bits = field.keys(heading if name == "text" else None, docs)
            arrays = FieldArrays(writer, name, docs, width if name in layout.WORD_FIELDS else None)
            for run in build.runs(keys, len(field.terms), bits, heading if name == "text" else None):
                arrays.add(run if name in layout.WORD_FIELDS else Run(run.terms, run.df, run.documents))
                if name == "text":
                    stems.take(field.terms[done : done + len(run.df)], spoken.seen(run))
                    done += len(run.df)
            arrays.finish(build.dictionary(field.terms))
            if name in layout.WORD_FIELDS:
                put_fold(writer, "fold" if name == "text" else f"{name}.fold", listed(field.terms))
        stems.put(writer)
        sketches = np.frombuffer(b"".join(parts.sketches), np.uint16).reshape(-1, copies.VALUES)
        put_copies(writer, sketches, np.array(parts.columns.ids, build.IDS), ())
        writer.put("length", layout.length_codes(length))
        build.put_column(writer, "heading", heading.astype(np.uint16))
        build.put_columns(writer, parts.columns)
        writer.write(docs, {"text_words": int(length.sum()), "author_words": parts.author_words})


class _Field:
    def __init__(self) -> None:
        self.terms: list[str] = []
        self.term_of = array("q")
        self.document_of = array("q")
        self.place = array("q")

    def keys(self, heading: Array | None, docs: int) -> tuple[Array, Array, tuple[int, int]]:
        """Sorted keys, the width of each document's positions, and the bits of document and position in a key."""
        documents, places = np.array(self.document_of, np.int64), np.array(self.place, np.int64)
        if heading is not None:
            places = np.where(places >= layout.BODY_START, places - layout.BODY_START + heading[documents], places)
        last = np.zeros(docs, np.int64)
        np.maximum.at(last, documents, places)
        width = layout.widths(last)
        bits = max(1, docs.bit_length()), int(width.max(initial=1))
        keys = (np.array(self.term_of, np.int64) << sum(bits)) | (documents << bits[1]) | places
        return np.sort(keys.astype(np.uint64)), width, bits
