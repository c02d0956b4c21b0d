"""Captures as rows: where the bytes lie, and how far down the river they have come."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.models import TRY_LATER, Capture, CaptureState, Origin, Place, Problem, Revisit, Role
from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator, Sequence

_REDIRECTS = range(300, 400)
_NOT_MODIFIED = 304
NO_ORIGINAL = "no-original"
"""The problem code of a revisit whose payload the archive never had."""
_LONGEST_CHAIN = 10
"""Revisits of revisits that are followed; we write none, other writers may."""
_PAGE_OF_ROWS = 200
_LOOK_BACK = 20
"""Captures in a row that may say "not now" until the file counts as unknown."""


_PARTS = (
    "parts (url, id) AS (SELECT url, id FROM captures WHERE role = 'part' AND via IN ({first})"
    " UNION SELECT captures.url, captures.id FROM captures JOIN parts ON captures.via = parts.url WHERE role = 'part')"
)
"""The rows of all further pages that follow from the pages at some URLs."""
_PARTS_OF_URLS = f"WITH RECURSIVE {_PARTS.format(first='SELECT value FROM json_each(:urls)')}"


class CaptureRow(NamedTuple):
    """A capture with the number of its row and its state."""

    id: int
    capture: Capture
    state: CaptureState


class Rejection(NamedTuple):
    """A capture that was kept, but not as an article."""

    capture: Capture
    problems: tuple[Problem, ...]
    extractor: str


class Outcome(NamedTuple):
    """What became of a capture that was read."""

    extractor: str
    problems: tuple[Problem, ...]
    """Why it is no article; empty for an accepted one."""


class Captures:
    """The table `captures`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, capture: Capture) -> int | None:
        """Keep a capture in its first state; its row number, or None if its WARC record is known already."""
        redirects = (capture.status or 0) in _REDIRECTS and not (capture.revisit and capture.status == _NOT_MODIFIED)
        aside = capture.origin.role is not Role.PAGE or redirects
        state = CaptureState.SET_ASIDE if aside else CaptureState.CAPTURED
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO captures (record_id, url, captured_at, file, offset, length, status, media_type,"
                " payload_digest, location, etag, last_modified, role, source, via, revisit, refers_to, refers_to_url,"
                " refers_to_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (record_id) DO NOTHING",
                (*_values(capture), state.value),
            )
            return cursor.lastrowid if cursor.rowcount else None

    def any_in(self, file: str) -> bool:
        """Whether a WARC file holds a capture that has a row."""
        query = "SELECT 1 FROM captures WHERE file = ? LIMIT 1"
        return self._database.connection.execute(query, (file,)).fetchone() is not None

    def knows(self, record_id: str) -> bool:
        """Whether a WARC record has a row."""
        query = "SELECT 1 FROM captures WHERE record_id = ?"
        return self._database.connection.execute(query, (record_id,)).fetchone() is not None

    def part(self, url: str, *, of: Capture) -> CaptureRow | None:
        """The capture of a further page that belongs to a capture of the first one.

        It is the first one after it and before the next answer of the first page; where there is none, since it was as
        before, the last one before it; else the first one that came later, while the first page's bytes were the same.
        """
        connection = self._database.connection
        query = "SELECT min(captured_at) FROM captures WHERE url = ? AND role = 'page' AND captured_at > ?"
        asked = (of.url, stamp(of.captured_at))
        answered = connection.execute(query, asked).fetchone()[0] or "9"
        edited = connection.execute(f"{query} AND revisit IS NULL", asked).fetchone()[0] or "9"
        held = "SELECT * FROM captures WHERE url = ? AND role = 'part' AND (status = 200 OR revisit IS NOT NULL)"
        for span, order, ends in (
            ("BETWEEN ? AND ?", "ASC", (asked[1], answered)),
            ("< ?", "DESC", (asked[1],)),
            ("BETWEEN ? AND ?", "ASC", (answered, edited)),
        ):
            row = connection.execute(
                f"{held} AND captured_at {span} ORDER BY captured_at {order}, id {order} LIMIT 1", (url, *ends)
            ).fetchone()
            if row is not None:
                return CaptureRow(row["id"], capture_of(row), CaptureState(row["state"]))
        return None

    def has_parts(self, url: str) -> bool:
        """Whether a URL is the first page of an article with further ones that were captured."""
        query = "SELECT 1 FROM captures WHERE via = ? AND role = 'part' LIMIT 1"
        return self._database.connection.execute(query, (url,)).fetchone() is not None

    def parts_of(self, urls: Collection[str]) -> list[CaptureRow]:
        """The captures of all further pages of first pages at some URLs, and of those that these lead to."""
        rows = self._database.connection.execute(
            f"{_PARTS_OF_URLS} SELECT * FROM captures WHERE id IN (SELECT id FROM parts) ORDER BY captured_at, id",
            {"urls": json.dumps(sorted(urls))},
        )
        return [CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) for row in rows]

    def newest_part(self, url: str) -> int:
        """The highest number among the rows of a page's parts, and of theirs; 0 where it has none."""
        row = self._database.connection.execute(
            f"{_PARTS_OF_URLS} SELECT coalesce(max(id), 0) FROM parts", {"urls": json.dumps([url])}
        ).fetchone()
        return int(row[0])

    @property
    def newest_id(self) -> int:
        """The highest number of a row; 0 where there is none."""
        return int(self._database.connection.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0])

    def reopen(self, capture_id: int) -> None:
        """Put a capture back at the start of the river."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE captures SET state = 'captured', problems = NULL WHERE id = ?", (capture_id,))

    def reopen_whole(self, part: Capture) -> None:
        """Put the first page back at the start of the river: a further page of it was captured."""
        with self._database.transaction() as connection:
            url, seen = part.origin.via, {part.url}
            while url and url not in seen:
                seen.add(url)
                row = connection.execute(
                    "SELECT id, role, via, captured_at FROM captures"
                    " WHERE url = ? AND captured_at <= ? AND revisit IS NULL"
                    " ORDER BY captured_at DESC, id DESC LIMIT 1",
                    (url, stamp(part.captured_at)),
                ).fetchone()
                if row is None or row["role"] == Role.PAGE:
                    break
                url = row["via"]
            else:
                return
            if row is not None:
                connection.execute(
                    # Revisits say what the capture said that they refer to.
                    "UPDATE captures SET state = 'captured', problems = NULL WHERE url = ? AND captured_at >= ?"
                    " AND (id = ? OR revisit IS NOT NULL) AND state IN ('accepted', 'rejected')",
                    (url, row["captured_at"], row["id"]),
                )

    def holds(self, url: str, payload_digest: str) -> bool:
        """Whether these very bytes were captured from this URL before."""
        query = "SELECT 1 FROM captures WHERE url = ? AND payload_digest = ?"
        return self._database.connection.execute(query, (url, payload_digest)).fetchone() is not None

    def latest(self, url: str, *, until: datetime | None = None) -> Capture | None:
        """The newest capture of a URL, whatever its state; of those up to a moment, if one is given.

        A capture may lie in the future, made while the clock was ahead; it says nothing of how a page is now.
        """
        before = (one for one in self.of_url(url, newest_first=True) if until is None or one.captured_at <= until)
        return next(before, None)

    def of_url(self, url: str, *, newest_first: bool = False) -> Iterator[Capture]:
        """All captures of a URL in the order of capture."""
        order = "DESC" if newest_first else "ASC"
        query = f"SELECT * FROM captures WHERE url = ? ORDER BY captured_at {order}, id {order}"
        for row in self._database.connection.execute(query, (url,)):
            yield capture_of(row)

    def standing(self, url: str, *, at: datetime) -> Capture | None:
        """The capture of a URL that stood at a time: the newest one until then that says more than "not now"."""
        rows = self._database.connection.execute(
            "SELECT * FROM captures WHERE url = ? AND captured_at <= ? ORDER BY captured_at DESC, id DESC LIMIT ?",
            (url, stamp(at), _LOOK_BACK),
        )
        return next((capture_of(row) for row in rows if row["status"] not in TRY_LATER), None)

    def of_article(self, article_id: str) -> Iterator[Capture]:
        """All captures of an article in the order of capture: those it was read from, and others of the same URLs.

        The others are its further pages, and what its URLs answered at other times: that the page is gone, that it was
        moved, or a page that was rejected.
        """
        query = (
            "WITH RECURSIVE own AS (SELECT captures.id, captures.url FROM readings"
            " JOIN captures ON captures.id = capture_id WHERE article_id = :id),"
            " first AS (SELECT url FROM own UNION SELECT url FROM articles WHERE id = :id),"
            f" {_PARTS.format(first='SELECT url FROM first')}"
            " SELECT * FROM captures WHERE id IN (SELECT id FROM own UNION SELECT id FROM parts)"
            " OR url IN (SELECT url FROM first) ORDER BY captured_at, id"
        )
        for row in self._database.connection.execute(query, {"id": article_id}):
            yield capture_of(row)

    def with_parts(self, capture: Capture) -> Iterator[Capture]:
        """A capture of an article's first page, and those of its further pages that belong to it."""
        yield capture
        for url in dict.fromkeys(row.capture.url for row in self.parts_of([capture.url])):
            if row := self.part(url, of=capture):
                yield row.capture

    def at(self, url: str, moment: datetime | None) -> Capture | None:
        """The newest capture of a URL up to a moment, else the first one after it; without a moment the newest."""
        if moment is None:
            return self.latest(url)
        for compare, order in (("<=", "DESC"), (">", "ASC")):
            row = self._database.connection.execute(
                f"SELECT * FROM captures WHERE url = ? AND captured_at {compare} ?"
                f" ORDER BY captured_at {order}, id {order} LIMIT 1",
                (url, stamp(moment)),
            ).fetchone()
            if row:
                return capture_of(row)
        return None

    def sorted_by(self, key: Callable[[str, str], str]) -> Iterator[Capture]:
        """All captures in the order of a key, which is made of URL and time (as the table holds it).

        SQLite sorts them, on disk where they are many.
        """
        self._database.connection.create_function("sort_key", 2, key, deterministic=True)
        for row in self._database.connection.execute("SELECT * FROM captures ORDER BY sort_key(url, captured_at), id"):
            yield capture_of(row)

    def by_record(self, record_id: str) -> Capture | None:
        """The capture of a WARC record."""
        row = self._one("record_id = ?", record_id)
        return row.capture if row else None

    def original(self, capture: Capture) -> CaptureRow | None:
        """The capture that holds the payload of a revisit; None where the archive does not have it.

        It is found as replay tools do: by its id, else by its URL and time (to the second), else by the digest among
        the captures of its URL. What a foreign revisit refers to may be imported later, so this is asked each time. A
        capture with a payload is its own.
        """
        seen = capture
        for _ in range(_LONGEST_CHAIN):
            found = self._referred(seen)
            if found is None or found.capture.revisit is None:
                return found
            seen = found.capture
        return None

    def confirmed(self, capture: Capture, original: CaptureRow) -> CaptureRow:
        """What a 304 says is still so: the newest answer with the original's bytes, whose HTTP fields may be others."""
        row = self._database.connection.execute(
            "SELECT * FROM captures WHERE url = ? AND refers_to = ? AND status != ? AND captured_at <= ?"
            " ORDER BY captured_at DESC, id DESC LIMIT 1",
            (capture.url, original.capture.record_id, _NOT_MODIFIED, stamp(capture.captured_at)),
        ).fetchone()
        return CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) if row else original

    def _referred(self, capture: Capture) -> CaptureRow | None:
        said = capture.revisit
        if said is None:
            return self._one("record_id = ?", capture.record_id)
        found = self._one("record_id = ?", said.refers_to) if said.refers_to else None
        url = said.url or capture.url
        if found is None and said.captured_at:
            second = stamp(said.captured_at)[:19]
            found = self._one("url = ? AND captured_at BETWEEN ? AND ? || '~'", url, second, second)
        if found is None and capture.payload_digest:
            found = self._one("url = ? AND payload_digest = ? AND revisit IS NULL", url, capture.payload_digest)
        return found

    def _one(self, condition: str, *values: str) -> CaptureRow | None:
        row = self._database.connection.execute(
            f"SELECT * FROM captures WHERE {condition} ORDER BY captured_at, id LIMIT 1", values
        ).fetchone()
        return CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) if row else None

    def outcome(self, capture_id: int) -> Outcome:
        """What became of a capture that was read."""
        query = "SELECT extractor, problems FROM captures WHERE id = ?"
        row = self._database.connection.execute(query, (capture_id,)).fetchone()
        return Outcome(row["extractor"] or "", _problems(row["problems"]))

    def revisits(self) -> Iterator[CaptureRow]:
        """Every capture whose payload is that of another one, oldest row first."""
        last = 0
        query = "SELECT * FROM captures WHERE revisit IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
        while rows := self._database.connection.execute(query, (last, _PAGE_OF_ROWS)).fetchall():
            last = rows[-1]["id"]
            for row in rows:
                yield CaptureRow(row["id"], capture_of(row), CaptureState(row["state"]))

    def files(self) -> frozenset[str]:
        """The WARC files that captures lie in, by their final names."""
        return frozenset(row["file"] for row in self._database.connection.execute("SELECT DISTINCT file FROM captures"))

    def count_in(self, file: str) -> int:
        """How many captures lie in a WARC file."""
        query = "SELECT count(*) FROM captures WHERE file = ?"
        return int(self._database.connection.execute(query, (file,)).fetchone()[0])

    def in_file(self, file: str) -> Iterator[Capture]:
        """The captures of one WARC file that have a row now, in the order of their places."""
        connection = self._database.connection
        newest = connection.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0]
        return self._in_file(file, newest)

    def _in_file(self, file: str, newest: int) -> Iterator[Capture]:
        last: tuple[int, int] = (-1, 0)
        query = (
            "SELECT * FROM captures WHERE file = ? AND id <= ? AND (offset, id) > (?, ?) ORDER BY offset, id LIMIT ?"
        )
        while rows := self._database.connection.execute(query, (file, newest, *last, _PAGE_OF_ROWS)).fetchall():
            last = rows[-1]["offset"], rows[-1]["id"]
            yield from map(capture_of, rows)

    def pending(self) -> Iterator[CaptureRow]:
        """Captures that nothing has read yet, oldest row first; what arrives meanwhile comes as well."""
        last = 0
        query = "SELECT * FROM captures WHERE state = 'captured' AND id > ? ORDER BY id LIMIT ?"
        while rows := self._database.connection.execute(query, (last, _PAGE_OF_ROWS)).fetchall():
            last = rows[-1]["id"]
            for row in rows:
                yield CaptureRow(row["id"], capture_of(row), CaptureState(row["state"]))

    def count_pending(self, *, limit: int) -> int:
        """How many captures nothing has read yet, counted to a limit; -1 is none."""
        query = "SELECT count(*) FROM (SELECT 1 FROM captures WHERE state = 'captured' LIMIT ?)"
        return int(self._database.connection.execute(query, (limit,)).fetchone()[0])

    def twin(self, row: CaptureRow, *, extractor: str) -> int | None:
        """An accepted capture of the same URL with the same bytes, read by the same extractor.

        Of a revisit it is `original` that is asked for.
        """
        if not row.capture.payload_digest:
            return None
        # Left to itself, SQLite walks all accepted captures by their number: 0.5 ms a page at 2,500.
        found = self._database.connection.execute(
            "SELECT id FROM captures INDEXED BY captures_by_url WHERE url = ? AND payload_digest = ?"
            " AND state = 'accepted' AND extractor = ? AND id != ? ORDER BY id LIMIT 1",
            (row.capture.url, row.capture.payload_digest, extractor, row.id),
        ).fetchone()
        return int(found["id"]) if found else None

    def accept(self, capture_id: int, *, extractor: str) -> None:
        """Note that a capture's article is stored."""
        self._settle(capture_id, CaptureState.ACCEPTED, extractor, None)

    def reject(self, capture_id: int, *, problems: Sequence[Problem], extractor: str) -> None:
        """Note why a capture is no article."""
        found = json.dumps([problem.model_dump() for problem in problems], ensure_ascii=False)
        self._settle(capture_id, CaptureState.REJECTED, extractor, found)

    def _settle(self, capture_id: int, state: CaptureState, extractor: str, problems: str | None) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE captures SET state = ?, extractor = ?, problems = ?, tried = NULL WHERE id = ?",
                (state.value, extractor, problems, capture_id),
            )
            if state is CaptureState.ACCEPTED:  # only what is an article is looked at again
                connection.execute(
                    "UPDATE frontier SET is_article = 1 WHERE NOT is_article AND (source, url) ="
                    " (SELECT source, url FROM captures WHERE id = ?)",
                    (capture_id,),
                )

    def rejected(self, *, code: str | None = None, source: str | None = None) -> Iterator[Rejection]:
        """Rejected captures, newest first; of one problem code or one source if asked."""
        query = (
            "SELECT * FROM captures WHERE state = 'rejected' AND (:source IS NULL OR source = :source)"
            " AND (:code IS NULL OR EXISTS (SELECT 1 FROM json_each(problems) WHERE value ->> 'code' = :code))"
            " ORDER BY captured_at DESC, id DESC"
        )
        for row in self._database.connection.execute(query, {"code": code, "source": source}):
            yield Rejection(capture_of(row), _problems(row["problems"]), row["extractor"])

    def retry_rejected(self, *, code: str | None = None) -> int:
        """Put rejected captures back at the start of the river; how many."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE captures SET state = 'captured', problems = NULL WHERE state = 'rejected'"
                " AND (:code IS NULL OR EXISTS (SELECT 1 FROM json_each(problems) WHERE value ->> 'code' = :code))",
                {"code": code},
            ).rowcount

    def retry_found(self) -> int:
        """Put rejected revisits back whose original has come in since they were rejected; how many."""
        found = [one.capture.record_id for one in self.rejected(code=NO_ORIGINAL) if self.original(one.capture)]
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE captures SET state = 'captured', problems = NULL WHERE record_id = ?", ((one,) for one in found)
            )
        return len(found)

    def counts(self) -> dict[CaptureState, int]:
        """How many captures are in each state."""
        rows = self._database.connection.execute("SELECT state, count(*) FROM captures GROUP BY state")
        found = {CaptureState(state): int(count) for state, count in rows}
        return {state: found.get(state, 0) for state in CaptureState}

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Each WARC file with the bytes that it must have at least, for its captures to be there."""
        rows = self._database.connection.execute(
            "SELECT file, max(offset + length) AS size FROM captures GROUP BY file"
        )
        for row in rows:
            yield row["file"], int(row["size"])

    def problem_counts(self) -> dict[str, int]:
        """How many captures were rejected for each problem, the most frequent first."""
        rows = self._database.connection.execute(
            "SELECT value ->> 'code' AS code, count(*) AS n FROM captures, json_each(captures.problems)"
            " WHERE state = 'rejected' GROUP BY code ORDER BY n DESC, code"
        )
        return {code: int(count) for code, count in rows}


