r"""One file that holds many arrays: written once, then mapped into memory and read without copying.

    8 bytes   magic b"NARR\0\0\0\1"
    u64       length of the JSON that follows
    JSON      {"docs": n, "size": bytes of the file, "arrays": {name: [dtype, byte offset, count]}, "scalars": {...},
               "packed": {name: [kind, parts, dtype, count, number, missing]}}, see `packing.py`
    u32       CRC-32 of the JSON
    arrays    little-endian, each at a multiple of 64 bytes

Opening reads the JSON alone, so it costs the same for ten documents and for a million. Lists of strings (`values`) are
arrays too, of JSON text, and are read when they are first asked for. Bits that flip in an array are found by the
digests of `stamps.py`, not here: reading all bytes at each opening is what this file is made to avoid.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from struct import Struct
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Self
from zlib import crc32

import numpy as np

from newsarchive.errors import IntegrityError
from newsarchive.search.native import packing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from newsarchive.search.native.packing import Packed

    Array = NDArray[Any]

MAGIC: Final = b"NARR\0\0\0\1"
_LENGTH: Final = Struct("<Q")
_CRC: Final = Struct("<I")
_ALIGNED: Final = 64
_PART: Final = "~"
"""Between the name of a packed array and the number of a part of it."""
_VALUES: Final = "values."
_COPIED: Final = 1 << 24
"""Bytes copied at a time when a file is put together."""


class Resident(NamedTuple):
    """Bytes that this process has in memory."""

    all: int
    mapped: int
    """Of mapped files, libraries among them."""


def resident() -> Resident | None:
    """What this process has in memory now; None where the system does not tell. See `statm` in proc(5)."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - half the time of Path.open
            _, whole, mapped, *_ = map(int, statm.read().split())
    except (OSError, ValueError):
        return None
    return Resident(whole * mmap.PAGESIZE, mapped * mmap.PAGESIZE)


