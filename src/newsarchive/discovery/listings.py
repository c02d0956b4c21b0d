"""Listing pages: a home or section page, read for its links to articles, sections, feeds and sitemaps.

Links are read as HTML defines them (https://html.spec.whatwg.org/multipage/links.html); `base` is honoured.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree, html

from newsarchive.discovery import markup
from newsarchive.discovery.paths import looks_like_archive, looks_like_article, looks_like_section
from newsarchive.errors import DiscoveryError
from newsarchive.folding import page_number
from newsarchive.models import Candidate, Via
from newsarchive.urls import absolute, canonicalise, same_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_LINKS = 10_000
"""Links looked at; the largest of 308 real pages has 683."""
MAX_CANDIDATES = 2_000
MAX_SECTIONS = 200
MAX_FEEDS = 50
MAX_HEADLINE = 200
"""Characters of a link's text that can be a headline alone; longer ones hold a teaser as well."""
MAX_BYTES = 20_000_000

_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf)\+xml|application/feed\+json|text/(?:rss|atom)\+?xml", re.IGNORECASE
)
_FEED_PATH = re.compile(r"(?:/(?:feeds?|rss|atom)/?|[./](?:rss|atom|feed|rdf)(?:\.xml)?)$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|commentaire", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_NAVIGATION = frozenset({"nav", "header"})
_NAVIGATION_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navbar|navigation|menu|mainmenu|topnav|subnav)(?:$|[\s_-])", re.IGNORECASE
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
MAX_ARCHIVES = 500
_NEAR = 6
"""Ancestors within which a heading or a navigation bar is looked for."""


class Listing(NamedTuple):
    """What one page names."""

    candidates: tuple[Candidate, ...]
    """Links of the same site that look like articles, in the page's order."""
    sections: tuple[str, ...]
    """Links of the same site in its navigation that look like sections."""
    feeds: tuple[str, ...]
    sitemaps: tuple[str, ...]
    title: str | None
    """The site's name for itself, or else the page's title."""
    language: str | None
    next_page: str | None
    """The page that `rel=next` names, or else a link to this page with the next number (`?page=2`, `/page/2/`)."""
    archives: tuple[str, ...] = ()
    """Links of the same site that are a date and no more: the list of a year, month or day."""


class _Link(NamedTuple):
    url: str
    text: str | None
    in_heading: bool
    in_navigation: bool


def parse_listing(body: bytes, *, url: str, content_type: str = "") -> Listing:
    """Read the links of an HTML page.

    Raises:
        DiscoveryError: there is no HTML in it.
    """
    page = _parse(body, url=url, content_type=content_type)
    base = _base(page, url)
    links = list(_links(page, base, site=url))
    return Listing(
        candidates=_candidates(links, url),
        sections=_sections(links, url),
        feeds=_feeds(page, base, links),
        sitemaps=tuple(dict.fromkeys(href for rel, _, href in _heads(page, base) if "sitemap" in rel)),
        title=_title(page),
        language=markup.language(page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or ""),
        next_page=_next(page, base, url) or _numbered_next(links, url),
        archives=_archives(links, url),
    )


