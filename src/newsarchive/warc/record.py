"""One WARC record as bytes: how it is put together, and how it is taken apart again.

Follows WARC/1.1 (ISO 28500:2017, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/),
sections 4 to 6. Reading takes the older versions as well, and what their writers got wrong without harm.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import uuid
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from newsarchive.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GZIP: Final = 31
"""Window bits for zlib: a gzip member with the largest window (RFC 1952)."""
LEVEL: Final = 6
"""Deflate level. Level 1 is about 10% larger, level 9 no smaller (measured on news pages)."""
WARC_FIELDS: Final = "application/warc-fields"
FORMAT: Final = (
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
)
"""What a warcinfo record says of its file (WARC/1.1, section 6.2)."""
_GZIP_HEAD: Final = b"\x1f\x8b\x08" + bytes(6) + b"\x03"
"""Of a member without name and time, as zlib writes it (RFC 1952, section 2.3)."""
_GZIP_END: Final = struct.Struct("<II")
_VERSION: Final = b"WARC/1.1\r\n"
_MARK: Final = b"WARC/"
RECORD_END: Final = b"\r\n\r\n"
"""What stands behind a record's header, and behind its block."""
_LONGEST_HEADER: Final = 65_536
"""Bytes of record header that are looked at; real ones are under 3,000."""
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*Z?)?)?)?", re.ASCII
)
_DIGESTS: Final = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})


class RecordFault(ValueError):
    """Bytes that are no whole WARC record. Who knows the file and offset makes a `WarcError` of it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The named fields of a record, and where its block begins in the bytes it was read from."""

    fields: Mapping[str, str]
    """By lower-case name; of a repeated field the first one."""
    block_start: int
    block_length: int

    @property
    def kind(self) -> str:
        """WARC-Type, lower case."""
        return self.fields.get("warc-type", "").lower()

    @property
    def url(self) -> str:
        """WARC-Target-URI, without the angle brackets that the grammar of WARC/1.0 asked for."""
        url = self.fields.get("warc-target-uri", "")
        if url.startswith("<") and url.endswith(">"):
            url = url[1:-1].strip()
        return without_controls(url)

    @property
    def record_id(self) -> str:
        """WARC-Record-ID without angle brackets, or an empty string."""
        return self.fields.get("warc-record-id", "").strip("<> ")

    @property
    def date(self) -> datetime | None:
        """WARC-Date in UTC, or None where it is no date."""
        return parse_date(self.fields.get("warc-date", ""))


def parse_header(data: bytes) -> Header:
    """The header that `data` begins with.

    Raises:
        RecordFault: `data` does not begin with a whole WARC header that says how long its block is.
    """
    if not data.startswith(_MARK):
        raise RecordFault("no WARC record begins here")
    end = _HEADER_END.search(data, 0, _LONGEST_HEADER)
    if end is None:
        raise RecordFault("the record header does not end")
    fields = parse_fields(data[: end.start()].partition(b"\n")[2])
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 18):  # noqa: PLR2004 - fits in 63 bits
        raise RecordFault(f"Content-Length is {length!r}, not a number of bytes")
    return Header(fields, end.end(), int(length))


