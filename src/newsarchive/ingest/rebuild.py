"""Brings the records back from the WARC files: after a kill, and after `articles.db` was lost."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.models import TRY_LATER, Candidate, Capture, Role, Via
from newsarchive.urls import canonicalise, is_web_url
from newsarchive.warc import repair as repair_files
from newsarchive.warc import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from newsarchive.holdings import Holdings
    from newsarchive.warc import Repair

_BATCH: Final = 500
_PATTERN: Final = "*.warc.gz"


def repair(holdings: Holdings) -> tuple[Repair, ...]:
    """Finish the WARC files that a killed process left open, and give their captures the rows they lack.

    A capture is written before its row, so after a kill there may be captures without a row; never the reverse.
    """
    repaired = repair_files(holdings.warc_folder)
    _add_captures(holdings, (holdings.warc_folder / repair.file for repair in repaired), None)
    return repaired


def reconcile(holdings: Holdings, *, progress: Callable[[int], None] | None = None) -> int:
    """Read all WARC files and add the captures that have no row; how many were added."""
    repair(holdings)
    return _add_captures(holdings, sorted(holdings.warc_folder.glob(_PATTERN)), progress)


def _add_captures(holdings: Holdings, files: Iterable[Path], progress: Callable[[int], None] | None) -> int:
    added = 0
    for path in files:
        captures = scan(path)
        while batch := list(islice(captures, _BATCH)):
            with holdings.database.transaction():
                added += sum(note(holdings, capture) for capture in batch)
            if progress:
                progress(added)
    return added


def note(holdings: Holdings, capture: Capture) -> bool:
    """Give a capture its row and take its URL off the frontier; False if it has a row already.

    A redirect puts its target on the frontier in its place, so that a kill between the two loses neither.
    """
    if holdings.captures.add(capture) is None:
        return False
    source = capture.origin.source
    if capture.origin.role is Role.PART:
        holdings.captures.reopen_whole(capture)
    answered = capture.status not in TRY_LATER
    if source and answered and capture.origin.role is not Role.DISCOVERY and is_web_url(capture.url):
        holdings.frontier.fetched(source, canonicalise(capture.url), at=capture.captured_at)
        if capture.origin.role is Role.PAGE and capture.location and is_web_url(capture.location):
            target = Candidate(url=canonicalise(capture.location), via=Via.REDIRECT, found_at=capture.url)
            holdings.frontier.offer(source, [target])
    return True
