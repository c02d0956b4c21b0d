"""Something that is not as it was written, or does not fit what it was made from."""

from __future__ import annotations

from typing import Final, NamedTuple

_BACKUP: Final = "bring the file back from a backup; its other records can still be read"
_RECORDS: Final = "move articles.db away and run `newsarchive rebuild`: the records come back from warc/"
_REBUILD: Final = "run `newsarchive rebuild`"

ADVICE: Final[dict[str, str]] = {
    "warc-missing": "bring the file back from a backup",
    "warc-unreadable": "look at the disk and at who may read the file",
    "warc-damaged": _BACKUP,
    "warc-block-digest": _BACKUP,
    "warc-payload-digest": _BACKUP,
    "cdxj-missing": _REBUILD,
    "cdxj-unreadable": _REBUILD,
    "cdxj-unsorted": _REBUILD,
    "cdxj-lacks": _REBUILD,
    "cdxj-extra": _REBUILD,
    "cdxj-differs": _REBUILD,
    "cdxj-stray": "bring its WARC file back from a backup, or delete it",
    "row-missing": _REBUILD,
    "row-stray": _RECORDS,
    "row-differs": _RECORDS,
    "revisit-stray": "bring the WARC file of the earlier capture back from a backup",
    "database-damaged": _RECORDS,
    "reference-broken": _RECORDS,
    "reading-missing": _RECORDS,
    "reading-stray": _RECORDS,
    "reading-differs": _RECORDS,
    "text-missing": _RECORDS,
    "text-stray": _RECORDS,
    "text-source": _RECORDS,
    "text-differs": _RECORDS,
    "article-missing": _RECORDS,
    "article-stray": _RECORDS,
    "article-differs": _RECORDS,
    "index-damaged": _REBUILD,
    "index-lacks": _REBUILD,
    "index-extra": _REBUILD,
    "index-twice": _REBUILD,
    "withdrawals-damaged": "bring withdrawals.jsonl back from a backup; until then nothing is withdrawn",
    "withdrawal-unfinished": "run `newsarchive rebuild`: it carries out what was begun",
}
"""What to do, by the kind of a finding."""


class Finding(NamedTuple):
    """One damage: what is wrong, and where."""

    kind: str
    """One of the keys of `ADVICE`."""
    what: str
    """For a person."""
    file: str | None = None
    """Relative to the archive folder."""
    offset: int | None = None
    """In bytes of the file."""
    subject: str | None = None
    """The URL, capture or article that it is about."""

    @property
    def advice(self) -> str:
        """What to do about it."""
        return ADVICE[self.kind]
