from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.dates import Precision
from newsarchive.errors import ExtractionError
from newsarchive.extraction import Limits, canonical_url, extract, extractor_version
from newsarchive.extraction.aligning import squeezed
from newsarchive.models import Payload

if TYPE_CHECKING:
    from conftest import Newsroom

SEED = Path(__file__).parents[3] / "shared/data/seed/article.html"


def test_a_page_that_describes_itself_is_read_field_by_field(newsroom: Newsroom) -> None:
    found = newsroom.read(newsroom.page(head=newsroom.linked()))
    assert found.headline == "Ferry talks end without a deal"
    assert found.paragraphs == newsroom.paragraphs
    assert (found.category, found.source, found.language) == ("Politics", "Harbor Post", "en")
    assert found.authors == ("Lan Tran", "Ben Okoro")
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:00+07:00")
    assert found.published is not None
    assert found.published.isoformat().endswith("+07:00")
    assert found.modified == datetime.fromisoformat("2019-02-28T09:00:00+07:00")
    assert found.published_precision is Precision.SECOND
    assert found.tags == ("ferry", "islands")
    assert found.image == "https://www.harborpost.example/img/ferry.jpg"
    assert found.description == "No agreement after two days."
    assert found.is_free is False
    assert found.provenance["published"] == "json-ld"
    assert found.extractor == extractor_version()


def test_a_page_without_any_data_for_machines_is_read_as_it_is_seen(newsroom: Newsroom) -> None:
    top = (
        '<header><a rel="category tag" href="/c/local/">Local</a><h1>Ferry talks end without a deal</h1>'
        '<p class="byline">By <a rel="author" href="/a/lan">Lan Tran</a></p>'
        '<time class="published" datetime="2019-02-27T18:30+07:00">yesterday</time></header>'
    )
    found = newsroom.read(newsroom.page(top=top), url="https://harborpost.example/?p=7")
    assert found.headline == "Ferry talks end without a deal"
    assert (found.category, found.authors) == ("Local", ("Lan Tran",))
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:00+07:00")
    assert found.published_precision is Precision.MINUTE
    assert found.paragraphs == newsroom.paragraphs


def test_microdata_is_read(newsroom: Newsroom) -> None:
    top = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Ferry talks end</h1>'
        '<meta itemprop="datePublished" content="2019-02-27"><span itemprop="author" itemscope '
        'itemtype="https://schema.org/Person"><span itemprop="name">Lan Tran</span></span>'
        '<meta itemprop="articleSection" content="World"></div>'
    )
    found = newsroom.read(newsroom.page(head="<title>Ferry talks end</title>", top=top), url="https://a.example/7")
    assert (found.category, found.authors) == ("World", ("Lan Tran",))
    assert found.published_precision is Precision.DAY
    assert found.provenance["authors"] == "microdata"


def test_a_time_of_day_is_taken_from_where_it_is_known(newsroom: Newsroom) -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry talks end without a deal", '
        '"datePublished": "2019-02-27"}</script>'
        '<meta property="article:published_time" content="2019-02-27T18:30:05+07:00">'
    )
    found = newsroom.read(newsroom.page(head=head))
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:05+07:00")


def test_a_clock_without_a_zone_takes_the_zone_of_the_same_clock_elsewhere(newsroom: Newsroom) -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry talks end without a deal", '
        '"datePublished": "2019-02-27T18:30:00"}</script>'
        '<meta property="article:published_time" content="2019-02-27T18:30:00+07:00">'
    )
    found = newsroom.read(newsroom.page(head=head))
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:00+07:00")


def test_furniture_is_no_part_of_the_text(newsroom: Newsroom) -> None:
    top = (
        "<h1>Ferry talks end without a deal</h1><p>By Lan Tran</p><p>Published on February 27, 2019</p>"
        "<p>Share</p><p>Tweet</p>"
    )
    text = (
        newsroom.body()
        + '<p><a href="/other">Read what came before this meeting of all ferry operators in the region</a></p>'
        + '<ul><li><a href="/1">Governor signs water bill after a long fight in the upper chamber</a></li>'
        + '<li><a href="/2">Court weighs new rules for the ballots of the autumn election</a></li></ul>'
    )
    found = newsroom.read(newsroom.page(head=newsroom.linked(), top=top, text=text))
    assert found.paragraphs == newsroom.paragraphs


def test_lists_quotes_and_tables_stay_in_reading_order(newsroom: Newsroom) -> None:
    text = (
        newsroom.body()
        + "<h2>What comes next</h2><ul><li>A meeting in <b>May</b>, in the old customs house</li>"
        + "<li>A vote in June of both island councils</li></ul>"
        + "<table><tr><th>Year</th><th>Riders</th></tr><tr><td>2018</td><td>2,000</td></tr></table>"
        + "<p>The operators will publish their offers before the first of the two meetings takes place.</p>"
    )
    found = newsroom.read(newsroom.page(text=text))
    assert found.paragraphs[4:] == (
        "What comes next",
        "A meeting in May, in the old customs house",
        "A vote in June of both island councils",
        "Year Riders",
        "2018 2,000",
        "The operators will publish their offers before the first of the two meetings takes place.",
    )


def test_the_address_a_page_names_is_absolute(newsroom: Newsroom) -> None:
    html = newsroom.page(head='<link rel="amphtml canonical" href="/politics/ferry">')
    assert newsroom.read(html).canonical_url == "https://www.harborpost.example/politics/ferry"
    named = newsroom.page(head='<link rel=canonical href="https://www.harborpost.example/politics/ferry">')
    assert canonical_url(newsroom.payload(named, url="")) == "https://www.harborpost.example/politics/ferry"
    assert canonical_url(newsroom.payload(newsroom.page(), url="")) is None
    assert canonical_url(newsroom.payload(b"%PDF-1.4", url="")) is None


