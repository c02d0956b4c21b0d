"""Tries a source without storing anything: a crawl of a few articles in a folder that is thrown away."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newsarchive import layout
from newsarchive.archive.folder import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.models import Article
    from newsarchive.storage import Rejection

PAGES_PER_ARTICLE: Final = 2
"""Pages fetched for each article asked for; some turn out to be none."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a few live pages of a source gave."""

    articles: tuple[Article, ...]
    rejected: tuple[Rejection, ...]


@contextmanager
def scratch_archive(folder: Path) -> Iterator[Path]:
    """An empty archive with another one's settings and spiders; it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="newsarchive-trial-") as scratch:
        trial = Path(scratch)
        for part in (layout.WARC, layout.INDEX):
            (trial / part).mkdir()
        (trial / layout.SPIDERS).symlink_to((folder / layout.SPIDERS).resolve())
        (trial / "scrapy.cfg").write_text(FILES["scrapy.cfg"], encoding="utf-8")
        settings = (folder / layout.SETTINGS).read_text(encoding="utf-8")
        (trial / layout.SETTINGS).write_text(settings, encoding="utf-8")
        yield trial
