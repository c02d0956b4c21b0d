"""Where the outlets of the sample newsroom list their articles: robots.txt, sitemaps, feeds, home and section pages.

Robots: RFC 9309. Sitemaps: https://www.sitemaps.org/protocol.html, with the news extension. Feeds: RSS 2.0
(https://www.rssboard.org/rss-specification) and Atom (RFC 4287).
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from newsarchive.sample import chrome, themes
from newsarchive.sample.articles import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from newsarchive.sample.articles import SampleArticle
    from newsarchive.sample.chrome import Frame
    from newsarchive.sample.outlets import Section

SITEMAP_INDEX: Final = "/sitemap.xml"
NEWS_SITEMAP: Final = "/news-sitemap.xml"
PAGES_SITEMAP: Final = "/sitemap-pages.xml"
_NEWS_AGE: Final = timedelta(days=2)
"""A news sitemap holds the articles of the last two days."""
_FEED_LENGTH: Final = 20
_HOME_LENGTH: Final = 12
_TRACKED: Final = 3
"""Every third link of the Harbor Post's listings carries tracking parameters."""
_TRACKING: Final = "?utm_source=homepage&utm_medium=teaser&utm_campaign=spring"
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS_SPACE: Final = "http://www.google.com/schemas/sitemap-news/0.9"

_LISTED: Final = frozenset(Kind) - {Kind.NO_ARTICLE}
_IN_SITEMAP: Final = frozenset(Kind) - {Kind.PRINT, Kind.REDIRECT}
_IN_FEED: Final = frozenset({Kind.ARTICLE, Kind.WIRE_COPY, Kind.PAYWALLED, Kind.SHORT})


def robots(frame: Frame) -> str:
    """What crawlers may do, and where the sitemaps are."""
    lines = ["User-agent: *", *frame.outlet.robots, "Disallow: /search", ""]
    if frame.outlet.has_sitemap:
        lines += [f"Sitemap: {frame.origin}{SITEMAP_INDEX}", f"Sitemap: {frame.origin}{NEWS_SITEMAP}", ""]
    return "\n".join(lines)


def months(entries: Iterable[SampleArticle]) -> dict[str, list[SampleArticle]]:
    """The entries that stand in a monthly sitemap, by path of the sitemap; undated ones stand in the one for pages."""
    kept = [entry for entry in entries if entry.kind in _IN_SITEMAP]
    grouped = groupby(kept, lambda entry: f"/sitemap-{entry.published:%Y-%m}.xml" if entry.published else PAGES_SITEMAP)
    return {path: list(group) for path, group in grouped}


def sitemap_index(frame: Frame, entries: Sequence[SampleArticle]) -> str:
    """The index of the monthly sitemaps, each with its latest change."""
    sitemaps = "".join(
        f"<sitemap><loc>{frame.origin}{path}</loc>{_lastmod(newest(group))}</sitemap>\n"
        for path, group in months(entries).items()
    )
    return f'{_XML}<sitemapindex xmlns="{_SITEMAP_SPACE}">\n{sitemaps}</sitemapindex>\n'


def sitemap(frame: Frame, entries: Iterable[SampleArticle]) -> str:
    """One monthly sitemap."""
    urls = "".join(f"<url><loc>{entry.url(frame.port)}</loc>{_lastmod(entry.modified)}</url>\n" for entry in entries)
    return f'{_XML}<urlset xmlns="{_SITEMAP_SPACE}">\n{urls}</urlset>\n'


def news_sitemap(frame: Frame, entries: Sequence[SampleArticle]) -> str:
    """The articles of the last two days, with title and time."""
    dated = [entry for entry in entries if entry.kind in _IN_FEED and entry.published]
    fresh = [entry for entry in dated if _age(entry, dated[0]) <= _NEWS_AGE]
    urls = "".join(
        f"<url><loc>{entry.url(frame.port)}</loc><news:news><news:publication><news:name>{escape(frame.outlet.title)}"
        f"</news:name><news:language>{entry.language}</news:language></news:publication><news:publication_date>"
        f"{_iso(entry.published)}</news:publication_date><news:title>{escape(entry.headline)}</news:title></news:news></url>\n"
        for entry in fresh
    )
    return f'{_XML}<urlset xmlns="{_SITEMAP_SPACE}" xmlns:news="{_NEWS_SPACE}">\n{urls}</urlset>\n'


def _age(entry: SampleArticle, newest_entry: SampleArticle) -> timedelta:
    if entry.published is None or newest_entry.published is None:
        return timedelta.max
    return newest_entry.published - entry.published


def newest(entries: Iterable[SampleArticle]) -> datetime | None:
    """The latest change among entries; None where none is dated."""
    return max((entry.modified for entry in entries if entry.modified), default=None)


