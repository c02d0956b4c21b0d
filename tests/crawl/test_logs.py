"""One line an event, whatever stands in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.crawl.logs import JsonLine, TextLine, event

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger("newsarchive.crawl.test")


class Kept(logging.Handler):
    """Keeps the records that come."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Iterator[list[logging.LogRecord]]:
    handler = Kept()
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    yield handler.records
    _log.removeHandler(handler)
    _log.setLevel(logging.NOTSET)


def failed() -> logging.LogRecord:
    """A record of an error with a traceback and a message of several lines."""
    try:
        int("7", base=99)
    except ValueError:
        return logging.LogRecord("scrapy.core", logging.ERROR, __file__, 1, "went\nwrong", (), sys.exc_info())


@given(st.text(), st.text())
def test_any_message_is_one_line(message: str, value: str) -> None:
    record = logging.LogRecord("newsarchive.crawl", logging.INFO, __file__, 1, "%s %s", (message, value), None)
    assert len(TextLine().format(record).splitlines()) == 1
    line = JsonLine().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == f"{message} {value}"


def test_an_error_is_one_line_that_names_it_and_json_has_the_whole_of_it() -> None:
    line = TextLine().format(failed())
    assert line.endswith("ERROR scrapy.core: went wrong ValueError: int() base must be >= 2 and <= 36, or 0")
    told = json.loads(JsonLine().format(failed()))
    assert told["error"] == "ValueError: int() base must be >= 2 and <= 36, or 0"
    assert "Traceback" in told["traceback"]


def test_an_event_has_its_fields_and_leaves_out_those_that_are_none(kept: list[logging.LogRecord]) -> None:
    event(_log, logging.INFO, "captured", url="https://harbor.example/", status=None, bytes=3)
    event(_log, logging.DEBUG, "unheard")
    (record,) = kept
    assert TextLine().format(record).endswith("INFO captured url=https://harbor.example/ bytes=3")
    told = json.loads(JsonLine().format(record))
    assert datetime.fromisoformat(told.pop("time")).utcoffset() is not None
    assert told == {
        "level": "INFO",
        "logger": "newsarchive.crawl.test",
        "message": "captured url=https://harbor.example/ bytes=3",
        "event": "captured",
        "url": "https://harbor.example/",
        "bytes": 3,
    }
