"""Takes files from elsewhere into the archive: WARC and WACZ files of any tool, and saved HTML pages.

Each record or file becomes a capture in our own WARC files; from there on it goes the same way as a crawled page.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from newsarchive.digests import warc_sha1
from newsarchive.errors import UsageError, WarcError
from newsarchive.extraction import canonical_url
from newsarchive.ingest.rebuild import note
from newsarchive.models import Origin, Payload, Role
from newsarchive.urls import is_web_url
from newsarchive.warc import WarcWriter, import_records, unpack_wacz

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from newsarchive.holdings import Holdings
    from newsarchive.warc import Imported

WARC_SUFFIXES: Final = (".warc", ".warc.gz")
WACZ_SUFFIX: Final = ".wacz"
HTML_SUFFIXES: Final = (".html", ".htm", ".xhtml")
_BATCH: Final = 50


@dataclass
class ImportReport:
    """What an import took in, what it held already, and what it could not read to the end."""

    captured: int = 0
    duplicates: int = 0
    barred: Counter[str] = field(default_factory=Counter)
    """Captures that were not taken, by reason: `opted-out` or `withdrawn`."""
    damaged: list[str] = field(default_factory=list)
    """For a person: which file, and what is wrong with it; what came before the damage was taken in."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Files in a folder that are neither WARC, WACZ nor HTML, by suffix."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """WARC records that hold no page of the web (requests, metadata, DNS answers), by kind."""


class Intake:
    """Writes foreign captures into the archive, in batches of one transaction each."""

    def __init__(
        self, holdings: Holdings, writer: WarcWriter, *, progress: Callable[[ImportReport], None] | None
    ) -> None:
        self._holdings = holdings
        self._writer = writer
        self._progress = progress
        self.report = ImportReport()

    def take(self, path: Path, *, urls: Mapping[str, str]) -> None:
        """Take in one file by its suffix."""
        if path.name.lower().endswith(WARC_SUFFIXES):
            self.take_warc(path)
        elif path.name.lower().endswith(WACZ_SUFFIX):
            self.take_wacz(path)
        else:
            self.take_html(path, url=urls.get(path.name) or urls.get(str(path)))

    def take_warc(self, path: Path) -> None:
        """Take in the response, resource and revisit records of a WARC file, each byte for byte."""
        self._take_all(import_records(path, skipped=self.report.passed_over, on_damage=self._note_damage), Origin())

    def take_wacz(self, path: Path) -> None:
        """Take in the WARC files of a WACZ file; each capture keeps from which of them it came, as its `via`."""
        try:
            for name, file in unpack_wacz(path, scratch=self._holdings.folder, on_damage=self._note_damage):
                records = import_records(
                    path / name, file=file, skipped=self.report.passed_over, on_damage=self._note_damage
                )
                self._take_all(records, Origin(via=f"{path.name}/{name}"))
        except WarcError as error:
            self._note_damage(error)

    def _take_all(self, records: Iterator[Imported], origin: Origin) -> None:
        more = True
        while more:
            with self._writer.batch(), self._holdings.database.transaction():
                more = self._take_some(records, origin)
            if self._progress:
                self._progress(self.report)

    def _note_damage(self, error: WarcError) -> None:
        self.report.damaged.append(error.message)

    def _take_some(self, records: Iterator[Imported], origin: Origin) -> bool:
        for _ in range(_BATCH):
            try:
                record = next(records, None)
            except WarcError as error:
                self.report.damaged.append(error.message)
                return False
            if record is None:
                return False
            if record.damage:
                # What was not written as it stands there would fail every later check of this archive.
                self.report.damaged.append(f"{record.capture.url}: not taken: {record.damage}")
                continue
            if bar := self._holdings.barring.why(record.capture.url):
                self.report.barred[bar.kind] += 1
                continue
            if self._holdings.captures.knows(record.capture.record_id):
                self.report.duplicates += 1
                continue
            capture = record.capture
            if capture.origin.role is not Role.PART:  # of a further page it counts what it follows
                capture = capture.model_copy(update={"origin": origin})
            note(self._holdings, self._writer.copy(record.member, capture))
            self.report.captured += 1
        return True

    def take_html(self, path: Path, *, url: str | None) -> None:
        """Take in a saved page under the URL given, or else under the one that it names as its own.

        A page that names none is kept under a `urn:` of its digest and will be rejected with that reason.
        """
        body = path.read_bytes()
        digest = warc_sha1(body)
        content_type = "text/html"
        found = url or canonical_url(Payload(url="", body=body, content_type=content_type))
        target = found or f"urn:{digest}"
        if bar := self._holdings.barring.why(target):
            self.report.barred[bar.kind] += 1
            return
        if self._holdings.captures.holds(target, digest):
            self.report.duplicates += 1
            return
        capture = self._writer.write_resource(
            target, body, content_type=content_type, captured_at=datetime.now(UTC), origin=Origin()
        )
        with self._holdings.database.transaction():
            note(self._holdings, capture)
        self.report.captured += 1


def import_paths(
    holdings: Holdings,
    paths: Iterable[Path],
    *,
    writer: WarcWriter,
    urls: Mapping[str, str] | None = None,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Take in files and folders (with all below them); what it did.

    Args:
        holdings: the archive, opened for writing.
        paths: WARC, WACZ and HTML files, and folders of them.
        writer: writes the captures.
        urls: file name (or path as given) to URL, for HTML files; others name their own by their canonical link.
        progress: called now and then with the counts so far.

    Raises:
        UsageError: a path does not exist, or a file is of no known kind by its name.
    """
    intake = Intake(holdings, writer, progress=progress)
    for path in _files(paths, intake.report):
        try:
            intake.take(path, urls=urls or {})
        except OSError as error:
            writer.leave()  # it may hold captures of a batch that was not noted; repair finds them
            intake.report.damaged.append(f"{path}: {error.strerror or error}")
    return intake.report


def _files(paths: Iterable[Path], report: ImportReport) -> Iterator[Path]:
    wanted = (*WARC_SUFFIXES, WACZ_SUFFIX, *HTML_SUFFIXES)
    for path in paths:
        if path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.is_file()):
                if file.name.lower().endswith(wanted):
                    yield file
                else:
                    report.skipped[file.suffix.lower() or file.name] += 1
        elif not path.exists():
            raise UsageError(f"{path} does not exist")
        elif path.name.lower().endswith(wanted):
            yield path
        else:
            raise UsageError(
                f"{path} is no WARC, WACZ or HTML file by its name", tip=f"known endings: {', '.join(wanted)}"
            )


def read_url_table(path: Path) -> dict[str, str]:
    """File names and their URLs, from a CSV file with the columns `file` and `url`.

    Raises:
        UsageError: the file has no such columns, or a URL in it is none.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if not {"file", "url"} <= set(rows.fieldnames or ()):
            raise UsageError(
                f"{path} needs the columns file and url", tip=f"it has: {', '.join(rows.fieldnames or ())}"
            )
        table = {}
        for row in rows:
            if not is_web_url(row["url"]):
                raise UsageError(f"{path}, line {rows.line_num}: {row['url']!r} is no http or https URL")
            table[row["file"]] = row["url"]
        return table
