"""Writing the index: a batch of changes is one commit, and a commit is all or nothing.

The index is a cache of the stored articles. It may be behind them (after a crash), never ahead in its stamp; whoever
writes asks the stamp for its revision and applies what changed since. Applying a change twice does no harm.

A commit: new segments are written and synced, small ones merged, then the table of contents takes its new name, and
with it all of that counts at once. What a killed writer leaves are files that no table of contents names.
"""

from __future__ import annotations

import re
import shutil
from contextlib import nullcontext, suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Self, TypeVar

import numpy as np
from whoosh.index import TOC, clean_files

from newsarchive.durable import naming
from newsarchive.errors import NewsarchiveError
from newsarchive.memory import give_back
from newsarchive.search import folders, stamps
from newsarchive.search.document import LONGEST_ID
from newsarchive.search.files import DurableStorage
from newsarchive.search.native import stock_schema, toc
from newsarchive.search.native import workers as workers_
from newsarchive.search.native.codec import ArraySegment
from newsarchive.search.native.container import Container
from newsarchive.search.native.formtables import has_tables
from newsarchive.search.native.joining import Part
from newsarchive.search.native.load import Load, Made, documents_with, new_name
from newsarchive.search.native.merge import Size, merge, pack, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from newsarchive.search.document import Document
    from newsarchive.search.native.layout import Array

_Result = TypeVar("_Result")
MEMORY: Final = 512 << 20
"""Bytes of memory that a load may take, all its processes together."""
_LARGE: Final = 20_000
"""Documents from which on processes that share a merge are worth their start."""
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
            memory: bytes that a load may take, about, all its processes together.

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
        kept = (document for document in upserts if document.id not in gone)
        first = tuple(islice(kept, 1))  # the others are taken as they come: a batch of texts is not held

        def change(index: _Change) -> None:
            index.put(chain(first, kept), memory=self._memory)
            index.delete(gone)

        if first or gone:
            self._write(change, everything=False)
        stamps.write(self._folder, stamps.Stamp(self._generation, revision))

    def build(self, documents: Iterable[Document], *, revision: int, workers: int = 1) -> int:
        """Put many documents in, in one commit, and write the stamp at the very end.

        Args:
            documents: what is put in; of equal ids the last one counts.
            revision: what the stamp says.
            workers: processes that share the work; more than one are worth their start from some thousand documents on.

        Returns:
            How many documents there were.

        Raises:
            NewsarchiveError: a document could not be indexed or written, or a worker was killed; nothing was committed.
        """

        def load(index: _Change) -> int:
            return index.load(documents, memory=self._memory, workers=workers)

        count = self._write(load, everything=True, workers=workers)
        self.apply(revision=revision)
        return count

    def compact(self) -> None:
        """Merge all segments into as few as may be, so that deleted documents are gone from the files as well."""
        self._write(lambda _: None, everything=True)

    def _write(self, how: Callable[[_Change], _Result], *, everything: bool, workers: int = 1) -> _Result:
        change = _Change(self._folder, self._segments)
        try:
            result = how(change)
            change.merge(everything=everything, workers=workers)
            self._commit(change.segments)
        except BaseException as error:
            # What counts is what the disk says: a renaming that failed may have come to pass all the same.
            with suppress(Exception):
                self._load()
            if not isinstance(error, Exception) or isinstance(error, NewsarchiveError):
                raise
            message = f"{self._folder}: {change.what} could not be indexed: {type(error).__name__}: {error}"
            tip = "nothing of this batch is in the index; mend the cause and run the command again"
            raise NewsarchiveError(message, tip=tip) from error
        return result

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

    def __init__(self, folder: Path, segments: Sequence[ArraySegment]) -> None:
        self._folder = folder
        self.segments = [_copy(segment) for segment in segments]
        self.what = "a batch of changes"
        """What is worked on, for a message."""

    def put(self, documents: Iterable[Document], *, memory: int) -> None:
        """Put documents in, in place of those of the same ids."""
        _, made = self._made_of(documents, memory, merged=False)
        self._take(made)

    def load(self, documents: Iterable[Document], *, memory: int, workers: int) -> int:
        """Put many documents in as `put` does, to be merged before they count; how many there were."""
        if workers > 1:
            count, made = workers_.load(documents, self._folder, memory, workers)
        else:
            count, made = self._made_of(documents, memory, merged=True)
        self._take(made)
        return count

    def _take(self, made: Iterable[Made]) -> None:
        new = [_made(one) for one in made]
        for segment in new:
            self._delete(np.sort(self._open(segment)["id"]))
        self.segments += new

    def _made_of(self, documents: Iterable[Document], memory: int, *, merged: bool) -> tuple[int, list[Made]]:
        load = Load(self._folder, memory, [self._open(segment) for segment in self.segments], merged=merged)
        count = 0
        try:
            for count, document in enumerate(documents, start=1):  # noqa: B007 - it is used after the loop
                load.add(document)
            load.finish()
        except Exception:
            self.what = load.working_on
            raise
        return count, load.made

    def delete(self, gone: Iterable[str]) -> None:
        """Take documents out."""
        ids = [id_.encode() for id_ in gone if id_.isascii() and len(id_) <= LONGEST_ID]
        if ids:
            self._delete(np.sort(np.array(ids, f"S{LONGEST_ID}")))

    def _delete(self, ids: Array) -> None:
        for segment in self.segments:
            for number in documents_with(self._open(segment), ids).tolist():
                segment.delete_document(number)

    def merge(self, *, everything: bool, workers: int) -> None:
        """Merge segments: those that are due, or all of them."""
        self.segments = [segment for segment in self.segments if segment.doc_count()]
        sizes = [Size(segment.doc_count(), segment.doc_count_all()) for segment in self.segments]
        chosen = pack(sizes) if everything else [plan(sizes)]
        groups = [group for numbers in chosen if self._needs_merge(group := [self.segments[at] for at in numbers])]
        waiting = set[ArraySegment]().union(*groups)
        for group in groups:
            give_back()  # a merge needs what the load, or the one before it, had
            self._merge(group, [one for one in self.segments if one not in waiting], workers)

    def _needs_merge(self, group: list[ArraySegment]) -> bool:
        if len(group) == 1:
            return group[0].has_deletions() or not has_tables(self._open(group[0]))
        return bool(group)

    def _merge(self, group: list[ArraySegment], others: list[ArraySegment], workers: int) -> None:
        """Make one segment of several; copies are looked for among others, those that are not merged later."""
        parts = [Part(self._open(one), np.array(list(one.deleted_docs()), np.int64)) for one in group]
        merged = _made(Made(new_name(), 0, []))
        is_large = workers > 1 and sum(part.container.docs for part in parts) >= _LARGE
        with workers_.sharing(parts, self._folder, workers) if is_large else nullcontext() as share:
            merged.docs = merge(
                parts, self._folder / merged.make_filename(toc.EXTENSION), [*map(self._open, others)], share
            )
        at = self.segments.index(group[0])
        self.segments.insert(at, merged)
        self.segments = [segment for segment in self.segments if segment not in group]

    def _open(self, segment: ArraySegment) -> Container:
        return Container.open(self._folder / segment.make_filename(toc.EXTENSION))


def _segment(entry: toc.Entry) -> ArraySegment:
    return _made(Made(entry.name, entry.docs, entry.deleted.tolist()))


def _made(made: Made) -> ArraySegment:
    segment = ArraySegment(toc.INDEX_NAME, made.docs)
    segment.segid = made.name.removeprefix(f"{toc.INDEX_NAME}_")
    for number in made.deleted:
        segment.delete_document(number)
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
