"""Test collections: documents, queries, and which document answers which query. None belongs to the project."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATA: Final = Path(__file__).parents[4] / "shared/data/retrieval"
"""Beside the checkout."""


@dataclass(frozen=True)
class Text:
    """A document of a collection."""

    id: str
    headline: str
    body: str


@dataclass(frozen=True)
class Collection:
    """A test collection; queries without a document that answers them are left out."""

    name: str
    texts: Sequence[Text]
    queries: Mapping[str, str]
    gains: Mapping[str, Mapping[str, int]]
    """Query, document, and how well it answers: 1 or more, larger is better."""


def names(folder: Path = DATA) -> list[str]:
    """The collections of a folder, each a folder with docs.jsonl.gz, queries.jsonl.gz and qrels.tsv.gz."""
    return sorted(path.parent.name for path in folder.glob("*/qrels.tsv.gz"))


def load(name: str, folder: Path = DATA) -> Collection:
    """Read a collection.

    Raises:
        OSError: it is not there.
    """
    texts = [Text(row["id"], row["title"], row["body"]) for row in _rows(folder / name / "docs.jsonl.gz")]
    known = {text.id for text in texts}
    gains: dict[str, dict[str, int]] = {}
    with gzip.open(folder / name / "qrels.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            query, document, gain = line.split()
            if document in known and int(gain) > 0:
                gains.setdefault(query, {})[document] = int(gain)
    queries = {row["id"]: row["text"] for row in _rows(folder / name / "queries.jsonl.gz") if row["id"] in gains}
    return Collection(name, texts, queries, gains)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
