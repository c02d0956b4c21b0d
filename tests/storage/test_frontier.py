from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsarchive.models import Candidate, Via
from newsarchive.storage import Frontier, FrontierCounts

URL = "https://harbor.example/a"
DAY = datetime(2019, 2, 27, tzinfo=UTC)


def candidate(url: str = URL, *, modified: datetime | None = None, published: datetime | None = None) -> Candidate:
    return Candidate(url=url, via=Via.SITEMAP, modified=modified, published=published)


def urls(frontier: Frontier, **kwargs: object) -> list[str]:
    return [due.url for due in frontier.due("harbor", limit=10, **kwargs)]  # type: ignore[arg-type]


def test_a_candidate_is_queued_once(frontier: Frontier) -> None:
    assert frontier.offer("harbor", [candidate(), candidate()]) == 1
    assert urls(frontier) == [URL]


def test_what_was_fetched_is_not_due_again(frontier: Frontier) -> None:
    frontier.offer("harbor", [candidate()])
    frontier.fetched("harbor", URL, at=datetime.now(UTC))
    assert frontier.offer("harbor", [candidate()]) == 0
    assert urls(frontier) == []


def test_a_later_change_brings_a_fetched_page_back(frontier: Frontier) -> None:
    frontier.offer("harbor", [candidate(modified=DAY)])
    frontier.fetched("harbor", URL, at=datetime.now(UTC))
    assert frontier.offer("harbor", [candidate(modified=DAY)]) == 0
    assert frontier.offer("harbor", [candidate(modified=DAY + timedelta(hours=1))]) == 1
    assert frontier.offer("harbor", [candidate(modified=DAY + timedelta(hours=1))]) == 0
    assert urls(frontier) == [URL]


def test_a_first_hint_older_than_the_fetch_brings_nothing_back(frontier: Frontier) -> None:
    frontier.offer("harbor", [candidate()])
    frontier.fetched("harbor", URL, at=datetime.now(UTC))
    assert frontier.offer("harbor", [candidate(modified=DAY)]) == 0
    assert frontier.offer("harbor", [candidate(modified=DAY + timedelta(days=1))]) == 1


def test_the_newest_is_due_first(frontier: Frontier) -> None:
    old, new = f"{URL}/old", f"{URL}/new"
    frontier.offer("harbor", [candidate(old, published=DAY), candidate(new, published=DAY + timedelta(days=1))])
    assert urls(frontier) == [new, old]
    assert urls(frontier, excluding={new}) == [old]


def test_sources_do_not_share_their_queues(frontier: Frontier) -> None:
    frontier.offer("northline", [candidate()])
    assert urls(frontier) == []


def test_a_failure_waits_and_three_of_them_give_up(frontier: Frontier) -> None:
    frontier.offer("harbor", [candidate()])
    frontier.failed("harbor", URL, problem="timeout")
    assert urls(frontier) == []
    assert frontier.counts("harbor") == FrontierCounts(queued=1, done=0, failed=0)
    frontier.failed("harbor", URL, problem="timeout")
    frontier.failed("harbor", URL, problem="timeout")
    assert frontier.counts("harbor") == FrontierCounts(queued=0, done=0, failed=1)


def test_a_final_failure_gives_up_at_once(frontier: Frontier) -> None:
    frontier.offer("harbor", [candidate()])
    frontier.failed("harbor", URL, problem="refused", final=True)
    assert frontier.counts("harbor").failed == 1
