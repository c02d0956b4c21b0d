from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from newsarchive.models import Candidate, Problem, RecheckPlan, Via
from newsarchive.storage import Captures, Database, Frontier, FrontierCounts, Order
from newsarchive.storage.rechecks import BACK_OFF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.models import Capture

START = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://harbor.example/a"
HOUR = timedelta(hours=1)
PLAN = RecheckPlan((HOUR, 6 * HOUR, 24 * HOUR))


class World:
    """A database whose time is set, and a source whose pages are fetched."""

    def __init__(self, path: Path, make: Callable[..., Capture]) -> None:
        self.at = START
        self.database = Database(path, clock=lambda: self.at)
        self.frontier = Frontier(self.database)
        self.rechecks = self.frontier.rechecks
        self.captures = Captures(self.database)
        self._make, self._number = make, 0

    def fetch(self, url: str = URL, *, status: int | None = 200, accept: bool = True, source: str = "harbor") -> None:
        """What a crawl and the processing after it note of a page."""
        self._number += 1
        row = self.captures.add(self._make(self._number, url, captured_at=self.at))
        self.frontier.fetched(source, url, at=self.at, status=status)
        assert row is not None
        if accept:
            self.captures.accept(row, extractor="test 1")
        else:
            self.captures.reject(row, problems=[Problem(code="no-date", message="")], extractor="test 1")

    def due(self, **kwargs: object) -> list[str]:
        return [one.url for one in self.rechecks.due("harbor", limit=10, **kwargs)]  # type: ignore[arg-type]

    def after(self, hours: float) -> World:
        self.at = START + hours * HOUR
        return self


@pytest.fixture
def world(tmp_path: Path, capture: Callable[..., Capture]) -> Iterator[World]:
    made = World(tmp_path / "articles.db", capture)
    made.rechecks.follow("harbor", PLAN)
    yield made
    made.database.close()


def test_an_article_is_due_at_each_age_after_first_sight(world: World) -> None:
    world.fetch()
    assert world.due() == []
    assert world.after(0.99).due() == []
    assert world.after(1).due() == [URL]
    world.fetch(status=304)
    assert world.due() == []
    assert world.after(5.9).due() == []
    assert world.after(30).due() == [URL]
    world.fetch()
    assert world.after(10_000).due() == []


def test_the_reason_names_the_age(world: World) -> None:
    world.fetch()
    (recheck,) = world.rechecks.upcoming("harbor")
    assert (recheck.why, recheck.due_at, recheck.ordered) == ("1 h after first sight", START + HOUR, False)
    world.after(2).fetch()
    assert world.rechecks.upcoming("harbor")[0].why == "6 h after first sight"


def test_a_page_that_was_rejected_is_not_looked_at_again(world: World) -> None:
    world.fetch(accept=False)
    assert world.after(100).due() == []


def test_a_page_that_is_accepted_later_is(world: World) -> None:
    world.fetch(accept=False)
    world.captures.accept(1, extractor="test 2")
    assert world.after(1).due() == [URL]


def test_an_article_that_is_gone_is_asked_for_once_more(world: World) -> None:
    world.fetch()
    world.after(1).fetch(status=404, accept=False)
    assert world.after(23).due() == []
    assert world.after(24).due() == [URL]
    world.fetch(status=404, accept=False)
    assert world.after(10_000).due() == []


def test_an_article_that_comes_back_is_planned_as_before(world: World) -> None:
    world.fetch()
    world.after(1).fetch(status=410, accept=False)
    world.after(2).fetch(status=200)
    assert world.after(6).due() == [URL]


def test_what_has_waited_longest_comes_first_and_what_is_under_way_is_left_out(world: World) -> None:
    world.after(0.5).fetch(f"{URL}/later")
    world.after(0).fetch(f"{URL}/sooner")
    world.after(8)
    assert world.due() == [f"{URL}/sooner", f"{URL}/later"]
    assert world.due(excluding={f"{URL}/sooner"}) == [f"{URL}/later"]
    assert [one.url for one in world.rechecks.due("harbor", limit=1)] == [f"{URL}/sooner"]
    assert world.rechecks.due("northline", limit=10) == ()


