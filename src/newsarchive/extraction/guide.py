"""What is known of a page's site before the page is read. Every page can be read without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from newsarchive.extraction.revision import extractor_version
from newsarchive.models import Rule


@dataclass(frozen=True, slots=True)
class Guide:
    """What a page's reader is told beforehand; plain data, since it goes to another process with each page."""

    boilerplate: frozenset[int] = frozenset()
    """Hashes of lines that stand on many pages of the site; see `extraction.template.line_hash`."""
    template: str = ""
    """Names the set of these lines; it becomes a part of `extractor`."""
    rule: Rule | None = None
    """The publisher's rule that was in force when the page was captured."""

    @property
    def extractor(self) -> str:
        """What stands in `Extraction.extractor`, such as `newsarchive 0.1.0/1, trafilatura 2.3.1, rule 5b0d2e9c`.

        Equal names read equal bytes alike: a page that was read with another rule or template, or without one, is due
        to be read anew.
        """
        rule = f", rule {self.rule.digest}" if self.rule else ""
        template = f", template {self.template}" if self.template else ""
        return f"{extractor_version()}{rule}{template}"

    def as_record(self) -> dict[str, Any]:
        """The guide as JSON-able values; empty parts are left out."""
        record: dict[str, Any] = {}
        if self.boilerplate:
            record |= {"boilerplate": sorted(self.boilerplate), "template": self.template}
        if self.rule:
            record["rule"] = self.rule.selectors
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The guide that `as_record` gave.

        >>> Guide.from_record(Guide(boilerplate=frozenset({7}), template="1f").as_record())
        Guide(boilerplate=frozenset({7}), template='1f', rule=None)
        """
        rule = Rule.model_validate(record["rule"]) if "rule" in record else None
        lines = frozenset(record.get("boilerplate", ()))
        return cls(boilerplate=lines, template=record.get("template", ""), rule=rule)


NO_GUIDE: Final = Guide()
"""Nothing is known."""
