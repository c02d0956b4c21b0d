"""A publisher's file with rules, crawled over real HTTP by Scrapy's own command and by ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import newsarchive
from newsarchive.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.sample import NewsroomServer

SCRAPY = Path(sys.executable).with_name("scrapy")


@pytest.fixture
def described(newsroom: NewsroomServer, new_archive: Callable[..., Path]) -> Callable[[str], Path]:
    """Makes an archive whose one source is a file in `spiders/` that ends in the lines given."""

    def make(lines: str) -> Path:
        folder = new_archive("ruled", sources=())
        url = newsroom.url("harbor-post")
        text = (
            "from newsarchive.crawl import PublisherSpider\n\n\n"
            f'class HarborPost(PublisherSpider):\n    name = "harbor-post"\n    url = "{url}"\n'
            f'    sitemaps = ("{url}sitemap.xml",)\n{lines}'
        )
        (folder / "spiders" / "harbor_post.py").write_text(text, encoding="utf-8")
        return folder

    return make


def scrapy_crawl(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SCRAPY), "crawl", "harbor-post", "-a", "limit=4"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_scrapy_crawl_reads_pages_by_the_rules_of_the_file(described: Callable[[str], Path]) -> None:
    folder = described('    rules = ({"until": "2001-12-31"}, {"headline": "//h1", "tags": "#no-such-element"})\n')
    done = scrapy_crawl(folder)
    assert done.returncode == 0, done.stderr
    with newsarchive.open(folder) as archive:
        articles = list(archive.articles())
    assert articles
    assert {article.latest.provenance["headline"] for article in articles} == {"rule"}
    assert f"the rule for tags gave nothing on {len(articles)} of {len(articles)} articles" in done.stderr


def test_rules_that_python_puts_together_are_refused_before_anything_is_fetched(
    newsroom: NewsroomServer, described: Callable[[str], Path]
) -> None:
    folder = described('\n\nHarborPost.rules = ({"headline": "h1"},)\n')
    asked = len(newsroom.requests)
    done = scrapy_crawl(folder)
    assert "the rules of 'harbor-post' are not those that stand in its file" in done.stderr
    assert len(newsroom.requests) == asked


def test_a_crawl_with_a_rule_that_cannot_be_fetches_nothing(
    newsroom: NewsroomServer, described: Callable[[str], Path]
) -> None:
    folder = described('    rules = ({"headlin": "h1"},)\n')
    asked = len(newsroom.requests)
    with newsarchive.open(folder, mode="rw") as archive, pytest.raises(SettingsError, match="no field 'headlin'"):
        archive.crawl()
    assert "no field 'headlin'" in scrapy_crawl(folder).stderr
    assert len(newsroom.requests) == asked