def _lastmod(moment: datetime | None) -> str:
    return f"<lastmod>{_iso(moment)}</lastmod>" if moment else ""


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def feed(frame: Frame, entries: Iterable[SampleArticle]) -> str:
    """The newest articles, as RSS or as Atom."""
    fresh = [entry for entry in entries if entry.kind in _IN_FEED][:_FEED_LENGTH]
    return _atom(frame, fresh) if frame.outlet.atom else _rss(frame, fresh)


def _rss(frame: Frame, entries: Iterable[SampleArticle]) -> str:
    items = "".join(
        f"<item><title>{escape(entry.headline)}</title><link>{entry.url(frame.port)}</link>"
        f'<guid isPermaLink="true">{entry.url(frame.port)}</guid><category>{escape(entry.category)}</category>'
        f"<dc:creator>{escape(chrome.names(frame, entry.authors))}</dc:creator>"
        f"<pubDate>{format_datetime(entry.published) if entry.published else ''}</pubDate>"
        f"<description>{escape(entry.paragraphs[0])}</description></item>\n"
        for entry in entries
    )
    return (
        f'{_XML}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{escape(frame.outlet.title)}'
        f"</title><link>{frame.origin}/</link><description>{frame.say('latest')}</description>\n{items}</channel></rss>\n"
    )


def _atom(frame: Frame, entries: Sequence[SampleArticle]) -> str:
    items = "".join(
        f'<entry><title>{escape(entry.headline)}</title><link rel="alternate" href="{entry.url(frame.port)}"/>'
        f"<id>{entry.url(frame.port)}</id><published>{_iso(entry.published)}</published>"
        f"<updated>{_iso(entry.modified)}</updated>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in entry.authors)
        + f"<summary>{escape(entry.paragraphs[0])}</summary></entry>\n"
        for entry in entries
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(frame.outlet.title)}</title>'
        f'<id>{frame.origin}/</id><updated>{_iso(newest(entries))}</updated><link rel="self" '
        f'href="{frame.origin}{frame.outlet.feed_path}"/>\n{items}</feed>\n'
    )


def home_page(frame: Frame, entries: Iterable[SampleArticle]) -> str:
    """The newest articles of all sections."""
    shown = [entry for entry in entries if entry.kind is Kind.ARTICLE][:_HOME_LENGTH]
    return _list_page(frame, frame.outlet.title, shown, path="/", language=frame.outlet.language)


def section_entries(section: Section, entries: Iterable[SampleArticle]) -> list[SampleArticle]:
    """What the pages of a section link to, newest first."""
    return [entry for entry in entries if entry.kind in _LISTED and entry.category == section.title]


def section_page(frame: Frame, section: Section, entries: Sequence[SampleArticle], *, number: int) -> str:
    """One page of a section, of the entries that `section_entries` gave."""
    size = frame.outlet.page_size or len(entries)
    shown = entries[(number - 1) * size : number * size]
    links = []
    if number > 1:
        links.append(("prev", frame.outlet.section_url_path(section, number - 1), frame.say("newer")))
    if number * size < len(entries):
        links.append(("next", frame.outlet.section_url_path(section, number + 1), frame.say("older")))
    pager = "".join(f'<a class="ls-page" rel="{rel}" href="{path}">{text}</a> ' for rel, path, text in links)
    path = frame.outlet.section_url_path(section, number)
    language = section.language or frame.outlet.language
    return _list_page(frame, section.title, shown, path=path, language=language, pager=pager)


def _list_page(
    frame: Frame, title: str, entries: Iterable[SampleArticle], *, path: str, language: str, pager: str = ""
) -> str:
    rows = "".join(_row(frame, place, entry) for place, entry in enumerate(entries))
    head = (
        f"<title>{escape(title)} – {escape(frame.outlet.title)}</title>"
        f'<link rel="canonical" href="{frame.origin}{path}"><meta property="og:type" content="website">'
    )
    body = f'<main class="ls-body"><h1>{escape(title)}</h1><div class="ls-list">\n{rows}</div>{pager}</main>'
    return themes.page(frame, prefix="ls", language=language, head=head, body=body)


def _row(frame: Frame, place: int, entry: SampleArticle) -> str:
    tracked = frame.outlet.page_size and place % _TRACKED == 1
    href = escape(entry.path + (_TRACKING if tracked else ""))
    teaser = escape(entry.paragraphs[0][:120]) if entry.paragraphs else ""
    return (
        f'<div class="ls-row">{chrome.picture(entry, "ls")}<h2><a href="{href}">{escape(entry.headline)}</a></h2>'
        f"<p>{teaser} …</p><span>{chrome.short_day(entry.published)}</span></div>\n"
    )
