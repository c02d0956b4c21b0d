"""What a crawl logs: nothing where all is well, an event a line where asked for, as JSON on request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.sample import NewsroomServer


def test_a_crawl_is_quiet_and_tells_each_event_as_json_when_asked(
    new_archive: Callable[..., Path], newsroom: NewsroomServer, command: Callable[..., Any]
) -> None:
    folder = new_archive("logged", sources=("northline",))
    settings = folder / "newsarchive.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('contact = ""', 'contact = "archive@example.org"'),
        encoding="utf-8",
    )
    quiet = command("-q", "-A", folder, "crawl", "--limit", "1")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")  # cron sends a mail for every line
    assert command("-A", folder, "crawl", "--limit", "3").err == ""
    done = command("-A", folder, "-v", "crawl", "--limit", "3", "--log-format", "json")
    lines = [json.loads(line) for line in done.err.splitlines()]
    counts = Counter(line["event"] for line in lines)
    assert counts["finished"] == 1
    assert counts["captured"] >= 3
    pages = [line for line in lines if line["event"] == "captured" and line["role"] == "page"]
    assert len(pages) == 3
    assert all(line["source"] == "northline" and line["status"] == 200 for line in pages)
    assert all(line["url"].startswith(newsroom.url("northline")) for line in pages)


def test_scrapy_crawl_writes_json_lines_from_the_moment_its_spider_opens(new_archive: Callable[..., Path]) -> None:
    folder = new_archive("scrapy", sources=("northline",))
    arguments = ["-a", "source=northline", "-a", "limit=2", "-s", "NEWSARCHIVE_LOG_FORMAT=json"]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "site", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )
    lines = done.stderr.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith('{"time"'))
    events = [json.loads(line) for line in lines[first:]]
    assert any(line.get("event") == "finished" for line in events)
