"""Which engine? An index says itself what made it; whoever begins one says what is to make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.errors import IndexMissing, IntegrityError, MissingExtra
from newsarchive.search import folders, stamps

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newsarchive.search.engine import EngineName, Writer
    from newsarchive.search.engine import Searcher as AnySearcher


def require_engine(name: EngineName) -> None:
    """Make sure that an engine can be used.

    Raises:
        MissingExtra: its library is not installed; the tip says how to install it.
    """
    if name == "tantivy":
        from newsarchive.search.tantivy_engine.library import library  # noqa: PLC0415 - an extra

        library()


def Searcher(  # noqa: N802 - it stands for the class of the engine that made the index
    folder: Path, *, generation: str | None = None, hidden: frozenset[str] = frozenset()
) -> AnySearcher:
    """Open the index in a folder, as it stands now; articles whose ids are hidden answer no question.

    Raises:
        IndexMissing: none stands there, or one of another version or another store.
        IntegrityError: its files are damaged.
        MissingExtra: the library that made it is not installed.
    """
    if stamps.require(folder, generation=generation).engine == "tantivy":
        from newsarchive.search.tantivy_engine.searcher import Searcher as TantivySearcher  # noqa: PLC0415 - an extra

        return TantivySearcher(folder, generation=generation, hidden=hidden)
    from newsarchive.search.native.searcher import Searcher as OwnSearcher  # noqa: PLC0415 - loaded with the first question

    return OwnSearcher(folder, generation=generation, hidden=hidden)


class IndexWriter:
    """Makes the one writer of an index folder; see `newsarchive.search.engine.Writer`."""

    @staticmethod
    def create(folder: Path, *, generation: str, engine: EngineName = "whoosh", memory: int | None = None) -> Writer:
        """Begin an empty index, in place of what stands in the folder. It has no stamp before the first commit.

        Args:
            folder: where its files are; made where it does not exist.
            generation: which store of articles it is made from.
            engine: what makes it.
            memory: bytes that articles may take in memory while they become a segment; tantivy has its own measure.

        Raises:
            ArchiveLocked: another process writes to this index.
            MissingExtra: the engine's library is not installed.
        """
        if engine == "tantivy":
            from newsarchive.search.tantivy_engine.writer import IndexWriter as TantivyWriter  # noqa: PLC0415 - an extra

            return TantivyWriter.create(folder, generation=generation)
        from newsarchive.search.native.writer import MEMORY as OWN_MEMORY  # noqa: PLC0415 - loaded with the first batch
        from newsarchive.search.native.writer import IndexWriter as OwnWriter  # noqa: PLC0415 - as above

        return OwnWriter.create(folder, generation=generation, memory=memory or OWN_MEMORY)

    @staticmethod
    def open(folder: Path, *, generation: str, memory: int | None = None) -> Writer:
        """Go on with an index, by the engine that made it; `memory` as for `create`.

        Raises:
            IndexMissing: none stands there, or one of another version or another store.
            ArchiveLocked: another process writes to this index.
            IntegrityError: its files are damaged.
            MissingExtra: the engine's library is not installed.
        """
        if stamps.require(folder, generation=generation).engine == "tantivy":
            from newsarchive.search.tantivy_engine.writer import IndexWriter as TantivyWriter  # noqa: PLC0415 - an extra

            return TantivyWriter.open(folder, generation=generation)
        from newsarchive.search.native.writer import MEMORY as OWN_MEMORY  # noqa: PLC0415 - loaded with the first batch
        from newsarchive.search.native.writer import IndexWriter as OwnWriter  # noqa: PLC0415 - as above

        return OwnWriter.open(folder, generation=generation, memory=memory or OWN_MEMORY)


def forget(folder: Path, ids: Iterable[str], *, generation: str) -> bool:
    """Take documents out of an index so that none of its files holds their words; what they are is not changed else.

    An index whose library is not installed is removed whole, since its files hold the words all the same.

    Returns:
        Whether that was done; False where there is no index of this store that could be opened: nothing of it is used.

    Raises:
        ArchiveLocked: another process writes to this index.
    """
    seen = stamps.stamp(folder)
    if seen is None:
        return False
    try:
        with IndexWriter.open(folder, generation=generation) as writer:
            writer.apply(deletes=ids, revision=seen.revision)
            writer.compact()
    except (IndexMissing, IntegrityError):
        return False
    except MissingExtra:
        _remove(folder)
        return False
    return True


def _remove(folder: Path) -> None:
    lock = folders.lock(folder)
    try:
        stamps.remove(folder)
        folders.clear(folder)
    finally:
        lock.release()
