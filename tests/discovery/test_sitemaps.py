"""Sitemaps: what the protocol allows, what sites send instead, and what strangers send on purpose."""

from __future__ import annotations

import contextlib
import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.discovery import parse_sitemap, sitemaps
from newsarchive.errors import DiscoveryError
from newsarchive.models import Via

URL = "https://harbor.example/sitemap.xml"
CORE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def _urlset(*places: str) -> bytes:
    entries = "".join(f"<url><loc>{place}</loc></url>" for place in places)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {CORE}>{entries}</urlset>'.encode()


def _urls(body: bytes) -> list[str]:
    return [candidate.url for candidate in parse_sitemap(body, url=URL).candidates]


def test_an_index_names_its_sitemaps_with_their_dates() -> None:
    body = f"""<sitemapindex {CORE}>
      <sitemap><loc> https://harbor.example/2019-02.xml.gz </loc><lastmod>2019-02-28T10:00:00+07:00</lastmod></sitemap>
      <sitemap><loc>https://harbor.example/2019-03.xml.gz?utm_source=kept</loc></sitemap>
      <sitemap><loc>/relative.xml</loc></sitemap><sitemap><loc>{URL}</loc></sitemap>
    </sitemapindex>""".encode()
    found = parse_sitemap(body, url=URL)
    assert [child.url for child in found.children] == [
        "https://harbor.example/2019-02.xml.gz",
        "https://harbor.example/2019-03.xml.gz?utm_source=kept",
    ]
    assert found.children[0].modified == datetime(2019, 2, 28, 3, tzinfo=UTC)
    assert found.children[1].modified is None
    assert (found.candidates, found.truncated) == ((), False)


def test_a_news_sitemap_gives_headline_date_and_language() -> None:
    body = f"""<urlset {CORE} {NEWS} {IMAGE}><url><loc>https://harbor.example/a?utm_source=x&amp;id=7</loc>
      <lastmod>2019-02-28</lastmod><image:image><image:loc>https://cdn.example/a.jpg</image:loc></image:image>
      <news:news><news:publication><news:name>Harbor Post</news:name><news:language>pt-br</news:language>
      </news:publication><news:publication_date>2019-02-27T18:30Z</news:publication_date>
      <news:title>Summit &amp;amp; <![CDATA[<b>sanctions</b>]]></news:title></news:news></url></urlset>""".encode()
    (candidate,) = parse_sitemap(body, url=URL).candidates
    assert candidate.url == "https://harbor.example/a?id=7"
    assert candidate.via is Via.NEWS_SITEMAP
    assert candidate.found_at == URL
    assert candidate.headline == "Summit & sanctions"
    assert candidate.published == datetime(2019, 2, 27, 18, 30, tzinfo=UTC)
    assert candidate.modified == datetime(2019, 2, 28, tzinfo=UTC)
    assert candidate.language == "pt"


def test_addresses_that_are_relative_or_not_of_the_web_are_left_out() -> None:
    body = _urlset(
        "/relative", "file:///etc/hosts", "javascript:alert(1)", "//other.example/", "", "https://harbor.example/ok"
    )
    assert _urls(body) == ["https://harbor.example/ok"]


def test_spellings_of_one_address_are_one_candidate() -> None:
    assert _urls(_urlset("https://harbor.example/a#x", "HTTPS://harbor.example:443/a", "https://harbor.example/a")) == [
        "https://harbor.example/a"
    ]


@pytest.mark.parametrize(
    "opening",
    [
        '<urlset xmlns="https://harbor.example/misspelt">',
        "<urlset>",
        "\n\n  <?xml version='1.0'?><urlset>",
        "Notice: something failed in line 3<br/>\n<urlset>",
        '<!DOCTYPE urlset SYSTEM "https://other.example/x.dtd"><urlset>',
        "<!-- made by <b>hand</b> --><urlset>",
        "<URLSET>",
    ],
)
def test_what_stands_before_the_entries_does_not_matter(opening: str) -> None:
    end = opening[opening.lower().rindex("<urlset") + 1 :][:6]
    body = f"{opening}<url><loc>https://harbor.example/a</loc></url></{end}>".encode()
    assert _urls(body) == ["https://harbor.example/a"]


def test_a_prefix_for_the_core_vocabulary_is_understood() -> None:
    body = f"""<sm:urlset {CORE.replace("xmlns", "xmlns:sm")}><sm:url><sm:loc>https://harbor.example/a</sm:loc></sm:url>
    </sm:urlset>""".encode()
    assert _urls(body) == ["https://harbor.example/a"]


