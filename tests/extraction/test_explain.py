"""An explanation tells what became of every word of a page, and says nothing that the extraction does not."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.errors import ExtractionError
from newsarchive.extraction import NO_GUIDE, Guide, explain, extract, furniture
from newsarchive.extraction.aligning import align, squeezed
from newsarchive.extraction.limits import Limits
from newsarchive.extraction.template import line_hash
from newsarchive.models import Explanation, Payload, Rule
from newsarchive.models.explanation import REASONS

if TYPE_CHECKING:
    from tests.extraction.conftest import Newsroom

TEASERS = "".join(
    f'<article><h3><a href="/t/{number}">A headline of another article, number {number}</a></h3>'
    f"<p>The lead of article {number} stands alone beside its linked headline, as on any front page.</p></article>"
    for number in range(3)
)
AFTER = (
    f'<section class="grid">{TEASERS}</section><div>Call the desk at any hour of the day or the night.</div>'
    '<div class="newsletter"><p>Get our best stories every morning, before the first ferry leaves the harbor.</p></div>'
)


def explained(newsroom: Newsroom, html: str, *, rule: Rule | None = None, url: str | None = None) -> Explanation:
    return explain(newsroom.payload(html, url=url or newsroom.url), guide=Guide(rule=rule))


def reasons(explanation: Explanation) -> dict[str, tuple[str, str]]:
    return {block.text: (block.reason, block.detail) for block in explanation.cut}


def assert_whole(explanation: Explanation) -> None:
    """What is kept are the paragraphs; what is cut has a known reason."""
    assert tuple(block.text for block in explanation.blocks if block.kept) == explanation.extraction.paragraphs
    assert all((not block.reason) is block.kept for block in explanation.blocks)
    assert {block.reason for block in explanation.cut} <= REASONS.keys()


def test_an_explanation_holds_the_extraction_itself(newsroom: Newsroom) -> None:
    html = newsroom.page(head=newsroom.linked(), after=AFTER)
    assert explained(newsroom, html).extraction == newsroom.read(html)


def test_each_block_tells_why_it_is_no_part_of_the_text(newsroom: Newsroom) -> None:
    text = newsroom.body() + (
        "<p>Share</p><p>Read more: <a href='/x'>the bill</a></p>"
        "<aside><p>Two facts about ferries that nobody asked for.</p></aside>"
        "<p>The next meeting of both sides is planned for the first week of June, in the same house.</p>"
        "<p>Tags: sea</p>"
    )
    top = "<h1>Ferry talks end without a deal</h1><p>Published on February 27, 2019</p>"
    told = explained(newsroom, newsroom.page(top=top, text=text, after=AFTER))
    assert_whole(told)
    why = reasons(told)
    assert why["Home"] == ("box", "nav")
    assert why["Published on February 27, 2019"] == ("date", "")
    assert why["Share"] == ("label", "")
    assert why["Read more: the bill"] == ("see-also", "")
    assert why["Two facts about ferries that nobody asked for."] == ("box", "aside")
    assert why["Tags: sea"] == ("tail", "")
    assert why["A headline of another article, number 1"][0] in {"card", "other-article"}
    assert why["Call the desk at any hour of the day or the night."] == ("outside", "after")
    assert why[next(line for line in why if line.startswith("Get our best"))] == ("box", "newsletter")
    assert why["All rights reserved."] == ("box", "footer")


def test_every_word_that_is_shown_is_kept_or_cut(newsroom: Newsroom) -> None:
    html = newsroom.page(
        text=newsroom.body() + "<table><tr><td>2018</td><td>2,000</td></tr></table><form><label>Name</label></form>",
        after=AFTER,
    )
    told = explained(newsroom, html)
    shown = re.sub(r"<[^>]+>", "", html[html.index("<body>") :])
    assert squeezed("".join(block.text for block in told.blocks)) == squeezed(shown)
    assert [block.text for block in told.blocks][:2] == ["Home", "Sport"]


def test_a_piece_within_a_paragraph_has_a_fate_of_its_own(newsroom: Newsroom) -> None:
    first = newsroom.paragraphs[0]
    text = f'<p>{first} <span class="share-bar">Send this</span></p>{newsroom.body(newsroom.paragraphs[1:])}'
    told = explained(newsroom, newsroom.page(text=text))
    assert_whole(told)
    assert told.extraction.paragraphs[0] == first
    assert reasons(told)["Send this"] == ("box", "share")


def test_a_field_names_all_that_was_found_for_it(newsroom: Newsroom) -> None:
    head = newsroom.linked() + '<meta name="author" content="Somebody Else"><meta property="og:type" content="article">'
    top = '<h1>Ferry talks end without a deal</h1><p class="byline">By <a rel="author">Lan Tran</a></p>'
    fields = {field.name: field for field in explained(newsroom, newsroom.page(head=head, top=top)).fields}
    authors = fields["authors"]
    assert (authors.value, authors.reader) == (("Lan Tran", "Ben Okoro"), "json-ld")
    assert [(claim.reader, claim.agrees) for claim in authors.claims][:3] == [
        ("json-ld", True),
        ("json-ld", True),
        ("meta", False),
    ]
    assert [claim.value for claim in authors.claims if not claim.agrees] == ["Somebody Else"]
    assert fields["published"].claims[0].value == "2019-02-27T18:30:00+07:00"
    assert {(claim.reader, claim.agrees) for claim in fields["published"].claims} == {("json-ld", True), ("url", True)}
    assert [claim.reader for claim in fields["headline"].claims] == ["visible", "json-ld", "title"]
    assert fields["image"].claims[0].agrees
    assert fields["is_free"].value is False
    assert (fields["amp_url"].value, fields["amp_url"].reader, fields["amp_url"].claims) == (None, "", ())


def test_what_only_the_last_readers_found_is_named_as_well(newsroom: Newsroom) -> None:
    top = "<h1>Ferry talks end without a deal</h1><p>By Lan Tran</p>"
    told = explained(newsroom, newsroom.page(top=top), url="https://harborpost.example/?p=7")
    (authors,) = (field for field in told.fields if field.name == "authors")
    assert authors.reader == "text"
    assert [(claim.reader, claim.value, claim.agrees) for claim in authors.claims] == [("text", "Lan Tran", True)]


def test_a_rule_is_named_for_what_it_leaves_out(newsroom: Newsroom) -> None:
    text = newsroom.body() + '<p class="promo-line">Book your cabin <b>now</b>.</p><p>More soon.</p>'
    removing = Rule(remove=(".promo-line", "p:last-child"))
    told = explained(newsroom, newsroom.page(text=text), rule=removing)
    assert_whole(told)
    assert told.extraction.paragraphs == newsroom.paragraphs
    assert reasons(told)["Book your cabin now."] == ("rule", "remove")
    assert reasons(told)["More soon."] == ("rule", "remove")
    naming = Rule(body=("article > p:nth-of-type(2)",))
    told = explained(newsroom, newsroom.page(text=text), rule=naming)
    assert_whole(told)
    assert told.extraction.paragraphs == (newsroom.paragraphs[1],)
    assert reasons(told)[newsroom.paragraphs[0]] == ("rule", "body")


def test_text_that_only_machines_are_told_is_kept_though_nothing_shows_it(newsroom: Newsroom) -> None:
    body = " ".join(newsroom.paragraphs)
    # Broken by its last comma, so that trafilatura leaves it to our own reader.
    data = '{"@type": "NewsArticle", "headline": "Ferry talks end", "articleBody": "' + body + '",}'
    told = explained(newsroom, newsroom.page(head=newsroom.linked(data), text="<p>Please turn on your scripts.</p>"))
    assert_whole(told)
    assert told.extraction.body == body
    assert reasons(told)["Please turn on your scripts."][0] == "replaced"


def test_a_line_that_the_site_prints_everywhere_is_told_as_its_template(newsroom: Newsroom) -> None:
    line = "The harbor desk answers letters from its readers on every first Monday of the month."
    learned = Guide(boilerplate=frozenset({line_hash(line) or 0}), template="x")
    html = newsroom.page(text=newsroom.body() + f"<p>{line}</p>")
    told = explain(newsroom.payload(html), guide=learned)
    assert_whole(told)
    assert told.extraction.paragraphs == newsroom.paragraphs
    assert reasons(told)[line] == ("template", "")


def test_a_paragraph_that_stands_twice_is_told_as_repeated(newsroom: Newsroom) -> None:
    text = newsroom.body() + f"<p>{newsroom.paragraphs[-1]}</p>"
    told = explained(newsroom, newsroom.page(text=text))
    assert_whole(told)
    assert reasons(told)[newsroom.paragraphs[-1]] == ("repeated", "")


def test_every_reason_of_the_clean_up_has_a_sentence() -> None:
    named = re.search(r"Reasons are (.*?) for the blocks", furniture.sort_out.__doc__ or "", re.DOTALL)
    assert named is not None
    assert set(re.findall(r"`([a-z-]+)`", named[1])) <= REASONS.keys()


def test_the_json_form_holds_fields_and_blocks(newsroom: Newsroom) -> None:
    told = explained(newsroom, newsroom.page(head=newsroom.linked(), after=AFTER))
    record = json.loads(json.dumps(told.as_record()))
    assert record.keys() == {"schema", "url", "extractor", "fields", "blocks"}
    assert record["schema"] == "newsarchive.explanation/1"
    assert [block["text"] for block in record["blocks"] if block["kept"]] == list(newsroom.paragraphs)
    assert record["fields"][0].keys() == {"name", "value", "reader", "claims"}
    assert Explanation.model_validate(json.loads(told.model_dump_json())) == told


def test_the_page_of_an_explanation_runs_and_fetches_nothing_of_the_article(newsroom: Newsroom) -> None:
    evil = "</style><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>"
    head = f"<title>{evil}</title><meta name='description' content='{evil}'><meta property='og:title' content='{evil}'>"
    quoted = evil.replace("<", "&lt;")
    text = newsroom.body() + f"<p>{quoted} and some more words, so that this is a paragraph like all others.</p>"
    url = 'https://harborpost.example/"><script>alert(3)</script>'
    told = explained(newsroom, newsroom.page(head=head, top=f"<h1>{quoted}</h1>", text=text), url=url)
    html = told.to_html()
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z]+)", html)}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert html.count("<style>") == html.count("</style>") == 1
    assert "&lt;script&gt;alert(1)" in html
    assert "default-src 'none'; style-src 'sha256-" in html
    assert not re.findall(r"<[^>]*\son[a-z]+=", html)
    assert all(block.text in html for block in told.blocks if block.text in newsroom.paragraphs)


def test_what_is_no_page_is_refused_as_by_extract() -> None:
    with pytest.raises(ExtractionError) as caught:
        explain(Payload(url="https://harborpost.example/x", body=b"%PDF-1.7", content_type="text/html"))
    assert caught.value.reason == "not-html"
    with pytest.raises(ExtractionError) as caught:
        explain(Payload(url="", body=b"<p>" * 9, content_type="text/html"), limits=Limits(max_tags=5))
    assert caught.value.reason == "too-many-tags"


WORDS = st.sampled_from(
    ["ferry", "talks", "on", "Share", "Wednesday,", "the harbor master said that", "—", "陳蘭", "عبارة"]
)
TEXT = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
OPEN = st.sampled_from([
    "p", "div", "li", "ul", "h1", "h2", "blockquote", "table", "tr", "td", "span", "b", "a href='/x'", "nav", "article",
    "aside", "form", "figcaption", "div class='newsletter'", "div class='related share'", "section hidden", "button",
    "template", "select", "svg", "main", "article class='teaser'",
])  # fmt: skip
PIECES = st.one_of(
    TEXT,
    OPEN.map(lambda tag: f"<{tag}>"),
    OPEN.map(lambda tag: f"</{tag.split()[0]}>"),
    st.tuples(OPEN, TEXT).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"),
    st.sampled_from(["<br>", "&#27;", "&nbsp;", "&shy;", "&#x202e;", "\x00", "<!-- x -->"]),
)
RULES = st.sampled_from(
    [
        NO_GUIDE,
        Guide(boilerplate=frozenset({line_hash("ferry talks on Wednesday,") or 0}), template="x"),
        Guide(rule=Rule(remove=("b", ".newsletter", "p:first-child"))),
        Guide(rule=Rule(body=("article p",))),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=60), RULES, st.booleans())
def test_kept_blocks_are_the_paragraphs_of_any_soup(parts: list[str], guide: Guide, fast: bool) -> None:  # noqa: FBT001
    payload = Payload(url="https://a.example/x", body="".join(["<body>", *parts]).encode(), content_type="text/html")
    try:
        extraction = extract(payload, guide=guide, fast=fast)
    except ExtractionError as error:
        with pytest.raises(ExtractionError) as caught:
            explain(payload, guide=guide, fast=fast)
        assert caught.value.reason == error.reason  # noqa: PT017 - either outcome is right
    else:
        told = explain(payload, guide=guide, fast=fast)
        assert told.extraction == extraction
        assert_whole(told)
        told.to_html()


@given(st.lists(st.text("abc", min_size=1, max_size=9), max_size=30), st.data())
def test_blocks_are_found_in_order_and_where_they_stand(blocks: list[str], data: st.DataObject) -> None:
    shown = "".join(blocks)
    starts = [sum(map(len, blocks[:number])) for number in range(len(blocks))]
    taken = [block for block in blocks if data.draw(st.booleans())]
    spans = align(taken, shown, starts)
    found = [span for span in spans if span]
    assert all(shown[span.start : span.end] == text for span, text in zip(spans, taken, strict=True) if span)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_blocks_that_are_all_there_are_all_found() -> None:
    blocks = ["on", "a", "b", "a", "b", "thetideturns", "a", "on"]
    starts = [sum(map(len, blocks[:number])) for number in range(len(blocks))]
    assert all(align(blocks, "".join(blocks), starts))
