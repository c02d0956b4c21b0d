"""An article as every engine is handed it, and the file that articles are read from."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Article(NamedTuple):
    """One article; the order of the fields is the order in the file."""

    id: str
    url: str
    headline: str
    body: str
    published: int | None
    """Seconds since 1970, UTC."""
    category: str
    source: str
    author: str
    made: bool
    """Put together from real ones."""
    copy_of: str | None = None
    """Id of the article that this one is a wire copy of."""

    @property
    def moment(self) -> datetime | None:
        """When it was published, aware."""
        return None if self.published is None else datetime.fromtimestamp(self.published, UTC)

    @property
    def month(self) -> str:
        """The month of its publication, `2019-02`; empty where it is not known."""
        moment = self.moment
        return "" if moment is None else f"{moment:%Y-%m}"


def read(path: Path) -> Iterator[Article]:
    """The articles of a made corpus, in their order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield Article(*json.loads(line))
