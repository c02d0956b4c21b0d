"""Reads a WARC file whole and checks every record: gzip checksum, header, length, block digest, payload digest.

The captures come out as a rebuild would find them, so that they can be held against their rows. Memory is bounded by
`KEEP` and the captures of one file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from newsarchive.digests import labelled_sha1, warc_sha1
from newsarchive.errors import ExtractionError
from newsarchive.models import Finding
from newsarchive.warc.captures import HEAD, PAYLOADS, captures_of, whole_header
from newsarchive.warc.cdxj import final_name
from newsarchive.warc.http import entity, split
from newsarchive.warc.members import Damage, Member, inflated, walk
from newsarchive.warc.record import Header, RecordFault, digest_agrees, digest_is, hasher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.models import Capture

KEEP: Final = 16_777_216
"""Bytes of a record that are looked at in memory; of a longer one the digests are taken as it streams by."""


class FileCheck:
    """One pass over one of our WARC files, finished or open.

    Args:
        path: the file.
        quick: leave the digests out.
        tell: called with each damage.
        progress: called with the offset that was reached, now and then.
    """

    def __init__(
        self,
        path: Path,
        *,
        quick: bool,
        tell: Callable[[Finding], None],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.name = final_name(path.name)
        self.torn = False
        """Whether the file ends inside a record, as one does that is open, or was left so."""
        self.records = 0
        """Whole records, of any kind."""
        self._path = path
        self._quick = quick
        self._tell = tell
        self._progress = progress
        self._payloads: dict[int, str] = {}

    def captures(self) -> Iterator[Capture]:
        """The captures of the file in order; what is damaged is told on the way.

        Raises:
            OSError: the file cannot be read.
        """
        with self._path.open("rb") as file:
            items = self._checked(file.fileno())
            for found in captures_of(items, file=self.name):
                if isinstance(found, Damage):
                    self._tell_damage(found)
                else:
                    self._check_payload(found)
                    yield found

    def _checked(self, descriptor: int) -> Iterator[Member | Damage]:
        for item in walk(descriptor, keep=HEAD if self._quick else KEEP):
            if isinstance(item, Damage):
                yield item
                continue
            self.records += 1
            if not self._quick:
                self._check_digests(descriptor, item)
            if self._progress:
                self._progress(item.offset + item.length)
            yield item

    def _check_digests(self, descriptor: int, member: Member) -> None:
        try:
            header = whole_header(member)
        except RecordFault:
            return  # told by `captures_of`, which reads the same header
        block, payload = _digests(descriptor, member, header)
        if block is False:
            what = f"the block digest of a {header.kind} record does not hold"
            self._note("warc-block-digest", what, member.offset, header.url)
        if payload is not None:
            self._payloads[member.offset] = payload
            named = header.fields.get("warc-payload-digest", "")
            # Writers differ on what a payload digest covers where the framing was kept; those of ours all hold.
            if block is None and named and _names_another(named, payload):
                what = f"the payload digest of a {header.kind} record does not hold"
                self._note("warc-payload-digest", what, member.offset, header.url)

    def _check_payload(self, capture: Capture) -> None:
        found = self._payloads.pop(capture.place.offset, None)
        if found is not None and capture.payload_digest and found != capture.payload_digest:
            what = "the payload does not have the digest that was noted when it was captured"
            self._note("warc-payload-digest", what, capture.place.offset, capture.url)

    def _tell_damage(self, damage: Damage) -> None:
        self._payloads.pop(damage.offset, None)
        if damage.torn and self._path.name.endswith(".open"):
            self.torn = True
            return
        self._note("warc-damaged", f"{damage.reason}; {damage.length} bytes cannot be read", damage.offset, None)

    def _note(self, kind: str, what: str, offset: int, subject: str | None) -> None:
        self._tell(Finding(kind, what, f"warc/{self.name}", offset, subject))


def _names_another(value: str, payload: str) -> bool:
    return value.lower().startswith("sha1:") and value.upper() != payload.upper()


def _digests(descriptor: int, member: Member, header: Header) -> tuple[bool | None, str | None]:
    """Whether the block digest holds, and the payload digest as it is (of captures only)."""
    named = header.fields.get("warc-block-digest", "")
    if member.size > len(member.data):
        return _streamed(descriptor, member, header, named)
    block = member.data[header.block_start : header.block_start + header.block_length]
    agrees = digest_agrees(named, block)
    if header.kind not in PAYLOADS:
        return agrees, None
    return agrees, warc_sha1(block if header.kind == "resource" else _entity(block))


def _streamed(descriptor: int, member: Member, header: Header, named: str) -> tuple[bool | None, str | None]:
    """As `_digests`, of a record that is too long for memory."""
    end = header.block_start + header.block_length
    start = header.block_start
    is_payload = header.kind in PAYLOADS
    if header.kind == "response":
        response = split(member.data[start:])
        start = len(member.data) - len(response.body)
        # Kept framing would have to be taken off; the block digest and gzip's checksum have to do.
        is_payload = "chunked" not in response.tokens("Transfer-Encoding")
    whole = hasher(named)
    payload = hashlib.sha1(usedforsecurity=False)
    at = 0
    for data in inflated(descriptor, member.offset):
        if whole is not None:
            whole.update(data[max(0, header.block_start - at) : max(0, end - at)])
        payload.update(data[max(0, start - at) : max(0, end - at)])
        at += len(data)
    agrees = digest_is(named, whole.digest()) if whole is not None else None
    return agrees, labelled_sha1(payload.digest()) if is_payload else None


def _entity(block: bytes) -> bytes:
    response = split(block)
    try:
        return entity(response)
    except ExtractionError:
        return response.body
