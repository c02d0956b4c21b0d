"""Starts crawls, each in a process of its own: Scrapy's reactor starts once a process, and a search needs none."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import newsarchive.errors
from newsarchive.errors import FetchError, NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsarchive.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class PlannedFetch:
    """A page that a crawl would fetch, who named it, and what was claimed of it."""

    source: str
    url: str
    via: str
    hints: Mapping[str, str]
    why: str
    """`new`, or why it is fetched again or still."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crawl would do now. It has a length and can be walked through, as the pages that would be fetched."""

    fetches: tuple[PlannedFetch, ...]
    """Each source's pages in the order in which they would be fetched."""
    counts: Mapping[str, Mapping[str, int]]
    """For each source what is left out, as in a run's counts: `passed_over.REASON`, `not_read.REASON`, `folded`,
    `over_the_limit`, `sources_failed`."""

    def __len__(self) -> int:
        return len(self.fetches)

    def __iter__(self) -> Iterator[PlannedFetch]:
        return iter(self.fetches)


@dataclass(frozen=True, slots=True)
class FoundSources:
    """What a look at a site found, as the table that the settings would hold."""

    name: str
    source: SourceSettings
    seen: tuple[tuple[str, str, int | None], ...]
    """URL, kind, and number of articles named (None where it was not counted), of all that was looked at."""


def events(module: str, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a module of `newsarchive.crawl` and hand on the events that it prints, as they come.

    An error that one source met is raised once all events are told: the others went on. An interrupt
    (Ctrl-C) reaches the child as well; it is waited for, so that it can finish what it is writing.

    Raises:
        NewsarchiveError: the error that the child met, under its own class.
        FetchError: the child ended without saying why.
    """
    # -P: the folder that a user stands in is no place to import from; its spiders/ would mix with the archive's.
    command = [sys.executable, "-P", "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:  # noqa: S603 - our own
        failed: dict[str, Any] | None = None
        try:
            for line in child.stdout or ():
                event = json.loads(line)
                if event["event"] == "error":
                    failed = failed or event
                else:
                    yield event
        except KeyboardInterrupt:
            child.wait()
            raise
    if failed:
        raise _as_ours(failed)
    if child.returncode:
        raise FetchError(f"{module} ended with status {child.returncode}", url="", tip="its messages are above")


def _as_ours(event: dict[str, Any]) -> NewsarchiveError:
    kind = getattr(newsarchive.errors, event["kind"], NewsarchiveError)
    error: NewsarchiveError = NewsarchiveError.__new__(kind)
    Exception.__init__(error, event["message"])
    error.message, error.tip = event["message"], event["tip"]
    return error


def hints_of(event: dict[str, Any]) -> dict[str, str]:
    """What a candidate's source claimed of it."""
    return {key: event[key] for key in ("published", "modified", "headline", "found_at") if event.get(key)}
