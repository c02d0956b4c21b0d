"""Takes the captures that nothing has read yet, and moves them on: accepted as articles, or rejected with reasons.

The bytes are read from the WARC, extraction runs in killable worker processes, and what comes back is judged and stored
in one transaction per batch. A kill at any moment leaves the captures of the open batch where they were.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.digests import article_id
from newsarchive.errors import ExtractionError
from newsarchive.extraction import Guide, Pool
from newsarchive.folding import article_key
from newsarchive.ingest.absence import work_out_changes
from newsarchive.ingest.guiding import Guides, work_off_backlog
from newsarchive.ingest.index_beside import IndexBeside
from newsarchive.ingest.reading import Known, Work, payload_of, reading_of
from newsarchive.ingest.rereading import Rereader, store
from newsarchive.ingest.rulebook import RuleBook, RuleCounts
from newsarchive.ingest.signals import Signals
from newsarchive.models import CaptureState, Extraction, Payload, Problem, Rights
from newsarchive.urls import canonicalise, is_web_url, same_site, site_of
from newsarchive.validation import judge, status_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.holdings import Holdings
    from newsarchive.storage import Bar, CaptureRow, Reading

_BATCH: Final = 50
"""Captures settled in one transaction; a killed run reads at most these again."""

Outcome = Extraction | ExtractionError


class _Twin(NamedTuple):
    """An accepted capture with the same bytes, and what is said of the new one's rights."""

    id: int
    rights: Rights
    withheld: bool


Settled = tuple[Problem, ...] | _Twin
"""What becomes of a capture without an extractor: its problems, or the row of a twin with the same bytes."""


@dataclass
class Tally(RuleCounts):
    """What processing did. `rejected` counts captures by the code of their first problem."""

    accepted: int = 0
    new_articles: int = 0
    new_versions: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.accepted += other.accepted
        self.new_articles += other.new_articles
        self.new_versions += other.new_versions
        self.rejected.update(other.rejected)
        self.add_ruled(other)

    def as_record(self) -> dict[str, Any]:
        """The counts as JSON-able values."""
        return {
            "accepted": self.accepted,
            "new_articles": self.new_articles,
            "new_versions": self.new_versions,
            "rejected": dict(self.rejected.most_common()),
            "rules_missed": self.missed_as_record(),
        }

    @property
    def processed(self) -> int:
        """All captures that were moved on."""
        return self.accepted + self.rejected.total()


