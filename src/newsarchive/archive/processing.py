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

    def process(self, *, workers: int | None = None, progress: Callable[[Tally], None] | None = None) -> Tally:
        """Extract, judge and store every capture that waits, and index what changed.

        A second process that calls this waits for the first.

        Args:
            workers: pages that are read at once, each in a process of its own; by default as the settings say.
            progress: called after each batch with the counts so far.
        """
        from newsarchive.ingest import IndexBeside, process  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        with IndexBeside(self._holdings) as index:

            def tell(tally: Tally) -> None:
                index.now_and_then()
                if progress:
                    progress(tally)

            return process(self._holdings, pool=workers, progress=tell)

    def process_while(self, more: Callable[[], bool], *, workers: int | None = None) -> Tally:
        """Process what a crawl writes, as long as `more()` says so; it is asked whenever nothing waits."""
        from newsarchive.ingest import process_while  # noqa: PLC0415 - searching needs no extractor

        self._require_writing()
        return process_while(self._holdings, more, workers=workers)
