"""Crawls of more pages than are under way at once, and how fetching and reading keep in step; over HTTP on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive.archive import init_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 320
"""More than seven times the 32 that are under way at once: so deep `DEPTH_LIMIT` let a chain of pages go."""
SCRAPY = Path(sys.executable).with_name("scrapy")
SETTINGS = """
[crawl]
allow_private_hosts = true
delay = 0
concurrency_per_host = 8
max_backlog = 100

[sources.tiny]
url = "http://127.0.0.1:{port}/"
sitemaps = ["http://127.0.0.1:{port}/sitemap.xml"]
"""


class Site(ThreadingHTTPServer):
    """A sitemap and many small articles; it counts those that were asked for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []

    def answer(self, path: str) -> tuple[str, str]:
        if path == "/sitemap.xml":
            rows = "".join(
                f"<url><loc>http://127.0.0.1:{self.server_port}/2019/02/27/story-{number}/</loc></url>"
                for number in range(PAGES)
            )
            return "application/xml", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
        if path.startswith("/2019/"):
            self.asked.append(path)
            return "text/html", (
                f"<html><head><title>{path}</title><meta property='article:published_time'"
                f" content='2019-02-27T18:30:00Z'></head><body><article><h1>Story of {path}</h1><p>The harbor was told"
                f" of {path} on Wednesday, {'and the pier was opened to the ships of the town, ' * 6} it said.</p>"
                "</article></body></html>"
            )
        return "text/plain", ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Site

    def do_GET(self) -> None:
        kind, text = self.server.answer(self.path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given by http.server
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    folder = init_folder(tmp_path / "archive")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(port=site.server_port))
    return folder


@contextmanager
def crawling(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`scrapy crawl` of the source, telling its events; whatever a test does, it ends."""
    command = [SCRAPY, "crawl", "site", "-a", "source=tiny", "-s", "NEWSARCHIVE_EVENTS=True", *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_capture_only_fetches_all_that_waits_in_one_run_and_leaves_it_to_process(site: Site, folder: Path) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        (run,) = archive.crawl("tiny", capture_only=True)
        assert (run.outcome, run.counts["pages"]) == ("finished", PAGES)
        assert sorted(site.asked) == sorted(f"/2019/02/27/story-{number}/" for number in range(PAGES))
        assert archive.status().captures["captured"] == PAGES
        assert archive.status().articles == 0
        tally = archive.process(workers=1)
        assert (tally.accepted, archive.status().captures["captured"]) == (PAGES, 0)
        assert len(list(archive.search("harbor"))) == PAGES


def test_a_crawl_waits_while_more_captures_wait_than_the_bound_and_goes_on_when_they_are_read(
    site: Site, folder: Path
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl("tiny", capture_only=True, limit=150)
        before = len(site.asked)
        with crawling(folder, "-s", "NEWSARCHIVE_PROCESS=False") as crawl:
            assert crawl.stdout
            held = next(event for line in crawl.stdout if "backlog" in (event := json.loads(line))["counts"])
            assert held["counts"]["backlog"] == 150
            assert len(site.asked) == before
            while archive.runs.latest("tiny").finished_at is None:
                archive.process(workers=1)
                assert archive.status().captures["captured"] <= 100 + 32
            assert crawl.wait(timeout=60) == 0
        assert len(site.asked) == PAGES
        assert "backlog" not in archive.runs.latest("tiny").counts


def test_what_extracts_beside_a_crawl_is_started_again_where_it_was_killed(site: Site, folder: Path) -> None:
    with newsarchive.open(folder, mode="rw") as archive, crawling(folder) as crawl:
        assert crawl.stdout
        # With 100 that may wait, most pages are not fetched before others are read.
        assert any(archive.status().articles for _ in crawl.stdout)
        os.kill(_processor_of(crawl.pid), signal.SIGKILL)
        assert crawl.wait(timeout=120) == 0
        assert sorted(site.asked) == sorted(f"/2019/02/27/story-{number}/" for number in range(PAGES))
        assert archive.status().captures["captured"] == 0
        assert archive.status().articles == PAGES


def _processor_of(crawl: int) -> int:
    lists = [file.read_text() for file in Path(f"/proc/{crawl}/task").glob("*/children")]
    children = [int(child) for child in " ".join(lists).split()]
    (found,) = [child for child in children if b"--follow" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return found