class ContainerWriter:
    """Writes a container. Arrays may come whole or in parts, in any order and mixed.

    Parts wait in files without a name, so a killed process leaves nothing but, at most, the unfinished file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: dict[str, tuple[np.dtype[Any], IO[bytes]]] = {}
        self._whole: dict[str, Array] = {}
        self._packed: dict[str, Packed] = {}

    def append(self, name: str, part: Array) -> None:
        """Add to the end of an array.

        Raises:
            TypeError: the parts of an array differ in dtype.
        """
        if name not in self._parts:
            self._parts[name] = part.dtype, TemporaryFile(dir=self._path.parent)  # noqa: SIM115 - closed by `close`
        dtype, file = self._parts[name]
        if dtype != part.dtype:
            raise TypeError(f"{name}: {part.dtype} cannot follow {dtype}")
        file.write(_bytes(part))

    def put(self, name: str, array: Array, packed: Packed | None = None) -> None:
        """Give an array whole, to be kept as it is or as it was packed, until the file is written."""
        if packed is None:
            self._whole[name] = array
            return
        for number, part in enumerate(packed.parts):
            self._whole[f"{name}{_PART}{number}"] = part
        self._packed[name] = packed._replace(parts=len(packed.parts))  # type: ignore[arg-type]  # as it is written

    def put_strings(self, name: str, strings: Sequence[str]) -> None:
        """Give a list of strings, read back as `Container.values[name]`."""
        data = json.dumps(list(strings), ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.put(_VALUES + name, np.frombuffer(data, np.uint8))

    def write(self, docs: int, scalars: Mapping[str, float]) -> int:
        """Put the file together and sync it; how many bytes it has. A file that could not be finished is removed.

        Raises:
            OSError: it cannot be written.
        """
        # By name: in which order they came depends on who shared the work.
        sizes = {name: (array.dtype, array.nbytes) for name, array in sorted(self._whole.items())}
        sizes |= {name: (dtype, file.tell()) for name, (dtype, file) in sorted(self._parts.items())}
        rest = {"docs": docs, "scalars": dict(scalars), "packed": dict(sorted(self._packed.items()))}
        head, offsets, size = _header(sizes, rest)
        try:
            with self._path.open("xb") as file:
                file.write(head)
                for name, offset in offsets.items():
                    file.write(bytes(offset - file.tell()))
                    self._copy(name, file)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            self.close()
        return size

    def close(self) -> None:
        """Drop what was not written."""
        for _, file in self._parts.values():
            file.close()
        self._parts.clear()
        self._whole.clear()

    def _copy(self, name: str, file: IO[bytes]) -> None:
        if name in self._whole:
            file.write(_bytes(self._whole[name]))
            return
        _, part = self._parts[name]
        part.seek(0)
        while data := part.read(_COPIED):
            file.write(data)


def _header(
    sizes: Mapping[str, tuple[np.dtype[Any], int]], rest: Mapping[str, Any]
) -> tuple[bytes, dict[str, int], int]:
    """The bytes before the arrays, where each array begins, and the size of the file."""
    start = 0
    while True:
        # The JSON holds places that depend on its own length; it settles after a second round.
        offsets: dict[str, int] = {}
        at = start
        for name, (_, size) in sizes.items():
            offsets[name] = at = _up(at)
            at += size
        arrays = {
            name: [dtype.newbyteorder("<").str, offsets[name], size // dtype.itemsize]
            for name, (dtype, size) in sizes.items()
        }
        text = json.dumps({"size": at, "arrays": arrays, **rest}).encode()
        head = MAGIC + _LENGTH.pack(len(text)) + text + _CRC.pack(crc32(text))
        if _up(len(head)) <= start:
            return head, offsets, at
        start = _up(len(head))


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).view(np.uint8).data


def _up(at: int) -> int:
    return -(-at // _ALIGNED) * _ALIGNED


class Container:
    """A container that is mapped into memory. Arrays cannot be written to, and outlive the file's removal."""

    def __init__(self, path: Path) -> None:
        """Map a file.

        Raises:
            FileNotFoundError: it is not there.
            IntegrityError: it is no container, or not as long as it says.
        """
        self.path = path
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._map: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        head = self._head()
        self.docs: int = head["docs"]
        """Documents of the segment, the deleted ones included."""
        self.scalars: dict[str, float] = head["scalars"]
        self._arrays: dict[str, tuple[str, int, int]] = head["arrays"]
        self._packed: dict[str, list[Any]] = head["packed"]
        self._unpacked: dict[str, Array] = {}
        self._lists: dict[str, list[str]] = {}
        if head["size"] != size:
            raise self._damaged(f"{size} bytes instead of {head['size']}")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a file; raises as the constructor does."""
        return cls(path)

    @property
    def values(self) -> _Values:
        """Lists of strings by name."""
        return _Values(self, self._lists)

    def __getitem__(self, name: str) -> Array:
        """An array.

        Raises:
            KeyError: there is none of that name.
            IntegrityError: it cannot be unpacked.
        """
        if name in self._packed:
            if name not in self._unpacked:
                self._unpacked[name] = self._unpack(name)
            return self._unpacked[name]
        dtype, offset, count = self._arrays[name]
        return np.frombuffer(self._map, np.dtype(dtype), count, offset) if count else np.empty(0, dtype)

    def __contains__(self, name: str) -> bool:
        return name in self._arrays or name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter([*(name for name in self._arrays if _PART not in name), *self._packed])

    def release(self) -> None:
        """Give back the pages of the file that were read; the system keeps them, and they come back when needed."""
        if isinstance(self._map, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def nbytes(self, name: str) -> int:
        """How many bytes an array has in the file."""
        if name in self._packed:
            return sum(self.nbytes(f"{name}{_PART}{number}") for number in range(self._packed[name][1]))
        dtype, _, count = self._arrays[name]
        return int(np.dtype(dtype).itemsize * count)

    def _unpack(self, name: str) -> Array:
        kind, parts, *rest = self._packed[name]
        arrays = tuple(self[f"{name}{_PART}{number}"] for number in range(parts))
        try:
            return packing.unpack(packing.Packed(kind, arrays, *rest))
        except (ValueError, IndexError, zlib.error) as error:
            raise self._damaged(f"{name}: {error}") from error

    def _head(self) -> dict[str, Any]:
        start = len(MAGIC) + _LENGTH.size
        if self._map[: len(MAGIC)] != MAGIC or len(self._map) < start:
            raise self._damaged("it does not begin as a segment of this version")
        (length,) = _LENGTH.unpack_from(self._map, len(MAGIC))
        text = self._map[start : start + length]
        if self._map[start + length : start + length + _CRC.size] != _CRC.pack(crc32(text)):
            raise self._damaged("its table of arrays is not as it was written")
        head: dict[str, Any] = json.loads(text)
        return head

    def _damaged(self, why: str) -> IntegrityError:
        message = f"{self.path}: the search index is damaged: {why}"
        return IntegrityError(message, tip="newsarchive rebuild makes it anew from the stored articles")


class _Values:
    """The lists of strings of a container, each read when it is first asked for."""

    def __init__(self, container: Container, read: dict[str, list[str]]) -> None:
        self._container = container
        self._read = read

    def __getitem__(self, name: str) -> list[str]:
        if name not in self._read:
            data = self._container[_VALUES + name].tobytes()
            self._read[name] = json.loads(data.decode("utf-8", "surrogatepass"))
        return self._read[name]

    def __contains__(self, name: str) -> bool:
        return _VALUES + name in self._container

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(_VALUES) for name in self._container if name.startswith(_VALUES))


def write(
    path: Path,
    docs: int,
    arrays: Mapping[str, Array],
    *,
    scalars: Mapping[str, float] | None = None,
    values: Mapping[str, Sequence[str]] | None = None,
) -> int:
    """Write a container at once; how many bytes it has.

    Raises:
        OSError: it cannot be written.
    """
    writer = ContainerWriter(path)
    for name, array in arrays.items():
        writer.put(name, array)
    for name, strings in (values or {}).items():
        writer.put_strings(name, strings)
    return writer.write(docs, scalars or {})
