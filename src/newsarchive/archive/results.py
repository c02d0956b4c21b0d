"""The answer to a query: counted at once, fetched as it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

from newsarchive.errors import NotFound
from newsarchive.models import Hit, Page
from newsarchive.models.query import And
from newsarchive.search import describe, to_json
from newsarchive.search.snippets import cut, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsarchive.archive.searching import Searching
    from newsarchive.export import Exported, Versions
    from newsarchive.models import Article
    from newsarchive.models.query import Query
    from newsarchive.search import Answer, Explanation, FacetCount, Found, Sort
    from newsarchive.search.engine import Searcher
    from newsarchive.search.marking import Marker
    from newsarchive.search.relaxing import Relaxed
    from newsarchive.storage import HitRow

_CHUNK: Final = 100
"""Hits whose records are fetched together."""
_PAGE: Final = 500
"""Hits of a page, where all are read and copies are folded."""


class Results:
    """Every article that answers a query; iterating over it takes constant memory.

    Attributes:
        query: the question as it was understood, as a tree, filters included.
        text: the question as it was typed.
        sort: `relevance`, `newest`, `oldest`, `longest` or `most-edited`.
        folds_copies: whether near-duplicates are given as one hit.
    """

    def __init__(
        self,
        searching: Searching,
        query: Query,
        *,
        text: str,
        sort: Sort,
        fold_copies: bool = False,
        relax: bool = False,
    ) -> None:
        self._searching = searching
        self._holdings = searching.holdings
        self.query = query
        self.text = text
        self.sort = sort
        self.folds_copies = fold_copies
        self._relax = relax and sort == "relevance"
        self._counted: Answer | None = None

    @property
    def read_as(self) -> str:
        """How the query was understood, in words, with absolute dates; what was relaxed is said first."""
        return (self._relax and self._asked.said) or describe(self.query)

    @property
    def relaxed(self) -> Relaxed | None:
        """What is searched in place of the query, where few articles have all of its words; None where it is not.

        Only a list of four words or more without operators is relaxed, when sorted by relevance, where fewer than 20
        articles have all.
        """
        return self._asked if self._asked.is_relaxed else None

    @cached_property
    def _asked(self) -> Relaxed:
        from newsarchive.search import relaxing  # noqa: PLC0415 - only a search needs it, reading a query does not

        loose = self._relax and isinstance(self.query, And) and self.query.loose
        return relaxing.relaxed(self.query, self._searcher) if loose else relaxing.Relaxed(self.query)

    @property
    def total(self) -> int:
        """How many articles answer, exactly, each copy counted; of a relaxed query those that answer to it."""
        return self._count().total

    @property
    def folded(self) -> int:
        """How many of them are folded under another as its copy; 0 where copies are not folded."""
        return self._count().folded

    def _count(self) -> Answer:
        if self._counted is None:
            self._counted = self._answer(limit=0)
        return self._counted

    @property
    def did_you_mean(self) -> str | None:
        """The query's text with words of the index in place of those that hardly any article has; None for none."""
        from newsarchive.search.suggesting import did_you_mean  # noqa: PLC0415 - as `relaxing`

        return did_you_mean(self.query, self.text, self._searcher)

    @property
    def absent(self) -> tuple[str, ...]:
        """The words that were asked for and that no article has, as they were written."""
        from newsarchive.search.suggesting import absent  # noqa: PLC0415 - as `relaxing`

        return absent(self.query, self._searcher)

    @property
    def hidden(self) -> int:
        """How many articles would answer, but are opted out, withdrawn or not to be searched for (`noindex`)."""
        return self._searcher.count_hidden(self._asked.query) if self._hidden else 0

    def facets(self, *names: str, most: int = 20) -> Mapping[str, tuple[FacetCount, ...]]:
        """How many of the articles that answer have each value, the most frequent value first.

        Args:
            names: out of `newsarchive.search.FACETS`: `source`, `category`, `language`, `author`, `month` (of
                publication, in the order of time), `edited`, `copies`.
            most: values of one facet at the most; `month` has them all.

        Raises:
            UsageError: a facet is not known.
        """
        return self._answer(limit=0, facets=names, most_values=most).facets

    def page(self, cursor: str | None = None, *, limit: int = 20, offset: int = 0, facets: Sequence[str] = ()) -> Page:
        """The hits that follow a cursor, or the first ones, and the cursor of what follows them.

        Args:
            cursor: the `next` of the page before, of the same query and order.
            limit: hits of the page.
            offset: hits that are left out before it.
            facets: what to count by in the same go, see `facets`.

        Raises:
            UsageError: the cursor is none, or of another order; a facet is not known.
        """
        answer = self._counted = self._answer(limit=limit, offset=offset, after=cursor, facets=tuple(facets))
        return Page(
            hits=tuple(self._hits(answer.found)),
            total=answer.total,
            folded=answer.folded,
            next=answer.next,
            facets={name: tuple((one.value, one.count) for one in values) for name, values in answer.facets.items()},
        )

    def explain(self) -> Explanation:
        """How the engine answers: the tree with what each node finds, the engine's own query, what it costs."""
        return self._searcher.explain(self._asked.query)

    def explain_record(self) -> dict[str, Any]:
        """The explanation as JSON-able values: the object that `newsarchive explain --json` prints."""
        from newsarchive.archive.explaining import explanation_record  # noqa: PLC0415 - a search explains nothing

        return {
            "schema": "newsarchive.explain/1",
            "query": {"text": self.text, "read_as": self.read_as, "tree": to_json(self.query)},
            "total": self.total,
            "did_you_mean": self.did_you_mean,
            **explanation_record(self.explain(), self._asked.query),
        }

    @property
    def _searcher(self) -> Searcher:
        return self._searching.searcher(self._hidden)

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return self._searching.hidden()

    def _answer(self, **how: Any) -> Answer:  # noqa: ANN401 - handed on to the searcher
        return self._searcher.search(self._asked.query, sort=self.sort, fold_copies=self.folds_copies, **how)

    def __len__(self) -> int:
        return self.total - self.folded

    def __iter__(self) -> Iterator[Hit]:
        found = self._pages() if self.folds_copies else self._searcher.scan(self._asked.query, sort=self.sort)
        while chunk := list(islice(found, _CHUNK)):
            yield from self._hits(chunk)

    def _pages(self) -> Iterator[Found]:
        answer = self._answer(limit=_PAGE)
        yield from answer.found
        while answer.next is not None:
            answer = self._answer(limit=_PAGE, after=answer.next)
            yield from answer.found

    @overload
    def __getitem__(self, place: int) -> Hit: ...

    @overload
    def __getitem__(self, place: slice) -> list[Hit]: ...

    def __getitem__(self, place: int | slice) -> Hit | list[Hit]:
        if isinstance(place, slice):
            return self._slice(place)
        start = place + len(self) if place < 0 else place
        hits = self._slice(slice(start, start + 1)) if start >= 0 else []
        if not hits:
            raise IndexError(f"hit {place} of {len(self)}")
        return hits[0]

    def _slice(self, place: slice) -> list[Hit]:
        needs_total = place.stop is None or place.stop < 0 or (place.start or 0) < 0
        start, stop, step = place.indices(len(self) if needs_total else place.stop)
        if step < 1:
            raise ValueError("hits are read forwards: a step must be 1 or more")
        if stop <= start:
            return []
        self._counted = self._answer(limit=stop - start, offset=start)
        return list(self._hits(self._counted.found[::step]))

    def _hits(self, found: Iterable[Found]) -> Iterator[Hit]:
        """Hits with their records; an article that left the archive since it was indexed is passed over."""
        wanted = list(found)
        rows = self._holdings.hits.of([one.id for one in wanted])
        for one in wanted:
            if row := rows.get(one.id):
                yield self._hit(row, one)

    @cached_property
    def _marker(self) -> Marker:
        from newsarchive.search.marking import Marker  # noqa: PLC0415 - counts need none
        from newsarchive.search.widening import widened  # noqa: PLC0415 - as above

        return Marker(widened(self._asked.query))

    def _hit(self, row: HitRow, found: Found) -> Hit:
        is_silent = row.nosnippet and "nosnippet" in self._holdings.barring.honoured
        body = "" if is_silent else row.body
        shown = cut(body, self._marker.marks(body, language=row.language))
        return Hit(
            id=row.id,
            url=row.url,
            headline=row.headline,
            category=row.category,
            published=row.published,
            source=row.source,
            authors=row.authors,
            language=row.language,
            word_count=row.word_count,
            versions=row.versions,
            snippet=shown.text,
            marks=shown.marks,
            score=found.score,
            headline_marks=joined(self._marker.marks(row.headline, "headline", language=row.language)),
            copies=found.copies,
        )

    def to_dict(
        self, *, limit: int | None = None, offset: int = 0, after: str | None = None, facets: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The answer as JSON-able values: the object that `newsarchive search --json` prints.

        Args:
            limit: hits at the most; None gives all.
            offset: hits that are left out, from the first one or from the cursor's place on.
            after: the `next` of the page before.
            facets: what to count by, see `facets`.
        """
        page = self.page(after, limit=len(self) if limit is None else limit, offset=offset, facets=facets)
        return {
            "schema": "newsarchive.search/1",
            "query": {
                "text": self.text,
                "read_as": self.read_as,
                "sort": self.sort,
                "tree": to_json(self.query),
                "relaxed": self.relaxed.as_record() if self.relaxed else None,
                "did_you_mean": self.did_you_mean,
            },
            "total": page.total,
            "folded": page.folded,
            "next": page.next,
            "facets": {
                name: [{"value": value, "count": count} for value, count in values]
                for name, values in page.facets.items()
            },
            "results": [hit.as_record() for hit in page.hits],
        }

    def export(
        self,
        path: Path | str,
        *,
        format: str | None = None,  # noqa: A002 - the word that the command has
        versions: Versions = "all",
        rights_cleared: bool = False,
        force: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Exported:
        """Write the captures of every article that answers to a file for other tools; constant memory.

        Args:
            path: the file; it appears under this name once it is whole.
            format: `wacz` (WACZ 1.1.1: WARC, index and list of pages, opens in replay tools) or `warc` (WARC/1.1, one
                gzip member a record); by default what the file's name ends with.
            versions: `all` captures of each article, with what its URLs answered at other times, or only the one that
                its `latest` version was read from.
            rights_cleared: put in what publishers reserve (`noai`, TDM reservation) as well; the caller has the rights.
                What is opted out stays out.
            force: replace a file of this name.
            progress: called now and then with the number of articles so far.

        Raises:
            NotFound: no article answers, or all that do are reserved; nothing is written.
            UsageError: the format is not known, or there is a file of this name already.
            IndexMissing: the index is absent or of another version.
            OSError: the file cannot be written.
        """
        from newsarchive.export import Contents, write_export  # noqa: PLC0415 - searching needs no WARC reader

        left_out: Counter[str] = Counter()
        articles = self._articles() if rights_cleared else self._cleared(left_out)
        contents = Contents(articles, asked=describe(self.query), versions=versions)
        try:
            done = write_export(
                self._holdings, contents, Path(path).expanduser(), form=format, force=force, progress=progress
            )
        except NotFound as error:
            if not left_out:
                raise
            raise NotFound(
                f"all {left_out.total():,} articles are reserved by their publishers: {', '.join(left_out)}",
                tip="--rights-cleared (rights_cleared=True) is for who has these rights",
            ) from error
        return replace(done, left_out=dict(left_out))

    def _cleared(self, left_out: Counter[str]) -> Iterator[Article]:
        """The articles that may go into a bulk export; the others are counted."""
        honoured = self._holdings.barring.honoured
        for article in self._articles():
            if words := article.rights.reserved(honoured):
                left_out[words[0]] += 1
            else:
                yield article

    def _articles(self) -> Iterator[Article]:
        """All that answer to the query as it was asked: an export is not relaxed, and folds no copies."""
        for found in self._searcher.scan(self.query, sort=self.sort):
            article = self._holdings.articles.get(found.id)
            if article is not None:
                yield article

    def __repr__(self) -> str:
        return f"<Results {self.total:,} articles; read as: {self.read_as}>"
