"""Articles and their versions, derived from what the accepted captures said.

A reading is what one accepted capture said. The versions of an article are the runs of equal sense among its readings
in the order of capture, so they come out the same whatever order captures arrive in: live, imported late, or rebuilt.
A version's text is that of the first capture of its run.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.dates import Precision
from newsarchive.edits import sense
from newsarchive.models import Article, Extraction, Gone, Rights, Version
from newsarchive.storage.database import Database, stamp
from newsarchive.storage.deriving import derive, spelled
from newsarchive.storage.rights import RightsTable, keep_rights, settle_rights

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

_OWN_COLUMNS = frozenset({"headline", "category", "published", "language", "paragraphs"})
_MANY = 500
"""Rows asked for at once; SQLite's default bound on parameters is far above it."""


class Reading(NamedTuple):
    """What one accepted capture said, and of which article."""

    capture_id: int
    captured_at: datetime
    article_id: str
    url: str
    """The article's canonical URL."""
    source: str
    digest: str
    extraction: Extraction
    withheld: bool = False
    """Whether the text is not to be kept: then only what tells of the article is."""


class Articles:
    """The tables `articles`, `readings` and `texts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, reading: Reading) -> None:
        """Keep what a capture said: one more sight of its article, and a new version if the text is another."""
        with self._database.transaction() as connection:
            keep_reading(connection, reading)
            # A capture that is read again, as when a further page of it came, leaves no text of before.
            connection.execute(
                "DELETE FROM texts WHERE article_id = :id AND digest NOT IN"
                " (SELECT digest FROM readings WHERE article_id = :id)",
                {"id": reading.article_id},
            )
            refresh(connection, reading.article_id, url=reading.url, source=reading.source)

    def add_twin(
        self,
        capture_id: int,
        *,
        captured_at: datetime,
        twin_id: int,
        rights: Rights | None = None,
        withheld: bool = False,
    ) -> None:
        """Keep that a capture said the same as another one with the same bytes; of rights it may say something else."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT article_id, readings.digest, articles.url, source FROM readings"
                " JOIN articles ON articles.id = article_id WHERE capture_id = ?",
                (twin_id,),
            ).fetchone()
            connection.execute(
                f"INSERT OR REPLACE INTO readings ({_READING_COLUMNS})"
                " SELECT ?, article_id, ?, digest, sense, published, url FROM readings WHERE capture_id = ?",
                (capture_id, stamp(captured_at), twin_id),
            )
            keep_rights(
                connection, capture_id, article_id=row["article_id"], rights=rights or Rights(), withheld=withheld
            )
            connection.execute(
                "UPDATE texts SET capture_id = :id, captured_at = :at WHERE article_id = :article AND digest = :digest"
                " AND (captured_at, capture_id) > (:at, :id)",
                {"id": capture_id, "at": stamp(captured_at), "article": row["article_id"], "digest": row["digest"]},
            )
            refresh(connection, row["article_id"], url=row["url"], source=row["source"], same_text=True)

    def get(self, article_id: str) -> Article | None:
        """An article with all its versions."""
        row = self._database.connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
        return _article(row, self._versions(article_id), self._rights([article_id])) if row else None

    def _rights(self, article_ids: Sequence[str]) -> dict[str, Rights]:
        return RightsTable(self._database).of_articles(article_ids)

    def id_of(self, url: str) -> str | None:
        """The id of the article that is known by exactly this canonical URL."""
        row = self._database.connection.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
        return str(row["id"]) if row else None

    def by_url(self, url: str) -> Article | None:
        """The article of a canonical URL, or of a URL that one of its captures was fetched from."""
        row = self._database.connection.execute(
            "SELECT id FROM articles WHERE url = :url UNION ALL SELECT article_id FROM readings"
            " JOIN captures ON captures.id = capture_id WHERE captures.url = :url LIMIT 1",
            {"url": url},
        ).fetchone()
        return self.get(row["id"]) if row else None

    def latest(self, article_ids: Sequence[str]) -> dict[str, Article]:
        """Articles by id, each with its newest version alone: what a list of hits shows."""
        found: dict[str, Article] = {}
        for start in range(0, len(article_ids), _MANY):
            some = article_ids[start : start + _MANY]
            marks = ", ".join("?" * len(some))
            rights = self._rights(some)
            rows = self._database.connection.execute(
                f"SELECT articles.*, {_TEXT_COLUMNS}, {_FIRST_SIGHT} FROM articles"
                " JOIN texts ON texts.article_id = articles.id AND texts.digest = articles.digest"
                f" JOIN captures ON captures.id = texts.capture_id WHERE articles.id IN ({marks})",
                some,
            )
            for row in rows:
                version = _version(row, article_id=row["id"], number=row["versions"], digest=row["digest"])
                found[row["id"]] = _article(row, (version,), rights)
        return found

    def changed_since(self, revision: int) -> Iterator[tuple[int, str]]:
        """Revision and id of every article that changed after a revision, in the order of change."""
        query = "SELECT revision, id FROM articles WHERE revision > ? ORDER BY revision"
        for row in self._database.connection.execute(query, (revision,)).fetchall():
            yield row["revision"], row["id"]

    def count_changed_since(self, revision: int) -> int:
        """How many articles changed after a revision."""
        query = "SELECT count(*) FROM articles WHERE revision > ?"
        return int(self._database.connection.execute(query, (revision,)).fetchone()[0])

    def refresh_of_url(self, url: str) -> None:
        """Bring the articles up to date that a URL may belong to (spelled canonically): it was answered otherwise."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, url, source FROM articles WHERE url = :url"
                " OR id IN (SELECT article_id FROM readings WHERE url = :url)",
                {"url": url},
            ).fetchall()
            for row in rows:
                refresh(connection, row["id"], url=row["url"], source=row["source"])

    def ids(self, *, after: str = "") -> Iterator[str]:
        """The ids of all articles, or of those after one, in the order of their ids."""
        last = after
        query = "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._database.connection.execute(query, (last, _MANY)).fetchall():
            last = rows[-1]["id"]
            yield from (row["id"] for row in rows)

    def revisions(self) -> Iterator[tuple[str, int]]:
        """Id and revision of every article, in the order of their ids."""
        last = ""
        query = "SELECT id, revision FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._database.connection.execute(query, (last, _MANY)).fetchall():
            last = rows[-1]["id"]
            yield from ((row["id"], row["revision"]) for row in rows)

    def version_counts(self, article_ids: Sequence[str]) -> dict[str, int]:
        """How many versions each article has."""
        marks = ", ".join("?" * len(article_ids))
        query = f"SELECT id, versions FROM articles WHERE id IN ({marks})"
        return {row["id"]: row["versions"] for row in self._database.connection.execute(query, article_ids)}

    @property
    def revision(self) -> int:
        """Counts every change of any article; an index that has seen it is up to date."""
        return _revision(self._database.connection)

    def counts(self) -> tuple[int, int]:
        """How many articles, and how many versions of them in all."""
        row = self._database.connection.execute("SELECT count(*), coalesce(sum(versions), 0) FROM articles").fetchone()
        return int(row[0]), int(row[1])

    def counts_by_source(self) -> dict[str, int]:
        """How many articles each source has, the largest first."""
        rows = self._database.connection.execute(
            "SELECT source, count(*) AS n FROM articles GROUP BY source ORDER BY n DESC, source"
        )
        return {row["source"]: int(row["n"]) for row in rows}

    def first_seen(self, source: str, *, since: datetime) -> tuple[datetime, ...]:
        """When the articles of a source were captured first, of those first captured since a moment."""
        rows = self._database.connection.execute(
            "SELECT first_seen FROM articles WHERE source = ? AND first_seen >= ?", (source, stamp(since))
        )
        return tuple(datetime.fromisoformat(row["first_seen"]) for row in rows)

    @cached_property
    def _runs(self) -> str:
        """An archive of an older version that was opened for reading only knows no senses still."""
        return _runs("sense" if self._database.has_column("readings", "sense") else "digest")

    def _versions(self, article_id: str) -> tuple[Version, ...]:
        rows = self._database.connection.execute(
            f"SELECT runs.digest, {_TEXT_COLUMNS}, {_FIRST_SIGHT} FROM ({self._runs}) AS runs"
            " JOIN texts ON texts.article_id = :id AND texts.digest = runs.digest"
            " JOIN captures ON captures.id = runs.capture_id"
            " WHERE runs.begins ORDER BY runs.captured_at, runs.capture_id",
            {"id": article_id},
        )
        return tuple(
            _version(row, article_id=article_id, number=number, digest=row["digest"])
            for number, row in enumerate(rows, start=1)
        )


_TEXT_COLUMNS = (
    "texts.headline, texts.category, texts.published, texts.language, texts.body, texts.fields, texts.word_count"
)
_FIRST_SIGHT = "captures.record_id, captures.captured_at"
_READING_COLUMNS = "capture_id, article_id, captured_at, digest, sense, published, url"


def _runs(key: str) -> str:
    """A reading begins a version where it differs from the one before it."""
    return (
        f"SELECT capture_id, captured_at, digest, {key} IS NOT lag({key}) OVER (ORDER BY captured_at, capture_id)"
        " AS begins FROM readings WHERE article_id = :id"
    )


def keep_reading(connection: sqlite3.Connection, reading: Reading) -> None:
    """Keep what a capture said, and its words; the article's row is left to `refresh`."""
    extraction = reading.extraction
    connection.execute(
        f"INSERT OR REPLACE INTO readings ({_READING_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reading.capture_id,
            reading.article_id,
            stamp(reading.captured_at),
            reading.digest,
            sense(extraction.headline, extraction.paragraphs),
            published_text(extraction),
            spelled(extraction.url),
        ),
    )
    keep_text(connection, reading)
    note_rights(connection, reading)


