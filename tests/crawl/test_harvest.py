"""What a run reads of a source, in which order, and what it leaves out; with a real archive and without a network."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from newsarchive.crawl.harvest import MAX_LISTING_PAGES, Harvest
from newsarchive.crawl.session import Session
from newsarchive.discovery import Filter, Window
from newsarchive.settings import RecheckSettings, SourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SITE = "https://harbor.example"
EVERYTHING = Window()
STORY = "summit-ends-early-as-talks-fail"


def urlset(*entries: tuple[str, str]) -> bytes:
    urls = "".join(f"<url><loc>{SITE}{path}</loc><lastmod>{date}</lastmod></url>" for path, date in entries)
    return f"<urlset>{urls}</urlset>".encode()


def index(*entries: tuple[str, str]) -> bytes:
    maps = "".join(
        f"<sitemap><loc>{SITE}{path}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>"
        for path, date in entries
    )
    return f"<sitemapindex>{maps}</sitemapindex>".encode()


def listing(*paths: str, more: str = "") -> bytes:
    links = "".join(f'<h2><a href="{path}">Summit ends early as talks fail</a></h2>' for path in paths)
    return f"<html><body>{links}{more}</body></html>".encode()


class Crawl:
    """Reads the documents of a site that is a table, as the spider does, and notes which it asked for."""

    def __init__(self, folder: Path, site: dict[str, bytes], **source: object) -> None:
        self.folder = folder
        self.site = site
        self.source = SourceSettings(url=f"{SITE}/", **source)
        self.asked: list[str] = []
        self.counts: dict[str, int] = {}

    def run(
        self, *, window: Window = EVERYTHING, limit: int = 10_000, most: int = 500, robots: tuple[str, ...] = ()
    ) -> list[str]:
        """The paths that were asked for, in order."""
        self.asked = []
        session = Session(self.folder, "harbor", recheck=RecheckSettings())
        try:
            wanted = Filter.of(self.source)
            harvest = Harvest(self.source, wanted=wanted, window=window, session=session, limit=limit, most=most)
            harvest.begin(robots)
            while step := harvest.next_step():
                path = step.url.removeprefix(SITE)
                self.asked.append(path)
                if path in self.site:
                    asyncio.run(harvest.read(200, self.site[path], url=step.url, step=step))
                else:
                    harvest.lose(step.url, "status 404")
            self.counts = dict(session.counts)
            self.due = [due.url.removeprefix(SITE) for due in session.due(limit=10_000, excluding=())]
            for path in self.due:
                session.archive.frontier.fetched("harbor", SITE + path, at=datetime.now(UTC))
        finally:
            session.close("finished")
        return self.asked


@pytest.fixture
def crawl(folder: Path) -> Callable[..., Crawl]:
    return lambda site, **source: Crawl(folder, site, **source)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ARCHIVE = {
    "/sitemap.xml": index(
        ("/sitemap-2019-01.xml", "2019-02-01T00:00:00Z"),
        ("/sitemap-2019-03.xml", "2019-03-31T20:00:00Z"),
        ("/sitemap-2019-02.xml", "2019-03-01T00:00:00Z"),
    ),
    "/sitemap-2019-01.xml": urlset((f"/2019/01/05/{STORY}", "2019-01-05T10:00:00Z")),
    "/sitemap-2019-02.xml": urlset((f"/2019/02/05/{STORY}", "2019-02-05T10:00:00Z")),
    "/sitemap-2019-03.xml": urlset((f"/2019/03/05/{STORY}", "2019-03-05T10:00:00Z")),
}


def test_news_and_feeds_come_first_and_the_newest_part_of_an_index_next(crawl: Callable[..., Crawl]) -> None:
    site = {**ARCHIVE, "/news-sitemap.xml": urlset(), "/rss": b"<rss/>", "/world/": listing()}
    urls = {"sitemaps": (f"{SITE}/sitemap.xml", f"{SITE}/news-sitemap.xml"), "feeds": (f"{SITE}/rss",)}
    asked = crawl(site, **urls, sections=(f"{SITE}/world/",)).run()
    assert asked == [
        "/news-sitemap.xml",
        "/rss",
        "/sitemap.xml",
        "/sitemap-2019-03.xml",
        "/sitemap-2019-02.xml",
        "/sitemap-2019-01.xml",
        "/world/",
    ]


def test_a_part_that_its_index_dates_as_before_is_not_read_again(crawl: Callable[..., Crawl]) -> None:
    run = crawl(dict(ARCHIVE), sitemaps=(f"{SITE}/sitemap.xml",))
    assert len(run.run()) == 4
    assert run.run() == ["/sitemap.xml"]
    assert run.counts["not_read.unchanged"] == 3
    late = urlset((f"/2019/02/05/{STORY}", "2019-03-02T10:00:00Z"), (f"/2019/02/28/{STORY}", "2019-03-02T10:00:00Z"))
    run.site["/sitemap-2019-02.xml"] = late
    run.site["/sitemap.xml"] = ARCHIVE["/sitemap.xml"].replace(b"2019-03-01T00:00:00Z", b"2019-03-02T12:00:00Z")
    assert run.run() == ["/sitemap.xml", "/sitemap-2019-02.xml"]
    assert sorted(run.due) == [f"/2019/02/05/{STORY}", f"/2019/02/28/{STORY}"]


def test_an_index_that_dates_its_parts_wrongly_is_not_believed(crawl: Callable[..., Crawl]) -> None:
    run = crawl(dict(ARCHIVE), sitemaps=(f"{SITE}/sitemap.xml",))
    run.site["/sitemap-2019-01.xml"] = urlset((f"/2019/01/05/{STORY}", "2019-06-05T10:00:00Z"))
    run.run()
    assert run.run() == ["/sitemap.xml", "/sitemap-2019-01.xml"]


def test_a_day_alone_is_not_over_before_it_is(crawl: Callable[..., Crawl]) -> None:
    today = datetime.now(UTC).date().isoformat()
    site = {"/sitemap.xml": index(("/a.xml", today)), "/a.xml": urlset((f"/world/{STORY}", today))}
    run = crawl(site, sitemaps=(f"{SITE}/sitemap.xml",))
    assert run.run() == run.run() == ["/sitemap.xml", "/a.xml"]


def test_what_was_read_under_other_rules_is_read_again(crawl: Callable[..., Crawl]) -> None:
    sitemaps = (f"{SITE}/sitemap.xml",)
    crawl(dict(ARCHIVE), sitemaps=sitemaps, include=("/nothing/",)).run()
    run = crawl(dict(ARCHIVE), sitemaps=sitemaps)
    assert len(run.run()) == 4
    assert len(run.due) == 3


def test_a_back_fill_reads_only_the_parts_that_can_hold_its_span(crawl: Callable[..., Crawl]) -> None:
    run = crawl(dict(ARCHIVE), sitemaps=(f"{SITE}/sitemap.xml",))
    february = Window(since=at("2019-02-03"), until=at("2019-02-20"))  # a day more is read on both sides: zones differ
    assert run.run(window=february) == ["/sitemap.xml", "/sitemap-2019-02.xml"]
    assert run.due == [f"/2019/02/05/{STORY}"]
    assert run.counts["not_read.outside-the-span"] == 2
    # A back-fill is no full reading: the next crawl reads everything.
    assert len(run.run()) == 4
    assert len(run.due) == 2


def test_a_back_fill_goes_down_the_archive_pages_of_its_span(crawl: Callable[..., Crawl]) -> None:
    def links(*paths: str) -> bytes:
        return listing(more="".join(f'<a href="{path}">{path}</a>' for path in paths))

    site = {
        "/archive/": links("/archive/2018/", "/archive/2019/", "/archive/2091/"),
        "/archive/2019/": links("/archive/2019/01/", "/archive/2019/02/", "/archive/2019/03/"),
        "/archive/2019/02/": links("/archive/2019/02/05/", "/archive/2019/02/26/"),
        "/archive/2019/02/05/": listing(f"/2019/02/05/{STORY}"),
        "/archive/2019/02/26/": listing(f"/2019/02/26/{STORY}"),
    }
    run = crawl(site, sections=(f"{SITE}/archive/",))
    asked = run.run(window=Window(since=at("2019-02-03"), until=at("2019-02-10")))
    assert asked == ["/archive/", "/archive/2019/", "/archive/2019/02/", "/archive/2019/02/05/"]
    assert run.due == [f"/2019/02/05/{STORY}"]
    assert run.counts["not_read.in-the-future"] == 1
    assert crawl(site, sections=(f"{SITE}/archive/",)).run() == ["/archive/"]


def test_older_parts_wait_where_the_newest_name_enough(crawl: Callable[..., Crawl]) -> None:
    run = crawl(dict(ARCHIVE), sitemaps=(f"{SITE}/sitemap.xml",))
    assert run.run(limit=1) == ["/sitemap.xml", "/sitemap-2019-03.xml"]
    assert run.counts["not_read.enough"] == 2
    assert run.run(limit=1) == ["/sitemap.xml", "/sitemap-2019-02.xml"]


def test_a_source_that_names_nothing_has_its_home_page_and_the_robots_files_sitemaps(
    crawl: Callable[..., Crawl],
) -> None:
    robots = (f"{SITE}/sitemap.xml",)
    assert crawl(dict(ARCHIVE)).run(robots=robots)[-1] == "/"
    named = crawl({"/rss": b"<rss/>"}, feeds=(f"{SITE}/rss",))
    assert named.run(robots=robots) == ["/rss"]
    february = Window(since=at("2019-02-01"), until=at("2019-03-01"))
    assert "/sitemap.xml" in named.run(window=february, robots=robots)


def pages(count: int, *, link: Callable[[int], str], rel: str = "") -> dict[str, bytes]:
    """A section of so many pages, one article on each."""
    site = {}
    for number in range(1, count + 1):
        more = f'<a {rel} href="{link(number + 1)}">{number + 1}</a>' if number < count else ""
        site["/world/" if number == 1 else link(number)] = listing(f"/world/{STORY}-{number:05}", more=more)
    return site


@pytest.mark.parametrize("form", ["/world/?page={}", "/world/page/{}/", "/world/{}"])
def test_pages_of_a_section_are_followed_while_they_name_something_new(crawl: Callable[..., Crawl], form: str) -> None:
    # A bare number may be anything: only `rel` tells.
    site = pages(4, link=form.format, rel='rel="next"' if form == "/world/{}" else "")
    run = crawl(site, sections=(f"{SITE}/world/",))
    assert len(run.run()) == 4
    assert run.run() == ["/world/"]
    run.site["/world/"] = run.site["/world/"].replace(b"-00001", b"-90001")
    assert len(run.run()) == 2  # the second page names nothing new, so that the third is not asked for
    assert run.due == [f"/world/{STORY}-90001"]


def test_a_section_without_end_is_left(crawl: Callable[..., Crawl]) -> None:
    run = crawl(pages(MAX_LISTING_PAGES + 20, link="/world/?page={}".format), sections=(f"{SITE}/world/",))
    assert len(run.run()) == MAX_LISTING_PAGES + 1
    assert run.counts["not_read.too-deep"] == 1


def test_a_section_that_a_kill_broke_off_is_followed_to_its_end(crawl: Callable[..., Crawl]) -> None:
    run = crawl(pages(4, link="/world/?page={}".format), sections=(f"{SITE}/world/",))
    assert len(run.run(most=2)) == 2
    assert len(run.run()) == 4  # though the first two pages name nothing new
    assert run.run() == ["/world/"]


def test_one_article_is_fetched_under_one_address(crawl: Callable[..., Crawl]) -> None:
    variants = (
        f"{SITE}/world/{STORY}-70001/amp/",
        f"{SITE}/world/{STORY}-70001/?utm_source=rss",
        f"http://www.harbor.example/world/{STORY}-70001",
        f"{SITE}/world/{STORY}-70001?print=1",
        f"{SITE}/world/{STORY}-70001/?page=2",
    )
    items = "".join(f"<item><link>{url}</link></item>" for url in variants)
    run = crawl({"/rss": f"<rss><channel>{items}</channel></rss>".encode()}, feeds=(f"{SITE}/rss",))
    run.run()
    assert run.due == [f"/world/{STORY}-70001/", f"/world/{STORY}-70001/?page=2"]
    run.site["/rss"] = f"<rss><channel><item><link>{variants[2]}</link></item></channel></rss>".encode()
    run.run()
    assert (run.due, run.counts["folded"]) == ([], 1)


def test_what_is_passed_over_is_counted_by_its_reason(crawl: Callable[..., Crawl]) -> None:
    paths = ("/2091/12/24/x", "/tag/x", "/x.jpg", f"/world/{STORY}")
    run = crawl({"/s.xml": urlset(*((path, "2019-02-27") for path in paths))}, sitemaps=(f"{SITE}/s.xml",))
    run.run()
    passed = {key: count for key, count in run.counts.items() if key.startswith("passed_over")}
    assert passed == {
        "passed_over": 3,
        "passed_over.in-the-future": 1,
        "passed_over.index-page": 1,
        "passed_over.file-type": 1,
    }


def test_a_nested_bomb_of_indexes_is_bounded(crawl: Callable[..., Crawl]) -> None:
    children = [(f"/s{number}.xml", "") for number in range(300)]
    site = {"/s.xml": index(*children)} | {
        path: index(*((f"{path}-{number}", "") for number in range(300))) for path, _ in children
    }
    run = crawl(site, sitemaps=(f"{SITE}/s.xml",))
    assert len(run.run(most=50)) == 50
    assert run.counts["not_read.too-many"] > 1000
