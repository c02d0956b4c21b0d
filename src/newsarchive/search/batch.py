"""Whoosh's segment writer with two slow places replaced; the files it writes are the same.

Per posting, stock Whoosh adds up its size in memory, and reads the length of its document's field
from a file. Here postings are counted, and lengths are read once per field.
"""

from __future__ import annotations

from typing import Any

from whoosh.externalsort import SortingPool
from whoosh.writing import PostingPool, SegmentWriter

MOST_POSTINGS = 1_000_000
"""Postings held in memory before they are sorted and spilled to disk: about 180 MB."""


class _Pool(PostingPool):  # type: ignore[misc]  # Whoosh has no type information
    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take (field, term, document, weight, value)."""
        self.fieldnames.add(item[0])
        self.current.append(item)
        if len(self.current) >= MOST_POSTINGS:
            SortingPool.save(self)


class _Lengths:
    """Looks up how many words a document's field has, while postings are written."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - one of Whoosh's per-document readers
        self._reader = reader
        self._known: dict[str, list[int]] = {}

    def doc_field_length(self, document: int, field: str) -> int:
        known = self._known.get(field)
        if known is None:
            known = [self._reader.doc_field_length(at, field) or 0 for at in range(self._reader.doc_count_all())]
            self._known[field] = known
        return known[document]

    def close(self) -> None:
        self._reader.close()


class BatchWriter(SegmentWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Writes one segment; used as its base class is."""

    def __init__(self, index: Any, **options: Any) -> None:  # noqa: ANN401 - Whoosh's index and options
        super().__init__(index, **options)
        self.pool = _Pool(self._tempstorage, self.newsegment)

    def per_document_reader(self) -> Any:  # noqa: ANN401 - read by Whoosh's field writer
        """What the field writer asks for lengths."""
        return _Lengths(super().per_document_reader())