def published_text(extraction: Extraction) -> str | None:
    """The date of publication as precisely as it is known, ISO 8601."""
    published = extraction.published
    if published is None:
        return None
    is_day = extraction.published_precision is Precision.DAY
    return published.date().isoformat() if is_day else published.isoformat()


_IS_EARLIER = "(excluded.captured_at, excluded.capture_id) <= (texts.captured_at, texts.capture_id)"


def keep_text(connection: sqlite3.Connection, reading: Reading) -> None:
    """Keep the words; of several captures with one digest the earliest speaks for the rest of the fields."""
    extraction = reading.extraction
    if reading.withheld:
        extraction = extraction.model_copy(update=_NOT_KEPT)
    fields = extraction.model_dump(mode="json", exclude=set(_OWN_COLUMNS), exclude_defaults=True)
    published = extraction.published
    connection.execute(
        "INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (article_id, digest) DO UPDATE SET"
        # A text that was withheld, and may be kept now, comes in with a later capture; the first one still says so.
        f" capture_id = iif({_IS_EARLIER}, excluded.capture_id, texts.capture_id),"
        " captured_at = min(excluded.captured_at, texts.captured_at), headline = excluded.headline,"
        " category = excluded.category, published = excluded.published, published_unix = excluded.published_unix,"
        " language = excluded.language, word_count = excluded.word_count, body = excluded.body,"
        f" fields = excluded.fields WHERE {_IS_EARLIER} OR (texts.body = '' AND excluded.body != '')",
        (
            reading.article_id,
            reading.digest,
            reading.capture_id,
            stamp(reading.captured_at),
            extraction.headline,
            extraction.category,
            published.isoformat() if published else None,
            int(published.timestamp()) if published else None,
            extraction.language,
            extraction.word_count,
            extraction.body,
            json.dumps(fields, ensure_ascii=False, separators=(",", ":")),
        ),
    )


