"""What an export was: counted, hashed, and what is missing from it."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from typing import IO, TYPE_CHECKING, Any

from newsarchive.durable import sync_folder
from newsarchive.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written for use outside the archive."""

    path: Path
    format: str
    articles: int
    captures: int
    records: int
    """WARC records, those that only describe included."""
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file, hexadecimal."""
    problems: tuple[str, ...] = field(default=())
    """What could not be put in, for a person: a capture whose WARC record is damaged, or is gone."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Articles that their publishers reserve, by the first word that keeps them out, such as `noai`."""

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values."""
        return {**asdict(self), "path": str(self.path), "problems": list(self.problems)}


@contextmanager
def beside(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file to write that takes its name when it is whole: nobody ever sees half of it under that name.

    Args:
        path: the name.
        force: replace a file of this name.

    Raises:
        UsageError: there is a file of this name (and `force` is false), or no folder to write it to.
        OSError: it cannot be written.
    """
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", tip="make it first")
    if path.is_dir() or (path.exists() and not force):
        raise UsageError(f"{path} is there already", tip="name another file, or replace it with --force")
    part = path.with_name(f".{path.name}.{secrets.token_hex(3)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise


def outcome(path: Path, form: str, *, articles: int, captures: int, records: int, problems: list[str]) -> Exported:
    """What was written, with the size and digest of the file as it lies on the disk."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        size = file.seek(0, os.SEEK_END)
    return Exported(path, form, articles, captures, records, size, digest, tuple(problems))
