"""What an archive says of itself when everything in it is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.archive.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.audit import Verification


class Verifying(Opened):
    """The part of `Archive` that looks for damage."""

    def verify(self, *, quick: bool = False, progress: Callable[[str, int], None] | None = None) -> Verification:
        """Read everything again: WARC files, their CDXJ files, records and index, each against what it is made from.

        Nothing is changed, and a crawl may go on meanwhile: what is on its way is no damage.

        Args:
            quick: leave digests, the indexes of SQLite and the posting lists out.
            progress: called now and then with what is being read and how far that is.

        Returns:
            What was looked at; its `findings` are the damages.
        """
        from newsarchive.audit import verify  # noqa: PLC0415 - searching needs no audit

        return verify(self._holdings, quick=quick, progress=progress)
