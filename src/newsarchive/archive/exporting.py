"""What an archive hands out: captures as packages for other tools, and as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.archive.opened import as_path
from newsarchive.archive.reading import Reading

if TYPE_CHECKING:
    from newsarchive.export import Exported


class Exporting(Reading):
    """The part of `Archive` that writes files for use outside it."""

    def evidence(self, url_or_id: str, path: Path | str | None = None, *, force: bool = False) -> Exported:
        """Write all that the archive knows of one article into a zip file that can be checked without newsarchive.

        The same archive gives the same file, byte for byte.

        Args:
            url_or_id: as for `get`.
            path: where to; `evidence-ID.zip` here, if it is not given.
            force: replace a file of this name.

        Raises:
            NotFound: the archive has no such article, or none of its captures can be read.
            UsageError: there is a file of this name already.
            OSError: the file cannot be written.
        """
        from newsarchive.export import write_evidence  # noqa: PLC0415 - searching needs no WARC reader

        article = self.get(url_or_id)
        return write_evidence(self._holdings, article, as_path(path) or Path(f"evidence-{article.id}.zip"), force=force)
