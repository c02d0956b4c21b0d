"""Listing pages: articles, sections and feeds are told apart by where and how they are linked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.discovery import listings, parse_listing
from newsarchive.errors import DiscoveryError
from newsarchive.models import Via

URL = "https://www.harbor.example/"
PAGE = """<!doctype html><html lang="vi-VN"><head><meta charset="utf-8"><title>Home | Harbor Post</title>
<meta property="og:site_name" content="Harbor Post">
<link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="alternate" hreflang="en" href="/en/">
<link rel="alternate" type="application/atom+xml" href="/comments/feed/"><link rel="sitemap" href="/sitemap.xml">
<link rel="next" href="/page/2"></head><body>
<header><nav><a href="/">Home</a><a href="/politics/">Politics</a><a href="/world/asia/">Asia</a>
<a href="/world/">World</a><a href="https://other.example/sport/">Sport</a><a href="/login">Log in</a>
<a href="mailto:desk@harbor.example">Mail</a></nav></header>
<main><article><a href="/2019/02/27/summit-ends-early?utm_source=home"><img alt="Two people" src="a.jpg"></a>
<h2><a href="/2019/02/27/summit-ends-early">Summit ends <em>early</em></a></h2>
<a href="/2019/02/27/summit-ends-early#comments">12 comments and a great many words that are no headline</a></article>
<a href="/2019/02/27/markets-fall-again"><h3>Markets fall</h3><p>A teaser of many words</p></a>
<a href="//m.harbor.example/2019/02/26/harvest-begins-in-the-north" aria-label="Harvest begins"></a>
<a href="https://other.example/2019/02/27/not-of-this-site">Elsewhere</a>
<a href="/tag/summit-in-hanoi-and-after">Tag</a><a href="/2019/02/27/map.pdf">Map</a>
<a href="javascript:void(0)">Menu</a><a href="/rss/politics.xml">x</a><a href="/politics/rss">RSS</a></main>
<footer><a href="/imprint">Imprint</a><a href="/archive-of-games">Games</a></footer></body></html>"""


def test_articles_are_named_once_with_their_headlines() -> None:
    found = parse_listing(PAGE.encode(), url=URL).candidates
    assert [(candidate.url, candidate.headline) for candidate in found] == [
        ("https://www.harbor.example/2019/02/27/summit-ends-early", "Summit ends early"),
        ("https://www.harbor.example/2019/02/27/markets-fall-again", "Markets fall"),
        ("https://m.harbor.example/2019/02/26/harvest-begins-in-the-north", "Harvest begins"),
    ]
    assert {(candidate.via, candidate.found_at) for candidate in found} == {(Via.LISTING, URL)}


def test_sections_come_from_the_navigation_short_paths_first() -> None:
    assert parse_listing(PAGE.encode(), url=URL).sections == (
        "https://www.harbor.example/politics/",
        "https://www.harbor.example/world/",
        "https://www.harbor.example/world/asia/",
    )


def test_without_a_navigation_any_link_may_be_a_section() -> None:
    body = b"<p><a href=/politics>P</a><a href=/about-us>About</a><a href=/2019/>2019</a></p>"
    assert parse_listing(body, url=URL).sections == ("https://www.harbor.example/politics",)


def test_feeds_sitemaps_and_the_next_page_are_told() -> None:
    found = parse_listing(PAGE.encode(), url=URL)
    assert found.feeds == ("https://www.harbor.example/feed/", "https://www.harbor.example/politics/rss")
    assert found.sitemaps == ("https://www.harbor.example/sitemap.xml",)
    assert found.next_page == "https://www.harbor.example/page/2"
    assert (found.title, found.language) == ("Harbor Post", "vi")


def test_the_base_of_a_page_is_honoured() -> None:
    body = b"<base href='/news/'><a href='2019/02/27/summit-ends-early'>x</a>"
    (candidate,) = parse_listing(body, url=URL).candidates
    assert candidate.url == "https://www.harbor.example/news/2019/02/27/summit-ends-early"
    body = b"<base href='file:///etc/'><a href='2019/02/27/summit-ends-early'>x</a>"
    (candidate,) = parse_listing(body, url=URL).candidates
    assert candidate.url == "https://www.harbor.example/2019/02/27/summit-ends-early"


def test_a_page_does_not_name_itself() -> None:
    here = "https://harbor.example/2019/02/27/summit-ends-early"
    found = parse_listing(f"<a href='{here}?utm_source=x'>me</a><a rel=next href='#'>n</a>".encode(), url=here)
    assert (found.candidates, found.next_page) == ((), None)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Café Huế</title>".encode(), ""),
        ("<meta charset=iso-8859-1><title>Café Huế</title>".encode(), "text/html; charset=iso-8859-1"),
        ("<title>Café Huế</title>".encode("windows-1258", "ignore"), "text/html; charset=windows-1258"),
        (b"<meta charset=windows-1252><title>Caf\xe9 Hu</title>", ""),
        (b"<meta charset=windows-1252><title>Caf\xe9 Hu</title>", "text/html; charset=no-such"),
    ],
)
def test_a_pages_charset_is_found(body: bytes, content_type: str) -> None:
    title = parse_listing(body, url=URL, content_type=content_type).title
    assert title is not None
    assert title.startswith("Café Hu")


@pytest.mark.parametrize("body", [b"", b"   "])
def test_what_holds_no_page_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match=URL) as caught:
        parse_listing(body, url=URL)
    assert caught.value.url == URL


def test_hostile_pages_are_bounded() -> None:
    links = "".join(f"<a href='/2019/02/27/story-number-{number}'>x</a>" for number in range(listings.MAX_LINKS * 2))
    assert len(parse_listing(links.encode(), url=URL).candidates) == listings.MAX_CANDIDATES
    deep = b"<div>" * 50_000 + b"<a href='/2019/02/27/summit-ends-early'>x</a>"
    assert len(parse_listing(deep, url=URL).candidates) <= 1
    wide = b"<a title='" + b"x" * 2_000_000 + b"' href='/2019/02/27/summit-ends-early'></a>"
    assert len(parse_listing(wide, url=URL).candidates) == 1


@given(st.binary(max_size=300), st.sampled_from([b"", b"<a href=", b"<base href='", b"<a href='/2019/02/27/"]))
def test_random_bytes_are_read_or_refused(noise: bytes, start: bytes) -> None:
    try:
        found = parse_listing(start + noise, url=URL)
    except DiscoveryError:
        return
    assert all(candidate.url.startswith("http") for candidate in found.candidates)
