"""The keyword filters of the API and the command line, as parts of the query's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.dates import Span, parse_span
from newsarchive.errors import UsageError
from newsarchive.models.query import (
    And,
    DateField,
    DateRange,
    Exact,
    ExactField,
    Phrase,
    Query,
    TextField,
    all_of,
    any_of,
)
from newsarchive.search.analysis import keyword, name_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_TIP = "dates are written 2019, 2019-02, 2019-02-27, 7d, yesterday, or as an ISO time"


def combine(  # noqa: PLR0913 - each is a filter of the API, named there the same
    query: Query | None,
    *,
    now: datetime,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    source: str | Sequence[str] = (),
    category: str | Sequence[str] = (),
    language: str | Sequence[str] = (),
    author: str | Sequence[str] = (),
) -> Query:
    """The query, narrowed: between filters AND, between the values of one filter OR.

    `since` and `until` ask for the time of publication. A day given as `until` is included, and so is a month; a
    datetime given as `until` is the first moment left out. Without query and filters the answer is every article.
    A loose list of words stays loose: a search that drops some of its words never drops a filter.

    Raises:
        UsageError: a date that cannot be read, an empty value, or an end before the start.
    """
    parts = [query] if query is not None else []
    span = span_between(since, until, now=now)
    exact = {ExactField.SOURCE: source, ExactField.CATEGORY: category, ExactField.LANGUAGE: language}
    for field, values in exact.items():
        key = keyword if field is ExactField.CATEGORY else name_key
        asked = [_value(field.value, value, bool(key(value))) for value in _several(values)]
        parts += [any_of(*(Exact(field, value) for value in asked))] if asked else []
    names = [_value("author", value, bool(keyword(value))) for value in _several(author)]
    parts += [any_of(*(Phrase(name, TextField.AUTHOR) for name in names))] if names else []
    parts += [DateRange(DateField.PUBLISHED, span)] if span != (None, None) else []
    if isinstance(query, And) and query.loose:
        return And((*query.parts, *parts[1:]), loose=True)
    return all_of(*parts)


def span_between(since: str | datetime | None, until: str | datetime | None, *, now: datetime) -> Span:
    """The span from the start of `since` to the end of `until`, either of which may be open.

    Raises:
        UsageError: a date that cannot be read, or an end before the start.
    """
    span = Span(_start(since, now), _end(until, now))
    if span.start and span.end and span.start >= span.end:
        raise UsageError(f"since {since} is not before until {until}", tip="exchange them")
    return span


def _several(values: str | Sequence[str]) -> Sequence[str]:
    return (values,) if isinstance(values, str) else values


def _value(name: str, value: str, has_words: bool) -> str:  # noqa: FBT001 - private, called in one place
    if not has_words or '"' in value:
        raise UsageError(f"{name}: {value!r} is no value to look for", tip="give letters or digits, without quotes")
    return value.strip()


def _start(asked: str | datetime | None, now: datetime) -> datetime | None:
    if asked is None or not isinstance(asked, str):
        return _whole("since", asked)
    return _span("since", asked, now).start


def _end(asked: str | datetime | None, now: datetime) -> datetime | None:
    if asked is None or not isinstance(asked, str):
        return _whole("until", asked)
    span = _span("until", asked, now)
    return span.end or span.start


def _whole(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise UsageError(f"{name}: {moment} has no time zone", tip="use datetime(..., tzinfo=UTC)")
    return moment.replace(microsecond=0) if moment else None


def _span(name: str, asked: str, now: datetime) -> Span:
    span = parse_span(asked, now=now.replace(microsecond=0))
    if span is None:
        raise UsageError(f"{name}: {asked!r} is no date", tip=_TIP)
    return span
