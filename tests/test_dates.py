from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.dates import Precision, parse_moment, parse_span

ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
TIMES = st.datetimes(datetime(1700, 1, 1), datetime(2199, 12, 31), timezones=ZONES)  # noqa: DTZ001 - the zones are drawn
NOW = datetime(2019, 3, 2, 12, 30, tzinfo=timezone(timedelta(hours=7)))


@given(TIMES)
def test_iso_times_come_back_with_their_zone(at: datetime) -> None:
    moment = parse_moment(at.replace(microsecond=0).isoformat())
    assert moment is not None
    assert moment.at.isoformat() == at.replace(microsecond=0).isoformat()
    assert moment.precision is Precision.SECOND


@given(TIMES)
def test_mail_dates_come_back(at: datetime) -> None:
    moment = parse_moment(format_datetime(at))
    assert moment is not None
    assert moment.at == at.replace(microsecond=0)


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    parse_moment(text)
    parse_span(text, now=NOW)


@given(st.dates(datetime(1700, 1, 1).date(), datetime(2199, 12, 30).date()))  # noqa: DTZ001 - a day
def test_a_day_covers_itself_in_the_zone_of_the_asker(day: object) -> None:
    span = parse_span(str(day), now=NOW)
    assert span is not None
    assert span.start is not None
    assert span.end is not None
    assert (span.start.date(), span.end - span.start) == (day, timedelta(days=1))
    assert span.start.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2019-02-27T24:00:00Z", "2019-02-28T00:00:00+00:00", Precision.SECOND),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00", Precision.SECOND),
        ("20190227T183000+0700", "2019-02-27T18:30:00+07:00", Precision.SECOND),
        ("2019-02-27 18:30", "2019-02-27T18:30:00+00:00", Precision.MINUTE),
        ("2019-02-27T18:30:05.123-05", "2019-02-27T18:30:05-05:00", Precision.SECOND),
        ("27 Feb 2019 18:30:05 EST", "2019-02-27T18:30:05-05:00", Precision.SECOND),
    ],
)
def test_odd_machine_dates_are_read(text: str, at: str, precision: Precision) -> None:
    moment = parse_moment(text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (at, precision)


@pytest.mark.parametrize(
    "text", ["", "2019", "0000-00-00", "1066-10-14", "9999-01-01", "2019-02-30", "Feb", "1" * 5000]
)
def test_what_is_no_date_of_news_is_none(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", "2019-01-01", "2020-01-01"),
        ("2019-12", "2019-12-01", "2020-01-01"),
        ("yesterday", "2019-03-01", "2019-03-02"),
        ("today", "2019-03-02", "2019-03-03"),
    ],
)
def test_asked_spans_cover_the_whole_of_what_they_name(text: str, start: str, end: str) -> None:
    span = parse_span(text, now=NOW)
    assert span is not None
    assert [str(day.date()) for day in span if day] == [start, end]


def test_a_month_ago_ends_on_a_day_that_exists() -> None:
    span = parse_span("1mo", now=datetime(2019, 3, 31, tzinfo=UTC))
    assert span is not None
    assert str(span.start) == "2019-02-28 00:00:00+00:00"


@pytest.mark.parametrize("text", ["soon", "2019-13", "2019-02-30", "99999", "7x", "-7d", ""])
def test_what_cannot_be_asked_for_is_none(text: str) -> None:
    assert parse_span(text, now=NOW) is None
