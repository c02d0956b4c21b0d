"""All that the archive knows of one article in a zip file that anyone can check with standard tools.

The file is a bag (BagIt 1.0, RFC 8493) with a statement in plain language. It holds nothing that depends on when or by
whom it was made, and nothing is packed anew, so two makers get the same file from the same archive.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from contextlib import closing
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, Final

from newsarchive.errors import NotFound
from newsarchive.export.gathering import Gathered, Gathering
from newsarchive.export.outcome import Exported, beside, outcome
from newsarchive.export.statement import Account, File, statement
from newsarchive.version import __version__
from newsarchive.warc import WarcStream, warcinfo_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from newsarchive.holdings import Holdings
    from newsarchive.models import Article, Segment, Version

SCHEMA: Final = "newsarchive.evidence/1"
_WARC: Final = "data/captures.warc.gz"
_STEP: Final = 1_048_576
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip file can hold; all of its files have it."""
_MODE: Final = 0o644 << 16


def write_evidence(holdings: Holdings, article: Article, path: Path, *, force: bool = False) -> Exported:
    """Write the evidence of an article.

    Args:
        holdings: the archive.
        article: the article.
        path: the zip file; it appears under this name once it is whole.
        force: replace a file of this name.

    Raises:
        NotFound: none of the article's captures can be read; nothing is written.
        UsageError: the file is there already.
        OSError: the file cannot be written.
    """
    gathering = Gathering(holdings)
    found = sorted(gathering.of(article), key=_place)
    if not found:
        raise NotFound(f"no capture of {article.id} can be read: {gathering.problems[0]}", tip="nothing was written")
    with beside(path, force=force) as file, closing(_Bag(file, f"evidence-{article.id}")) as bag:
        accounts, records = _add_captures(holdings, article, found, bag)
        for version in article.versions:
            bag.add(f"data/version-{version.number}.txt", _text(version))
        for before, after in pairwise(article.versions):
            bag.add(f"data/changes-{before.number}-{after.number}.txt", _changes(before, after))
        problems = tuple(sorted(gathering.problems))
        bag.add("data/versions.json", _as_json(article, accounts, problems))
        told = statement(holdings.settings.archive, article, accounts, bag.files, problems)
        bag.finish(told, {"External-Identifier": article.url, "Bag-Software-Agent": f"newsarchive {__version__}"})
    return outcome(path, "evidence", articles=1, captures=len(found), records=records, problems=gathering.problems)


def _place(gathered: Gathered) -> tuple[str, int]:
    place = gathered.capture.place
    return place.file, place.offset


def _add_captures(
    holdings: Holdings, article: Article, found: Sequence[Gathered], bag: _Bag
) -> tuple[list[Account], int]:
    """Copy the captures, behind the warcinfo record of the file that each lies in."""
    shows = {version.record_id: version.number for version in article.versions}
    accounts = []
    file, info = "", None
    with tempfile.TemporaryFile() as stream:
        warc = WarcStream(stream, name=_WARC.rpartition("/")[2])
        for capture, records, original in found:
            if capture.place.file != file:
                file = capture.place.file
                info = warcinfo_of(holdings.warc_folder, file)
                if info:
                    warc.add_warcinfo(info)
            placed = warc.add(capture, records)
            made_by = info.fields if info else {}
            version = shows.get(capture.record_id)
            accounts.append(Account(capture, placed.place, records, original, made_by, version))
        stream.seek(0)
        bag.add(_WARC, stream)
    return sorted(accounts, key=lambda account: (account.capture.captured_at, account.capture.record_id)), warc.records


def _text(version: Version) -> bytes:
    return f"{version.headline or ''}\n\n{version.body}\n".encode()


def _changes(before: Version, after: Version) -> bytes:
    """What was taken out and put in, word by word, in the whole of headline and text."""
    diff = before.diff(after)
    parts = ("".join(map(_spelled, segments)) for segments in (diff.headline, diff.body))
    return ("[-taken out-] {+put in+}\n\n" + "\n\n".join(parts) + "\n").encode()


def _spelled(segment: Segment) -> str:
    if not segment.changed:
        return segment.new
    return "".join((f"[-{segment.old}-]" if segment.old else "", f"{{+{segment.new}+}}" if segment.new else ""))


def _as_json(article: Article, accounts: Sequence[Account], problems: Sequence[str]) -> bytes:
    record = {
        "schema": SCHEMA,
        "id": article.id,
        "url": article.url,
        "source": article.source,
        "first_seen": article.first_seen.isoformat(),
        "last_seen": article.last_seen.isoformat(),
        "versions": [_version(version) for version in article.versions],
        "captures": [account.as_record() for account in accounts],
        "missing": list(problems),
    }
    return json.dumps(record, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def _version(version: Version) -> dict[str, Any]:
    record = {**version.as_record(), "text": f"data/version-{version.number}.txt"}
    return {name: value for name, value in record.items() if name not in {"body", "paragraphs"}}


class _Bag:
    """A bag in a zip file, all files stored as they are, since packers differ in what they make of the same bytes."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._name = name
        self.files: list[File] = []

    def close(self) -> None:
        self._zip.close()

    def add(self, path: str, content: bytes | IO[bytes]) -> None:
        """Put a file in; its digest will stand in a manifest."""
        info = zipfile.ZipInfo(f"{self._name}/{path}", _EARLIEST)
        info.external_attr = _MODE
        info.create_system = 3  # Unix, on every system: the digest of the zip file depends on it
        hashed, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as target:
            for part in _parts(content):
                hashed.update(part)
                target.write(part)
                size += len(part)
        self.files.append(File(path, size, hashed.hexdigest()))

    def finish(self, told: str, about: dict[str, str]) -> None:
        """Put in what describes the bag, and the manifests."""
        self.add("STATEMENT.txt", told.encode("utf-8"))
        self.add("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        payload = [file for file in self.files if file.path.startswith("data/")]
        about = {**about, "Payload-Oxum": f"{sum(file.size for file in payload)}.{len(payload)}"}
        self.add("bag-info.txt", "".join(f"{name}: {value}\n" for name, value in about.items()).encode("utf-8"))
        self.add("manifest-sha256.txt", _manifest(payload))
        self.add("tagmanifest-sha256.txt", _manifest(file for file in self.files if file not in payload))


def _manifest(files: Iterable[File]) -> bytes:
    return "".join(f"{file.sha256}  {file.path}\n" for file in sorted(files)).encode("ascii")


def _parts(content: bytes | IO[bytes]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while part := content.read(_STEP):
        yield part
