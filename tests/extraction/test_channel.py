from __future__ import annotations

import errno
import socket
import threading
import time
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction.channel import Channel, WorkerEnd

LARGE = b"x" * 5_000_000


def in_a_minute() -> float:
    return time.monotonic() + 60


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_messages_arrive_whole_and_in_order_both_ways(messages: list[bytes]) -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(ours)) as channel, theirs:
        worker = WorkerEnd(theirs)
        channel.send(*messages)
        assert [worker.receive() for _ in messages] == messages
        worker.send(*messages)
        assert [channel.receive(until=in_a_minute(), longest=len(LARGE)) for _ in messages] == messages


def test_a_page_on_its_way_and_a_long_answer_do_not_wait_for_one_another() -> None:
    ours, theirs = socket.socketpair()
    got: list[bytes] = []

    def work() -> None:
        worker = WorkerEnd(theirs)
        for _ in range(3):
            got.append(worker.receive())
            worker.send(LARGE)

    with closing(Channel(ours)) as channel, theirs:
        thread = threading.Thread(target=work)
        thread.start()
        channel.send(LARGE)
        for _ in range(2):
            channel.send(LARGE)  # while the one before is read
            assert channel.receive(until=in_a_minute(), longest=len(LARGE)) == LARGE
        assert channel.receive(until=in_a_minute(), longest=len(LARGE)) == LARGE
        thread.join()
    assert got == [LARGE] * 3


def test_an_answer_that_does_not_come_in_time_is_none() -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(ours)) as channel, theirs:
        channel.send(LARGE)
        assert channel.receive(until=time.monotonic() + 0.01, longest=len(LARGE)) is None


def test_what_was_answered_is_read_though_the_other_end_hung_up_on_the_next_page() -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(ours)) as channel:
        WorkerEnd(theirs).send(b"the answer")
        theirs.close()
        channel.send(LARGE)
        assert channel.receive(until=in_a_minute(), longest=len(LARGE)) == b"the answer"
        with pytest.raises((EOFError, OSError)):
            channel.receive(until=in_a_minute(), longest=len(LARGE))


def test_an_answer_longer_than_any_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(ours)) as channel, theirs:
        theirs.sendall((len(LARGE) + 1).to_bytes(8, "big"))
        with pytest.raises(EOFError):
            channel.receive(until=in_a_minute(), longest=len(LARGE))


def test_a_worker_learns_that_the_other_end_hung_up_in_the_middle_of_a_page() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        worker = WorkerEnd(theirs)
        with closing(Channel(ours)) as channel:
            channel.send(b"")
            assert worker.receive() == b""
        with pytest.raises((EOFError, OSError)):
            worker.receive()
        half, other = socket.socketpair()
        with other:
            half.sendall((10).to_bytes(8, "big") + b"half")
            half.close()
            with pytest.raises(EOFError):
                WorkerEnd(other).receive()


class Failing(socket.socket):
    """Sends a little, then fails once as a system short of memory does."""

    times = 0

    def sendmsg(self, parts: Any) -> int:  # type: ignore[override]  # noqa: ANN401 - the standard library's
        self.times += 1
        if self.times == 1:
            return super().sendmsg([parts[0], bytes(parts[1])[:100]])
        raise OSError(errno.ENOBUFS, "No buffer space available")


def test_after_a_sending_that_failed_nothing_is_taken_for_its_rest() -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(Failing(fileno=ours.detach()))) as channel, theirs:
        worker = WorkerEnd(theirs)
        channel.send(b"A" * 1000)
        channel.send(b"B" * 1000)
        with pytest.raises(EOFError):
            worker.receive()
        worker.send(b"of before")
        assert channel.receive(until=in_a_minute(), longest=len(LARGE)) == b"of before"
