"""Tries a source without storing anything: a crawl of a few articles into a folder that is thrown away."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newsarchive import layout
from newsarchive.archive.folder import FILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.archive.door import Archive
    from newsarchive.models import Article
    from newsarchive.storage import Rejection


_PAGES_PER_ARTICLE: Final = 2
"""Pages fetched for each article asked for; some turn out to be none."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a few live pages of a source gave."""

    articles: tuple[Article, ...]
    rejected: tuple[Rejection, ...]


def try_source(folder: Path, name: str, *, limit: int, open_archive: Callable[[Path], Archive]) -> Trial:
    """Crawl a few articles of a source with an archive's settings; the archive stays as it is."""
    with tempfile.TemporaryDirectory(prefix="newsarchive-trial-") as scratch:
        trial = Path(scratch)
        for part in ("warc", "index"):
            (trial / part).mkdir()
        (trial / "spiders").symlink_to((folder / "spiders").resolve())
        (trial / "scrapy.cfg").write_text(FILES["scrapy.cfg"], encoding="utf-8")
        (trial / layout.SETTINGS).write_text((folder / layout.SETTINGS).read_text(encoding="utf-8"), encoding="utf-8")
        with open_archive(trial) as archive:
            archive.crawl(name, limit=_PAGES_PER_ARTICLE * limit)
            return Trial(tuple(archive.articles())[:limit], tuple(archive.rejected()))
