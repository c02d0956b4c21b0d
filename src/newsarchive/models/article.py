"""What was read from a page, and the article that it is a state of."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, Field

from newsarchive.dates import Precision
from newsarchive.models.base import Value
from newsarchive.models.rights import Rights
from newsarchive.text import count_words

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.models.difference import Diff


class Entry(Value):
    """One entry of a live blog."""

    published: AwareDatetime
    """When the entry was published, as the page tells it."""
    paragraph: int = Field(ge=0)
    """The index of its first paragraph in `paragraphs`."""


class Extraction(Value):
    """What was read from one page, field by field. A field that the page does not tell is None or empty."""

    url: str
    """The URL the page was fetched from."""
    headline: str | None = None
    """Without the site's name."""
    paragraphs: tuple[str, ...] = ()
    """Paragraphs, sub-headings, quotes and list items in reading order; no markup, white space folded."""
    entries: tuple[Entry, ...] = ()
    """The entries of a live blog, in the order of the text; empty for other articles."""
    boilerplate: tuple[str, ...] = ()
    """Lines that were taken off the text, since the site prints them on many of its pages."""
    category: str | None = None
    """One human-readable section."""
    categories: tuple[str, ...] = ()
    """All sections that the page names, the main one first."""
    published: AwareDatetime | None = None
    """First publication, with the zone that the page gives; midnight UTC where only the day is known."""
    published_precision: Precision | None = None
    modified: AwareDatetime | None = None
    modified_precision: Precision | None = None
    authors: tuple[str, ...] = ()
    """People and agencies, in the page's order."""
    language: str | None = None
    """Lower-case BCP 47 primary language, such as `vi`."""
    description: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    source: str | None = None
    """The name that the site gives itself, such as `Harbor Post`."""
    canonical_url: str | None = None
    amp_url: str | None = None
    """Where the page's AMP form is."""
    original_url: str | None = None
    """Where the original is, if this is a copy of another site's article."""
    next_part: str | None = None
    """Where the article goes on: a further page that was not captured, so that its text is missing here."""
    is_free: bool | None = None
    """False behind a paywall, None where the page does not say."""
    rights: Rights = Rights()
    """What the publisher reserves, by the page, its HTTP fields and, in an archive, the files of its site."""
    provenance: dict[str, str] = Field(default_factory=dict)
    """Field name to the extractor that gave it, such as `published: json-ld`."""
    extractor: str = ""
    """Name and versions of what read the page."""

    @cached_property
    def body(self) -> str:
        """The paragraphs, with an empty line between them."""
        return "\n\n".join(self.paragraphs)

    @cached_property
    def word_count(self) -> int:
        """Words in the body; a character counts as a word in scripts written without spaces."""
        return count_words(self.body)

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values, with `body` and `word_count`."""
        record = self.model_dump(mode="json")
        record["body"] = self.body
        record["word_count"] = self.word_count
        return record


class Version(Extraction):
    """One accepted state of an article: what was read, tied to the capture that first showed it.

    The state never changes. What was read of it may: a later extractor reads the same capture again.
    """

    article_id: str
    number: int = Field(ge=1)
    """Counted from 1, in the order of capture."""
    captured_at: AwareDatetime
    record_id: str
    """WARC-Record-ID of the capture."""
    digest: str
    """Digest of headline and text, white space folded. What differs from it in noise alone is the same version."""

    def diff(self, other: Version) -> Diff:
        """How another version, of this article or another, differs from this one."""
        from newsarchive.models.difference import Diff  # noqa: PLC0415 - most versions are never compared

        return Diff.of(self, other)


class Gone(Value):
    """That an article stands at its URL no more. What was captured of it stays."""

    since: AwareDatetime
    """The first capture that said so after the article's last one; it went some time between the two."""
    why: str
    """`404`, `410`, or the redirect that leads away, such as `302 to https://harbor.example/`."""


class Article(Value):
    """The work across time. What its newest version says can be read from it directly."""

    id: str
    """Twelve characters, derived from the URL; the same in every archive."""
    url: str
    """The canonical URL."""
    source: str
    """The source's name in the settings, or else the site's host without `www`."""
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    gone: Gone | None = None
    """None while the newest capture of its URL shows it."""
    versions: tuple[Version, ...]
    """Oldest first; never empty."""
    rights: Rights = Rights()
    """What the publisher reserves by the newest capture, which speaks for all versions."""

    @property
    def latest(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    @property
    def headline(self) -> str | None:
        """Headline of the newest version."""
        return self.latest.headline

    @property
    def body(self) -> str:
        """Text of the newest version, paragraphs parted by an empty line."""
        return self.latest.body

    @property
    def category(self) -> str | None:
        """Category of the newest version."""
        return self.latest.category

    @property
    def published(self) -> datetime | None:
        """First publication as the newest version tells it, aware."""
        return self.latest.published

    @property
    def authors(self) -> tuple[str, ...]:
        """Authors of the newest version."""
        return self.latest.authors

    @property
    def language(self) -> str | None:
        """Language of the newest version, such as `vi`."""
        return self.latest.language

    def diff(self, one: int = 0, other: int = -1) -> Diff:
        """How one version differs from another, by their places in `versions`: `diff(0, -1)` is first against last.

        Raises:
            IndexError: there is no version at a place.
        """
        return self.versions[one].diff(self.versions[other])

    def at(self, when: datetime) -> Version | None:
        """The version that was up at a time, as far as the captures tell; None before the first one."""
        seen = [version for version in self.versions if version.captured_at <= when]
        return seen[-1] if seen else None
