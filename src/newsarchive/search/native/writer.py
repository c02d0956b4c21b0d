"""Writing the index: a batch of changes is one commit, and a commit is all or nothing.

The index is a cache of the stored articles. It may be behind them (after a crash), never ahead in its stamp; whoever
writes asks the stamp for its revision and applies what changed since. Applying a change twice does no harm.

A commit: new segments are written and synced, small ones merged, then the table of contents takes its new name, and
with it all of that counts at once. What a killed writer leaves are files that no table of contents names.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from whoosh.index import TOC, clean_files

from newsarchive.durable import naming
from newsarchive.errors import NewsarchiveError
from newsarchive.search import folders, stamps
from newsarchive.search.files import DurableStorage
from newsarchive.search.native import layout, stock_schema, toc
from newsarchive.search.native.build import write_segment
from newsarchive.search.native.codec import ArraySegment
from newsarchive.search.native.container import Container
from newsarchive.search.native.intake import Batch
from newsarchive.search.native.merge import Part, Size, merge, pack, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from newsarchive.search.document import Document

MEMORY: Final = 512 << 20
"""Bytes of memory that a load may take before it becomes a segment."""
_STRAY: Final = re.compile(r"_MAIN_\d+\.toc\..+|MAIN\.tmp")
_SEGMENT: Final = re.compile(r"(MAIN_(?!WRITELOCK)[0-9a-z]+)\..+")


class IndexWriter:
    """The one writer of an index folder, for as long as it is open. A context manager.

    `create` starts an index anew, `open` goes on with one. Readers are never in the way, nor disturbed.
    """

    def __init__(self, folder: Path, lock: folders.Lock, *, generation: str, memory: int) -> None:
        self._storage = DurableStorage(folder)
        self._folder = folder
        self._lock = lock
        self._generation = generation
        self._memory = memory
        self._commit_number = 0
        self._segments: list[ArraySegment] = []

    @classmethod
    def create(cls, folder: Path, *, generation: str, memory: int = MEMORY) -> Self:
        """Begin an empty index, in place of what stands in the folder. It has no stamp before the first commit.

        Args:
            folder: where its files are; made where it does not exist.
            generation: which store of articles it is made from.
            memory: bytes that documents may take in memory before they become a segment.

        Raises:
            ArchiveLocked: another process writes to this index.
        """
        lock = folders.lock(folder)
        try:
            with naming(folder):
                stamps.remove(folder)
                folders.clear(folder)
                TOC.create(DurableStorage(folder), stock_schema.make(), toc.INDEX_NAME)
        except BaseException:
            lock.release()
            raise
        return cls(folder, lock, generation=generation, memory=memory)

    @classmethod
    def open(cls, folder: Path, *, generation: str, memory: int = MEMORY) -> Self:
        """Go on with an index; the arguments are those of `create`.

        Raises:
            IndexMissing: none stands there, or one of another version or another store.
            ArchiveLocked: another process writes to this index.
            IntegrityError: its files are damaged.
        """
        stamps.require(folder, generation=generation)
        lock = folders.lock(folder)
        try:
            stamps.require(folder, generation=generation)  # again: before the lock, somebody may have begun it anew
            writer = cls(folder, lock, generation=generation, memory=memory)
            writer._load()
        except BaseException:
            lock.release()
            raise
        return writer

    def _load(self) -> None:
        found = toc.read(self._folder)
        self._commit_number = found.generation
        self._segments = [_segment(entry) for entry in found.entries]
        _remove(self._folder, _STRAY)
        self._remove_segments_but({entry.name for entry in found.entries})

    def close(self) -> None:
        """Let go of the lock. Calling it twice does no harm."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def apply(self, upserts: Iterable[Document] = (), deletes: Iterable[str] = (), *, revision: int) -> None:
        """Put documents in, replacing those of the same id, and take others out; then say so in the stamp.

        Where an id is put in twice, the last one counts; one that is put in and taken out is out.

        Raises:
            NewsarchiveError: a document could not be indexed or written; nothing of the batch was.
        """
        gone = set(deletes)
        batch = {document.id: document for document in upserts if document.id not in gone}
        if batch or gone:
            self._write(batch.values(), gone)
        stamps.write(self._folder, stamps.Stamp(self._generation, revision))

    def build(self, documents: Iterable[Document], *, revision: int) -> int:
        """Put many documents in, in one commit, and write the stamp at the very end.

        Returns:
            How many documents there were.
        """
        count = self._write(documents, set(), everything=True)
        self.apply(revision=revision)
        return count

    def compact(self) -> None:
        """Merge all segments into as few as may be, so that deleted documents are gone from the files as well."""
        self._write((), set(), everything=True)

    def _write(self, documents: Iterable[Document], gone: set[str], *, everything: bool = False) -> int:
        batch = _Change(self._folder, self._segments, self._memory)
        try:
            for document in documents:
                batch.add(document)
            batch.delete(gone)
            batch.merge(everything=everything)
            self._commit(batch.segments)
        except BaseException as error:
            self._remove_segments_but({segment.segment_id() for segment in self._segments})
            if not isinstance(error, Exception) or isinstance(error, NewsarchiveError):
                raise
            message = f"{self._folder}: {batch.what} could not be indexed: {type(error).__name__}: {error}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip) from error
        return batch.count

    def _commit(self, segments: list[ArraySegment]) -> None:
        number = self._commit_number + 1
        TOC(stock_schema.make(), segments, number).write(self._storage, toc.INDEX_NAME)
        self._commit_number, self._segments = number, segments
        clean_files(self._storage, toc.INDEX_NAME, number, segments)

    def _remove_segments_but(self, names: set[str]) -> None:
        for path in self._folder.iterdir():
            match = _SEGMENT.fullmatch(path.name)
            if match and match[1] not in names:
                path.unlink(missing_ok=True)


