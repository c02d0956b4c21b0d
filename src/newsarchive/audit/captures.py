"""WARC files against CDXJ files and the rows of captures, both ways.

A crawl may go on meanwhile. A capture is written before its row, so: rows are read before the file is, and each of them
must be met; a capture without a row in an open file is no damage, since its row is on its way or the next writer gives
it one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.audit.cdxj import LineSum, check_cdxj, line_of
from newsarchive.models import CaptureState, Finding
from newsarchive.warc import FileCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.audit.verification import Verification
    from newsarchive.holdings import Holdings
    from newsarchive.models import Capture

_PATTERNS: Final = ("*.warc.gz", "*.warc.gz.open")


class CaptureAudit:
    """Looks at all WARC files of an archive, one after another."""

    def __init__(
        self, holdings: Holdings, found: Verification, *, quick: bool, progress: Callable[[str, int], None]
    ) -> None:
        self._holdings = holdings
        self._found = found
        self._quick = quick
        self._progress = progress
        self._bytes = 0

    def check(self) -> None:
        """Tell what is wrong."""
        # Rows first, then the folder: a file that comes in between is not asked for.
        named = self._holdings.captures.files()
        folder = self._holdings.warc_folder
        paths = sorted({path for pattern in _PATTERNS for path in folder.glob(pattern)})
        present = {path.name.removesuffix(".open") for path in paths}
        for name in sorted(named - present):
            what = f"{self._holdings.captures.count_in(name):,} captures lie in it"
            self._found.tell(Finding("warc-missing", what, f"warc/{name}"))
        for path in paths:
            self._check_file(path)
        self._check_revisits()
        for path in sorted(folder.glob("*.cdxj")):
            if not any(path.with_name(path.stem + end).exists() for end in (".warc.gz", ".warc.gz.open")):
                self._found.tell(Finding("cdxj-stray", "there is no WARC file beside it", f"warc/{path.name}"))

    def _check_file(self, path: Path) -> None:
        if not path.exists() and path.name.endswith(".open"):
            path = path.with_name(path.name.removesuffix(".open"))  # finished since the folder was read
        check = FileCheck(path, quick=self._quick, tell=self._found.tell, progress=self._tell_bytes)
        name = f"warc/{check.name}"
        try:
            self._read(path, check)
            self._bytes += path.stat().st_size
        except FileNotFoundError:
            # An open file without a capture may be taken away by its writer, and one that is finished is renamed.
            if path.name.endswith(".open") and path.with_name(check.name).exists():
                self._bytes += path.with_name(check.name).stat().st_size
            elif count := self._holdings.captures.count_in(check.name):
                self._found.tell(Finding("warc-missing", f"{count:,} captures lie in it", name))
        except OSError as error:
            self._found.tell(Finding("warc-unreadable", error.strerror or str(error), name))

    def _read(self, path: Path, check: FileCheck) -> None:
        is_open = path.name.endswith(".open")
        rows = _Rows(self._holdings.captures.in_file(check.name))
        lines = LineSum()
        for capture in check.captures():
            for stray in rows.before(capture.place.offset):
                self._tell_stray(stray)
            self._compare(capture, rows.at(capture.place.offset), is_open=is_open)
            self._found.captures += 1
            if not is_open:
                lines.add(line_of(capture))
        for stray in rows.before(None):
            self._tell_stray(stray)
        self._found.files += 1
        self._found.records += check.records
        if is_open:
            return
        if not check.records:
            self._found.tell(Finding("warc-damaged", "the file holds no record", f"warc/{check.name}", 0))
        for finding in check_cdxj(path, lines):
            self._found.tell(finding)

    def _tell_bytes(self, offset: int) -> None:
        self._progress("bytes of WARC", self._bytes + offset)

    def _tell_stray(self, row: Capture) -> None:
        place = row.place
        self._found.tell(Finding("row-stray", "no capture lies there", f"warc/{place.file}", place.offset, row.url))

    def _compare(self, capture: Capture, row: Capture | None, *, is_open: bool) -> None:
        if row is None:
            self._check_unrowed(capture, is_open=is_open)
        elif row != capture:
            mine, other = capture.model_dump(), row.model_dump()
            names = ", ".join(name for name in mine if mine[name] != other[name])
            place = capture.place
            what = f"the row of this capture has another {names}"
            self._found.tell(Finding("row-differs", what, f"warc/{place.file}", place.offset, capture.url))

    def _check_revisits(self) -> None:
        """Each needs the capture that holds its bytes. An imported one may never have had it, and was rejected so."""
        captures = self._holdings.captures
        for row in captures.revisits():
            original = captures.original(row.capture)
            if original is None and row.state is CaptureState.REJECTED:
                self._found.lag.without_original += 1
            elif original is None or not _share(row.capture, original.capture):
                place = row.capture.place
                what = "the capture that it refers to holds other bytes" if original else "its payload is not here"
                subject = row.capture.url
                self._found.tell(Finding("revisit-stray", what, f"warc/{place.file}", place.offset, subject))

    def _check_unrowed(self, capture: Capture, *, is_open: bool) -> None:
        """Ask by its id: it may have a row by now, or lie somewhere else as well."""
        row = self._holdings.captures.by_record(capture.record_id)
        place = capture.place
        if row is not None and row.payload_digest == capture.payload_digest:
            self._found.lag.copies += row.place != place
        elif is_open and row is None:
            self._found.lag.without_row += 1
        else:
            what = "its id belongs to another capture" if row else "this capture has no row"
            self._found.tell(Finding("row-missing", what, f"warc/{place.file}", place.offset, capture.url))


class _Rows:
    """The rows of a file, handed out in the order of their places as its captures come by."""

    def __init__(self, rows: Iterator[Capture]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def before(self, offset: int | None) -> Iterator[Capture]:
        """The rows that lie before an offset; all that are left where it is None."""
        while self._next is not None and (offset is None or self._next.place.offset < offset):
            yield self._next
            self._next = next(self._rows, None)

    def at(self, offset: int) -> Capture | None:
        """The row that lies at an offset."""
        found = self._next
        if found is None or found.place.offset != offset:
            return None
        self._next = next(self._rows, None)
        return found


def _share(revisit: Capture, original: Capture) -> bool:
    """Whether two captures name one payload. Imported ones may have the digest of another tool, which says nothing."""
    return revisit.payload_digest == original.payload_digest or revisit.origin.source is None
