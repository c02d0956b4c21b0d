"""tantivy by itself: one field with English stems and positions, texts stored, fast fields for dates and facets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import Stemmer
import tantivy

from search_bench.engines.base import COMMIT_MB, MOST_VALUES, TOP, Asked, Unsupported, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from search_bench.articles import Article
    from search_bench.questions import Question

_VALUES = ("source", "category", "month")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem", index_option="position")
    builder.add_date_field("published", fast=True, indexed=True)
    for name in _VALUES:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


class Bench:
    """tantivy."""

    keeps_texts = True
    adds = True
    reopens = True

    @property
    def version(self) -> str:
        """Of the library."""
        return str(tantivy.__version__).partition(",")[0].removeprefix("tantivy v")

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """Nothing."""

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """With so many threads."""
        folder.mkdir(parents=True)
        _write(tantivy.Index(_schema(), str(folder)), articles, workers)

    def add(self, folder: Path, articles: Iterable[Article]) -> None:
        """One commit."""
        _write(tantivy.Index.open(str(folder)), articles, 1)

    def open(self, folder: Path) -> _Asker:
        """A searcher."""
        return _Asker(folder)

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """The stored texts have files of their own."""
        whole = size_of(folder)
        return whole, whole - sum(path.stat().st_size for path in folder.glob("*.store"))


def _write(index: tantivy.Index, articles: Iterable[Article], threads: int) -> None:
    writer = index.writer(heap_size=COMMIT_MB << 20, num_threads=threads)
    for article in articles:
        record: dict[str, Any] = {
            "id": article.id,
            "text": f"{article.headline}\n{article.body}",
            "source": article.source,
            "category": article.category,
            "month": article.month,
        }
        if article.moment is not None:
            record["published"] = article.moment
        writer.add_document(tantivy.Document(**record))
    writer.commit()
    writer.wait_merging_threads()


class _Asker:
    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._stem: Callable[[str], str] = Stemmer.Stemmer("english").stemWord

    def ask(self, question: Question) -> Asked:
        """Build the query, and answer it."""
        query = self._query(question)
        order = {"order_by_field": "published"} if question.newest_first else {}
        result = self._searcher.search(query, TOP, count=True, **order)
        records = [self._searcher.doc(address) for _, address in result.hits]
        return Asked(
            result.count,
            tuple(record["id"][0] for record in records),
            self._facets(query, question.facets) if question.facets else {},
            self._snippets(query, records) if question.snippets else 0,
        )

    def _facets(self, query: tantivy.Query, names: tuple[str, ...]) -> dict[str, int]:
        asked = {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in names}
        return {name: len(said["buckets"]) for name, said in self._searcher.aggregate(query, asked).items()}

    def _snippets(self, query: tantivy.Query, records: list[tantivy.Document]) -> int:
        generator = tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "text")
        generator.set_max_num_chars(240)
        return sum(bool(generator.snippet_from_doc(record).fragment()) for record in records)

    def _query(self, question: Question) -> tantivy.Query:
        query = self._words(question)
        if question.span is None:
            return query
        start, end = question.span
        # With nanoseconds kept off: the bound is written to the second.
        dated = tantivy.Query.range_query(
            self._schema, "published", tantivy.FieldType.Date, start, end - timedelta(seconds=1)
        )
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, dated)])

    def _words(self, question: Question) -> tantivy.Query:
        make, schema = tantivy.Query, self._schema
        words = [self._stem(word) for word in question.words]
        match question.shape:
            case "phrase":
                return make.phrase_query(schema, "text", words)
            case "near":
                # Slop is how far words may be moved, in either direction: what is next to it in tantivy.
                return make.phrase_query(schema, "text", words, slop=4)
            case "prefix":
                return make.regex_query(schema, "text", f"{question.words[0]}.*")
            case "wildcard":
                return make.regex_query(schema, "text", question.words[0].replace("*", ".*").replace("?", "."))
            case "fuzzy":
                return make.fuzzy_term_query(schema, "text", words[0], distance=1, transposition_cost_one=True)
            case "and" | "or":
                terms = [make.term_query(schema, "text", word) for word in words]
                occur = tantivy.Occur.Must if question.shape == "and" else tantivy.Occur.Should
                return terms[0] if len(terms) == 1 else make.boolean_query([(occur, term) for term in terms])
            case other:
                raise Unsupported(other)

    def close(self) -> None:
        """Nothing is held but memory."""
