"""A server with many names, each of which does one thing to whoever crawls it; and one that is a good newspaper."""

from __future__ import annotations

import gzip
import itertools
import re
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.crawl.conftest import Answer, OddServer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crawl.conftest import Seen

GOOD: Final = "good.example"
GOOD_ARTICLES: Final = 260
"""More than one window of requests, and more than any limit of depth would let through."""
MAX_BODY: Final = 1_000_000
HTML: Final = "Content-Type: text/html; charset=utf-8"
XML: Final = "Content-Type: application/xml"


class Pieces:
    """What is sent, in pieces that are made anew for each connection."""

    def __init__(self, make: Callable[[], Iterator[bytes]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[bytes]:
        return self._make()


def _head(*headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


def _raw(data: bytes) -> Answer:
    """These very bytes, then the end of the connection."""
    return Answer(b"", wire=(data,), close=True)


def endless() -> Iterator[bytes]:
    """A body without end, as fast as it is taken."""
    yield _head(HTML, "Transfer-Encoding: chunked")
    while True:
        yield b"10000\r\n" + b"news " * 13107 + b"\n\r\n"


def dripping(head: bytes, body: bytes = b"n" * 600) -> Callable[[], Iterator[bytes]]:
    """One byte of `body` a second."""

    def drip() -> Iterator[bytes]:
        yield head
        for byte in body:
            time.sleep(1)
            yield bytes([byte])

    return drip


def bomb(size: int = 200_000_000) -> bytes:
    """A gzip file of many members that unpacks to `size` bytes."""
    part = 20_000_000
    return gzip.compress(bytes(part), 6) * (size // part)


def nested_bomb() -> bytes:
    """A bomb that was packed once more: 1 KB."""
    return gzip.compress(bomb(), 9)


def deflate_bomb() -> bytes:
    """A single stream of 400 MB."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(4_000_000)) for _ in range(100)) + packer.flush()


LAUGHS: Final = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    + "]><rss><channel><item><link>http://{host}/a</link><title>&a12;</title></item></channel></rss>"
)
OUTSIDE: Final = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">'
    '<!ENTITY y SYSTEM "http://127.0.0.1/secret">]>'
    "<rss><channel><item><link>http://{host}/a</link><title>&x;&y;</title></item></channel></rss>"
)


def feed(*urls: str) -> Answer:
    items = "".join(f"<item><link>{url.replace('&', '&amp;')}</link></item>" for url in urls)
    return answer("200 OK", XML, body=f"<rss><channel><title>x</title>{items}</channel></rss>".encode())


def index(*urls: str) -> Answer:
    maps = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return answer("200 OK", XML, body=f"<sitemapindex>{maps}</sitemapindex>".encode())


def html(text: str) -> Answer:
    return answer("200 OK", HTML, body=f"<!DOCTYPE html><html><body>{text}</body></html>".encode())


def links(*urls: str) -> str:
    return "".join(f'<h2><a href="{url}">Summit ends early as talks over sanctions fail</a></h2>' for url in urls)


@dataclass
class HostileServer(OddServer):
    """Answers by host; a host that has nothing for a path gives its article, or 404."""

    hosts: dict[str, Callable[[str], Answer | None]] = field(default_factory=dict)

    def _answer(self, seen: Seen) -> Answer:
        host = seen.host.partition(":")[0]
        made = self.hosts[host](seen.path) if host in self.hosts else None
        if made is not None:
            return made
        return answer("404 Not Found", HTML, body=b"<html><body>nothing here</body></html>")


def calendar(path: str) -> Answer | None:
    """Every month has a next one, and articles of its own."""
    shown = re.fullmatch(r"/calendar/(\d{4})/(\d\d)/", path)
    if shown is None:
        return None
    first = datetime(int(shown[1]), int(shown[2]), 1, tzinfo=UTC)
    after = first + timedelta(days=32)
    story = f"/{first:%Y/%m}/{first:%d}/the-summit-of-the-month-{first:%Y-%m}"
    return html(f'{links(story)}<a rel="next" href="/calendar/{after:%Y/%m}/">next month</a>')


def endless_list(path: str) -> Answer | None:
    """Every page of the list names something new, and a next page."""
    shown = re.fullmatch(r"/list\?page=(\d+)", path)
    if path != "/list" and shown is None:
        return None
    page = int(shown[1]) if shown else 1
    story = f"/world/story-number-{page}-of-a-list-without-end-70{page:04}"
    return html(f'{links(story)}<a href="/list?page={page + 1}">more</a>')


def mazes(path: str) -> Answer | None:
    """Relative links that grow, filters in every combination, and hosts without number."""
    if path == "/feed":
        return feed("http://maze.example/world/summit-ends-early-after-talks-" + "x" * 3000)
    if path != "/world/":
        return None
    grown = [f"/world/{'deep/er/' * n}summit-ends-early-after-talks-7{n:05}" for n in range(1, 8)]
    deep = [f"/{'/'.join(f'{n}-{k}' for k in range(30))}/summit-ends-early-after-talks-8{n:05}" for n in range(3)]
    sorted_ = [
        "/list/summit-ends-early-after-talks-900001?" + "&".join(f"{letter}=1" for letter in letters)
        for size in (1, 2, 3)
        for letters in itertools.combinations("abcdefg", size)
    ]
    many = [f"http://x{n}.maze.example/world/summit-ends-early-after-talks-7{n:05}" for n in range(80)]
    return html(links(*(url.replace("&", "&amp;") for url in (*grown, *deep, *sorted_, *many))))


def nested(path: str) -> Answer | None:
    """An index of indexes of indexes."""
    if not path.startswith("/sitemap"):
        return None
    return index(*(f"http://nested.example{path}-{number}" for number in range(80)))


def in_a_circle(path: str) -> Answer | None:
    if path == "/feed":
        return feed("http://circle.example/a", "http://circle.example/self")
    to = {"/a": "/b", "/b": "/c", "/c": "/a", "/self": "/self"}.get(path)
    return answer("302 Found", f"Location: {to}") if to else None


def chain(path: str) -> Answer | None:
    if path == "/feed":
        return feed("http://chain.example/summit/0")
    step = re.fullmatch(r"/summit/(\d+)", path)
    return answer("302 Found", f"Location: /summit/{int(step[1]) + 1}") if step else None


def storm(*headers: str, host: str) -> Callable[[str], Answer | None]:
    def give(path: str) -> Answer | None:
        if path == "/feed":
            return feed(*(f"http://{host}/a{number}" for number in range(10)))
        return answer("429 Too Many Requests", *headers, body=b"slow down") if path.startswith("/a") else None

    return give
