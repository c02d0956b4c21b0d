"""One HTTP exchange as the wire showed it: what the writer is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response. Heads are bytes, because servers send bytes: any charset, any case, any order."""

    url: str
    """As it was asked for, absolute."""
    captured_at: datetime
    """When the response began to arrive; aware."""
    request_head: bytes
    """Request line and headers as sent, with the empty line; empty where they are not known."""
    response_head: bytes
    """Status line and headers as received, with the empty line."""
    body: bytes
    """What followed the head: the chunked framing taken off, the content coding kept."""
    ip: str | None = None
    """Address that answered."""
    protocol: str = "http/1.1"
    """Name for WARC-Protocol."""
    truncated: str | None = None
    """Why the body is not whole, as WARC-Truncated says it: `length`, `time` or `disconnect`."""
