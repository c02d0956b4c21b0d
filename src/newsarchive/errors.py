"""Every error that newsarchive raises, as one tree.

    NewsarchiveError
    ├── UsageError                  the call cannot be carried out as it was made
    │   ├── SettingsError           newsarchive.toml says something it cannot say
    │   ├── QuerySyntaxError        a query that cannot be read
    │   └── UnknownSource           a source that the settings do not list
    ├── ArchiveError                the archive folder as a whole
    │   ├── ArchiveNotFound
    │   ├── ArchiveExists
    │   ├── ArchiveLocked
    │   │   └── CrawlOverlaps       the crawl before this one still runs
    │   ├── ArchiveTooNew
    │   ├── ArchiveReadOnly
    │   └── IndexMissing
    ├── IntegrityError              what is stored is not what was written
    │   └── WarcError               a WARC file that cannot be read at some place
    ├── NotFound                    no such article, version or capture
    ├── DiscoveryError              a robots file, sitemap, feed or page that cannot be read as one
    ├── ExtractionError             a page that no extractor could read
    ├── FetchError                  a page that could not be fetched
    └── MissingExtra                an optional library is not installed

Expected outcomes are values, not exceptions: a page that is no article ends as a `Verdict`.
A message says what happened, to what, and (as `tip`) what to do next.
"""

from __future__ import annotations

from typing import ClassVar, Final


class NewsarchiveError(Exception):
    """Base of all errors of this package.

    Attributes:
        message: what happened, and to what.
        tip: what to try next, or an empty string.
        exit_code: what the command line ends with (see `newsarchive help exit-codes`).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, tip: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip


class UsageError(NewsarchiveError):
    """The call cannot be carried out as it was made."""

    exit_code = 2


class SettingsError(UsageError):
    """`newsarchive.toml` holds a key or a value that it cannot hold; `key` names it, dotted."""

    def __init__(self, message: str, *, key: str = "", tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.key = key


class QuerySyntaxError(UsageError):
    """A query that cannot be read; `start` and `end` mark the place in `query`, counted in characters."""

    def __init__(self, message: str, *, query: str, start: int, end: int, tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.query = query
        self.start = start
        self.end = end

    def caret(self) -> str:
        """The query with a line of carets under the place that could not be read.

        What cannot be printed is shown as spaces; of a long query only the surroundings of the place are.

        >>> print(QuerySyntaxError("", query="東京 AND (", start=7, end=8).caret())
        東京 AND (
                 ^
        """
        first, end = max(0, self.start - _AROUND), min(len(self.query), self.start + 2 * _AROUND)
        line = "".join(char if char.isprintable() else " " for char in self.query[first:end])
        place = self.start - first
        before = "…" if first else ""
        line = before + line + ("…" if end < len(self.query) else "")
        indent = sum(map(_columns, before + line[len(before) : len(before) + place]))
        marked = line[len(before) + place : len(before) + self.end - first]
        return f"{line}\n{' ' * indent}{'^' * max(1, sum(map(_columns, marked)))}"


_AROUND: Final = 60
"""Characters of a long query that are shown before the place of an error; twice as many after its start."""


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes: none where it is a mark upon another."""
    import unicodedata  # noqa: PLC0415 - only where an error is shown

    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class UnknownSource(UsageError):
    """A source that the settings do not list."""


class ArchiveError(NewsarchiveError):
    """The archive folder cannot be used."""

    exit_code = 3


class ArchiveNotFound(ArchiveError):
    """No archive at the given place, nor in a folder above it."""


class ArchiveExists(ArchiveError):
    """`init` was asked to make an archive where one stands."""


class ArchiveLocked(ArchiveError):
    """Another process holds the lock that this call needs."""


class CrawlOverlaps(ArchiveLocked):
    """The source is being crawled by another process: an overlapping start, as when a scheduled crawl takes long."""

    exit_code = 4


class ArchiveTooNew(ArchiveError):
    """The archive was written by a newer newsarchive than this one."""


class ArchiveReadOnly(ArchiveError):
    """A change was asked of an archive that was opened for reading."""


class IndexMissing(ArchiveError):
    """The search index is absent or was built by another version; `newsarchive rebuild` makes it anew."""


class IntegrityError(NewsarchiveError):
    """What is stored is not what was written."""

    exit_code = 5


class WarcError(IntegrityError):
    """A WARC file cannot be read at some place; `path` and `offset` (bytes) say where."""

    def __init__(self, message: str, *, path: str, offset: int, tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.path = path
        self.offset = offset


class NotFound(NewsarchiveError):
    """No such article, version or capture."""


class DiscoveryError(NewsarchiveError):
    """Bytes that were expected to be a sitemap or feed cannot be read as one; `url` names them."""

    def __init__(self, message: str, *, url: str = "", tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.url = url


class ExtractionError(NewsarchiveError):
    """A page that no extractor could read; `reason` is one of the codes in `docs/validation.md`."""

    def __init__(self, message: str, *, reason: str, tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.reason = reason


class FetchError(NewsarchiveError):
    """A page could not be fetched; `url` names it."""

    def __init__(self, message: str, *, url: str, tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.url = url


class MissingExtra(NewsarchiveError):
    """An optional library is not installed; `tip` holds the command that installs it."""
