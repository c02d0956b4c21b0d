"""Says in words why a page could not be had: Scrapy and Twisted say it in names of classes, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 300
"""Characters of a reason; a server chooses part of them."""

_PLAIN: Final = (
    (DownloadConnectionRefusedError, "the connection was refused"),
    (CannotResolveHostError, "the name of the host has no address"),
    (ResponseDataLossError, "the connection was closed before the body was whole"),
    (ConnectionDone, "the connection was closed before the answer was whole"),
    (ConnectionLost, "the connection broke off"),
    (ParseError, "the answer is no HTTP"),
)


def reason_of(error: BaseException | None, *, timeout: float, max_body: int) -> str:
    """Why a download failed, for a person.

    Args:
        error: what Scrapy raised.
        timeout: seconds that one response may take.
        max_body: bytes that one response may have.
    """
    if isinstance(error, DownloadTimeoutError):
        return f"not complete within {timeout:g} seconds"
    causes = list(_causes(error)) if error else []
    for cause in causes:
        if words := next((words for kind, words in _PLAIN if isinstance(cause, kind)), None):
            return words
    if isinstance(error, DownloadCancelledError):
        # Scrapy says nothing where a body outgrows the bound while it comes, and too much where it is announced.
        return str(error)[:_LONGEST] if "head is larger" in str(error) else f"larger than {max_body} bytes"
    if isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error):
        return f"it unpacks to more than {max_body} bytes"
    told = next((str(cause) for cause in reversed(causes) if isinstance(cause, ValueError) and str(cause)), str(error))
    if isinstance(error, DownloadFailedError):
        return f"the answer cannot be read: {told}"[:_LONGEST]
    return (told or f"failed without a word ({type(error).__name__})")[:_LONGEST]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was made of."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, ResponseFailed):
            waiting += [
                reason.value for reason in one.reasons if isinstance(reason, Failure) and reason.value is not None
            ]
        if one.__cause__ is not None:
            waiting.append(one.__cause__)
