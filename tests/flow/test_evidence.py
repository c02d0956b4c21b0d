"""What a crawl keeps as evidence: discovery documents and unchanged answers too; and a look at it while it goes on."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import newsarchive
from newsarchive.models import Profile, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture

SOURCE = "harbor-post"


def discovery(folder: Path) -> dict[str, list[Capture]]:
    """The captures of discovery documents, by URL."""
    found: dict[str, list[Capture]] = {}
    with newsarchive.open(folder) as archive:
        for line in archive.cdxj():
            url = line.split('"url": "', 1)[1].split('"', 1)[0]
            captures = archive.captures(url)
            if captures[0].origin.role is Role.DISCOVERY:
                found[url] = list(captures)
    return found


def test_robots_sitemaps_and_feeds_are_captured_and_unchanged_ones_are_revisits(
    new_archive: Callable[..., Path],
) -> None:
    folder = new_archive("evidence", sources=(SOURCE,))
    with newsarchive.open(folder, mode="rw") as archive:
        (first,) = archive.crawl(limit=3)
        before = discovery(folder)
        assert any(url.endswith("/robots.txt") for url in before)
        named = archive.settings.sources[SOURCE]
        assert {*named.sitemaps, *named.feeds, *named.sections} <= set(before)
        (second,) = archive.crawl(limit=3)
        after = discovery(folder)
        assert archive.verify().kinds == {}
    again = [url for url in before if len(after[url]) > 1]
    # A sitemap of an index that was read to its end is not asked for again before the index says that it changed.
    assert all(re.search(r"/sitemap-[^/]*$", url) for url in before.keys() - again)
    for url in before:
        captures = after[url]
        assert [one.revisit is None for one in captures] == [True] + [False] * (len(captures) - 1), url
        assert all(one.place.length < 1_500 for one in captures[1:])
    profiles = {one.revisit.profile for captures in after.values() for one in captures if one.revisit}
    assert profiles <= set(Profile)
    assert second.counts["unchanged"] >= len(again)
    assert first.counts["captured"] > second.counts["captured"]


def test_an_archive_that_is_being_crawled_has_no_damage(new_archive: Callable[..., Path]) -> None:
    folder = new_archive("growing", sources=(SOURCE,))
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[warc]\nmax_file_size = 40000\n")  # files are finished all the time
    newsarchive.open(folder, mode="rw").close()
    command = [sys.executable, "-m", "newsarchive", "-q", "-A", str(folder), "crawl", "--limit", "25"]
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            with newsarchive.open(folder) as archive:
                found = archive.verify()
            assert found.kinds == {}, found.findings
            seen += found.captures > 0
    assert child.returncode == 0
    assert seen > 0, "nothing was looked at while the crawl went on"
