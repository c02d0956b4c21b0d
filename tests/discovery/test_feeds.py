"""Feeds of every kind, as sites really write them."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.discovery import feeds, parse_feed
from newsarchive.errors import DiscoveryError
from newsarchive.models import Candidate, Via

URL = "https://harbor.example/feeds/world.xml"
FEEDBURNER = "xmlns:x='http://rssnamespace.org/feedburner/ext/1.0'"


def _rss(items: str, *, head: str = "", declaration: str = "") -> bytes:
    return f'{declaration}<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _only(body: bytes) -> Candidate:
    (candidate,) = parse_feed(body, url=URL).candidates
    return candidate


def test_rss_2_gives_link_headline_and_date() -> None:
    body = _rss(
        "<item><title>Summit ends</title><link>https://harbor.example/a?utm_medium=rss</link>"
        "<pubDate>Wed, 27 Feb 2019 18:30:05 +0700</pubDate></item>",
        head="<title>Harbor &amp; Post</title><language>en-GB</language><image><title>Logo</title></image>",
    )
    feed = parse_feed(body, url=URL)
    assert (feed.title, feed.language, feed.truncated) == ("Harbor & Post", "en", False)
    (candidate,) = feed.candidates
    assert candidate == Candidate(
        url="https://harbor.example/a",
        via=Via.FEED,
        found_at=URL,
        headline="Summit ends",
        published=datetime(2019, 2, 27, 11, 30, 5, tzinfo=UTC),
        language="en",
    )


def test_rss_1_is_read_with_its_dublin_core() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbor</title><dc:language>ja</dc:language></channel>
      <item rdf:about="https://harbor.example/a"><title>Summit</title><dc:date>2019-02-27T18:30+09:00</dc:date></item>
      </rdf:RDF>"""
    candidate = _only(body)
    assert candidate.url == "https://harbor.example/a"
    assert candidate.published == datetime(2019, 2, 27, 9, 30, tzinfo=UTC)


