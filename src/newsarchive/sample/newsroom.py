"""The sample newsroom as a value: every entry, and what is true of it. Nothing here knows a network.

Beside plain articles there is one of each thing that makes archiving hard: copies of agency texts, a paywall, a page
without a date, one that is too short, one that is no article, one that is gone, one that moved, a print view, and one
article that is edited between edition 1 and edition 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from newsarchive.errors import UsageError
from newsarchive.sample.articles import ACCEPTED, Kind, SampleArticle
from newsarchive.sample.desk import Desk
from newsarchive.sample.outlets import OUTLETS, Outlet
from newsarchive.sample.site import Response, Site
from newsarchive.sample.specials import ADDED, edited, edited_key, specials, with_oddities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FEWEST: Final = 100
"""Articles that a newsroom needs to hold all its special ones."""
EDITIONS: Final = (1, 2)
REDESIGN: Final = "bare"
"""The theme that an outlet changes to; it shows neither authors nor section."""
DEFAULT_PORT: Final = 8765


@dataclass(frozen=True)
class Newsroom:
    """All outlets and all that they published, at one edition."""

    edition: int
    articles: tuple[SampleArticle, ...]
    """Every entry of every kind, by outlet and then newest first; undated ones last."""
    outlets: tuple[Outlet, ...] = OUTLETS

    def redesigned(self, *names: str) -> Newsroom:
        """The same newsroom, where these outlets publish in a theme that tells less; errors as in `outlet`."""
        new = {self.outlet(name).name: replace(self.outlet(name), theme=REDESIGN) for name in names}
        articles = (replace(one, outlet=new.get(one.outlet.name, one.outlet)) for one in self.articles)
        outlets = (new.get(outlet.name, outlet) for outlet in self.outlets)
        return replace(self, articles=tuple(articles), outlets=tuple(outlets))

    @property
    def accepted(self) -> tuple[SampleArticle, ...]:
        """What an undisturbed crawl should end with, each once."""
        return tuple(article for article in self.articles if article.kind in ACCEPTED)

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], SampleArticle]:
        """The entries by host and path."""
        return {article.key: article for article in self.articles}

    @cached_property
    def _sites(self) -> Mapping[str, Site]:
        return {
            outlet.host: Site(outlet, tuple(one for one in self.articles if one.outlet is outlet))
            for outlet in self.outlets
        }

    def outlet(self, name: str) -> Outlet:
        """The outlet of that name.

        Raises:
            UsageError: there is none.
        """
        for outlet in self.outlets:
            if outlet.name == name:
                return outlet
        names = ", ".join(outlet.name for outlet in self.outlets)
        raise UsageError(f"the sample newsroom has no outlet {name!r}", tip=f"there are {names}")

    def of(self, name: str) -> tuple[SampleArticle, ...]:
        """The entries of the outlet of that name, newest first; undated ones last."""
        return self._sites[self.outlet(name).host].entries

    def one(self, kind: Kind) -> SampleArticle:
        """The first entry of a kind; of the special kinds there is but one, save eight wire copies."""
        return next(article for article in self.articles if article.kind is kind)

    def pages(self, host: str, path: str, *, port: int = DEFAULT_PORT) -> Response | None:
        """What a host answers to a path, a query included; None for a host that is no outlet's.

        Absolute URLs in the answer name `port`. Unknown paths are answered with a page and status 404.
        """
        site = self._sites.get(host)
        return site.answer(path, port=port) if site else None

    def at_edition(self, edition: int) -> Newsroom:
        """The same newsroom at another edition."""
        if edition == self.edition:
            return self
        redesigned = (outlet.name for outlet in self.outlets if outlet.theme == REDESIGN)
        return build(edition, articles=len(self.accepted)).redesigned(*redesigned)


def build(edition: int = 1, *, articles: int = 340) -> Newsroom:
    """Make the newsroom: `articles` is how many articles an undisturbed crawl should accept.

    Raises:
        UsageError: no such edition, or too few articles to hold the special ones.
    """
    if edition not in EDITIONS:
        raise UsageError(f"the sample newsroom has no edition {edition!r}", tip="there are editions 1 and 2")
    if articles < FEWEST:
        raise UsageError(f"{articles} articles are too few for a sample newsroom", tip=f"ask for {FEWEST} or more")
    plain = {outlet.name: tuple(Desk(outlet).articles(count)) for outlet, count in _counts(articles - ADDED)}
    entries = [*with_oddities(plain), *specials(plain)]
    if edition > 1:
        key = edited_key(plain)
        entries = [edited(entry) if entry.key == key else entry for entry in entries]
    return Newsroom(edition, tuple(_in_order(entries)))


def _counts(total: int) -> Iterator[tuple[Outlet, int]]:
    left = total
    for outlet in OUTLETS[1:]:
        count = total * outlet.share // 100
        left -= count
        yield outlet, count
    yield OUTLETS[0], left


def _in_order(entries: Iterable[SampleArticle]) -> list[SampleArticle]:
    oldest = datetime(1, 1, 1, tzinfo=UTC)
    newest_first = sorted(entries, key=lambda entry: (entry.published or oldest, entry.path), reverse=True)
    rank = {outlet.name: place for place, outlet in enumerate(OUTLETS)}
    return sorted(newest_first, key=lambda entry: rank[entry.outlet.name])
