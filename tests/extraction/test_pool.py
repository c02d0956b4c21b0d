from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.errors import ExtractionError
from newsarchive.extraction import Pool
from newsarchive.extraction.channel import Channel
from newsarchive.extraction.pool import LOOK_AHEAD
from newsarchive.extraction.process import Worker
from newsarchive.models import Extraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conftest import Newsroom
    from newsarchive.models import Payload

MANY_PARAGRAPHS = b"<html><body><article>" + b"<p>text" * 100_000 + b"</article></body></html>"
MANY_ATTRIBUTES = b"<p " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">text"
SLOW = b"<html><body><article>" + b"<p>text" * 40_000 + b"</article></body></html>"
MANY_BREAKS = b"<html><body><article><p>text" + b"<br>" * 300_000 + b"</article></body></html>"


def pool(*, workers: int = 2, timeout: float = 10, memory: int = 1_500_000_000, max_tags: int = 1_000_000) -> Pool:
    return Pool(workers, timeout=timeout, memory=memory, max_page_size=20_000_000, max_tags=max_tags)


def good(newsroom: Newsroom) -> Payload:
    return newsroom.payload(newsroom.page(head=newsroom.linked()))


def worker_pids() -> set[int]:
    """Children of this process that read pages."""
    pids = set()
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is needed
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - as above
                parent = int(stat.read().rpartition(")")[2].split()[1])
            with open(f"/proc/{name}/cmdline", encoding="utf-8") as command:  # noqa: PTH123 - as above
                if parent == os.getpid() and "newsarchive.extraction.worker" in command.read():
                    pids.add(int(name))
        except (OSError, IndexError):
            continue
    return pids


def test_results_come_back_whole_and_in_order(newsroom: Newsroom) -> None:
    here = newsroom.read(newsroom.page(head=newsroom.linked()))
    with pool() as readers:
        results = list(readers.map((number, good(newsroom)) for number in range(40)))
    assert [number for number, _ in results] == list(range(40))
    assert all(found == here for _, found in results)


def test_a_page_that_cannot_be_read_is_an_outcome_of_its_own(newsroom: Newsroom) -> None:
    jobs = [("pdf", newsroom.payload(b"%PDF-1.4")), ("page", good(newsroom))]
    with pool(workers=1) as readers:
        (_, refused), (_, found) = readers.map(jobs)
    assert isinstance(refused, ExtractionError)
    assert refused.reason == "not-html"
    assert isinstance(found, Extraction)


@pytest.mark.parametrize("hostile", [MANY_PARAGRAPHS, MANY_ATTRIBUTES])
def test_a_page_that_takes_too_long_costs_its_neighbours_nothing(newsroom: Newsroom, hostile: bytes) -> None:
    jobs = [(0, good(newsroom)), (1, newsroom.payload(hostile)), (2, good(newsroom)), (3, good(newsroom))]
    with pool(timeout=1) as readers:
        results = dict(readers.map(jobs))
    assert list(results) == [0, 1, 2, 3]
    lost = results.pop(1)
    assert isinstance(lost, ExtractionError)
    assert lost.reason == "timeout"
    assert all(isinstance(found, Extraction) and found.paragraphs == newsroom.paragraphs for found in results.values())


def test_a_page_whose_process_dies_is_read_once_more_in_fast_mode(newsroom: Newsroom) -> None:
    with pool(workers=1, timeout=60) as readers:
        assert len(list(readers.map([(0, good(newsroom))]))) == 1  # the process is up
        (first,) = worker_pids()
        threading.Timer(0.5, os.kill, (first, signal.SIGKILL)).start()  # SLOW takes seconds
        ((_, found),) = readers.map([(1, newsroom.payload(SLOW))])
    assert isinstance(found, Extraction)
    assert found.provenance["paragraphs"] == "trafilatura-fast"


def test_a_page_that_needs_too_much_memory_is_given_up(newsroom: Newsroom) -> None:
    jobs = [(0, newsroom.payload(MANY_BREAKS)), (1, good(newsroom))]
    with pool(workers=1, timeout=60, memory=60_000_000) as readers:
        (_, lost), (_, found) = readers.map(jobs)
    assert isinstance(lost, ExtractionError)
    assert lost.reason in {"memory", "crashed"}
    assert isinstance(found, Extraction)


def test_a_worker_that_dies_between_two_pages_is_replaced(newsroom: Newsroom) -> None:
    with pool(workers=1) as readers:
        assert len(list(readers.map([(0, good(newsroom))]))) == 1
        (first,) = worker_pids()
        os.kill(first, signal.SIGKILL)
        ((_, found),) = readers.map([(1, good(newsroom))])
        (second,) = worker_pids()
    assert isinstance(found, Extraction)
    assert second != first


