"""What an archive does with what it holds: try again, read again, rebuild."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsarchive.archive.folder import write_engine
from newsarchive.archive.moments import asked_span, aware
from newsarchive.archive.processing import Processing
from newsarchive.errors import UnknownSource
from newsarchive.search import require_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.errors import WarcError
    from newsarchive.ingest import Reextraction, Tally
    from newsarchive.search import EngineName


class Upkeep(Processing):
    """The part of `Archive` that works on stored captures."""

    def retry_rejected(self, *, code: str | None = None) -> Tally:
        """Put rejected captures (of one problem code, if given) through extraction and validation again."""
        self._require_writing()
        self._holdings.captures.retry_rejected(code=code)
        return self.process()

    def reextract(
        self,
        *,
        source: str | None = None,
        since: str | datetime | None = None,
        dry_run: bool = False,
        progress: Callable[[Reextraction], None] | None = None,
    ) -> Reextraction:
        """Read articles again that another extractor read, or without a site's template or a publisher's rule of now.

        What changed is indexed.

        All captures of an article are read by the same extractor, so that a better reading makes no new version.

        Args:
            source: only articles of this source: its name in the settings, or a host.
            since: only articles published then or later, such as `2019-02-20`, `7d` or an aware datetime.
            dry_run: count what is due; read and change nothing.
            progress: called now and then with the counts so far.

        Raises:
            UnknownSource: no article is of this source.
            UsageError: `since` is no date.
            SettingsError: the settings or a publisher's rule cannot be; nothing is read again.
        """
        from newsarchive.ingest import RuleBook, reextract, update_index  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        rules = RuleBook.read(self._holdings.folder)
        if source is not None:
            self._require_articles_of(source)
        done = reextract(
            self._holdings, rules=rules, source=source, since=_start(since), dry_run=dry_run, progress=progress
        )
        if not dry_run:
            update_index(self._holdings)
        return done

    def rebuild(
        self,
        *,
        engine: EngineName | None = None,
        progress: Callable[[str, int], None] | None = None,
        on_damage: Callable[[WarcError], None] | None = None,
    ) -> tuple[int, Tally, int]:
        """Bring back what can be derived: records and CDXJ files from the WARC files, the index from the records.

        Args:
            engine: what is to make the index from now on, `whoosh` or `tantivy`; it is written into the settings, as
                `engine` of `[index]`. By default what they say.
            progress: called now and then with what is done and how far it is.
            on_damage: called for each damaged place of a WARC file, after which the next whole record is read.

        Returns:
            How many captures were found in the WARC files that had no record, what processing them gave, and how
            many articles were indexed.

        Raises:
            SettingsError: the settings or a publisher's rule cannot be; nothing is rebuilt.
            MissingExtra: the engine's library is not installed; nothing is rebuilt.
            WarcError: at the first damaged place, where `on_damage` is not given.
        """
        from newsarchive.ingest import RuleBook, build_index, process, reconcile  # noqa: PLC0415 - as in `reextract`

        self._require_writing()
        rules = RuleBook.read(self._holdings.folder)
        require_engine(engine or self._holdings.settings.index.engine)
        if engine is not None:
            write_engine(self._holdings.folder, engine)
            self._holdings.reread_settings()
        tell = progress or _silent
        found = reconcile(self._holdings, progress=lambda count: tell("captures", count), on_damage=on_damage)
        tally = process(self._holdings, rules=rules, progress=lambda tally: tell("processed", tally.processed))
        indexed = build_index(self._holdings, progress=lambda count: tell("indexed", count))
        return found, tally, indexed

    def _require_articles_of(self, source: str) -> None:
        known = self._holdings.articles.counts_by_source()
        if source not in known:
            import difflib  # noqa: PLC0415 - only on the way to an error

            near = difflib.get_close_matches(source, known, n=1)
            tip = f"did you mean {near[0]!r}?" if near else "`newsarchive status` lists the sources"
            raise UnknownSource(f"no article is of a source named {source!r}", tip=tip)


def _start(since: str | datetime | None) -> datetime | None:
    if since is None:
        return None
    if isinstance(since, datetime):
        return aware("since", since)
    return asked_span("since", since, now=datetime.now(UTC).astimezone()).start


def _silent(stage: str, count: int) -> None:
    """Tell nobody."""
