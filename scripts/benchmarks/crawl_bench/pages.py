"""The sample newsroom at the size of real pages: every answer as it goes over the wire, in two files.

Our own pages are a quarter of the size of today's news pages. What is missing is what real ones are made of beside the
article: style sheets, the state of scripts, menus, boxes of other articles, a footer. It is invented here, seeded, the
same for all pages of a site where a real site's would be.
"""

from __future__ import annotations

import gzip
import json
import random
import socket
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Final

from newsarchive.sample import Newsroom, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from newsarchive.sample import Response

SEED: Final = 20190227
_OK: Final = 200
_RULES: Final = 200
_MENU: Final = 90
_STATE: Final = 100
_CARDS: Final = 58
SITEMAP: Final = "/every-page.xml"


@dataclass(frozen=True)
class Answer:
    """One answer, and where its bytes lie."""

    host: str
    path: str
    offset: int = 0
    length: int = 0
    body: int = 0
    """Where the body begins, from `offset` on."""
    raw: int = 0
    """Bytes of the body before it was packed."""
    status: int = 200
    content_type: str = "text/plain"
    article: bool = False


@dataclass(frozen=True)
class World:
    """A folder that holds the newsroom as it is served."""

    folder: Path
    port: int
    answers: tuple[Answer, ...]

    @property
    def articles(self) -> tuple[Answer, ...]:
        """The article pages, whatever an archive makes of them."""
        return tuple(answer for answer in self.answers if answer.article)

    def url(self, answer: Answer) -> str:
        """The URL of an answer."""
        return f"http://{answer.host}:{self.port}{answer.path}"

    def read(self, answers: tuple[Answer, ...]) -> Iterator[tuple[Answer, bytes]]:
        """Answers with their bodies, unpacked."""
        with (self.folder / "answers.bin").open("rb") as blob:
            for answer in answers:
                blob.seek(answer.offset + answer.body)
                yield answer, gzip.decompress(blob.read(answer.length - answer.body))


def make(folder: Path, pages: int) -> World:
    """Write the newsroom with about so many article pages."""
    newsroom, port = build(articles=pages), _free_port()
    answers: list[Answer] = []
    dress = Dress(newsroom)
    with (folder / "answers.bin").open("wb") as blob:
        for host, path, is_article in _targets(newsroom):
            response = newsroom.pages(host, path, port=port)
            if response is None:
                continue
            body = dress.on(response.body, host=host, path=path) if is_article else _hurried(response.body, path)
            status = response.status
            answer = Answer(host, path, status=status, content_type=response.content_type)
            answers.append(_put(blob, replace(answer, article=is_article and status == _OK), body, response))
        for host in dict.fromkeys(answer.host for answer in answers):
            urls = [f"http://{host}:{port}{one.path}" for one in answers if one.host == host and one.article]
            body = _sitemap(urls)
            answers.append(_put(blob, Answer(host, SITEMAP, content_type="application/xml"), body))
    table = {"port": port, "answers": [asdict(answer) for answer in answers]}
    (folder / "answers.json").write_text(json.dumps(table), encoding="utf-8")
    return load(folder)


def make_small(folder: Path, pages: int) -> World:
    """Write a site of many tiny pages, each an article of its own; `pages` may be 50,000, as a sitemap holds."""
    port, host = _free_port(), "tiny.localhost"
    with (folder / "answers.bin").open("wb") as blob:
        answers = [
            _put(
                blob,
                Answer(host, f"/2019/02/27/story-{number}/", content_type="text/html", article=True),
                _tiny(number),
            )
            for number in range(pages)
        ]
        urls = (f"http://{host}:{port}{answer.path}" for answer in answers)
        answers.append(_put(blob, Answer(host, SITEMAP, content_type="application/xml"), _sitemap(urls)))
    table = {"port": port, "answers": [asdict(answer) for answer in answers]}
    (folder / "answers.json").write_text(json.dumps(table), encoding="utf-8")
    return load(folder)


def _tiny(number: int) -> bytes:
    chance = random.Random(number)  # noqa: S311 - filler, not secrets
    words = " ".join(f"w{chance.randrange(20_000)}" for _ in range(60))
    day = 1 + number % 28
    return (
        f'<html><head><title>Story {number}</title><meta property="article:published_time"'
        f' content="2019-02-{day:02}T18:30:00Z"></head><body><article><h1>Story {number} of the harbor</h1>'
        f"<p>The harbor was told {words}.</p></article></body></html>"
    ).encode()


def load(folder: Path) -> World:
    """A newsroom that was written before."""
    table = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return World(folder, table["port"], tuple(Answer(**answer) for answer in table["answers"]))


def _targets(newsroom: Newsroom) -> Iterator[tuple[str, str, bool]]:
    """Host and path of all that a crawl may ask for, and whether it is an article."""
    for article in newsroom.articles:
        yield article.outlet.host, article.path, True
    for outlet in newsroom.outlets:
        yield outlet.host, "/robots.txt", False


def _hurried(body: bytes, path: str) -> bytes:
    """Without a Crawl-delay: one outlet's bound every crawl to 20 pages a second at its end, one page to a sync."""
    if path != "/robots.txt":
        return body
    return b"".join(line for line in body.splitlines(keepends=True) if not line.lower().startswith(b"crawl-delay"))