def test_atom_is_read_with_its_bases_and_relations() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://harbor.example/x/">
      <title type="html">Harbor &lt;b&gt;Post&lt;/b&gt;</title>
      <entry xml:base="y/"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">No <i>deal</i></div></title>
      <link rel="self" href="self"/><link type="application/json" href="data"/><link href="page?a=1&amp;b=2"/>
      <id>https://harbor.example/id</id><published>2019-02-27T10:00:00Z</published>
      <updated>2019-02-28T10:00:00Z</updated><source><title>Other</title></source></entry></feed>"""
    feed = parse_feed(body, url=URL)
    (candidate,) = feed.candidates
    assert (feed.title, feed.language) == ("Harbor Post", "de")
    assert candidate.url == "https://harbor.example/x/y/page?a=1&b=2"
    assert (candidate.headline, candidate.language) == ("No deal", "de")
    assert candidate.published == datetime(2019, 2, 27, 10, tzinfo=UTC)
    assert candidate.modified == datetime(2019, 2, 28, 10, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    items = [
        {"id": 1, "url": "/a", "title": "A &amp; B", "date_published": "2019-02-27T10:00:00Z", "language": "vi"},
        {"external_url": "https://harbor.example/b", "title": None},
        {"url": "javascript:alert(1)"},
        {"title": "no address"},
        "no item",
    ]
    data = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbor", "language": "en", "items": items}
    feed = parse_feed(json.dumps(data).encode(), url=URL)
    assert [candidate.url for candidate in feed.candidates] == ["https://harbor.example/a", "https://harbor.example/b"]
    assert [candidate.language for candidate in feed.candidates] == ["vi", "en"]
    assert feed.candidates[0].headline == "A & B"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<link>/a</link>", "https://harbor.example/a"),
        ("<link>\n  https://harbor.example/a \n</link>", "https://harbor.example/a"),
        ("<link><![CDATA[https://harbor.example/a?x=1&amp;y=2]]></link>", "https://harbor.example/a?x=1&y=2"),
        ("<link>https://harbor.example/a?x=1&y=2</link>", "https://harbor.example/a?x=1&y=2"),
        ("<guid>https://harbor.example/g</guid>", "https://harbor.example/g"),
        ("<guid isPermaLink='true'>https://harbor.example/g</guid>", "https://harbor.example/g"),
        ("<link>https://harbor.example/a</link><guid>https://harbor.example/g</guid>", "https://harbor.example/a"),
        ("<link>mailto:a@b.example</link><guid>https://harbor.example/g</guid>", "https://harbor.example/g"),
        (
            f"<link>https://counter.example/1</link><x:origLink {FEEDBURNER}>https://harbor.example/o</x:origLink>",
            "https://harbor.example/o",
        ),
    ],
)
def test_the_best_address_of_an_entry_is_taken(item: str, expected: str) -> None:
    assert _only(_rss(f"<item>{item}</item>")).url == expected


@pytest.mark.parametrize(
    "item",
    [
        "<title>no address</title>",
        "<guid isPermaLink='false'>https://harbor.example/g</guid>",
        "<guid>harbor-12</guid>",
        "<link>javascript:alert(1)</link>",
        "<link>file:///etc/hosts</link>",
        "<link rel='self'>https://harbor.example/a</link>",
    ],
)
def test_an_entry_without_a_web_page_is_left_out(item: str) -> None:
    assert parse_feed(_rss(f"<item>{item}</item>"), url=URL).candidates == ()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<![CDATA[Tom & Jerry &#8211; <b>again</b>]]>", "Tom & Jerry – again"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("Caf&eacute;&nbsp;closed", "Café closed"),
        ("5 &lt; 6", "5 < 6"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Summit", "Summit"),
        ("Summit &amp;quot;ends&amp;quot;", 'Summit "ends"'),
        ("Sum&#0;mit \x0b", "Summit"),
        ("  ", None),
    ],
)
def test_a_headline_is_plain_text(title: str, expected: str | None) -> None:
    headline = _only(_rss(f"<item><title>{title}</title><link>https://harbor.example/a</link></item>")).headline
    assert (headline or "").replace("\ufffd", "") == (expected or "")


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "utf-8"),  # declared wrongly: the bytes are UTF-8
        ("utf-8", "windows-1252"),  # and the other way round
        ("iso-8859-1", "iso-8859-1"),
        ("utf-16", "utf-16"),
        ("punycode", "windows-1252"),
        ("no-such-charset", "utf-8-sig"),
    ],
)
def test_the_bytes_are_believed_over_the_declaration(declared: str, codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><rss><channel><title>Café à Huế</title></channel></rss>'
    text = text.replace("ế", "é")
    assert parse_feed(text.encode(codec), url=URL).title == "Café à Hué"


@pytest.mark.parametrize(
    "body",
    [
        b"  \n\n<?xml version='1.0'?>" + _rss("<item><link>https://harbor.example/a</link></item>"),
        _rss("<item><link>https://harbor.example/a</link></item>")[:-16],
        _rss("<item><link>https://harbor.example/a</link></item><item><title>to"),
        _rss("<item><x:y>undeclared</x:y><link>https://harbor.example/a</link></item>"),
        _rss("<item><title>a <b> c</title><link>https://harbor.example/a</link></item>"),
        _rss("<item><link>https://harbor.example/a</link></item>").replace(
            b"<rss ", b"<rss xmlns='https://odd.example/' "
        ),
    ],
)
def test_broken_xml_gives_what_can_be_read(body: bytes) -> None:
    assert _only(body).url == "https://harbor.example/a"


def test_an_item_without_a_date_that_can_be_read_has_none() -> None:
    item = "<item><link>https://harbor.example/a</link><pubDate>last Tuesday</pubDate></item>"
    assert _only(_rss(item)).published is None


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html><rss></html>", b"\n<html lang=en><body>Please accept cookies"])
def test_a_page_in_a_feeds_place_is_called_one(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="expected a feed, got an HTML page") as caught:
        parse_feed(body, url=URL)
    assert caught.value.tip


@pytest.mark.parametrize(
    "body", [b"", b"x", b"<urlset/>", b"{}", b"{" * 5, b'{"version": 1}', b'{"a":' + b"[" * 200_000]
)
def test_what_is_no_feed_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="this is") as caught:
        parse_feed(body, url=URL)
    assert caught.value.url == URL


def test_a_huge_feed_is_read_up_to_its_cap() -> None:
    item = "<item><title>T</title><link>https://harbor.example/{}</link></item>"
    feed = parse_feed(_rss("".join(map(item.format, range(300_000)))), url=URL)
    assert len(feed.candidates) == feeds.MAX_ENTRIES
    assert feed.truncated


def test_hostile_attributes_entities_and_sections_are_bounded() -> None:
    item = "<item><link>https://harbor.example/a</link></item>"
    many = " ".join(f"a{number}='1'" for number in range(100_000))
    assert _only(f"<rss {many}>{item}</rss>".encode()).url == "https://harbor.example/a"
    assert _only(_rss(f"{item}{'<![CDATA[' * 200_000}")).url == "https://harbor.example/a"
    assert _only(_rss(f"{item}<item><title>{'&lt;script ' * 200_000}</title></item>")).url == "https://harbor.example/a"
    assert _only(_rss(f"{item}{'<item>' * 100_000}")).url == "https://harbor.example/a"


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<rss><item><link>", b"<feed><entry>", b'{"version":', b"\xff\xfe"])
)
def test_random_bytes_are_read_or_refused(noise: bytes, start: bytes) -> None:
    with contextlib.suppress(DiscoveryError):
        feed = parse_feed(start + noise, url=URL)
        assert all(candidate.url.startswith(("http://", "https://")) for candidate in feed.candidates)
