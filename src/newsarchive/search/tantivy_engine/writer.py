"""Writing the index: a batch of changes is one commit of the library, and a commit is all or nothing.

The library keeps its segments in the folder `tantivy` within the index folder. Every commit is made through an index
that is opened for it: an index object that lives on holds on to the segments it has seen, so that nobody removes files
that merging has replaced (one archive's index grew from 93 MB to 18 GB so, paperless-ngx issue 13679).
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import NewsarchiveError
from newsarchive.search import folders, stamps
from newsarchive.search.tantivy_engine.clusters import assigned
from newsarchive.search.tantivy_engine.entries import Entry, entry_of, library_document
from newsarchive.search.tantivy_engine.fields import FOLDER, RECORD, create_index, open_index
from newsarchive.search.tantivy_engine.library import is_panic, library, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from newsarchive.search.document import Document

_BATCH_MEMORY: Final = 64_000_000
_BUILD_MEMORY: Final = 256_000_000
"""Bytes that the library may hold of words before it writes a segment."""
_BUILD_BATCH: Final = 20_000
"""Documents per commit of a build."""


class IndexWriter:
    """The one writer of an index folder; see `newsarchive.search.engine.Writer`."""

    def __init__(self, folder: Path, lock: folders.Lock, *, generation: str) -> None:
        self._folder = folder
        self._lock = lock
        self._generation = generation
        self._dirty = False

    @classmethod
    def create(cls, folder: Path, *, generation: str) -> Self:
        """Begin an empty index, in place of what stands in the folder. It has no stamp before the first commit.

        Raises:
            ArchiveLocked: another process writes to this index.
            MissingExtra: tantivy is not installed.
        """
        library()
        lock = folders.lock(folder)
        try:
            stamps.remove(folder)
            folders.clear(folder)
            (folder / FOLDER).mkdir()
            create_index(folder)
        except BaseException:
            lock.release()
            raise
        return cls(folder, lock, generation=generation)

    @classmethod
    def open(cls, folder: Path, *, generation: str) -> Self:
        """Go on with an index.

        Raises:
            IndexMissing: none stands there, or one of another version, engine or store.
            ArchiveLocked: another process writes to this index.
            IntegrityError: its files are damaged.
            MissingExtra: tantivy is not installed.
        """
        library()
        stamps.require(folder, generation=generation, engine="tantivy")
        lock = folders.lock(folder)
        try:
            # Again: before the lock, somebody may have begun it anew.
            stamps.require(folder, generation=generation, engine="tantivy")
            with reading(folder):
                open_index(folder).searcher()
                _collect(folder)
        except BaseException:
            lock.release()
            raise
        return cls(folder, lock, generation=generation)

    def close(self) -> None:
        """Let go of the lock. Calling it twice does no harm."""
        if self._lock.is_held and self._dirty:
            with suppress(Exception):  # files that are left behind are removed by the next writer
                _collect(self._folder)
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
            self._put(batch, gone, _BATCH_MEMORY)
        self._stamp(revision)

    def build(self, documents: Iterable[Document], *, revision: int, workers: int = 1) -> int:  # noqa: ARG002 - one thread does
        """Put many documents in, some at a time, and write the stamp at the very end; how many there were."""
        waiting = iter(documents)
        count = 0
        while chunk := list(islice(waiting, _BUILD_BATCH)):
            count += len(chunk)
            self._put({document.id: document for document in chunk}, set(), _BUILD_MEMORY)
        self._stamp(revision)
        return count

    def compact(self) -> None:
        """Write anew all segments that hold deleted documents, so that their words are gone from the files.

        The library merges as it sees fit and cannot be asked to; a segment of which every document was deleted is
        dropped whole. So the documents that are left in such segments are put in again, from their records.
        """
        with reading(self._folder):
            searcher = open_index(self._folder).searcher()
            moving = list(_beside_deleted(self._folder, searcher))
        if moving:
            with self._commit(_BUILD_MEMORY) as commit:
                for address in moving:
                    entry = Entry.of_record(searcher.doc(address).get_first(RECORD))
                    commit.delete(entry.id)
                    commit.add(entry)
        del searcher
        _collect(self._folder)

    def _put(self, batch: dict[str, Document], gone: set[str], memory: int) -> None:
        with self._commit(memory) as commit:
            for text in gone | batch.keys():
                commit.delete(text)
            entries: list[Entry] = []
            for document in batch.values():
                commit.what = f"article {document.id}"
                entries.append(entry_of(document))
            commit.what = "a batch of changes"
            for entry in assigned(commit.searcher, entries, gone):
                commit.add(entry)

    def _stamp(self, revision: int) -> None:
        stamps.write(self._folder, stamps.Stamp(self._generation, revision, "tantivy"))

    @contextmanager
    def _commit(self, memory: int) -> Iterator[_Commit]:
        """What is done in the block is committed at its end, or nothing of it is."""
        commit = None
        try:
            commit = _Commit(self._folder, memory)
            yield commit
            commit.what = "a batch of changes"
            commit.finish()
        except BaseException as error:
            if commit is not None:
                commit.cancel()
                with suppress(Exception):
                    _collect(self._folder)
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            what = commit.what if commit else "a batch of changes"
            message = f"{self._folder}: {what} could not be indexed: {type(error).__name__}: {error}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip) from error
        finally:
            self._dirty = True


class _Commit:
    """The library's writer, for one commit."""

    def __init__(self, folder: Path, memory: int) -> None:
        index = open_index(folder)
        self.what = "a batch of changes"
        """What is being done, for messages."""
        self.searcher = index.searcher()
        """Sees the index as it was before."""
        self._writer = index.writer(memory, 1)

    def delete(self, text: str) -> None:
        """Take a document out, if there is one."""
        self._writer.delete_documents_by_term("id", text)

    def add(self, entry: Entry) -> None:
        """Put a document in."""
        self.what = f"article {entry.id}"
        self._writer.add_document(library_document(entry))

    def finish(self) -> None:
        """Commit, and wait for the merges that it has begun."""
        self._writer.commit()
        self.searcher = None  # it would hold on to the segments that merging replaces
        self._writer.wait_merging_threads()

    def cancel(self) -> None:
        """Drop what was not committed."""
        # Whatever a half-written batch makes of the writer, its failure must not hide the first one.
        with suppress(Exception):
            self._writer.rollback()
        with suppress(Exception):
            self._writer.wait_merging_threads()


