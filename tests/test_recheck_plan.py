from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.models import RecheckPlan

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = RecheckPlan(tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72)))
lengths = st.lists(st.integers(1, 60 * 24 * 60), min_size=1, max_size=8, unique=True)
plans = lengths.map(lambda found: RecheckPlan(tuple(timedelta(minutes=one) for one in sorted(found))))


def hours(count: float) -> datetime:
    return FIRST + timedelta(hours=count)


def test_each_age_is_due_in_turn() -> None:
    assert PLAN.next_check(FIRST, FIRST) == hours(1)
    assert PLAN.next_check(FIRST, hours(1)) == hours(6)
    assert PLAN.next_check(FIRST, hours(71.9)) == hours(72)
    assert PLAN.next_check(FIRST, hours(72)) is None


def test_one_look_makes_up_for_all_that_were_missed() -> None:
    assert PLAN.next_check(FIRST, hours(30)) == hours(72)


def test_a_page_that_is_gone_is_asked_for_once_more_at_the_end() -> None:
    assert PLAN.next_check(FIRST, hours(1), is_gone=True) == hours(72)
    assert PLAN.next_check(FIRST, hours(72), is_gone=True) is None


def test_no_ages_are_no_plan() -> None:
    empty = RecheckPlan(())
    assert empty.next_check(FIRST, FIRST) is None
    assert empty.adapted(looks=100, changes=100) == empty


@given(plans, st.integers(0, 1000), st.integers(0, 1000))
def test_adapting_keeps_every_age_and_adds_at_most_three_to_each(plan: RecheckPlan, looks: int, changes: int) -> None:
    adapted = plan.adapted(looks=looks, changes=changes)
    assert set(plan.ages) <= set(adapted.ages)
    assert len(adapted.ages) <= 4 * len(plan.ages)
    assert adapted.ages[-1] == plan.ages[-1]
    assert all(before < after for before, after in pairwise((timedelta(0), *adapted.ages)))


@given(plans, st.integers(50, 1000), st.integers(0, 200), st.integers(0, 200))
def test_more_edits_never_mean_fewer_looks(plan: RecheckPlan, looks: int, fewer: int, more: int) -> None:
    few, many = sorted((fewer, more))
    assert len(plan.adapted(looks=looks, changes=few).ages) <= len(plan.adapted(looks=looks, changes=many).ages)
