"""Starts crawls, each in a process of its own: Scrapy's reactor starts once a process, and a search needs none."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import newsarchive.errors
from newsarchive.errors import FetchError, NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def events(module: str, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a module of `newsarchive.crawl` and hand on the events that it prints, as they come.

    An interrupt (Ctrl-C) reaches the child as well; it is waited for, so that it can finish what it is writing.

    Raises:
        NewsarchiveError: the error that the child met, under its own class.
        FetchError: the child ended without saying why.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:  # noqa: S603 - our own
        try:
            for line in child.stdout or ():
                event = json.loads(line)
                if event["event"] == "error":
                    raise _as_ours(event)
                yield event
        except KeyboardInterrupt:
            child.wait()
            raise
    if child.returncode:
        raise FetchError(f"{module} ended with status {child.returncode}", url="", tip="its messages are above")


def _as_ours(event: dict[str, Any]) -> NewsarchiveError:
    kind = getattr(newsarchive.errors, event["kind"], NewsarchiveError)
    error: NewsarchiveError = NewsarchiveError.__new__(kind)
    Exception.__init__(error, event["message"])
    error.message, error.tip = event["message"], event["tip"]
    return error
