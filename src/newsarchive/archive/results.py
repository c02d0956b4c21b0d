"""The answer to a query: counted at once, fetched as it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

from newsarchive.errors import NotFound
from newsarchive.models import Hit
from newsarchive.search import describe, snippet, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsarchive.export import Exported, Versions
    from newsarchive.holdings import Holdings
    from newsarchive.models import Article
    from newsarchive.models.query import Query
    from newsarchive.search import Found, Sort, engine
    from newsarchive.storage import HitRow

_CHUNK: Final = 100
"""Hits whose records are fetched together."""


class Results:
    """Every article that answers a query; iterating over it takes constant memory.

    Attributes:
        query: the question as it was understood, as a tree, filters included.
        text: the question as it was typed.
        sort: `relevance`, `newest` or `oldest`.
    """

    def __init__(self, holdings: Holdings, query: Query, *, text: str, sort: Sort) -> None:
        self._holdings = holdings
        self.query = query
        self.text = text
        self.sort = sort
        self._total: int | None = None

    @property
    def read_as(self) -> str:
        """How the query was understood, in words, with absolute dates."""
        return describe(self.query)

    @property
    def total(self) -> int:
        """How many articles answer, exactly."""
        if self._total is None:
            with self._searcher() as searcher:
                self._total = searcher.count(self.query)
        return self._total

    def _searcher(self) -> engine.Searcher:
        from newsarchive.search import Searcher  # noqa: PLC0415 - a query that cannot be read needs no engine

        return Searcher(self._holdings.index_folder, generation=self._holdings.database.generation, hidden=self._hidden)

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return self._holdings.barring.hidden(self._holdings.database)

    @property
    def hidden(self) -> int:
        """How many articles would answer, but are opted out, withdrawn or not to be searched for (`noindex`)."""
        if not self._hidden:
            return 0
        with self._searcher() as searcher:
            return searcher.count_hidden(self.query)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Hit]:
        with self._searcher() as searcher:
            found = searcher.scan(self.query, sort=self.sort)
            while chunk := list(islice(found, _CHUNK)):
                yield from self._hits(chunk)

    @overload
    def __getitem__(self, place: int) -> Hit: ...

    @overload
    def __getitem__(self, place: slice) -> list[Hit]: ...

    def __getitem__(self, place: int | slice) -> Hit | list[Hit]:
        if isinstance(place, slice):
            return self._slice(place)
        start = place + self.total if place < 0 else place
        hits = self._slice(slice(start, start + 1)) if start >= 0 else []
        if not hits:
            raise IndexError(f"hit {place} of {self.total}")
        return hits[0]

    def _slice(self, place: slice) -> list[Hit]:
        needs_total = place.stop is None or place.stop < 0 or (place.start or 0) < 0
        start, stop, step = place.indices(self.total if needs_total else place.stop)
        if step < 1:
            raise ValueError("hits are read forwards: a step must be 1 or more")
        if stop <= start:
            return []
        with self._searcher() as searcher:
            answer = searcher.search(self.query, sort=self.sort, limit=stop - start, offset=start)
        self._total = answer.total
        return list(self._hits(answer.found[::step]))

    def _hits(self, found: Iterable[Found]) -> Iterator[Hit]:
        """Hits with their records; an article that left the archive since it was indexed is passed over."""
        wanted = list(found)
        rows = self._holdings.hits.of([one.id for one in wanted])
        for one in wanted:
            if row := rows.get(one.id):
                yield self._hit(row, one.score)

    def _hit(self, row: HitRow, score: float) -> Hit:
        silent = row.nosnippet and "nosnippet" in self._holdings.barring.honoured
        shown = snippet("" if silent else row.body, self.query)
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
            score=score,
        )

    def to_dict(self, *, limit: int | None = None, offset: int = 0) -> dict[str, Any]:
        """The answer as JSON-able values: the object that `newsarchive search --json` prints."""
        hits = self[offset : None if limit is None else offset + limit]
        return {
            "schema": "newsarchive.search/1",
            "query": {
                "text": self.text,
                "read_as": self.read_as,
                "sort": self.sort,
                "tree": to_json(self.query),
            },
            "total": self.total,
            "results": [hit.as_record() for hit in hits],
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
        contents = Contents(articles, asked=self.read_as, versions=versions)
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
        with self._searcher() as searcher:
            for found in searcher.scan(self.query, sort=self.sort):
                article = self._holdings.articles.get(found.id)
                if article is not None:
                    yield article

    def __repr__(self) -> str:
        return f"<Results {self.total:,} articles; read as: {self.read_as}>"