def test_closing_a_pool_leaves_no_process_and_no_thread(newsroom: Newsroom) -> None:
    hostile = newsroom.payload(MANY_PARAGRAPHS)
    before = threading.active_count()
    with pool(timeout=300) as readers:
        results = readers.map([(0, good(newsroom)), (1, hostile), (2, hostile), (3, hostile)])
        assert next(results)[0] == 0
        assert worker_pids()
    assert not worker_pids()
    assert threading.active_count() == before


def test_jobs_are_taken_only_a_few_in_advance(newsroom: Newsroom) -> None:
    taken = []

    def jobs() -> Iterator[tuple[int, Payload]]:
        for number in range(1000):
            taken.append(number)
            yield number, good(newsroom)

    with pool(workers=1) as readers:
        results = readers.map(jobs())
        next(results)
        assert len(taken) <= LOOK_AHEAD + 1
        results.close()  # type: ignore[attr-defined] - it is a generator


def test_an_error_of_the_jobs_reaches_the_caller_and_the_pool_goes_on(newsroom: Newsroom) -> None:
    def jobs() -> Iterator[tuple[int, Payload]]:
        yield 0, good(newsroom)
        raise LookupError("no more captures")

    with pool(workers=1) as readers:
        with pytest.raises(LookupError, match="no more captures"):
            list(readers.map(jobs()))
        ((_, found),) = readers.map([(1, good(newsroom))])
    assert isinstance(found, Extraction)


def told(number: int, newsroom: Newsroom) -> tuple[int, Payload]:
    page = newsroom.page(head=newsroom.linked())
    body = page if isinstance(page, bytes) else page.encode()
    return number, newsroom.payload(body.replace(b"<p>", b"<p>Piece %d was written here. " % number, 1))


def pieces(results: Iterable[tuple[int, Extraction | ExtractionError]]) -> dict[int, bool]:
    """Whether each page's result is its own."""
    return {
        number: isinstance(found, Extraction) and f"Piece {number} was" in found.paragraphs[0]
        for number, found in results
    }


def test_a_page_given_ahead_is_read_though_the_one_before_it_took_the_process_along(newsroom: Newsroom) -> None:
    jobs = [told(number, newsroom) for number in range(20)]
    for hostile in (5, 6):
        jobs[hostile] = (hostile, newsroom.payload(MANY_PARAGRAPHS))
    with pool(workers=1, timeout=1) as readers:
        found = pieces(readers.map(jobs))
    assert list(found) == list(range(20))
    assert {number for number, is_its_own in found.items() if not is_its_own} == {5, 6}


def test_after_a_map_that_was_left_early_pages_get_their_own_answers(newsroom: Newsroom) -> None:
    with pool(workers=1) as readers:
        for _ in range(3):
            results = readers.map(told(number, newsroom) for number in range(100, 130))
            next(results)
            results.close()  # type: ignore[attr-defined] - it is a generator
            assert all(pieces(readers.map(told(number, newsroom) for number in range(20))).values())


def test_pages_of_a_map_that_was_left_early_are_not_read(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    give = Worker.give

    def noted(self: Worker, payload: Payload, *rest: Any, **named: Any) -> None:  # noqa: ANN401 - handed on
        given.append(payload.url)
        give(self, payload, *rest, **named)

    monkeypatch.setattr(Worker, "give", noted)
    with pool(workers=1) as readers:
        results = readers.map(told(number, newsroom) for number in range(100))
        next(results)
        results.close()  # type: ignore[attr-defined] - it is a generator
        assert pieces(readers.map([told(1, newsroom)])) == {1: True}
    assert len(given) <= 5  # the first, one or two ahead of it, and the last


def test_after_an_error_while_an_answer_came_the_next_pages_get_their_own(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Channel._read
    with pool(workers=1) as readers:
        assert pieces(readers.map([told(0, newsroom)])) == {0: True}

        def fail(_: Channel) -> None:
            monkeypatch.setattr(Channel, "_read", read)
            raise MemoryError

        monkeypatch.setattr(Channel, "_read", fail)
        with pytest.raises(MemoryError):
            list(readers.map(told(number, newsroom) for number in range(20)))
        assert all(pieces(readers.map(told(number, newsroom) for number in range(100, 120))).values())


def test_an_answer_that_is_none_costs_the_process_and_nothing_else(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = Channel.receive
    with pool(workers=1) as readers:
        assert pieces(readers.map([told(0, newsroom)])) == {0: True}

        def garbled(self: Channel, **named: Any) -> bytes | None:  # noqa: ANN401 - handed on
            monkeypatch.setattr(Channel, "receive", receive)
            receive(self, **named)
            return b"[1, 2"

        monkeypatch.setattr(Channel, "receive", garbled)
        results = dict(readers.map(told(number, newsroom) for number in range(20)))
    assert all(pieces(results.items()).values())
    assert isinstance(results[0], Extraction)
    assert results[0].provenance["paragraphs"] == "trafilatura-fast"
