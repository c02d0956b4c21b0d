"""Messages between a pool and a worker process over a socket pair: eight bytes of length, then so many bytes.

A worker waits for each message, and for the other end to take each of its own. The pool's end never waits to send: what
the socket does not take at once goes out while answers are waited for. So a page can be sent while the process still
reads the one before; two ends that both waited to send would wait for ever.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from typing import Final

_LENGTH: Final = struct.Struct("!Q")
_AT_ONCE: Final = 1 << 18
"""Bytes asked of the socket at a time; what a pair holds by default (212,992 on Linux) comes in one piece."""


class Channel:
    """The pool's end. The socket is closed with it."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)  # noqa: FBT003 - the name of the standard library
        self._socket = end
        self._poll = select.poll()
        self._out: deque[memoryview] = deque()
        self._in = bytearray()

    def send(self, *messages: bytes) -> None:
        """Send messages, as much of them as the socket takes at once; `receive` sends the rest.

        That the other end hung up is for `receive` to say: what it answered before is still there to be read.
        """
        for message in messages:
            self._out.append(memoryview(_LENGTH.pack(len(message))))
            if message:
                self._out.append(memoryview(message))
        self._write()

    def receive(self, *, until: float, longest: int) -> bytes | None:
        """The next message; None where it has not come by a moment of the monotonic clock.

        Raises:
            OSError, EOFError: the other end hung up, or the message has more bytes than it may have: a process that a
                page has taken over must not fill the memory of its parent.
        """
        while (message := self._taken(longest)) is None:
            self._poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._out else 0))
            # A process that is killed hangs up, which ends the wait as well.
            events = self._poll.poll(max(0.0, 1000 * (until - time.monotonic())))
            if not events:
                return None
            if events[0][1] & select.POLLOUT:
                self._write()
            if events[0][1] & ~select.POLLOUT:
                self._read()
        return message

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _write(self) -> None:
        try:
            while self._out:
                sent = self._socket.sendmsg(list(self._out))
                while self._out and sent >= len(self._out[0]):
                    sent -= len(self._out.popleft())
                if sent:
                    self._out[0] = self._out[0][sent:]
        except BlockingIOError:
            return
        except OSError:
            # What was not sent is lost; what comes after must not be taken for its rest.
            self._out.clear()
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def _read(self) -> None:
        try:
            received = self._socket.recv(_AT_ONCE)
        except BlockingIOError:
            return
        if not received:
            raise EOFError
        self._in += received

    def _taken(self, longest: int) -> bytes | None:
        """The first message in full, taken out of what was received."""
        if len(self._in) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._in)
        if length > longest:
            raise EOFError(f"an answer of {length:,} bytes is none")
        end = _LENGTH.size + length
        if len(self._in) < end:
            return None
        message = bytes(memoryview(self._in)[_LENGTH.size : end])
        del self._in[:end]
        return message


class WorkerEnd:
    """The worker's end. Its methods wait, and raise OSError or EOFError where the other end hung up."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._stream = end.makefile("rb")

    def receive(self) -> bytes:
        """The next message."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        return self._exactly(length)

    def send(self, *messages: bytes) -> None:
        """Send messages."""
        self._socket.sendall(b"".join(part for message in messages for part in (_LENGTH.pack(len(message)), message)))

    def _exactly(self, size: int) -> bytes:
        received = self._stream.read(size)
        if len(received) < size:
            raise EOFError
        return received