_NOT_KEPT = {"paragraphs": (), "entries": (), "boilerplate": (), "description": None}
"""What is not kept of a withheld text; headline, dates, authors and the like tell of the article, not what it says."""


def note_rights(connection: sqlite3.Connection, reading: Reading) -> None:
    """Note what the capture of a reading said of rights."""
    keep_rights(
        connection,
        reading.capture_id,
        article_id=reading.article_id,
        rights=reading.extraction.rights,
        withheld=reading.withheld,
    )


def derived(connection: sqlite3.Connection, article_id: str) -> sqlite3.Row:
    """What the readings of an article say of it: `first_seen`, `last_seen`, `versions` and the newest `digest`."""
    row: sqlite3.Row = connection.execute(
        "SELECT min(captured_at) AS first_seen, max(captured_at) AS last_seen, sum(begins) AS versions,"
        f" (SELECT digest FROM ({_BY_SENSE}) WHERE begins ORDER BY captured_at DESC, capture_id DESC LIMIT 1)"
        f" AS digest FROM ({_BY_SENSE})",
        {"id": article_id},
    ).fetchone()
    return row


def refresh(connection: sqlite3.Connection, article_id: str, *, url: str, source: str, same_text: bool = False) -> None:
    """Bring an article's row and its changes up to date with its readings and with what is known of its URLs.

    Args:
        connection: with an open transaction.
        article_id: the article.
        url: its URL, for a new one.
        source: its source, for a new one.
        same_text: no text came or went. Then the revision is raised only where what the index holds of the article is
            another: one more sight of an unchanged page, of which a crawl has thousands, costs no indexing.
    """
    settle_rights(connection, article_id)
    row = derived(connection, article_id)
    gone, differs = derive(connection, article_id, url=url)
    connection.execute(
        "INSERT INTO articles"
        " (id, url, source, first_seen, last_seen, versions, digest, revision, gone_since, gone_why)"
        " VALUES (:id, :url, :source, :first_seen, :last_seen, :versions, :digest, :revision, :since, :why)"
        " ON CONFLICT (id) DO UPDATE SET first_seen = excluded.first_seen, last_seen = excluded.last_seen,"
        " versions = excluded.versions, digest = excluded.digest, revision = CASE WHEN :same_text AND"
        " (first_seen, versions, digest, gone_since) IS"
        " (excluded.first_seen, excluded.versions, excluded.digest, excluded.gone_since)"
        " THEN revision ELSE excluded.revision END,"
        " gone_since = excluded.gone_since, gone_why = excluded.gone_why",
        {
            "id": article_id,
            "url": url,
            "source": source,
            **dict(row),
            "revision": _revision(connection) + 1,
            "same_text": same_text and not differs,
            "since": gone.since if gone else None,
            "why": gone.why if gone else None,
        },
    )


