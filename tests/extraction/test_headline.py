"""Headlines: what the reader sees, as far as the page agrees with it, and never the site's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction import headline
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.naming import key, same_house, site_keys, without_site

if TYPE_CHECKING:
    from conftest import Newsroom

SITES = frozenset({"harborpost"})


def choose(*found: Findings) -> str | None:
    return headline.choose(found, sites=SITES)[0]


@pytest.mark.parametrize(
    "title",
    [
        "Ferry talks end without a deal | Harbor Post",
        "Ferry talks end without a deal - Harbor Post",
        "Harbor Post: Ferry talks end without a deal",
        "Ferry talks end without a deal | Politics | Harbor Post",
        "Ferry talks end without a deal | Harbor Post Politics",
        "Ferry talks end without a deal – harborpost",
    ],
)
def test_the_name_of_the_site_is_no_part_of_a_headline(title: str) -> None:
    found = choose(Findings("title", headlines=(title,)))
    assert found is not None
    assert found.removesuffix(" | Politics") == "Ferry talks end without a deal"


def test_a_name_in_another_script_is_taken_off_as_well() -> None:
    sites = site_keys("https://harborpost.example/", ["港湾新聞"])
    assert without_site("フェリー会談は合意なく終了：港湾新聞", sites) == "フェリー会談は合意なく終了"


def test_a_word_of_the_headline_is_no_name_of_the_site() -> None:
    assert without_site("Why I left - Harborpost engineers talk about it", SITES, loose=True).startswith(
        "Why I left - "
    )


@given(st.text(alphabet=st.sampled_from("ab -|:–Harbor Post新聞"), max_size=60))
def test_what_is_without_the_site_stays_as_it_is(text: str) -> None:
    once = without_site(text, SITES)
    assert without_site(once, SITES) == once
    assert once in text
    assert not text.strip() or key(text) in SITES or once is not None


def test_the_heading_is_believed_where_the_page_agrees() -> None:
    title = Findings("title", headlines=("Ferry: talks end, no deal | Harbor Post",))
    assert (
        choose(Findings("visible", headlines=("Ferry talks end without a deal",)), title)
        == "Ferry talks end without a deal"
    )


def test_a_heading_that_nothing_agrees_with_is_no_headline() -> None:
    named = Findings("meta", headlines=("Ferry talks end without a deal",))
    assert choose(Findings("visible", headlines=("Blog", "Search")), named) == "Ferry talks end without a deal"


def test_a_sentence_is_believed_before_a_title_alone() -> None:
    seen = Findings("visible", headlines=("For the islands, a long winter begins",))
    assert (
        choose(seen, Findings("title", headlines=("Ferry line cost talks",))) == "For the islands, a long winter begins"
    )


def test_the_logo_is_no_headline(newsroom: Newsroom) -> None:
    head = "<title>Talks about the ferry: no deal - Our Quay</title>"
    top = '<h1><a href="/">Our Quay</a></h1><h2>Talks about the ferry: no deal</h2>'
    assert newsroom.read(newsroom.page(head=head, top=top)).headline == "Talks about the ferry: no deal"


def test_the_editors_headline_of_news_is_believed_before_the_one_for_search_engines() -> None:
    data = Findings("json-ld", headlines=("Ferry islands talks: what we know",), is_news=True)
    seen = Findings("visible", headlines=("Ferry islands talks: what we know",))
    title = Findings("title", headlines=("Ferry islands talks: what we know | Harbor Post",))
    quoted = Findings("meta", headlines=("Talks about the ferry end without a deal",))
    assert choose(data, seen, title, quoted) == "Talks about the ferry end without a deal"
    blog = Findings("json-ld", headlines=data.headlines)
    assert choose(blog, seen, title, quoted) == "Ferry islands talks: what we know"


def test_thousands_of_headings_are_looked_at_but_once(newsroom: Newsroom) -> None:
    top = "<h1>Ferry talks end without a deal</h1>" * 5000
    assert newsroom.read(newsroom.page(top=top)).headline == "Ferry talks end without a deal"


def test_two_sites_of_one_house_are_told_from_two_houses() -> None:
    assert same_house("https://www.harborpost.example/a", "https://amp.harborpost.example/a")
    assert same_house("https://harborpost.com/", "https://harborpost.co.uk/")
    assert not same_house("https://harborpost.example/", "https://islandnews.example/")
    assert not same_house("", "")