def _parse(body: bytes, *, url: str, content_type: str) -> HtmlElement:
    encoding = _encoding(body, content_type)
    parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(body[:MAX_BYTES], parser=parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise DiscoveryError(f"{url}: there is no HTML in it: {error}", url=url) from error


def _encoding(body: bytes, content_type: str) -> str | None:
    """UTF-8 if the bytes are, else what the server says; None leaves it to the page's own `meta`."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        named = _CHARSET.search(content_type)
        return named[1] if named and markup.is_charset(named[1]) else None
    return "utf-8"


def _base(page: HtmlElement, url: str) -> str:
    for element in page.iter("base"):
        if href := element.get("href"):
            return absolute(href, url) or url
    return url


def _links(page: HtmlElement, base: str, *, site: str) -> Iterator[_Link]:
    """The links of a page to its own site."""
    for number, element in enumerate(page.iter("a", "area")):
        if number >= MAX_LINKS:
            return
        href = element.get("href")
        target = absolute(href, base) if href and not href.startswith("#") else None
        if target and same_site(target, site):
            in_heading, in_navigation = _surroundings(element)
            yield _Link(target, _label(element), in_heading, in_navigation)


def _label(element: HtmlElement) -> str | None:
    """What a link says: a heading inside it, or all its text, or its label for the blind."""
    for child in element.iter(*_HEADINGS):
        if text := markup.plain(markup.text_of(child)):
            return text
    images = (image.get("alt") for image in element.iter("img"))
    for text in (markup.text_of(element), element.get("aria-label"), element.get("title"), *images):
        if label := markup.plain(text or ""):
            return label
    return None


def _surroundings(element: HtmlElement) -> tuple[bool, bool]:
    in_heading = next(element.iter(*_HEADINGS), None) is not None
    in_navigation = False
    for depth, ancestor in enumerate(element.iterancestors()):
        in_heading = in_heading or (depth < _NEAR and ancestor.tag in _HEADINGS)
        name = f"{ancestor.get('class', '')} {ancestor.get('id', '')} {ancestor.get('role', '')}"
        if ancestor.tag in _NAVIGATION or (depth < _NEAR and _NAVIGATION_NAME.search(name)):
            in_navigation = True
        if depth > 2 * _NEAR:
            break
    return in_heading, in_navigation


def _candidates(links: list[_Link], url: str) -> tuple[Candidate, ...]:
    best: dict[str, _Link] = {}
    here = canonicalise(url)
    for link in links:
        target = canonicalise(link.url)
        if target == here or not looks_like_article(target):
            continue
        if target not in best and len(best) >= MAX_CANDIDATES:
            break
        best[target] = max(best.get(target, link), link, key=_worth)
    return tuple(
        Candidate(url=target, via=Via.LISTING, found_at=url, headline=link.text) for target, link in best.items()
    )


def _worth(link: _Link) -> tuple[bool, bool, int]:
    """Of several links to one article, the one whose text is most likely the headline."""
    length = len(link.text or "")
    return link.in_heading, 0 < length <= MAX_HEADLINE, length


def _sections(links: list[_Link], url: str) -> tuple[str, ...]:
    """Sections in the page's order, short paths first; where no navigation can be told, any link may be one."""
    in_navigation: dict[str, bool] = {}
    for link in links:
        if looks_like_section(link.url):
            target = canonicalise(link.url)
            in_navigation[target] = in_navigation.get(target, False) or link.in_navigation
    in_navigation.pop(canonicalise(url), None)
    named = [target for target, inside in in_navigation.items() if inside] or list(in_navigation)
    return tuple(sorted(named, key=lambda target: target.rstrip("/").count("/"))[:MAX_SECTIONS])


def _heads(page: HtmlElement, base: str) -> Iterator[tuple[frozenset[str], str, str]]:
    """Relations, media type and address of the page's `link` elements."""
    for element in page.iter("link"):
        href = absolute(element.get("href") or "", base) if element.get("href") else None
        if href:
            yield frozenset(element.get("rel", "").lower().split()), element.get("type", ""), href


def _feeds(page: HtmlElement, base: str, links: list[_Link]) -> tuple[str, ...]:
    told = (href for rel, kind, href in _heads(page, base) if "alternate" in rel and _FEED_TYPES.match(kind.strip()))
    seen = (link.url for link in links if _FEED_PATH.search(link.url.partition("?")[0]))
    feeds = dict.fromkeys(feed for found in (told, seen) for feed in found if not _COMMENTS.search(feed))
    return tuple(feeds)[:MAX_FEEDS]


def _title(page: HtmlElement) -> str | None:
    for element in page.iter("meta"):
        if element.get("property", "").lower() == "og:site_name" and (name := markup.plain(element.get("content", ""))):
            return name
    return next((title for element in page.iter("title") if (title := markup.plain(markup.text_of(element)))), None)


def _next(page: HtmlElement, base: str, url: str) -> str | None:
    for element in page.iter("link", "a"):
        if "next" in element.get("rel", "").lower().split() and (href := element.get("href")):
            target = absolute(href, base)
            if target and same_site(target, url) and canonicalise(target) != canonicalise(url):
                return target
    return None


def _numbered_next(links: list[_Link], url: str) -> str | None:
    whole, number = page_number(url)
    return next((link.url for link in links if page_number(link.url) == (whole, number + 1)), None)


def _archives(links: list[_Link], url: str) -> tuple[str, ...]:
    here = canonicalise(url)
    found = dict.fromkeys(canonicalise(link.url) for link in links if looks_like_archive(link.url))
    found.pop(here, None)
    return tuple(found)[:MAX_ARCHIVES]
