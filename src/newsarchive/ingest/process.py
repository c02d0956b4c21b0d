"""Takes the captures that nothing has read yet, and moves them on: accepted as articles, or rejected with reasons.

The bytes are read from the WARC, extraction runs in killable worker processes, and what comes back is judged and stored
in one transaction per batch. A kill at any moment leaves the captures of the open batch where they were.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from newsarchive.digests import article_id, text_digest
from newsarchive.errors import ExtractionError, WarcError
from newsarchive.extraction import NO_GUIDE, Guide, Pool, extractor_version
from newsarchive.ingest.indexing import update_index
from newsarchive.ingest.rulebook import RuleBook, Ruling
from newsarchive.models import Extraction, Payload, Problem
from newsarchive.storage import CaptureRow, Reading
from newsarchive.text import fold_space
from newsarchive.urls import canonicalise, is_web_url, same_site, site_of
from newsarchive.validation import judge, status_problem
from newsarchive.warc import read_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.holdings import Holdings

_BATCH: Final = 50
"""Captures settled in one transaction; a killed run reads at most these again."""

_INDEX_EVERY: Final = 60.0
"""Seconds between two commits of the index while a crawl goes on; each commit leaves a segment to merge."""

Outcome = Extraction | ExtractionError


@dataclass
class Tally:
    """What processing did. `rejected` counts captures by the code of their first problem.

    `ruled` and `missed` count accepted captures by source and field: those that were read with a publisher's rule for
    the field, and those of them where the rule gave nothing.
    """

    accepted: int = 0
    new_articles: int = 0
    new_versions: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    ruled: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.accepted += other.accepted
        self.new_articles += other.new_articles
        self.new_versions += other.new_versions
        self.rejected.update(other.rejected)
        self.ruled.update(other.ruled)
        self.missed.update(other.missed)

    def count_ruled(self, ruling: Ruling, extraction: Extraction) -> None:
        """Count what a rule gave of an accepted page, and what it did not."""
        self.ruled.update((ruling.source, name) for name in ruling.rule.promised)
        self.missed.update((ruling.source, name) for name in ruling.rule.missed(extraction))

    def as_record(self) -> dict[str, Any]:
        """The counts as JSON-able values."""
        return {
            "accepted": self.accepted,
            "new_articles": self.new_articles,
            "new_versions": self.new_versions,
            "rejected": dict(self.rejected.most_common()),
            "rules_missed": [
                {"source": source, "field": name, "missed": count, "of": self.ruled[source, name]}
                for (source, name), count in self.missed.most_common()
            ],
        }

    @property
    def processed(self) -> int:
        """All captures that were moved on."""
        return self.accepted + self.rejected.total()


def process(
    holdings: Holdings,
    *,
    pool: Pool | None = None,
    rules: RuleBook | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Process every capture that waits; one process at a time does so, a second one waits for the first.

    Args:
        holdings: the archive, opened for writing.
        pool: workers to use; by default as many as the settings say, for this call.
        rules: the publishers' rules; by default those that the archive holds now.
        progress: called after each batch with the counts so far.

    Raises:
        SettingsError: the settings or a publisher's rule cannot be; nothing is processed.
    """
    rules = rules or RuleBook.read(holdings.folder, holdings.settings)
    with holdings.lock("process", wait=True):
        if next(holdings.captures.pending(), None) is None:
            return Tally()
        if pool is not None:
            return _Processor(holdings, pool, rules, progress).run()
        with worker_pool(holdings) as own:
            return _Processor(holdings, own, rules, progress).run()


def process_while(holdings: Holdings, more: Callable[[], bool]) -> Tally:
    """Process and index what another process captures, until `more()` is false and nothing waits.

    `more` is asked whenever nothing waits; it should take about a second to answer while there may be more. Errors as
    in `process`.
    """
    total = Tally()
    rules = RuleBook.read(holdings.folder, holdings.settings)
    indexed_at = time.monotonic()
    with worker_pool(holdings) as pool:
        going_on = True
        while going_on:
            going_on = more()
            total.add(process(holdings, pool=pool, rules=rules))
            if not going_on or time.monotonic() - indexed_at > _INDEX_EVERY:
                update_index(holdings)
                indexed_at = time.monotonic()
    return total


def worker_pool(holdings: Holdings) -> Pool:
    """Extraction workers with the limits that the settings name."""
    limits = holdings.settings.extraction
    return Pool(
        limits.workers,
        timeout=limits.timeout,
        memory=limits.memory,
        max_page_size=limits.max_page_size,
        max_tags=limits.max_tags,
    )


