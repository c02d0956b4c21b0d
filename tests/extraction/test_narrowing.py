from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from lxml.html import fragments_fromstring

from newsarchive.extraction.narrowing import heading_of, narrow
from newsarchive.extraction.prose import is_internal, text_within
from newsarchive.extraction.tree import parse

if TYPE_CHECKING:
    from conftest import Newsroom

TITLE = "Ferry talks end without a deal"
OTHER = (
    "The museum on the north quay opens its new hall of maps next week, two years after the roof of the old one fell.",
    "Visitors will find the charts of the first pilots there, and a model of the bay as large as a tennis court.",
)
TEASERS = (
    ("Museum opens its hall of maps", "Two years after its roof fell in, the hall on the north quay opens again."),
    ("Storm takes three roofs in the old town", "Nobody was hurt when the gale came over the hill on Sunday night."),
    ("School wins the rowing cup", "For the first time in forty years the cup goes to the west of the island."),
)


def cards(count: int = 3, *, holder: str = "div") -> str:
    """Teasers as themes write them: a linked headline and a sentence."""
    some = [TEASERS[number % len(TEASERS)] for number in range(count)]
    return "".join(
        f'<{holder} class="item"><h3><a href="/n/{number}">{title}</a></h3><p>{text}</p></{holder}>'
        for number, (title, text) in enumerate(some)
    )


def read(newsroom: Newsroom, **parts: str) -> tuple[str, ...]:
    return newsroom.read(newsroom.page(**parts)).paragraphs


def test_a_next_article_on_the_same_page_is_not_taken_for_this_one(newsroom: Newsroom) -> None:
    after = "<article><h1>Museum opens its hall of maps</h1>" + newsroom.body(OTHER) + "</article>"
    assert read(newsroom, after=after) == newsroom.paragraphs
    without_article = "<div><div><h1>Museum opens</h1></div><div>" + newsroom.body(OTHER) + "</div></div>"
    assert read(newsroom, after=without_article) == newsroom.paragraphs


@pytest.mark.parametrize("holder", ["div", "article", "li"])
def test_teasers_are_no_text_however_many_they_are(newsroom: Newsroom, holder: str) -> None:
    assert read(newsroom, text=newsroom.body() + f"<div>{cards(3, holder=holder)}</div>") == newsroom.paragraphs
    assert read(newsroom, after=f"<section>{cards(60, holder=holder)}</section>") == newsroom.paragraphs


def test_a_list_of_things_with_linked_names_is_the_article_where_there_is_no_other(newsroom: Newsroom) -> None:
    things = "".join(
        f'<div class="thing"><h2><a href="https://shop.example/{number}">Rope number {number}</a></h2>'
        f"<p>Rope number {number} holds a boat of {number} tons in a gale, and costs less than a lunch.</p></div>"
        for number in range(2, 9)
    )
    found = read(newsroom, text=f"<p>These are the ropes that the harbor master likes best.</p>{things}")
    assert all(any(f"Rope number {number} holds" in line for line in found) for number in range(2, 9))


def test_a_text_in_several_containers_is_taken_whole(newsroom: Newsroom) -> None:
    pieces = "".join(
        f'<div class="chunk"><p>{text}</p></div><div class="ad-slot"><p>Buy a boat today, from the only yard</p></div>'
        for text in newsroom.paragraphs
    )
    assert read(newsroom, text=pieces) == newsroom.paragraphs


def test_a_text_goes_on_behind_a_button_to_read_more(newsroom: Newsroom) -> None:
    first, *rest = newsroom.paragraphs
    text = (
        f'<p class="t">{first}</p><div class="read-all">'
        + "".join(f'<p class="t">{one}</p>' for one in rest)
        + "</div>"
    )
    assert read(newsroom, text=text) == newsroom.paragraphs


def test_paragraphs_in_another_container_with_the_same_name_belong_to_the_text(newsroom: Newsroom) -> None:
    *most, last = newsroom.paragraphs * 2
    text = "".join(f'<p class="body-copy">{one}.{place}</p>' for place, one in enumerate(most))
    html = (
        f'<div><div class="left">{text}</div><div class="right"><div><p class="body-copy">{last}!</p></div></div></div>'
    )
    assert read(newsroom, text=html)[-1] == f"{last}!"


def test_a_lead_that_stands_apart_from_the_text_is_part_of_it(newsroom: Newsroom) -> None:
    lead, *rest = newsroom.paragraphs
    top = f'<div class="hero"><h1>{TITLE}</h1><div><p class="intro">{lead}</p></div></div>'
    text = "<div class='story'>" + newsroom.body(tuple(rest)) * 3 + "</div>"
    assert read(newsroom, top=top, text=text)[0] == lead


