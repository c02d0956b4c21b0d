"""What was learned of each site's standing lines, and how far the learning has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.storage.database import Database

_BACKLOG: Final = "templates-learned-to"


class SiteTemplate(NamedTuple):
    """What is known of one site."""

    site: str
    version: int
    """Goes up by one whenever the set of lines changes; 0 while there never was a line."""
    name: str
    """Names the set of lines: equal sets have one name, in every archive; empty where there are none."""
    articles: int
    """Articles that were learned from."""
    memory: bytes
    """What the learner remembers; opaque here."""
    lines: Mapping[int, str]
    """The template, by hash."""


class Templates:
    """The tables `templates` and `template_lines`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, site: str) -> SiteTemplate | None:
        """What is known of a site."""
        row = self._database.connection.execute("SELECT * FROM templates WHERE site = ?", (site,)).fetchone()
        if row is None:
            return None
        query = "SELECT hash, text FROM template_lines WHERE site = ? ORDER BY hash"
        lines = {line["hash"]: line["text"] for line in self._database.connection.execute(query, (site,))}
        return SiteTemplate(lines=lines, **{key: row[key] for key in row.keys()})  # noqa: SIM118 - a Row is no mapping

    def put(self, template: SiteTemplate) -> None:
        """Keep what is known of a site, in place of what was."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO templates VALUES (?, ?, ?, ?, ?)", template[:5])
            connection.execute("DELETE FROM template_lines WHERE site = ?", (template.site,))
            connection.executemany(
                "INSERT INTO template_lines VALUES (?, ?, ?)",
                ((template.site, value, text) for value, text in template.lines.items()),
            )

    @property
    def backlog(self) -> str | None:
        """The id up to which stored articles were learned from; None once all were.

        Archives that were made before templates were learned have one.
        """
        row = self._database.connection.execute("SELECT value FROM meta WHERE key = ?", (_BACKLOG,)).fetchone()
        return str(row["value"]) if row else None

    def worked_off(self, up_to: str | None) -> None:
        """Note that stored articles up to an id were learned from; None says that all were."""
        with self._database.transaction() as connection:
            if up_to is None:
                connection.execute("DELETE FROM meta WHERE key = ?", (_BACKLOG,))
            else:
                connection.execute("UPDATE meta SET value = ? WHERE key = ?", (up_to, _BACKLOG))
