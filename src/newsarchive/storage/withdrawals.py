"""The log of withdrawals: JSON lines, each with the hash of the one before, so that no line can be changed unseen.

It is the truth of what must not come back, and stands in the archive folder beside `warc/`. An entry is durable before
anything is removed; one whose removal is not noted yet is carried out by whoever writes next.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsarchive import layout
from newsarchive.errors import IntegrityError
from newsarchive.models.withdrawal import REMOVED, START, WITHDRAWN, LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class WithdrawalLog:
    """`withdrawals.jsonl` of an archive folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / layout.WITHDRAWALS

    def entries(self) -> tuple[LogEntry, ...]:
        """All entries, oldest first.

        Raises:
            IntegrityError: a line is none, or does not follow from the one before; it was changed, or one is missing.
        """
        found: list[LogEntry] = []
        for number, entry in self._read():
            before = found[-1].hash if found else START
            if isinstance(entry, str) or entry.previous != before or entry.hash != entry.computed_hash():
                what = entry if isinstance(entry, str) else "it does not follow from the line before"
                raise IntegrityError(
                    f"{self.path}, line {number}: {what}",
                    tip="bring the file back from a backup; until then nothing is withdrawn",
                )
            found.append(entry)
        return tuple(found)

    def barred(self) -> dict[str, str]:
        """Every address that was withdrawn, with the reason. Damaged lines are passed over; `entries` tells them."""
        return {
            url: entry.reason
            for _, entry in self._read()
            if not isinstance(entry, str) and entry.event == WITHDRAWN
            for url in entry.urls
        }

    def articles(self) -> frozenset[str]:
        """Ids of all articles that were withdrawn: a kill may have left some in the index."""
        entries = (entry for _, entry in self._read() if not isinstance(entry, str))
        return frozenset(key for entry in entries for key in entry.articles)

    def unfinished(self) -> tuple[LogEntry, ...]:
        """Entries whose removal is not noted; errors as in `entries`."""
        entries = self.entries()
        done = {entry.of for entry in entries if entry.event == REMOVED}
        return tuple(entry for entry in entries if entry.event == WITHDRAWN and entry.number not in done)

    def append(self, **fields: Any) -> LogEntry:  # noqa: ANN401 - fields of LogEntry
        """Add an entry and make it durable; number, time, previous and hash are filled in.

        Raises:
            IntegrityError: the log is damaged; nothing is added.
            OSError: it cannot be written.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._cut_torn(descriptor)
            entries = self.entries()
            previous = entries[-1].hash if entries else START
            made = LogEntry(number=len(entries) + 1, time=datetime.now(UTC).isoformat(), previous=previous, **fields)
            entry = replace(made, hash=made.computed_hash())
            line = json.dumps(entry.as_record(), ensure_ascii=False) + "\n"
            os.write(descriptor, line.encode("utf-8"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(self.path.parent)
        return entry

    def _cut_torn(self, descriptor: int) -> None:
        """Take off a last line without its end: its writer was killed before it promised anything."""
        data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        if data and not data.endswith(b"\n"):
            os.ftruncate(descriptor, data.rfind(b"\n") + 1)

    def _read(self) -> Iterator[tuple[int, LogEntry | str]]:
        """Each line's number with its entry, or with what is wrong with it; a torn last line is none."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        for number, line in enumerate(data.split(b"\n")[:-1], start=1):
            try:
                yield number, LogEntry.from_record(json.loads(line))
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                yield number, f"no entry of the log: {error}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
