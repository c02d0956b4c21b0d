"""Robots, sitemaps, feeds and section pages: each URL that they name answers as the truth says."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from newsarchive.sample import OUTLETS, Kind, Newsroom, Outlet, Response, build

PORT = 8123
SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "a": "http://www.w3.org/2005/Atom"}
outlets = pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.name)
with_sitemap = pytest.mark.parametrize("outlet", [one for one in OUTLETS if one.has_sitemap], ids=lambda one: one.name)


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return build()


def get(newsroom: Newsroom, outlet: Outlet, path: str) -> Response:
    response = newsroom.pages(outlet.host, path, port=PORT)
    assert response is not None
    return response


def paths(outlet: Outlet, urls: list[str | None]) -> list[str]:
    """The paths of absolute URLs, all of which must be the outlet's own."""
    assert {urlsplit(url or "").netloc for url in urls} <= {f"{outlet.host}:{PORT}"}
    return [urlsplit(url or "").path for url in urls]


def locations(newsroom: Newsroom, outlet: Outlet, path: str) -> list[str]:
    root = ET.fromstring(get(newsroom, outlet, path).body)  # noqa: S314 - our own text
    return paths(outlet, [loc.text for loc in root.iterfind("*/s:loc", SPACE)])


def section_links(newsroom: Newsroom, outlet: Outlet) -> list[str]:
    """Links to articles on all section pages, over all their pages, with any parameters."""
    found: list[str] = []
    for section in outlet.sections:
        todo = [outlet.section_url_path(section)]
        while todo:
            response = get(newsroom, outlet, todo.pop())
            assert response.status == 200
            text = response.body.decode()
            found += [unescape(href) for href in re.findall(r'<h2><a href="([^"]+)">', text)]
            todo += re.findall(r'rel="next" href="([^"]+)"', text)
    return found


@outlets
def test_robots_names_the_sitemaps_where_there_are_any(newsroom: Newsroom, outlet: Outlet) -> None:
    text = get(newsroom, outlet, "/robots.txt").body.decode()
    named = [path for path in ("/sitemap.xml", "/news-sitemap.xml") if f"http://{outlet.host}:{PORT}{path}" in text]
    assert len(named) == (2 if outlet.has_sitemap else 0)
    assert all(line in text for line in outlet.robots)


@with_sitemap
def test_the_sitemaps_together_name_every_article_once(newsroom: Newsroom, outlet: Outlet) -> None:
    found = [url for path in locations(newsroom, outlet, "/sitemap.xml") for url in locations(newsroom, outlet, path)]
    expected = [one.path for one in newsroom.of(outlet.name) if one.kind not in {Kind.PRINT, Kind.REDIRECT}]
    assert sorted(found) == sorted(expected)


def test_an_outlet_without_a_sitemap_lists_all_in_its_sections(newsroom: Newsroom) -> None:
    outlet = newsroom.outlet("river-herald")
    assert get(newsroom, outlet, "/sitemap.xml").status == 404
    assert sorted(section_links(newsroom, outlet)) == sorted(one.path for one in newsroom.of(outlet.name))


@outlets
def test_every_listed_link_answers_as_the_truth_says(newsroom: Newsroom, outlet: Outlet) -> None:
    for link in section_links(newsroom, outlet):
        entry = newsroom.by_key[outlet.host, link.partition("?")[0]]
        expected = {Kind.GONE: 404, Kind.REDIRECT: 301}.get(entry.kind, 200)
        assert get(newsroom, outlet, link).status == expected, link


def test_listings_of_one_outlet_carry_tracking_parameters(newsroom: Newsroom) -> None:
    links = section_links(newsroom, newsroom.outlet("harbor-post"))
    tracked = [link for link in links if "?utm_source=" in link]
    assert 10 < len(tracked) < len(links) / 2


@outlets
def test_the_feed_holds_the_20_newest_articles_and_is_advertised(newsroom: Newsroom, outlet: Outlet) -> None:
    response = get(newsroom, outlet, outlet.feed_path)
    root = ET.fromstring(response.body)  # noqa: S314 - our own text
    if outlet.atom:
        urls: list[str | None] = [link.get("href") for link in root.iterfind("a:entry/a:link", SPACE)]
    else:
        urls = [link.text for link in root.iterfind("channel/item/link")]
    keys = [(outlet.host, path) for path in paths(outlet, urls)]
    assert len(keys) == 20
    times = [published for key in keys if (published := newsroom.by_key[key].published)]
    assert len(times) == 20
    assert times == sorted(times, reverse=True)
    kind = "atom" if outlet.atom else "rss"
    assert response.content_type == f"application/{kind}+xml; charset=utf-8"
    home = get(newsroom, outlet, "/").body.decode()
    assert f'<link rel="alternate" type="application/{kind}+xml"' in home
    assert f'href="http://{outlet.host}:{PORT}{outlet.feed_path}"' in home


@with_sitemap
def test_the_news_sitemap_holds_two_days(newsroom: Newsroom, outlet: Outlet) -> None:
    found = [newsroom.by_key[outlet.host, path] for path in locations(newsroom, outlet, "/news-sitemap.xml")]
    days = {one.published.date().isoformat() for one in found if one.published}
    assert found
    assert days <= {"2019-03-08", "2019-03-09", "2019-03-10"}


def test_lastmod_moves_with_the_edition_for_the_edited_article_only(newsroom: Newsroom) -> None:
    outlet, second = newsroom.outlet("harbor-post"), newsroom.at_edition(2)
    for path in ("/sitemap.xml", "/sitemap-2019-02.xml"):
        before, after = (get(room, outlet, path).body.decode().splitlines() for room in (newsroom, second))
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == 1
        assert "2019-03-11T09:05:09-05:00" in changed[0][1]


def test_the_redirect_leads_to_its_article(newsroom: Newsroom) -> None:
    moved = newsroom.one(Kind.REDIRECT)
    assert moved.target is not None
    response = get(newsroom, moved.outlet, moved.path)
    assert (response.status, response.location) == (301, f"http://{moved.outlet.host}:{PORT}{moved.target[1]}")
    assert newsroom.by_key[moved.target].kind is Kind.ARTICLE


def test_denied_print_views_exist_and_robots_denies_them(newsroom: Newsroom) -> None:
    outlet = newsroom.outlet("northline")
    article = newsroom.of(outlet.name)[0]
    assert f'href="/print{article.path}"' in get(newsroom, outlet, article.path).body.decode()
    assert get(newsroom, outlet, f"/print{article.path}").status == 200
    assert "Disallow: /print/" in get(newsroom, outlet, "/robots.txt").body.decode()


@outlets
@pytest.mark.parametrize("path", ["/nowhere", "/print/nowhere", "/category/politics/page/99/", "/../", ""])
def test_unknown_paths_are_answered_with_404(newsroom: Newsroom, outlet: Outlet, path: str) -> None:
    assert get(newsroom, outlet, path).status == 404


def test_a_host_that_is_no_outlet_has_no_pages(newsroom: Newsroom) -> None:
    assert newsroom.pages("elsewhere.localhost", "/") is None
