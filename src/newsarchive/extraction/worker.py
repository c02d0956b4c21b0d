"""The process that reads pages for a `Pool`: one page after the other, each within its own limits.

Started as `python -m newsarchive.extraction.worker FD`, FD being its end of a socket pair. It gets a JSON header and
the page's bytes, and answers with how it went and with what was read, both JSON: what it sends is read as data by the
parent, so that a page that takes over a parser takes over this process and nothing else. It ends when the other end is
closed, as it is when the parent dies.
"""

from __future__ import annotations

import json
import math
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from newsarchive.errors import ExtractionError
from newsarchive.extraction.cascade import extract
from newsarchive.extraction.channel import WorkerEnd
from newsarchive.extraction.guide import Guide
from newsarchive.extraction.joining import extract_whole
from newsarchive.extraction.limits import Limits
from newsarchive.extraction.wire import MEMORY_STATUS, READY, pages_of
from newsarchive.models import Payload

_WARM_UP = b"<html><body><article><h1>Harbor opens</h1><p>%s</p></article></body></html>" % (
    b"The harbor was opened on Monday after two years of work on its three new piers. " * 5
)
_PAGE_BYTES = resource.getpagesize()
_STATM = Path("/proc/self/statm")


def main() -> None:
    """Serve the parent until it closes its end."""
    # Ctrl-C goes to the whole process group; what becomes of the page is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=int(sys.argv[1])) as end:
        channel = WorkerEnd(end)
        _warm_up()
        fresh = _address_space()
        channel.send(READY)
        try:
            while True:
                header = json.loads(channel.receive())
                told, extraction = _answer(header, channel.receive(), fresh=fresh)
                # Leaks and fragments of many pages must not be charged to one of them.
                told["worn"] = _address_space() > fresh + header["memory"] // 2
                channel.send(json.dumps(told).encode("utf-8", errors="replace"), extraction)
        except (EOFError, OSError):
            return  # the parent is gone, or wants this process no more
        except MemoryError:
            sys.exit(MEMORY_STATUS)  # outside of a page's reading; nothing that is said here can be relied on


def _warm_up() -> None:
    """Import everything, so that the first page's time and memory are its own."""
    extract(Payload(url="https://harbor.example/warm-up", body=_WARM_UP, content_type="text/html"))


def _answer(header: dict[str, Any], body: bytes, *, fresh: int) -> tuple[dict[str, Any], bytes]:
    _limit(cpu=header["cpu"], memory=header["memory"], fresh=fresh)
    try:
        result = extract_whole(
            pages_of(header, body),
            guide=Guide.from_record(header["guide"]),
            fast=header["fast"],
            limits=Limits(*header["limits"]),
        )
    except ExtractionError as error:
        return {"error": {"reason": error.reason, "message": error.message, "tip": error.tip}}, b""
    return {}, result.model_dump_json().encode("utf-8", errors="replace")


def _limit(*, cpu: float, memory: int, fresh: int) -> None:
    """Limits for the next page, kept by the kernel: they hold for C code that never gives Python a turn as well.

    RLIMIT_CPU counts whole seconds over the life of a process, so that a page may get up to a second more.
    """
    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(spent.ru_utime + spent.ru_stime + cpu)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    if fresh:
        resource.setrlimit(resource.RLIMIT_AS, (fresh + memory, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not tell (then memory is not limited)."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[0]) * _PAGE_BYTES
    except (OSError, ValueError):
        return 0


if __name__ == "__main__":
    main()
