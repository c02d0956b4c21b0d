"""What a text says, as a digest: two states of an article with equal digests are one version.

The digest is taken of each text by itself. Versions so stay what they are whatever order captures arrive in; a measure
of likeness between neighbours would not give that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from newsarchive.dates import Precision, parse_moment
from newsarchive.digests import text_digest
from newsarchive.edits.noise import bare
from newsarchive.edits.tokens import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION: Final = 1
"""Raised with every change of what counts as noise: stored senses are then worked out anew."""


def line_sense(line: str) -> str:
    """The words and marks of one line, with one space between.

    >>> line_sense("“No deal”  —  yet…") == line_sense('"No deal" - yet...')
    True
    """
    return " ".join(keys(line))


def without_noise(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Paragraphs without those, and without those heads and ends, that are no part of what an article says."""
    return tuple(kept for paragraph in paragraphs if (kept := bare(paragraph)))


def body_sense(paragraphs: Iterable[str]) -> str:
    """The words and marks of a text; where a paragraph ends makes no difference, their order does."""
    return " ".join(filter(None, map(line_sense, without_noise(paragraphs))))


def sense(headline: str | None, paragraphs: Iterable[str]) -> str:
    """The digest of what a state of an article says.

    >>> sense("Talks fail", ["He said “no”.", "23 comments"]) == sense("Talks fail", ['He said "no".', "31 comments"])
    True
    >>> sense("Talks fail", ["He said no."]) == sense("Talks fail", ["He said no?"])
    False
    """
    return text_digest(line_sense(headline or ""), body_sense(paragraphs))


def is_same_moment(one: str, other: str) -> bool:
    """Whether two dates of publication may be the same one, told more or less precisely.

    Both are ISO 8601; a day alone is the same as any time on it, in the time's own zone or in UTC.

    >>> is_same_moment("2019-02-28T14:05+07:00", "2019-02-28T07:05:30Z")
    True
    >>> is_same_moment("2019-02-28", "2019-02-28T23:59:00-05:00"), is_same_moment("2019-02-28", "2019-03-01")
    (True, False)
    """
    if one == other:
        return True
    first, second = parse_moment(one), parse_moment(other)
    if first is None or second is None:
        return False
    if Precision.DAY in {first.precision, second.precision}:
        return not _days(first.at, first.precision).isdisjoint(_days(second.at, second.precision))
    if first.precision is second.precision:
        return first.at == second.at
    return first.at.replace(second=0) == second.at.replace(second=0)


def _days(at: datetime, precision: Precision) -> set[object]:
    return {at.date()} if precision is Precision.DAY else {at.date(), at.astimezone(UTC).date()}
