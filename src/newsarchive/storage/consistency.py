"""Whether the tables fit each other: SQLite's own checks, and what the derived tables must say of each other.

Every look is one statement or one short read transaction, so that it sees one state while others write.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from newsarchive.digests import article_id, text_digest
from newsarchive.folding import article_key
from newsarchive.models.finding import Finding
from newsarchive.storage.articles import derived
from newsarchive.storage.presence import has_rights
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.storage.database import Database

_FILE: Final = "articles.db"
_MANY: Final = 500

_RULES: Final = {
    "reading-stray": """
        a reading of a capture that is not accepted:
        SELECT capture_id AS subject FROM readings LEFT JOIN captures ON captures.id = capture_id
        WHERE state IS NOT 'accepted'""",
    "reading-missing": """
        an accepted capture without a reading:
        SELECT captures.url AS subject FROM captures LEFT JOIN readings ON capture_id = captures.id
        WHERE state = 'accepted' AND capture_id IS NULL""",
    "reading-differs": """
        a reading has another time than its capture:
        SELECT captures.url AS subject FROM readings JOIN captures ON captures.id = capture_id
        WHERE readings.captured_at IS NOT captures.captured_at""",
    "text-missing": """
        a reading without its text:
        SELECT readings.article_id AS subject FROM readings LEFT JOIN texts USING (article_id, digest)
        WHERE texts.body IS NULL""",
    "text-stray": """
        a text that no reading has:
        SELECT article_id AS subject FROM texts WHERE NOT EXISTS (SELECT 1 FROM readings
        WHERE readings.article_id = texts.article_id AND readings.digest = texts.digest)""",
    "text-source": """
        a text names another capture than the first one to say so:
        SELECT article_id AS subject FROM texts WHERE EXISTS (SELECT 1 FROM readings
        WHERE readings.article_id = texts.article_id AND readings.digest = texts.digest)
        AND (captured_at, capture_id) IS NOT (SELECT captured_at, capture_id FROM readings
        WHERE readings.article_id = texts.article_id AND readings.digest = texts.digest
        ORDER BY captured_at, capture_id LIMIT 1)""",
    "article-missing": """
        a reading without its article:
        SELECT article_id AS subject FROM readings LEFT JOIN articles ON articles.id = article_id
        WHERE articles.id IS NULL""",
    "article-stray": """
        an article without a reading:
        SELECT id AS subject FROM articles WHERE NOT EXISTS (SELECT 1 FROM readings WHERE article_id = articles.id)""",
}
"""By the kind of finding: what is wrong, and the rows that show it."""


_NOT_WITHHELD: Final = (
    "AND NOT (body = '' AND EXISTS (SELECT 1 FROM rights WHERE rights.article_id = texts.article_id AND withheld))"
)
"""A text that its publisher asks not to keep has the digest of what was read, and no words."""


class Consistency:
    """Looks for rows that do not fit; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, *, quick: bool, progress: Callable[[int], None] | None = None) -> Iterator[Finding]:
        """What does not fit. A database that cannot be read to its end is one finding more, and the last one.

        Args:
            quick: leave out the indexes of SQLite and the digests of the texts.
            progress: called now and then with the number of texts and articles looked at.
        """
        try:
            damaged = list(self._sqlite(quick=quick))
            yield from damaged
            yield from self._ruled()
            yield from self._articles(progress)
            if not quick:
                yield from self._texts(progress)
        except sqlite3.DatabaseError as error:
            yield Finding("database-damaged", f"SQLite: {error}", _FILE)

    def _sqlite(self, *, quick: bool) -> Iterator[Finding]:
        connection = self._database.connection
        for (told,) in connection.execute(f"PRAGMA {'quick_check' if quick else 'integrity_check'}"):
            if told != "ok":
                yield Finding("database-damaged", f"SQLite: {told}", _FILE)
        for row in connection.execute("PRAGMA foreign_key_check"):
            what = f"row {row['rowid']} of {row['table']} names a row of {row['parent']} that is not there"
            yield Finding("reference-broken", what, _FILE)

    def _ruled(self) -> Iterator[Finding]:
        for kind, rule in _RULES.items():
            what, _, query = rule.strip().partition(":")
            for row in self._database.connection.execute(query):
                yield Finding(kind, what, _FILE, subject=str(row["subject"]))

    def _articles(self, progress: Callable[[int], None] | None) -> Iterator[Finding]:
        last, done = "", 0
        while True:
            with self._snapshot() as connection:
                query = "SELECT * FROM articles WHERE id > ? ORDER BY id LIMIT ?"
                rows = connection.execute(query, (last, _MANY)).fetchall()
                found = [finding for row in rows if (finding := _article(row, derived(connection, row["id"])))]
            if not rows:
                return
            yield from found
            last, done = rows[-1]["id"], done + len(rows)
            if progress:
                progress(done)

    def _texts(self, progress: Callable[[int], None] | None) -> Iterator[Finding]:
        last, done = ("", ""), 0
        query = (
            "SELECT article_id, digest, headline, body FROM texts WHERE (article_id, digest) > (?, ?)"
            f" {_NOT_WITHHELD if has_rights(self._database) else ''} ORDER BY article_id, digest LIMIT ?"
        )
        while rows := self._database.connection.execute(query, (*last, _MANY)).fetchall():
            for row in rows:
                paragraphs = row["body"].split("\n\n") if row["body"] else ()
                if text_digest(row["headline"] or "", *map(fold_space, paragraphs)) != row["digest"]:
                    what = "headline and text do not have the digest that names them"
                    yield Finding("text-differs", what, _FILE, subject=row["article_id"])
            last, done = (rows[-1]["article_id"], rows[-1]["digest"]), done + len(rows)
            if progress:
                progress(done)

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        connection = self._database.connection
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")


def _article(row: sqlite3.Row, said: sqlite3.Row) -> Finding | None:
    # Archives made before ids were made of keys keep the ids that they have.
    if row["id"] not in {article_id(article_key(row["url"])), article_id(row["url"])}:
        return Finding("article-differs", "its id is not that of its URL", _FILE, subject=row["id"])
    if said["first_seen"] is None:  # an article without readings is told by its own rule
        return None
    unlike = [name for name in ("first_seen", "last_seen", "versions", "digest") if row[name] != said[name]]
    if unlike:
        return Finding("article-differs", f"its readings say another {', '.join(unlike)}", _FILE, subject=row["id"])
    return None
