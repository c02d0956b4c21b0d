"""Whoosh's segment writer with its slow places replaced; a stock Whoosh reads the files.

Stock Whoosh sorts all postings as tuples and hands them on one by one. Here they are kept by term from the start, and
stay in order of document because documents come in order; terms are handed on whole, see `postings.py`.
"""

from __future__ import annotations

import marshal
from collections import defaultdict
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.writing import SegmentWriter

from newsarchive.search.postings import BulkCodec, Term, all_terms
from newsarchive.search.segment import column_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsarchive.search.schema import Posting

MOST_POSTINGS = 1_000_000
"""Postings held in memory before they are spilled to disk: about 130 MB."""


class _Pool:
    """Postings by field and term, the older ones in files ("runs") of the temporary storage."""

    def __init__(self, storage: Any) -> None:  # noqa: ANN401 - one of Whoosh's storages
        self._storage = storage
        self._fields: defaultdict[str, defaultdict[bytes, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._runs: list[str] = []
        self._held = 0

    def add_field(self, field: str, document: int, postings: Iterable[Posting]) -> int:
        """Take the postings of a document's field, which come after those of the documents before; how many words."""
        terms = self._fields[field]
        taken = words = 0
        for term, count, weight, value in postings:
            terms[term] += (document, weight, value)
            words += count
            taken += 1
        self._took(taken)
        return words

    def add_term(self, field: str, term: bytes, postings: Iterable[tuple[int, float, bytes]]) -> None:
        """Take postings of a term that come after those that were taken before."""
        held = self._fields[field][term]
        before = len(held)
        held += chain.from_iterable(postings)
        self._took((len(held) - before) // 3)

    def _took(self, postings: int) -> None:
        self._held += postings
        if self._held >= MOST_POSTINGS:
            self._spill()

    def terms(self) -> Iterator[Term]:
        """All terms in order. They are taken out of memory as they are given."""
        if not self._runs:
            yield from self._ordered()
            return
        # Runs stand in the order in which they were made, and merging keeps it: documents ascend here too.
        key = itemgetter(0, 1)
        for (field, term), group in groupby(merge(*map(self._read, self._runs), self._ordered(), key=key), key=key):
            yield field, term, [item for _, _, postings in group for item in postings]

    def cleanup(self) -> None:
        """Remove the runs."""
        for name in self._runs:
            self._storage.delete_file(name)
        self._runs.clear()

    def _ordered(self) -> Iterator[Term]:
        for field in sorted(self._fields):
            terms = self._fields.pop(field)
            for term in sorted(terms):
                yield field, term, terms.pop(term)

    def _spill(self) -> None:
        name = f"{len(self._runs)}.run"
        with self._storage.create_file(name) as file:
            self._runs.append(name)
            for run in self._ordered():
                marshal.dump(run, file.raw_file())
        self._held = 0

    def _read(self, name: str) -> Iterator[Term]:
        with Path(self._storage.folder, name).open("rb") as file:
            while True:
                try:
                    yield marshal.load(file)  # noqa: S302 - this very process wrote it
                except EOFError:
                    return


class BatchWriter(SegmentWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Writes one segment; used as its base class is."""

    def __init__(self, index: Any, **options: Any) -> None:  # noqa: ANN401 - Whoosh's index and options
        super().__init__(index, codec=BulkCodec(), **options)
        self.pool = _Pool(self._tempstorage)

    def add_document(self, **values: Any) -> None:  # noqa: ANN401 - by field, see `schema.entry`
        """Take a document, as its base does; no field of ours is stored, boosted, spelled or has vectors."""
        self.perdocwriter.start_doc(self.docnum)
        for name in sorted(name for name in values if not name.startswith("_")):
            field, value = self.schema[name], values[name]
            words = self.pool.add_field(name, self.docnum, field.index(value)) if field.indexed else 0
            self.perdocwriter.add_field(name, field, None, words if field.scorable else 0)
            if field.column_type:
                column_value = field.to_column_value(values.get(f"_stored_{name}", value))
                self.perdocwriter.add_column_value(name, field.column_type, column_value)
        self.perdocwriter.finish_doc()
        self._added = True
        self.docnum += 1

    def add_postings_to_pool(self, reader: Any, startdoc: int, docmap: dict[int, int] | None) -> None:  # noqa: ANN401 - a SegmentReader
        """Take the postings of a segment that is merged; `docmap` has the new numbers of the documents not deleted."""
        for field, term, documents, weights, values in all_terms(reader):
            now = (startdoc + document if docmap is None else docmap.get(document) for document in documents)
            columns = zip(now, weights, values, strict=True)
            kept = [(document, weight, value) for document, weight, value in columns if document is not None]
            if kept:
                self.pool.add_term(field, term, kept)

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        reader = self.per_document_reader()

        def lengths(field: str) -> bytes | None:
            scorable = self.schema[field].scorable
            return column_bytes(reader, f"_{field}_len", LENGTHS_COLUMN, b"\0") if scorable else None

        self.fieldwriter.add_terms(self.pool.terms(), lengths)
        self.fieldwriter.close()
        reader.close()
