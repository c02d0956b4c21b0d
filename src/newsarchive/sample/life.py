"""The sample newsroom over time: stories appear, are edited in silence, and vanish; a site is redesigned, one is down.

A `Life` knows all of it beforehand, so that what an archive found can be held against what was true at each moment.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.sample import stories
from newsarchive.sample.chrome import Frame
from newsarchive.sample.desk import Desk, article_path
from newsarchive.sample.newsroom import REDESIGN, Newsroom
from newsarchive.sample.site import HTML, Response, Site, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from newsarchive.sample.articles import SampleArticle
    from newsarchive.sample.outlets import Outlet

MOST_A_DAY: Final = 4
"""Stories of an outlet on one day; some days have none."""
_EDITED: Final = 0.4
"""Share of stories that are edited at least once."""
_VANISHING: Final = 0.08
_GONE: Final = ("404", "410", "front-page")
"""How a story vanishes: its page is not found, is gone, or leads to the front page."""
_BOX: Final = 8
_HASTE: Final = (timedelta(minutes=20), timedelta(hours=4), timedelta(days=1), timedelta(days=5), timedelta(days=25))
"""Edits lie within one of these spans after publication, each as likely: most come soon, some late."""


class State(NamedTuple):
    """What a story is from a moment on."""

    at: datetime
    article: SampleArticle
    gone: str = ""
    """How it vanished: `404`, `410` or `front-page`; empty while it is there."""


@dataclass(frozen=True)
class Story:
    """One story and all its states, oldest first. An edit leaves no trace: the page's time of change stays."""

    states: tuple[State, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Host and path."""
        return self.states[0].article.key

    @property
    def published(self) -> datetime:
        """When it appears."""
        return self.states[0].at

    def at(self, moment: datetime) -> State | None:
        """What it is at a moment; None before it appears."""
        number = bisect_right([state.at for state in self.states], moment)
        return self.states[number - 1] if number else None


@dataclass(frozen=True)
class Trouble:
    """What befalls the outlets."""

    redesigned: str
    redesigned_at: datetime
    down: str
    down_from: datetime
    down_until: datetime


@dataclass(frozen=True)
class Life:
    """All stories of some outlets, with all that befalls them."""

    outlets: tuple[Outlet, ...]
    stories: tuple[Story, ...]
    trouble: Trouble

    def at(self, moment: datetime) -> Newsroom:
        """The newsroom as it is at a moment, to be served."""
        trouble = self.trouble
        outlets = tuple(
            replace(outlet, theme=REDESIGN)
            if outlet.name == trouble.redesigned and moment >= trouble.redesigned_at
            else outlet
            for outlet in self.outlets
        )
        states = [state for story in self.stories if (state := story.at(moment))]
        down = trouble.down if trouble.down_from <= moment < trouble.down_until else ""
        return _Moment(
            edition=1,
            articles=tuple(state.article for state in states),
            outlets=outlets,
            states=tuple(states),
            down=down,
        )

    def is_up(self, outlet: str, moment: datetime) -> bool:
        """Whether an outlet answers at a moment."""
        trouble = self.trouble
        return outlet != trouble.down or not trouble.down_from <= moment < trouble.down_until


@dataclass(frozen=True)
class _Moment(Newsroom):
    states: tuple[State, ...] = ()
    down: str = ""

    @cached_property
    def _sites(self) -> Mapping[str, Site]:
        return {outlet.host: self._site(outlet) for outlet in self.outlets}

    def _site(self, outlet: Outlet) -> Site:
        own = [state for state in self.states if state.article.outlet.host == outlet.host]
        shown = [replace(state.article, outlet=outlet) for state in own if not state.gone]
        shown.sort(key=lambda article: (str(article.published), article.path), reverse=True)
        return _LivingSite(outlet, tuple(shown), {state.article.path: state.gone for state in own if state.gone})

    def pages(self, host: str, path: str, *, port: int = 0) -> Response | None:
        if self.down and host == self.outlet(self.down).host:
            raise ConnectionAbortedError(f"{host} is down")
        return super().pages(host, path, port=port)


@dataclass(frozen=True)
class _LivingSite(Site):
    gone: Mapping[str, str]

    def answer(self, target: str, *, port: int) -> Response:
        frame = Frame(self.outlet, port)
        match self.gone.get(target.partition("?")[0]):
            case "front-page":
                return Response(302, HTML, b"", location=f"{frame.origin}/")
            case "410":
                return replace(missing(frame), status=410)
            case "404":
                return missing(frame)
            case _:
                return super().answer(target, port=port)

    def _frame(self, entry: SampleArticle, port: int) -> Frame:
        """Boxes with older stories alone: what is written later changes no page that is up already."""
        place = self.entries.index(entry)
        older = self.entries[place + 1 : place + 1 + _BOX]
        older = tuple(replace(one, headline=one.path.rsplit("/", 1)[-1]) for one in older if one.path not in self.gone)
        return Frame(self.outlet, port, older, older)


def live(outlets: Sequence[Outlet], *, start: datetime, days: int, trouble: Trouble, seed: int = 1) -> Life:
    """Live some days of outlets, from `start` on. The same seed gives the same life."""
    told = [story for outlet in outlets for story in _stories(outlet, start, days, trouble, seed)]
    return Life(tuple(outlets), tuple(told), trouble)


def _stories(outlet: Outlet, start: datetime, days: int, trouble: Trouble, seed: int) -> Iterator[Story]:
    desk, random, number = Desk(outlet), stories.seeded(outlet.name, seed), 0
    sections = [section for section in outlet.sections for _ in range(section.weight)]
    for day in range(days):
        for _ in range(random.randint(0, MOST_A_DAY)):
            at = start + timedelta(days=day, seconds=random.randrange(86_400))
            section = sections[number % len(sections)]
            article = desk.article(number, section)
            number += 1
            if outlet.name == trouble.down and trouble.down_from <= at < trouble.down_until:
                continue
            published = at.astimezone(outlet.zone).replace(microsecond=0)
            path = article_path(outlet, section, article.headline, number=number, published=published)
            article = replace(article, published=published, modified=published, path=path)
            yield Story(tuple(_states(article, at, random)))


def _states(article: SampleArticle, at: datetime, random: Random) -> Iterator[State]:
    yield State(at, article)
    edits = random.choice((1, 1, 2, 3)) if random.random() < _EDITED else 0
    moments = sorted(at + random.choice(_HASTE) * random.uniform(0.05, 1) for _ in range(edits))
    for count, moment in enumerate(moments, start=1):
        article = _edited(article, count, random)
        yield State(moment, article)
    if random.random() < _VANISHING:
        gone_at = max([*moments, at + timedelta(days=2)]) + timedelta(days=random.uniform(0.1, 5))
        yield State(gone_at, article, random.choice(_GONE))


def _edited(article: SampleArticle, count: int, random: Random) -> SampleArticle:
    """Another headline, another sentence in a paragraph, or both."""
    what = random.choice(("headline", "body", "both"))
    headline, paragraphs = article.headline, list(article.paragraphs)
    if what != "body":
        headline = f"{headline}, officials say" if count == 1 else f"{headline} (revision {count})"
    if what != "headline":
        place = random.randrange(len(paragraphs))
        paragraphs[place] += f" The figure was put at {random.randint(100, 999)} in an account given on the same day."
    return replace(article, headline=headline, paragraphs=tuple(paragraphs))
