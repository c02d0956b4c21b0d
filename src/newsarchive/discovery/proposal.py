"""Where should a new source be read? A proposal for its settings, from what a probe of its home page found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsarchive.discovery.feeds import Feed
from newsarchive.discovery.paths import looks_like_article
from newsarchive.discovery.sitemaps import Sitemap
from newsarchive.models import Via
from newsarchive.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsarchive.discovery.listings import Listing
    from newsarchive.discovery.robots import Robots

COMMON_PATHS = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap/news.xml",
    "/wp-sitemap.xml",
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/posts/default",
)
"""Where content systems put sitemaps and feeds that nothing on a page names."""

MAX_SITEMAPS = 3
MAX_FEEDS = 10
MAX_SECTIONS = 20
MAX_PROBES = 40
_ARTICLE_SHARE = 0.3
"""Share of a plain sitemap's URLs that must look like articles; sitemaps of sections and authors stay below."""


class Proposal(NamedTuple):
    """What to write into a source's settings."""

    sitemaps: tuple[str, ...]
    feeds: tuple[str, ...]
    sections: tuple[str, ...]


def places_to_try(url: str, home: Listing, robots: Robots) -> tuple[str, ...]:
    """The sitemaps and feeds that a probe should fetch: those that were named first, then `COMMON_PATHS`.

    What the robots file forbids is left out.
    """
    common = (absolute(path, url) for path in COMMON_PATHS)
    named = (*robots.sitemaps, *home.sitemaps, *home.feeds, *(place for place in common if place))
    return tuple(place for place in dict.fromkeys(named) if robots.allows(place))[:MAX_PROBES]


def propose(home: Listing, robots: Robots, found: Mapping[str, Sitemap | Feed]) -> Proposal:
    """Choose from what was found at `places_to_try` (by URL, in that order), best first.

    News sitemaps come before plain ones and both before feeds; a place that adds no article to those before it is left
    out. Sections cost a request each and miss what scrolls away, so they are proposed only where there is no sitemap: a
    feed alone names the newest articles and none of the older ones.
    """
    allowed = {place: held for place, held in found.items() if robots.allows(place)}
    maps = {place: held for place, held in allowed.items() if isinstance(held, Sitemap)}
    news = list(_adding({place: held for place, held in maps.items() if _is_news(held)}))
    plain = [place for place, held in maps.items() if place not in news and _is_worthwhile(held)]
    feeds = list(_adding({place: held for place, held in allowed.items() if isinstance(held, Feed)}))
    sections = () if news or plain else tuple(section for section in home.sections if robots.allows(section))
    return Proposal(tuple([*news, *plain][:MAX_SITEMAPS]), tuple(feeds[:MAX_FEEDS]), sections[:MAX_SECTIONS])


def _is_news(held: Sitemap) -> bool:
    return any(candidate.via is Via.NEWS_SITEMAP for candidate in held.candidates)


def _is_worthwhile(held: Sitemap) -> bool:
    """Whether a plain sitemap leads to articles: by way of others, or by enough of its own URLs."""
    if held.children:
        return True
    likely = sum(looks_like_article(candidate.url) for candidate in held.candidates)
    return likely > 0 and likely >= _ARTICLE_SHARE * len(held.candidates)


def _adding(found: Mapping[str, Sitemap | Feed]) -> Iterator[str]:
    """The places that name an article which none before them named."""
    known: set[str] = set()
    for place, held in found.items():
        urls = {candidate.url for candidate in held.candidates}
        if urls - known:
            known |= urls
            yield place
