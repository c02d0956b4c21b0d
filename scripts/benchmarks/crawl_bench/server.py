"""Serves a `World` from memory: each answer is one write of bytes that were packed beforehand.

    python server.py FOLDER COUNTER

COUNTER is a file of eight bytes that holds how many article pages were asked for, so that others see when the first
one was, without asking.
"""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import struct
import sys
from pathlib import Path

from crawl_bench.pages import load

_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nnot here\n"


class Site:
    """The answers, and the count of those that were given."""

    def __init__(self, folder: Path, counter: Path) -> None:
        world = load(folder)
        blob = (folder / "answers.bin").read_bytes()
        self.port = world.port
        self.answers = {
            (one.host.encode(), one.path.encode()): (blob[one.offset : one.offset + one.length], one.article)
            for one in world.answers
        }
        with counter.open("r+b") as stream:
            self._told = mmap.mmap(stream.fileno(), 8)
        self._count = 0

    def answer(self, head: bytes) -> bytes:
        """The answer to a request head."""
        line, _, headers = head.partition(b"\r\n")
        path = line.split(b" ", 2)[1].partition(b"?")[0]
        place = headers.lower().find(b"host:")
        host = headers[place + 5 :].split(b"\r\n", 1)[0].strip().rpartition(b":")[0].lower()
        found, is_article = self.answers.get((host, path), (_MISSING, False))
        if is_article:
            self._count += 1
            struct.pack_into("<Q", self._told, 0, self._count)
        return found


class Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = transport  # type: ignore[assignment]  # a TCP server's are

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head, self._waiting = self._waiting[:end], self._waiting[end + 4 :]
            self._transport.write(self._site.answer(head))


async def main() -> None:
    """Serve until the parent ends this process."""
    site = Site(Path(sys.argv[1]), Path(sys.argv[2]))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", site.port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


with contextlib.suppress(ImportError):
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
