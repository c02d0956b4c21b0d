"""What an archive shows without a search: an article, the captures of a URL, the bytes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.archive.opened import Opened
from newsarchive.digests import article_id
from newsarchive.errors import NotFound
from newsarchive.folding import article_key
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.models import Article, Capture, Payload
    from newsarchive.storage import Rejection


class Reading(Opened):
    """The part of `Archive` that looks things up."""

    def get(self, url_or_id: str) -> Article:
        """The article of a URL (canonical, or as it was fetched) or id, with all its versions.

        Raises:
            NotFound: the archive has no such article.
        """
        articles = self._holdings.articles
        if is_web_url(url_or_id):
            exact = articles.by_url(canonicalise(url_or_id)) or articles.by_url(url_or_id)
            article = exact or articles.get(article_id(article_key(url_or_id)))
        else:
            article = articles.get(url_or_id)
        if article is None:
            tip = "`newsarchive rejected` lists what was refused"
            raise NotFound(f"no article {url_or_id} in {self.folder}", tip=tip)
        return article

    def articles(self) -> Iterator[Article]:
        """Every article with all its versions, in the order of their ids."""
        for key in self._holdings.articles.ids():
            article = self._holdings.articles.get(key)
            if article is not None:
                yield article

    def captures(self, url: str) -> tuple[Capture, ...]:
        """Every capture of a URL, oldest first, whatever became of it."""
        captures = self._holdings.captures
        return tuple(captures.of_url(url)) or tuple(captures.of_url(canonicalise(url)))

    def payload(self, record_id: str) -> Payload:
        """The bytes of a capture, without content coding.

        Raises:
            NotFound: no capture has this WARC-Record-ID.
            WarcError: the file holds something else at the capture's place.
        """
        from newsarchive.warc import read_payload  # noqa: PLC0415 - searching needs no WARC reader

        capture = self._holdings.captures.by_record(record_id)
        if capture is None:
            raise NotFound(f"no capture {record_id} in {self.folder}")
        return read_payload(self._holdings.warc_folder, capture.place)

    def rejected(self, *, code: str | None = None, source: str | None = None) -> Iterator[Rejection]:
        """Captures that were kept but are no articles, newest first, with their problems."""
        return self._holdings.captures.rejected(code=code, source=source)
