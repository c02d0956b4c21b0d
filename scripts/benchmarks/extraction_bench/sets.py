"""The sets of pages with gold values, brought into one form. None of them belongs to the project."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA: Final = Path(__file__).parents[4] / "shared/data/extraction"
"""Beside the checkout."""
GOLD: Final = {
    "fundus_test": ("body", "paragraphs", "headline", "published", "authors", "category"),
    "scrapinghub": ("body",),
    "wcxb_article_dev": ("body", "headline", "published", "authors"),
    "postlight": ("headline", "published", "authors"),
    "htmldate_eval": ("published",),
}
"""The sets, and the fields that each has gold values for. Pages without a value count for nothing in that field."""
KEYS: Final = {"title": "headline", "date": "published", "author": "authors"}
"""What the sets' own files call a field."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Page:
    """One page and what is true of it; a field without a gold value is not in `gold`."""

    id: str
    url: str
    path: Path
    gold: Mapping[str, Any] = field(default_factory=dict)

    def read(self) -> bytes:
        """The page's bytes as they were sent."""
        return gzip.decompress(self.path.read_bytes())


def load(name: str, data: Path = DATA, *, limit: int | None = None) -> list[Page]:
    """The pages of a set; with a limit, that many spread evenly over it.

    Raises:
        OSError: the set is not there.
    """
    sections = {row["id"]: row["section_any_of"] for row in _rows(data / name / "section_gold.jsonl")}
    pages = [_page(row, data / name, sections) for row in _rows(data / name / "gold.jsonl", needed=True)]
    if limit is None or limit >= len(pages):
        return pages
    return [pages[place * len(pages) // limit] for place in range(limit)]


def _rows(path: Path, *, needed: bool = False) -> Iterator[dict[str, Any]]:
    if needed or path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _page(row: dict[str, Any], folder: Path, sections: Mapping[str, list[str]]) -> Page:
    gold = {KEYS.get(key, key): value for key, value in row.items() if value}
    if not _DAY.match(str(gold.get("published", ""))):  # one names a month alone, three hold no date but a number
        gold.pop("published", None)
    if row["id"] in sections:
        gold["category"] = sections[row["id"]]
    wanted = GOLD[folder.name]
    return Page(row["id"], row["url"], folder / "html" / row["html"], {key: gold[key] for key in wanted if key in gold})
