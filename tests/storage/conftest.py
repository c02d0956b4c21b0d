from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from newsarchive.digests import article_id, text_digest
from newsarchive.models import Capture, Extraction, Origin, Place
from newsarchive.storage import Articles, Captures, Database, Frontier, Reading, Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = datetime(2019, 2, 27, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "articles.db") as opened:
        yield opened


@pytest.fixture
def captures(database: Database) -> Captures:
    return Captures(database)


@pytest.fixture
def articles(database: Database) -> Articles:
    return Articles(database)


@pytest.fixture
def frontier(database: Database) -> Frontier:
    return Frontier(database)


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database)


@pytest.fixture
def capture() -> Callable[..., Capture]:
    """Makes captures; the same number gives the same WARC record."""

    def make(number: int, url: str = "https://harbor.example/a", **fields: object) -> Capture:
        defaults: dict[str, object] = {
            "record_id": f"urn:uuid:{number:032x}",
            "url": url,
            "captured_at": START + timedelta(hours=number),
            "place": Place(file="one.warc.gz", offset=number * 100, length=100),
            "status": 200,
            "media_type": "text/html",
            "payload_digest": f"sha1:{number:032d}",
            "origin": Origin(source="harbor"),
        }
        return Capture(**{**defaults, **fields})

    return make


@pytest.fixture
def read(captures: Captures, articles: Articles, capture: Callable[..., Capture]) -> Callable[..., str]:
    """Adds a capture that said a text, as processing does; the article's id."""

    def add(number: int, text: str, *, url: str = "https://harbor.example/a", headline: str = "Summit") -> str:
        row = captures.add(capture(number, url))
        assert row is not None
        key = article_id(url)
        extraction = Extraction(url=url, headline=headline, paragraphs=(text,), published=START)
        articles.add(
            Reading(
                capture_id=row,
                captured_at=START + timedelta(hours=number),
                article_id=key,
                url=url,
                source="harbor",
                digest=text_digest(headline, text),
                extraction=extraction,
            )
        )
        captures.accept(row, extractor="test 1")
        return key

    return add
