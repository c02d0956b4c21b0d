"""A server that sends exactly the bytes it is told to, and crawls of it in processes of their own."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

DRIVER = Path(__file__).with_name("crawl_once.py")


@dataclass(frozen=True)
class Answer:
    """What goes over the wire for one request."""

    head: bytes
    body: bytes = b""
    """As the archive should keep it."""
    wire: Iterable[bytes] | None = None
    """All that is sent, in pieces; `head + body` where it is not given."""
    close: bool = False
    reset: bool = False
    """End the connection with a TCP reset."""


def answer(status: str, *headers: str, body: bytes = b"", version: str = "HTTP/1.1", close: bool = False) -> Answer:
    """An answer with a Content-Length, spelled plainly."""
    lines = [f"{version} {status}", f"Content-Length: {len(body)}", *headers]
    return Answer(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body, close=close)


@dataclass
class Seen:
    """One request as the server saw it."""

    connection: int
    head: bytes
    at: float

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def host(self) -> str:
        return self.head.split(b"\r\nHost: ", 1)[1].split(b"\r\n", 1)[0].decode("latin-1")


@dataclass
class OddServer:
    """Serves `answers`, by path or by (host, path); a list is served in turn, its last entry for ever."""

    answers: dict[Any, Answer | list[Answer]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._serial = itertools.count()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    def stop(self) -> None:
        self._stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection, next(self._serial)), daemon=True).start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        with suppress(OSError), plain:
            plain.settimeout(30)
            if self.tls is None:
                self._converse(plain, number)
            else:
                with self.tls.wrap_socket(plain, server_side=True) as connection:
                    self._converse(connection, number)

    def _converse(self, connection: socket.socket, number: int) -> None:
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                data = connection.recv(65536)
                if not data:
                    return
                buffer += data
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            seen = Seen(number, head + b"\r\n\r\n", time.monotonic())
            self.seen.append(seen)
            if not self._send(connection, self._answer(seen)):
                return

    def _answer(self, seen: Seen) -> Answer:
        entry = self.answers.get((seen.host.partition(":")[0], seen.path)) or self.answers.get(seen.path)
        if entry is None:
            return answer("404 Not Found", body=b"nothing here")
        if isinstance(entry, list):
            return entry.pop(0) if len(entry) > 1 else entry[0]
        return entry

    def _send(self, connection: socket.socket, told: Answer) -> bool:
        for piece in told.wire if told.wire is not None else (told.head + told.body,):
            if self._stopping.is_set():
                return False
            connection.sendall(piece)
        if told.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not (told.close or told.reset)


@dataclass(frozen=True)
class Crawl:
    """What one crawl left behind."""

    exchanges: list[dict[str, Any]]
    outcomes: list[list[Any]]
    stats: dict[str, Any]
    rss: int
    log: str

    def exchange(self, url: str) -> dict[str, Any]:
        (found,) = [exchange for exchange in self.exchanges if exchange["url"] == url]
        return found

    def outcome(self, url: str) -> tuple[str, Any, Any]:
        (found,) = [tuple(outcome[1:4]) for outcome in self.outcomes if outcome[0] == url]
        return found


@pytest.fixture(scope="module")
def odd_server() -> Iterator[Callable[..., OddServer]]:
    """Start servers that stop with the module."""
    servers: list[OddServer] = []

    def start(answers: dict[Any, Any], tls: ssl.SSLContext | None = None) -> OddServer:
        servers.append(OddServer({"/robots.txt": answer("404 Not Found"), **answers}, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def run_crawl(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Crawl]:
    """Crawl some URLs (or whole requests), with changed `[crawl]` and Scrapy settings."""

    def run(
        *requests: str | dict[str, Any],
        crawl: dict[str, Any] | None = None,
        scrapy: dict[str, Any] | None = None,
        **job: object,
    ) -> Crawl:
        folder = tmp_path_factory.mktemp("crawl")
        asked = [request if isinstance(request, dict) else {"url": request} for request in requests]
        plain = {"delay": 0, "allow_private_hosts": True, "timeout": 10, "max_body": 300_000}
        told = {"requests": asked, "crawl": {**plain, **(crawl or {})}, "scrapy": scrapy or {}, **job}
        (folder / "job.json").write_text(json.dumps(told))
        command = [sys.executable, str(DRIVER), str(folder / "job.json"), str(folder / "result.json")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        return Crawl(**json.loads((folder / "result.json").read_text()), log=done.stderr)

    return run
