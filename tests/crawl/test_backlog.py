"""When a crawl waits for what is read, told by a clock and a count that the test sets."""

from __future__ import annotations

import pytest

from newsarchive.crawl.backlog import Backlog


class World:
    """A number of captures that wait, a clock, and the backlog that looks at both."""

    def __init__(self) -> None:
        self.count = 0
        self.now = 1000.0
        self.backlog = Backlog(self._counted, bound=100, clock=lambda: self.now)

    def _counted(self, limit: int) -> int:
        return self.count if limit < 0 else min(limit, self.count)

    def holds(self, count: int, *, after: float = 1.0) -> bool:
        self.count = count
        self.now += after
        return self.backlog.holds()


@pytest.fixture
def world() -> World:
    return World()


def test_a_crawl_is_held_beyond_the_bound_and_not_at_it(world: World) -> None:
    assert not world.holds(100)
    assert world.holds(101)


def test_it_goes_on_when_a_quarter_is_read_and_not_with_each_page(world: World) -> None:
    assert world.holds(150)
    assert world.holds(100)
    assert world.holds(76)
    assert not world.holds(75)
    assert not world.holds(100)
    assert world.holds(101)


def test_it_is_told_how_many_wait_beyond_the_bound_too(world: World) -> None:
    assert world.holds(5000)
    assert world.backlog.waiting == 5000
    world.holds(4000)
    assert world.backlog.waiting == 4000
    world.holds(10)
    assert world.backlog.waiting == 0


def test_the_table_is_not_counted_more_than_once_a_second(world: World) -> None:
    assert world.holds(500)
    assert world.holds(10, after=0.5)
    assert not world.holds(10, after=0.5)


def test_a_backlog_that_nobody_reads_holds_no_crawl_for_ever(world: World, caplog: pytest.LogCaptureFixture) -> None:
    assert world.holds(500)
    assert world.holds(499, after=299.0)
    assert world.holds(499, after=299.0)
    assert not world.holds(499, after=2.0)
    assert "nothing has read a capture for 300 s, 499 wait" in caplog.text
    assert not world.holds(10_000)
