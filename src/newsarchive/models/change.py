"""One change of an article between two captures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

KINDS: Final = ("headline", "body", "published-date", "gone")
"""What can change: the headline, the text, the date of first publication; or the article is taken from its URL."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became different between two captures of an article."""

    article_id: str
    url: str
    """The article's canonical URL."""
    source: str
    kinds: tuple[str, ...]
    """One or more of `KINDS`."""
    unchanged_at: datetime
    """The last capture that still showed the old state. The change was made between this time and `seen_at`."""
    seen_at: datetime
    """The first capture that showed the new state."""
    record_id: str
    """WARC-Record-ID of that capture."""
    old_version: int
    """Number of the version before."""
    new_version: int
    """Number of the version after; the same where neither headline nor text changed."""
    old_headline: str
    new_headline: str
    words_added: int
    """In headline and text together."""
    words_removed: int
    old_published: str | None = None
    """Where the date of publication changed: what it was, ISO 8601; a day alone where only that was told."""
    new_published: str | None = None
    why: str | None = None
    """Where the article is gone: what the server answered, as in `Gone.why`."""

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values; times are ISO 8601."""
        record = asdict(self)
        record["kinds"] = list(self.kinds)
        for name in ("unchanged_at", "seen_at"):
            record[name] = getattr(self, name).isoformat()
        return record
