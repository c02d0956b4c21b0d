"""The WARC files in WACZ files that others made. A WACZ file is a zip file, and a zip file is not to be trusted.

No name in it becomes a path on this machine, and what it unpacks to is bounded by its own size. What its list of files
(`datapackage.json`) says of them is checked (WACZ 1.1.1, https://specs.webrecorder.net/wacz/1.1.1/).
"""

from __future__ import annotations

import errno
import hashlib
import json
import lzma
import os
import struct
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any, Final

from newsarchive.errors import WarcError
from newsarchive.warc.record import without_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MOST_TIMES: Final = 200
"""How many times its own size a WACZ file may unpack to. WARC files in it should be packed themselves, so that real
ones gain nothing; text that is packed once gains ten times, and a bomb a thousand times."""
MOST_DIRECTORY: Final = 10_000_000
"""Bytes of the zip file's own directory, which is read as a whole; that of a large WACZ has some thousand."""
_MOST_PACKAGE: Final = 10_000_000
"""Bytes of `datapackage.json`."""
_FOLDER: Final = "archive/"
_ENDINGS: Final = (".warc", ".warc.gz")
_PACKAGE: Final = "datapackage.json"
_PACKAGE_DIGEST: Final = "datapackage-digest.json"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_MOST_END: Final = 65_535 + 22 + 20 + 56
"""Bytes in which the end of a zip file begins: a comment and three records."""
_STEP: Final = 1_048_576
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError)
"""What reading an entry raises where it is damaged, encrypted, or packed in a way that is not known here."""

_NO_DISK: Final = frozenset({None, errno.EINVAL})
"""Errors of the system that are none: a place before the beginning of the file, and what bzip2 cannot unpack."""
_UNREADABLE: Final = (*_FAULTS, KeyError, TypeError, AttributeError)
"""What reading JSON of another shape raises as well; too deep a nesting is a `RuntimeError`."""


def unpack_wacz(
    path: Path, *, scratch: Path, on_damage: Callable[[WarcError], None]
) -> Iterator[tuple[str, IO[bytes]]]:
    """Each WARC file of a WACZ file: its name there, and an open file that is gone when the next one is asked for.

    A file that is damaged is told, and given as far as it can be read: its records are checked one by one.

    Args:
        path: the WACZ file.
        scratch: a folder with room for the largest of its WARC files; what lies there has no name, so that nothing is
            left behind even after a kill.
        on_damage: called for what is wrong, and for a WARC file that is not given.

    Raises:
        WarcError: it is no zip file, it holds no WARC file, or it would unpack to too much.
        OSError: it cannot be read, or there is no room in `scratch`.
    """
    with path.open("rb") as file:
        _check_directory(path, file)
        try:
            package = zipfile.ZipFile(file)
        except _FAULTS as fault:
            tip = "check that the download is complete; the list of what is in a zip file stands at its end"
            raise _error(path, f"it is no whole zip file: {fault}", tip=tip) from fault
        with package:
            yield from _Unpacking(path, package, scratch, on_damage)


