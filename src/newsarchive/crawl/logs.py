"""The log of a crawl: one line an event, as text or as JSON.

A line is what a person greps and what a collector takes for one event, so tracebacks are folded into their last line,
and shown whole only at the level DEBUG. JSON lines are objects with `time` (RFC 3339, UTC), `level`, `logger`,
`message`, and the fields of the event where it has some: `event`, `source`, `url`, `status`, `bytes`, `problem`.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.log import get_scrapy_root_handler

from newsarchive.text import printable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LogFormat = Literal["text", "json"]

SETTING: Final = "NEWSARCHIVE_LOG_FORMAT"
"""The Scrapy setting that says how lines are written: `text` or `json`; empty leaves Scrapy's own format."""
EXTENSION: Final = "newsarchive.crawl.logs.Lines"
_FIELDS: Final = "newsarchive"
"""The attribute of a log record that holds the fields of an event."""


def event(logger: logging.Logger, level: int, name: str, **fields: str | float | None) -> None:
    """Log an event with its fields; those that are None are left out."""
    if logger.isEnabledFor(level):
        told = {key: value for key, value in fields.items() if value is not None}
        text = " ".join(f"{key}={value}" for key, value in told.items())
        logger.log(level, "%s %s", name, text, extra={_FIELDS: {"event": name, **told}})


class TextLine(logging.Formatter):
    """A record as one line of text."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and, where there is one, the error."""
        message = " ".join(part for part in (record.getMessage(), _error(record)) if part)
        name = record.name if not record.name.startswith("newsarchive.") else ""
        head = f"{_time(record)} {record.levelname}" + (f" {name}:" if name else "")
        return _folded(f"{head} {message}") + _whole(record)


class JsonLine(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """See the module's docstring."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = _error(record)
            line["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


FORMATTERS: Final[dict[str, type[logging.Formatter]]] = {"text": TextLine, "json": JsonLine}


class _Ours(logging.Filter):
    """Lets pass what the archive tells, and of libraries what is at least a warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.name.startswith("newsarchive")


def write_lines(form: LogFormat, *, level: str) -> None:
    """Write the log of this process to stderr so; Scrapy's setting `LOG_INSTALL_ROOT_HANDLER` must be off.

    At the level `INFO` only the archive's own events are told; what Scrapy tells of itself comes with `DEBUG`.
    """
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(FORMATTERS[form]())
    if level == "INFO":
        handler.addFilter(_Ours())
    logging.root.addHandler(handler)
    logging.root.setLevel(level)


class Lines:
    """The Scrapy extension that writes the log of `scrapy crawl` as its setting says, once the spider is opened."""

    def __init__(self, form: str) -> None:
        self._form = form

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension.

        Raises:
            NotConfigured: the setting is empty, or names no form.
        """
        form = crawler.settings.get(SETTING)
        if not form:
            raise NotConfigured
        if form not in FORMATTERS:
            message = f"{SETTING}={form!r}: known are {', '.join(FORMATTERS)}"
            raise NotConfigured(message)
        extension = cls(form)
        # Scrapy puts its handler in place anew after the extensions are made.
        crawler.signals.connect(extension.start, signal=signals.spider_opened)
        return extension

    def start(self) -> None:
        """Take Scrapy's own handler over."""
        if handler := get_scrapy_root_handler():
            handler.setFormatter(FORMATTERS[self._form]())


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return f"{type(error).__name__}: {error}" if error else ""


def _whole(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if error is None or not logging.getLogger().isEnabledFor(logging.DEBUG):
        return ""
    return "\n" + "".join(traceback.format_exception(error)).rstrip()


def _folded(text: str) -> str:
    return printable(" ".join(text.split()))
