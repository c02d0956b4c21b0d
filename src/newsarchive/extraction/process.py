"""One worker process as its parent sees it: started, given a page, killed when it takes too long, replaced."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from newsarchive.errors import ExtractionError
from newsarchive.extraction.channel import Channel
from newsarchive.extraction.wire import MEMORY_STATUS, READY
from newsarchive.models import Extraction

if TYPE_CHECKING:
    from newsarchive.extraction.guide import Guide
    from newsarchive.extraction.wire import Budget
    from newsarchive.models import Payload

START_WITHIN: Final = 120.0
"""Seconds until a new process must be ready; measured: 0.8 on a machine with little else to do."""

_LONGEST: Final = 1 << 28
"""Bytes of an extraction; of a page of 20 MB, the most that is read by default, it has as many and its boilerplate."""
_LONGEST_TOLD: Final = 1 << 16
"""Bytes of how the reading went."""

_COMMAND = (sys.executable, "-P", "-m", "newsarchive.extraction.worker")
# -P: the current folder may be anybody's; no module may be taken from it.

REASONS: Final = {
    -signal.SIGXCPU: ("timeout", "took more than its {cpu:g} s of CPU time"),
    # Whoever kills so without being asked is the kernel, short of memory.
    MEMORY_STATUS: ("memory", "more memory was needed than extraction.memory allows"),
    -signal.SIGKILL: ("memory", "the reading process was killed, as the system does when memory runs out"),
}
"""How a process ended, and what that says of the page it read."""


class PageLost(Exception):
    """The process came to no answer; `reason` is `timeout`, `memory` or `crashed`."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Worker:
    """A worker process. It inherits nothing but its end of the socket pair: no database, no lock, no other socket."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
                [*_COMMAND, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._ready = False
        self._worn = False

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can be given another page."""
        return not self._worn and self._process.poll() is None

    def give(self, payload: Payload, guide: Guide, *, budget: Budget, fast: bool) -> None:
        """Give it a page, to be read after those that it was given before; never waits."""
        body = b"".join((payload.body, *(part.body for part in payload.parts))) if payload.parts else payload.body
        self._channel.send(budget.header(payload, guide, fast=fast), body)

    def answer(self, payload: Payload, *, budget: Budget) -> Extraction | ExtractionError:
        """The extraction of the first page that it was given and has not answered for, or why it cannot be read.

        Raises:
            PageLost: the process is gone, and must be replaced.
        """
        until = time.monotonic() + budget.wall
        try:
            told = self._channel.receive(until=until, longest=_LONGEST_TOLD)
            extraction = self._channel.receive(until=until, longest=_LONGEST) if told is not None else None
        except (EOFError, OSError) as error:
            raise self._lost(payload, budget) from error
        if told is None or extraction is None:
            raise PageLost(f"{payload.url}: no answer within {budget.wall:g} s", reason="timeout")
        try:
            return self._read(json.loads(told), extraction)
        except (ValueError, TypeError, LookupError) as error:
            raise PageLost(f"{payload.url}: what the reading process said cannot be read", reason="crashed") from error

    def _read(self, answer: dict[str, Any], extraction: bytes) -> Extraction | ExtractionError:
        self._worn = bool(answer["worn"])
        if "error" not in answer:
            return Extraction.model_validate_json(extraction)
        error = {name: str(answer["error"][name]) for name in ("message", "reason", "tip")}
        if error["reason"] == "memory":
            raise PageLost(error["message"], reason="memory")
        return ExtractionError(error["message"], reason=error["reason"], tip=error["tip"])

    def kill(self) -> None:
        """End the process at once; whoever waits for its answer learns that it hung up."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait until it is gone; nobody may be waiting for its answer any more."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def await_ready(self) -> None:
        """Wait until the process can read pages.

        Raises:
            ExtractionError: it could not be started.
        """
        if self._ready:
            return
        try:
            self._ready = self._channel.receive(until=time.monotonic() + START_WITHIN, longest=len(READY)) == READY
        except (EOFError, OSError):
            self._ready = False
        if not self._ready:
            status = self._process.poll()
            raise ExtractionError(
                f"a reading process could not be started (exit status {status})",
                reason="crashed",
                tip=f"see what `{' '.join(_COMMAND)} 0` says",
            )

    def _lost(self, payload: Payload, budget: Budget) -> PageLost:
        """What to say of a process that hung up. It may still be on its way out."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            status = 0
        reason, what = REASONS.get(status, ("crashed", f"the reading process ended with status {status}"))
        return PageLost(f"{payload.url}: {what.format(cpu=budget.cpu)}", reason=reason)