def _sitemap(urls: Iterable[str]) -> bytes:
    """A sitemap of every page, so that all of them are fetched however few a section page lists."""
    rows = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in urls)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def _put(blob: BinaryIO, answer: Answer, body: bytes, response: Response | None = None) -> Answer:
    """Write an answer as it goes over the wire; where it lies."""
    packed = gzip.compress(body, 6, mtime=0)
    etag = response.etag if response else '"all"'
    head = _head(answer, len(packed), etag, response.location if response else "")
    offset = blob.tell()
    blob.write(head + packed)
    return replace(answer, offset=offset, length=len(head) + len(packed), body=len(head), raw=len(body))


class Dress:
    """What stands around an article on a page of real size."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._titles = [article.headline for article in newsroom.articles if article.headline]
        self._sites = {outlet.host: self._site(outlet.host) for outlet in newsroom.outlets}

    def on(self, body: bytes, *, host: str, path: str) -> bytes:
        """A page with all of it."""
        if b"</head>" not in body or b"</body>" not in body:
            return body
        style, menu, footer = self._sites[host]
        chance = random.Random(f"{SEED} {host} {path}")  # noqa: S311 - filler, not secrets
        head, _, rest = body.partition(b"</head>")
        inner, _, tail = rest.rpartition(b"</body>")
        opening, mark, content = inner.partition(b">")
        state = _ascii(self._state(chance))
        cards = _ascii(self._cards(chance))
        return b"".join((head, style, state, b"</head>", opening, mark, menu, content, cards, footer, b"</body>", tail))

    def _site(self, host: str) -> tuple[bytes, bytes, bytes]:
        chance = random.Random(f"{SEED} {host}")  # noqa: S311 - filler, not secrets
        rules = "".join(
            f".c{chance.randrange(16**5):05x}-{number}{{margin:{chance.randrange(40)}px {chance.randrange(40)}px;"
            f"color:#{chance.randrange(16**6):06x};font-size:{chance.randrange(10, 40)}px}}"
            for number in range(_RULES)
        )
        links = "".join(
            f'<li class="menu-item menu-item-{number}"><a href="/topic/{chance.randrange(16**4):04x}/">'
            f"{escape(_words(chance, self._titles, 2))}</a></li>"
            for number in range(_MENU)
        )
        foot = "".join(
            f'<li><a href="/about/{chance.randrange(16**4):04x}/">{escape(_words(chance, self._titles, 3))}</a></li>'
            for _ in range(_MENU // 3)
        )
        return (
            _ascii(f"<style>{rules}</style>"),
            _ascii(f'<nav class="mega-menu" aria-label="All topics"><ul>{links}</ul></nav>'),
            _ascii(f'<footer class="site-links"><ul>{foot}</ul></footer>'),
        )

    def _state(self, chance: random.Random) -> str:
        state = [
            {
                "id": f"{chance.randrange(16**12):012x}",
                "slot": chance.choice(("top", "side", "inline", "foot")),
                "title": chance.choice(self._titles),
                "image": f"https://img.example/{chance.randrange(16**10):010x}/w_640,h_360/photo.jpg",
                "weights": [chance.randrange(1000) for _ in range(6)],
            }
            for _ in range(_STATE)
        ]
        text = json.dumps({"modules": state}).replace("</", r"<\/")
        return f"<script>window.__STATE__={text};</script>"

    def _cards(self, chance: random.Random) -> str:
        cards = "".join(
            f'<div class="card card--{number % 5}"><a class="card__link" href="/story/{chance.randrange(16**8):08x}/">'
            f'<picture><source srcset="https://img.example/{chance.randrange(16**8):08x}/640.webp 640w,'
            f' https://img.example/{chance.randrange(16**8):08x}/320.webp 320w" type="image/webp">'
            f'<img src="https://img.example/{chance.randrange(16**8):08x}.jpg" alt="" width="320" height="180"'
            f' loading="lazy"></picture><span class="card__kicker">{chance.choice(("World", "Sport", "Life"))}</span>'
            f'<span class="card__title">{escape(chance.choice(self._titles))}</span></a></div>'
            for number in range(_CARDS)
        )
        return f'<aside class="more-stories"><h2>More stories</h2><div class="card-grid">{cards}</div></aside>'


def _words(chance: random.Random, titles: list[str], count: int) -> str:
    return " ".join(chance.choice(titles).split()[:count])


def _ascii(text: str) -> bytes:
    # Pages come in several charsets; character references are read alike in all of them.
    return text.encode("ascii", errors="xmlcharrefreplace")


def _head(answer: Answer, length: int, etag: str, location: str) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} Told",
        "Date: Wed, 27 Feb 2019 18:30:00 GMT",
        "Server: bench",
        f"Content-Type: {answer.content_type}",
        "Content-Encoding: gzip",
        f"Content-Length: {length}",
        f"ETag: {etag}",
        "Cache-Control: max-age=60",
        "Vary: Accept-Encoding",
    ]
    if location:
        lines.append(f"Location: {location}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
