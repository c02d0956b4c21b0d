"""The index of an opened archive, opened once for many questions, and anew when it or what is hidden has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.search.engine import Searcher


class Searching:
    """Hands out the searcher of an archive. What it has decoded serves the next question."""

    def __init__(self, holdings: Holdings) -> None:
        self.holdings = holdings
        self._searcher: Searcher | None = None
        self._key: tuple[tuple[int, ...] | None, frozenset[str]] | None = None

    def hidden(self) -> frozenset[str]:
        """The ids of articles that are opted out, withdrawn or not to be searched for."""
        return self.holdings.barring.hidden(self.holdings.database)

    def searcher(self, hidden: frozenset[str]) -> Searcher:
        """A searcher of the index as it stands now.

        Raises:
            IndexMissing: the index is absent or of another version.
            IntegrityError: its files are damaged.
        """
        from newsarchive.search import Searcher, stamped_at  # noqa: PLC0415 - a query that cannot be read needs no engine

        folder = self.holdings.index_folder
        key = (stamped_at(folder), hidden)
        if self._searcher is None or key != self._key:
            # The one before is not closed: somebody may still be reading its answers.
            self._searcher = Searcher(folder, generation=self.holdings.database.generation, hidden=hidden)
            self._key = key
        return self._searcher

    def close(self) -> None:
        """Let go of the index: a mapped file keeps its disk busy. Calling it twice does no harm."""
        if self._searcher is not None:
            self._searcher.close()
            self._searcher = None
