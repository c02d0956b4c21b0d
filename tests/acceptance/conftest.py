"""An archive of awkward pages from a real crawl, and the programs of others that it is handed to."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.crawl.conftest import Answer, OddServer, answer, odd_server, run_crawl
from tests.crawl.test_wire import ODD

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.models import Origin
from newsarchive.warc import Exchange, WarcWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crawl.conftest import Crawl

    from newsarchive.models import Capture

__all__ = ["odd_server", "run_crawl"]  # fixtures of another folder

ROOT = Path(__file__).parents[2]
OTHERS = ROOT / ".venv-acceptance" / "bin"
WAIT = 30
"""Seconds that a server gets to start."""
SENTENCES = (
    "The leaders of the two countries ended their meeting in the old opera house without signing anything at all.",
    "Officials had hoped for a short declaration on trade, but the talks stalled over the question of inspections.",
    "Both sides said that working groups would go on, and that a further meeting could be held before the summer.",
)


def missing(what: str, how: str) -> None:
    """Without the programs of others there is nothing to test; where everything must be tested that is a failure."""
    message = f"{what} is not here: {how}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def article(headline: str, *, charset: str = "utf-8") -> bytes:
    """An article page."""
    text = "".join(f"<p>{sentence} Café, Hà Nội.</p>" for sentence in SENTENCES)
    page = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="{charset}"><title>{headline}</title>'
        '<meta property="article:published_time" content="2019-02-28T14:05:00+07:00"></head>'
        f'<body><article><h1>{headline}</h1>{text}</article><img src="/lens.png" alt="lens"></body></html>'
    )
    return page.encode(charset, "xmlcharrefreplace")


def _chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 500] for start in range(0, len(body), 500)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _sent_chunked(headline: str, *headers: str, packed: bool = False) -> Answer:
    body = gzip.compress(article(headline), mtime=0) if packed else article(headline)
    lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Type: text/html; charset=utf-8", *headers]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return Answer(head, body, wire=(head, _chunked(body)))


HTML = "Content-Type: text/html; charset=utf-8"
ARTICLES: dict[str, Answer] = {
    "/2019/plain": answer("200 OK", HTML, body=article("A plain page")),
    "/2019/packed": answer(
        "200 OK", HTML, "Content-Encoding: gzip", body=gzip.compress(article("A packed page"), mtime=0)
    ),
    "/2019/chunked": _sent_chunked("A chunked page"),
    "/2019/chunked-and-packed": _sent_chunked("A chunked and packed page", "Content-Encoding: gzip", packed=True),
    "/2019/latin-header": answer("200 OK", HTML, "X-Ville: Orl\xe9ans \xff", body=article("A page behind Latin heads")),
    "/2019/latin-page": answer(
        "200 OK",
        "Content-Type: text/html; charset=windows-1252",
        body=article("A page in Latin", charset="windows-1252"),
    ),
}
"""Pages that become articles, by path."""
FILES: dict[str, Answer] = {
    "/paper.pdf": answer("200 OK", "Content-Type: application/pdf", body=b"%PDF-1.7\n" + bytes(range(256)) * 20),
    "/lens.png": answer("200 OK", "Content-Type: image/png", body=b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    "/data.json": answer("200 OK", "Content-Type: application/json", body=b'{"a": "\xc3\xa0"}'),
    "/missing": answer("404 Not Found", HTML, body=b"<p>no such page"),
    "/no-type": answer("200 OK", body=b"<p>a page without a type"),
}
PAGES: dict[str, Answer] = {
    path: told for path, told in {**ODD, **ARTICLES, **FILES}.items() if path not in {"/not-modified", "/cookies2"}
}
"""All that is kept. An answer 304 is kept as a revisit; replay servers show none that stands alone."""
AGAIN: dict[str, bytes] = {
    "/2019/plain": ODD["/not-modified"].head,
    "/2019/packed": ARTICLES["/2019/packed"].head,
}
"""Pages that are asked for again, and the head of the answer: 304, or the very bytes once more."""


@dataclass(frozen=True)
class Kept:
    """An archive, and what the server sent for each URL in it."""

    folder: Path
    server: OddServer
    sent: dict[str, Answer]
    """By URL."""
    revisits: dict[str, Capture]
    """By path: pages that were asked for again and had not changed."""

    def url(self, path: str) -> str:
        """The URL that a path was asked for under."""
        return self.server.url(path)

    @property
    def warc(self) -> Path:
        """Its one WARC file."""
        (path,) = (self.folder / "warc").glob("*.warc.gz")
        return path


@pytest.fixture(scope="module")
def kept(
    odd_server: Callable[..., OddServer],
    run_crawl: Callable[..., Crawl],
    tmp_path_factory: pytest.TempPathFactory,
) -> Kept:
    """What a crawl of the awkward pages was sent, byte for byte, in an archive."""
    server = odd_server({**ODD, **PAGES})
    asked = {server.url(path): told for path, told in PAGES.items()}
    crawl = run_crawl(*asked, crawl={"concurrency_per_host": 1})
    folder = init_folder(tmp_path_factory.mktemp("kept") / "archive")
    with WarcWriter(folder / "warc", max_file_size=10**9, info={"software": "newsarchive tests"}) as writer:
        origin = Origin(source="odd", via=server.url("/sitemap.xml"))
        found = {url: writer.write(_exchange(crawl.exchange(url)), origin=origin) for url in asked}
        revisits = {}
        for path, head in AGAIN.items():
            exchange = _exchange(crawl.exchange(server.url(path)))
            later = replace(
                exchange, captured_at=exchange.captured_at + timedelta(days=3), response_head=head, body=b""
            )
            revisits[path] = writer.write(later, origin=origin, original=found[later.url])
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
    return Kept(folder, server, asked, revisits)


def _exchange(seen: dict[str, str]) -> Exchange:
    return Exchange(
        url=seen["url"],
        captured_at=datetime.fromisoformat(seen["captured_at"]),
        request_head=seen["request_head"].encode("latin-1"),
        response_head=seen["response_head"].encode("latin-1"),
        body=seen["body"].encode("latin-1"),
        ip=seen["ip"],
        protocol=seen["protocol"],
    )


@pytest.fixture(scope="session")
def others() -> Path:
    """Where the programs of others are."""
    if not (OTHERS / "wb-manager").exists():
        missing(str(OTHERS), "run scripts/setup-acceptance")
    return OTHERS


@dataclass(frozen=True)
class Replay:
    """A replay server with one collection."""

    port: int

    def url(self, url: str) -> str:
        """Where the server shows an archived URL to a browser."""
        return f"http://127.0.0.1:{self.port}/news/{url}"

    def get(self, url: str, at: datetime | None = None) -> tuple[http.client.HTTPResponse, bytes]:
        """The bytes that were sent (at a time), as the server gives them back, content coding and all."""
        moment = at.strftime("%Y%m%d%H%M%S") if at else ""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        with contextlib.closing(connection):
            connection.putrequest("GET", f"/news/{moment}id_/{url}", skip_accept_encoding=True)
            connection.putheader("Accept-Encoding", "gzip")
            connection.endheaders()
            response = connection.getresponse()
            return response, response.read()


@pytest.fixture(scope="module")
def replay(others: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Replay]]:
    """Starts replay servers of one file each; they end with the module."""
    with contextlib.ExitStack() as stack:

        def start(path: Path) -> Replay:
            folder = tmp_path_factory.mktemp("replay")
            unpack = ["--unpack-wacz"] if path.suffix == ".wacz" else []
            (folder / "config.yaml").write_text("framed_replay: false\n")
            for command in (["init", "news"], ["add", *unpack, "news", str(path)]):
                subprocess.run([others / "wb-manager", *command], cwd=folder, check=True, capture_output=True)
            return stack.enter_context(_served(others, folder))

        yield start


@contextlib.contextmanager
def _served(others: Path, folder: Path) -> Iterator[Replay]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [others / "wayback", "--bind", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            _await(port, process, folder / "log")
            yield Replay(port)
        finally:
            process.terminate()
            process.wait(WAIT)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@dataclass(frozen=True)
class Browser:
    """A browser without a window, which reaches this machine and no other."""

    program: str
    folder: Path

    def dom(self, url: str) -> str:
        """The page as it stands after its scripts ran, as HTML."""
        return self._run("--dump-dom", url).decode()

    def screenshot(self, url: str, path: Path) -> bytes:
        """The page as it looks; a PNG, which stays at the path."""
        self._run(f"--screenshot={path}", "--window-size=900,700", url)
        return path.read_bytes()

    def _run(self, *arguments: str) -> bytes:
        done = subprocess.run(
            [
                self.program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                f"--user-data-dir={self.folder / 'profile'}",
                "--virtual-time-budget=8000",
                *arguments,
            ],
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium", "apt-get install chromium")
    return Browser(str(program), tmp_path_factory.mktemp("browser"))
