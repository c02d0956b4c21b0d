"""What evidence says in plain language: what was captured when, how to check it, and what does not follow from it."""

from __future__ import annotations

import textwrap
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.models import Profile
from newsarchive.text import printable
from newsarchive.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from newsarchive.models import Article, Capture, Place
    from newsarchive.settings import ArchiveSettings
    from newsarchive.warc import Taken

_OUR_FIELDS: Final = frozenset({"role", "source", "via", "payload-digest"})
"""Fields of our metadata record that have a line of their own in the statement."""
_ROBOTS: Final = {
    "obey": "obeyed: what robots.txt forbids is not fetched",
    "ignore": "not asked",
}
_WIDTH: Final = 100


class Account(NamedTuple):
    """One capture, and what its WARC records say of it."""

    capture: Capture
    place: Place
    """In the WARC file of the evidence."""
    records: tuple[Taken, ...]
    original: str | None
    """Of a revisit, the record id of the capture that holds its payload, where the archive has it."""
    made_by: Mapping[str, str]
    """The fields of the warcinfo record of the file that it was captured into."""
    version: int | None
    """The version that it first showed."""

    @property
    def told(self) -> dict[str, str]:
        """The fields of its metadata records."""
        return {
            name: value
            for record in self.records
            if record.header.kind == "metadata"
            for name, value in record.fields.items()
        }

    @property
    def taken_over(self) -> bool:
        """Whether the record was written by another tool and imported."""
        return "payload-digest" in self.told

    @property
    def ip(self) -> str | None:
        """Address that answered."""
        return self.records[0].header.fields.get("warc-ip-address")

    @property
    def protocols(self) -> list[str]:
        """What the exchange was carried by, such as `http/1.1` and `tls/1.3`."""
        return self.records[0].every("WARC-Protocol")

    def as_record(self) -> dict[str, Any]:
        """All of it as JSON-able values."""
        capture = self.capture
        return {
            "record_id": capture.record_id,
            "kind": self.records[0].header.kind,
            "url": capture.url,
            "captured_at": capture.captured_at.isoformat(),
            "status": capture.status,
            "media_type": capture.media_type,
            "payload_digest": capture.payload_digest,
            "ip": self.ip,
            "protocols": self.protocols,
            "revisit": capture.revisit.model_dump(mode="json") if capture.revisit else None,
            "payload_in": self.original,
            "file": f"data/{self.place.file}",
            "offset": self.place.offset,
            "length": self.place.length,
            "captured_into": capture.place.file,
            "captured_by": None if self.taken_over else self.made_by.get("software"),
            "robots": None if self.taken_over else self.made_by.get("robots"),
            "metadata": self.told,
            "first_shows_version": self.version,
        }


class File(NamedTuple):
    """A file of the evidence."""

    path: str
    size: int
    sha256: str


