from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.models import Window

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
minutes = st.integers(0, 24 * 60 - 1).map(lambda number: f"{number // 60:02d}:{number % 60:02d}")
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware
zones = st.sampled_from(["UTC", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"])


def test_a_window_is_open_from_its_first_minute_up_to_its_last() -> None:
    window = Window.parse("01:00-05:00", "Europe/London")
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert not window.is_open(summer - timedelta(seconds=1))
    assert window.is_open(summer)  # 01:00 in London
    assert window.is_open(summer + timedelta(hours=3, minutes=59, seconds=59))
    assert not window.is_open(summer + timedelta(hours=4))


def test_a_window_may_lie_across_midnight() -> None:
    window = Window.parse("22:30-05:00")
    assert window.is_open(datetime(2026, 3, 1, 23, tzinfo=UTC))
    assert window.is_open(datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert window.next_opening(datetime(2026, 3, 1, 5, tzinfo=UTC)) == datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert window.next_closing(datetime(2026, 3, 1, 23, tzinfo=UTC)) == datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_a_window_in_the_hour_that_is_left_out_opens_the_day_after() -> None:
    window = Window.parse("01:00-02:00", "Europe/London")
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # at 01:00 UTC London's clocks go from 01:00 to 02:00
    assert window.next_opening(night) == datetime(2026, 3, 30, 1, tzinfo=LONDON)


def test_a_window_half_in_the_hour_that_is_left_out_opens_when_the_clocks_went_forward() -> None:
    window = Window.parse("01:30-05:00", "Europe/London")
    assert window.next_opening(datetime(2026, 3, 29, 0, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_window_in_the_hour_that_comes_twice_opens_twice() -> None:
    window = Window.parse("01:15-01:45", "Europe/London")
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert window.next_opening(datetime(2026, 10, 24, 23, tzinfo=UTC)) == first
    assert window.next_opening(first + timedelta(minutes=30)) == first + timedelta(hours=1)


@given(minutes, minutes, zones, moments)
def test_the_next_opening_is_the_first_open_minute(opens: str, closes: str, zone: str, at: datetime) -> None:
    if opens == closes:
        return
    window = Window.parse(f"{opens}-{closes}", zone)
    opening, closing = window.next_opening(at), window.next_closing(at)
    for moment, is_open in ((opening, True), (closing, False)):
        if moment - at < timedelta(days=3):  # else it is left out by the clocks for as long as was looked
            assert window.is_open(moment) is is_open
        assert moment == at or window.is_open(max(at, moment - MINUTE)) is not is_open


@pytest.mark.parametrize("text", ["1-5", "01:00", "25:00-05:00", "01:00-01:00", "01:00-05:60", "", "01:00-05:00 UTC"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|hour|minute|second"):
        Window.parse(text)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../etc/passwd", "x" * 300])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Window.parse("01:00-05:00", zone)