def test_a_failed_recheck_waits_longer_each_time_and_the_article_stays_known(world: World) -> None:
    world.fetch()
    world.after(1)
    for wait in BACK_OFF:
        assert world.due() == [URL]
        world.frontier.failed("harbor", URL, problem="timeout")
        assert world.due() == []
        assert world.rechecks.upcoming("harbor")[0].why == "tried again after: timeout"
        world.at += wait
    assert world.frontier.counts("harbor") == FrontierCounts(queued=0, done=1, failed=0)
    world.fetch()
    assert world.rechecks.upcoming("harbor") == ()  # the last age has passed meanwhile


def test_a_recheck_that_nobody_answers_is_left_out_in_the_end(world: World) -> None:
    long = RecheckPlan((HOUR, 100 * 24 * HOUR))
    world.rechecks.follow("harbor", long)
    world.fetch()
    world.after(1)
    for _ in range(len(BACK_OFF) + 1):
        world.at = max(world.at, world.rechecks.upcoming("harbor")[0].due_at)
        world.frontier.failed("harbor", URL, problem="timeout")
    (recheck,) = world.rechecks.upcoming("harbor")
    assert recheck.due_at == START + long.ages[-1]


def test_a_refused_recheck_is_given_up(world: World) -> None:
    world.fetch()
    world.after(1).frontier.failed("harbor", URL, problem="robots.txt", final=True)
    assert world.after(1_000).due() == []


def test_a_postponed_recheck_waits_and_counts_no_failure(world: World) -> None:
    world.fetch()
    world.after(1).frontier.postpone("harbor", URL, wait=2 * HOUR, problem="busy")
    assert world.after(2.9).due() == []
    assert world.after(3).due() == [URL]


def test_putting_off_brings_nothing_forward(world: World) -> None:
    world.rechecks.order("harbor", [URL], Order(due_at=START + 10 * HOUR, reason="summit"))
    world.frontier.postpone("harbor", URL, wait=2 * HOUR, problem="busy")
    assert world.after(9.9).due() == []
    assert world.after(10).due() == [URL]


def test_an_answer_ends_the_count_of_failures(world: World) -> None:
    world.fetch()
    world.after(1).frontier.failed("harbor", URL, problem="timeout")
    world.after(2).fetch()
    world.after(6).frontier.failed("harbor", URL, problem="timeout")
    assert world.rechecks.upcoming("harbor")[0].due_at == world.at + BACK_OFF[0]


def test_an_older_answer_that_is_noted_late_says_nothing_of_now(world: World) -> None:
    world.after(2).fetch()
    world.frontier.fetched("harbor", URL, at=START + HOUR, status=404)
    assert world.rechecks.upcoming("harbor")[0].due_at == START + 7 * HOUR


def test_a_page_whose_source_names_a_change_is_fetched_as_new_and_once(world: World) -> None:
    world.fetch()
    world.after(1).frontier.offer("harbor", [Candidate(url=URL, via=Via.FEED, modified=world.at)])
    assert [due.url for due in world.frontier.due("harbor", limit=5)] == [URL]
    assert world.due() == []


def test_another_plan_holds_for_what_is_planned_already(world: World) -> None:
    world.fetch()
    world.rechecks.follow("harbor", RecheckPlan((HOUR / 2, 48 * HOUR)))
    assert world.after(0.5).due() == [URL]
    world.rechecks.follow("harbor", RecheckPlan(()))
    assert world.after(100).due() == []


def test_a_look_without_a_plan_is_planned_by_the_next_crawl(tmp_path: Path, capture: Callable[..., Capture]) -> None:
    world = World(tmp_path / "other.db", capture)
    world.rechecks.follow("harbor", PLAN)
    unplanned = World(tmp_path / "other.db", capture)
    unplanned.fetch()
    world.rechecks.follow("harbor", PLAN)
    assert world.rechecks.upcoming("harbor")[0].due_at == START + HOUR


