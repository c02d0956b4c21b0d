"""How sources are found and tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import newsarchive
from newsarchive.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.sample import NewsroomServer


def test_sources_add_finds_sitemaps_and_feeds_by_itself(
    newsroom: NewsroomServer, new_archive: Callable[..., Path], command: Callable[..., Any]
) -> None:
    folder = new_archive("found", sources=())
    done = command("-A", folder, "sources", "add", "--name", "harbor-post", newsroom.url("harbor-post"))
    assert done.code == 0, done.err
    source = load(folder / "newsarchive.toml").sources["harbor-post"]
    assert {url.rsplit("/", 1)[-1] for url in source.sitemaps} == {"sitemap.xml", "news-sitemap.xml"}
    assert len(source.feeds) == 1
    assert "added [sources.harbor-post]" in done.err
    again = command("-A", folder, "sources", "add", "--name", "harbor-post", newsroom.url("harbor-post"))
    assert again.code == 2
    assert "listed already" in again.err
    listed = command("-A", folder, "sources", "list", "--json")
    assert [row["name"] for row in listed.json["results"]] == ["harbor-post"]


def test_a_site_without_sitemap_is_read_by_its_sections(
    newsroom: NewsroomServer, new_archive: Callable[..., Path]
) -> None:
    with newsarchive.open(new_archive("sections", sources=()), mode="rw") as archive:
        found = archive.find_sources(newsroom.url("river-herald"))
    assert found.source.sitemaps == ()
    assert found.source.feeds
    assert found.source.sections


def test_a_site_that_does_not_answer_is_told(new_archive: Callable[..., Path], command: Callable[..., Any]) -> None:
    folder = new_archive("silent", sources=())
    done = command("-A", folder, "sources", "add", "http://nobody.localhost:9/")
    assert done.code == 1
    assert "nobody.localhost" in done.err
    assert load(folder / "newsarchive.toml").sources == {}


def test_sources_test_shows_live_articles_and_stores_nothing(
    new_archive: Callable[..., Path], command: Callable[..., Any]
) -> None:
    folder = new_archive("tested", sources=("northline",))
    done = command("-A", folder, "sources", "test", "northline")
    assert done.code == 0, done.err
    assert done.out.count("  published ") == 3
    with newsarchive.open(folder) as archive:
        assert archive.status().articles == 0
        assert archive.status().sources[0].last_run is None


def test_one_live_page_is_extracted_without_an_archive_entry(
    newsroom: NewsroomServer, new_archive: Callable[..., Path], command: Callable[..., Any]
) -> None:
    folder = new_archive("single", sources=())
    one = newsroom.newsroom.accepted[0]
    url = newsroom.url(one.outlet.name).rstrip("/") + one.path
    done = command("-A", folder, "extract", url, "--json")
    assert done.code == 0, done.err
    assert done.json["headline"] == one.headline
    refused = command("extract", url)
    assert refused.code == 1
    assert "could not be fetched" in refused.err
