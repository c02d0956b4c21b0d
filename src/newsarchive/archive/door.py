"""`Archive`: everything that can be done with an archive folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.archive.backup import Backups
from newsarchive.archive.changed import Changed
from newsarchive.archive.coverage import Covering
from newsarchive.archive.crawls import Crawls
from newsarchive.archive.exporting import Exporting
from newsarchive.archive.guarding import Guarding
from newsarchive.archive.rechecking import Rechecking
from newsarchive.archive.results import Results
from newsarchive.archive.status import Status, status_of
from newsarchive.archive.upkeep import Upkeep
from newsarchive.archive.verifying import Verifying
from newsarchive.search import combine, parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsarchive.search.engine import Sort


class Archive(Backups, Changed, Covering, Crawls, Exporting, Guarding, Rechecking, Upkeep, Verifying):
    """An archive folder, opened. Read-only unless `mode="rw"`; reading is safe while a crawl writes.

    Use it as a context manager, or call `close`.

    Raises:
        ArchiveNotFound: there is no archive at the place.
        ArchiveTooNew: it was written by a newer newsarchive.
        SettingsError: its settings or its publishers' rules cannot be (where they are needed: a search needs none);
            whatever needs them says so before it does anything.
    """

    def search(  # noqa: PLR0913 - each is a filter of its own
        self,
        query: str,
        *,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        source: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
        author: str | Sequence[str] = (),
        language: str | Sequence[str] = (),
        sort: Sort = "relevance",
        fold_copies: bool = False,
        relax: bool = True,
    ) -> Results:
        """Articles that answer a query, in the language of `docs/query-language.md`.

        Args:
            query: what to look for; an empty one asks for everything that the filters let pass.
            since: first day or moment of publication, such as `2019-02-20`, `7d` or an aware datetime.
            until: last day of publication; a day, month or year includes all of itself. A datetime is the first
                moment left out.
            source: names or hosts of sources; any of them.
            category: sections; any of them.
            author: names of authors; any of them.
            language: such as `vi`; any of them.
            sort: `relevance`, `newest`, `oldest`, `longest` or `most-edited`.
            fold_copies: give near-duplicates, such as the printings of one wire story, as one hit: the one that was
                published first. Every article is counted in `total` and in facets either way.
            relax: where hardly any article has all words of a list without operators, look for most of them; see
                `Results.relaxed`. Counts that must mean one thing are taken with relax=False.

        Raises:
            QuerySyntaxError: the query cannot be read; it says where.
            UsageError: a filter cannot be read.
            IndexMissing: the index is absent or of another version (when the results are read).
        """
        now = self.now().astimezone()
        tree = combine(
            parse(query, now=now) if query.strip() else None,
            now=now,
            since=since,
            until=until,
            source=source,
            category=category,
            language=language,
            author=author,
        )
        return Results(self._searching, tree, text=query, sort=sort, fold_copies=fold_copies, relax=relax)

    def status(self) -> Status:
        """How the archive stands."""
        return status_of(self._holdings)
