"""What a verification found, and the order in which everything is looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from newsarchive.models import CaptureState

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.holdings import Holdings
    from newsarchive.models import Finding

MOST_LISTED: Final = 10_000
"""Findings that are held; more are counted by their kind."""


@dataclass
class Lag:
    """What is on its way: no damage, the next crawl or command goes on with it."""

    without_row: int = 0
    """Captures in open WARC files whose row is not there yet; the writer adds it, or after a kill the next one."""
    waiting: int = 0
    """Captures that nothing has read yet (`newsarchive process`)."""
    not_indexed: int = 0
    """Articles that changed since the index last saw them; all of them where there is no index."""
    without_original: int = 0
    """Imported captures that refer to an earlier one which was never imported; they were rejected for that."""
    copies: int = 0
    """Captures that lie in the WARC files twice, as after an import that was stopped; one of them has the row."""


@dataclass
class Verification:
    """What was looked at, and what is wrong."""

    quick: bool = False
    """Whether digests were left out."""
    files: int = 0
    """WARC files."""
    records: int = 0
    """WARC records of every kind."""
    captures: int = 0
    articles: int = 0
    indexed: int = 0
    """Articles in the search index."""
    lag: Lag = field(default_factory=Lag)
    findings: list[Finding] = field(default_factory=list)
    """The damages, at most `MOST_LISTED` of them."""
    kinds: Counter[str] = field(default_factory=Counter)
    """How many there are of each kind."""

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged."""
        return not self.kinds

    def tell(self, finding: Finding) -> None:
        """Note a damage."""
        self.kinds[finding.kind] += 1
        if len(self.findings) < MOST_LISTED:
            self.findings.append(finding)

    def as_record(self) -> dict[str, Any]:
        """All but the findings themselves as JSON-able values."""
        return {
            "ok": self.ok,
            "quick": self.quick,
            "files": self.files,
            "records": self.records,
            "captures": self.captures,
            "articles": self.articles,
            "indexed": self.indexed,
            "lag": vars(self.lag),
            "kinds": dict(self.kinds.most_common()),
        }


def verify(
    holdings: Holdings, *, quick: bool = False, progress: Callable[[str, int], None] | None = None
) -> Verification:
    """Look at everything; nothing is changed, and others may write meanwhile.

    Args:
        holdings: the archive.
        quick: leave out the digests of WARC records and texts, the indexes of SQLite and the postings.
        progress: called now and then with what is looked at and how far it is.
    """
    from newsarchive.audit.captures import CaptureAudit  # noqa: PLC0415 - these two import this file
    from newsarchive.audit.indexed import check_index  # noqa: PLC0415 - as above
    from newsarchive.audit.withdrawn import check_withdrawals  # noqa: PLC0415 - as above

    tell = progress or _silent
    found = Verification(quick=quick)
    for finding in holdings.consistency.check(quick=quick, progress=lambda count: tell("records", count)):
        found.tell(finding)
    for finding in check_withdrawals(holdings):
        found.tell(finding)
    if "database-damaged" not in found.kinds:
        CaptureAudit(holdings, found, quick=quick, progress=tell).check()
        check_index(holdings, found, quick=quick, progress=tell)
        found.articles, _ = holdings.articles.counts()
        found.lag.waiting = holdings.captures.counts()[CaptureState.CAPTURED]
    return found


def _silent(stage: str, count: int) -> None:
    """Tell nobody."""
