"""How captures come in and become articles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.archive.opened import Opened, as_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsarchive.ingest import ImportReport, Tally


class Processing(Opened):
    """The part of `Archive` that takes captures in and processes them."""

    def ingest(
        self,
        *paths: Path | str,
        urls: Mapping[str, str] | Path | None = None,
        on_capture: Callable[[ImportReport], None] | None = None,
        on_process: Callable[[Tally], None] | None = None,
    ) -> tuple[ImportReport, Tally]:
        """Import WARC, WACZ and HTML files and folders of them, and process and index what they hold.

        Args:
            paths: what to import.
            urls: file name to URL, for saved pages that do not name their own; or a CSV file with the columns
                `file` and `url`.
            on_capture: called now and then while files are taken in.
            on_process: called now and then while captures are processed.

        Raises:
            UsageError: a path does not exist or is of no known kind.
            ArchiveReadOnly: the archive was opened for reading.
        """
        from newsarchive.ingest import import_paths, read_url_table  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        _ = self.rules
        with self._writer() as writer:
            files = [path for given in paths if (path := as_path(given))]
            table = read_url_table(urls) if isinstance(urls, Path) else urls
            report = import_paths(self._holdings, files, writer=writer, urls=table, progress=on_capture)
        self._holdings.captures.retry_found()
        return report, self.process(progress=on_process)

    def process(self, *, progress: Callable[[Tally], None] | None = None) -> Tally:
        """Extract, judge and store every capture that waits, and index what changed.

        A second process that calls this waits for the first.
        """
        from newsarchive.ingest import process, update_index  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        tally = process(self._holdings, progress=progress)
        update_index(self._holdings)
        return tally

    def process_while(self, more: Callable[[], bool]) -> Tally:
        """Process what a crawl writes, as long as `more()` says so; it is asked whenever nothing waits."""
        from newsarchive.ingest import process_while  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        return process_while(self._holdings, more)
