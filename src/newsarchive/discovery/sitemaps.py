"""Sitemaps: what a site says it has published. Bytes in, candidates out.

Follows https://www.sitemaps.org/protocol.html and, for news,
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap. A feed or a list of URLs, one a line,
may stand in a sitemap's place; the protocol allows both.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.dates import Precision, parse_moment
from newsarchive.discovery import markup
from newsarchive.discovery.feeds import parse_feed
from newsarchive.errors import UsageError
from newsarchive.models import Candidate, Via
from newsarchive.urls import absolute, canonicalise, is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.etree import _Element as Element

MAX_URLS = 50_000
"""URLs in one sitemap, and sitemaps in one index, by the protocol."""
_ENTRIES = frozenset({"url", "sitemap"})
_DAY = timedelta(hours=36)
"""From midnight UTC until a day is over everywhere (UTC-12)."""


class SitemapRef(NamedTuple):
    """A sitemap that an index names."""

    url: str
    modified: datetime | None
    changed_by: datetime | None = None
    """The latest moment that the index's `lastmod` can mean: a day alone may be any time of it, in any zone."""


class Sitemap(NamedTuple):
    """What one sitemap holds."""

    children: tuple[SitemapRef, ...]
    """The sitemaps of an index."""
    candidates: tuple[Candidate, ...]
    truncated: bool
    """Whether there was more than could be read: a torn file, or more than the protocol allows."""


def parse_sitemap(body: bytes, *, url: str) -> Sitemap:
    """Read a sitemap, a sitemap index, a news sitemap, a feed or a list of URLs; gzip is undone.

    Entries whose address is relative or of another scheme than the web's are left out.

    Raises:
        DiscoveryError: an HTML page, or nothing of these kinds.
    """
    data, whole = markup.decompress(body)
    text = markup.decode(data)
    found = markup.document(text)
    if found.root in {"urlset", "sitemapindex"}:
        return _from_xml(found, url=url, whole=whole)
    if found.root:
        feed = parse_feed(data, url=url)
        return Sitemap((), feed.candidates, truncated=feed.truncated or not whole)
    if not found.is_html and (listed := _from_lines(text, url=url, whole=whole)):
        return listed
    raise markup.refuse("sitemap", url=url, found=found)


def _from_xml(found: markup.Document, *, url: str, whole: bool) -> Sitemap:
    children: dict[str, SitemapRef] = {}
    candidates: dict[str, Candidate] = {}
    for element in markup.elements(found, entries=_ENTRIES):
        if len(children) >= MAX_URLS or len(candidates) >= MAX_URLS:
            whole = False
            break
        if markup.name_of(element)[1] == "sitemap":
            if child := _child(element, url=url):
                children.setdefault(child.url, child)
        elif candidate := _candidate(element, url=url):
            candidates.setdefault(candidate.url, candidate)
    return Sitemap(tuple(children.values()), tuple(candidates.values()), truncated=not (whole and found.is_whole))


def _from_lines(text: str, *, url: str, whole: bool) -> Sitemap | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    some = lines[:MAX_URLS]
    listed = [canonicalise(line) for line in some if is_web_url(line)]
    if len(listed) * 2 < len(some) or not listed:
        return None
    candidates = tuple(Candidate(url=line, via=Via.SITEMAP, found_at=url) for line in dict.fromkeys(listed))
    return Sitemap((), candidates, truncated=not whole or len(lines) > MAX_URLS)


def _child(element: Element, *, url: str) -> SitemapRef | None:
    fields = dict(_fields(element))
    place = markup.address(fields.get("loc", ""))
    child = absolute(place, url) if is_web_url(place) else None
    if not child or child == url:
        return None
    told = parse_moment(fields.get("lastmod", "").strip())
    if told is None:
        return SitemapRef(child, None)
    return SitemapRef(child, told.at, told.at + (_DAY if told.precision is Precision.DAY else timedelta(0)))


def _candidate(element: Element, *, url: str) -> Candidate | None:
    fields = dict(_fields(element))
    try:
        place = canonicalise(markup.address(fields.get("loc", "")))
    except UsageError:
        return None
    return Candidate(
        url=place,
        via=Via.NEWS_SITEMAP if "news:news" in fields else Via.SITEMAP,
        found_at=url,
        headline=markup.plain(fields.get("news:title", "")),
        published=markup.moment(fields.get("news:publication_date", "")),
        modified=markup.moment(fields.get("lastmod", "")),
        language=markup.language(fields.get("news:language", "")),
    )


def _fields(element: Element) -> Iterator[tuple[str, str]]:
    """Name and text of the core and news elements of an entry; of two with one name the last is kept by `dict`."""
    for child in element.iterdescendants():
        vocabulary, local = markup.name_of(child)
        if vocabulary == "":
            if child.getparent() is element:
                yield local, markup.text_of(child).strip()
        elif vocabulary == "news":
            yield f"news:{local}", "" if local in {"news", "publication"} else markup.text_of(child).strip()