_BY_SENSE = _runs("sense")


def _revision(connection: sqlite3.Connection) -> int:
    # A floor stays where the article with the highest revision was withdrawn: the index must not miss what comes next.
    query = (
        "SELECT max(coalesce((SELECT max(revision) FROM articles), 0),"
        " coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision-floor'), 0))"
    )
    return int(connection.execute(query).fetchone()[0])


def _version(row: sqlite3.Row, *, article_id: str, number: int, digest: str) -> Version:
    fields = json.loads(row["fields"])
    body = row["body"]
    return Version(
        **fields,
        headline=row["headline"],
        category=row["category"],
        published=row["published"],
        language=row["language"],
        paragraphs=tuple(body.split("\n\n")) if body else (),
        article_id=article_id,
        number=number,
        captured_at=row["captured_at"],
        record_id=row["record_id"],
        digest=digest,
    )


def _article(row: sqlite3.Row, versions: tuple[Version, ...], rights: Mapping[str, Rights]) -> Article:
    return Article(
        id=row["id"],
        url=row["url"],
        source=row["source"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        gone=_gone(row),
        versions=versions,
        rights=rights.get(row["id"], Rights()),
    )


def _gone(row: sqlite3.Row) -> Gone | None:
    # Absent from an archive of an older version that was opened for reading only.
    since = row["gone_since"] if "gone_since" in row.keys() else None  # noqa: SIM118 - a Row is no mapping
    return Gone(since=since, why=row["gone_why"]) if since else None