class _Processor:
    def __init__(
        self, holdings: Holdings, pool: Pool, rules: RuleBook, progress: Callable[[Tally], None] | None
    ) -> None:
        self._holdings = holdings
        self._pool = pool
        self._rules = rules
        self._progress = progress
        self._tally = Tally()
        # Settled without an extractor, and not yet stored: a problem, or the row of a twin with the same bytes.
        self._aside: list[tuple[CaptureRow, Problem | int]] = []

    def run(self) -> Tally:
        batch: list[tuple[CaptureRow, Outcome]] = []
        for row, outcome in self._pool.map(self._jobs()):
            batch.append((row, outcome))
            if len(batch) >= _BATCH:
                self._settle(batch)
                batch = []
        self._settle(batch)
        return self._tally

    def _guide(self, row: CaptureRow) -> Guide:
        """What is known of a capture's site before it is read."""
        ruling = self._rules.for_capture(row.capture)
        return Guide(rule=ruling.rule) if ruling else NO_GUIDE

    def _extractor(self, row: CaptureRow) -> str:
        return extractor_version(self._guide(row))

    def _jobs(self) -> Iterator[tuple[CaptureRow, Payload, Guide]]:
        """Captures that need an extractor; the others are set aside on the way."""
        captures = self._holdings.captures
        for row in captures.pending():
            if problem := status_problem(row.capture.status):
                self._aside.append((row, problem))
            elif (twin := captures.twin(row, extractor=self._extractor(row))) is not None:
                self._aside.append((row, twin))
            else:
                read = self._read(row)
                if isinstance(read, Payload):
                    yield row, read, self._guide(row)
                else:
                    self._aside.append((row, read))
            if len(self._aside) >= _BATCH:
                self._settle([])

    def _read(self, row: CaptureRow) -> Payload | Problem:
        limit = self._holdings.settings.extraction.max_page_size
        try:
            return read_payload(self._holdings.warc_folder, row.capture.place, max_size=limit)
        except ExtractionError as error:
            return Problem(code=error.reason, message=error.message)
        except WarcError as error:
            return Problem(code="damaged-capture", message=error.message)

    def _settle(self, batch: list[tuple[CaptureRow, Outcome]]) -> None:
        aside, self._aside = self._aside, []
        with self._holdings.database.transaction():
            for row, settled in aside:
                if isinstance(settled, Problem):
                    self._reject(row, settled)
                else:
                    self._accept_twin(row, settled)
            for row, outcome in batch:
                if isinstance(outcome, ExtractionError):
                    self._reject(row, Problem(code=outcome.reason, message=outcome.message))
                else:
                    self._judge(row, outcome)
        if self._progress:
            self._progress(self._tally)

    def _judge(self, row: CaptureRow, extraction: Extraction) -> None:
        settings = self._holdings.settings.validation
        verdict = judge(extraction, captured_at=row.capture.captured_at, settings=settings)
        if verdict.accepted:
            self._accept(row, extraction)
        else:
            self._reject(row, *verdict.problems)

    def _accept(self, row: CaptureRow, extraction: Extraction) -> None:
        url = _identity(extraction)
        articles = self._holdings.articles
        before = articles.version_counts([key := article_id(url)]).get(key, 0)
        articles.add(
            Reading(
                capture_id=row.id,
                captured_at=row.capture.captured_at,
                article_id=key,
                url=url,
                source=row.capture.origin.source or site_of(url),
                digest=text_digest(extraction.headline or "", *map(fold_space, extraction.paragraphs)),
                extraction=extraction,
            )
        )
        self._holdings.captures.accept(row.id, extractor=self._extractor(row))
        self._holdings.yields.accept(row, extraction)
        self._tally.accepted += 1
        self._tally.new_articles += before == 0
        self._tally.new_versions += articles.version_counts([key])[key] - before
        if ruling := self._rules.for_capture(row.capture):
            self._tally.count_ruled(ruling, extraction)

    def _accept_twin(self, row: CaptureRow, twin: int) -> None:
        articles = self._holdings.articles
        articles.add_twin(row.id, captured_at=row.capture.captured_at, twin_id=twin)
        self._holdings.captures.accept(row.id, extractor=self._extractor(row))
        self._holdings.yields.accept_twin(row, twin)
        self._tally.accepted += 1

    def _reject(self, row: CaptureRow, *problems: Problem) -> None:
        self._holdings.captures.reject(row.id, problems=problems, extractor=self._extractor(row))
        self._holdings.yields.reject(row, problems[0].code)
        self._tally.rejected[problems[0].code] += 1


def _identity(extraction: Extraction) -> str:
    """The URL that an article is known by: its canonical link, unless that cannot be the article's own.

    Some sites name their front page, or another site, as the canonical place of every page; believed, all their
    articles would become versions of one.
    """
    own = canonicalise(extraction.url)
    link = extraction.canonical_url
    if not link or not is_web_url(link):
        return own
    canonical = canonicalise(link)
    names_front_page = canonical.split("://", 1)[1].partition("/")[2] == ""
    return own if names_front_page or not same_site(canonical, own) else canonical
