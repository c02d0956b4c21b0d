"""What the search tests share: documents made by hand, and an index of a few of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest

from newsarchive.search import Document, EngineName, IndexWriter, parse

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.models.query import Query

ENGINES: tuple[EngineName, ...] = get_args(EngineName)
NOW = datetime(2019, 3, 9, 12, tzinfo=UTC)
MakeDocument = Callable[..., Document]
Build = Callable[..., None]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; what is tested with it must hold for all."""
    name: EngineName = request.param
    return name


@pytest.fixture(scope="module")
def build(engine: EngineName) -> Build:
    """Makes an index of some documents by the engine in turn."""

    def make(folder: Path, *documents: Document) -> None:
        with IndexWriter.create(folder, generation="g", engine=engine) as writer:
            writer.apply(documents, revision=1)

    return make


@pytest.fixture(scope="session")
def document() -> MakeDocument:
    """Makes a document; only the id is needed."""

    def make(id_: str, **fields: Any) -> Document:  # noqa: ANN401 - the fields of a document, of several types
        seen = datetime(2019, 3, 1, tzinfo=UTC)
        given = {
            "url": f"https://harbor.example/{id_}",
            "headline": "",
            "body": "",
            "first_seen": seen,
            "last_seen": seen,
        }
        return Document(id=id_, **(given | fields))

    return make


@pytest.fixture(scope="session")
def ask() -> Callable[[str], Query]:
    """Reads a query."""
    return lambda text: parse(text, now=NOW)
