"""What a `Pool` and its worker processes say to one another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from newsarchive.extraction.guide import Guide
    from newsarchive.extraction.limits import Limits
    from newsarchive.models import Payload

READY: Final = b"ready"
"""A process's first message: everything is imported."""
MEMORY_STATUS: Final = 77
"""Exit status of a process that ran out of memory before it could say so."""


class Budget(NamedTuple):
    """What one page may use: seconds of CPU time, bytes of address space, and what is refused before it is parsed."""

    cpu: float
    memory: int
    limits: Limits

    @property
    def wall(self) -> float:
        """Seconds on the clock: only a process that waits for something, or never gets a turn, comes to this."""
        return 60.0 + 20 * self.cpu

    def header(self, payload: Payload, guide: Guide, *, fast: bool) -> bytes:
        """The first message about a page; the second is its bytes."""
        named = {
            "url": payload.url,
            "content_type": payload.content_type,
            "status": payload.status,
            "signals": payload.signals,
        }
        limits = {"cpu": self.cpu, "memory": self.memory, "limits": list(self.limits), "guide": guide.as_record()}
        return json.dumps({**named, **limits, "fast": fast}).encode("utf-8", errors="replace")
