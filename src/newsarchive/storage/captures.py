"""Captures as rows: where the bytes lie, and how far down the river they have come."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.models import Capture, CaptureState, Origin, Place, Problem, Role
from newsarchive.storage.database import Database, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_REDIRECTS = range(300, 400)
_PAGE_OF_ROWS = 200


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


class Captures:
    """The table `captures`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, capture: Capture) -> int | None:
        """Keep a capture in its first state; its row number, or None if its WARC record is known already."""
        aside = capture.origin.role is not Role.PAGE or (capture.status or 0) in _REDIRECTS
        state = CaptureState.SET_ASIDE if aside else CaptureState.CAPTURED
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO captures (record_id, url, captured_at, file, offset, length, status, media_type,"
                " payload_digest, location, etag, last_modified, role, source, via, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record_id) DO NOTHING",
                (*_values(capture), state.value),
            )
            return cursor.lastrowid if cursor.rowcount else None

    def knows(self, record_id: str) -> bool:
        """Whether a WARC record has a row."""
        query = "SELECT 1 FROM captures WHERE record_id = ?"
        return self._database.connection.execute(query, (record_id,)).fetchone() is not None

    def part(self, url: str, *, of: Capture) -> CaptureRow | None:
        """The capture of a further page that belongs to a capture of the first one.

        It is the first one after it and before the next capture of the first page; where the page was as before, and
        so was not captured anew, the last one before it.
        """
        connection = self._database.connection
        until = connection.execute(
            "SELECT min(captured_at) FROM captures WHERE url = ? AND role = 'page' AND captured_at > ?",
            (of.url, stamp(of.captured_at)),
        ).fetchone()[0]
        query = "SELECT * FROM captures WHERE url = ? AND role = 'part' AND status = 200 AND captured_at"
        after = (url, stamp(of.captured_at), until or "9")
        row = connection.execute(f"{query} BETWEEN ? AND ? ORDER BY captured_at, id LIMIT 1", after).fetchone()
        if row is None:
            before = f"{query} < ? ORDER BY captured_at DESC, id DESC LIMIT 1"
            row = connection.execute(before, after[:2]).fetchone()
        return CaptureRow(row["id"], capture_of(row), CaptureState(row["state"])) if row else None

    def has_parts(self, url: str) -> bool:
        """Whether a URL is the first page of an article with further ones that were captured."""
        query = "SELECT 1 FROM captures WHERE via = ? AND role = 'part' LIMIT 1"
        return self._database.connection.execute(query, (url,)).fetchone() is not None

    def reopen_whole(self, part: Capture) -> None:
        """Put the first page back at the start of the river: a further page of it was captured."""
        with self._database.transaction() as connection:
            url, seen = part.origin.via, {part.url}
            while url and url not in seen:
                seen.add(url)
                row = connection.execute(
                    "SELECT id, role, via FROM captures WHERE url = ? AND captured_at <= ?"
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
                    "UPDATE captures SET state = 'captured', problems = NULL WHERE id = ?"
                    " AND state IN ('accepted', 'rejected')",
                    (row["id"],),
                )

    def holds(self, url: str, payload_digest: str) -> bool:
        """Whether these very bytes were captured from this URL before."""
        query = "SELECT 1 FROM captures WHERE url = ? AND payload_digest = ?"
        return self._database.connection.execute(query, (url, payload_digest)).fetchone() is not None

    def latest(self, url: str) -> Capture | None:
        """The newest capture of a URL, whatever its state."""
        return next(self.of_url(url, newest_first=True), None)

    def of_url(self, url: str, *, newest_first: bool = False) -> Iterator[Capture]:
        """All captures of a URL in the order of capture."""
        order = "DESC" if newest_first else "ASC"
        query = f"SELECT * FROM captures WHERE url = ? ORDER BY captured_at {order}, id {order}"
        for row in self._database.connection.execute(query, (url,)):
            yield capture_of(row)

    def by_record(self, record_id: str) -> Capture | None:
        """The capture of a WARC record."""
        query = "SELECT * FROM captures WHERE record_id = ?"
        row = self._database.connection.execute(query, (record_id,)).fetchone()
        return capture_of(row) if row else None

    def pending(self) -> Iterator[CaptureRow]:
        """Captures that nothing has read yet, oldest row first; what arrives meanwhile comes as well."""
        last = 0
        query = "SELECT * FROM captures WHERE state = 'captured' AND id > ? ORDER BY id LIMIT ?"
        while rows := self._database.connection.execute(query, (last, _PAGE_OF_ROWS)).fetchall():
            last = rows[-1]["id"]
            for row in rows:
                yield CaptureRow(row["id"], capture_of(row), CaptureState(row["state"]))

    def twin(self, row: CaptureRow, *, extractor: str) -> int | None:
        """An accepted capture of the same URL with the same bytes, read by the same extractor."""
        if not row.capture.payload_digest:
            return None
        found = self._database.connection.execute(
            "SELECT id FROM captures WHERE url = ? AND payload_digest = ? AND state = 'accepted' AND extractor = ?"
            " AND id != ? ORDER BY id LIMIT 1",
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

    def rejected(self, *, code: str | None = None, source: str | None = None) -> Iterator[Rejection]:
        """Rejected captures, newest first; of one problem code or one source if asked."""
        query = (
            "SELECT * FROM captures WHERE state = 'rejected' AND (:source IS NULL OR source = :source)"
            " AND (:code IS NULL OR EXISTS (SELECT 1 FROM json_each(problems) WHERE value ->> 'code' = :code))"
            " ORDER BY captured_at DESC, id DESC"
        )
        for row in self._database.connection.execute(query, {"code": code, "source": source}):
            problems = tuple(Problem(**problem) for problem in json.loads(row["problems"]))
            yield Rejection(capture_of(row), problems, row["extractor"])

    def retry_rejected(self, *, code: str | None = None) -> int:
        """Put rejected captures back at the start of the river; how many."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE captures SET state = 'captured', problems = NULL WHERE state = 'rejected'"
                " AND (:code IS NULL OR EXISTS (SELECT 1 FROM json_each(problems) WHERE value ->> 'code' = :code))",
                {"code": code},
            ).rowcount

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
    )


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
    )
