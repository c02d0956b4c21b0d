"""Ours: the writer and the searcher of `newsarchive.search`, and an archive folder around them.

The archive is real but for its captures: `newsarchive search` opens it, and snippets are cut from the texts in it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import newsarchive
from newsarchive import layout
from newsarchive.archive import init_folder
from newsarchive.errors import UsageError
from newsarchive.search import Document, IndexWriter, Searcher, parse
from newsarchive.search.marking import Marker
from newsarchive.search.snippets import cut
from newsarchive.storage import Database
from newsarchive.storage.hits import HitRows
from search_bench.articles import Article
from search_bench.engines.base import MOST_VALUES, TOP, Asked, Unsupported, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.models.query import Query
    from newsarchive.search.engine import EngineName, Writer
    from search_bench.questions import Question

_NOW = datetime(2020, 1, 1, tzinfo=UTC)
_SEEN = "2020-01-01T00:00:00.000000+00:00"
_CODE = ("search/**/*.py", "models/query.py", "text.py", "durable.py")


class Bench:
    """Our engine."""

    keeps_texts = False
    adds = True
    reopens = True
    engine: EngineName = "whoosh"
    """What the settings would choose."""

    @property
    def version(self) -> str:
        """A digest of the code that writes and reads an index."""
        root = Path(newsarchive.__file__).parent
        digest = hashlib.blake2b(digest_size=5)
        for path in sorted({path for pattern in _CODE for path in root.glob(pattern)}):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """An archive with the texts of the articles, without an index."""
        with Database(init_folder(folder) / layout.DATABASE) as database, database.transaction() as connection:
            for place, article in enumerate(articles, start=1):
                _store(connection, article, place)

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """Index the articles anew."""
        making = _accepted(IndexWriter.create, workers=workers)
        with self._create(folder / layout.INDEX, generation=_generation(folder), **making) as writer:
            building = _accepted(writer.build, workers=workers)
            if workers > 1 and not making and not building:
                raise Unsupported("one worker only")
            writer.build(map(document, articles), revision=1, **building)

    def add(self, folder: Path, articles: Iterable[Article]) -> None:
        """Apply a batch of changes."""
        with IndexWriter.open(folder / layout.INDEX, generation=_generation(folder)) as writer:
            writer.apply(map(document, articles), revision=2)

    def open(self, folder: Path) -> _Asker:
        """A searcher, and the texts for its snippets."""
        return _Asker(folder)

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """The texts are those of the archive's database, which holds more than an index needs."""
        index = size_of(folder / layout.INDEX)
        return index + (folder / layout.DATABASE).stat().st_size, index

    def _create(self, folder: Path, **options: Any) -> Writer:  # noqa: ANN401 - what the writer takes
        return IndexWriter.create(folder, **options, engine=self.engine)


class _Asker:
    def __init__(self, folder: Path) -> None:
        self._searcher = Searcher(folder / layout.INDEX, generation=_generation(folder))
        self._database = Database(folder / layout.DATABASE, read_only=True)
        self._rows = HitRows(self._database)
        self._facets = _accepted(self._searcher.search, facets=(), most_values=MOST_VALUES)

    def ask(self, question: Question) -> Asked:
        """Parse the question, and answer it."""
        query = _parsed(question)
        options: dict[str, Any] = {"sort": "newest"} if question.newest_first else {}
        if question.facets:
            if not self._facets:
                raise Unsupported("no facets")
            options |= self._facets | {"facets": question.facets}
        answer = self._searcher.search(query, limit=TOP, **options)
        ids = tuple(found.id for found in answer.found)
        facets = {name: len(answer.facets[name]) for name in question.facets}
        return Asked(answer.total, ids, facets, self._snippets(ids, query) if question.snippets else 0)

    def _snippets(self, ids: tuple[str, ...], query: Query) -> int:
        rows, marker = self._rows.of(ids), Marker(query)
        shown = [cut(row.body, marker.marks(row.body, language=row.language)) for row in map(rows.__getitem__, ids)]
        return sum(bool(one.text) for one in shown)

    def close(self) -> None:
        """Let go of the files."""
        self._searcher.close()
        self._database.close()


def text_of(question: Question) -> str:
    """A question in our language."""
    words = question.words
    written = {
        "and": " AND ".join(words),
        "or": " OR ".join(words),
        "phrase": f'"{" ".join(words)}"',
        "near": " NEAR/5 ".join(words),
        "prefix": f"{words[0]}*",
        "wildcard": words[0],
        "fuzzy": f"{words[0]}~1",
    }[question.shape]
    return f"{written} published:{question.since}..{question.until}" if question.since else written


def _parsed(question: Question) -> Query:
    try:
        return parse(text_of(question), now=_NOW)
    except UsageError as error:
        raise Unsupported(str(error)) from error


def document(article: Article) -> Document:
    """An article as our index takes it."""
    return Document(
        id=article.id,
        url=article.url,
        headline=article.headline,
        body=article.body,
        first_seen=_NOW,
        last_seen=_NOW,
        published=article.moment,
        category=article.category,
        categories=(article.category,),
        authors=(article.author,),
        sources=(article.source,),
        language="en",
        word_count=article.body.count(" ") + 1,
    )


def plain(name: str, headline: str, body: str) -> Article:
    """An article of which the texts alone matter."""
    return Article(name, f"https://pages.example/{name}", headline, body, 0, "none", "pages", "Nobody", made=False)


def _accepted(function: object, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - options of any type
    """Those of the options that a function takes: the same benchmark measures the code of earlier commits."""
    taken = inspect.signature(function).parameters  # type: ignore[arg-type]
    return {name: value for name, value in options.items() if name in taken}


def _generation(folder: Path) -> str:
    connection = sqlite3.connect(f"file:{folder / layout.DATABASE}?mode=ro", uri=True)
    try:
        return str(connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])
    finally:
        connection.close()


def _store(connection: sqlite3.Connection, article: Article, place: int) -> None:
    moment = article.moment
    published = None if moment is None else moment.isoformat()
    connection.execute(
        "INSERT INTO articles (id, url, source, first_seen, last_seen, versions, digest, revision)"
        " VALUES (?, ?, ?, ?, ?, 1, 'made', 1)",
        (article.id, article.url, article.source, _SEEN, _SEEN),
    )
    connection.execute(
        "INSERT INTO texts (article_id, digest, capture_id, captured_at, headline, category, published,"
        " published_unix, language, word_count, body, fields) VALUES (?, 'made', ?, ?, ?, ?, ?, ?, 'en', ?, ?, ?)",
        (
            *(article.id, place, _SEEN, article.headline, article.category, published, article.published),
            *(article.body.count(" ") + 1, article.body, json.dumps({"authors": [article.author]})),
        ),
    )
