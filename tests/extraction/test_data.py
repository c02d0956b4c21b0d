"""What pages say for machines: JSON-LD whole and broken, microdata, metas; and that none of it can be made slow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction import cascade, jsonld, unmarked
from newsarchive.extraction.loosejson import loads
from newsarchive.extraction.tree import parse

if TYPE_CHECKING:
    from conftest import Newsroom

URL = "https://www.harborpost.example/politics/2019/02/27/ferry-talks-end"


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


def headed(newsroom: Newsroom, head: str, *, url: str = URL) -> dict[str, object]:
    return newsroom.read(newsroom.page(head=f"<title>Ferry talks end</title>{head}"), url=url).as_record()


@pytest.mark.parametrize(
    ("head", "free"),
    [
        ('<meta property="article:content_tier" content="free">', True),
        ('<meta property="article:content_tier" content="metered">', False),
        ('<meta name="isAccessibleForFree" content="http://schema.org/False">', False),
        ('<meta name="is_premium" content="true">', False),
        ('<meta name="is_premium" content="0">', True),
        ("", None),
    ],
)
def test_a_wall_is_told_by_the_tags_for_it(newsroom: Newsroom, head: str, free: bool | None) -> None:  # noqa: FBT001
    assert headed(newsroom, head)["is_free"] is free


def test_a_wall_is_told_by_a_part_that_is_not_free(newsroom: Newsroom) -> None:
    data = '{"@type": "NewsArticle", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}}'
    assert newsroom.read(newsroom.page(head=newsroom.linked(data))).is_free is False


def test_the_amp_form_is_found(newsroom: Newsroom) -> None:
    amp = headed(newsroom, '<link rel="amphtml" href="/amp/ferry">')["amp_url"]
    assert amp == "https://www.harborpost.example/amp/ferry"


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="syndication-source" content="https://islandnews.example/ferry">',
        '<link rel="canonical" href="https://islandnews.example/ferry">',
        linked('{"@type": "NewsArticle", "headline": "x", "isBasedOn": "https://islandnews.example/ferry"}'),
        linked('{"@type": "Article", "isBasedOn": {"@type": "Article", "url": "https://islandnews.example/ferry"}}'),
    ],
)
def test_a_copy_names_its_original(newsroom: Newsroom, head: str) -> None:
    assert headed(newsroom, head)["original_url"] == "https://islandnews.example/ferry"


def test_the_sites_own_address_is_no_original(newsroom: Newsroom) -> None:
    own = '<link rel="canonical" href="https://harborpost.example/ferry"><meta name="original-source" content="/ferry">'
    assert headed(newsroom, own)["original_url"] is None


def test_the_entries_of_a_live_blog_keep_their_times(newsroom: Newsroom) -> None:
    data = """{"@type": "LiveBlogPosting", "headline": "Ferry talks, live", "liveBlogUpdate": [
     {"datePublished": "2019-02-27T18:30:00+07:00", "headline": "No deal", "articleBody": "It ends."},
     {"@type": "BlogPosting", "articleBody": "They meet."}, {"@type": "BlogPosting"}]}"""
    article = jsonld.read(parse(newsroom.payload(newsroom.page(head=newsroom.linked(data)))))[0]
    assert article.entries == (("2019-02-27T18:30:00+07:00", "No deal\nIt ends."), ("", "They meet."))


def test_an_inner_item_is_called_by_its_name(newsroom: Newsroom) -> None:
    top = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Ferry talks end</h1>'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><img itemprop="image" src="/x.jpg">'
        '<b itemprop="name">Lan Tran</b></span><meta itemprop="datePublished" content="2019-02-27"></div>'
    )
    found = newsroom.read(newsroom.page(top=top))
    assert (found.authors, found.provenance["authors"]) == (("Lan Tran",), "microdata")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "x /* y */", /* z */ "b": 1,}', {"a": "x /* y */", "b": 1}),
        ('{"a": "x"\n "b": "y"}', {"a": "x", "b": "y"}),
        ('<!-- {"a": 1} -->', {"a": 1}),
        ('{"a": "one\ntwo"}', {"a": "one\ntwo"}),
        (r'{"a": "C:\dir"}', {"a": r"C:\dir"}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
    ],
)
def test_broken_json_is_mended(text: str, value: object) -> None:
    assert loads(text) == [value]


@given(st.text(alphabet=st.sampled_from('{}[]",:\\/* \nab1u'), max_size=200))
def test_no_text_breaks_the_mending(text: str) -> None:
    assert isinstance(loads(text), list)


MANY = 20_000
DATA = '<script type="application/ld+json">{}</script>'
HOSTILE = {
    "paragraphs": "<p>By some words of 2019</p>" * MANY,
    "links": '<a href="/author/x">Lan Tran</a>' * MANY,
    "links in one paragraph": "<p>" + '<a href="/author/x">Lan Tran</a>' * MANY + "</p>",
    "times": '<time datetime="2019-02-27T10:00">x</time>' * MANY,
    "authors": '<span class="author">lan tran of harbor</span>' * MANY,
    "authors in one another": '<div class="author">' * 240 + "<p>x</p>" * MANY + "</div>" * 240,
    "properties": '<div itemscope itemtype="http://schema.org/Article">'
    + '<b itemprop="author">Lan</b>' * MANY
    + "</div>",
    "items in one another": '<div itemprop="author" itemscope>' * MANY,
    "headings": "<h1>Ferry talks end without a deal</h1>" * MANY,
    "sections": '<a class="category" href="/x">Islands</a>' * MANY,
    "trails": '<div class="breadcrumb"><b>x</b></div>' * MANY,
    "names in a tag": f'<meta name="author" content="{"Lan Tran and " * MANY}">',
    "separators": f"<title>{'a | ' * MANY}</title>",
    "nodes": DATA.format("[" + ",".join(['{"@type":"NewsArticle","headline":"abc def"}'] * MANY) + "]"),
    "lists": DATA.format("[" + ",".join(["[" + "[]," * 1999 + "[]]"] * 100) + "]"),
    "escaped quotes": DATA.format('{"a":' + '\\"' * 10 * MANY),
    "open comments": DATA.format("{" + "/*" * 10 * MANY),
    "line breaks": DATA.format('{"a":"b"' + "\n" * 10 * MANY + "x"),
}
PATIENCE = 4.0
"""CPU seconds. Each takes less than half of one where nothing else runs; what grows with the square takes minutes."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_page_makes_the_readers_slow(newsroom: Newsroom, kind: str) -> None:
    page = parse(newsroom.payload(f"<html><body><h1>Ferry talks end</h1>{HOSTILE[kind]}</body></html>"))
    begun = time.process_time()
    found = cascade._read_all(page)
    unmarked.opened(page)
    unmarked.placed(page)
    cascade._dates(page, found)
    assert time.process_time() - begun < PATIENCE