def _collect(folder: Path) -> None:
    """Remove files that no commit stands on, such as those of merged segments and of a writer that was killed.

    The library names what it deletes by the number of the commit and refuses to write over a file: what a killed writer
    has left behind would be in the way of every later one.
    """
    for path in (folder / FOLDER).glob(".tmp*"):  # a list that was to replace an older one; nothing names it
        path.unlink(missing_ok=True)
    writer = open_index(folder).writer(_BATCH_MEMORY, 1)
    writer.garbage_collect_files()
    writer.wait_merging_threads()


def _beside_deleted(folder: Path, searcher: Any) -> Iterator[Any]:  # noqa: ANN401 - a tantivy.Searcher
    """The addresses of all documents of segments that hold deleted documents.

    The library does not say which of its segments a number stands for; segments of as many documents as one that holds
    deleted ones are taken along.
    """
    meta = json.loads((folder / FOLDER / "meta.json").read_text(encoding="utf-8"))
    deleted = [(one["max_doc"], (one["deletes"] or {}).get("num_deleted_docs", 0)) for one in meta["segments"]]
    sizes = {most - gone for most, gone in deleted if gone}
    if not sizes:
        return
    by_segment: defaultdict[int, list[Any]] = defaultdict(list)
    for _, address in searcher.search(library().Query.all_query(), max(1, searcher.num_docs)).hits:
        by_segment[address.segment_ord].append(address)
    for addresses in by_segment.values():
        if len(addresses) in sizes:
            yield from addresses
