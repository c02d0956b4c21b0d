"""Asking the index. A searcher sees the index as it was when it was opened; open one per question and thread."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any, Final, Self

from newsarchive.errors import UsageError
from newsarchive.search import stamps
from newsarchive.search.cursors import Place
from newsarchive.search.engine import FACETS, Answer, Explanation, Form, Found
from newsarchive.search.explaining import explained
from newsarchive.search.native import suggest
from newsarchive.search.native.forms import index_field, pieces
from newsarchive.search.tantivy_engine.clusters import Clusters
from newsarchive.search.tantivy_engine.compiling import Compiler, is_scored
from newsarchive.search.tantivy_engine.facets import counts
from newsarchive.search.tantivy_engine.fields import PLACES, RECORD, open_index, schema
from newsarchive.search.tantivy_engine.library import library, reading
from newsarchive.search.tantivy_engine.ordering import Order, Row
from newsarchive.search.widening import widened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from newsarchive.models.query import Query, Words
    from newsarchive.search.engine import Sort

_TOLD_EVERY: Final = 10_000
_LONGEST_TOLD: Final = 4_000
"""Characters of the engine's query that are shown."""


class Searcher:
    """Reads an index; see `newsarchive.search.engine.Searcher`."""

    def __init__(self, folder: Path, *, generation: str | None = None, hidden: frozenset[str] = frozenset()) -> None:
        """Open the index in a folder, as it stands now; articles whose ids are hidden answer no question.

        Raises:
            IndexMissing: none stands there, or one of another version, engine or store.
            IntegrityError: its files are damaged.
            MissingExtra: tantivy is not installed.
        """
        self.stamp = stamps.require(folder, generation=generation, engine="tantivy")
        library()
        self._folder = folder
        with reading(folder):
            self._searcher = open_index(folder).searcher()
        self._hidden = hidden
        self._clusters = Clusters(self._searcher, hidden)
        self._compiler = Compiler(self._searcher, schema(), self._clusters.copies)

    def close(self) -> None:
        """Let go of the files. Calling it twice does no harm."""
        self._searcher = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def ids(self) -> list[str]:
        """The ids of all articles, sorted; one that is there twice stands twice."""
        with reading(self._folder):
            rows = Order(self._searcher, library().Query.all_query(), "newest", scored=False).every()
        return sorted(row.place.id for row in rows)

    def read_through(self) -> Iterator[int]:
        """Read every record and every term's documents; gives now and then how much was read."""
        with reading(self._folder):
            yield from _read_all(self._searcher)

    def search(  # noqa: PLR0913 - as the protocol has it
        self,
        query: Query,
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        offset: int = 0,
        after: str | None = None,
        facets: Sequence[str] = (),
        most_values: int = 20,
        fold_copies: bool = False,
    ) -> Answer:
        """The articles that answer; see `newsarchive.search.engine.Searcher.search`."""
        if unknown := [name for name in facets if name not in FACETS]:
            raise UsageError(f"no such facet: {', '.join(unknown)}", tip=f"there are {', '.join(FACETS)}")
        start = Place.of(after, sort) if after is not None else None
        with reading(self._folder):
            asked = self._shown(query)
            order = Order(self._searcher, asked, sort, scored=is_scored(query))
            folded: dict[str, int] = {}
            if fold_copies:
                every = order.every()
                rows, folded = self._clusters.folded(every)
                total = len(every)
                rows = [row for row in rows if start is None or row.place > start]
            elif limit == 0:
                total, rows = order.total(), []
            else:
                total, rows = order.first(offset + limit + 1, after=start)
            page = rows[offset : offset + limit]
            more = page and len(rows) > offset + limit
            return Answer(
                total=total,
                found=tuple(_found(row, folded) for row in page),
                next=page[-1].place.token(sort) if more else None,
                facets=counts(self._searcher, self._compiler, self._clusters, asked, facets, most_values),
                folded=sum(folded.values()),
            )

    def count(self, query: Query) -> int:
        """How many articles answer."""
        with reading(self._folder):
            return self._count(self._shown(query))

    def count_hidden(self, query: Query) -> int:
        """How many articles would answer that are hidden."""
        if not self._hidden:
            return 0
        with reading(self._folder):
            every = self._compiler.query(self._widened(query))
            return self._count(every) - self._count(self._without_hidden(every))

    def scan(self, query: Query, *, sort: Sort = "relevance") -> Iterator[Found]:
        """All articles that answer, in order. It holds about 300 bytes per article, no texts."""
        with reading(self._folder):
            rows = Order(self._searcher, self._shown(query), sort, scored=is_scored(query)).every()
        yield from (_found(row, {}) for row in rows)

    def expand(self, node: Words) -> list[Form]:
        """What a word, prefix, wildcard or fuzzy word stands for in this index, the most frequent first."""
        with reading(self._folder):
            dictionary = self._compiler.dictionary
            found: dict[str, Form] = {}
            for piece in pieces(node):
                forms = dictionary.forms(index_field(node.field), piece)
                for word in forms.every:
                    documents = self._count(self._compiler.form(PLACES[node.field], forms, word))
                    found[word] = Form(word, max(documents, found[word].documents if word in found else 0))
            some = (form for form in found.values() if form.documents)
            return sorted(some, key=lambda form: (-form.documents, form.word))

    def near_words(self, word: str, *, most: int = 5) -> list[Form]:
        """Words of headline and body that are spelled much like this one, the likeliest first."""
        own = suggest.comparable(word)
        if own is None:
            return []
        with reading(self._folder):
            near = self._compiler.dictionary.near_keys(own, suggest.farthest(own))
            counts = {found: self._count(self._compiler.surface(PLACES[None], found)) for found in near}
            return suggest.likeliest({found: count for found, count in counts.items() if count}, own, most)

    def explain(self, query: Query) -> Explanation:
        """How the query is answered, node by node, and what it costs. Each node is evaluated by itself."""
        with reading(self._folder):
            tree = explained(query, self._checked_count, self.expand)
            begun = process_time()
            self.search(query, limit=10)
            spent = process_time() - begun
            told = str(self._compiler.query(self._widened(query)))
            told = told if len(told) <= _LONGEST_TOLD else f"{told[:_LONGEST_TOLD]} …"
            return Explanation(engine="tantivy", tree=tree, engine_query=told, milliseconds=spent * 1000)

    def _shown(self, query: Query) -> Any:  # noqa: ANN401 - a tantivy.Query
        return self._without_hidden(self._compiler.query(self._widened(query)))

    def _widened(self, query: Query) -> Query:
        return widened(query, self._compiler.dictionary.article_languages)

    def _without_hidden(self, asked: Any) -> Any:  # noqa: ANN401 - a tantivy.Query
        return self._compiler.without(asked, self._hidden) if self._hidden else asked

    def _count(self, asked: Any) -> int:  # noqa: ANN401 - a tantivy.Query
        return int(self._searcher.search(asked, 1).count)

    def _checked_count(self, query: Query) -> tuple[int, int]:
        """How many articles answer, and of how many positions were compared for that."""
        before = self._compiler.checked
        documents = self._count(self._shown(query))
        return documents, self._compiler.checked - before


def _found(row: Row, folded: dict[str, int]) -> Found:
    return Found(row.place.id, row.score, folded.get(row.place.id, 0))


def _read_all(searcher: Any) -> Iterator[int]:  # noqa: ANN401 - a tantivy.Searcher
    tantivy = library()
    total = searcher.num_docs
    hits = searcher.search(tantivy.Query.all_query(), total, count=False).hits if total else []
    done = 0
    for _, address in hits:
        searcher.doc(address).get_first(RECORD)
        done += 1
        if done % _TOLD_EVERY == 0:
            yield done
    for field in ("headline", "body", "lead", "author", "forms"):
        for _ in searcher.terms_with_prefix(field, "", tantivy.Query.all_query()):
            done += 1
            if done % _TOLD_EVERY == 0:
                yield done
