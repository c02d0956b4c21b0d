"""Captures as a WARC file or a WACZ file, for the tools that others use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from newsarchive.errors import NotFound, UsageError
from newsarchive.export.gathering import Gathering, Versions
from newsarchive.export.outcome import Exported, beside, outcome
from newsarchive.version import __version__
from newsarchive.warc import Page, WaczWriter, WarcStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from newsarchive.export.gathering import Gathered
    from newsarchive.holdings import Holdings
    from newsarchive.models import Article

__all__ = ["FORMATS", "Contents", "Versions", "format_of", "write_export"]

_TELL_EVERY: Final = 50


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into an export."""

    articles: Iterable[Article]
    asked: str
    """How the articles were chosen, in words."""
    versions: Versions = "all"
    """All captures of an article, or only the one that its newest version was read from."""


class _Source:
    """Hands out the articles with their captures, and counts."""

    def __init__(self, holdings: Holdings, contents: Contents, progress: Callable[[int], None] | None) -> None:
        self._gathering = Gathering(holdings, versions=contents.versions)
        self._contents = contents
        self._progress = progress
        self.articles = 0
        self.captures = 0
        self.problems = self._gathering.problems

    def __iter__(self) -> Iterator[tuple[Article, Iterator[Gathered]]]:
        for article in self._contents.articles:
            yield article, self._counted(article)
            self.articles += 1
            if self._progress and self.articles % _TELL_EVERY == 0:
                self._progress(self.articles)

    def _counted(self, article: Article) -> Iterator[Gathered]:
        for gathered in self._gathering.of(article):
            self.captures += 1
            yield gathered


def _write_warc(holdings: Holdings, source: _Source, asked: str, file: IO[bytes], name: str) -> int:
    warc = WarcStream(file, name=name)
    warc.describe(_info(holdings, asked), at=datetime.now(UTC))
    for _, captures in source:
        for capture, records, _ in captures:
            warc.add(capture, records)
    return warc.records


def _write_wacz(holdings: Holdings, source: _Source, asked: str, file: IO[bytes], name: str) -> int:  # noqa: ARG001 - every format is called alike
    about = {"title": holdings.settings.archive.name, "description": f"Captures of the articles: {asked}"}
    with WaczWriter(file, **about, info=_info(holdings, asked), at=datetime.now(UTC)) as wacz:
        for article, captures in source:
            urls = {}
            for capture, records, _ in captures:
                wacz.add(capture, records)
                urls[capture.record_id] = capture.url
            for page in _pages(article, urls):
                wacz.add_page(page)
    return wacz.records


def _pages(article: Article, urls: dict[str, str]) -> Iterator[Page]:
    """A page for each version of which the capture is in the package."""
    for version in article.versions:
        if url := urls.get(version.record_id):
            title = version.headline or url
            yield Page(f"{article.id}@{version.number}", url, version.captured_at, title, version.body)


def _info(holdings: Holdings, asked: str) -> dict[str, str]:
    settings = holdings.settings.archive
    info = {
        "software": f"newsarchive/{__version__}",
        "isPartOf": " ".join(settings.name.split()),
        "description": " ".join(f"Copies of the WARC records of an archive; articles: {asked}".split()),
    }
    return info | ({"operator": settings.contact} if settings.contact else {})


FORMATS: Final[dict[str, Callable[[Holdings, _Source, str, IO[bytes], str], int]]] = {
    "wacz": _write_wacz,
    "warc": _write_warc,
}
"""What each format is written by; it gives the number of WARC records written."""
_ENDINGS: Final = {".wacz": "wacz", ".warc.gz": "warc"}


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        UsageError: it asks for none that is known.
    """
    for ending, form in _ENDINGS.items():
        if path.name.lower().endswith(ending):
            return form
    raise UsageError(
        f"the name {path.name!r} tells no format", tip=f"end it with {' or '.join(_ENDINGS)}, or give --format"
    )


def write_export(
    holdings: Holdings,
    contents: Contents,
    path: Path,
    *,
    form: str | None = None,
    force: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Write the captures of some articles to a file.

    Args:
        holdings: the archive.
        contents: which articles, and what of them.
        path: the file; it appears under this name once it is whole.
        form: one of `FORMATS`; by default what the name's ending says.
        force: replace a file of this name.
        progress: called now and then with the number of articles so far.

    Raises:
        NotFound: there is no article, or none of its captures can be read; nothing is written.
        UsageError: the format is not known, or the file is there already.
        OSError: the file cannot be written.
    """
    form = form or format_of(path)
    if form not in FORMATS:
        raise UsageError(f"there is no format {form!r}", tip=f"known: {', '.join(FORMATS)}")
    source = _Source(holdings, contents, progress)
    with beside(path, force=force) as file:
        records = FORMATS[form](holdings, source, contents.asked, file, path.name)
        if not source.captures:
            why = f"; {source.problems[0]}" if source.problems else ""
            raise NotFound(f"no capture of an article answers: {contents.asked}{why}", tip="nothing was written")
    return outcome(
        path,
        form,
        articles=source.articles,
        captures=source.captures,
        records=records,
        problems=source.problems,
    )