def _problems(stored: str | None) -> tuple[Problem, ...]:
    return tuple(Problem(**problem) for problem in json.loads(stored or "[]"))


def _values(capture: Capture) -> tuple[str | int | None, ...]:
    return (
        capture.record_id,
        capture.url,
        stamp(capture.captured_at),
        capture.place.file,
        capture.place.offset,
        capture.place.length,
        capture.status,
        capture.media_type,
        capture.payload_digest,
        capture.location,
        capture.etag,
        capture.last_modified,
        capture.origin.role.value,
        capture.origin.source,
        capture.origin.via,
        *_revisit_values(capture.revisit),
    )


def _revisit_values(revisit: Revisit | None) -> tuple[str | None, ...]:
    if revisit is None:
        return (None,) * 4
    at = stamp(revisit.captured_at) if revisit.captured_at else None
    return revisit.profile, revisit.refers_to, revisit.url, at


def capture_of(row: sqlite3.Row) -> Capture:
    """The capture that a row of the table `captures` holds."""
    return Capture(
        record_id=row["record_id"],
        url=row["url"],
        captured_at=datetime.fromisoformat(row["captured_at"]),
        place=Place(file=row["file"], offset=row["offset"], length=row["length"]),
        status=row["status"],
        media_type=row["media_type"],
        payload_digest=row["payload_digest"],
        location=row["location"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        origin=Origin(role=Role(row["role"]), source=row["source"], via=row["via"]),
        revisit=_revisit(row),
    )


def _revisit(row: sqlite3.Row) -> Revisit | None:
    # An archive of an older version that is open for reading only lacks the columns still.
    if "revisit" not in row.keys() or row["revisit"] is None:  # noqa: SIM118 - a Row is no mapping
        return None
    at = row["refers_to_at"]
    return Revisit(
        profile=row["revisit"],
        refers_to=row["refers_to"],
        url=row["refers_to_url"],
        captured_at=datetime.fromisoformat(at) if at else None,
    )
