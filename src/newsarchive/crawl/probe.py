"""`python -m newsarchive.crawl.probe [--archive DIR] -- URL`: finds a site's sitemaps, feeds and section pages.

The robots file names sitemaps, the home page feeds; then the places where content systems put both are tried. What
answers is read, and the best of it is proposed as the source's settings.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import scrapy
from scrapy import signals

from newsarchive.crawl.robots import RobotsMiddleware
from newsarchive.crawl.single import LookingSpider, arguments_of, run_spider, tell_error
from newsarchive.crawl.telling import tell
from newsarchive.discovery import (
    Listing,
    Robots,
    Sitemap,
    parse_feed,
    parse_listing,
    parse_sitemap,
    places_to_try,
    propose,
)
from newsarchive.errors import DiscoveryError
from newsarchive.urls import source_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.discovery import Feed

_OK: Final = 200
_SEPARATOR: Final = re.compile(r"\s+[|–—·:-]\s+")
"""Parts the site's name from its claim in the title of a home page."""


class ProbeSpider(LookingSpider):
    """Looks at one site."""

    name = "probe"

    def __init__(self, *, url: str, **arguments: Any) -> None:  # noqa: ANN401 - Scrapy hands over what `-a` says
        super().__init__(**arguments)
        self._url = url
        self._home: Listing | None = None
        self._robots: Robots = Robots.unavailable(404)
        self._places: tuple[str, ...] = ()
        self._found: dict[str, Sitemap | Feed] = {}
        self._problem = "no answer"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy
        """Make the spider; it tells what it found when it closes."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.finish, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the home page; its robots file is asked for before it."""
        yield scrapy.Request(self._url, callback=self.read_home, errback=self.complain, dont_filter=True)

    async def read_home(self, response: Response) -> AsyncIterator[scrapy.Request]:
        """Read the home page, and try every place that may name articles."""
        self._url = response.url
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        self._home = parse_listing(response.body, url=response.url, content_type=content_type)
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is not None:
            self._robots = await middleware.robots_of(response.url)
        self._places = places_to_try(response.url, self._home, self._robots)
        for place in self._places:
            yield self._request(place, place)

    def _request(self, url: str, place: str) -> scrapy.Request:
        return scrapy.Request(
            url, callback=self.read_place, errback=self.pass_over, cb_kwargs={"place": place}, dont_filter=True
        )

    def read_place(self, response: Response, place: str) -> Iterator[scrapy.Request]:
        """Read what may be a sitemap or a feed; a sitemap index is judged by its first and last child."""
        held = _read(response)
        if held is None:
            return
        known = self._found.get(place)
        if isinstance(known, Sitemap) and isinstance(held, Sitemap):
            candidates = known.candidates + held.candidates
            self._found[place] = known._replace(candidates=candidates)
            return
        self._found[place] = held
        if isinstance(held, Sitemap) and held.children:
            for child in {held.children[0].url, held.children[-1].url}:
                yield self._request(child, place)

    def pass_over(self, failure: Failure) -> None:
        """A place that does not answer is none."""

    def complain(self, failure: Failure) -> None:
        """The home page did not come."""
        self._problem = str(failure.value)

    def finish(self) -> None:
        """Tell what was found."""
        if self._home is None:
            tell_error(
                "FetchError", f"{self._url} could not be looked at: {self._problem}", tip="is the address right?"
            )
            return
        found = {place: self._found[place] for place in self._places if place in self._found}
        proposal = propose(self._home, self._robots, found)
        title = _SEPARATOR.split(self._home.title or "")[0]
        source: dict[str, Any] = {"url": self._url, "title": title, "language": self._home.language}
        chosen = {key: list(urls) for key, urls in proposal._asdict().items() if urls}
        seen = [
            {"url": place, "kind": type(held).__name__.lower(), "articles": len(held.candidates)}
            for place, held in found.items()
        ]
        sections = [{"url": url, "kind": "section", "articles": None} for url in proposal.sections]
        home = {"url": self._url, "kind": "home page", "articles": len(self._home.candidates)}
        tell(
            {
                "event": "sources",
                "name": source_name(self._url),
                "source": {**source, **chosen},
                "seen": [home, *seen, *sections],
            }
        )


def _read(response: Response) -> Sitemap | Feed | None:
    if response.status != _OK:
        return None
    for parse in (parse_feed, parse_sitemap):  # the latter takes feeds as well
        try:
            held = parse(response.body, url=response.url)
        except DiscoveryError:
            continue
        if isinstance(held, Sitemap) and not held.candidates and not held.children:
            continue
        return held
    return None


if __name__ == "__main__":
    folder, site = arguments_of(sys.argv[1:])
    run_spider(ProbeSpider, archive=folder, url=site)
