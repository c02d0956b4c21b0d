"""`Archive`: everything that can be done with an archive folder."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from newsarchive import layout
from newsarchive.archive.crawling import FoundSources, PlannedFetch, events, hints_of
from newsarchive.archive.folder import append_source, find_folder
from newsarchive.archive.results import Results
from newsarchive.archive.status import Status, status_of
from newsarchive.archive.upkeep import Upkeep
from newsarchive.errors import ArchiveNotFound, ArchiveReadOnly, NotFound
from newsarchive.holdings import Holdings
from newsarchive.search import combine, parse
from newsarchive.storage import Database
from newsarchive.urls import canonicalise, is_web_url
from newsarchive.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from newsarchive.archive.recording import Recorder
    from newsarchive.archive.trial import Trial
    from newsarchive.ingest import ImportReport, RuleBook, Tally
    from newsarchive.models import Article, Capture, Payload
    from newsarchive.search.searcher import Sort
    from newsarchive.settings import Settings, SourceSettings
    from newsarchive.storage import Frontier, Rejection, Run, Runs
    from newsarchive.warc import WarcWriter

Mode = Literal["r", "rw"]


class Archive(Upkeep):
    """An archive folder, opened. Read-only unless `mode="rw"`; reading is safe while a crawl writes.

    Use it as a context manager, or call `close`.

    Raises:
        ArchiveNotFound: there is no archive at the place.
        ArchiveTooNew: it was written by a newer newsarchive.
        SettingsError: its settings or its publishers' rules cannot be (where they are needed: a search needs none);
            whatever needs them says so before it does anything.
    """

    def __init__(self, folder: Path | str | None = None, *, mode: Mode = "r") -> None:
        self.folder = find_folder(_as_path(folder))
        self.mode = mode
        path = self.folder / layout.DATABASE
        self._stack = ExitStack()
        if mode == "r" and not path.exists():
            raise ArchiveNotFound(
                f"{self.folder} has no {layout.DATABASE}: nothing was captured yet, or its records were lost",
                tip="crawl or import something; records that were lost come back with `newsarchive rebuild`",
            )
        database = self._stack.enter_context(Database(path, read_only=mode == "r"))
        self._holdings = Holdings(self.folder, database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """What `newsarchive.toml` says.

        Raises:
            SettingsError: it cannot be read, or holds an unknown key or a value that cannot be.
        """
        return self._holdings.settings

    @property
    def rules(self) -> RuleBook:
        """The publishers' rules, as the settings and the files in `spiders/` hold them now.

        Raises:
            SettingsError: a rule cannot be; the message names its file and line.
        """
        from newsarchive.ingest import RuleBook  # noqa: PLC0415 - searching needs no rules

        return RuleBook.read(self.folder)

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
        self._stack.close()

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
            sort: `relevance`, `newest` or `oldest`.

        Raises:
            QuerySyntaxError: the query cannot be read; it says where.
            UsageError: a filter cannot be read.
            IndexMissing: the index is absent or of another version (when the results are read).
        """
        now = datetime.now(UTC).astimezone()
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
        return Results(self._holdings, tree, text=query, sort=sort)

    def get(self, url_or_id: str) -> Article:
        """The article of a URL (canonical, or as it was fetched) or id, with all its versions.

        Raises:
            NotFound: the archive has no such article.
        """
        articles = self._holdings.articles
        if is_web_url(url_or_id):
            article = articles.by_url(canonicalise(url_or_id)) or articles.by_url(url_or_id)
        else:
            article = articles.get(url_or_id)
        if article is None:
            tip = "`newsarchive rejected` lists what was refused"
            raise NotFound(f"no article {url_or_id} in {self.folder}", tip=tip)
        return article

    def articles(self) -> Iterator[Article]:
        """Every article with all its versions, in the order of their ids."""
        for article_id in self._holdings.articles.ids():
            article = self._holdings.articles.get(article_id)
            if article is not None:
                yield article

    def captures(self, url: str) -> tuple[Capture, ...]:
        """Every capture of a URL, oldest first, whatever became of it."""
        captures = self._holdings.captures
        return tuple(captures.of_url(url)) or tuple(captures.of_url(canonicalise(url)))

    def payload(self, record_id: str) -> Payload:
        """The bytes of a capture, without content coding.

        Raises:
            NotFound: no capture has this WARC-Record-ID.
            WarcError: the file holds something else at the capture's place.
        """
        from newsarchive.warc import read_payload  # noqa: PLC0415 - searching needs no WARC reader

        capture = self._holdings.captures.by_record(record_id)
        if capture is None:
            raise NotFound(f"no capture {record_id} in {self.folder}")
        return read_payload(self._holdings.warc_folder, capture.place)

    def rejected(self, *, code: str | None = None, source: str | None = None) -> Iterator[Rejection]:
        """Captures that were kept but are no articles, newest first, with their problems."""
        return self._holdings.captures.rejected(code=code, source=source)

    def status(self) -> Status:
        """How the archive stands."""
        return status_of(self._holdings)

    def ingest(
        self,
        *paths: Path | str,
        urls: Mapping[str, str] | Path | None = None,
        on_capture: Callable[[ImportReport], None] | None = None,
        on_process: Callable[[Tally], None] | None = None,
    ) -> tuple[ImportReport, Tally]:
        """Import WARC files, HTML files and folders of them, and process and index what they hold.

        Args:
            paths: what to import.
            urls: file name to URL, for saved pages that do not name their own; or a CSV file with the columns
                `file` and `url`.
            on_capture: called now and then while files are taken in.
            on_process: called now and then while captures are processed.

        Raises:
            UsageError: a path does not exist or is of no known kind.
            ArchiveReadOnly: the archive was opened for reading.
        """
        from newsarchive.ingest import import_paths, read_url_table  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        _ = self.rules
        with self._writer() as writer:
            files = [path for given in paths if (path := _as_path(given))]
            table = read_url_table(urls) if isinstance(urls, Path) else urls
            report = import_paths(self._holdings, files, writer=writer, urls=table, progress=on_capture)
        return report, self.process(progress=on_process)

    def process(self, *, progress: Callable[[Tally], None] | None = None) -> Tally:
        """Extract, judge and store every capture that waits, and index what changed.

        A second process that calls this waits for the first.
        """
        from newsarchive.ingest import process, update_index  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        tally = process(self._holdings, progress=progress)
        update_index(self._holdings)
        return tally

    def process_while(self, more: Callable[[], bool]) -> Tally:
        """Process what a crawl writes, as long as `more()` says so; it is asked whenever nothing waits."""
        from newsarchive.ingest import process_while  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        return process_while(self._holdings, more)

    def crawl(
        self,
        *names: str,
        since: str | None = None,
        limit: int | None = None,
        log_level: str = "WARNING",
        progress: Callable[[str, Mapping[str, int]], None] | None = None,
    ) -> tuple[Run, ...]:
        """Crawl sources (all of them, if none is named), and process and index what they bring; one run for each.

        Args:
            names: tables of the settings, or files of `spiders/`.
            since: only candidates that are dated then or later, such as `2019-02-20` or `7d`.
            limit: articles that are fetched from each source at the most.
            log_level: of Scrapy's log on stderr.
            progress: called about once a second for each source, with its name and counts so far.

        Raises:
            UnknownSource: a name is listed nowhere.
            ArchiveLocked: another process crawls one of them.
        """
        self._require_writing()
        ids = []
        for event in self._crawl(names, since=since, limit=limit, log_level=log_level):
            if event["event"] == "run":
                ids.append(event["id"])
            elif event["event"] == "progress" and progress:
                progress(event["source"], event["counts"])
        return tuple(run for run_id in ids if (run := self.runs.get(run_id)))

    def plan_crawl(self, *names: str, since: str | None = None, limit: int | None = None) -> tuple[PlannedFetch, ...]:
        """What a crawl would fetch now: reads the sources, fetches no article and stores nothing."""
        found = self._crawl(names, since=since, limit=limit, flags=("--dry-run",))
        return tuple(
            PlannedFetch(source=event["source"], url=event["url"], via=event["via"], hints=hints_of(event))
            for event in found
            if event["event"] == "candidate"
        )

    def _crawl(
        self,
        names: Sequence[str],
        *,
        since: str | None,
        limit: int | None,
        log_level: str = "WARNING",
        flags: Sequence[str] = (),
    ) -> Iterator[dict[str, Any]]:
        _ = self.rules
        options = ["--archive", str(self.folder), "--log-level", log_level, *flags]
        if since:
            options += ["--since", since]
        if limit:
            options += ["--limit", str(limit)]
        return events("newsarchive.crawl", [*options, "--", *names])

    def find_sources(self, url: str) -> FoundSources:
        """Look at a site's robots.txt, home page and usual places for its sitemaps, feeds and sections.

        Raises:
            FetchError: the site could not be reached.
        """
        from newsarchive.settings import SourceSettings  # noqa: PLC0415 - as in `Holdings.settings`

        options = ["--archive", str(self.folder), "--", url]
        found = next(event for event in events("newsarchive.crawl.probe", options) if event["event"] == "sources")
        return FoundSources(
            name=found["name"],
            source=SourceSettings.model_validate(found["source"]),
            seen=tuple((one["url"], one["kind"], one["articles"]) for one in found["seen"]),
        )

    def try_source(self, name: str, *, limit: int = 3) -> Trial:
        """Fetch and extract a few live articles of a source; nothing is stored. Errors as in `crawl`."""
        from newsarchive.archive.trial import PAGES_PER_ARTICLE, Trial, scratch_archive  # noqa: PLC0415 - as `ingest`

        with scratch_archive(self.folder) as folder, Archive(folder, mode="rw") as trial:
            trial.crawl(name, limit=PAGES_PER_ARTICLE * limit)
            return Trial(tuple(trial.articles())[:limit], tuple(trial.rejected()))

    def add_source(self, name: str, source: SourceSettings) -> None:
        """List a source in the settings file.

        Raises:
            UsageError: a source of this name is listed already.
        """
        append_source(self.folder, name=name, source=source)
        self._holdings = Holdings(self.folder, self._holdings.database)

    @property
    def frontier(self) -> Frontier:
        """Candidates in the order they are due."""
        return self._holdings.frontier

    @property
    def runs(self) -> Runs:
        """Crawls and their counts."""
        return self._holdings.runs

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock of this archive; see `Holdings.lock`."""
        with self._holdings.lock(name):
            yield

    @contextmanager
    def recorder(self) -> Iterator[Recorder]:
        """Takes the exchanges of a crawl into the archive, each before anything is read from it."""
        from newsarchive.archive.recording import Recorder  # noqa: PLC0415 - searching needs no WARC writer

        self._require_writing()
        with self._writer() as writer:
            yield Recorder(self._holdings, writer)

    @contextmanager
    def _writer(self) -> Iterator[WarcWriter]:
        from newsarchive.ingest import repair  # noqa: PLC0415 - searching needs no WARC writer
        from newsarchive.warc import WarcWriter  # noqa: PLC0415 - as above

        repair(self._holdings)
        info = _warc_info(self.settings)
        limit = self.settings.warc.max_file_size
        with WarcWriter(self._holdings.warc_folder, max_file_size=limit, info=info) as writer:
            yield writer

    def _require_writing(self) -> None:
        if self.mode != "rw":
            raise ArchiveReadOnly(f"{self.folder} was opened for reading", tip='open the archive with mode="rw"')


def _as_path(given: Path | str | None) -> Path | None:
    return Path(given).expanduser() if given is not None else None


def _warc_info(settings: Settings) -> dict[str, str]:
    """What stands in the warcinfo record of each file (WARC/1.1, section 6.2)."""
    info = {
        "software": f"newsarchive/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots": "obey" if settings.crawl.obey_robots else "ignore",
        "isPartOf": settings.archive.name,
    }
    if settings.archive.contact:
        info["operator"] = settings.archive.contact
    return info
