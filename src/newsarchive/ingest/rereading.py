"""Reads all captures of an article again with one extractor, so that its versions are compared like with like.

A better extraction is no edit. Where two captures of a page were read by different extractors and differ, only a second
reading of both by the same one tells whether the page changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from newsarchive.errors import ExtractionError
from newsarchive.ingest.reading import Known, Work, payload_of, reading_of
from newsarchive.ingest.rulebook import RuleCounts
from newsarchive.ingest.signals import Signals
from newsarchive.models import Problem
from newsarchive.validation import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.extraction import Guide, Pool
    from newsarchive.holdings import Holdings
    from newsarchive.ingest.guiding import Guides
    from newsarchive.models import Extraction, Payload
    from newsarchive.storage import CaptureRow, Reading, Replaced


@dataclass
class Reread:
    """All captures of one article, read again."""

    article_id: str
    readings: list[Reading] = field(default_factory=list)
    rows: list[CaptureRow] = field(default_factory=list)
    """The captures of the readings, in their order."""
    readers: dict[int, str] = field(default_factory=dict)
    """What read each capture, by its row."""
    rules: RuleCounts = field(default_factory=RuleCounts)
    problem: Problem | None = None
    """Why the new readings cannot take the place of the old ones: of some capture the extractor makes no article."""

    @property
    def latest(self) -> Extraction:
        """What the newest capture says now."""
        return max(self.readings, key=lambda reading: (reading.captured_at, reading.capture_id)).extraction


def store(holdings: Holdings, reread: Reread) -> Replaced:
    """Put the new readings in the place of the old ones, and what they gave in the place of what the old ones gave."""
    for row, reading in zip(reread.rows, reread.readings, strict=True):
        holdings.yields.accept(row, reading.extraction)
    return holdings.rereadings.replace(reread.article_id, reread.readings, readers=reread.readers)


class Rereader:
    """Reads articles again; used by who holds the archive's lock `process`."""

    def __init__(self, holdings: Holdings, pool: Pool, guides: Guides) -> None:
        self._holdings = holdings
        self._pool = pool
        self._guides = guides
        self._signals = Signals(holdings)

    def read(self, articles: Iterable[tuple[Known, Sequence[CaptureRow]]]) -> Iterator[Reread]:
        """Articles with the captures that they consist of, each read again; nothing is stored.

        Those of which no capture can be taken from its file come last.
        """
        damaged: dict[Known, Reread] = {}
        outcomes = self._pool.map(self._jobs(articles, damaged))
        for known, some in groupby(outcomes, key=lambda outcome: outcome[0][0]):
            reread = Reread(known.id)
            for (_, rows, reader), outcome in some:
                for row in rows:
                    self._take(reread, known, Work(row, reader), outcome)
            if lost := damaged.pop(known, None):  # the jobs are past this article by now
                reread.readers |= lost.readers
                reread.problem = lost.problem
            yield reread
        yield from damaged.values()

    def _jobs(
        self, articles: Iterable[tuple[Known, Sequence[CaptureRow]]], damaged: dict[Known, Reread]
    ) -> Iterator[tuple[tuple[Known, list[CaptureRow], str], Payload, Guide]]:
        """One job for each page; captures of one URL with the same bytes, read with the same guide, are one page."""
        for known, rows in articles:
            pages: dict[object, list[CaptureRow]] = {}
            for row in rows:
                bytes_of: str | int = row.capture.payload_digest or row.id
                if self._holdings.captures.has_parts(row.capture.url):
                    bytes_of = row.id  # its further pages may be others
                # The same bytes may have come with other HTTP fields.
                said = self._holdings.rights.of_capture(row.id).of("http").model_dump_json()
                same = (row.capture.url, bytes_of, said, self._guides.of(row.capture).extractor)
                pages.setdefault(same, []).append(row)
            for alike in pages.values():
                guide = self._guides.of(alike[0].capture)
                payload = payload_of(self._holdings, alike[0])
                if isinstance(payload, Problem):
                    lost = damaged.setdefault(known, Reread(known.id, problem=payload))
                    lost.readers.update((row.id, guide.extractor) for row in alike)
                else:
                    yield (known, alike, guide.extractor), payload, guide

    def _take(self, reread: Reread, known: Known, work: Work, outcome: Extraction | ExtractionError) -> None:
        row, reader = work
        reread.readers[row.id] = reader
        if isinstance(outcome, ExtractionError):
            reread.problem = reread.problem or Problem(code=outcome.reason, message=outcome.message)
            return
        settings = self._holdings.settings.validation
        verdict = judge(outcome, captured_at=row.capture.captured_at, settings=settings)
        if verdict.accepted:
            reread.readings.append(reading_of(row, outcome, known, signals=self._signals))
            reread.rows.append(row)
            if ruling := self._guides.ruling(row.capture):
                reread.rules.count_ruled(ruling, outcome)
        else:
            reread.problem = reread.problem or verdict.problems[0]