def _check_directory(path: Path, file: IO[bytes]) -> None:
    """Refuse a directory that would fill the memory: it is read as a whole when the file is opened."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _MOST_END)
    tail = os.pread(file.fileno(), size - start, start)
    # Which of several marks counts is for the reader of zip files to decide; none of them may say too much.
    at = tail.find(_END)
    while at >= 0:
        told = int.from_bytes(tail[at + 12 : at + 16], "little")
        record = tail[max(0, at - 76) : max(0, at - 20)]
        if record.startswith(_END_64):
            told = int.from_bytes(record[40:48], "little")
        if told > MOST_DIRECTORY:
            raise _error(path, f"the list of its files has more than {MOST_DIRECTORY:,} bytes")
        at = tail.find(_END, at + 1)


class _Unpacking:
    """One WACZ file on its way out."""

    def __init__(
        self, path: Path, package: zipfile.ZipFile, scratch: Path, on_damage: Callable[[WarcError], None]
    ) -> None:
        self._path = path
        self._package = package
        self._scratch = scratch
        self._on_damage = on_damage
        self._room = MOST_TIMES * path.stat().st_size

    def __iter__(self) -> Iterator[tuple[str, IO[bytes]]]:
        entries = [entry for entry in self._package.infolist() if _holds_warc(entry.filename)]
        if not entries:
            raise _error(self._path, "it holds no WARC file", tip="those of a WACZ file lie in its folder archive/")
        hashes = self._hashes()
        for entry in entries:
            name = without_controls(entry.filename)
            if ".." in name.split("/"):
                self._tell(f"{name}: not taken: its name leads out of the package")
                continue
            with tempfile.TemporaryFile(dir=self._scratch) as file:
                found = self._copy(entry, name, file)
                wanted = hashes.get(entry.filename)
                if hashes and found != wanted:
                    what = "is not what datapackage.json says of it" if wanted else "is not named in datapackage.json"
                    self._tell(f"{name} {what}")
                file.seek(0)
                yield name, file

    def _copy(self, entry: zipfile.ZipInfo, name: str, target: IO[bytes]) -> str:
        """Unpack an entry as far as it can be read; its SHA-256."""
        hashed, checksum = hashlib.sha256(), 0
        with ExitStack() as stack:
            source: IO[bytes] | None = None
            while True:
                try:
                    source = source or stack.enter_context(self._unchecked(entry))
                    part = source.read(_STEP)
                except OSError as error:
                    if error.errno not in _NO_DISK:
                        raise
                    self._tell(f"{name} cannot be read to its end: {error}")
                    break
                except _FAULTS as fault:
                    self._tell(f"{name} cannot be read to its end: {fault}")
                    break
                if not part:
                    if checksum != entry.CRC:
                        self._tell(f"{name} has another checksum than the zip file says")
                    break
                self._room -= len(part)
                if self._room < 0:
                    raise _error(self._path, f"it unpacks to more than {MOST_TIMES} times its size, in {name}")
                hashed.update(part)
                checksum = zlib.crc32(part, checksum)
                target.write(part)
        return hashed.hexdigest()

    def _unchecked(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        source = self._package.open(entry)
        # zipfile keeps the last bytes of an entry to itself where the checksum fails; the records in them have
        # checksums of their own.
        source._expected_crc = None  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way
        return source

    def _hashes(self) -> Mapping[str, str]:
        """The SHA-256 of each file, as the package tells them; empty where it tells none, which is told."""
        if _PACKAGE not in self._package.namelist():
            self._tell(f"it has no {_PACKAGE}, so its files cannot be compared with what they were")
            return {}
        try:
            described = self._read(_PACKAGE)
            hashes = dict(_told_hashes(json.loads(described)))
        except _UNREADABLE as fault:
            self._tell(f"its {_PACKAGE} cannot be read: {type(fault).__name__}: {fault}")
            return {}
        if not hashes:
            self._tell(f"its {_PACKAGE} names no SHA-256 digest, so its files cannot be compared with what they were")
        self._check_package(described)
        return hashes

    def _check_package(self, described: bytes) -> None:
        if _PACKAGE_DIGEST not in self._package.namelist():
            return
        try:
            told = json.loads(self._read(_PACKAGE_DIGEST))["hash"]
        except _UNREADABLE as fault:
            self._tell(f"its {_PACKAGE_DIGEST} cannot be read: {type(fault).__name__}: {fault}")
            return
        if told != f"sha256:{hashlib.sha256(described).hexdigest()}":
            self._tell(f"its {_PACKAGE} is not what {_PACKAGE_DIGEST} says of it")

    def _read(self, name: str) -> bytes:
        try:
            with self._package.open(name) as source:
                data = source.read(_MOST_PACKAGE + 1)
        except OSError as error:
            if error.errno not in _NO_DISK:
                raise
            raise ValueError(str(error)) from error
        if len(data) > _MOST_PACKAGE:
            raise ValueError(f"it has more than {_MOST_PACKAGE:,} bytes")
        return data

    def _tell(self, what: str) -> None:
        self._on_damage(_error(self._path, what))


def _holds_warc(name: str) -> bool:
    return name.startswith(_FOLDER) and name.lower().endswith(_ENDINGS)


def _told_hashes(package: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever somebody wrote
    for resource in package["resources"]:
        label, _, digest = str(resource.get("hash", "")).partition(":")
        if label == "sha256":
            yield str(resource["path"]), digest.lower()


def _error(path: Path, what: str, *, tip: str = "") -> WarcError:
    return WarcError(f"{path}: {what}", path=str(path), offset=0, tip=tip)
