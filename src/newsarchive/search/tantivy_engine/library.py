"""The library, loaded when it is first needed, and what its errors mean."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from newsarchive.errors import ArchiveReadOnly, IntegrityError, MissingExtra, NewsarchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REFUSED: Final = "PermissionDenied"
"""How Rust names the error within messages of the library."""


def library() -> Any:  # noqa: ANN401 - the module; its type stubs promise less than it has
    """The module `tantivy`.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import tantivy  # noqa: PLC0415 - an extra
    except ImportError as error:
        message = "the search index was made, or is to be made, by tantivy, and tantivy is not installed"
        tip = "pip install 'newsarchive[tantivy]', or go back with newsarchive rebuild --engine whoosh"
        raise MissingExtra(message, tip=tip) from error
    return tantivy


def damaged(folder: Path, error: BaseException) -> IntegrityError:
    """The error for an index that cannot be read."""
    message = f"{folder}: the search index is damaged: {type(error).__name__}: {error}"
    return IntegrityError(message, tip="newsarchive rebuild makes it anew from the stored articles")


def is_panic(error: BaseException) -> bool:
    """Whether Rust code gave up. Its exception is no `Exception`, so that nobody catches it by chance."""
    return type(error).__name__ == "PanicException"


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what the library raises over damaged files into IntegrityError, and over a folder without permission too."""
    try:
        yield
    except (NewsarchiveError, RecursionError, MemoryError):
        raise
    except Exception as error:  # a damaged file raises errors of many kinds
        if _REFUSED in str(error):
            message = f"{folder / 'tantivy'}: permission denied; tantivy takes a lock there, also to read"
            raise ArchiveReadOnly(
                message, tip="allow writing to that folder, or search with the engine whoosh"
            ) from error
        raise damaged(folder, error) from error
    except BaseException as error:
        if is_panic(error):
            raise damaged(folder, error) from error
        raise
