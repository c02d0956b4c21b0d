"""An internet on loopback, for processes that are started with this folder in PYTHONPATH and STUB_INTERNET set.

Python imports this file before anything else. Names are answered from a table, connections to the table's public
addresses go to a server on loopback, and every other connection is refused and written down: the crawler under test
runs with the settings and the guards that it has on the real web. At its end each process writes down the most memory
that it ever held, as the kernel counts it (proc_pid_status(5), VmHWM).
"""

from __future__ import annotations

import atexit
import errno
import itertools
import json
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

_log: Path


def _note(**event: object) -> None:
    with _log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"pid": os.getpid(), **event}) + "\n")


def _install(table: dict[str, Any]) -> None:
    answers: dict[str, list[list[str]]] = table["names"]
    asked = {name: itertools.count() for name in answers}

    def getaddrinfo(host: str | bytes | None, port: Any, *_: object, **__: object) -> list[Any]:  # noqa: ANN401 - as the real one
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name in answers:
            in_turn = answers[name]
            addresses = in_turn[min(next(asked[name]), len(in_turn) - 1)]
        elif re.fullmatch(r"[0-9.]+", name):
            addresses = [name]
        else:
            raise socket.gaierror(socket.EAI_NONAME, "no such name in the stub internet")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(port or 0))) for address in addresses]

    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as the real one
        if self.family == socket.AF_INET:
            _note(connect=list(address))
            if address[0] not in table["public"]:
                raise ConnectionRefusedError(errno.ECONNREFUSED, "not in the stub internet")
            address = ("127.0.0.1", table["port"])
        real(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 - as the real one
        try:
            connect(self, address)
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]


def _note_memory() -> None:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    _note(memory=int(found[1]) * 1024 if found else 0, command=sys.orig_argv)


if "STUB_INTERNET" in os.environ:
    _log = Path(os.environ["STUB_INTERNET"]).with_suffix(".log")
    _install(json.loads(Path(os.environ["STUB_INTERNET"]).read_text(encoding="utf-8")))
    atexit.register(_note_memory)
