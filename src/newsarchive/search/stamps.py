"""`stamp.json` beside the index: what made it, and how far it has come. Reading it loads no engine.

Whoosh keeps pickles in its files, and opening a pickle can run code. So an index is only ever opened where a stamp of
this very format stands beside it, an index is never imported or exported, and `newsarchive rebuild` makes it anew from
the stored articles. The stamp guards against other versions, not against somebody who can write to the archive folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, get_args

from newsarchive.durable import replace, sync_folder
from newsarchive.errors import IndexMissing
from newsarchive.search.engine import EngineName

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "stamp.json"
SCHEMA = "newsarchive.index/1"
FORMAT = 4
"""Raised with every change of analysis, schema or files; an index of another format is built anew."""
_FILES = ("MAIN_*.arr", "_MAIN_*.toc", "tantivy/*.*")
_UNTOLD = frozenset({"meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock"})
"""Files of tantivy that change under their names, or hold nothing."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index holds."""

    generation: str
    """Which store of articles the index was made from."""
    revision: int
    """The store's revision up to which every change is in the index; a few later ones may be as well."""
    engine: EngineName = "whoosh"
    """What wrote its files."""


def stamp(folder: Path) -> Stamp | None:
    """The stamp of an index that this version can read, or None."""
    try:
        data = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA or data["format"] != FORMAT:
            return None
        if data.get("engine", "whoosh") not in get_args(EngineName):
            return None
        return Stamp(str(data["generation"]), int(data["revision"]), data.get("engine", "whoosh"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stamped_at(folder: Path) -> tuple[int, ...] | None:
    """Something that changes with every commit and costs no reading: the stamp's file, as the file system tells it."""
    try:
        found = (folder / FILE_NAME).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def require(folder: Path, *, generation: str | None = None, engine: EngineName | None = None) -> Stamp:
    """The stamp of an index that can be used.

    Raises:
        IndexMissing: none stands there, or one of another version, another store or another engine.
    """
    found = stamp(folder)
    tip = "newsarchive rebuild"
    if found is None:
        raise IndexMissing(f"{folder}: no search index of this version", tip=tip)
    if generation is not None and found.generation != generation:
        raise IndexMissing(f"{folder}: the search index belongs to another store of articles", tip=tip)
    if engine is not None and found.engine != engine:
        raise IndexMissing(f"{folder}: the search index was made by {found.engine}, not by {engine}", tip=tip)
    return found


def write(folder: Path, new: Stamp) -> None:
    """Replace the stamp: after a crash the old or the new one stands there whole."""
    data = {"schema": SCHEMA, "format": FORMAT, **asdict(new), "files": _digests(folder)}
    replace(folder / FILE_NAME, json.dumps(data).encode())


def altered_files(folder: Path) -> list[str]:
    """The files of an index that are not as they were when the stamp was written; files since then are not judged.

    The engine has no checksums: of single flipped bits in a segment, four in five change nothing that a reader notices
    and some change answers (measured on 60).
    """
    return sorted(name for name, known in _noted(folder).items() if _digest_of(folder / name) not in {known, None})


def _digests(folder: Path) -> dict[str, str]:
    """The digest of each file that a commit stands on. They never change, so what was noted once is kept."""
    noted = _noted(folder)
    paths = [path for pattern in _FILES for path in folder.glob(pattern) if path.name not in _UNTOLD]
    names = [path.relative_to(folder).as_posix() for path in paths]
    found = {name: noted.get(name) or _digest_of(folder / name) for name in names}
    return {name: digest for name, digest in found.items() if digest}


def _noted(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / FILE_NAME).read_text(encoding="utf-8")).get("files", {}))
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _digest_of(path: Path) -> str | None:
    """None where the file is gone: a later commit merged it away."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except FileNotFoundError:
        return None


def remove(folder: Path) -> None:
    """Take the stamp away: from here on nothing opens the index."""
    (folder / FILE_NAME).unlink(missing_ok=True)
    sync_folder(folder)
