"""Reading captures again: which articles are due, and how new readings take the place of old ones.

All readings of an article are replaced together, so that versions are told apart by what the pages said and never by
what read them.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.edits import is_same_moment, sense
from newsarchive.models import CaptureState
from newsarchive.storage.articles import keep_reading, published_text, refresh
from newsarchive.storage.captures import CaptureRow, capture_of
from newsarchive.storage.database import stamp
from newsarchive.storage.rights import settle_rights

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from newsarchive.models import Capture
    from newsarchive.storage.articles import Reading
    from newsarchive.storage.database import Database

_MANY: Final = 500
_OF_THE_READER: Final = ("extractor", "provenance")
"""Fields that tell what read a page, not what it says."""


class Replaced(NamedTuple):
    """What new readings changed of an article."""

    changed: bool
    """Whether anything reads differently now: text, headline, any field, or the number of versions."""
    texts: int
    """Texts (headline and body) that are new."""
    versions: int
    """Versions more than before; negative where some turned out to be one."""


class Rereadings:
    """The tables `readings` and `texts`, with the column `captures.extractor`, as a second look at pages needs them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(
        self, current: Callable[[Capture], str], *, source: str | None = None, since: datetime | None = None
    ) -> Iterator[str]:
        """Ids of articles of which a capture was read by another extractor than `current(capture)`, in order.

        Args:
            current: the name that a capture would be read under now.
            source: only articles of this source.
            since: only articles whose newest version was published then or later.
        """
        last = ""
        while ids := self._ids(last, source, since):
            last = ids[-1]
            for key, read in groupby(self._readers(ids), key=lambda row: str(row["article_id"])):
                if any(row["reader"] != current(capture_of(row)) for row in read):
                    yield key

    def _ids(self, last: str, source: str | None, since: datetime | None) -> list[str]:
        rows = self._database.connection.execute(
            "SELECT articles.id FROM articles JOIN texts ON texts.article_id = id AND texts.digest = articles.digest"
            " WHERE id > :last AND (:source IS NULL OR source = :source)"
            " AND (:since IS NULL OR published_unix >= :since) ORDER BY id LIMIT :many",
            {"last": last, "source": source, "since": since.timestamp() if since else None, "many": _MANY},
        )
        return [row["id"] for row in rows]

    def _readers(self, ids: Sequence[str]) -> list[sqlite3.Row]:
        marks = ", ".join("?" * len(ids))
        return self._database.connection.execute(
            "SELECT article_id, captures.*, coalesce(tried, extractor) AS reader FROM readings"
            f" JOIN captures ON captures.id = capture_id WHERE article_id IN ({marks}) ORDER BY article_id",
            ids,
        ).fetchall()

    def compares_unlike(self, reading: Reading, *, reader: str) -> bool:
        """Whether a new reading would begin or end a version beside one of another extractor's.

        Then nobody can say whether the page changed or its reader did, until both are read by the same.
        """
        key = (stamp(reading.captured_at), reading.capture_id)
        return any(
            (row := self._beside(reading.article_id, key, compare, order)) is not None
            and row["reader"] != reader
            and _says_another(row, reading)
            for compare, order in (("<", "DESC"), (">", "ASC"))
        )

    def _beside(self, article_id: str, key: tuple[str, int], compare: str, order: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.connection.execute(
            "SELECT digest, sense, readings.published, coalesce(tried, extractor) AS reader FROM readings"
            " JOIN captures ON captures.id = capture_id"
            f" WHERE article_id = ? AND (readings.captured_at, capture_id) {compare} (?, ?)"
            f" ORDER BY readings.captured_at {order}, capture_id {order} LIMIT 1",
            (article_id, *key),
        ).fetchone()
        return row

    def captures(self, article_id: str) -> list[CaptureRow]:
        """The captures that an article was read from, in the order of capture."""
        rows = self._database.connection.execute(
            "SELECT captures.* FROM readings JOIN captures ON captures.id = capture_id WHERE article_id = ?"
            " ORDER BY readings.captured_at, capture_id",
            (article_id,),
        )
        return [CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) for row in rows]

    def replace(self, article_id: str, readings: Sequence[Reading], *, readers: Mapping[int, str]) -> Replaced:
        """Put new readings in the place of all old ones of an article; the article keeps its id, URL and source.

        Args:
            article_id: the article.
            readings: one for each capture that it was read from, and for new ones.
            readers: what read each capture, by its row.
        """
        with self._database.transaction() as connection:
            before, texts, versions = _state(connection, article_id)
            connection.execute("DELETE FROM readings WHERE article_id = ?", (article_id,))
            connection.execute("DELETE FROM texts WHERE article_id = ?", (article_id,))
            connection.execute("DELETE FROM rights WHERE article_id = ?", (article_id,))
            for reading in readings:
                keep_reading(connection, reading)
            settle_rights(connection, article_id)
            connection.executemany(
                "UPDATE captures SET state = 'accepted', extractor = ?, tried = NULL, problems = NULL WHERE id = ?",
                ((reader, capture_id) for capture_id, reader in readers.items()),
            )
            if changed := _state(connection, article_id)[0] != before:
                # Texts may have been withheld before that are not now: all of them are compared anew.
                connection.execute("DELETE FROM changes WHERE article_id = ?", (article_id,))
                refresh(connection, article_id, url=readings[0].url, source=readings[0].source)
            _, texts_now, versions_now = _state(connection, article_id)
        return Replaced(changed, len(texts_now - texts), versions_now - versions)

    def leave(self, readers: Mapping[int, str]) -> None:
        """Note that captures keep their readings, since the named extractors could not read them as an article."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE captures SET tried = ? WHERE id = ?",
                ((reader, capture_id) for capture_id, reader in readers.items()),
            )


def _says_another(row: sqlite3.Row, reading: Reading) -> bool:
    """Whether a stored reading differs from a new one in what it says, or in the date of publication."""
    published = published_text(reading.extraction)
    if row["published"] and published and not is_same_moment(row["published"], published):
        return True
    if row["digest"] == reading.digest:
        return False
    return bool(row["sense"] != sense(reading.extraction.headline, reading.extraction.paragraphs))


def _state(connection: sqlite3.Connection, article_id: str) -> tuple[Any, frozenset[str], int]:
    """All that a user can see of an article; the digests of its texts; how many versions its row counts."""
    readings = connection.execute(
        "SELECT capture_id, digest, sense, published FROM readings WHERE article_id = ? ORDER BY capture_id",
        (article_id,),
    ).fetchall()
    texts = connection.execute("SELECT * FROM texts WHERE article_id = ? ORDER BY digest", (article_id,)).fetchall()
    row = connection.execute("SELECT versions FROM articles WHERE id = ?", (article_id,)).fetchone()
    seen = [tuple(row) for row in readings], [_without_reader(row) for row in texts]
    return seen, frozenset(text["digest"] for text in texts), int(row["versions"]) if row else 0


def _without_reader(row: sqlite3.Row) -> dict[str, Any]:
    text = dict(row)
    fields = json.loads(text["fields"])
    text["fields"] = {name: value for name, value in fields.items() if name not in _OF_THE_READER}
    return text
