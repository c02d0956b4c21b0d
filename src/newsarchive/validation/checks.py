"""The checks. Each looks for one thing and has a section in `docs/validation.md` under its problem code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from newsarchive.models import Extraction, Problem
from newsarchive.text import fold_space
from newsarchive.urls import is_web_url

if TYPE_CHECKING:
    from newsarchive.settings import ValidationSettings

FUTURE_GRACE: Final = timedelta(days=2)
"""A day-only date in a zone ahead of UTC may lie a day after the capture; embargoed pages another one."""
LONGEST_HEADLINE: Final = 500
"""Characters; what is longer is body text that stood in the headline's place."""


class Subject(NamedTuple):
    """What a check is asked about."""

    extraction: Extraction
    captured_at: datetime
    settings: ValidationSettings


class Check(Protocol):
    """Looks for one thing; the problem it found, or None."""

    def __call__(self, subject: Subject) -> Problem | None:
        """Look at one page's extraction."""


def has_url(subject: Subject) -> Problem | None:
    """`no-url`: a file that names no URL of its own cannot be cited, nor told from its other copies."""
    if is_web_url(subject.extraction.url):
        return None
    return Problem(code="no-url", message="the file names no URL of its own; give one with --url-from FILE.csv")


def has_headline(subject: Subject) -> Problem | None:
    """`no-headline`: what no reader would call a title is no article."""
    headline = fold_space(subject.extraction.headline or "")
    if not headline:
        return Problem(code="no-headline", message="no headline was found")
    if len(headline) > LONGEST_HEADLINE:
        return Problem(code="no-headline", message=f"what stands as headline has {len(headline)} characters")
    return None


def has_date(subject: Subject) -> Problem | None:
    """`no-date`: an undated text cannot be counted over time, and is mostly an about, contact or topic page."""
    if subject.extraction.published:
        return None
    return Problem(code="no-date", message="no date of publication was found")


def date_is_past(subject: Subject) -> Problem | None:
    """`date-in-future`: a date after the capture is a misread one (an event, a subscription's end)."""
    published = subject.extraction.published
    if published is None or published <= subject.captured_at + FUTURE_GRACE:
        return None
    return Problem(
        code="date-in-future",
        message=f"published {published.date()}, but captured on {subject.captured_at.date()}",
    )


def is_long_enough(subject: Subject) -> Problem | None:
    """`too-short`: section pages, galleries and error pages keep little text once the boilerplate is gone."""
    words, least = subject.extraction.word_count, subject.settings.min_words
    if words >= least:
        return None
    return Problem(code="too-short", message=f"{words} words of text; at least {least} are asked for")


CHECKS: Final[tuple[Check, ...]] = (has_url, has_headline, has_date, date_is_past, is_long_enough)
