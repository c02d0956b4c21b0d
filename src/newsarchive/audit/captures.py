"""WARC files against CDXJ files and the rows of captures, both ways.

A crawl may go on meanwhile. A capture is written before its row, so: rows are read before the file is, and each of them
must be met; a capture without a row in an open file is no damage, since its row is on its way or the next writer gives
it one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.audit.cdxj import check_cdxj
from newsarchive.models import CaptureState, Finding
from newsarchive.warc import FileCheck

if TYPE_CHECKING:
    from collections.abc import Callable
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
        self._unrowed: list[tuple[Capture, bool]] = []

    def check(self) -> None:
        """Tell what is wrong."""
        # Rows first, then the folder: a file that comes in between is not asked for.
        named = self._holdings.captures.files()
        folder = self._holdings.warc_folder
        paths = sorted({path for pattern in _PATTERNS for path in folder.glob(pattern)})
        present = {path.name.removesuffix(".open") for path in paths}
        for name in sorted(named - present):
            what = f"{len(self._holdings.captures.in_file(name)):,} captures lie in it"
            self._found.tell(Finding("warc-missing", what, f"warc/{name}"))
        for path in paths:
            self._check_file(path)
        self._check_unrowed()
        self._check_revisits()
        for path in sorted(folder.glob("*.cdxj")):
            if not any(path.with_name(path.stem + end).exists() for end in (".warc.gz", ".warc.gz.open")):
                self._found.tell(Finding("cdxj-stray", "there is no WARC file beside it", f"warc/{path.name}"))

    def _check_file(self, path: Path) -> None:
        if not path.exists() and path.name.endswith(".open"):
            path = path.with_name(path.name.removesuffix(".open"))  # finished since the folder was read
        is_open = path.name.endswith(".open")
        rows = self._holdings.captures.in_file(path.name.removesuffix(".open"))
        start = self._bytes
        check = FileCheck(
            path,
            quick=self._quick,
            tell=self._found.tell,
            progress=lambda offset: self._progress("bytes of WARC", start + offset),
        )
        captures: dict[int, Capture] = {}
        try:
            for capture in check.captures():
                captures[capture.place.offset] = capture
                self._compare(capture, rows.pop(capture.place.offset, None), is_open=is_open)
            self._bytes += self._size(path)
        except FileNotFoundError:
            if not rows:  # an open file without a capture, which its writer took away
                return
            self._found.tell(Finding("warc-missing", f"{len(rows):,} captures lie in it", f"warc/{check.name}"))
            return
        except OSError as error:
            self._found.tell(Finding("warc-unreadable", error.strerror or str(error), f"warc/{check.name}"))
            return
        self._found.files += 1
        self._found.records += check.records
        self._found.captures += len(captures)
        for offset, row in rows.items():
            self._found.tell(Finding("row-stray", "no capture lies there", f"warc/{check.name}", offset, row.url))
        if not check.records and not is_open:
            self._found.tell(Finding("warc-damaged", "the file holds no record", f"warc/{check.name}", 0))
        if not is_open:
            for finding in check_cdxj(path, captures):
                self._found.tell(finding)

    @staticmethod
    def _size(path: Path) -> int:
        try:
            return path.stat().st_size
        except FileNotFoundError:  # finished in this moment
            return 0

    def _compare(self, capture: Capture, row: Capture | None, *, is_open: bool) -> None:
        if row is None:
            self._unrowed.append((capture, is_open))
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

    def _check_unrowed(self) -> None:
        """Ask once more, since rows come after their captures."""
        for capture, is_open in self._unrowed:
            row = self._holdings.captures.by_record(capture.record_id)
            if row is not None and row.payload_digest == capture.payload_digest:
                self._found.lag.copies += row.place != capture.place
            elif is_open and row is None:
                self._found.lag.without_row += 1
            else:
                place = capture.place
                what = "its id belongs to another capture" if row else "this capture has no row"
                self._found.tell(Finding("row-missing", what, f"warc/{place.file}", place.offset, capture.url))


def _share(revisit: Capture, original: Capture) -> bool:
    """Whether two captures name one payload. Imported ones may have the digest of another tool, which says nothing."""
    return revisit.payload_digest == original.payload_digest or revisit.origin.source is None
