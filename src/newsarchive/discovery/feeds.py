"""Feeds: what a site has published lately. Bytes in, candidates out.

Reads RSS 0.9x and 2.0 (https://www.rssboard.org/rss-specification), RSS 1.0 (https://web.resource.org/rss/1.0/spec),
Atom (RFC 4287) and JSON Feed (https://www.jsonfeed.org/version/1.1/). Not with feedparser: over 60 CPU seconds for one
hostile file of 2.3 MB, 13 for one long author name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from newsarchive.discovery import markup
from newsarchive.errors import DiscoveryError
from newsarchive.models import Candidate, Via
from newsarchive.urls import absolute, canonicalise, is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lxml.etree import _Element as Element

MAX_ENTRIES = 10_000
"""Entries read of one feed: 300,000 of them, 17 MB, then take 2 CPU seconds and no tree."""
_ENTRIES = frozenset({"item", "entry"})
_HEADS = frozenset({"title", "language"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_JSON_FEED = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


class Feed(NamedTuple):
    """What one feed holds."""

    title: str | None
    """The feed's name for itself, without markup."""
    language: str | None
    candidates: tuple[Candidate, ...]
    truncated: bool
    """Whether there was more than could be read."""


def parse_feed(body: bytes, *, url: str) -> Feed:
    """Read a feed of any of the known kinds; entries that lead to no web page are left out.

    Raises:
        DiscoveryError: an HTML page, or no feed.
    """
    data, whole = markup.decompress(body)
    text = markup.decode(data)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _from_json(text.lstrip("\ufeff"), url=url)
    found = markup.document(text)
    if found.root not in {"rss", "rdf", "feed"}:
        raise markup.refuse("feed", url=url, found=found)
    return _from_xml(found, url=url, whole=whole)


def _from_xml(found: markup.Document, *, url: str, whole: bool) -> Feed:
    title = language = None
    candidates: dict[str, Candidate] = {}
    seen = 0
    for element in markup.elements(found, entries=_ENTRIES, heads=_HEADS):
        local = markup.name_of(element)[1]
        if local in _ENTRIES:
            seen += 1
            if seen > MAX_ENTRIES:
                whole = False
                break
            language = language or _inherited_language(element)
            if candidate := _candidate(element, url=url, language=language):
                candidates.setdefault(candidate.url, candidate)
        elif _is_head(element):
            value = markup.text_of(element)
            title = title or (markup.plain(value) if local == "title" else None)
            language = language or (markup.language(value) if local == "language" else None)
    return Feed(title, language, tuple(candidates.values()), truncated=not (whole and found.is_whole))


def _is_head(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and markup.name_of(parent)[1] in {"channel", "feed"}


def _inherited_language(element: Element) -> str | None:
    for ancestor in element.iterancestors():
        if lang := ancestor.get(_XML_LANG):
            return markup.language(lang)
    return None


def _candidate(entry: Element, *, url: str, language: str | None) -> Candidate | None:
    link = _link(_links(entry, entry, url))
    # An unclosed tag in a title swallows what follows it: the address is then inside, and the title is lost.
    swallowed = link is None
    link = link or _link(_links(entry, entry.iterdescendants(), url))
    if link is None:
        return None
    return Candidate(
        url=canonicalise(link),
        via=Via.FEED,
        found_at=url,
        headline=None if swallowed else markup.plain(_first(entry, ("title",), (*markup.CORE, "dc"))),
        published=_date(entry, ("pubdate", "published", "date", "issued", "created")),
        modified=_date(entry, ("updated", "modified")),
        language=markup.language(entry.get(_XML_LANG) or _first(entry, ("language",), ("dc",))) or language,
    )


def _link(places: Iterable[tuple[str, str]]) -> str | None:
    return next((link for href, base in places if (link := absolute(href, base))), None)


def _links(entry: Element, children: Iterable[Element], url: str) -> Iterator[tuple[str, str]]:
    """Every address that an entry may have, best first, with what it is relative to."""
    ranked: list[tuple[int, str, str]] = []
    for child in children:
        vocabulary, local = markup.name_of(child)
        rank = _rank(child, vocabulary, local)
        if rank is not None:
            href = child.get("href") or markup.text_of(child)
            ranked.append((rank, markup.address(href), _base(child, url)))
    if about := entry.get(_RDF_ABOUT):
        ranked.append((5, about, url))
    for _, href, base in sorted(ranked, key=lambda link: link[0]):
        if href:
            yield href, base


def _rank(child: Element, vocabulary: str, local: str) -> int | None:
    """How good an address a child of an entry gives: 0 is best, None is none."""
    if (vocabulary, local) == ("feedburner", "origlink"):  # the page itself, where `link` is a counting detour
        return 0
    if vocabulary not in markup.CORE:
        return None
    if local == "link":
        if child.get("rel", "alternate").lower() != "alternate":
            return None
        kind = child.get("type", "text/html").lower()
        return 1 if "html" in kind else 3
    if local == "guid":
        is_link = child.get("ispermalink", child.get("isPermaLink", "true")).strip().lower() == "true"
        return 4 if is_link and is_web_url(markup.text_of(child)) else None
    return 4 if local == "id" and is_web_url(markup.text_of(child)) else None


def _base(element: Element, url: str) -> str:
    try:
        return urljoin(url, element.base or "")  # lxml resolves xml:base of all ancestors
    except ValueError:
        return url


def _first(entry: Element, names: Iterable[str], vocabularies: Iterable[str]) -> str:
    for child in entry:
        vocabulary, local = markup.name_of(child)
        if local in names and vocabulary in vocabularies and (text := markup.text_of(child).strip()):
            return text
    return ""


def _date(entry: Element, names: tuple[str, ...]) -> datetime | None:
    return markup.moment(_first(entry, names, (*markup.CORE, "dc")))


def _from_json(text: str, *, url: str) -> Feed:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"{url}: this is no feed: the JSON cannot be read: {error}", url=url) from error
    version, items = data.get("version"), data.get("items")
    if not isinstance(version, str) or not version.startswith(_JSON_FEED) or not isinstance(items, list):
        raise DiscoveryError(f"{url}: this is JSON, but no JSON Feed", url=url, tip="give the site's RSS or Atom feed")
    language = markup.language(_text(data, "language"))
    found = (_from_item(item, url=url, language=language) for item in items[:MAX_ENTRIES] if isinstance(item, dict))
    candidates = {candidate.url: candidate for candidate in found if candidate}
    title = markup.plain(_text(data, "title"))
    return Feed(title, language, tuple(candidates.values()), truncated=len(items) > MAX_ENTRIES)


def _from_item(item: dict[str, Any], *, url: str, language: str | None) -> Candidate | None:
    href = _text(item, "url") or _text(item, "external_url")
    link = absolute(href, url) if href else None
    if link is None:
        return None
    return Candidate(
        url=canonicalise(link),
        via=Via.FEED,
        found_at=url,
        headline=markup.plain(_text(item, "title")),
        published=markup.moment(_text(item, "date_published")),
        modified=markup.moment(_text(item, "date_modified")),
        language=markup.language(_text(item, "language")) or language,
    )


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