def process(
    holdings: Holdings,
    *,
    pool: Pool | int | None = None,
    rules: RuleBook | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Process every capture that waits; one process at a time does so, a second one waits for the first.

    Args:
        holdings: the archive, opened for writing.
        pool: workers to use, or how many for this call; by default as many as the settings say.
        rules: the publishers' rules; by default those that the archive holds now.
        progress: called after each batch with the counts so far.

    Raises:
        SettingsError: the settings or a publisher's rule cannot be; nothing is processed.
    """
    rules = rules or RuleBook.read(holdings.folder, holdings.settings)
    with holdings.lock("process", wait=True):
        work_off_backlog(holdings)
        work_out_changes(holdings)
        if next(holdings.captures.pending(), None) is None:
            return Tally()
        if isinstance(pool, Pool):
            return _Processor(holdings, pool, rules, progress).run()
        with worker_pool(holdings, workers=pool) as own:
            return _Processor(holdings, own, rules, progress).run()


def process_while(holdings: Holdings, more: Callable[[], bool], *, workers: int | None = None) -> Tally:
    """Process and index what another process captures, until `more()` is false and nothing waits.

    `more` is asked whenever nothing waits; it should take about a second to answer while there may be more. Errors as
    in `process`.
    """
    total = Tally()
    rules = RuleBook.read(holdings.folder, holdings.settings)
    with IndexBeside(holdings) as index, worker_pool(holdings, workers=workers) as pool:
        going_on = True
        while going_on:
            going_on = more()
            total.add(process(holdings, pool=pool, rules=rules, progress=lambda _: index.now_and_then()))
            index.now_and_then()
    return total


def worker_pool(holdings: Holdings, *, workers: int | None = None) -> Pool:
    """Extraction workers with the limits that the settings name, and as many as they name unless told otherwise."""
    limits = holdings.settings.extraction
    return Pool(
        workers or limits.workers,
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
        self._progress = progress
        self._guides = Guides(holdings.templates, rules)
        self._signals = Signals(holdings)
        self._rereader = Rereader(holdings, pool, self._guides)
        # The newest capture when a first page was read whose next part was not there, by the page's row.
        self._read_until: dict[int, int] = {}
        self._tally = Tally()
        # Not yet stored.
        self._aside: list[tuple[Work, Settled]] = []
        self._put_off = 0

    def run(self) -> Tally:
        self._pass()
        before = 0
        while self._put_off and self._put_off != before:  # revisits of captures that were under way
            before = self._put_off
            self._pass()
        return self._tally

    def _pass(self) -> None:
        batch: list[tuple[Work, Outcome]] = []
        self._put_off = 0
        for work, outcome in self._pool.map(self._jobs()):
            batch.append((work, outcome))
            if len(batch) >= _BATCH:
                self._settle(batch)
                batch = []
        self._settle(batch)

    def _jobs(self) -> Iterator[tuple[Work, Payload, Guide]]:
        """Captures that need an extractor; the others are set aside on the way."""
        for row in self._holdings.captures.pending():
            guide = self._guides.of(row.capture)
            work = Work(row, guide.extractor)
            if bar := self._holdings.barring.why(row.capture.url):
                self._aside.append((work, (barred(bar),)))
                continue
            looked_up = self._looked_up if row.capture.revisit is None else self._revisited
            work, read = looked_up(work)
            if isinstance(read, Payload):
                yield work, read, guide
            elif read is not None:
                self._aside.append((work, read))
            if len(self._aside) >= _BATCH:
                self._settle([])

    def _looked_up(self, work: Work) -> tuple[Work, Payload | Settled | None]:
        """What is known of a capture without an extractor (its problems, or its twin), or the page to extract."""
        if problem := status_problem(work.row.capture.status):
            return work, (problem,)
        twin_id = self._alike(work.row, work.reader)
        if twin_id is not None and (twin := self._twin(work, twin_id)):
            return work, twin
        until = self._holdings.captures.newest_id
        read = payload_of(self._holdings, work.row)
        if isinstance(read, Payload) and read.next_part:
            self._read_until[work.row.id] = until
        return work, (read,) if isinstance(read, Problem) else read

    def _reopen_where_more_came(self, work: Work) -> None:
        """Read a first page again whose next part was captured while it was read.

        Whoever captures a part reopens the first page; done before the page was settled, that is undone by settling it.
        """
        captures, row = self._holdings.captures, work.row
        until = self._read_until.pop(row.id, None)
        if until is not None and captures.newest_part(row.capture.url) > until:
            captures.reopen(row.id)

    def _alike(self, row: CaptureRow, reader: str) -> int | None:
        # The first page of a longer article may be as it was while the others are not.
        captures = self._holdings.captures
        return None if captures.has_parts(row.capture.url) else captures.twin(row, extractor=reader)

    def _revisited(self, work: Work) -> tuple[Work, Payload | Settled | None]:
        """The same of a revisit: what became of the capture that it refers to, by whichever extractor that was read.

        None where that waits itself. The first page of a longer article is read, with the further ones of its time.
        """
        captures, row = self._holdings.captures, work.row
        original = captures.original(row.capture)
        if original is not None and row.capture.status == HTTPStatus.NOT_MODIFIED:
            original = captures.confirmed(row.capture, original)
        # The first page of a longer article may be as it was while the others are not.
        is_whole = not captures.has_parts(row.capture.url)
        if original is not None and original.capture.url == row.capture.url and is_whole:
            if original.state is CaptureState.CAPTURED:
                self._put_off += 1
                return work, None
            outcome = captures.outcome(original.id)
            if original.state is CaptureState.ACCEPTED and (twin := self._twin(work, original.id)):
                return Work(row, outcome.extractor), twin
            if original.state is CaptureState.REJECTED:
                return Work(row, outcome.extractor), outcome.problems
        if original is not None and (problem := status_problem(original.capture.status)):
            return work, (problem,)
        read = payload_of(self._holdings, row)
        return work, (read,) if isinstance(read, Problem) else read

    def _settle(self, batch: list[tuple[Work, Outcome]]) -> None:
        aside, self._aside = self._aside, []
        unlike: list[tuple[Work, Reading]] = []
        with self._holdings.database.transaction():
            for work, settled in aside:
                if isinstance(settled, _Twin):
                    self._accept_twin(work, settled)
                else:
                    self._reject(work, *settled)
            for work, outcome in batch:
                if isinstance(outcome, ExtractionError):
                    self._reject(work, Problem(code=outcome.reason, message=outcome.message))
                elif reading := self._judge(work, outcome):
                    unlike.append((work, reading))
                    continue
                self._reopen_where_more_came(work)
            self._guides.save()
        for work, reading in unlike:
            self._compare(work, reading)
            self._reopen_where_more_came(work)
        if self._progress:
            self._progress(self._tally)

    def _judge(self, work: Work, extraction: Extraction) -> Reading | None:
        """Store or reject what was read; a reading that must first be compared like with like is handed back."""
        row = work.row
        settings = self._holdings.settings.validation
        verdict = judge(extraction, captured_at=row.capture.captured_at, settings=settings)
        if not verdict.accepted:
            self._reject(work, *verdict.problems)
            return None
        url = _identity(extraction)
        known = self._known(url, source=row.capture.origin.source or site_of(url))
        if bar := self._holdings.barring.why(url):
            self._reject(work, barred(bar))
            return None
        reading = reading_of(row, extraction, known, signals=self._signals)
        if self._holdings.rereadings.compares_unlike(reading, reader=work.reader):
            return reading
        self._accept(work, reading)
        return None

    def _known(self, url: str, *, source: str) -> Known:
        """What an article is known by: one id for all its addresses, so that a site's move to https makes no other."""
        held = self._holdings.articles.id_of(url)  # ids of older archives were made of the address itself
        return Known(held or article_id(article_key(url)), url, source)

    def _accept(self, work: Work, reading: Reading) -> None:
        articles = self._holdings.articles
        before = self._versions(reading)
        articles.add(reading)
        self._holdings.captures.accept(work.row.id, extractor=work.reader)
        self._holdings.yields.accept(work.row, reading.extraction)
        if not before and not reading.withheld:
            self._guides.learn(reading.extraction)
        self._count(work, reading, before)

    def _compare(self, work: Work, reading: Reading) -> None:
        """Take in a capture whose text differs from that of an earlier one, which another extractor read.

        All captures of the article are read by the current one first: only then does a difference mean an edit.
        """
        known = Known(reading.article_id, reading.url, reading.source)
        rows = [*self._holdings.rereadings.captures(known.id), work.row]
        (reread,) = self._rereader.read([(known, rows)])
        with self._holdings.database.transaction():
            if reread.problem:  # the others stay as they were read; that much is known of them
                self._holdings.rereadings.leave(reread.readers)
                self._accept(work, reading)
                return
            before = self._versions(reading)
            store(self._holdings, reread)
            self._count(work, reading, before)

    def _versions(self, reading: Reading) -> int:
        key = reading.article_id
        return self._holdings.articles.version_counts([key]).get(key, 0)

    def _count(self, work: Work, reading: Reading, before: int) -> None:
        self._tally.accepted += 1
        self._tally.new_articles += before == 0
        self._tally.new_versions += max(0, self._versions(reading) - before)
        if ruling := self._guides.ruling(work.row.capture):
            self._tally.count_ruled(ruling, reading.extraction)

    def _twin(self, work: Work, twin: int) -> _Twin | None:
        """An accepted capture that says the same; none where one's text may be kept and the other's may not.

        Nor where the text was taken away since, and this capture brings it back.
        """
        rights = self._signals.of_twin(work.row.capture, twin)
        withheld = self._signals.withholds(rights)
        table = self._holdings.rights
        alike = withheld == table.is_withheld(twin) and (withheld or table.has_text(twin))
        return _Twin(twin, rights, withheld) if alike else None

    def _accept_twin(self, work: Work, twin: _Twin) -> None:
        row = work.row
        self._holdings.articles.add_twin(
            row.id, captured_at=row.capture.captured_at, twin_id=twin.id, rights=twin.rights, withheld=twin.withheld
        )
        self._holdings.captures.accept(row.id, extractor=work.reader)
        if row.capture.revisit is None:
            self._holdings.yields.accept_twin(row, twin.id)
        self._tally.accepted += 1

    def _reject(self, work: Work, *problems: Problem) -> None:
        self._holdings.captures.reject(work.row.id, problems=problems, extractor=work.reader)
        if work.row.capture.revisit is None:  # a run that saw nothing new tells nothing of a redesign
            self._holdings.yields.reject(work.row, problems[0].code)
        self._tally.rejected[problems[0].code] += 1


def barred(bar: Bar) -> Problem:
    """Why a capture that is opted out, or withdrawn, is not read."""
    if bar.kind == "withdrawn":
        return Problem(code="withdrawn", message=str(bar))
    return Problem(code="opted-out", message=str(bar))


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
