"""What a list of hits shows of each article, read without building the whole article.

A value of its own, not `Article`: validating a hundred articles costs more than finding them.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.storage.presence import has_rights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.storage.database import Database

_MANY: Final = 500
"""Rows asked for at once; SQLite's default bound on parameters is far above it."""


_SILENT: Final = "EXISTS (SELECT 1 FROM rights WHERE article_id = articles.id AND is_newest AND nosnippet)"


class HitRow(NamedTuple):
    """An article's newest version, as far as a hit needs it."""

    id: str
    url: str
    source: str
    headline: str
    category: str | None
    published: datetime | None
    authors: tuple[str, ...]
    language: str | None
    word_count: int
    versions: int
    body: str
    nosnippet: bool
    """Whether no part of the text is to be shown in a list."""


class HitRows:
    """Reads the rows of hits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, article_ids: Sequence[str]) -> dict[str, HitRow]:
        """The rows of articles by their ids; an id that is unknown is left out."""
        found: dict[str, HitRow] = {}
        silent = _SILENT if has_rights(self._database) else "0"
        for start in range(0, len(article_ids), _MANY):
            some = article_ids[start : start + _MANY]
            marks = ", ".join("?" * len(some))
            rows = self._database.connection.execute(
                "SELECT articles.id, url, source, versions, headline, category, published, language, word_count, body,"
                f" fields, {silent} AS nosnippet FROM articles JOIN texts ON texts.article_id = articles.id"
                f" AND texts.digest = articles.digest WHERE articles.id IN ({marks})",
                some,
            )
            for row in rows:
                found[row["id"]] = HitRow(
                    id=row["id"],
                    url=row["url"],
                    source=row["source"],
                    headline=row["headline"] or "",
                    category=row["category"],
                    published=datetime.fromisoformat(row["published"]) if row["published"] else None,
                    authors=tuple(json.loads(row["fields"]).get("authors", ())),
                    language=row["language"],
                    word_count=row["word_count"],
                    versions=row["versions"],
                    body=row["body"],
                    nosnippet=bool(row["nosnippet"]),
                )
        return found
