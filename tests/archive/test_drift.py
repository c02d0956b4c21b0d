from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsarchive.archive import drift
from newsarchive.archive.drift import Count, blocks_of, chance, has_collapsed, judge
from newsarchive.storage import RunYield

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 1, 3, tzinfo=UTC)
NAMES = ("headline", "authors", "tags")


def run(day: float, articles: int = 30, *, authors: int | None = None, words: int = 500, rejected: int = 0) -> RunYield:
    """A run `day` days after the first one; what is not said is as it should be."""
    fields = {"headline": articles, "authors": articles if authors is None else authors, "tags": articles // 3}
    return RunYield(
        run=int(day * 24) + 1,
        started_at=START + timedelta(days=day),
        fields=fields,
        lengths=(words,) * articles,
        rejected={"too-short": rejected} if rejected else {},
    )


def alarms(*runs: RunYield) -> tuple[drift.Alarm, ...]:
    return judge("harbor-post", runs, now=runs[-1].started_at + timedelta(hours=1))


def subjects(*runs: RunYield) -> list[str]:
    return [alarm.subject for alarm in alarms(*runs)]


def test_a_field_that_is_gone_is_told_with_figures_and_the_first_run_that_shows_it() -> None:
    runs = [run(day) for day in range(5)] + [run(5, 20, authors=0), run(6, 14, authors=0)]
    (alarm,) = alarms(*runs)
    assert (alarm.kind, alarm.subject, alarm.found, alarm.of) == ("field", "authors", 0, 34)
    assert (alarm.share_before, alarm.since) == (1.0, START + timedelta(days=5))
    assert alarm.runs == (runs[5].run, runs[6].run)


def test_nothing_rings_where_nothing_changed_or_there_is_nothing_to_compare() -> None:
    assert judge("harbor-post", (), now=START) == ()
    assert subjects(*[run(day) for day in range(30)]) == []
    assert subjects(run(0, authors=0)) == []
    assert subjects(*[run(day, authors=0) for day in range(30)]) == []


def test_a_field_that_few_articles_had_is_not_watched() -> None:
    few = [run(day, authors=12) for day in range(10)]
    assert subjects(*few, run(10, authors=0)) == []


def test_a_run_of_three_articles_rings_no_bell() -> None:
    assert subjects(*[run(day) for day in range(10)], run(10, 3, authors=0)) == []


@pytest.mark.parametrize("each", [1, 2, 3])
def test_a_source_of_few_articles_rings_after_some_runs(each: int) -> None:
    runs = [run(day, each) for day in range(60)]
    rings = []
    for day in range(60, 90):
        runs.append(run(day, each, authors=0))
        rings.append("authors" in subjects(*runs))
    first = rings.index(True)
    assert all(rings[first:])
    assert 3 <= each * (first + 1) <= drift.ENOUGH + each
    (alarm,) = alarms(*runs[: 60 + first + 5])
    assert alarm.since == START + timedelta(days=60)


def test_the_first_run_that_shows_it_is_found_inside_of_a_block() -> None:
    runs = [run(day, 4) for day in range(30)] + [run(day, 4, authors=0) for day in range(30, 35)]
    (alarm,) = alarms(*runs)
    assert alarm.since == START + timedelta(days=30)
    assert (alarm.found, alarm.of) == (0, 20)


def test_a_normal_run_ends_an_alarm_and_an_outage_leaves_no_trace_in_what_is_usual() -> None:
    runs = [run(day) for day in range(10)] + [run(day, authors=0) for day in range(10, 14)]
    assert subjects(*runs) == ["authors"]
    runs.append(run(14))
    assert subjects(*runs) == []
    (alarm,) = alarms(*runs, run(15, authors=1))
    assert (alarm.share_before, alarm.since) == (1.0, START + timedelta(days=15))


def test_a_state_that_lasts_becomes_the_usual_one_but_not_before_two_weeks() -> None:
    nightly = [run(day) for day in range(10)]
    hourly = list(nightly)
    for day in range(10, 24):
        nightly.append(run(day, authors=0))
        assert subjects(*nightly) == ["authors"], day
    assert subjects(*nightly, run(24, authors=0)) == []
    hourly.extend(run(10 + hour / 24, authors=0) for hour in range(14 * 24))
    assert subjects(*hourly[:40]) == ["authors"]
    assert subjects(*hourly) == ["authors"]
    assert subjects(*hourly, run(24, authors=0)) == []


def test_a_field_that_the_new_state_has_again_can_be_lost_again() -> None:
    runs = [run(day) for day in range(10)] + [run(day, authors=0) for day in range(10, 26)]
    runs += [run(day) for day in range(26, 40)]
    assert subjects(*runs) == []
    assert subjects(*runs, run(40, authors=0)) == ["authors"]


def test_texts_that_are_cut_short_are_told() -> None:
    (alarm,) = alarms(*[run(day) for day in range(5)], run(5, words=60), run(6, words=80))
    assert (alarm.kind, alarm.subject, alarm.found, alarm.of) == ("length", "words", 0, 60)
    assert (alarm.median_words, alarm.median_before) == (70, 500)
    assert subjects(*[run(day) for day in range(5)], run(5, words=300)) == []


def test_pages_that_are_mostly_rejected_are_told_also_where_no_article_is_left() -> None:
    usual = [run(day, rejected=2) for day in range(5)]
    (alarm,) = alarms(*usual, run(5, 0, rejected=31))
    assert (alarm.kind, alarm.subject, alarm.found, alarm.of) == ("rejected", "too-short", 31, 31)
    assert alarm.share_before == pytest.approx(2 / 32)
    assert subjects(*usual, run(5, 20, rejected=15)) == []


def test_a_source_that_was_given_up_rings_no_more() -> None:
    runs = [run(day) for day in range(5)] + [run(5, authors=0)]
    assert judge("harbor-post", runs, now=runs[-1].started_at + timedelta(days=29))
    assert not judge("harbor-post", runs, now=runs[-1].started_at + timedelta(days=31))


def test_what_is_shown_beside_the_alarms_is_the_newest_block_and_those_before_it() -> None:
    newest, usual = drift.newest_and_usual([run(day, 30) for day in range(20)] + [run(20, 4), run(21, 8, authors=2)])
    assert newest is not None
    assert usual is not None
    assert (newest.articles, newest.shares["authors"], len(newest.runs)) == (12, 0.5, 2)
    assert (usual.articles, len(usual.runs), usual.median_words) == (300, 10, 500)
    assert drift.newest_and_usual([]) == (None, None)
    only, nothing = drift.newest_and_usual([run(0, 0, rejected=3)])
    assert only is not None
    assert (only.articles, only.captures, only.shares, only.median_words, nothing) == (0, 3, {}, None, None)


def test_no_more_of_the_past_is_read_than_it_takes() -> None:
    asked = []

    def newest_first(each: int, step: float) -> Iterator[RunYield]:
        asked.clear()
        for number in range(5000):
            asked.append(number)
            yield run((5000 - number) * step, each)

    nightly = drift.history_of(newest_first(30, 1))
    assert len(nightly) == len(asked) == drift.LOOKED_BACK
    assert nightly[0].started_at < nightly[-1].started_at
    assert len(drift.history_of(newest_first(2, 1))) == drift.LOOKED_BACK * 5
    hourly = drift.history_of(newest_first(30, 1 / 24))
    assert len(hourly) == drift.RUNS_LOOKED_AT
    assert hourly[-1].started_at - hourly[0].started_at > drift.LASTING_TIME
    assert drift.history_of([]) == ()


counts = st.integers(0, 60).flatmap(lambda of: st.builds(Count, st.integers(0, of), st.just(of)))


@given(counts, counts)
def test_chance_is_the_tail_of_the_hypergeometric_distribution(now: Count, before: Count) -> None:
    held, of = now.held + before.held, now.of + before.of
    ways = sum(comb(held, k) * comb(of - held, now.of - k) for k in range(now.held + 1) if now.of - k >= 0)
    assert chance(now, before) == pytest.approx(float(Fraction(ways, comb(of, now.of))), rel=1e-9, abs=1e-12)


@given(counts, counts)
def test_only_a_fall_below_half_of_enough_pages_is_a_collapse(now: Count, before: Count) -> None:
    if has_collapsed(now, before):
        assert min(now.of, before.of) >= drift.ENOUGH
        assert now.share < before.share / 2
        assert before.share >= 0.5
        assert chance(now, before) <= drift.LEVEL
        assert has_collapsed(Count(0, now.of), before)


def test_large_counts_take_no_time_and_stay_finite() -> None:
    assert chance(Count(30_000, 100_000), Count(900_000, 1_000_000)) == 0
    assert has_collapsed(Count(30_000, 100_000), Count(900_000, 1_000_000))


sizes = st.lists(st.integers(0, 25), max_size=60)


@given(sizes)
def test_blocks_hold_every_run_once_in_order_and_all_but_the_oldest_are_full(articles: list[int]) -> None:
    runs = [run(day, count) for day, count in enumerate(articles)]
    blocks = blocks_of(runs, drift.articles)
    assert [one for block in blocks for one in block] == runs
    assert all(sum(map(drift.articles, block)) >= drift.ENOUGH for block in blocks[1:])
    assert all(sum(map(drift.articles, block[1:])) < drift.ENOUGH for block in blocks)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 900), st.integers(0, 40)), max_size=40)
)
@example([(10, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 9)])
def test_any_history_can_be_judged_and_every_alarm_is_about_its_own_runs(
    history: list[tuple[int, int, int, int]],
) -> None:
    runs = [
        run(day, articles, authors=min(authors, articles), words=words, rejected=rejected)
        for day, (articles, authors, words, rejected) in enumerate(history)
        if articles or rejected
    ]
    if not runs:
        return
    for alarm in alarms(*runs):
        assert alarm.of >= drift.ENOUGH
        assert 0 <= alarm.found <= alarm.of
        assert alarm.runs == tuple(one.run for one in runs[-len(alarm.runs) :])
        assert alarm.since == runs[-len(alarm.runs)].started_at
