"""What was withdrawn from an archive, as its log tells it. Plain values: a search reads them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

START: Final = "0" * 64
"""What stands as `previous` in the first entry."""
WITHDRAWN: Final = "withdrawn"
"""An entry that names what goes; it stands in the log before anything is removed."""
REMOVED: Final = "removed"
"""The entry that follows once all of it is gone; `of` names the first one's number."""


@dataclass(frozen=True, slots=True)
class WithdrawnRecord:
    """One capture whose payload goes: what stays known of it, and where it lay."""

    record_id: str
    url: str
    captured_at: str
    """ISO 8601, in UTC."""
    payload_digest: str
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of `withdrawals.jsonl`. Its hash covers all its fields and the hash of the line before."""

    number: int
    time: str
    event: str
    """`withdrawn` or `removed`."""
    previous: str
    actor: str = ""
    """Who ran the command, as the system names them."""
    requester: str = ""
    reason: str = ""
    of: int | None = None
    """Number of the entry that was carried out, in a `removed` one."""
    urls: tuple[str, ...] = ()
    """All addresses that are never fetched, imported or rebuilt again."""
    articles: tuple[str, ...] = ()
    """Ids of articles."""
    records: tuple[WithdrawnRecord, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    """WARC file to the one that takes its place."""
    hash: str = ""

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values."""
        return asdict(self)

    def computed_hash(self) -> str:
        """What its hash must be."""
        fields = {name: value for name, value in self.as_record().items() if name != "hash"}
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> LogEntry:
        """The entry of a line.

        Raises:
            TypeError, ValueError, KeyError: it is none.
        """
        known = dict(record)
        known["urls"] = tuple(known.get("urls", ()))
        known["articles"] = tuple(known.get("articles", ()))
        known["records"] = tuple(WithdrawnRecord(**one) for one in known.get("records", ()))
        return cls(**known)
