"""What every engine is for the benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from search_bench.articles import Article
    from search_bench.questions import Question

TOP = 10
"""Articles that are asked for."""
MOST_VALUES = 20
"""Values of a facet that are asked for."""
COMMIT_MB = 512
"""Memory that an engine may fill before it writes, where it can be told."""


class Unsupported(Exception):
    """The engine cannot answer this kind of question; said, not counted."""


class Asked(NamedTuple):
    """An answer."""

    total: int | None
    """How many articles answer; None where the engine does not count them."""
    ids: tuple[str, ...]
    facets: Mapping[str, int] = {}
    """How many different values were counted, by facet."""
    snippets: int = 0
    """How many snippets were made."""


class Asker(Protocol):
    """An open index."""

    def ask(self, question: Question) -> Asked:
        """Answer a question.

        Raises:
            Unsupported: the engine cannot.
        """
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class Engine(Protocol):
    """An engine. Its library is imported with its module."""

    keeps_texts: bool
    """Whether the index holds the texts as well."""
    adds: bool
    """Whether articles can be added to an index that stands."""
    reopens: bool
    """Whether opening is cheap enough to be done for each question."""

    @property
    def version(self) -> str:
        """Of the library, or of the code."""
        ...

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """Make what the engine stands on and what is not its work."""
        ...

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """Make an index of the articles in a folder.

        Raises:
            Unsupported: not with so many workers.
        """
        ...

    def add(self, folder: Path, articles: Iterable[Article]) -> None:
        """Put articles into the index that stands in the folder."""
        ...

    def open(self, folder: Path) -> Asker:
        """Open the index in a folder."""
        ...

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """Bytes of the index with the stored texts, and without; None where that cannot be told."""
        ...


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
