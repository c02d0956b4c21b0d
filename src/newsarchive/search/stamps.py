"""`stamp.json` beside the index: what made it, and how far it has come. Reading it loads no engine.

Whoosh keeps pickles in its files, and opening a pickle can run code. So an index is only ever opened where a stamp of
this very format stands beside it, an index is never imported or exported, and `newsarchive rebuild` makes it anew from
the stored articles. The stamp guards against other versions, not against somebody who can write to the archive folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from newsarchive.durable import replace, sync_folder
from newsarchive.errors import IndexMissing

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "stamp.json"
SCHEMA = "newsarchive.index/1"
FORMAT = 2
"""Raised with every change of analysis, schema or files; an index of another format is built anew."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index holds."""

    generation: str
    """Which store of articles the index was made from."""
    revision: int
    """The store's revision up to which every change is in the index; a few later ones may be as well."""


def stamp(folder: Path) -> Stamp | None:
    """The stamp of an index that this version can read, or None."""
    try:
        data = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA or data["format"] != FORMAT:
            return None
        return Stamp(generation=str(data["generation"]), revision=int(data["revision"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def require(folder: Path, *, generation: str | None = None) -> Stamp:
    """The stamp of an index that can be used.

    Raises:
        IndexMissing: none stands there, or one of another version or another store.
    """
    found = stamp(folder)
    tip = "newsarchive rebuild"
    if found is None:
        raise IndexMissing(f"{folder}: no search index of this version", tip=tip)
    if generation is not None and found.generation != generation:
        raise IndexMissing(f"{folder}: the search index belongs to another store of articles", tip=tip)
    return found


def write(folder: Path, new: Stamp) -> None:
    """Replace the stamp: after a crash the old or the new one stands there whole."""
    replace(folder / FILE_NAME, json.dumps({"schema": SCHEMA, "format": FORMAT, **asdict(new)}).encode())


def remove(folder: Path) -> None:
    """Take the stamp away: from here on nothing opens the index."""
    (folder / FILE_NAME).unlink(missing_ok=True)
    sync_folder(folder)
