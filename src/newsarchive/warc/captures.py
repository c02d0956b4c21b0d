"""From a record to a `Capture`: what the record and HTTP headers say of one response."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin

from newsarchive.models import Capture, Origin, Place, Revisit, Role
from newsarchive.warc.http import StoredResponse, split
from newsarchive.warc.members import Damage, Member
from newsarchive.warc.record import Header, RecordFault, derived_record_id, parse_date, parse_fields, parse_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

PAYLOADS: Final = frozenset({"response", "resource"})
"""The record types that hold a payload."""
CAPTURES: Final = PAYLOADS | {"revisit"}
"""The record types that hold a capture."""
HEAD: Final = 262_144
"""Bytes of a record that are read to describe it: the record header and the HTTP head. Real ones are under 20,000."""
_REDIRECTS: Final = range(300, 400)
_CLOSING: Final = 4
"""A record ends with two line breaks."""


class Described(NamedTuple):
    """What a record says of itself, before its place is known."""

    record_id: str
    url: str
    captured_at: datetime
    payload_digest: str


def capture_of(
    described: Described,
    *,
    place: Place,
    origin: Origin,
    response: StoredResponse | str,
    revisit: Revisit | None = None,
) -> Capture:
    """The capture of a response, or of a resource whose media type is given instead."""
    if isinstance(response, str):
        return Capture(**described._asdict(), place=place, origin=origin, media_type=media_type(response))
    status = response.status
    return Capture(
        **described._asdict(),
        place=place,
        origin=origin,
        status=status,
        media_type=media_type(response.header("Content-Type") or ""),
        location=_location(described.url, response) if status in _REDIRECTS else None,
        etag=response.header("ETag"),
        last_modified=response.header("Last-Modified"),
        revisit=revisit,
    )


def revisit_of(header: Header) -> Revisit | None:
    """What a revisit record says of the earlier capture; None of other records."""
    if header.kind != "revisit":
        return None
    return Revisit(
        profile=header.fields.get("warc-profile", ""),
        refers_to=header.fields.get("warc-refers-to", "").strip("<> ") or None,
        url=header.fields.get("warc-refers-to-target-uri", "").strip("<> ") or None,
        captured_at=parse_date(header.fields.get("warc-refers-to-date", "")),
    )


def media_type(content_type: str) -> str:
    """The type without its parameters.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return content_type.partition(";")[0].strip().lower()


def _location(url: str, response: StoredResponse) -> str | None:
    value = response.header("Location")
    if not value:
        return None
    with contextlib.suppress(UnicodeDecodeError):  # many servers write UTF-8 where only ASCII is allowed
        value = value.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, value)
    except ValueError:  # a malformed host in brackets
        return None


def whole_header(member: Member) -> Header:
    """The header of the one record in a member.

    Raises:
        RecordFault: the member holds no record, or more or less than the record says.
    """
    header = parse_header(member.data)
    rest = member.size - header.block_start - header.block_length
    if rest < 0:
        raise RecordFault(f"the block is {-rest} bytes shorter than its Content-Length")
    if rest > _CLOSING:
        raise RecordFault(f"{rest - _CLOSING} bytes follow the record in its member")
    return header


def captures_of(items: Iterable[Member | Damage], *, file: str) -> Iterator[Capture | Damage]:
    """The captures among the members of one of our own files, each with the origin that its metadata record tells.

    Only one capture is held back at a time, until the records that belong to it have passed.
    """
    waiting: Capture | None = None
    for item in items:
        if isinstance(item, Member):
            try:
                header = whole_header(item)
                if header.kind == "metadata" and waiting is not None:
                    waiting = _told(waiting, item, header)
                    continue
                found: Capture | Damage | None = _found(item, header, file) if header.kind in CAPTURES else None
            except RecordFault as fault:
                found = Damage(item.offset, item.length, str(fault))
        else:
            found = item
        if found is None:
            continue
        if waiting is not None:
            yield waiting
        waiting = found if isinstance(found, Capture) else None
        if isinstance(found, Damage):
            yield found
    if waiting is not None:
        yield waiting


def _found(member: Member, header: Header, file: str) -> Capture:
    date = header.date
    if date is None or not header.url:
        raise RecordFault("the record has no WARC-Date or no WARC-Target-URI")
    described = Described(
        header.record_id or derived_record_id(member.data),
        header.url,
        date,
        header.fields.get("warc-payload-digest", ""),
    )
    if header.kind == "resource":
        response: StoredResponse | str = header.fields.get("content-type", "")
    else:
        response = split(member.data[header.block_start :])
    place = Place(file=file, offset=member.offset, length=member.length)
    return capture_of(described, place=place, origin=Origin(), response=response, revisit=revisit_of(header))


def _told(capture: Capture, member: Member, header: Header) -> Capture:
    """The capture with what the metadata record after it tells, if that record is ours and speaks of it."""
    fields = parse_fields(member.data[header.block_start : header.block_start + header.block_length])
    role = fields.get("role", "")
    if role not in {str(known) for known in Role}:
        return capture
    about = header.fields.get("warc-refers-to", "").strip("<> ")
    follows = capture.place.offset + capture.place.length == member.offset
    # A copied foreign record may lack an id or share one; the metadata record right behind it says which one it got.
    if about != capture.record_id and not follows:
        return capture
    origin = Origin(role=Role(role), source=fields.get("source") or None, via=fields.get("via") or None)
    digest = fields.get("payload-digest") or capture.payload_digest
    return capture.model_copy(update={"record_id": about, "origin": origin, "payload_digest": digest})
