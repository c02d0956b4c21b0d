"""What publishers reserved, by capture; the newest capture of an article speaks for the article.

Only captures of which anything was said have a row. It is derived: from the page, its HTTP fields, and the captures of
its site's `tdmrep.json` and robots.txt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.models.rights import Rights
from newsarchive.storage.presence import has_rights

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from newsarchive.storage.database import Database

_MANY: Final = 500


def keep_rights(
    connection: sqlite3.Connection, capture_id: int, *, article_id: str, rights: Rights, withheld: bool
) -> None:
    """Note what a capture said, in the place of what was noted of it before."""
    connection.execute("DELETE FROM rights WHERE capture_id = ?", (capture_id,))
    if rights != Rights() or withheld:
        connection.execute(
            "INSERT INTO rights (capture_id, article_id, is_newest, withheld, noindex, nosnippet, said)"
            " VALUES (?, ?, 0, ?, ?, ?, ?)",
            (
                capture_id,
                article_id,
                withheld,
                rights.noindex,
                rights.nosnippet,
                rights.model_dump_json(exclude_defaults=True),
            ),
        )


def settle_rights(connection: sqlite3.Connection, article_id: str) -> None:
    """Mark the row of the article's newest capture, and take away texts whose newest capture forbids to keep them."""
    connection.execute(
        "UPDATE rights SET is_newest = capture_id IS (SELECT capture_id FROM readings WHERE article_id = :id"
        " ORDER BY captured_at DESC, capture_id DESC LIMIT 1) WHERE article_id = :id",
        {"id": article_id},
    )
    connection.execute(
        "UPDATE texts SET body = '', word_count = 0, fields = json_remove(fields, '$.boilerplate', '$.entries',"
        " '$.description') WHERE article_id = :id AND body != ''"
        " AND EXISTS (SELECT 1 FROM rights WHERE withheld AND capture_id = (SELECT capture_id FROM readings"
        " WHERE article_id = :id AND readings.digest = texts.digest"
        " ORDER BY captured_at DESC, capture_id DESC LIMIT 1))",
        {"id": article_id},
    )


class RightsTable:
    """The table `rights`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_articles(self, article_ids: Sequence[str]) -> dict[str, Rights]:
        """What the newest captures of articles said, by the articles' ids; one that said nothing is absent."""
        found: dict[str, Rights] = {}
        if not self._is_there():
            return found
        for start in range(0, len(article_ids), _MANY):
            some = article_ids[start : start + _MANY]
            marks = ", ".join("?" * len(some))
            query = f"SELECT article_id, said FROM rights WHERE is_newest AND article_id IN ({marks})"
            for row in self._database.connection.execute(query, some):
                found[row["article_id"]] = Rights.model_validate_json(row["said"])
        return found

    def of_capture(self, capture_id: int) -> Rights:
        """What one capture said."""
        query = "SELECT said FROM rights WHERE capture_id = ?"
        row = self._database.connection.execute(query, (capture_id,)).fetchone()
        return Rights.model_validate_json(row["said"]) if row else Rights()

    def is_withheld(self, capture_id: int) -> bool:
        """Whether the text of a capture was not kept."""
        query = "SELECT withheld FROM rights WHERE capture_id = ?"
        row = self._database.connection.execute(query, (capture_id,)).fetchone()
        return bool(row and row["withheld"])

    def has_text(self, capture_id: int) -> bool:
        """Whether the text that a capture showed is kept; a later capture with the same one may have forbidden that."""
        query = "SELECT body != '' FROM readings JOIN texts USING (article_id, digest) WHERE readings.capture_id = ?"
        row = self._database.connection.execute(query, (capture_id,)).fetchone()
        return bool(row and row[0])

    def kept_otherwise(self, *, honours_noarchive: bool) -> list[str]:
        """Ids of articles whose texts were kept, or not, under another setting than that of now."""
        rows = self._database.connection.execute(
            "SELECT DISTINCT article_id FROM rights WHERE withheld != (? AND coalesce(said ->> 'noarchive', 0))"
            " ORDER BY article_id",
            (honours_noarchive,),
        )
        return [row["article_id"] for row in rows]

    def _is_there(self) -> bool:
        return has_rights(self._database)
