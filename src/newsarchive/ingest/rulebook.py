"""Which publisher's rule a page is read with: that of its source, in force on the day of its capture."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from newsarchive import layout
from newsarchive.errors import SettingsError
from newsarchive.ingest.publishers import read_publishers
from newsarchive.models.rule import in_force
from newsarchive.settings import load
from newsarchive.urls import canonicalise, is_web_url, same_site, site_of, surt_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from newsarchive.models import Capture, Extraction, Rule
    from newsarchive.settings import Settings


class Ruling(NamedTuple):
    """A rule and the source whose it is."""

    source: str
    rule: Rule


@dataclass
class RuleCounts:
    """How publishers' rules did, by source and field.

    `ruled` counts articles' captures that were read with a rule for the field, `missed` those of them where the rule
    gave nothing.
    """

    ruled: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count_ruled(self, ruling: Ruling, extraction: Extraction) -> None:
        """Count what a rule gave of an article, and what it did not."""
        self.ruled.update((ruling.source, name) for name in ruling.rule.promised)
        self.missed.update((ruling.source, name) for name in ruling.rule.missed(extraction))

    def add_ruled(self, other: RuleCounts) -> None:
        """Count what others counted in."""
        self.ruled.update(other.ruled)
        self.missed.update(other.missed)

    def missed_as_record(self) -> list[dict[str, Any]]:
        """The fields where rules gave nothing as JSON-able values, the most frequent first."""
        return [
            {"source": source, "field": name, "missed": count, "of": self.ruled[source, name]}
            for (source, name), count in self.missed.most_common()
        ]


class _Source(NamedTuple):
    url: str
    """The home page, canonical; empty where none is known."""
    rules: tuple[Rule, ...]


class RuleBook:
    """The rules of an archive's publishers, as they stood when it was made."""

    def __init__(self, sources: Mapping[str, _Source]) -> None:
        self._sources = dict(sources)
        self._has_rules = any(one.rules for one in sources.values())
        self._of_site: defaultdict[str, list[str]] = defaultdict(list)
        for name, one in sources.items():
            if one.url:
                self._of_site[site_of(one.url)].append(name)

    @classmethod
    def read(cls, folder: Path, settings: Settings | None = None) -> Self:
        """The rules in an archive's settings and in its `spiders/`.

        Raises:
            SettingsError: the settings or a rule cannot be, or a source has rules in two places.
        """
        settings = settings or load(folder / layout.SETTINGS)
        sources = {name: _Source(_canonical(one.url), one.rules) for name, one in settings.sources.items()}
        places = {name: f"{layout.SETTINGS}, [sources.{name}]" for name, one in sources.items() if one.rules}
        for said in read_publishers(folder / layout.SPIDERS):
            before = sources.get(said.name, _Source("", ()))
            if said.rules and said.name in places:
                message = f"{said.place}: the source {said.name!r} has rules in {places[said.name]} as well"
                raise SettingsError(message, key="rules", tip="keep them in one place")
            if said.rules:
                places[said.name] = said.place
            sources[said.name] = _Source(_canonical(said.url) or before.url, said.rules or before.rules)
        return cls(sources)

    def of(self, source: str) -> tuple[Rule, ...]:
        """The rules of a source, oldest first; none where it has none or is not known."""
        return self._sources[source].rules if source in self._sources else ()

    def for_capture(self, capture: Capture) -> Ruling | None:
        """The rule for a capture: by the source that it came from, or else, as for imports, by its URL.

        A revisit is read as on the day when its bytes came: another reading of the same bytes is no edit.
        """
        at = (capture.revisit.captured_at if capture.revisit else None) or capture.captured_at
        source = capture.origin.source
        owner = source if source in self._sources else self._owner(capture.url)
        return self._ruling(owner, at.astimezone(UTC).date())

    def for_url(self, url: str, *, day: date) -> Ruling | None:
        """The rule for a page at a URL that was captured on a day (UTC)."""
        return self._ruling(self._owner(url), day)

    def _ruling(self, source: str | None, day: date) -> Ruling | None:
        rule = in_force(self.of(source), day) if source is not None else None
        return Ruling(source, rule) if source is not None and rule is not None else None

    def _owner(self, url: str) -> str | None:
        """The source on whose site a page stands; of several, the one whose home page is nearest above it.

        A source that is a part of a site (`sport.harbor.example`) says nothing of the pages of the whole.
        """
        if not self._has_rules or not is_web_url(url):
            return None
        site = site_of(url)
        while site:
            here = [name for name in self._of_site.get(site, ()) if same_site(self._sources[name].url, url)]
            if here:
                page = surt_key(url) + "/"  # compared so, since `www` makes no difference
                return max(here, key=lambda name: _depth(page, self._sources[name].url))
            site = site.partition(".")[2]
        return None


def _canonical(url: str) -> str:
    return canonicalise(url) if is_web_url(url) else ""


def _depth(page: str, home: str) -> int:
    """How far a home page leads towards a page; 0 where it leads elsewhere."""
    above = surt_key(home).removesuffix("/") + "/"
    return len(above) if page.startswith(above) else 0