def parse_fields(data: bytes) -> dict[str, str]:
    r"""Named fields (of a record header or of a block of `application/warc-fields`) by lower-case name.

    >>> parse_fields(b"Source: harbor\r\nvia: https://harbor.example/\r\n feed\r\nvia: second")
    {'source': 'harbor', 'via': 'https://harbor.example/ feed'}
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    fields: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        if line[:1] in {" ", "\t"} and last:  # a folded line, allowed by section 4
            fields[last] = f"{fields[last]} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last in fields:
            last = ""
        if last:
            fields[last] = value.strip()
    return fields


def parse_date(text: str) -> datetime | None:
    """A WARC-Date, which may be as short as a year, in UTC.

    >>> parse_date("2019-02-27T18:30:05.25Z").isoformat(), parse_date("2019-02").isoformat()
    ('2019-02-27T18:30:05.250000+00:00', '2019-02-01T00:00:00+00:00')
    >>> parse_date("20190227183005").isoformat(), parse_date("2019-02-30")
    ('2019-02-27T18:30:05+00:00', None)
    """
    text = text.strip()
    try:
        if len(text) == 14 and text.isdigit():  # noqa: PLR2004 - the ARC form, seen in WARC files made of ARC ones
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        match = _DATE.fullmatch(text)
        if match is None:
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        fraction = int((match[7] or "")[:6].ljust(6, "0"))
        # A leap second is folded into the second before it: datetime has no room for it.
        return datetime(year, month or 1, day or 1, hour, minute, min(second, 59), fraction, tzinfo=UTC)
    except ValueError:
        return None


def format_date(when: datetime) -> str:
    """An aware time as WARC/1.1 writes it, to the microsecond.

    Raises:
        UsageError: the time has no zone.
    """
    if when.tzinfo is None:
        raise UsageError(f"{when.isoformat()} has no time zone", tip="give an aware datetime")
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def new_record_id() -> str:
    """A fresh WARC-Record-ID, without angle brackets."""
    return f"urn:uuid:{uuid.uuid4()}"


def derived_record_id(data: bytes) -> str:
    """The id of a record that has none of its own: the same each time it is read.

    Args:
        data: the record from its first byte; the first 4,096 bytes decide.
    """
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(data[:4096]).hexdigest())}"


def build(fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    """A record: version, fields, Content-Length, block.

    Raises:
        UsageError: a value holds a control character, which would begin a new field or end the header.
    """
    lines = [_VERSION, named_fields(fields), b"Content-Length: %d" % len(block), RECORD_END, block, RECORD_END]
    return b"".join(lines)


def named_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Fields as `name: value` lines, in UTF-8.

    Raises:
        UsageError: a value holds a control character.
    """
    lines = []
    for name, value in fields:
        if _CONTROL.search(value) or value != value.strip():
            raise UsageError(
                f"{name} cannot be kept in a WARC file: {value[:200]!r} holds a control character or outer space",
                tip="percent-encode it",
            )
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("utf-8")


def without_controls(text: str) -> str:
    r"""A text with its control characters percent-encoded, so that it can be the value of a field.

    >>> without_controls("a\r\nb")
    'a%0D%0Ab'
    """
    return _CONTROL.sub(lambda match: quote(match[0], errors="replace"), text)


def pack(record: bytes, *, coded: int = 0) -> bytes:
    """The record as one gzip member (WARC/1.1, annex D).

    Args:
        record: all of it.
        coded: how many bytes of its end are packed already, as a body with a content coding is. They are stored as they
            are: packing them again took 0.9 ms of CPU a page and won 0.1 % of its size.
    """
    if not coded:
        return zlib.compress(record, LEVEL, GZIP)
    view, plain = memoryview(record), len(record) - coded
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    storer = zlib.compressobj(0, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends on a whole byte, so that the stored blocks (RFC 1951, section 3.2.4) can follow.
    return b"".join(
        (
            _GZIP_HEAD,
            deflater.compress(view[:plain]),
            deflater.flush(zlib.Z_FULL_FLUSH),
            storer.compress(view[plain:]),
            storer.flush(),
            _GZIP_END.pack(zlib.crc32(record), len(record) & 0xFFFFFFFF),
        )
    )


def digest_agrees(value: str, data: bytes) -> bool | None:
    """Whether a labelled digest is that of `data`; None where its algorithm is not known.

    >>> digest_agrees("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b""), digest_agrees("crc:0", b"")
    (True, None)
    """
    found = hasher(value)
    if found is None:
        return None
    found.update(data)
    return digest_is(value, found.digest())


def hasher(value: str) -> hashlib._Hash | None:
    """What takes a digest as a labelled one was taken; None where its algorithm is not known."""
    label, colon, _ = value.strip().partition(":")
    name = label.lower().replace("-", "")
    return hashlib.new(name, usedforsecurity=False) if colon and name in _DIGESTS else None


def digest_is(value: str, found: bytes) -> bool:
    """Whether a labelled digest spells these bytes."""
    return _decode_digest(value.strip().partition(":")[2].strip(), len(found)) == found


def _decode_digest(text: str, size: int) -> bytes | None:
    """Hexadecimal, base32 or base64: writers differ, the length tells them apart."""
    try:
        if len(text) == 2 * size:
            return binascii.unhexlify(text)
        bare = text.rstrip("=")
        if len(bare) == (8 * size + 4) // 5:
            return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