def test_an_article_nested_deeper_than_the_parser_goes_is_not_lost(newsroom: Newsroom) -> None:
    html = newsroom.page(text="<div>" * 300 + newsroom.body() + "</div>" * 300)
    assert newsroom.read(html).paragraphs == newsroom.paragraphs


def test_text_repeated_for_machines_is_the_last_resort(newsroom: Newsroom) -> None:
    told = " ".join(newsroom.paragraphs)
    data = '{"@type": "NewsArticle", "headline": "Ferry talks end", "articleBody": "' + told + '"}'
    empty = newsroom.read(newsroom.page(head=newsroom.linked(data), text='<div id="app"></div>'))
    assert empty.body == told
    full = newsroom.read(newsroom.page(head=newsroom.linked(data)))
    assert full.paragraphs == newsroom.paragraphs


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", "empty-page"),
        (b" \n\x00 ", "text/html", "empty-page"),
        (b"<!-- nothing --> <html></html>", "text/html", "empty-page"),
        (b"%PDF-1.7 <html>", "text/html", "not-html"),
        (b"\x89PNG\r\n\x1a\n", "", "not-html"),
        (b"<html><body>text</body></html>", "image/jpeg", "not-html"),
        (bytes(range(32)) * 40, "", "not-html"),
        (b'{"headline": "<p>"}', "application/json", "not-html"),
        (b'{"a": 1}', "text/html", "not-html"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "text/html", "not-html"),
        (b"plain words, and 3 < 4", "text/plain", "not-html"),
        (b"<p>" * 101, "text/html", "too-many-tags"),
        (b"<p>" + b"x" * 10_000, "text/html", "too-large"),
    ],
)
def test_what_is_no_page_is_refused_with_its_reason(body: bytes, content_type: str, reason: str) -> None:
    payload = Payload(url="https://harborpost.example/x", body=body, content_type=content_type)
    with pytest.raises(ExtractionError) as caught:
        extract(payload, limits=Limits(max_page_size=9_000, max_tags=100))
    assert caught.value.reason == reason


def test_a_control_character_costs_no_text(newsroom: Newsroom) -> None:
    first, *others = newsroom.paragraphs
    found = newsroom.read(newsroom.page(text=newsroom.body((f"{first[:20]}&#27;&#11;{first[20:]}", *others))))
    assert found.paragraphs[1:] == tuple(others)
    assert squeezed(found.paragraphs[0]) == squeezed(first)


MARKUP = st.sampled_from([
    b"<p>", b"</p>", b"<div class='byline author'>", b"</div>", b"<h1>", b"</h1>", b"<table><tr><td>", b"</table>",
    b"<time datetime='2019-13-45T99:99'>", b"<script type='application/ld+json'>", b"</script>", b'{"@graph": [', b"]}",
    b'{"@type": "NewsArticle", "author": {"@id": 7}, "datePublished": []}', b"<meta property='og:title' content='",
    b"'>", b"<a href='//[x' rel='author canonical'>", b"<base href='::'>", b"<html lang='\xff'>", b"<!--", b"-->",
    b"<link rel=canonical href='http://['>", b"<svg><style>", b"&#0;&#xD800;&#x110000;", b"\x00", b"<![CDATA[",
    b"<div itemscope itemtype='http://schema.org/Article'>", b"<span itemprop='author name headline'>", b"<?xml ?>",
    b"some words of a text that goes on for a while and then stops. ", b"<br>", b"<template>", b"\xf0\x9f", b"<body>",
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(MARKUP, st.binary(max_size=12)), max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_soup_ends_as_an_extraction_or_as_an_extraction_error(parts: list[bytes], url: str, kind: str) -> None:
    try:
        found = extract(Payload(url=url, body=b"".join(parts), content_type=kind))
    except ExtractionError as error:
        assert error.reason in {"not-html", "empty-page"}  # noqa: PT017 - either outcome is right
    else:
        found.model_dump_json()
        assert "\x00" not in found.body


def test_importing_the_package_loads_no_trafilatura() -> None:
    code = (
        "import sys, newsarchive.extraction as e; e.extractor_version(); "
        "sys.exit(bool({'trafilatura', 'htmldate', 'justext'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reading_a_page_leaves_nothing_on_the_terminal() -> None:
    code = (
        "from newsarchive.extraction import extract; from newsarchive.models import Payload; "
        "extract(Payload(url='https://a.example/', body=b'<html><body><p>x</p></body></html>'))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.shared_data
@pytest.mark.skipif(not SEED.exists(), reason="the development data is not beside the checkout")
def test_the_page_the_project_started_from_is_read_right() -> None:
    url = "https://daily.example/politics/trump-hints-at-another-meeting/"
    found = extract(Payload(url=url, body=SEED.read_bytes(), content_type="text/html"))
    assert found.headline == "NEW: Trump Hints At Another Meeting With North Korea’s Kim Jong Un"
    assert (found.category, found.authors) == ("Politics", ())
    assert found.published is not None
    assert (found.published.date().isoformat(), found.published_precision) == ("2025-10-25", Precision.DAY)
    assert found.body.startswith("President Donald Trump expressed")
    assert found.body.endswith("the president’s remarks suggest flexibility.")
