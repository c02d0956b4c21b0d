"""What a `Pool` and its worker processes say to one another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.models import Payload

if TYPE_CHECKING:
    from newsarchive.extraction.guide import Guide
    from newsarchive.extraction.limits import Limits

_NAMED: Final = ("url", "content_type", "status", "signals")
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
        named = {**_named(payload), "parts": [_named(part) for part in payload.parts], "next_part": payload.next_part}
        limits = {"cpu": self.cpu, "memory": self.memory, "limits": list(self.limits), "guide": guide.as_record()}
        return json.dumps({**named, **limits, "fast": fast}).encode("utf-8", errors="replace")


def _named(payload: Payload) -> dict[str, Any]:
    """What is known of a page beside its bytes, and how many these are."""
    size = len(payload.body)
    named = payload.model_dump(include=set(_NAMED))
    return {**named, "size": size}


def pages_of(header: dict[str, Any], body: bytes) -> Payload:
    """The page that a header and the bytes behind it tell of, with its further pages."""
    pages, start = [], 0
    for named in (header, *header["parts"]):
        end = start + named["size"]
        told = {key: named[key] for key in _NAMED}
        pages.append(Payload(**told, body=body[start:end]))
        start = end
    return pages[0].model_copy(update={"parts": tuple(pages[1:]), "next_part": header["next_part"]})
