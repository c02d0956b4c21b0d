"""The table of contents of an index, read without loading Whoosh, which writes it.

`_MAIN_<generation>.toc` names the segments of a commit and the documents deleted from each. Whoosh keeps it as a
pickle. Here it is read by an unpickler that knows one class and nothing else, so a file that was tampered with runs no
code, and a search spares the 90 ms that importing Whoosh costs.
"""

from __future__ import annotations

import pickle
import re
from dataclasses import dataclass
from io import BytesIO
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.errors import IntegrityError
from newsarchive.search.native.container import Container

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.search.native.layout import Array

INDEX_NAME: Final = "MAIN"
EXTENSION: Final = ".arr"
SEGMENT_CLASS: Final = ("newsarchive.search.native.codec", "ArraySegment")
_FILE: Final = re.compile(rf"_{INDEX_NAME}_(\d+)\.toc")
_INT: Final = Struct("!i")
_VERSION: Final = -111
"""Whoosh's number for this form of the file."""
_TRIES: Final = 20
"""A commit removes the files of the one before it: whoever reads between two steps of it begins again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment as the table of contents names it."""

    name: str
    docs: int
    """Documents, the deleted ones included."""
    deleted: Array
    """u4, ascending."""

    def path(self, folder: Path) -> Path:
        """Its file."""
        return folder / f"{self.name}{EXTENSION}"


@dataclass(frozen=True, slots=True)
class Toc:
    """A commit."""

    generation: int
    entries: tuple[Entry, ...]


class _Segment:
    """Takes the place of the segment class of our codec, whose module loads Whoosh."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as its base
        if (module, name) == SEGMENT_CLASS:
            return _Segment
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a table of contents")


def read(folder: Path) -> Toc:
    """The newest commit of an index whose stamp was seen.

    Raises:
        IntegrityError: there is none, or it is damaged.
    """
    for _ in range(_TRIES):
        generation = _newest(folder)
        try:
            data = (folder / f"_{INDEX_NAME}_{generation}.toc").read_bytes()
        except FileNotFoundError as error:
            missing = error
            continue
        try:
            return Toc(generation, _entries(data, generation))
        except Exception as error:  # damaged pickles raise errors of any kind
            raise damaged(folder, error) from error
    raise damaged(folder, missing) from missing


def open_segments(folder: Path) -> tuple[Toc, list[Container]]:
    """The newest commit of an index whose stamp was seen, and its segments.

    Raises:
        IntegrityError: files are missing or damaged.
    """
    for _ in range(_TRIES):
        toc = read(folder)
        try:
            containers = [_opened(entry, folder) for entry in toc.entries]
        except FileNotFoundError as error:
            missing = error
            continue
        return toc, containers
    raise damaged(folder, missing) from missing


def damaged(folder: Path, error: Exception) -> IntegrityError:
    """The error for an index that cannot be read."""
    message = f"{folder}: the search index is damaged: {type(error).__name__}: {error}"
    return IntegrityError(message, tip="newsarchive rebuild makes it anew from the stored articles")


def _opened(entry: Entry, folder: Path) -> Container:
    container = Container.open(entry.path(folder))
    if container.docs != entry.docs or (len(entry.deleted) and int(entry.deleted[-1]) >= entry.docs):
        raise damaged(folder, ValueError(f"{entry.name} has {container.docs} articles instead of {entry.docs}"))
    return container


def _newest(folder: Path) -> int:
    found = [int(match[1]) for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))]
    if not found:
        raise damaged(folder, FileNotFoundError("no table of contents"))
    return max(found)


def _entries(data: bytes, generation: int) -> tuple[Entry, ...]:
    stream = BytesIO(data)
    for _ in range(3):  # sizes of C types, which do not matter here
        _varint(stream)
    if _int(stream) != -12345 or _int(stream) != _VERSION:  # noqa: PLR2004 - Whoosh's mark
        raise ValueError("not a table of contents of this version")
    for _ in range(3):  # Whoosh's release
        _varint(stream)
    stream.seek(_varint(stream), 1)  # the schema: ours is in the code
    if _int(stream) != generation:
        raise ValueError("it holds another generation than its name says")
    _int(stream)
    segments = _Unpickler(stream).load()
    return tuple(_entry(segment.state) for segment in segments)


def _entry(state: dict[str, Any]) -> Entry:
    return Entry(
        name=f"{state['indexname']}_{state['segid']}",
        docs=int(state["docs"]),
        deleted=np.frombuffer(state["deleted"], "<u4"),
    )


def _int(stream: BytesIO) -> int:
    value: int = _INT.unpack(stream.read(_INT.size))[0]
    return value


def _varint(stream: BytesIO) -> int:
    value = shift = 0
    while True:
        byte = stream.read(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the high bit says that more follows
            return value
