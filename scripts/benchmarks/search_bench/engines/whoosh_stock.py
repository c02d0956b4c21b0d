"""Whoosh as it ships, tuned as far as that goes without code of one's own inside it.

C stemmer, no copy of the posting files in memory when an index is opened, one searcher for all questions, columns of
references for facets, months as values, 512 MB for a batch. Its analyzer leaves out stop words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import Stemmer
import whoosh
from whoosh import columns, fields, query, sorting
from whoosh.analysis import STOP_WORDS, StemmingAnalyzer
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.query.spans import SpanNear2

from search_bench.engines.base import COMMIT_MB, TOP, Asked, Unsupported, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from search_bench.articles import Article
    from search_bench.questions import Question

_STEMMER = Stemmer.Stemmer("english")


def stem(word: str) -> str:
    """By name, since an index keeps its analyzer as a pickle."""
    return str(_STEMMER.stemWord(word))


def _schema() -> fields.Schema:
    value = fields.ID(sortable=columns.RefBytesColumn())
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        text=fields.TEXT(analyzer=StemmingAnalyzer(stemfn=stem), stored=True, phrase=True),
        published=fields.NUMERIC(int, bits=64, sortable=True, default=0),
        source=value,
        category=value,
        month=value,
    )


class Bench:
    """Stock Whoosh."""

    keeps_texts = True
    adds = True
    reopens = True

    @property
    def version(self) -> str:
        """Of the library."""
        return ".".join(map(str, whoosh.__version__))

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """Nothing."""

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """One commit; with workers, each writes segments of its own."""
        folder.mkdir(parents=True)
        index = FileIndex.create(_storage(folder), _schema(), "MAIN")
        many = {"procs": workers, "multisegment": True} if workers > 1 else {}
        _write(index.writer(limitmb=COMMIT_MB, **many), articles)

    def add(self, folder: Path, articles: Iterable[Article]) -> None:
        """One commit, with Whoosh's own rule for merging."""
        _write(_storage(folder).open_index().writer(), articles)

    def open(self, folder: Path) -> _Asker:
        """A searcher."""
        return _Asker(folder)

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """The texts stand in the same files."""
        return size_of(folder), None


def _storage(folder: Path) -> FileStorage:
    return FileStorage(str(folder), supports_mmap=False)


def _write(writer: Any, articles: Iterable[Article]) -> None:  # noqa: ANN401 - one of Whoosh's writers
    for article in articles:
        writer.add_document(
            id=article.id,
            text=f"{article.headline}\n{article.body}",
            published=article.published or 0,
            source=article.source,
            category=article.category,
            month=article.month,
        )
    writer.commit()


class _Asker:
    def __init__(self, folder: Path) -> None:
        self._searcher = _storage(folder).open_index().searcher()

    def ask(self, question: Question) -> Asked:
        """Build the query, and answer it."""
        options: dict[str, Any] = {}
        if question.newest_first:
            options["sortedby"] = sorting.FieldFacet("published", reverse=True)
        if question.facets:
            options["groupedby"] = [sorting.FieldFacet(name) for name in question.facets]
        found = self._searcher.search(_query(question), limit=TOP, **options)
        facets = {name: len(found.groups(name)) for name in question.facets}
        snippets = sum(bool(hit.highlights("text")) for hit in found) if question.snippets else 0
        return Asked(len(found), tuple(hit["id"] for hit in found), facets, snippets)

    def close(self) -> None:
        """Let go of the files."""
        self._searcher.close()


def _query(question: Question) -> query.Query:
    made = _words(question)
    if question.span is None:
        return made
    start, end = (int(moment.timestamp()) for moment in question.span)
    return query.And([made, query.NumericRange("published", start, end - 1)])


def _words(question: Question) -> query.Query:
    words = [stem(word) for word in question.words if word not in STOP_WORDS]
    terms = [query.Term("text", word) for word in words]
    match question.shape:
        case "phrase":
            return query.Phrase("text", words)
        case "near":
            return SpanNear2(terms, slop=5, ordered=False)
        case "prefix":
            return query.Prefix("text", question.words[0])
        case "wildcard":
            return query.Wildcard("text", question.words[0])
        case "fuzzy":
            return query.FuzzyTerm("text", words[0], maxdist=1, prefixlength=1)
        case "and" | "or":
            return terms[0] if len(terms) == 1 else (query.And if question.shape == "and" else query.Or)(terms)
        case other:
            raise Unsupported(other)
