"""A URL thought to be an article, with the hints of whoever named it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from newsarchive.models.base import Value


class Via(StrEnum):
    """What kind of document named a URL, best evidence first."""

    NEWS_SITEMAP = "news-sitemap"
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    REDIRECT = "redirect"
    PART = "part"
    """A further page of an article, named by the one before it."""
    SEED = "seed"


class Candidate(Value):
    """A URL thought to be an article. Hints are what the source claims; the article's own page decides."""

    url: str
    via: Via
    found_at: str | None = None
    """URL of the document that named it."""
    headline: str | None = None
    published: AwareDatetime | None = None
    modified: AwareDatetime | None = None
    """The sitemap's `lastmod` or the feed's `updated`: a later one than the last capture asks for a new fetch."""
    language: str | None = None
