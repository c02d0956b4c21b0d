"""What changed: the table `changes`, which is derived, and captures that say that an article is gone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.edits import VERSION, sense
from newsarchive.errors import ArchiveError
from newsarchive.models import Change
from newsarchive.storage.articles import refresh
from newsarchive.storage.captures import capture_of
from newsarchive.storage.database import stamp
from newsarchive.storage.deriving import spelled

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    from newsarchive.models import Capture
    from newsarchive.storage.database import Database

_DONE: Final = "edits"
"""Key in `meta`: the version of `newsarchive.edits` by which all senses and changes were worked out."""
_REACHED: Final = "edits-worked-out-to"
_CHUNK: Final = 200
_ANSWERED: Final = "status IN (301, 302, 303, 307, 308, 404, 410)"


class Edited(NamedTuple):
    """What the index tells of an article's changes."""

    changed_at: datetime
    """When its newest change of headline or text was seen."""
    headline: bool
    """Whether its headline ever changed."""


class Changes:
    """The tables `changes` and `absences`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_absence(self, capture_id: int, *, url: str, captured_at: datetime, why: str) -> None:
        """Keep that a capture says that no article stands at its URL (spelled canonically)."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO absences VALUES (?, ?, ?, ?)", (capture_id, url, stamp(captured_at), why)
            )

    def newest_first(
        self,
        *,
        kinds: Collection[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        min_words: int = 0,
        article_id: str | None = None,
    ) -> Iterator[Change]:
        """Changes that were seen within a span, the newest first; see `require`."""
        asked: dict[str, Any] = {
            "since": stamp(since) if since else "",
            "until": stamp(until) if until else "~",
            "words": min_words,
            "article": article_id,
        }
        wanted = " OR ".join(f"instr(' ' || kinds || ' ', :kind{number})" for number, _ in enumerate(kinds)) or "1"
        asked |= {f"kind{number}": f" {kind} " for number, kind in enumerate(kinds)}
        rows = self._database.connection.execute(
            "SELECT changes.*, articles.url, articles.source, record_id, old.headline AS old_headline,"
            " new.headline AS new_headline FROM changes JOIN articles ON articles.id = changes.article_id"
            " JOIN captures ON captures.id = changes.capture_id"
            " JOIN texts AS old ON old.article_id = changes.article_id AND old.digest = old_digest"
            " JOIN texts AS new ON new.article_id = changes.article_id AND new.digest = new_digest"
            " WHERE seen_at >= :since AND seen_at < :until AND added + removed >= :words"
            " AND (:article IS NULL OR changes.article_id = :article)"
            f" AND ({wanted}) ORDER BY seen_at DESC, changes.article_id, changes.capture_id DESC",
            asked,
        )
        while some := rows.fetchmany(_CHUNK):
            yield from map(_change, some)

    def edited(self, article_ids: Sequence[str]) -> dict[str, Edited]:
        """What the index tells of articles that ever changed."""
        marks = ", ".join("?" * len(article_ids))
        rows = self._database.connection.execute(
            "SELECT article_id, max(seen_at) AS changed_at, max(instr(kinds, 'headline')) AS headline"
            " FROM changes WHERE (instr(kinds, 'headline') OR instr(kinds, 'body'))"
            f" AND article_id IN ({marks}) GROUP BY article_id",
            article_ids,
        )
        return {
            row["article_id"]: Edited(datetime.fromisoformat(row["changed_at"]), bool(row["headline"])) for row in rows
        }

    def require(self) -> None:
        """Make sure that changes are worked out.

        Raises:
            ArchiveError: they are not; an older version made the archive.
        """
        if not self._database.has_column("readings", "sense") or self.is_due:
            raise ArchiveError(
                f"{self._database.path}: what changed is not worked out yet; the archive was made by an older version",
                tip="newsarchive process works it out",
            )

    @property
    def is_current(self) -> bool:
        """Whether all was worked out by this version."""
        return self._meta(_DONE) == str(VERSION)

    @property
    def is_due(self) -> bool:
        """Whether articles are here whose changes were worked out by another version, or never."""
        if self.is_current:
            return False
        return self._database.connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None

    def work_out(self) -> Iterator[tuple[int, Capture]]:
        """Work out what all readings say, a batch of articles in a transaction, and then all changes.

        Yields the captures that may say that an article is gone, for the caller to judge and to add; they are asked
        for before the first article is refreshed. A kill costs the open batch: the next call goes on after it.
        """
        if self._meta(_REACHED) is None:
            rows = self._database.connection.execute(f"SELECT * FROM captures WHERE role = 'page' AND {_ANSWERED}")
            for row in rows.fetchall():
                yield row["id"], capture_of(row)
        after = self._meta(_REACHED) or ""
        while articles := self._articles_after(after):
            after = articles[-1]["id"]
            with self._database.transaction() as connection:
                for article in articles:
                    _work_out(connection, article)
                _put(connection, _REACHED, after)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (_REACHED,))
            _put(connection, _DONE, str(VERSION))

    def _articles_after(self, last: str) -> list[sqlite3.Row]:
        query = "SELECT id, url, source FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        return self._database.connection.execute(query, (last, _CHUNK)).fetchall()

    def _meta(self, key: str) -> str | None:
        row = self._database.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row["value"]) if row else None


def _put(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _work_out(connection: sqlite3.Connection, article: sqlite3.Row) -> None:
    texts = connection.execute(
        "SELECT digest, headline, body, published, fields ->> 'published_precision' = 'day' AS day FROM texts"
        " WHERE article_id = ?",
        (article["id"],),
    ).fetchall()
    rows = connection.execute(
        "SELECT capture_id, captures.url FROM readings JOIN captures ON captures.id = capture_id WHERE article_id = ?",
        (article["id"],),
    ).fetchall()
    urls = ((spelled(row["url"]), row["capture_id"]) for row in rows)
    connection.executemany("UPDATE readings SET url = ? WHERE capture_id = ?", urls)
    for text in texts:
        published = text["published"][:10] if text["day"] and text["published"] else text["published"]
        connection.execute(
            "UPDATE readings SET sense = coalesce(?, sense), published = coalesce(published, ?)"
            " WHERE article_id = ? AND digest = ?",
            (_sense_of(text), published, article["id"], text["digest"]),
        )
    connection.execute("DELETE FROM changes WHERE article_id = ?", (article["id"],))
    refresh(connection, article["id"], url=article["url"], source=article["source"])


def _sense_of(text: sqlite3.Row) -> str | None:
    # A text that is withheld stands here empty; its sense was taken when it was read.
    return sense(text["headline"], text["body"].split("\n\n")) if text["body"] else None


def _change(row: sqlite3.Row) -> Change:
    return Change(
        article_id=row["article_id"],
        url=row["url"],
        source=row["source"],
        kinds=tuple(row["kinds"].split()),
        seen_at=datetime.fromisoformat(row["seen_at"]),
        unchanged_at=datetime.fromisoformat(row["unchanged_at"]),
        record_id=row["record_id"],
        old_version=row["old_version"],
        new_version=row["new_version"],
        old_headline=row["old_headline"] or "",
        new_headline=row["new_headline"] or "",
        words_added=row["added"],
        words_removed=row["removed"],
        old_published=row["old_published"],
        new_published=row["new_published"],
        why=row["why"],
    )
