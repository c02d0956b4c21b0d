"""Derives an article's changes from its readings, and from captures that say that it is gone.

Everything is worked out anew from those rows each time, so it comes out the same in any order of arrival; only what
costs CPU, the comparison of two texts, is taken over from the rows that stand there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.edits import body_sense, compare, is_same_moment, line_sense, without_noise
from newsarchive.text import count_words
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_COLUMNS: Final = (
    "article_id", "capture_id", "seen_at", "unchanged_at", "kinds", "old_version", "new_version", "old_digest",
    "new_digest", "added", "removed", "old_published", "new_published", "why",
)  # fmt: skip
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM changes WHERE article_id = ? ORDER BY seen_at, capture_id"
_INSERT: Final = f"INSERT INTO changes ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_WITHHELD: Final = "SELECT 1 FROM rights WHERE article_id = ? AND withheld LIMIT 1"
_Row = tuple[Any, ...]


class Absence(NamedTuple):
    """Since when an article is gone, and what said so."""

    since: str
    why: str


class Compared(NamedTuple):
    """How two texts of an article differ."""

    kinds: tuple[str, ...]
    added: int
    """Words."""
    removed: int


class Derived(NamedTuple):
    """What became of an article's rows."""

    gone: Absence | None
    differs: bool
    """Whether any row of `changes` is another than before."""


def derive(connection: sqlite3.Connection, article_id: str, *, url: str) -> Derived:
    """Bring an article's rows of `changes` up to date."""
    readings = connection.execute(
        "SELECT capture_id, captured_at, digest, sense, published, url FROM readings WHERE article_id = ?"
        " ORDER BY captured_at, capture_id",
        (article_id,),
    ).fetchall()
    absences = _absences(connection, readings, url)
    before = list(map(tuple, connection.execute(_SELECT, (article_id,))))
    # What two texts differ in is another thing where one of them is withheld, or was.
    withheld = connection.execute(_WITHHELD, (article_id,)).fetchone() is not None
    story = _Story(connection, article_id, () if withheld else before)
    if len(readings) > 1 or absences:
        for row in sorted([*readings, *absences], key=lambda row: (row["captured_at"], row["capture_id"])):
            story.go_on(row)
    if story.changes != before:
        connection.execute("DELETE FROM changes WHERE article_id = ?", (article_id,))
        connection.executemany(_INSERT, story.changes)
    return Derived(story.gone, differs=story.changes != before)


def _absences(connection: sqlite3.Connection, readings: Sequence[sqlite3.Row], url: str) -> list[sqlite3.Row]:
    """What says that the article is gone: at its canonical URL if it was ever read there, else where it was read."""
    read_at = {str(row["url"]) for row in readings}
    urls = [url] if url in read_at else sorted(read_at)
    marks = ", ".join("?" * len(urls))
    query = f"SELECT capture_id, captured_at, why, NULL AS sense FROM absences WHERE url IN ({marks})"
    return connection.execute(query, urls).fetchall()


def spelled(url: str) -> str:
    """A URL in its canonical spelling; what is no web URL as it is."""
    return canonicalise(url) if is_web_url(url) else url


class _Story:
    """Goes through what the captures say of one article, in their order."""

    def __init__(self, connection: sqlite3.Connection, article_id: str, before: Sequence[_Row]) -> None:
        self._connection = connection
        self._article_id = article_id
        self._compared = {(row[7], row[8]): Compared(_kinds_of_text(row[4]), row[9], row[10]) for row in before}
        self._last: sqlite3.Row | None = None
        self._digest = ""
        self._number = 1
        self._published: str | None = None
        self.changes: list[_Row] = []
        self.gone: Absence | None = None

    def go_on(self, row: sqlite3.Row) -> None:
        """Take the next reading, or a capture that shows no article."""
        if row["sense"] is None:
            self._miss(row)
            return
        if self._last is None:
            self._digest, self._published = row["digest"], row["published"]
        else:
            self._compare(row, self._last)
        self.gone = None
        self._published = self._published or row["published"]
        self._last = row

    def _miss(self, row: sqlite3.Row) -> None:
        if self._last is None or self.gone:
            return
        self.gone = Absence(row["captured_at"], row["why"])
        self._add(row, self._last, kinds=("gone",), digest=self._digest, why=row["why"])

    def _compare(self, row: sqlite3.Row, last: sqlite3.Row) -> None:
        kinds: tuple[str, ...] = ()
        digest, number = self._digest, self._number
        if row["sense"] != last["sense"]:
            digest, number = row["digest"], number + 1
            kinds = self._texts(self._digest, digest).kinds
        moved = bool(self._published and row["published"] and not is_same_moment(self._published, row["published"]))
        if moved:
            kinds = (*kinds, "published-date")
        if kinds:
            published = (self._published, row["published"]) if moved else (None, None)
            self._add(row, last, kinds=kinds, digest=digest, number=number, published=published)
        self._digest, self._number = digest, number
        if moved:
            self._published = row["published"]

    def _texts(self, old: str, new: str) -> Compared:
        if (old, new) not in self._compared or not self._compared[old, new].kinds:
            self._compared[old, new] = compare_texts(self._text(old), self._text(new))
        return self._compared[old, new]

    def _text(self, digest: str) -> sqlite3.Row:
        query = "SELECT headline, body FROM texts WHERE article_id = ? AND digest = ?"
        row: sqlite3.Row = self._connection.execute(query, (self._article_id, digest)).fetchone()
        return row

    def _add(  # noqa: PLR0913 - the parts of a row
        self,
        row: sqlite3.Row,
        last: sqlite3.Row,
        *,
        kinds: tuple[str, ...],
        digest: str,
        number: int | None = None,
        published: tuple[str | None, str | None] = (None, None),
        why: str | None = None,
    ) -> None:
        counted = self._texts(self._digest, digest) if digest != self._digest else Compared((), 0, 0)
        self.changes.append((
            self._article_id, row["capture_id"], row["captured_at"], last["captured_at"], " ".join(kinds), self._number,
            number or self._number, self._digest, digest, counted.added, counted.removed, *published, why,
        ))  # fmt: skip


def _kinds_of_text(kinds: str) -> tuple[str, ...]:
    return tuple(kind for kind in kinds.split() if kind in {"headline", "body"})


def compare_texts(old: sqlite3.Row, new: sqlite3.Row) -> Compared:
    """Which of headline and body differ, and by how many words; what is noise is passed over.

    Where a text is withheld, its words are not counted, and bodies count as different only if the headlines do not
    differ: the two readings do, so something did.
    """
    headlines = old["headline"] or "", new["headline"] or ""
    bodies = [without_noise(row["body"].split("\n\n")) for row in (old, new)]
    kinds = []
    if line_sense(headlines[0]) != line_sense(headlines[1]):
        kinds.append("headline")
    is_known = all(row["body"] for row in (old, new))
    if body_sense(bodies[0]) != body_sense(bodies[1]) if is_known else not kinds:
        kinds.append("body")
    pieces = [*_changed(*headlines), *(_changed(*map("\n\n".join, bodies)) if is_known else ())]
    return Compared(
        kinds=tuple(kinds),
        added=sum(count_words(new_part) for _, new_part in pieces),
        removed=sum(count_words(old_part) for old_part, _ in pieces),
    )


def _changed(old: str, new: str) -> Iterator[tuple[str, str]]:
    return ((piece.old, piece.new) for piece in compare(old, new) if piece.changed)
