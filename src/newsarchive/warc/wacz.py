"""WACZ files: WARC files with their index and a list of pages in one zip file, which replay tools open as it is.

Follows WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/). The index is CDXJ in gzip members of some thousand
lines, with a second index that says where each member begins, so that a reader fetches two small pieces for a look-up.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from datetime import UTC
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Self, cast

from newsarchive.warc.cdxj import cdxj_line
from newsarchive.warc.lines import SortedLines
from newsarchive.warc.record import GZIP, LEVEL
from newsarchive.warc.taking import WarcStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from newsarchive.models import Capture
    from newsarchive.warc.taking import Taken

VERSION: Final = "1.1.1"
_DATA: Final = "data.warc.gz"
_LINES: Final = 1024
"""CDXJ lines in one gzip member of the index."""
_MODE: Final = 0o644 << 16


class Page(NamedTuple):
    """One entry of the list of pages."""

    id: str
    url: str
    at: datetime
    title: str
    text: str


class WaczWriter:
    """Writes a WACZ file from its beginning to its end; a context manager. What it needs of memory does not grow.

    A capture is added with all its records, and its pages after it. Leaving the context finishes the file.
    """

    def __init__(self, file: IO[bytes], *, title: str, description: str, info: Mapping[str, str], at: datetime) -> None:
        """Begin the file.

        Args:
            file: an empty file, open for writing; it must be possible to seek in it.
            title: of the collection.
            description: what is in it.
            info: fields of the warcinfo record; `software` stands in the description of the package as well.
            at: when it is made.
        """
        self._at = at.astimezone(UTC)
        self._about = {"title": title, "description": description, "software": info["software"]}
        self._stack = ExitStack()
        self._resources: list[dict[str, Any]] = []
        self._zip = self._stack.enter_context(zipfile.ZipFile(file, "w", allowZip64=True))
        self._pages = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        self._lines = self._stack.enter_context(SortedLines())
        self._archive = ExitStack()
        stream = self._archive.enter_context(self._entry(f"archive/{_DATA}", zipfile.ZIP_STORED))
        self._warc = WarcStream(stream, name=_DATA)
        self._warc.describe(info, at=self._at)
        self._put_page({"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._archive.close()
            if kind is None:
                self._finish()

    @property
    def records(self) -> int:
        """WARC records written, the warcinfo record included."""
        return self._warc.records

    def add(self, capture: Capture, records: Sequence[Taken]) -> None:
        """Write the records of a capture, and list it in the index.

        An answer 304 is not listed: a replay tool that is led to it shows an empty page (measured with pywb). Where it
        is not, the tool goes to the nearest capture that has one.
        """
        placed = self._warc.add(capture, records)
        if placed.status != HTTPStatus.NOT_MODIFIED:
            self._lines.add(cdxj_line(placed))

    def add_page(self, page: Page) -> None:
        """List a page."""
        at = page.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._put_page({"id": page.id, "url": page.url, "ts": at, "title": page.title, "text": page.text})

    def _put_page(self, page: Mapping[str, object]) -> None:
        self._pages.write(json.dumps(page, ensure_ascii=False).encode("utf-8") + b"\n")

    def _finish(self) -> None:
        with tempfile.TemporaryFile() as second:
            with self._entry("indexes/index.cdx.gz", zipfile.ZIP_STORED) as stream:
                for line in _packed(self._lines, stream):
                    second.write(line)
            self._copy("indexes/index.idx", second)
        self._copy("pages/pages.jsonl", self._pages)
        package = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "created": self._at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **self._about,
            "resources": self._resources,
        }
        described = json.dumps(package, ensure_ascii=False, indent=2).encode("utf-8")
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
        for name, data in (
            ("datapackage.json", described),
            ("datapackage-digest.json", json.dumps(digest, indent=2).encode("ascii")),
        ):
            self._zip.writestr(self._info(name, zipfile.ZIP_DEFLATED), data)

    def _copy(self, path: str, source: IO[bytes]) -> None:
        source.seek(0)
        with self._entry(path, zipfile.ZIP_DEFLATED) as target:
            shutil.copyfileobj(source, target)

    @contextmanager
    def _entry(self, path: str, compression: int) -> Iterator[IO[bytes]]:
        """A file of the package, which the description of the package then lists."""
        with self._zip.open(self._info(path, compression), "w", force_zip64=True) as stream:
            hashed = _Hashed(stream)
            yield cast("IO[bytes]", hashed)
        name = path.rpartition("/")[2]
        self._resources.append(
            {"name": name, "path": path, "hash": f"sha256:{hashed.sha256.hexdigest()}", "bytes": hashed.size}
        )

    def _info(self, path: str, compression: int) -> zipfile.ZipInfo:
        at = self._at
        info = zipfile.ZipInfo(path, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = compression
        info.external_attr = _MODE
        return info


class _Hashed:
    """A stream that counts and hashes what is written to it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._stream.write(data)


def _packed(lines: SortedLines, stream: IO[bytes]) -> Iterator[bytes]:
    """Write sorted CDXJ lines as gzip members; the lines of the index that tells where each member lies."""
    yield b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n'
    offset = 0
    block: list[bytes] = []
    for line in lines:
        block.append(line)
        if len(block) == _LINES:
            offset += yield from _pack_block(block, stream, offset)
            block = []
    if block:
        yield from _pack_block(block, stream, offset)


def _pack_block(block: list[bytes], stream: IO[bytes], offset: int) -> Generator[bytes, None, int]:
    member = zlib.compress(b"".join(block), LEVEL, GZIP)
    stream.write(member)
    place = {"offset": offset, "length": len(member), "digest": f"sha256:{hashlib.sha256(member).hexdigest()}"}
    yield block[0].partition(b"{")[0] + json.dumps(place).encode("ascii") + b"\n"
    return len(member)