class _Change:
    """A batch of changes on its way: new files, and what the segments will be once it is committed."""

    def __init__(self, folder: Path, segments: Sequence[ArraySegment], memory: int) -> None:
        self._folder = folder
        self._memory = memory
        self._batch = Batch()
        self.segments = [_copy(segment) for segment in segments]
        self.count = 0
        self.what = "a batch of changes"
        """What is worked on, for a message."""
        self._numbers: dict[bytes, int] = {}
        """Where each document of the batch is in it."""
        self._twice: list[int] = []

    def add(self, document: Document) -> None:
        self.what = f"article {document.id}"
        number = len(self._batch)
        self._batch.add(document)
        key = self._batch.columns.ids[number]
        if key in self._numbers:
            self._twice.append(self._numbers[key])
        self._numbers[key] = number
        self.count += 1
        if self._batch.held >= self._memory or number + 1 >= layout.LARGEST_SEGMENT:
            self._flush()
        self.what = "a batch of changes"

    def _flush(self) -> None:
        """Make a segment of what was taken so far."""
        if not len(self._batch):
            return
        self._delete(list(self._numbers))
        segment = ArraySegment(toc.INDEX_NAME, len(self._batch))
        existing = [self._open(one) for one in self.segments]
        write_segment(self._batch, self._folder / segment.make_filename(toc.EXTENSION), existing)
        for number in self._twice:
            segment.delete_document(number)
        self.segments.append(segment)
        vocabulary = self._batch.vocabulary
        self._batch = Batch(vocabulary if vocabulary.held * 4 < self._memory else None)
        self._numbers, self._twice = {}, []

    def delete(self, gone: Iterable[str]) -> None:
        """Take documents out that were there before."""
        self._flush()
        self._delete([id_.encode() for id_ in gone if id_.isascii() and len(id_) <= layout.LONGEST_ID])

    def _delete(self, ids: list[bytes]) -> None:
        wanted = np.sort(np.array(ids, f"S{layout.LONGEST_ID}"))
        for segment in self.segments if len(wanted) else ():
            for number in documents_with(self._open(segment), wanted).tolist():
                segment.delete_document(number)

    def merge(self, *, everything: bool) -> None:
        """Merge segments: those that are due, or all of them."""
        self.segments = [segment for segment in self.segments if segment.doc_count()]
        sizes = [Size(segment.doc_count(), segment.doc_count_all()) for segment in self.segments]
        for group in pack(sizes) if everything else [plan(sizes)]:
            self._merge([self.segments[number] for number in group])

    def _merge(self, group: list[ArraySegment]) -> None:
        if not group or (len(group) == 1 and not group[0].has_deletions()):
            return
        parts = [Part(self._open(one), np.array(list(one.deleted_docs()), np.int64)) for one in group]
        merged = ArraySegment(toc.INDEX_NAME)
        merged.docs = merge(parts, self._folder / merged.make_filename(toc.EXTENSION))
        at = self.segments.index(group[0])
        self.segments.insert(at, merged)
        self.segments = [segment for segment in self.segments if segment not in group]

    def _open(self, segment: ArraySegment) -> Container:
        return Container.open(self._folder / segment.make_filename(toc.EXTENSION))


def documents_with(container: Container, ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The documents of a segment that have one of these ids; a few pages of it are read for each."""
    column, order = container["id"], container["id_order"]
    first = np.searchsorted(column, ids, side="left", sorter=order)
    last = np.searchsorted(column, ids, side="right", sorter=order)
    return order[layout.stretches(first, last - first)]


def _segment(entry: toc.Entry) -> ArraySegment:
    segment = ArraySegment(toc.INDEX_NAME)
    segid = entry.name.removeprefix(f"{toc.INDEX_NAME}_")
    state = {"indexname": toc.INDEX_NAME, "segid": segid, "docs": entry.docs, "deleted": entry.deleted.tobytes()}
    segment.__setstate__(state)
    return segment


def _copy(segment: ArraySegment) -> ArraySegment:
    twin = ArraySegment(toc.INDEX_NAME)
    twin.__setstate__(segment.__getstate__())
    return twin


def _remove(folder: Path, pattern: re.Pattern[str]) -> None:
    for path in folder.iterdir():
        if pattern.fullmatch(path.name):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