@pytest.mark.parametrize(("hours", "is_planned"), [(25, True), (26, False)])
def test_what_was_never_planned_and_is_long_overdue_is_left_alone(
    tmp_path: Path, capture: Callable[..., Capture], hours: int, *, is_planned: bool
) -> None:
    World(tmp_path / "rebuilt.db", capture).fetch()
    world = World(tmp_path / "rebuilt.db", capture)
    world.after(hours)
    world.rechecks.follow("harbor", PLAN)
    assert bool(world.rechecks.upcoming("harbor")) is is_planned


def test_a_look_that_was_planned_is_made_up_for_however_late(world: World) -> None:
    world.fetch()
    world.after(10_000).rechecks.follow("harbor", RecheckPlan((2 * HOUR, *PLAN.ages[1:])))
    assert world.due() == [URL]


def test_answers_may_be_noted_in_any_order(world: World) -> None:
    world.after(6).fetch()
    world.after(0).frontier.fetched("harbor", URL, at=START, status=200)
    (recheck,) = world.rechecks.upcoming("harbor")
    assert (recheck.why, recheck.due_at) == ("1 d after first sight", START + 24 * HOUR)


def test_an_order_is_due_at_its_time_and_done_by_a_look(world: World) -> None:
    world.rechecks.order("harbor", [URL], Order(due_at=START + HOUR, reason="summit"))
    assert world.due() == []
    (recheck,) = world.after(1).rechecks.due("harbor", limit=5)
    assert (recheck.url, recheck.why, recheck.ordered) == (URL, "ordered: summit", True)
    world.fetch()
    assert world.due() == []


def test_an_order_that_repeats_keeps_its_step_and_ends(world: World) -> None:
    order = Order(due_at=START, reason="summit", every=3 * HOUR, ends_at=START + 7 * HOUR)
    world.rechecks.follow("harbor", RecheckPlan(()))
    world.rechecks.order("harbor", [URL], order)
    world.after(0.5).fetch()
    assert world.after(2.9).due() == []
    assert world.after(3.5).due() == [URL]
    world.after(6.5).fetch()  # the looks at 3 and 6 in one; the next would be at 9, after the end
    assert world.after(1_000).due() == []


def test_an_order_that_fails_waits_as_well(world: World) -> None:
    world.rechecks.order("harbor", [URL], Order(due_at=START, reason="summit"))
    world.frontier.failed("harbor", URL, problem="timeout")
    assert world.due() == []
    world.at += BACK_OFF[0]
    assert world.due() == [URL]
    world.frontier.failed("harbor", URL, problem="timeout")
    world.at += BACK_OFF[0]
    assert world.due() == []


def test_an_order_that_is_taken_back_leaves_the_plan(world: World) -> None:
    world.fetch()
    world.rechecks.order("harbor", [URL], Order(due_at=START, reason="summit"))
    assert world.rechecks.counts("harbor") == (1, 1)
    assert world.rechecks.cancel("harbor", [URL, f"{URL}/other"]) == 1
    assert world.rechecks.counts("harbor") == (1, 0)
    assert world.due() == []


def test_an_article_with_plan_and_order_is_looked_at_once(world: World) -> None:
    world.fetch()
    world.rechecks.order("harbor", [URL], Order(due_at=START + HOUR, reason="summit"))
    assert world.after(2).due() == [URL]


def test_findings_count_repeated_looks_and_the_versions_they_found(
    world: World, read: Callable[..., str], database: Database
) -> None:
    frontier = Frontier(database)
    for number, text in enumerate(("one", "one", "two")):
        read(number, text)
    row = database.connection.execute("SELECT first_seen FROM articles").fetchone()
    since = datetime.fromisoformat(row["first_seen"])
    database.now = lambda: since + HOUR
    for number in range(3):
        frontier.fetched("harbor", URL, at=since + number * HOUR)
    Captures(database).accept(1, extractor="test 2")
    assert frontier.rechecks.findings("harbor") == (2, 1)
    database.now = lambda: since + timedelta(days=200)
    assert frontier.rechecks.findings("harbor") == (0, 0)
    assert world.rechecks.findings("harbor") == (0, 0)
