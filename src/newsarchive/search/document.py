"""What the index gets of an article, and what every engine makes of it in the same way.

The words of the body are indexed; the body itself is kept in the store only.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.models.query import Property

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.models.query import State

LONGEST_ID: Final = 16
LONGEST_URL: Final = 2_000
"""Bytes of a URL that are indexed."""
LONGEST_HEADLINE: Final = 65_535
"""Words of a headline that are indexed."""
VALUE_GAP: Final = 100
"""Positions between two authors, so that no phrase runs from one to the next."""


class Document(NamedTuple):
    """One article as the index sees it; written with the names of its fields.

    A tuple goes to another process in a third of the time that a dataclass takes.
    """

    id: str
    """At most 16 ASCII characters."""
    url: str
    headline: str
    body: str
    first_seen: datetime
    last_seen: datetime
    published: datetime | None = None
    """Aware; None where the page does not tell."""
    category: str | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Every name that finds it: the source's name, its host, the name that the site gives itself."""
    tags: tuple[str, ...] = ()
    language: str | None = None
    word_count: int = 0
    versions: int = 1
    changed: datetime | None = None
    """When its newest change of headline or text was seen."""
    states: tuple[State, ...] = ()


def id_bytes(text: str) -> bytes:
    """An id as an index holds it.

    Raises:
        ValueError: not 1 to 16 ASCII characters.
    """
    if not 0 < len(text) <= LONGEST_ID or not text.isascii() or "\0" in text:
        raise ValueError(f"an id has 1 to {LONGEST_ID} ASCII characters, not {text!r}")
    return text.encode()


def url_key(url: str) -> str:
    """A URL as its index term."""
    return url.encode()[:LONGEST_URL].decode(errors="ignore").replace("\n", "%0A")


def month_of(moment: datetime) -> int:
    """Months since January 1970, in UTC."""
    day = moment.astimezone(UTC)
    return (day.year - 1970) * 12 + day.month - 1


def month_name(number: int) -> str:
    """What `month_of` counted, as it is shown.

    >>> month_name(-1), month_name(589)
    ('1969-12', '2019-02')
    """
    year, month = divmod(number, 12)
    return f"{1970 + year:04}-{month + 1:02}"


def properties_of(document: Document) -> dict[Property, bool]:
    """Which properties a document has, in the order of `Property`."""
    return {
        Property.AUTHOR: bool(document.authors),
        Property.CATEGORY: bool(document.category),
        Property.HEADLINE: bool(document.headline),
        Property.LANGUAGE: bool(document.language),
        Property.PUBLISHED: document.published is not None,
        Property.TAG: bool(document.tags),
    }
