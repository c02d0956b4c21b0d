"""Asking the index. A searcher sees the index as it was when it was opened; open one per question and thread.

The order of an answer is the same each time: equal scores stand newest first, equal times by id.
"""

from __future__ import annotations

from heapq import nlargest
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from newsarchive.errors import UsageError
from newsarchive.search import stamps
from newsarchive.search.engine import Answer, Found, Sort
from newsarchive.search.evaluate import Ranking, Scores, evaluate
from newsarchive.search.files import DurableStorage
from newsarchive.search.index import damaged, open_index
from newsarchive.search.schema import LONGEST_ID, UNKNOWN_TIME
from newsarchive.search.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from newsarchive.models.query import Query

_TOLD_EVERY = 10_000


class _Row(NamedTuple):
    """A document in the order of the answer: the smallest comes first."""

    first: float
    second: int
    id: bytes
    score: float


class Searcher:
    """Reads an index. A context manager; not to be shared between threads."""

    def __init__(self, folder: Path, *, generation: str | None = None, hidden: frozenset[str] = frozenset()) -> None:
        """Open the index in a folder, as it stands now; articles whose ids are hidden answer no question.

        Raises:
            IndexMissing: none stands there, or one of another version or another store.
            IntegrityError: its files are damaged.
        """
        self.stamp = stamps.require(folder, generation=generation)
        self._folder = folder
        self._closed = False
        index = open_index(DurableStorage(folder))
        try:
            self._reader = index.reader()
        except Exception as error:  # damaged files raise errors of any kind
            raise damaged(folder, error) from error
        self._segments = tuple(Segment(leaf) for leaf, _ in self._reader.leaf_readers() if leaf.doc_count_all())
        self._hidden = hidden

    def close(self) -> None:
        """Let go of the files."""
        if not self._closed:
            self._closed = True
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return sum(segment.size - len(segment.deleted) for segment in self._segments)

    def ids(self) -> list[str]:
        """The ids of all articles, sorted; one that is there twice stands twice.

        Raises:
            IntegrityError: the index is damaged.
        """
        try:
            found = [
                segment.id(document)
                for segment in self._segments
                for document in range(segment.size)
                if document not in segment.deleted
            ]
        except Exception as error:  # damaged files raise errors of any kind
            raise damaged(self._folder, error) from error
        return sorted(found)

    def read_through(self) -> Iterator[int]:
        """Read every posting list and column; gives now and then how many lists were read.

        Raises:
            IntegrityError: the index is damaged.
        """
        try:
            beats = chain.from_iterable(segment.read_through() for segment in self._segments)
            for lists, _ in enumerate(beats, start=1):
                if lists % _TOLD_EVERY == 0:
                    yield lists
        except Exception as error:  # damaged files raise errors of any kind
            raise damaged(self._folder, error) from error

    def search(self, query: Query, *, sort: Sort = "relevance", limit: int = 20, offset: int = 0) -> Answer:
        """The articles from place `offset` on, at most `limit`, and the exact number of all that answer.

        Raises:
            IntegrityError: the index is damaged.
        """
        scores = self._evaluate(query, ranked=sort == "relevance")
        rows = self._rows(scores, sort, most=offset + limit)
        found = tuple(_found(row) for row in rows[offset : offset + limit])
        return Answer(total=sum(map(len, scores)), found=found)

    def count(self, query: Query) -> int:
        """How many articles answer."""
        return sum(map(len, self._evaluate(query, ranked=False)))

    def count_hidden(self, query: Query) -> int:
        """How many articles would answer that are hidden."""
        if not self._hidden:
            return 0
        every = (evaluate(query, segment, None) for segment in self._segments)
        return sum(map(len, every)) - self.count(query)

    def scan(self, query: Query, *, sort: Sort = "relevance") -> Iterator[Found]:
        """All articles that answer, in order. It holds about 200 bytes per article, no texts."""
        rows = self._rows(self._evaluate(query, ranked=sort == "relevance"), sort, most=None)
        yield from map(_found, rows)

    def _evaluate(self, query: Query, *, ranked: bool) -> list[Scores]:
        ranking = Ranking(self._segments) if ranked else None
        try:
            return [self._shown(evaluate(query, segment, ranking), segment) for segment in self._segments]
        except (RecursionError, UsageError):
            raise
        except Exception as error:  # damaged files raise errors of any kind
            raise damaged(self._folder, error) from error

    def _shown(self, found: Scores, segment: Segment) -> Scores:
        if not self._hidden:
            return found
        return {at: score for at, score in found.items() if segment.id(at) not in self._hidden}

    def _rows(self, scores: list[Scores], sort: Sort, *, most: int | None) -> list[_Row]:
        """The rows in order; only the first `most` are needed."""
        make = {"relevance": _by_score, "newest": _by_time, "oldest": _by_time}[sort]
        rows: list[_Row] = []
        least = _least(scores, most) if sort == "relevance" else None
        for segment, found in zip(self._segments, scores, strict=True):
            wanted = (
                found if least is None else {document: score for document, score in found.items() if score >= least}
            )
            rows += make(segment, wanted, oldest=sort == "oldest")
        rows.sort()
        return rows


def _least(scores: list[Scores], most: int | None) -> float | None:
    """The score below which no row is needed. Spares most rows their making."""
    if most is None or not most:
        return None
    best = nlargest(most, (score for found in scores for score in found.values()))
    return best[-1] if best else None


def _by_score(segment: Segment, found: Scores, **_how: Any) -> list[_Row]:  # noqa: ANN401 - shared call with _by_time
    times, ids = segment.times("published"), segment.ids
    return [
        _Row(-score, -times[at], ids[at * LONGEST_ID : (at + 1) * LONGEST_ID], score) for at, score in found.items()
    ]


def _by_time(segment: Segment, found: Scores, *, oldest: bool) -> list[_Row]:
    times, ids = segment.times("published"), segment.ids
    sign = 1 if oldest else -1
    return [
        # What is not known comes last either way.
        _Row(float(times[at] == UNKNOWN_TIME), sign * times[at], ids[at * LONGEST_ID : (at + 1) * LONGEST_ID], 0.0)
        for at in found
    ]


def _found(row: _Row) -> Found:
    return Found(row.id.rstrip(b"\0").decode("ascii"), row.score)
