"""Brings the records back from the WARC files: after a kill, and after `articles.db` was lost."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.ingest.absence import note_absence
from newsarchive.ingest.withdrawing import finish_withdrawals
from newsarchive.models import TRY_LATER, Candidate, Capture, Role, Via
from newsarchive.urls import canonicalise, is_web_url
from newsarchive.warc import cdxj_line, renew_cdxj, scan
from newsarchive.warc import repair as repair_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from newsarchive.errors import WarcError
    from newsarchive.holdings import Holdings
    from newsarchive.warc import Repair

_BATCH: Final = 500
_PATTERN: Final = "*.warc.gz"


def repair(holdings: Holdings) -> tuple[Repair, ...]:
    """Finish the WARC files that a killed process left open, and give their captures the rows they lack.

    A capture is written before its row, so after a kill there may be captures without a row; never the reverse. Rows
    come before the file is finished, so that a kill in here leaves the work to the next repair. A withdrawal that was
    begun is carried out.

    A finished file of which there is no row at all is read as well: the records were lost or are older than it, and
    without them a crawl would fetch everything again.
    """
    repaired = repair_files(holdings.warc_folder, note=lambda captures: _note_all(holdings, captures))
    for path in sorted(holdings.warc_folder.glob(_PATTERN)):
        if not holdings.captures.any_in(path.name):
            # All of a file or nothing, so that a kill in here is met again. Damage is for `verify` to tell: it must
            # not stop a crawl.
            _note_all(holdings, scan(path, on_damage=lambda _error: None))
    finish_withdrawals(holdings)
    return repaired


def reconcile(
    holdings: Holdings,
    *,
    progress: Callable[[int], None] | None = None,
    on_damage: Callable[[WarcError], None] | None = None,
) -> int:
    """Read all WARC files, add the captures that have no row and make CDXJ files anew that are not as they should be.

    Args:
        holdings: the archive, opened for writing.
        progress: called now and then with the number of captures added.
        on_damage: called for each damaged place, after which the next whole record is read.

    Returns:
        How many captures were added.

    Raises:
        WarcError: at the first damaged place, where `on_damage` is not given.
    """
    repair(holdings)
    added = 0
    for path in sorted(holdings.warc_folder.glob(_PATTERN)):
        captures = scan(path, on_damage=on_damage)
        lines: list[str] = []
        while batch := list(islice(captures, _BATCH)):
            added += _note_all(holdings, batch)
            lines += map(cdxj_line, batch)
            if progress:
                progress(added)
        renew_cdxj(path, lines)
    return added


def _note_all(holdings: Holdings, captures: Iterable[Capture]) -> int:
    with holdings.database.transaction():
        return sum(note(holdings, capture) for capture in captures)


def note(holdings: Holdings, capture: Capture) -> bool:
    """Give a capture its row and take its URL off the frontier; False if it has a row already, or was withdrawn.

    A redirect puts its target on the frontier in its place, so that a kill between the two loses neither.
    """
    if (bar := holdings.barring.why(capture.url)) and bar.kind == "withdrawn":
        return False
    row = holdings.captures.add(capture)
    if row is None:
        return False
    note_absence(holdings, row, capture)
    source = capture.origin.source
    if capture.origin.role is Role.PART:
        holdings.captures.reopen_whole(capture)
    answered = capture.status not in TRY_LATER
    if source and answered and capture.origin.role is not Role.DISCOVERY and is_web_url(capture.url):
        holdings.frontier.fetched(source, canonicalise(capture.url), at=capture.captured_at, status=capture.status)
        is_page, target_url = capture.origin.role is Role.PAGE, capture.location
        if is_page and target_url and is_web_url(target_url) and holdings.barring.why(target_url) is None:
            target = Candidate(url=canonicalise(target_url), via=Via.REDIRECT, found_at=capture.url)
            holdings.frontier.offer(source, [target])
    return True
