"""Backups that are made while a crawl writes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def require_whole(folder: Path) -> int:
    """Every version's bytes are there, and every record has its digest, as another reader finds; how many captures."""
    records = set()
    for path in (folder / "warc").iterdir():
        assert path.suffixes[-2:] == [".warc", ".gz"] or path.suffix == ".cdxj"
        if path.suffix == ".gz":
            with path.open("rb") as file:
                for record in ArchiveIterator(file, parse_http=False):
                    assert record.verify_block_digest()
                    records.add(record.record_id.strip("<>"))
    with newsarchive.open(folder) as archive:
        for article in archive.articles():
            assert {version.record_id for version in article.versions} <= records
        return sum(archive.status().captures.values())


def test_backups_made_while_a_crawl_runs_are_whole_and_end_in_the_same_archive(
    new_archive: Callable[..., Path], picture: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    folder, target = new_archive("live"), tmp_path / "backup"
    settings = folder / "newsarchive.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("delay = 0", "delay = 0.1"), encoding="utf-8")
    crawl = [sys.executable, "-m", "newsarchive", "-A", str(folder), "crawl"]
    counts = []
    with subprocess.Popen(crawl, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None:
            with newsarchive.open(folder) as archive:
                archive.backup(target)
            counts.append(require_whole(target))
    assert len(set(counts)) > 3, "nothing was captured between the backups"
    assert counts == sorted(counts)
    with newsarchive.open(folder) as archive:
        archive.backup(target)
    with newsarchive.open(target, mode="rw") as copy:
        copy.process()
        copy.rebuild()
    assert picture(target) == picture(folder)
