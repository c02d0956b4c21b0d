"""What is true of one URL of the sample newsroom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.sample.outlets import Outlet


class Kind(StrEnum):
    """What an entry of the newsroom is, and so what an archive should make of it."""

    ARTICLE = "article"
    WIRE_COPY = "wire-copy"
    """An agency's text under another outlet's name: an article of its own, with known text."""
    PAYWALLED = "paywalled"
    """Only the first paragraphs are there."""
    PRINT = "print"
    """The print view of an article, whose canonical link names the article."""
    REDIRECT = "redirect"
    """Moved for good (301) to the article at `target`."""
    GONE = "gone"
    """Linked, and answered with 404."""
    NO_ARTICLE = "no-article"
    """In the sitemap, and no article."""
    NO_DATE = "no-date"
    SHORT = "short"


ACCEPTED: Final = frozenset({Kind.ARTICLE, Kind.WIRE_COPY, Kind.PAYWALLED})
"""What an undisturbed crawl should end with, each once."""


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """What is true of one URL of the newsroom."""

    outlet: Outlet
    path: str
    headline: str
    paragraphs: tuple[str, ...]
    """As the page shows them."""
    authors: tuple[str, ...] = ()
    category: str = ""
    """The section's title."""
    published: datetime | None = None
    """Aware, in the outlet's zone."""
    modified: datetime | None = None
    language: str = "en"
    kind: Kind = Kind.ARTICLE
    summit: bool = False
    """Whether it is about the Hanoi summit."""
    charset: str = "utf-8"
    chunked: bool = False
    """Whether it is sent in chunks, without a length (RFC 9112, section 7.1)."""
    target: tuple[str, str] | None = None
    """Host and path of what this is a copy, a print view or a redirect of."""

    @property
    def key(self) -> tuple[str, str]:
        """Host and path."""
        return self.outlet.host, self.path

    def url(self, port: int) -> str:
        """Where the article stands when the newsroom is served on a port."""
        return f"http://{self.outlet.host}:{port}{self.path}"