def statement(
    archive: ArchiveSettings,
    article: Article,
    accounts: Sequence[Account],
    files: Sequence[File],
    problems: Sequence[str],
) -> str:
    """The whole text; `files` are those that the statement goes with."""
    parts = [
        *_opening(archive, article, accounts),
        *_captures(accounts),
        *_versions(article),
        *_missing(problems),
        *_files(files),
        _CHECKING.format(folder=f"evidence-{article.id}"),
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _opening(archive: ArchiveSettings, article: Article, accounts: Sequence[Account]) -> Iterator[str]:
    yield "STATEMENT ON AN ARCHIVED ARTICLE"
    first, last = accounts[0].capture.captured_at, accounts[-1].capture.captured_at
    lines = [
        ("Headline", article.headline or "(none)"),
        ("Address", article.url),
        ("Archive", archive.name + (f", kept by {archive.contact}" if archive.contact else "")),
        ("Id", f"{article.id} (derived from the address; the same in every archive)"),
        ("Captures", f"{len(accounts)}, from {_time(first)} to {_time(last)}"),
        ("Versions", f"{len(article.versions)}"),
        ("Written by", f"newsarchive {__version__}"),
    ]
    yield _table(lines)
    yield _wrapped(
        "All times are UTC, by the clock of the machine that captured. A capture is what a server answered to one"
        " request at one moment; data/captures.warc.gz keeps it as it was sent, head and body (only the framing of a"
        " chunked transfer is taken off, and the header that announced it renamed). A version is a state of the"
        " article's headline and text, as newsarchive read it from a capture."
    )


def _captures(accounts: Sequence[Account]) -> Iterator[str]:
    yield "WHAT WAS CAPTURED"
    numbers = {account.capture.record_id: number for number, account in enumerate(accounts, start=1)}
    for number, account in enumerate(accounts, start=1):
        lines = [(name, value) for name, value in _lines(account, numbers) if value]
        yield f"Capture {number}: {_time(account.capture.captured_at, exact=True)}\n" + _table(lines)


def _lines(account: Account, numbers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    capture = account.capture
    yield "asked for", capture.url
    yield "taken from" if account.taken_over else "found in", capture.origin.via or ""
    carried = ", ".join(account.protocols)
    yield "answered by", " over ".join(part for part in (account.ip, carried) if part) or "not recorded"
    yield "answer", _answer(account)
    yield "which says", _reference(account, numbers)
    yield "leads to", capture.location or ""
    if account.taken_over:
        yield "captured by", "another tool, not recorded here; newsarchive took its record over, byte for byte"
    else:
        yield "captured by", account.made_by.get("software", "not recorded")
        yield "robots.txt", _ROBOTS.get(account.made_by.get("robots", ""), "not recorded")
    if capture.url.startswith("https:") and not any(part.startswith("tls") for part in account.protocols):
        yield "TLS", "not recorded: neither its version nor whether the certificate was checked"
    for name, value in sorted(account.told.items()):
        if name not in _OUR_FIELDS:
            yield name, value
    yield "first shows", f"version {account.version}" if account.version else ""
    yield "WARC record", f"{capture.record_id}, at byte {account.place.offset} of data/{account.place.file}"
    yield "payload", capture.payload_digest


def _answer(account: Account) -> str:
    http = account.records[0].http
    if http is None:
        return f"a file of {len(account.records[0].block):,} bytes, without HTTP"
    size = "" if account.capture.revisit else f"{len(http.body):,} bytes"
    parts = [http.status_line, account.capture.media_type, size]
    truncated = account.records[0].header.fields.get("warc-truncated")
    parts.append(f"cut short ({truncated})" if truncated else "")
    return ", ".join(part for part in parts if part)


def _reference(account: Account, numbers: Mapping[str, int]) -> str:
    revisit = account.capture.revisit
    if revisit is None:
        return ""
    number = numbers.get(account.original or "")
    where = f"capture {number}" if number else "a capture that is not here"
    if revisit.profile == Profile.NOT_MODIFIED:
        return f"that the page had not changed since {where}; no body was sent"
    return f"the same as {where}: these very bytes were sent again, and are kept there alone"


def _versions(article: Article) -> Iterator[str]:
    yield "WHAT THE VERSIONS SAY"
    for version in article.versions:
        lines = [
            ("first seen", _time(version.captured_at, exact=True)),
            ("headline", version.headline or "(none)"),
            ("published", f"{version.published.isoformat()} (as the page says)" if version.published else ""),
            ("authors", ", ".join(version.authors)),
            ("text", f"{version.word_count:,} words, in data/version-{version.number}.txt"),
            ("read by", version.extractor),
        ]
        yield f"Version {version.number}\n" + _table([(name, value) for name, value in lines if value])


def _missing(problems: Sequence[str]) -> Iterator[str]:
    if problems:
        yield "WHAT IS MISSING"
        yield _wrapped("What the archive should hold as well, and what is damaged there or gone:")
        yield "\n".join(f"- {printable(problem)}" for problem in problems)


def _files(files: Sequence[File]) -> Iterator[str]:
    yield "THE FILES"
    yield "\n".join(f"  {file.path}, {file.size:,} bytes, SHA-256\n    {file.sha256}" for file in files)


def _time(when: datetime, *, exact: bool = False) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC" if exact else "%Y-%m-%d %H:%M:%S UTC")


def _table(lines: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in lines) + 2
    return "\n".join(f"  {name:<{width}}{printable(' '.join(value.split()))}" for name, value in lines)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH)


_CHECKING: Final = """\
HOW TO CHECK THIS

Unpack the zip file and open a terminal in the folder {folder}. No program of ours is needed.

1. That no file was altered since this evidence was made:

     sha256sum --check manifest-sha256.txt tagmanifest-sha256.txt

   The folder is a bag as RFC 8493 describes it, so tools for bags check it as well: bagit.py --validate .

2. That each captured answer is what its own record says (pip install warcio):

     warcio check -v data/captures.warc.gz

   Each record names the SHA-1 digest of its block and of its payload, in base32. Every tool that reads
   WARC files (ISO 28500) can take them again.

3. What the server sent. BYTE stands for the place of a capture that is named above; the first line prints
   the whole record, the second the page alone:

     warcio extract data/captures.warc.gz BYTE
     warcio extract --payload data/captures.warc.gz BYTE

   The record at byte 0 tells of the program that captured, and of its settings.

4. What the page looked like: put data/captures.warc.gz into a replay tool such as pywb or ReplayWeb.page.

5. That somebody else holds the same: this zip file has no date of its making in it. Whoever holds the same
   archive and the same version of newsarchive gets the same file, with the same SHA-256 digest."""

_LIMITS: Final = """\
WHAT FOLLOWS FROM THIS, AND WHAT DOES NOT

- It follows that the machine that captured received these bytes in answer to these requests, if that machine
  and its keeper are trusted. The digests show that nothing was changed since they were taken. They do not show
  when they were taken, nor by whom: for that, have the digest of this zip file stamped or signed by others.
- The times are those of the machine's clock. They are as right as that clock was.
- A capture shows what one visitor was sent. Others may have been sent something else: by country, device,
  cookie or test group.
- Two captures show two moments. A change between them may have been made at any time in between, and there may
  have been other states that no capture shows.
- That no later capture is here does not show that the page stayed the same.
- The texts and fields were read from the pages by a program, which can be wrong. The captures are what counts.
- Pictures, scripts and styles of the page are not in here. A replay may look different from what people saw."""
