"""What is known of a page's site before the page is read. Every page can be read without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from newsarchive.extraction.revision import extractor_version


@dataclass(frozen=True, slots=True)
class Guide:
    """What a page's reader is told beforehand; plain data, since it goes to another process with each page."""

    boilerplate: frozenset[int] = frozenset()
    """Hashes of lines that stand on many pages of the site; see `extraction.template.line_hash`."""
    template: str = ""
    """Names the set of these lines; it becomes a part of `extractor`."""

    @property
    def extractor(self) -> str:
        """Name and versions of what reads a page with this guide: equal names read equal bytes alike."""
        return f"{extractor_version()}; template {self.template}" if self.template else extractor_version()

    def as_record(self) -> dict[str, Any]:
        """The guide as JSON-able values; empty parts are left out."""
        return {"boilerplate": sorted(self.boilerplate), "template": self.template} if self.boilerplate else {}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The guide that `as_record` gave.

        >>> Guide.from_record(Guide(boilerplate=frozenset({7}), template="1f").as_record())
        Guide(boilerplate=frozenset({7}), template='1f')
        """
        return cls(boilerplate=frozenset(record.get("boilerplate", ())), template=record.get("template", ""))


NO_GUIDE: Final = Guide()
"""Nothing is known."""
