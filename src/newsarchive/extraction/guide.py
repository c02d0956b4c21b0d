"""What is known of a page's site before the page is read. Every page can be read without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from newsarchive.models import Rule


@dataclass(frozen=True, slots=True)
class Guide:
    """What a page's reader is told beforehand; plain data, since it goes to another process with each page."""

    boilerplate: frozenset[int] = frozenset()
    """Hashes of lines that stand on many pages of the site."""
    rule: Rule | None = None
    """The publisher's rule that was in force when the page was captured."""

    def as_record(self) -> dict[str, Any]:
        """The guide as JSON-able values; empty parts are left out."""
        record: dict[str, Any] = {}
        if self.boilerplate:
            record["boilerplate"] = sorted(self.boilerplate)
        if self.rule:
            record["rule"] = self.rule.selectors
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The guide that `as_record` gave.

        >>> Guide.from_record(Guide(boilerplate=frozenset({7})).as_record())
        Guide(boilerplate=frozenset({7}), rule=None)
        """
        rule = Rule.model_validate(record["rule"]) if "rule" in record else None
        return cls(boilerplate=frozenset(record.get("boilerplate", ())), rule=rule)


NO_GUIDE: Final = Guide()
"""Nothing is known."""
