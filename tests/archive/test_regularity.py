from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from newsarchive.archive.regularity import Irregularity, horizon, is_success, judge, last_success
from newsarchive.storage import Run

START = datetime(2026, 9, 1, 3, tzinfo=UTC)
READ = {"sources_read": 3}
NOTHING = {"sources_failed": 3}


def run(day: float, *, outcome: str | None = "finished", counts: dict[str, int] | None = None) -> Run:
    """A crawl `day` days after the first, which took a minute."""
    started = START + timedelta(days=day)
    ended = started + timedelta(minutes=1) if outcome else None
    return Run(int(day * 100) + 1, "harbor-post", started, ended, outcome, READ if counts is None else counts)


def daily(days: int) -> list[Run]:
    return [run(day) for day in range(days)]


def news(days: int, a_day: int, *, weekend: int | None = None, seed: int = 1) -> list[datetime]:
    """Articles spread over days; those of the first crawl come on top."""
    chance = random.Random(seed)  # noqa: S311 - dates, not secrets
    seen = [START] * 200
    for day in range(days):
        is_weekend = (START + timedelta(days=day)).weekday() >= 5
        count = weekend if is_weekend and weekend is not None else a_day
        seen += [START + timedelta(days=day + chance.random() * 0.99) for _ in range(count)]
    return seen


def kinds(runs: list[Run], seen: list[datetime], *, at: float) -> list[str]:
    newest_first = list(reversed(runs))
    return [one.kind for one in judge("harbor-post", newest_first, seen, now=START + timedelta(days=at))]


def test_a_source_that_goes_on_as_ever_is_regular() -> None:
    assert kinds(daily(40), news(40, 20), at=39.5) == []


def test_a_source_that_brings_nothing_more_is_silent_though_its_crawls_are_good() -> None:
    runs = daily(40)
    (found,) = judge("harbor-post", runs[::-1], news(37, 20), now=START + timedelta(days=39.5))
    assert (found.kind, found.found, found.since) == ("silent", 0, runs[37].finished_at)
    assert found.usual == pytest.approx(40, rel=0.1)  # in two days


def test_a_silence_rings_for_weeks_until_it_is_the_usual_state() -> None:
    seen = news(40, 20)
    assert [kinds(daily(40 + days), seen, at=39.5 + days) for days in range(3, 50)] == [["silent"]] * 47
    assert kinds(daily(140), seen, at=139.5) == []


def test_weekends_and_holidays_are_no_silence() -> None:
    # Day 39 after a Tuesday is a Saturday: two articles instead of forty.
    for at in range(25, 45):
        assert kinds(daily(at + 1), news(at + 1, 40, weekend=2), at=at + 0.5) == []


def test_a_small_source_is_missed_after_a_week_not_after_a_day() -> None:
    seen = news(40, 2)
    assert kinds(daily(42), seen, at=41.5) == []
    assert kinds(daily(48), seen, at=47.5) == ["silent"]


def test_a_source_that_was_crawled_for_some_days_only_has_no_usual_yet() -> None:
    assert kinds(daily(6), news(3, 40), at=5.5) == []


def test_a_crawler_that_stopped_is_overdue_and_makes_no_source_silent() -> None:
    assert kinds(daily(40), news(40, 20), at=42.9) == []
    assert kinds(daily(40), news(40, 20), at=43.5) == ["overdue"]
    assert kinds(daily(40), news(40, 20), at=75) == []  # given up


def test_an_hourly_crawl_has_a_day_before_it_is_overdue() -> None:
    hourly = [run(hour / 24) for hour in range(48)]
    assert kinds(hourly, news(2, 20), at=2.5) == []
    assert kinds(hourly, news(2, 20), at=3.1) == ["overdue"]


def test_crawls_that_read_nothing_are_told_after_the_third_with_the_first_of_them() -> None:
    good = daily(10)
    bad = [run(10, counts=NOTHING), run(11, outcome="capture-failed"), run(12, outcome=None)]
    assert kinds([*good, *bad[:2]], news(10, 20), at=11.5) == []
    (found,) = judge("harbor-post", [*good, *bad][::-1], news(10, 20), now=START + timedelta(days=13.5))
    assert found == Irregularity("harbor-post", "failing", bad[0].started_at, 3, 0.0)


def test_a_crawl_that_is_going_on_is_no_failure() -> None:
    bad = [run(10, counts=NOTHING), run(11, counts=NOTHING), run(12, outcome=None)]
    assert kinds([*daily(10), *bad], news(10, 20), at=12.1) == []


def test_a_crawl_is_good_if_it_ended_by_itself_and_read_a_list() -> None:
    assert is_success(run(1))
    assert is_success(run(1, counts={"pages": 3}))  # of a version that did not count lists
    assert not is_success(run(1, counts=NOTHING))
    assert not is_success(run(1, outcome="shutdown"))
    assert last_success([run(3, outcome=None), run(2), run(1)]) == run(2)
    assert last_success([]) is None


def test_the_horizon_covers_the_longest_span_before_the_oldest_day_of_memory() -> None:
    """What `judge` compares lies within what it asks to be handed."""
    runs, seen = daily(60), news(57, 20)
    at = START + timedelta(days=59.5)
    cut = [moment for moment in seen if moment >= at - horizon()]
    assert judge("harbor-post", runs[::-1], cut, now=at) == judge("harbor-post", runs[::-1], seen, now=at) != ()
