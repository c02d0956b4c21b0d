"""What kind of failure it was that a page gave no answer: the word that stands first in the frontier's problem."""

from __future__ import annotations

from typing import Final

from scrapy import exceptions

from newsarchive.crawl.capture import CaptureFailed
from newsarchive.crawl.guard import Refused
from newsarchive.crawl.retry import HostClosed
from newsarchive.crawl.robots import Disallowed

OTHER: Final = "failed"
KINDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (Disallowed, "robots"),
    (Refused, "refused"),
    (HostClosed, "busy"),
    (CaptureFailed, "disk"),
    (exceptions.DownloadTimeoutError, "timeout"),
    (exceptions.CannotResolveHostError, "dns"),
    (exceptions.DownloadConnectionRefusedError, "connection"),
    (exceptions.ResponseDataLossError, "cut-off"),
    (exceptions.DownloadCancelledError, "too-large"),
    (exceptions.IgnoreRequest, "too-large"),
    (exceptions.DownloadFailedError, "connection"),
)
"""The first that fits counts. What is ignored for no reason of its own is a body that unpacks to too much."""


def kind_of(error: BaseException | None) -> str:
    """The kind of an error, which stands before its reason.

    >>> kind_of(exceptions.DownloadTimeoutError("took longer than 30 s"))
    'timeout'
    """
    return next((word for found, word in KINDS if isinstance(error, found)), OTHER)


def problem_of_status(status: int) -> str:
    """The problem that a status makes which says to try again later.

    >>> problem_of_status(503)
    'status-503: the server answered 503'
    """
    return f"status-{status}: the server answered {status}"
