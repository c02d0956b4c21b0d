"""`optout.txt`: what is left out of the archive, one entry a line, for people and for the command that edits it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from newsarchive.models.optout import OptOut

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_COMMENT: Final = re.compile(r"(?:^|\s+)#\s*(.*)$")
_HEAD: Final = "# Hosts and beginnings of addresses that are not fetched, kept or shown; after a # stands why.\n"


def read_optouts(path: Path) -> list[OptOut]:
    """The entries of the file: one a line, a comment behind it is its reason.

    Raises:
        UsageError: a line names no host; the message has its number.
    """
    return [entry for _, entry in _lines(path) if entry is not None]


def add_optout(path: Path, entry: OptOut) -> bool:
    """Write an entry at the end of the file; False if it stands there already. Errors as in `read_optouts`."""
    lines = _lines(path)
    if any(known is not None and known.prefix == entry.prefix for _, known in lines):
        return False
    comment = f"  # {entry.reason}" if entry.reason else ""
    text = "".join(line for line, _ in lines) or _HEAD
    _replace(path, [text if text.endswith("\n") else f"{text}\n", f"{entry.prefix}{comment}\n"])
    return True


def remove_optout(path: Path, entry: OptOut) -> bool:
    """Take an entry out of the file; False if it does not stand there. All other lines stay as they are."""
    lines = _lines(path)
    kept = [line for line, known in lines if known is None or known.prefix != entry.prefix]
    if len(kept) == len(lines):
        return False
    _replace(path, kept)
    return True


def _lines(path: Path) -> list[tuple[str, OptOut | None]]:
    """Every line with the entry that stands on it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    found: list[tuple[str, OptOut | None]] = []
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        comment = _COMMENT.search(line.rstrip())
        prefix = line[: comment.start()] if comment else line
        reason = comment[1] if comment else ""
        where = f"{path.name}, line {number}"
        found.append((line, OptOut.of(prefix, reason=reason, where=where) if prefix.strip() else None))
    return found


def _replace(path: Path, lines: Iterable[str]) -> None:
    """Put the file in place at once: whoever reads it meets the old one or the new one."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
