"""What one outlet of the sample newsroom answers to a path. Pages are written when they are asked for.

Validators follow RFC 9110, section 8.8: an ETag over the bytes, a Last-Modified where the page has a time of change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from newsarchive.sample import listings, themes
from newsarchive.sample.articles import Kind
from newsarchive.sample.chrome import Frame

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from newsarchive.sample.articles import SampleArticle
    from newsarchive.sample.outlets import Outlet, Section

HTML: Final = "text/html"
XML: Final = "application/xml; charset=utf-8"
_PAGE = re.compile(r"(?P<section>.*/)page/(?P<number>[2-9]|[1-9]\d)/")
_BOX: Final = 8
"""Links in the boxes beside an article."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered, before any content coding."""

    status: int
    content_type: str
    body: bytes
    last_modified: datetime | None = None
    location: str = ""
    """Where a redirect leads, absolute."""
    chunked: bool = False

    @property
    def etag(self) -> str:
        """A weak validator: the same for the page with and without gzip (RFC 9110, section 8.8.3)."""
        return f'W/"{sha256(self.body).hexdigest()[:20]}"'


@dataclass(frozen=True)
class Site:
    """One outlet with all its entries, newest first."""

    outlet: Outlet
    entries: tuple[SampleArticle, ...]

    @cached_property
    def _by_path(self) -> Mapping[str, SampleArticle]:
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def _sections(self) -> Mapping[str, Section]:
        return {self.outlet.section_url_path(section): section for section in self.outlet.sections}

    @cached_property
    def _boxed(self) -> tuple[SampleArticle, ...]:
        """What other articles link to. None is about the summit: the edited one must change no page but its own."""
        return tuple(entry for entry in self.entries if entry.kind is Kind.ARTICLE and not entry.summit)

    def answer(self, target: str, *, port: int) -> Response:
        """What is answered to a path with or without a query; absolute URLs in it name `port`."""
        path = target.partition("?")[0]
        entry = self._by_path.get(path)
        if entry:
            return self._entry(entry, port)
        frame = Frame(self.outlet, port)
        return (
            self._machine_file(path, frame)
            or self._listing(path, frame)
            or self._print_view(path, port)
            or missing(frame)
        )

    def _entry(self, entry: SampleArticle, port: int) -> Response:
        frame = self._frame(entry, port)
        if entry.kind is Kind.GONE:
            return missing(frame)
        if entry.kind is Kind.REDIRECT and entry.target:
            return Response(301, HTML, b"", location=f"{frame.origin}{entry.target[1]}")
        write = {Kind.PRINT: themes.print_page, Kind.NO_ARTICLE: themes.about_page}.get(entry.kind, themes.article_page)
        return _page(write(frame, entry), charset=entry.charset, changed=entry.modified, chunked=entry.chunked)

    def _frame(self, entry: SampleArticle, port: int) -> Frame:
        others = [one for one in self._boxed if one.path != entry.path]
        turn = len(entry.headline) * 7 % max(1, len(others) - _BOX)
        return Frame(self.outlet, port, tuple(others[turn : turn + _BOX]), tuple(others[:_BOX]))

    def _machine_file(self, path: str, frame: Frame) -> Response | None:
        changed = listings.newest(self.entries)
        if path == "/robots.txt":
            return Response(200, "text/plain; charset=utf-8", listings.robots(frame).encode())
        if path == self.outlet.feed_path:
            kind = "atom" if self.outlet.atom else "rss"
            body = listings.feed(frame, self.entries).encode()
            return Response(200, f"application/{kind}+xml; charset=utf-8", body, changed)
        if not self.outlet.has_sitemap:
            return None
        if path == listings.SITEMAP_INDEX:
            return Response(200, XML, listings.sitemap_index(frame, self.entries).encode(), changed)
        if path == listings.NEWS_SITEMAP:
            return Response(200, XML, listings.news_sitemap(frame, self.entries).encode(), changed)
        group = listings.months(self.entries).get(path)
        return Response(200, XML, listings.sitemap(frame, group).encode(), listings.newest(group)) if group else None

    def _listing(self, path: str, frame: Frame) -> Response | None:
        changed = listings.newest(self.entries)
        if path == "/":
            return _page(listings.home_page(frame, self.entries), changed=changed)
        later = _PAGE.fullmatch(path) if self.outlet.page_size else None
        section = self._sections.get(later["section"] if later else path)
        if section is None:
            return None
        number = int(later["number"]) if later else 1
        entries = listings.section_entries(section, self.entries)
        if later and (number - 1) * self.outlet.page_size >= len(entries):
            return None
        return _page(listings.section_page(frame, section, entries, number=number), changed=changed)

    def _print_view(self, path: str, port: int) -> Response | None:
        """Northline has a print view of every article, which its robots.txt denies."""
        entry = self._by_path.get(path.removeprefix("/print"))
        if entry is None or not path.startswith("/print/") or "Disallow: /print/" not in self.outlet.robots:
            return None
        if not entry.paragraphs:
            return None
        view = replace(entry, path=path, kind=Kind.PRINT, target=entry.key)
        return _page(themes.print_page(self._frame(view, port), view), changed=entry.modified)


def _page(text: str, *, charset: str = "utf-8", changed: datetime | None = None, chunked: bool = False) -> Response:
    if charset != "utf-8":
        text = text.replace('<meta charset="utf-8">', f'<meta charset="{charset}">')
    body = text.encode(charset, errors="xmlcharrefreplace")
    return Response(200, f"{HTML}; charset={charset}", body, changed, chunked=chunked)


def missing(frame: Frame) -> Response:
    """The page of an outlet that has no such page."""
    body = f"<main><h1>404</h1><p>{frame.say('missing')}</p></main>"
    text = themes.page(frame, prefix="ls", language=frame.outlet.language, head="<title>404</title>", body=body)
    return replace(_page(text), status=404)