def test_gzip_is_undone_wherever_the_bytes_say_so() -> None:
    body = gzip.compress(_urlset("https://harbor.example/a"))
    found = parse_sitemap(body, url=URL)
    assert [candidate.url for candidate in found.candidates] == ["https://harbor.example/a"]
    assert not found.truncated


def test_a_torn_file_gives_what_is_whole_and_says_so() -> None:
    plain = _urlset(*(f"https://harbor.example/{number}" for number in range(1000)))
    for body in (plain[: len(plain) // 2], gzip.compress(plain)[:-400], gzip.compress(plain[: len(plain) // 2])):
        found = parse_sitemap(body, url=URL)
        assert found.truncated
        assert 0 < len(found.candidates) < 1000
        assert found.candidates[0].url == "https://harbor.example/0"


def test_a_gzip_bomb_is_cut_at_the_protocols_size() -> None:
    bomb = gzip.compress(_urlset("https://harbor.example/a")[:-9] + b" " * 60_000_000 + b"</urlset>")
    assert len(bomb) < 100_000
    found = parse_sitemap(bomb, url=URL)
    assert found.truncated
    assert len(found.candidates) == 1


def test_no_more_urls_are_read_than_the_protocol_allows() -> None:
    found = parse_sitemap(_urlset(*(f"https://harbor.example/{n}" for n in range(sitemaps.MAX_URLS + 10))), url=URL)
    assert len(found.candidates) == sitemaps.MAX_URLS
    assert found.truncated


def test_a_list_of_urls_is_a_sitemap() -> None:
    body = b"\xef\xbb\xbfhttps://harbor.example/a\r\n\r\nhttps://harbor.example/b\nhttps://harbor.example/a\nno url\n"
    assert _urls(body) == ["https://harbor.example/a", "https://harbor.example/b"]


def test_a_feed_may_stand_in_a_sitemaps_place() -> None:
    body = b"<rss version='2.0'><channel><item><link>https://harbor.example/a</link></item></channel></rss>"
    (candidate,) = parse_sitemap(gzip.compress(body), url=URL).candidates
    assert (candidate.url, candidate.via) == ("https://harbor.example/a", Via.FEED)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"hello",
        b"\x00\x01\x02",
        b"\x1f\x8b",
        b"<svg/>",
        b"{}",
        b"User-agent: *\nSitemap: https://a.example/",
    ],
)
def test_what_is_no_sitemap_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match=URL) as caught:
        parse_sitemap(body, url=URL)
    assert caught.value.url == URL


@pytest.mark.parametrize(
    "body", [b"<!doctype html><p>Not found", b"<html><body>https://harbor.example/a</body></html>"]
)
def test_a_page_in_a_sitemaps_place_is_called_one(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="HTML page") as caught:
        parse_sitemap(body, url=URL)
    assert caught.value.tip


def test_entities_are_neither_expanded_nor_fetched() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    body = f"""<!DOCTYPE urlset [<!ENTITY a0 "ha">{laughs}<!ENTITY file SYSTEM "file:///etc/hosts">
      <!ENTITY % remote SYSTEM "http://127.0.0.1:1/x.dtd"> %remote;]><urlset {NEWS}>
      <url><loc>https://harbor.example/a</loc><news:news><news:title>&a11; &file;</news:title></news:news></url>
      <url><loc>https://harbor.example/&file;</loc></url></urlset>""".encode()
    first, second = parse_sitemap(body, url=URL).candidates
    assert first.headline == "&a11; &file;"
    assert second.url == "https://harbor.example/&file;"


def test_depth_and_size_do_not_end_the_process() -> None:
    entry = b"<url><loc>https://harbor.example/a</loc></url>"
    assert _urls(b"<urlset>" + entry + b"<a>" * 300_000) == ["https://harbor.example/a"]
    assert _urls(b"<urlset a='" + b"x" * 2_000_000 + b"'>" + entry + b"</urlset>") == ["https://harbor.example/a"]
    assert _urls(b"<urlset>" + b"<a/>" * 1_000_000 + entry + b"</urlset>") == []


@given(st.binary(max_size=300), st.sampled_from([b"", b"<urlset>", b"<sitemapindex><sitemap><loc>", b"\x1f\x8b\x08"]))
def test_random_bytes_are_read_or_refused(noise: bytes, start: bytes) -> None:
    with contextlib.suppress(DiscoveryError):
        found = parse_sitemap(start + noise, url=URL)
        assert all(candidate.url.startswith(("http://", "https://")) for candidate in found.candidates)
