"""What an archive does with its sources: crawl them, plan that, look for them."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from newsarchive import layout
from newsarchive.archive.crawling import FoundSources, Plan, PlannedFetch, events, hints_of
from newsarchive.archive.folder import append_source
from newsarchive.archive.reading import Reading
from newsarchive.errors import UnknownSource
from newsarchive.holdings import Holdings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsarchive.archive.trial import Trial
    from newsarchive.settings import SourceSettings
    from newsarchive.storage import Run


class Crawls(Reading):
    """The part of `Archive` that starts crawls."""

    def crawl(  # noqa: PLR0913 - all of them say what is crawled and how it is told, and each has a default
        self,
        *names: str,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        capture_only: bool = False,
        log_level: str = "WARNING",
        log_format: Literal["text", "json"] = "text",
        progress: Callable[[str, Mapping[str, int]], None] | None = None,
        waiting: Callable[[str, datetime], None] | None = None,
    ) -> tuple[Run, ...]:
        """Crawl sources (all of them, if none is named), and process and index what they bring; one run for each.

        Args:
            names: tables of the settings, or files of `spiders/`.
            since: only candidates that are dated then or later, such as `2019-02-20` or `7d`.
            until: only candidates that were published then or before; a day, month or year is included. Archive
                sitemaps and archive pages that can hold nothing of the span are not read.
            limit: articles that are fetched from each source at the most.
            capture_only: leave what is captured to a later `process`.
            log_level: of the log on stderr: `WARNING`, `INFO` (one line for each page) or `DEBUG`.
            log_format: `text`, or `json` for one object a line.
            progress: called about once a second for each source, with its name and counts so far.
            waiting: called for each source that is outside of its hours, with its name and when these begin; nothing
                of it is fetched, and it has no run.

        Raises:
            UnknownSource: a name is listed nowhere.
            CrawlOverlaps: another process crawls one of them; the others were crawled.
        """
        self._require_writing()
        ids, flags = [], ["--log-format", log_format]
        if capture_only:
            flags.append("--capture-only")
        for event in self._crawl(names, since=since, until=until, limit=limit, log_level=log_level, flags=flags):
            if event["event"] == "run":
                ids.append(event["id"])
            elif event["event"] == "progress" and progress:
                progress(event["source"], event["counts"])
            elif event["event"] == "hours" and waiting:
                waiting(event["source"], datetime.fromisoformat(event["opens_at"]))
        return tuple(run for run_id in ids if (run := self.runs.get(run_id)))

    def plan_crawl(
        self, *names: str, since: str | None = None, until: str | None = None, limit: int | None = None
    ) -> Plan:
        """What a crawl would fetch now, and why: reads the sources, fetches no article and stores nothing."""
        fetches, counts = [], {}
        for event in self._crawl(names, since=since, until=until, limit=limit, flags=("--dry-run",)):
            if event["event"] == "candidate":
                told = {key: event[key] for key in ("source", "url", "via", "why")}
                fetches.append(PlannedFetch(**told, hints=hints_of(event)))
            elif event["event"] == "planned":
                counts[event["source"]] = event["counts"]
        return Plan(tuple(fetches), counts)

    def _crawl(
        self,
        names: Sequence[str],
        *,
        since: str | None,
        until: str | None,
        limit: int | None,
        log_level: str = "WARNING",
        flags: Sequence[str] = (),
    ) -> Iterator[dict[str, Any]]:
        _ = self.rules
        options = ["--archive", str(self.folder), "--log-level", log_level, *flags]
        if since:
            options += ["--since", since]
        if until:
            options += ["--until", until]
        if limit:
            options += ["--limit", str(limit)]
        return events("newsarchive.crawl", [*options, "--", *names])

    def source_names(self) -> tuple[str, ...]:
        """Every source: the settings' tables, and the publishers that the files in `spiders/` describe."""
        from newsarchive.ingest import read_publishers  # noqa: PLC0415 - searching needs no publishers

        files = (found.name for found in read_publishers(self.folder / layout.SPIDERS) if found.name)
        return tuple(sorted({*self.settings.sources, *files}))

    def require_sources(self, names: Iterable[str]) -> None:
        """Make sure that each name is that of a source.

        Raises:
            UnknownSource: one is listed nowhere; the tip names the nearest.
        """
        known = self.source_names()
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                tip = f"did you mean {near[0]!r}?" if near else f"known sources: {', '.join(known) or 'none yet'}"
                raise UnknownSource(f"no source is named {name!r}", tip=tip)

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

        with scratch_archive(self.folder) as folder, type(self)(folder, mode="rw") as trial:
            trial.crawl(name, limit=PAGES_PER_ARTICLE * limit)
            return Trial(tuple(trial.articles())[:limit], tuple(trial.rejected()))

    def add_source(self, name: str, source: SourceSettings) -> None:
        """List a source in the settings file.

        Raises:
            UsageError: a source of this name is listed already.
        """
        append_source(self.folder, name=name, source=source)
        self._holdings = Holdings(self.folder, self._holdings.database)
