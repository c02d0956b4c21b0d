"""Our codec for Whoosh: segments that are containers of arrays.

Whoosh's own readers, matchers and searchers work on them, slowly, which is what the tests compare ours with; Whoosh's
own writer makes them, slowly. `writer.py` makes the same files in bulk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.codec import base

from newsarchive.search.native.container import Container
from newsarchive.search.native.toc import EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.search.native.stock_reading import ArrayDocuments, ArrayTerms
    from newsarchive.search.native.stock_writing import DocumentsWriter, TermsWriter


class ArraySegment(base.Segment):  # type: ignore[misc]  # Whoosh has no type information
    """A segment in the table of contents: a name, a number, and which documents are deleted. Its state is plain."""

    def __init__(self, indexname: str, docs: int = 0) -> None:
        super().__init__(indexname)
        self.docs = docs
        self._deleted: set[int] = set()
        self.parts: Any = None
        """What Whoosh's writer has of the segment before its file is written."""

    def __getstate__(self) -> dict[str, Any]:
        deleted = np.array(sorted(self._deleted), "<u4").tobytes()
        return {"indexname": self.indexname, "segid": self.segid, "docs": self.docs, "deleted": deleted}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.indexname = state["indexname"]
        self.segid = state["segid"]
        self.docs = state["docs"]
        self.compound = False
        self.parts = None
        self._deleted = set(np.frombuffer(state["deleted"], "<u4").tolist())

    def codec(self, **_options: Any) -> ArrayCodec:  # noqa: ANN401 - Whoosh's signature
        """The codec that reads it."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """It is one file already."""
        return False

    def set_doc_count(self, count: int) -> None:
        """Say how many documents it has."""
        self.docs = count

    def doc_count_all(self) -> int:
        """How many documents it has, the deleted ones included."""
        return self.docs

    def deleted_count(self) -> int:
        """How many are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterable[int]:
        """Which are deleted."""
        return iter(sorted(self._deleted))

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Mark a document as deleted, or take the mark away."""
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


class ArrayCodec(base.Codec):  # type: ignore[misc]  # Whoosh has no type information
    """Reads and writes `ArraySegment`s."""

    length_stats = False

    def per_document_writer(self, _storage: Any, segment: ArraySegment) -> DocumentsWriter:  # noqa: ANN401 - Whoosh's storage
        """Takes columns and lengths."""
        from newsarchive.search.native.stock_writing import DocumentsWriter  # noqa: PLC0415 - for Whoosh's writer alone

        return DocumentsWriter(segment)

    def field_writer(self, storage: Any, segment: ArraySegment) -> TermsWriter:  # noqa: ANN401 - Whoosh's storage
        """Takes postings, and writes the file."""
        from newsarchive.search.native.stock_writing import TermsWriter  # noqa: PLC0415 - as above

        return TermsWriter(Path(storage.folder), segment)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTerms:  # noqa: ANN401 - Whoosh's storage
        """Reads terms and postings."""
        from newsarchive.search.native.stock_reading import ArrayTerms  # noqa: PLC0415 - for Whoosh's readers alone

        return ArrayTerms(_container(storage, segment))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocuments:  # noqa: ANN401 - Whoosh's storage
        """Reads columns and lengths."""
        from newsarchive.search.native.stock_reading import ArrayDocuments  # noqa: PLC0415 - as above

        return ArrayDocuments(_container(storage, segment), segment)

    def new_segment(self, _storage: Any, indexname: str) -> ArraySegment:  # noqa: ANN401 - Whoosh's storage
        """A segment that is to be written."""
        return ArraySegment(indexname)


def _container(storage: Any, segment: ArraySegment) -> Container:  # noqa: ANN401 - Whoosh's storage
    return Container.open(Path(storage.folder) / segment.make_filename(EXTENSION))
