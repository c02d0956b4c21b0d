"""A model of a disk whose power goes: what was written and not synced may be there, or not, or in part.

It is a model, and rests on a disk that keeps what it says it has synced. Of the states that such a disk may be left in,
four are made for each moment:

- `dropped`: names as the process saw them, file contents as they were last synced;
- `half`: the same, but the first half of what was written since is there, the last write of it torn;
- `garbage`: files have the length that they would have, and noise wherever nothing was synced;
- `strict`: contents as last synced, and names as they stood when their folder was last synced.

The first three are how file systems with ordered metadata (ext4, XFS, Btrfs) behave; the last is all that POSIX
promises.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from tests.faults.breaking import Operation

STATES: Final = ("dropped", "half", "garbage", "strict")
Change = tuple[int, bytes] | int
"""A write at a place, or the length that a file was cut to."""


@dataclass
class File:
    """One file: what is on the disk, and what was written since."""

    synced: bytes = b""
    since: list[Change] = field(default_factory=list)

    def content(self, state: str, chance: random.Random) -> bytes:
        """What is there after the power went."""
        if state in {"dropped", "strict"}:
            return self.synced
        if state == "half":
            return _half(self.synced, self.since)
        whole = _applied(self.synced, self.since)
        noise = bytearray(chance.randbytes(len(whole)))
        kept = min(len(self.synced), len(whole))
        noise[:kept] = self.synced[:kept]
        for change in self.since:
            if not isinstance(change, int):
                place, data = change
                end = min(place + len(data), len(noise))
                if end > place:
                    noise[place:end] = chance.randbytes(end - place)
        return bytes(noise)

    def sync(self) -> None:
        """Bring everything to the disk."""
        self.synced = _applied(self.synced, self.since)
        self.since = []


def _applied(start: bytes, changes: Iterable[Change]) -> bytes:
    content = bytearray(start)
    for change in changes:
        if isinstance(change, int):
            del content[change:]
            content.extend(bytes(change - len(content)))
        else:
            place, data = change
            content.extend(bytes(max(0, place - len(content))))
            content[place : place + len(data)] = data
    return bytes(content)


def _half(start: bytes, changes: list[Change]) -> bytes:
    kept = changes[: (len(changes) + 1) // 2]
    if kept and not isinstance(kept[-1], int):
        place, data = kept[-1]
        kept[-1] = (place, data[: len(data) // 2])
    return _applied(start, kept)


class Disk:
    """Follows what a process does to the files below a folder, and lays out what a cut would leave."""

    def __init__(self, folder: Path) -> None:
        """Begin with what is in the folder, all of it synced."""
        self._folder = folder
        self._names: dict[str, File | None] = {}
        """Path to file; None for a folder."""
        for path in sorted(folder.rglob("*")):
            self._names[str(path)] = None if path.is_dir() else File(path.read_bytes())
        self._synced_names = dict(self._names)

    def follow(self, operation: Operation) -> None:
        """Take in the next call."""
        name, path = operation.name, operation.path
        if name == "create":
            self._names[path] = File()
        elif name == "trunc":
            self._file(path).since.append(0)
        elif name == "write":
            self._file(path).since.append((operation.place, operation.data))
        elif name == "truncate":
            self._file(path).since.append(operation.size)
        elif name == "mkdir":
            self._names[path] = None
        elif name == "rename":
            self._names[operation.other] = self._names.pop(path)
        elif name in {"unlink", "rmdir"}:
            self._names.pop(path, None)
        elif name == "sync":
            self._sync(path)

    def _file(self, path: str) -> File:
        # A file that was unlinked while it is open is written to no end.
        return self._names.get(path.removesuffix(" (deleted)")) or File()

    def _sync(self, path: str) -> None:
        file = self._names.get(path)
        if file is not None:
            file.sync()
            return
        inside = {name for name in {**self._names, **self._synced_names} if str(Path(name).parent) == path}
        for name in inside:
            if name in self._names:
                self._synced_names[name] = self._names[name]
            else:
                self._synced_names.pop(name, None)

    def lay_out(self, target: Path, state: str, chance: random.Random) -> None:
        """Make a folder as the cut would leave this one."""
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        names = self._synced_names if state == "strict" else self._names
        for name, file in sorted(names.items()):
            path = target / Path(name).relative_to(self._folder)
            if file is None:
                path.mkdir(parents=True, exist_ok=True)
            elif path.parent.exists():  # a folder whose own name is not on the disk takes all in it along
                path.write_bytes(file.content(state, chance))