@pytest.mark.parametrize(
    "box",
    [
        '<div class="newsletter-box"><p>Every morning the harbor in your mail, with weather and tides.</p></div>',
        '<div id="comments"><p>I was there, and it was all rather different from what is written here.</p></div>',
        '<div style="display: none"><p>You have read your last free article of this month, dear guest.</p></div>',
        "<aside><p>The islands have been joined by a ferry since the days of the sailing ships.</p></aside>",
        "<figure><img src=a.jpg><figcaption>The ferry at the old quay in the morning light.</figcaption></figure>",
        '<div class="relatedPosts"><p>More about ferries can be read in our series on the sea, in ten parts.</p></div>',
    ],
)
def test_boxes_within_the_text_are_no_text(newsroom: Newsroom, box: str) -> None:
    first, *rest = newsroom.paragraphs
    assert read(newsroom, text=f"<p>{first}</p>{box}{newsroom.body(tuple(rest))}") == newsroom.paragraphs


@pytest.mark.parametrize(
    "name", ["l-sidebar-fixed", "widget-content", "teaser", "has-share-bar", "block-id-n1AuAdJlVL"]
)
def test_a_name_of_a_box_on_the_text_itself_loses_no_text(newsroom: Newsroom, name: str) -> None:
    assert read(newsroom, text=f'<div class="{name}">{newsroom.body()}</div>') == newsroom.paragraphs
    each = "".join(f'<div class="{name}"><p>{text}</p></div>' for text in newsroom.paragraphs)
    assert read(newsroom, text=each) == newsroom.paragraphs


def test_what_stands_over_the_headline_is_no_text(newsroom: Newsroom) -> None:
    ticker = "<ul>" + "".join(f"<li>{text} {title}</li>" for title, text in TEASERS) + "</ul>"
    assert read(newsroom, top=f"{ticker}<h1>{TITLE}</h1>") == newsroom.paragraphs


def test_a_headline_in_the_wrong_place_does_not_cost_the_text(newsroom: Newsroom) -> None:
    html = newsroom.page(top="", after=f"<div><h1>{TITLE}</h1></div>")
    assert newsroom.read(html).paragraphs == newsroom.paragraphs


@pytest.mark.parametrize(
    ("href", "own"),
    [
        ("/n/7", True),
        ("//www.harborpost.co.uk/n/7", True),
        ("https://sport.harborpost.co.uk/n/7", True),
        ("https://islandnews.co.uk/n/7", False),
        ("https://myharborpost.co.uk/n/7", False),
        ("#top", False),
        ("mailto:desk@harborpost.co.uk", False),
        ("http://[", False),
    ],
)
def test_a_link_is_the_houses_own_by_its_site_and_not_by_its_ending(href: str, *, own: bool) -> None:
    (link,) = fragments_fromstring(f'<a href="{href}">on</a>')
    assert is_internal(link, "https://www.harborpost.co.uk/a") is own


def test_the_headline_is_found_by_its_words(newsroom: Newsroom) -> None:
    html = newsroom.page(top=f"<h1>Harbor Post</h1><h2>{TITLE}</h2>")
    heading = heading_of(parse(newsroom.payload(html)), TITLE, [TITLE])
    assert heading is not None
    assert (heading.tag, text_within(heading)) == ("h2", TITLE)
    assert heading_of(parse(newsroom.payload("<p>Nothing here")), TITLE, []) is None


def test_a_page_without_prose_has_no_part(newsroom: Newsroom) -> None:
    page = parse(newsroom.payload("<html><body><h1>Ferry talks end</h1><p>Soon.</p></body></html>"))
    assert narrow(page, title=TITLE, titles=[TITLE]) is None


def test_narrowing_leaves_the_page_as_it_was(newsroom: Newsroom) -> None:
    from lxml.html import tostring  # noqa: PLC0415 - for this test alone

    page = parse(newsroom.payload(newsroom.page(after=cards(5) + '<div class="newsletter"><p>Each morning</p></div>')))
    before = tostring(page.root)
    assert narrow(page, title=TITLE, titles=[TITLE]) is not None
    assert tostring(page.root) == before


@pytest.mark.parametrize(
    "soup",
    [
        "<p>" + "a paragraph that is long enough to count for prose " + "</p><p>",
        '<div class="item"><h3><a href="/n">A linked headline of some length</a></h3><p>and its text that is long</p>',
        "<article><h1>Another headline</h1><p>and its own text, which is long enough to count</p></article>",
        "<a href='/x'>a link with quite a few words in it</a><p>and a text that is long enough to count for prose",
        "<div>words that are long enough to count for prose, in a div, and <b>bold</b> ones",
    ],
)
def test_the_work_grows_with_the_page_and_not_with_its_square(newsroom: Newsroom, soup: str) -> None:
    def spent(count: int) -> float:
        page = parse(newsroom.payload(newsroom.page(text=soup * count)))
        before = time.process_time()
        narrow(page, title=TITLE, titles=[TITLE])
        return time.process_time() - before

    # 32 times the page costs about 32 times as much, its square 1,024 times. A busy machine makes a big page up to
    # four times dearer (its caches are shared), so the bound stands in the middle of the two, far from both.
    small = min(spent(250) for _ in range(5))
    assert min(spent(8000) for _ in range(2)) < 180 * small
