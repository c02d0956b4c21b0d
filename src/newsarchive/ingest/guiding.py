"""What the reader of a page is told beforehand, and how the site's part of that is learned as articles come in."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.errors import UsageError
from newsarchive.extraction import NO_GUIDE, Guide, Learner
from newsarchive.storage import SiteTemplate
from newsarchive.urls import site_of

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.ingest.rulebook import RuleBook, Ruling
    from newsarchive.models import Capture, Extraction
    from newsarchive.storage import Templates

_SITES: Final = 64
"""Sites held in memory at once, about 0.5 MB each; others are read again when a page of theirs comes."""
_CHUNK: Final = 200
"""Stored articles learned from in one transaction."""


@dataclass
class _Site:
    name: str
    version: int
    learner: Learner
    guide: Guide
    learned: bool = False
    """Whether it holds what the table does not yet."""


class Guides:
    """The guides of all captures: the template of the site, and the rule of the source on the day of the capture.

    Only who holds the archive's lock `process` may use it, since it trusts its memory. A template changes when `save`
    is called and not before: all pages of a batch see the same.

    Args:
        templates: what was learned.
        rules: the publishers' rules; who only learns needs none.
    """

    def __init__(self, templates: Templates, rules: RuleBook | None = None) -> None:
        self._templates = templates
        self._rules = rules
        self._sites: OrderedDict[str, _Site] = OrderedDict()

    def of(self, capture: Capture) -> Guide:
        """What is known now of a capture before it is read."""
        site = self._site(capture.url)
        guide = site.guide if site else NO_GUIDE
        ruling = self.ruling(capture)
        return replace(guide, rule=ruling.rule) if ruling else guide

    def ruling(self, capture: Capture) -> Ruling | None:
        """The publisher's rule for a capture, and whose it is."""
        return self._rules.for_capture(capture) if self._rules else None

    def learn(self, extraction: Extraction) -> None:
        """Learn from the first reading of an article that is new here."""
        if site := self._site(extraction.url):
            site.learned |= site.learner.learn([*extraction.paragraphs, *extraction.boilerplate])

    def save(self) -> None:
        """Store what was learned, in the transaction that stores the articles, and put it to use."""
        for site in self._sites.values():
            if site.learned:
                self._save(site)

    def _save(self, site: _Site) -> None:
        learner = site.learner
        if learner.name != site.guide.template:
            site.version += 1
            site.guide = _guide(learner)
        lines = learner.template
        row = SiteTemplate(site.name, site.version, learner.name, learner.articles, learner.memory, lines)
        self._templates.put(row)
        site.learned = False

    def _site(self, url: str) -> _Site | None:
        try:
            name = site_of(url)
        except UsageError:
            return None  # a saved page that names no URL belongs to no site
        if name not in self._sites:
            self._make_room()
            row = self._templates.get(name)
            learner = Learner(row.articles, row.memory, row.lines) if row else Learner()
            self._sites[name] = _Site(name, row.version if row else 0, learner, _guide(learner))
        self._sites.move_to_end(name)
        return self._sites[name]

    def _make_room(self) -> None:
        """Let go of the site that was asked for longest ago; what is not stored yet stays until it is."""
        if len(self._sites) >= _SITES:
            stored = (name for name, site in self._sites.items() if not site.learned)
            if (oldest := next(stored, None)) is not None:
                del self._sites[oldest]


def _guide(learner: Learner) -> Guide:
    return Guide(boilerplate=frozenset(learner.template), template=learner.name)


def work_off_backlog(holdings: Holdings) -> None:
    """Learn from the articles of an archive that was made before there were templates; once, under the lock `process`.

    A kill costs the transaction that was open: the next call goes on after the last article that was learned from.
    """
    templates = holdings.templates
    while (after := templates.backlog) is not None:
        ids = list(islice(holdings.articles.ids(after=after), _CHUNK))
        with holdings.database.transaction():
            guides = Guides(templates)
            for article in holdings.articles.latest(ids).values():
                guides.learn(article.latest)
            guides.save()
            templates.worked_off(ids[-1] if ids else None)
