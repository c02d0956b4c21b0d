"""Writing the index: a batch of changes is one commit, and a commit is all or nothing.

The index is a cache of the stored articles. It may be behind them (after a crash), never ahead in its stamp; whoever
writes asks the stamp for its revision and applies what changed since. Applying a change twice does no harm.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from newsarchive.durable import naming
from newsarchive.errors import ArchiveLocked, IntegrityError, NewsarchiveError
from newsarchive.search import folders, schema, stamps
from newsarchive.search.batch import BatchWriter
from newsarchive.search.files import DurableStorage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from newsarchive.search.document import Document

MOST_SEGMENTS = 12
"""Segments that are left as they are; each costs every query about 2 ms."""
BUILD_BATCH = 20_000
"""Documents per commit of a build: one segment."""
_LOCK = "MAIN_WRITELOCK"
_STRAY = re.compile(r"_MAIN_\d+\.toc\..+|MAIN\.tmp")


class IndexWriter:
    """The one writer of an index folder, for as long as it is open. A context manager.

    `create` starts an index anew, `open` goes on with one. Readers are never in the way, nor disturbed.
    """

    def __init__(self, storage: DurableStorage, lock: Any, index: Any, *, generation: str) -> None:  # noqa: ANN401 - Whoosh's lock and index
        self._storage = storage
        self._lock = lock
        self._index = index
        self._generation = generation

    @classmethod
    def create(cls, folder: Path, *, generation: str) -> Self:
        """Begin an empty index, in place of what stands in the folder. It has no stamp before the first commit.

        Raises:
            ArchiveLocked: another process writes to this index.
        """
        storage, lock = _locked(folder)
        try:
            with naming(folder):
                stamps.remove(folder)
                folders.clear(folder)
                index = FileIndex.create(storage, schema.make())
        except BaseException:
            lock.release()
            raise
        return cls(storage, lock, index, generation=generation)

    @classmethod
    def open(cls, folder: Path, *, generation: str) -> Self:
        """Go on with an index.

        Raises:
            IndexMissing: none stands there, or one of another version or another store.
            ArchiveLocked: another process writes to this index.
            IntegrityError: its files are damaged.
        """
        stamps.require(folder, generation=generation)
        storage, lock = _locked(folder)
        try:
            stamps.require(folder, generation=generation)  # again: before the lock, somebody may have begun it anew
            _remove(folder, _STRAY)
            index = open_index(storage)
        except BaseException:
            lock.release()
            raise
        return cls(storage, lock, index, generation=generation)

    def close(self) -> None:
        """Let go of the lock. Calling it twice does no harm."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

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
            self._commit(batch, gone)
        stamps.write(self._storage.path, stamps.Stamp(self._generation, revision))

    def build(self, documents: Iterable[Document], *, revision: int) -> int:
        """Put many documents in, some at a time, and write the stamp at the very end.

        Returns:
            How many documents there were.
        """
        waiting = iter(documents)
        count = 0
        while chunk := list(islice(waiting, BUILD_BATCH)):
            count += len(chunk)
            self._commit({document.id: document for document in chunk}, set())
        self.apply(revision=revision)
        return count

    def compact(self) -> None:
        """Merge all segments into one, so that deleted documents are gone from the files as well."""
        self._write({}, set(), optimize=True)

    def _commit(self, batch: dict[str, Document], gone: set[str]) -> None:
        self._write(batch, gone, mergetype=merge_policy)

    def _write(self, batch: dict[str, Document], gone: set[str], **how: Any) -> None:  # noqa: ANN401 - Whoosh's options of commit
        what = "a batch of changes"
        writer = None
        try:
            writer = BatchWriter(self._index, _lk=False)
            if writer.segments:
                _delete(writer, gone | batch.keys())
            for document in batch.values():
                what = f"article {document.id}"
                writer.add_document(**schema.entry(document))
            what = "a batch of changes"
            writer.commit(**how)
        except BaseException as error:
            if writer is not None:
                _cancel(writer)
            if not isinstance(error, Exception):
                raise
            message = f"{self._storage.path}: {what} could not be indexed: {type(error).__name__}: {error}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip) from error


def _locked(folder: Path) -> tuple[DurableStorage, Any]:
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
        storage = DurableStorage(folder)
        lock = storage.lock(_LOCK)
        is_free = lock.acquire(blocking=False)
    if not is_free:
        message = f"{folder}: another process is writing to the search index"
        raise ArchiveLocked(message, tip="wait until it has finished, or look for a crawl that still runs")
    return storage, lock


def _delete(writer: BatchWriter, ids: Iterable[str]) -> None:
    reader = writer.reader()
    try:
        for text in ids:
            if ("id", text) in reader:
                for document in list(reader.postings("id", text).all_ids()):
                    writer.delete_document(document)
    finally:
        reader.close()


def _cancel(writer: BatchWriter) -> None:
    """Drop what was not committed. Its files are removed by the next commit."""
    # Whatever a half-written batch makes of the writer, its failure must not hide the first one.
    with suppress(Exception):
        writer.cancel()


def merge_policy(writer: BatchWriter, segments: list[Any]) -> list[Any]:
    """Once there are many segments, merge the small ones until each of the rest is larger than all below it.

    A document is so rewritten about log2(articles / batch) / `MOST_SEGMENTS` times in its life.
    """
    if len(segments) < MOST_SEGMENTS:
        return segments
    ordered = sorted(segments, key=lambda segment: segment.doc_count_all())
    total = writer.doc_count()
    while ordered and ordered[0].doc_count_all() <= max(total, 1) * 2:
        segment = ordered.pop(0)
        total += segment.doc_count_all()
        reader = SegmentReader(writer.storage, writer.schema, segment)
        try:
            writer.add_reader(reader)
        finally:
            reader.close()
    return ordered


def open_index(storage: DurableStorage) -> Any:  # noqa: ANN401 - a whoosh.index.FileIndex
    """Open an index whose stamp was seen.

    Raises:
        IntegrityError: its files are missing or damaged.
    """
    tries = 5
    while True:
        tries -= 1
        try:
            return FileIndex(storage, schema=schema.make())
        except FileNotFoundError as error:
            # A commit replaced the table of contents between listing the folder and opening it.
            if not tries:
                raise damaged(storage.path, error) from error
        except Exception as error:  # damaged pickles raise errors of any kind
            raise damaged(storage.path, error) from error


def damaged(folder: Path, error: Exception) -> IntegrityError:
    """The error for an index that cannot be read."""
    message = f"{folder}: the search index is damaged: {type(error).__name__}: {error}"
    return IntegrityError(message, tip="newsarchive rebuild makes it anew from the stored articles")


def _remove(folder: Path, pattern: re.Pattern[str]) -> None:
    for path in folder.iterdir():
        if pattern.fullmatch(path.name):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
