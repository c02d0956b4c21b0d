"""What an archive shows without a search: an article, the captures of a URL, the bytes of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Final

from newsarchive.archive.moments import asked_span, aware
from newsarchive.archive.opened import Opened
from newsarchive.digests import article_id
from newsarchive.errors import NotFound
from newsarchive.folding import article_key
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.models import Article, Capture, Payload
    from newsarchive.storage import Bar, Rejection

_WITHDRAWN: Final = "`newsarchive withdraw --log` says when and why"


class Reading(Opened):
    """The part of `Archive` that looks things up."""

    def get(self, url_or_id: str) -> Article:
        """The article of a URL (canonical, or as it was fetched) or id, with all its versions.

        Raises:
            NotFound: the archive has no such article, or it is opted out.
        """
        articles = self._holdings.articles
        if is_web_url(url_or_id):
            exact = articles.by_url(canonicalise(url_or_id)) or articles.by_url(url_or_id)
            article = exact or articles.get(article_id(article_key(url_or_id)))
        else:
            article = articles.get(url_or_id)
        if article is None:
            raise self._missing(url_or_id)
        if bar := self._holdings.barring.why(article.url):
            raise _barred(article.url, bar)
        return article

    def _missing(self, url_or_id: str) -> NotFound:
        barring = self._holdings.barring
        if is_web_url(url_or_id) and (bar := barring.why(canonicalise(url_or_id)) or barring.why(url_or_id)):
            return _barred(url_or_id, bar)
        if barring.was_withdrawn(url_or_id):
            return NotFound(f"{url_or_id} is not shown: withdrawn", tip=_WITHDRAWN)
        return NotFound(f"no article {url_or_id} in {self.folder}", tip="`newsarchive rejected` lists what was refused")

    def articles(self) -> Iterator[Article]:
        """Every article with all its versions, in the order of their ids; those that are opted out are left out."""
        for key in self._holdings.articles.ids():
            article = self._holdings.articles.get(key)
            if article is not None and self._holdings.barring.why(article.url) is None:
                yield article

    def captures(self, url: str) -> tuple[Capture, ...]:
        """Every capture of a URL, oldest first, whatever became of it."""
        captures = self._holdings.captures
        exact = tuple(captures.of_url(url))
        return exact if exact or not is_web_url(url) else tuple(captures.of_url(canonicalise(url)))

    def capture_at(self, url: str, when: str | datetime | None = None) -> Capture:
        """The capture of a URL nearest before a moment, or the first one after it where there is none before.

        Args:
            url: as it was fetched, or canonical.
            when: such as `2019-02-28`, `2019-02-28T12:00` or `7d`, or an aware datetime; a day includes all of itself.
                None means the newest.

        Raises:
            NotFound: the URL was never captured.
            UsageError: `when` is no time.
        """
        moment = _moment(when)
        captures = self._holdings.captures
        found = captures.at(url, moment) or (captures.at(canonicalise(url), moment) if is_web_url(url) else None)
        if found is None:
            raise NotFound(f"{url} was never captured in {self.folder}", tip="`newsarchive cdxj` lists every capture")
        return found

    def cdxj(self, url: str | None = None) -> Iterator[str]:
        """The lines of one sorted CDXJ index of the whole archive, or of a URL; each with its line feed.

        That of the whole archive is for replay tools, which show an empty page where they are led to an answer 304
        (pywb 2.10); it leaves these out, so that the capture is shown whose bytes they say are still so.

        It is made from the records, so captures of WARC files that are still open are in it as well, under the name
        that their file will have.
        """
        from newsarchive.warc import cdxj_key, cdxj_line  # noqa: PLC0415 - searching needs no WARC reader

        if url is not None:
            yield from sorted(map(cdxj_line, self.captures(url)))
            return

        def key(url: str, captured_at: str) -> str:
            return cdxj_key(url, datetime.fromisoformat(captured_at))

        found = self._holdings.captures.sorted_by(key)
        lines = (cdxj_line(capture) for capture in found if capture.status != HTTPStatus.NOT_MODIFIED)
        for _, alike in groupby(lines, key=lambda line: line.split(" {", 1)[0]):
            yield from sorted(alike)

    def http(self, record_id: str) -> bytes:
        """The answer of the server as it came, head and body with the content coding kept (of a file its bytes).

        Of a revisit it is the answer that it refers to. Errors as in `payload`.
        """
        from newsarchive.warc import read_block  # noqa: PLC0415 - as in `payload`

        return read_block(self._holdings.warc_folder, self._original(record_id).place)

    def warc_records(self, record_id: str) -> bytes:
        """The WARC records of a capture, a WARC file of their own: response or revisit, request and metadata.

        Those of the capture that a revisit refers to come first. Errors as in `payload`.
        """
        from newsarchive.warc import read_records  # noqa: PLC0415 - as in `payload`

        capture, original = self._known(record_id), self._original(record_id)
        needed = [original] if original.record_id == capture.record_id else [original, capture]
        return b"".join(read_records(self._holdings.warc_folder, one.place) for one in needed)

    def payload(self, record_id: str) -> Payload:
        """The bytes of a capture, without content coding; of a revisit those of the capture that it refers to.

        Raises:
            NotFound: no capture has this WARC-Record-ID, or the archive never had what it refers to.
            WarcError: the file holds something else at the capture's place.
        """
        from newsarchive.warc import read_payload  # noqa: PLC0415 - searching needs no WARC reader

        payload = read_payload(self._holdings.warc_folder, self._original(record_id).place)
        return payload.model_copy(update={"url": self._known(record_id).url})

    def _known(self, record_id: str) -> Capture:
        capture = self._holdings.captures.by_record(record_id)
        if capture is None:
            raise NotFound(f"no capture {record_id} in {self.folder}")
        return capture

    def _original(self, record_id: str) -> Capture:
        capture = self._known(record_id)
        original = self._holdings.captures.original(capture)
        if original is None:
            raise NotFound(
                f"{capture.url}: this capture only says that the page was as before, and that is not in {self.folder}",
                tip="import the WARC file that holds the earlier capture",
            )
        return original.capture

    def rejected(self, *, code: str | None = None, source: str | None = None) -> Iterator[Rejection]:
        """Captures that were kept but are no articles, newest first, with their problems."""
        return self._holdings.captures.rejected(code=code, source=source)


def _moment(when: str | datetime | None) -> datetime | None:
    """The last moment that is meant."""
    if when is None:
        return None
    if isinstance(when, datetime):
        return aware("when", when)
    span = asked_span("when", when, now=datetime.now(UTC).astimezone())
    return span.end - timedelta(microseconds=1) if span.end else span.start


def _barred(url: str, bar: Bar) -> NotFound:
    tip = "`newsarchive optout remove` shows it again" if bar.kind == "opted-out" else _WITHDRAWN
    return NotFound(f"{url} is not shown: {bar}", tip=tip)
