"""What is proposed for a new source, from pages, sitemaps and feeds that were really parsed."""

from __future__ import annotations

from newsarchive.discovery import (
    COMMON_PATHS,
    Feed,
    Robots,
    Sitemap,
    parse_feed,
    parse_listing,
    parse_sitemap,
    places_to_try,
    propose,
)

SITE = "https://harbor.example"
HOME = parse_listing(
    b"<link rel=alternate type=application/rss+xml href=/feed><nav><a href=/world/>W</a><a href=/closed/>C</a></nav>",
    url=f"{SITE}/",
)
ROBOTS = Robots.parse(
    f"Sitemap: {SITE}/news.xml\nUser-agent: *\nDisallow: /closed".encode(),
    url=f"{SITE}/robots.txt",
    agent="newsarchive",
)


def _sitemap(*paths: str, news: bool = False) -> Sitemap:
    tag = "<news:news><news:title>T</news:title></news:news>" if news else ""
    entries = "".join(f"<url><loc>{SITE}{path}</loc>{tag}</url>" for path in paths)
    return parse_sitemap(f"<urlset>{entries}</urlset>".encode(), url=f"{SITE}/x.xml")


def _feed(*paths: str) -> Feed:
    items = "".join(f"<item><link>{SITE}{path}</link></item>" for path in paths)
    return parse_feed(f"<rss><channel>{items}</channel></rss>".encode(), url=f"{SITE}/feed")


def test_named_places_are_tried_before_common_ones() -> None:
    places = places_to_try(f"{SITE}/", HOME, ROBOTS)
    assert places[:3] == (f"{SITE}/news.xml", f"{SITE}/feed", f"{SITE}/sitemap.xml")
    assert {SITE + path for path in COMMON_PATHS} <= set(places)


def test_places_that_robots_forbid_are_not_tried() -> None:
    assert places_to_try(f"{SITE}/", HOME, Robots.unavailable(503)) == ()


def test_a_news_sitemap_comes_first_and_repetition_is_left_out() -> None:
    found = {
        f"{SITE}/all.xml": _sitemap("/2019/02/27/summit-ends-early"),
        f"{SITE}/news.xml": _sitemap("/a", "/b", news=True),
        f"{SITE}/news-again.xml": _sitemap("/b", news=True),
        f"{SITE}/authors.xml": _sitemap("/author/lan", "/author/kim"),
        f"{SITE}/feed": _feed("/c", "/d"),
        f"{SITE}/feed/rss2": _feed("/d", "/c"),
        f"{SITE}/empty": _feed(),
        f"{SITE}/closed/feed": _feed("/e"),
    }
    proposal = propose(HOME, ROBOTS, found)
    assert proposal.sitemaps == (f"{SITE}/news.xml", f"{SITE}/all.xml")
    assert proposal.feeds == (f"{SITE}/feed",)
    assert proposal.sections == ()


def test_sections_are_proposed_where_nothing_else_names_articles() -> None:
    proposal = propose(HOME, ROBOTS, {f"{SITE}/sitemap.xml": _sitemap("/world/", "/closed/")})
    assert proposal == ((), (), (f"{SITE}/world/",))


def test_an_index_of_sitemaps_is_worth_reading() -> None:
    body = f"<sitemapindex><sitemap><loc>{SITE}/2019.xml</loc></sitemap></sitemapindex>".encode()
    index = parse_sitemap(body, url=f"{SITE}/sitemap.xml")
    assert propose(HOME, ROBOTS, {f"{SITE}/sitemap.xml": index}).sitemaps == (f"{SITE}/sitemap.xml",)
