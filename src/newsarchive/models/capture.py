"""One response at one moment, with its place in a WARC file."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, Field

from newsarchive.models.base import Value

TRY_LATER: Final = frozenset({408, 425, 429, *range(500, 600)})
"""Statuses that say "not now" and nothing of the page itself (RFC 9110, section 15; RFC 6585; RFC 8470)."""


class Role(StrEnum):
    """Why a response was asked for; it decides whether the capture goes down the river."""

    PAGE = "page"
    """Thought to be an article: it is extracted, validated and stored."""
    DISCOVERY = "discovery"
    """A robots file, sitemap, feed or section page: it names articles and is none."""
    PART = "part"
    """A further page of an article: its text belongs to the first one."""


class CaptureState(StrEnum):
    """How far down the river a capture has come."""

    CAPTURED = "captured"
    """The bytes are in the WARC; nothing has read them yet."""
    ACCEPTED = "accepted"
    """Its article is stored (with a new version, or as one more sight of a known one)."""
    REJECTED = "rejected"
    """Kept with its problems; it can be tried again."""
    SET_ASIDE = "set-aside"
    """Not extracted by itself: discovery pages, redirects and further pages of articles."""


class Place(Value):
    """Where a WARC record lies: `length` bytes from byte `offset` of `file`, relative to the folder `warc/`."""

    file: str
    offset: int = Field(ge=0)
    length: int = Field(gt=0)


class Origin(Value):
    """Where a capture's URL was found; kept in the WARC as well, in the capture's metadata record."""

    role: Role = Role.PAGE
    source: str | None = None
    """Name of the source in the settings, or None for imports."""
    via: str | None = None
    """URL of the sitemap, feed or page that named this one."""


class Profile(StrEnum):
    """How it is known that the payload is an earlier one (WARC/1.1, section 6.7); other URIs are kept as they are."""

    IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


class Revisit(Value):
    """What a capture without a payload of its own says of the earlier one whose payload it shares."""

    profile: str
    """WARC-Profile: a `Profile`, or what a foreign writer put there."""
    refers_to: str | None = None
    """WARC-Record-ID of the earlier capture. Foreign writers often leave it out; then URL and time say which."""
    url: str | None = None
    captured_at: AwareDatetime | None = None


class Capture(Value):
    """One response at one moment."""

    record_id: str
    """The WARC-Record-ID, without angle brackets."""
    url: str
    """WARC-Target-URI, as it was asked for."""
    captured_at: AwareDatetime
    """WARC-Date, in UTC."""
    place: Place
    status: int | None = None
    """HTTP status; None for a resource record (a file that came without HTTP)."""
    media_type: str = ""
    """The Content-Type without its parameters, lower case."""
    payload_digest: str = ""
    """`sha1:` and base32, over the payload as it is stored (content coding kept)."""
    location: str | None = None
    """Where a redirect points to, absolute."""
    etag: str | None = None
    last_modified: str | None = None
    origin: Origin = Origin()
    revisit: Revisit | None = None
    """Only where the server sent what it had sent before: the payload is that of an earlier capture."""


class Payload(Value):
    """What an extractor gets of a capture: decoded of its content coding, not of its charset."""

    url: str
    body: bytes
    content_type: str = ""
    """The whole Content-Type header, with the charset that the server named."""
    status: int | None = None
    signals: tuple[tuple[str, str], ...] = ()
    """The HTTP fields that speak of rights (`models.rights.SIGNAL_HEADERS`), names in lower case."""
    parts: tuple[Payload, ...] = ()
    """The further pages of the article, in their order."""
    next_part: str | None = None
    """The first further page that was not captured."""
