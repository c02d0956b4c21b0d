"""Processes that share the work on an index, and a parent that stops in the middle."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsarchive.search.native import hands
from newsarchive.search.native.hands import SharedHands

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

LARGE = bytes(1 << 20)
"""More than a connection takes that nobody reads from."""


@pytest.fixture(autouse=True)
def _processes_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh interpreter gets the path of this one, on which pytest need not have put the folder of the project."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def busy(connection: Connection) -> None:
    """A process that takes no message."""
    connection.send_bytes(b"begun")
    signal.pause()


def doubling(connection: Connection) -> None:
    hands.work(connection, lambda message: 2 * message, lambda: "done", lambda: "a number")


def _filled(shared: SharedHands) -> None:
    """Let as many messages wait as may."""
    for hand in shared._hands:
        assert hand.answers.get() == b"begun"
    for _ in range(len(shared._hands)):
        shared.give(LARGE)
    while not shared._waiting.full():
        shared.give(b"")


def _stop(shared: SharedHands) -> None:
    _filled(shared)
    raise ZeroDivisionError


def _be_interrupted(shared: SharedHands, patch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        patch.undo()
        raise KeyboardInterrupt

    _filled(shared)
    patch.setattr(shared._waiting, "put", interrupted)
    shared.no_more()


def test_a_parent_that_stops_while_messages_wait_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), SharedHands(tmp_path, 2, busy) as shared:
        _stop(shared)
    assert all(hand.process.exitcode == -signal.SIGTERM for hand in shared._hands)
    assert not any(thread.is_alive() for hand in shared._hands for thread in hand.threads)


def test_a_parent_that_is_interrupted_while_it_says_that_there_is_no_more_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt), SharedHands(tmp_path, 2, busy) as shared:
        _be_interrupted(shared, monkeypatch)
    assert not any(thread.is_alive() for hand in shared._hands for thread in hand.threads)


def test_an_answer_that_cannot_be_fetched_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = hands._Hand._fetch

    def fetch(hand: hands._Hand) -> None:
        monkeypatch.setattr(hand.connection, "recv_bytes", _no_memory)
        real(hand)

    monkeypatch.setattr(hands._Hand, "_fetch", fetch)
    monkeypatch.setattr(hands, "_PATIENCE", 0.1)  # the process has not ended
    with pytest.raises(hands.NewsarchiveError, match="worker"), SharedHands(tmp_path, 1, busy) as shared:
        shared.receive(0)


def _no_memory() -> bytes:
    raise MemoryError


def test_every_message_is_answered_by_whoever_took_it(tmp_path: Path) -> None:
    with SharedHands(tmp_path, 2, doubling) as shared:
        for number in range(100):
            shared.give(number)
        shared.no_more()
        shared.no_more()  # nobody waits for this one
        answers = [list(iter(lambda number=number: shared.receive(number), "done")) for number in range(2)]  # type: ignore[misc]
    assert sorted(answers[0] + answers[1]) == list(range(0, 200, 2))
    assert all(found == sorted(found) for found in answers)
