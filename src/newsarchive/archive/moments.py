"""A time as callers give it: a datetime, or words that name a span, such as `2019-02-28` or `yesterday`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.dates import Span, parse_span
from newsarchive.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

_TIP = "such as 2019-02-28, 2019-02, 2019-02-28T12:00, 7d, yesterday"


def aware(name: str, moment: datetime) -> datetime:
    """The moment, if it has a zone: without one it would mean another time on another machine.

    Raises:
        UsageError: it has none; the message begins with the argument's name.
    """
    if moment.tzinfo is None:
        raise UsageError(f"{name}: {moment} has no time zone", tip="use datetime(..., tzinfo=UTC)")
    return moment


def asked_span(name: str, asked: str, *, now: datetime, tip: str = _TIP) -> Span:
    """The span of time that the words name, in the zone of `now`.

    Raises:
        UsageError: they name none, or one without a beginning; the message begins with the argument's name.
    """
    span = parse_span(asked, now=now)
    if span is None or span.start is None:
        raise UsageError(f"{name}: {asked!r} is no date or time", tip=tip)
    return span
