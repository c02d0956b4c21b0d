"""What changed in articles after they were first seen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from newsarchive.archive.reading import Reading
from newsarchive.errors import UsageError
from newsarchive.search import name_key, parse, span_between
from newsarchive.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.models import Change


class Changed(Reading):
    """The part of `Archive` that tells edits, and articles that are gone."""

    def changes(
        self,
        *,
        kind: str | Sequence[str] = (),
        query: str = "",
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        source: str | Sequence[str] = (),
        min_words: int = 0,
    ) -> Iterator[Change]:
        """Changes of articles between two captures, the newest first.

        Args:
            kind: `headline`, `body`, `published-date` or `gone`; any of them.
            query: only articles that answer it now, in the language of `docs/query-language.md`.
            since: only changes that were seen then or later, such as `2019-02-20`, `7d` or an aware datetime.
            until: only changes that were seen by then; a day, month or year includes all of itself. A datetime is the
                first moment left out.
            source: names or hosts of sources; any of them.
            min_words: only changes that add and remove so many words together.

        Raises:
            UsageError: a kind that there is not, or a date that cannot be read.
            QuerySyntaxError: the query cannot be read; it says where.
            ArchiveError: an older version made the archive, and what changed is not worked out yet.
        """
        from newsarchive.models.change import KINDS  # noqa: PLC0415 - a search needs no changes

        kinds = (kind,) if isinstance(kind, str) else tuple(kind)
        for one in kinds:
            if one not in KINDS:
                raise UsageError(f"there is no kind of change {one!r}", tip=f"there are {', '.join(KINDS)}")
        span = span_between(since, until, now=datetime.now(UTC).astimezone())
        wanted = self._answering(query) if query.strip() else None
        sources = {name_key(name) for name in ((source,) if isinstance(source, str) else source)}
        self._holdings.changes.require()
        hidden = self._holdings.barring.hidden(self._holdings.database)
        found = self._holdings.changes.newest_first(kinds=kinds, since=span.start, until=span.end, min_words=min_words)
        return (
            change
            for change in found
            if change.article_id not in hidden
            and (wanted is None or change.article_id in wanted)
            and (not sources or not sources.isdisjoint({name_key(change.source), site_of(change.url)}))
        )

    def _answering(self, query: str) -> set[str]:
        """Ids of the articles that answer a query."""
        from newsarchive.search import Searcher  # noqa: PLC0415 - changes without a query need no engine

        tree = parse(query, now=datetime.now(UTC).astimezone())
        with Searcher(self._holdings.index_folder, generation=self._holdings.database.generation) as searcher:
            return {found.id for found in searcher.scan(tree, sort="newest")}

    def history(self, url_or_id: str) -> tuple[Change, ...]:
        """All changes of one article, the oldest first; errors as in `get` and `changes`."""
        found = self._holdings.changes.newest_first(article_id=self.get(url_or_id).id)
        return tuple(found)[::-1]

    def changes_feed(  # noqa: PLR0913 - each is a filter of its own
        self,
        *,
        kind: str | Sequence[str] = (),
        query: str = "",
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        source: str | Sequence[str] = (),
        min_words: int = 0,
        limit: int = 100,
    ) -> bytes:
        """The newest changes as an Atom feed (RFC 4287) with each difference as HTML; arguments as in `changes`.

        Feed and entries keep their ids for ever, also over a rebuild: an entry's is made of its article and of the
        capture that showed the change, the feed's of the archive's name and the filters.
        """
        from newsarchive.archive.changefeed import entry_of, feed_of  # noqa: PLC0415 - as above

        found = self.changes(kind=kind, query=query, since=since, until=until, source=source, min_words=min_words)
        entries = [entry_of(change, self.get(change.article_id)) for change in islice(found, limit)]
        asked = f"{kind!r} {query!r} {since!r} {until!r} {source!r} {min_words!r}"
        return feed_of(entries, name=self.settings.archive.name, asked=asked)
