"""A short river that is the same each time: what the faults are aimed at, in a process that can be broken at will.

`python -m tests.faults.river` loads everything once and then forks a child for each line of standard input, which is a
`Job` as JSON. The child goes down the river on its archive and acknowledges each step once the call for it has
returned. With `shim.c` loaded before the C library, one of its calls that change files can be made to fail, and all of
them can be written down.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import newsarchive
from newsarchive.archive import Archive, init_folder
from newsarchive.errors import ExtractionError, NewsarchiveError
from newsarchive.extraction import extract
from newsarchive.ingest import RuleBook, process, update_index
from newsarchive.models import Candidate, Origin, Payload, Via
from newsarchive.sample import build
from newsarchive.urls import canonicalise
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SOURCE = "sample"
BEGUN = datetime(2019, 4, 1, 6, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
SETTINGS = f"\n[warc]\nmax_file_size = 12_000\n\n[sources.{SOURCE}]\nurl = 'http://harbor.localhost:8765/'\n"
"""Files are finished after two captures."""
CHUNK = 2
"""Captures between two indexings."""


@dataclass(frozen=True)
class Job:
    """What a child is to do."""

    folder: str
    captures: int = 2 * CHUNK
    chunk: int = CHUNK
    number: int = 0
    """Which call that changes a file is broken; 0 for none."""
    fault: int = 0
    """An errno, `KILL` or `SHORT`."""
    journal: str = ""
    """Where all such calls are written down."""


KILL: Final = -1
"""The process is killed before the call."""
SHORT: Final = -2
"""Half of a write is done, and then the disk is full."""


class HereNotThere:
    """Reads pages in this process, where `Pool` has workers: a fault is to hit the archive, not a worker."""

    def map(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """As `Pool.map`."""
        for work, payload, guide in jobs:
            try:
                yield work, extract(payload, guide=guide)
            except ExtractionError as error:
                yield work, error


@cache
def stream(count: int) -> tuple[Exchange, ...]:
    """The exchanges that come down the river; of five, one is the one before, edited, and one is no article."""
    newsroom = build(1, articles=max(100, count))
    pages = [article for article in newsroom.articles if article.charset == "utf-8"]
    made: list[Exchange] = []
    for number in range(count):
        at = BEGUN + timedelta(minutes=number)
        if number % 5 == 2:
            body = made[-1].body.replace(b"<p>", b"<p>Corrected: ", 1)
            made.append(replace(made[-1], captured_at=at, body=body))
            continue
        if number % 5 == 3:
            url = f"http://harbor-post.localhost:8765/empty/{number}"
            made.append(Exchange(url, at, b"", HEAD, b"<html><title>%d</title><p>Nothing.</p></html>" % number))
            continue
        article = pages[number]
        answer = newsroom.pages(article.outlet.host, article.path)
        assert answer is not None
        url = f"http://{article.outlet.host}:8765{article.path}"
        request = f"GET {article.path} HTTP/1.1\r\nHost: {article.outlet.host}\r\n\r\n".encode()
        head = b"HTTP/1.1 %d X\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" % answer.status
        made.append(Exchange(url, at, request, head, answer.body))
    return tuple(made)


def prepare(folder: Path) -> Path:
    """An archive for the river."""
    init_folder(folder)
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    return folder


def flow(archive: Archive, job: Job, acknowledge: Callable[..., None]) -> None:
    """Go down the river; running it again goes on where it stopped, since what is known is not captured again."""
    exchanges = stream(job.captures)
    with archive.recorder():  # mends what the run before left, as each crawl does when it begins
        pass
    _settle(archive, acknowledge)
    for first in range(0, len(exchanges), job.chunk):
        chunk = [one for one in exchanges[first : first + job.chunk] if not _is_known(archive, one)]
        if not chunk:
            continue
        run = archive.runs.begin(SOURCE)
        archive.frontier.offer(SOURCE, [Candidate(url=canonicalise(one.url), via=Via.SITEMAP) for one in chunk])
        acknowledge(queued=[canonicalise(one.url) for one in chunk])
        with archive.recorder() as recorder:
            for exchange in chunk:
                capture = recorder.record(exchange, origin=Origin(source=SOURCE))
                if capture is not None:
                    acknowledge(captured=capture.record_id)
        archive.runs.finish(run, outcome="finished", counts={})
        acknowledge(finished=run)
        _settle(archive, acknowledge)


def _is_known(archive: Archive, exchange: Exchange) -> bool:
    return any(capture.captured_at == exchange.captured_at for capture in archive.captures(exchange.url))


def _settle(archive: Archive, acknowledge: Callable[..., None]) -> None:
    """Process and index what waits."""
    holdings = archive._holdings
    waiting = [row.capture.record_id for row in holdings.captures.pending()]
    if waiting:
        process(holdings, pool=HereNotThere(), rules=RuleBook.read(archive.folder))  # type: ignore[arg-type]
        acknowledge(stored=waiting, revision=holdings.articles.revision)
    if update_index(holdings):
        acknowledge(indexed=holdings.articles.revision)


def _child(job: Job) -> None:
    shim = ctypes.CDLL(None) if job.number or job.journal else None

    def acknowledge(**what: object) -> None:
        line = json.dumps(what).encode()
        os.write(1, line + b"\n")
        if shim:
            shim.fault_mark(line)

    os.write(1, f"{os.getpid()}\n".encode())
    if shim:
        journal = os.open(job.journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if job.journal else -1
        shim.fault_arm(os.fsencode(job.folder), ctypes.c_long(job.number), job.fault, journal)
    try:
        with newsarchive.open(job.folder, mode="rw") as archive:
            flow(archive, job, acknowledge)
        acknowledge(end=True)
    except (NewsarchiveError, OSError) as error:
        tip = getattr(error, "tip", "")
        told = str(error.filename or "") if isinstance(error, OSError) else ""
        acknowledge(error=type(error).__name__, message=f"{told} {error}", tip=tip)
    except Exception as error:  # noqa: BLE001 - what no user should see is what is looked for
        acknowledge(error=type(error).__name__, message=str(error), foreign=traceback.format_exc())
    if shim:
        os.write(1, json.dumps({"calls": shim.fault_seen()}).encode() + b"\n")


def main() -> None:
    """Serve jobs until standard input is closed."""
    extract(Payload(url=stream(60)[0].url, body=stream(60)[0].body, content_type="text/html"))  # loads all it needs
    while line := _line():
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _child(job)
                code = 0
            finally:
                os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(1, json.dumps({"status": status}).encode() + b"\n")


def _line() -> bytes:
    line = b""
    while (byte := os.read(0, 1)) not in {b"", b"\n"}:
        line += byte
    return line


def command() -> list[str]:
    """What starts the process that forks children."""
    return [sys.executable, "-m", "tests.faults.river"]


def as_line(job: Job) -> bytes:
    """A job as the child's parent reads it."""
    return json.dumps(asdict(job)).encode() + b"\n"


if __name__ == "__main__":
    main()
