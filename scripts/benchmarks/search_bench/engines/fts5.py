"""SQLite's FTS5 over a table of the articles, with Porter's stemmer."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from search_bench.engines.base import MOST_VALUES, TOP, Asked, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from search_bench.articles import Article
    from search_bench.questions import Question

_FILE = "articles.sqlite"
_TABLES = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, headline TEXT, body TEXT, published INTEGER, source TEXT,
    category TEXT, month TEXT
);
CREATE VIRTUAL TABLE words USING fts5 (
    headline, body, content = 'articles', content_rowid = 'number', tokenize = 'porter unicode61'
);
"""
_FOUND = "FROM words JOIN articles ON number = words.rowid WHERE words MATCH :words"


class Bench:
    """FTS5."""

    keeps_texts = True
    adds = True
    reopens = True

    @property
    def version(self) -> str:
        """Of SQLite."""
        return sqlite3.sqlite_version

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """Nothing."""

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """In one transaction."""
        if workers > 1:
            raise Unsupported("one worker only")
        folder.mkdir(parents=True)
        connection = sqlite3.connect(folder / _FILE)
        connection.executescript(_TABLES)
        _insert(connection, articles)

    def add(self, folder: Path, articles: Iterable[Article]) -> None:
        """One transaction."""
        _insert(sqlite3.connect(folder / _FILE), articles)

    def open(self, folder: Path) -> _Asker:
        """A connection."""
        return _Asker(folder)

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """The index alone is what its own table of blocks holds."""
        connection = sqlite3.connect(folder / _FILE)
        blocks = connection.execute("SELECT sum(length(block)) FROM words_data").fetchone()[0]
        connection.close()
        return (folder / _FILE).stat().st_size, int(blocks)


def _insert(connection: sqlite3.Connection, articles: Iterable[Article]) -> None:
    with connection:
        for article in articles:
            place = connection.execute(
                "INSERT INTO articles (id, headline, body, published, source, category, month)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(article.id, article.headline, article.body, article.published),
                    *(article.source, article.category, article.month),
                ),
            ).lastrowid
            connection.execute(
                "INSERT INTO words (rowid, headline, body) VALUES (?, ?, ?)", (place, article.headline, article.body)
            )
    connection.close()


class _Asker:
    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(f"file:{folder / _FILE}?mode=ro", uri=True)

    def ask(self, question: Question) -> Asked:
        """Ask for the best or newest, for the total, and for each facet."""
        values: dict[str, Any] = {"words": _match(question), "limit": TOP, "most": MOST_VALUES}
        found = _FOUND
        if question.span:
            values["start"], values["end"] = (moment.timestamp() for moment in question.span)
            found += " AND published >= :start AND published < :end"
        order = "published DESC" if question.newest_first else "rank"
        shown = ", snippet(words, 1, '[', ']', '…', 32)" if question.snippets else ""
        run = self._connection.execute
        rows = run(f"SELECT id{shown} {found} ORDER BY {order} LIMIT :limit", values).fetchall()
        # The articles themselves need not be looked at to count what has the words.
        counted = found if question.span else "FROM words WHERE words MATCH :words"
        total = run(f"SELECT count(*) {counted}", values).fetchone()[0]
        facets = {
            name: len(
                run(f"SELECT {name}, count(*) AS n {found} GROUP BY 1 ORDER BY n DESC LIMIT :most", values).fetchall()
            )
            for name in question.facets
        }
        return Asked(total, tuple(row[0] for row in rows), facets, len(rows) if question.snippets else 0)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _match(question: Question) -> str:
    quoted = [f'"{word}"' for word in question.words]
    match question.shape:
        case "phrase":
            return f'"{" ".join(question.words)}"'
        case "near":
            return f"NEAR({' '.join(quoted)}, 4)"  # so many words between the two
        case "prefix":
            return f"{quoted[0]}*"
        case "and" | "or":
            return f" {question.shape.upper()} ".join(quoted)
        case other:
            raise Unsupported(other)
