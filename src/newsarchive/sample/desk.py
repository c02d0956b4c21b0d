"""Writes the plain articles of the sample newsroom: which outlet has which story, when, by whom and at which URL."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from newsarchive.sample import stories
from newsarchive.sample.articles import SampleArticle
from newsarchive.sample.outlets import RIVER_HERALD, Outlet, Section
from newsarchive.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

FIRST_DAY: Final = date(2019, 2, 1)
LAST_DAY: Final = date(2019, 3, 10)
_TOUCHED_UP: Final = 0.35
"""Share of articles that carry a later time of change."""
_TWO_AUTHORS: Final = 0.2
_SLUG_WORDS: Final = 8
_TRIES: Final = 30
"""Texts that are written in search of a headline that the outlet has not had."""
_JOINED = re.compile(r"’|(?<=\d)[.,](?=\d{3})")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class Desk:
    """Writes the plain articles of one outlet, each headline once."""

    outlet: Outlet
    used: set[str] = field(default_factory=set)
    """What headlines are told apart by."""
    turns: Counter[str] = field(default_factory=Counter)
    """How many stories each section had."""

    def articles(self, count: int) -> Iterator[SampleArticle]:
        """That many articles; a larger number starts with the same ones."""
        sections = [section for section in self.outlet.sections for _ in range(section.weight)]
        for number in range(count):
            if number < self.outlet.summits:
                section, template = self._summit(number)
                yield self._article(number, section, template)
            else:
                yield self.article(number, sections[number % len(sections)])

    def article(self, number: int, section: Section) -> SampleArticle:
        """One article for a section."""
        return self._article(number, section, self._next(section))

    def _summit(self, number: int) -> tuple[Section, stories.Template]:
        """Section and kind of the outlet's nth story about the summit; the River Herald has one in each language."""
        if self.outlet is RIVER_HERALD:
            section = self.outlet.sections[-1 - number % 3]
            return section, stories.stock(section.language or self.outlet.language).summits[-1 - 2 * (number // 2)]
        kinds = stories.stock(self.outlet.language).summits
        template = kinds[number % len(kinds)]
        return self.outlet.section_about(template.subject), template

    def _next(self, section: Section) -> stories.Template:
        kept = stories.stock(section.language or self.outlet.language)
        kinds = [kind for kind in kept.stories if kind.subject in section.subjects]
        turn = self.turns[section.slug]
        self.turns[section.slug] += 1
        return kinds[(turn + self.outlet.share) % len(kinds)]

    def _article(self, number: int, section: Section, template: stories.Template) -> SampleArticle:
        language = section.language or self.outlet.language
        random = stories.seeded(self.outlet.name, number)
        published = _time(template, random, self.outlet)
        text = self._text(language, template, random, published)
        later = timedelta(minutes=random.randint(20, 540)) if random.random() < _TOUCHED_UP else timedelta(0)
        return SampleArticle(
            outlet=self.outlet,
            path=article_path(self.outlet, section, text.headline, number=number, published=published),
            headline=text.headline,
            paragraphs=text.paragraphs,
            authors=tuple(random.sample(self.outlet.staff, 2 if random.random() < _TWO_AUTHORS else 1)),
            category=section.title,
            published=published,
            modified=published + later,
            language=language,
            summit=template.days is not None,
        )

    def _text(self, language: str, template: stories.Template, random: Random, published: datetime) -> stories.Text:
        for _ in range(_TRIES):
            text = stories.write(language, template, random=random, day=published.date())
            mark = slug(text.headline) or text.headline
            if mark not in self.used:
                break
        else:  # in a very large newsroom some templates have no new headline left
            number = len(self.used)
            text = text._replace(headline=f"{number}: {text.headline}")
            mark = slug(text.headline) or text.headline
        self.used.add(mark)
        return text


def article_path(outlet: Outlet, section: Section, headline: str, *, number: int, published: datetime) -> str:
    """Where an outlet puts an article; `number` is the outlet's own count."""
    return outlet.article_path.format(
        day=published, section=section.slug, slug=slug(headline) or "story", number=1_000 + 7 * number
    )


def slug(headline: str) -> str:
    """A headline as part of a URL; empty where none of it can be written so.

    >>> slug("Hội nghị thượng đỉnh Hà Nội: “ngày một”"), slug("東京")
    ('hoi-nghi-thuong-dinh-ha-noi-ngay-mot', '')
    """
    words = _NOT_WORD.sub(" ", _JOINED.sub("", fold(headline))).split()
    return "-".join(words[:_SLUG_WORDS]) if any(word.isalpha() for word in words) else ""


def _time(template: stories.Template, random: Random, outlet: Outlet) -> datetime:
    first, last = (date.fromisoformat(day) for day in template.days) if template.days else (FIRST_DAY, LAST_DAY)
    day = first + timedelta(days=random.randint(0, (last - first).days))
    clock = timedelta(hours=random.randint(5, 20), minutes=random.randint(0, 59), seconds=random.randint(0, 59))
    return datetime(day.year, day.month, day.day, tzinfo=outlet.zone) + clock
