"""Asking the index: what `newsarchive.search.engine.Searcher` promises, on segments of arrays.

A searcher sees the index as it was when it was opened; open one per thread. What it has decoded it keeps for the next
question, up to a bound.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import NewsarchiveError
from newsarchive.search import stamps
from newsarchive.search.cursors import Place
from newsarchive.search.engine import Answer, Explanation, Found
from newsarchive.search.explaining import explained
from newsarchive.search.native import facets as facets_
from newsarchive.search.native import ordering, ranking, stages, suggest
from newsarchive.search.native.cache import Cache
from newsarchive.search.native.container import resident
from newsarchive.search.native.copying import Copies
from newsarchive.search.native.planning import Planner
from newsarchive.search.native.segment import Segment
from newsarchive.search.native.toc import damaged, open_segments
from newsarchive.search.native.view import View
from newsarchive.search.widening import widened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from newsarchive.models import query as q
    from newsarchive.search.engine import Form, Sort
    from newsarchive.search.native.evaluate import Plan
    from newsarchive.search.native.ordering import Row, Rows

_CACHED: Final = 160 << 20
"""Bytes of decoded postings that a searcher keeps: 8 for each article that has a word, up to 9 more with its places."""
_MAPPED: Final = 48 << 20
"""Bytes of mapped files in memory, beside those of others, beyond which a searcher gives the pages of its own back:
else one that was asked much would seem to hold all of an index (430 MB of a million articles after 200 questions)."""
_ALL: Final = 480 << 20
"""Bytes that the process must have in all as well: where there is room, pages that were read stay at hand."""
_LOOK_AFTER: Final = 1 << 20
"""Bytes of decoded postings after which it is looked at how much there is; a look takes 9 µs."""
_LOOKED_EVERY: Final = 16
"""Questions after which it is looked at as well. A question may map 100 MB, and one that decodes nothing new 10."""
_TOLD_EVERY: Final = 10_000


class Searcher:
    """Reads an index. A context manager; not to be shared between threads."""

    _segments: tuple[Segment, ...] = ()  # while it is opened, and where that fails

    def __init__(self, folder: Path, *, generation: str | None = None, hidden: frozenset[str] = frozenset()) -> None:
        """Open the index in a folder, as it stands now; articles whose ids are hidden answer no question.

        Raises:
            IndexMissing: none stands there, or one of another version or another store.
            IntegrityError: its files are damaged.
        """
        self.stamp = stamps.require(folder, generation=generation)
        self._folder = folder
        self._hidden = hidden
        with self._guarded():
            toc, containers = open_segments(folder)
            opened = zip(containers, toc.entries, strict=True)
            self._start(Segment(container, entry.deleted) for container, entry in opened)

    @classmethod
    def over(cls, segments: Iterable[Segment], *, hidden: frozenset[str] = frozenset()) -> Self:
        """A searcher over segments that somebody else opened, for those who measure and test; it has no stamp."""
        made = cls.__new__(cls)
        made._folder, made._hidden = Path(), hidden  # noqa: SLF001 - its own
        made._start(segments)  # noqa: SLF001 - its own
        return made

    def _start(self, segments: Iterable[Segment]) -> None:
        self._segments = tuple(segment for segment in segments if segment.size)
        ranking_ = ranking.Ranking(self._segments)
        self._cache = cache = Cache[Any](_CACHED)
        self._questions = self._looked = 0
        before = resident()
        self._mapped_by_others = before.mapped if before else 0
        self._copies = Copies()
        self._views = self._copies.views = tuple(
            View(number, segment, ranking_, cache, self._copies) for number, segment in enumerate(self._segments)
        )
        for view in self._views:
            view.hide(self._hidden)
        self._planner = Planner(self._segments, ranking_, cache)

    def close(self) -> None:
        """Let go of the files, at once. Calling it twice does no harm."""
        for view in self._views:
            view.close()
        self._start(())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return sum(segment.size - len(segment.deleted) for segment in self._segments)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What damaged files raise, errors of any kind, becomes an IntegrityError."""
        try:
            yield
        except (NewsarchiveError, RecursionError, ImportError):  # a package that is not there damages no index
            raise
        except Exception as error:
            raise damaged(self._folder, error) from error
        finally:
            for segment in self._segments:
                segment.forget()

    def ids(self) -> list[str]:
        """The ids of all articles, sorted; one that is there twice stands twice.

        Raises:
            IntegrityError: the index is damaged.
        """
        with self._guarded():
            return sorted(chain.from_iterable(segment.ids() for segment in self._segments))

    def read_through(self) -> Iterator[int]:
        """Read every posting list and column; gives now and then how many lists were read.

        Raises:
            IntegrityError: the index is damaged.
        """
        with self._guarded():
            beats = chain.from_iterable(segment.read_through() for segment in self._segments)
            for lists, _ in enumerate(beats, start=1):
                if lists % _TOLD_EVERY == 0:
                    yield lists

    def search(  # noqa: PLR0913 - the protocol's
        self,
        query: q.Query,
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        offset: int = 0,
        after: str | None = None,
        facets: Sequence[str] = (),
        most_values: int = 20,
        fold_copies: bool = False,
    ) -> Answer:
        """The articles that answer: at most `limit`, from place `offset` on or those that follow a cursor.

        See `newsarchive.search.engine.Searcher.search`.

        Raises:
            UsageError: a facet is not known, the cursor is of another order or no cursor, a word is too many words.
            IntegrityError: the index is damaged.
        """
        facets_.check(facets)
        place = None if after is None else Place.of(after, sort)
        with self._guarded():
            rows = self._rows(self._plan(query), sort)
            if facets or fold_copies:
                rows = [some.named() for some in rows]
            counted = facets_.count([(some.view, some.docs) for some in rows], facets, most_values) if facets else {}
            total = sum(some.total for some in rows)
            under: dict[tuple[int, int], int] = {}
            if fold_copies and rows:
                rows, under = self._copies.folded(rows)
            end = offset + limit
            page = ordering.best(rows, sort, end + 1, place) if limit else []
            found = tuple(_found(row, sort, under) for row in page[offset:end])
            next_ = page[end - 1].place.token(sort) if len(page) > end else None
            return Answer(total, found, next_, counted, folded=total - sum(some.total for some in rows))

    def _plan(self, query: q.Query) -> Plan:
        self._give_back()
        for view in self._views:
            view.question += 1
        return self._planner.plan(widened(query, self.languages))

    def _give_back(self) -> None:
        """Give back the pages of the files where much of them is in memory."""
        self._questions += 1
        decoded = self._cache.taken - self._looked
        if decoded < _LOOK_AFTER and self._questions % _LOOKED_EVERY:
            return
        now = resident()
        if now is None:  # nobody tells: then pages are given back after so many bytes of postings
            if decoded > _MAPPED:
                self._release()
            return
        self._looked = self._cache.taken
        # What others have mapped may be gone since, and others may have mapped more.
        self._mapped_by_others = min(self._mapped_by_others, now.mapped)
        if now.all > _ALL and now.mapped - self._mapped_by_others > _MAPPED:
            self._release()

    def _release(self) -> None:
        self._looked = self._cache.taken
        for segment in self._segments:
            segment.release()
        left = resident()
        self._mapped_by_others = left.mapped if left else 0

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of its articles, as the index holds them."""
        return frozenset(language for segment in self._segments for language in segment.values["language"])

    def _rows(self, plan: Plan, sort: Sort) -> list[Rows]:
        rows: list[Rows] = []
        for view in self._views:
            if sort == "relevance":
                rows.append(ordering.ranked(view, plan.ranked(view)))
            else:
                rows.append(ordering.rows_of(view, view.shown(plan.find(view, None)), sort))
        return stages.improved(plan, rows) if sort == "relevance" else rows

    def count(self, query: q.Query) -> int:
        """How many articles answer."""
        with self._guarded():
            plan = self._plan(query)
            return sum(len(view.shown(plan.find(view, None))) for view in self._views)

    def count_hidden(self, query: q.Query) -> int:
        """How many articles would answer that are hidden."""
        if not self._hidden:
            return 0
        with self._guarded():
            plan = self._plan(query)
            return sum(view.count_hidden(plan.find(view, None)) for view in self._views)

    def scan(self, query: q.Query, *, sort: Sort = "relevance") -> Iterator[Found]:
        """All articles that answer, in order. It holds about 200 bytes per article, no texts."""
        with self._guarded():
            rows = ordering.best(self._rows(self._plan(query), sort), sort, None)
        for row in rows:
            yield _found(row, sort, {})

    def expand(self, node: q.Words) -> list[Form]:
        """What a word, prefix, wildcard or fuzzy word stands for in this index, the most frequent first.

        Of a word that falls into several, the forms of each.

        Raises:
            UsageError: it stands for too many.
        """
        with self._guarded():
            return suggest.expand(self._planner, self._views, node)

    def near_words(self, word: str, *, most: int = 5) -> list[Form]:
        """Words of the index that are spelled much like this one, the likeliest first; the word itself is not one."""
        with self._guarded():
            return suggest.near_words(self._views, word, most)

    def explain(self, query: q.Query) -> Explanation:
        """How the query is answered, node by node, and what it costs. Each node is evaluated by itself."""
        start = process_time()
        self.search(query)
        spent = process_time() - start
        tree = explained(query, lambda node: (self.count(node), 0), self.expand)
        return Explanation("whoosh", tree, str(self._plan(query)), spent * 1000)


def _found(row: Row, sort: Sort, under: dict[tuple[int, int], int]) -> Found:
    score = -row.place.first or 0.0 if sort == "relevance" else 0.0
    return Found(row.place.id, score, under.get((row.segment, row.document), 0))
