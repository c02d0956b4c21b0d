"""What the records tell of each day of a source: the articles of the day, and when the source was read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.storage.database import Database


class Dated(NamedTuple):
    """When an article was published, as its page says, and when it was first seen."""

    published: datetime
    precision: str
    first_seen: datetime


class Read(NamedTuple):
    """A discovery document of a source that was answered."""

    url: str
    at: datetime


class Crawled(NamedTuple):
    """A run of a source, and how many of its discovery documents it could read; None where that was not counted."""

    at: datetime
    read: int | None


class DayRecords:
    """Reads the tables `articles`, `texts`, `captures` and `runs` for what they tell of days."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self) -> tuple[str, ...]:
        """The sources of which there is an article."""
        rows = self._database.connection.execute("SELECT DISTINCT source FROM articles ORDER BY source")
        return tuple(row["source"] for row in rows)

    def articles(self, source: str) -> Iterator[Dated]:
        """The dated articles of a source; an article's date is that of its newest version."""
        rows = self._database.connection.execute(
            "SELECT published, fields ->> 'published_precision' AS precision, first_seen FROM articles JOIN texts"
            " ON texts.article_id = articles.id AND texts.digest = articles.digest"
            " WHERE source = ? AND published IS NOT NULL",
            (source,),
        )
        for row in rows:
            published, first_seen = (datetime.fromisoformat(row[name]) for name in ("published", "first_seen"))
            yield Dated(published, row["precision"] or "", first_seen)

    def reads(self, source: str) -> Iterator[Read]:
        """The sitemaps, feeds and section pages of a source that were answered, in the order of time.

        A robots file names no article, so that reading it is no look at the news.
        """
        rows = self._database.connection.execute(
            "SELECT url, captured_at FROM captures WHERE role = 'discovery' AND source = ? AND status IN (200, 304)"
            " AND url NOT LIKE '%/robots.txt' ORDER BY captured_at",
            (source,),
        )
        for row in rows:
            yield Read(row["url"], datetime.fromisoformat(row["captured_at"]))

    def runs(self, source: str) -> Iterator[Crawled]:
        """The runs of a source in the order of time."""
        rows = self._database.connection.execute(
            "SELECT started_at, counts FROM runs WHERE source = ? ORDER BY id", (source,)
        )
        for row in rows:
            yield Crawled(datetime.fromisoformat(row["started_at"]), json.loads(row["counts"]).get("sources_read"))
