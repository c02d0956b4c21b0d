"""Addresses of one article share a key; addresses of two never do."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.folding import article_key, plain_form, spellings
from newsarchive.urls import canonicalise

SAME = (
    # www, scheme, default port, slash, case of the host
    (
        "https://www.harbor.example/politics/summit",
        "http://www.harbor.example/politics/summit",
        "https://harbor.example/politics/summit/",
        "HTTPS://Harbor.Example:443/politics/summit#comments",
        "https://www2.harbor.example/politics/summit",
    ),
    # telephones
    (
        "https://www.harbor.example/2019/02/27/a.html",
        "https://m.harbor.example/2019/02/27/a.html",
        "https://mobile.harbor.example/2019/02/27/a.html?m=1",
        "https://harbor.example/2019/02/27/a.html?mobile=1",
    ),
    # AMP
    (
        "https://harbor.example/news/summit-ends",
        "https://harbor.example/news/summit-ends/amp",
        "https://harbor.example/news/summit-ends/amp/",
        "https://harbor.example/amp/news/summit-ends",
        "https://amp.harbor.example/news/summit-ends",
        "https://harbor.example/news/summit-ends?amp=1",
        "https://harbor.example/news/summit-ends?amp",
        "https://harbor.example/news/summit-ends?outputType=amp",
    ),
    ("https://harbor.example/a.html", "https://harbor.example/a.amp.html", "https://harbor.example/a.html?_amp=true"),
    # print
    (
        "https://harbor.example/story/7001",
        "https://harbor.example/story/7001/print",
        "https://harbor.example/story/7001?print=1",
        "https://harbor.example/story/7001?view=print",
    ),
    # tracking, order of parameters, first page and whole
    (
        "https://harbor.example/view?id=7001&section=world",
        "https://harbor.example/view?section=world&id=7001",
        "https://harbor.example/view?utm_source=x&id=7001&section=world&fbclid=abc",
        "https://harbor.example/view?id=7001&section=world&page=1",
        "https://harbor.example/view?id=7001&section=world&page=all",
    ),
    ("https://harbor.example/dossier/", "https://harbor.example/dossier/index.html", "https://harbor.example/dossier"),
)
"""Each line is one article, under all its addresses."""

APART = (
    "https://harbor.example/",
    "https://harbor.example/view?id=7001",
    "https://harbor.example/view?id=7002",
    "https://harbor.example/view?id=7001&part=2",
    "https://harbor.example/view?id=7001&page=2",
    "https://harbor.example/view?id=7001&m=7",
    "https://harbor.example/View?id=7001",
    "https://harbor.example/view?p=7001",
    "https://harbor.example/amp",
    "https://harbor.example/print",
    "https://harbor.example/amplifier-review",
    "https://harbor.example/news/amplifier",
    "https://harbor.example/news/print-is-dead",
    "https://harbor.example/news/fingerprint",
    "https://harbor.example/news/camp",
    "https://harbor.example/print/2019/02/27/cup",
    "https://harbor.example/2019/02/27/cup",
    "https://harbor.example/2019/02/28/cup",
    "https://sport.harbor.example/2019/02/27/cup",
    "https://en.harbor.example/2019/02/27/cup",
    "https://harbor.example:8080/2019/02/27/cup",
    "https://harbour.example/2019/02/27/cup",
    "https://harbor.example/2019/02/27/cup-2",
    "https://harbor.example/a/index-funds.html",
    "https://harbor.example/a/index",
    "https://harbor.example/a/",
    "https://harbor.example/view?output=json",
    "https://harbor.example/view?view=gallery",
    "https://harbor.example/view?print=2019-02-27",
    "https://harbor.example/view?ref=7001",
    "https://m.co.uk/a",
    "https://co.uk/a",
)
"""No two of these are one article."""


@pytest.mark.parametrize("addresses", SAME, ids=lambda addresses: addresses[0])
def test_all_addresses_of_an_article_have_one_key(addresses: tuple[str, ...]) -> None:
    assert len({article_key(address) for address in addresses}) == 1


def test_no_two_articles_share_a_key() -> None:
    everything = [*APART, *(addresses[0] for addresses in SAME)]
    keys = {}
    for address in everything:
        keys.setdefault(article_key(address), []).append(address)
    shared = [addresses for addresses in keys.values() if len(addresses) > 1]
    assert shared == []


def test_two_of_forty_thousand_made_articles_are_never_one() -> None:
    dice = random.Random(7)  # noqa: S311 - the same articles each time
    words = ["summit", "cup", "amp", "print", "index", "m", "page", "vote", "storm", "2019"]
    made = set()
    for number in range(40_000):
        path = "/".join(dice.choices(words, k=dice.randint(1, 4)))
        made.add(f"https://harbor.example/{path}-{number}" + dice.choice(["", "/", ".html", f"?id={number}"]))
    assert len({article_key(url) for url in made}) == len(made) == 40_000


segments = st.sampled_from(
    ["news", "amp", "print", "summit", "a.amp.html", "index.html", "7001", "", "b%7Ec", "Ä", "m"]
)
pairs = st.sampled_from(
    ["id=7", "amp=1", "b=2", "page=1", "page=2", "utm_source=x", "m=1", "print", "view=amp", "x", "ref=rss"]
)
hosts = st.sampled_from(
    ["harbor.example", "www.harbor.example", "m.harbor.example", "amp.harbor.example:8080", "[::1]:81"]
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    path = "/".join(draw(st.lists(segments, max_size=5)))
    query = "&".join(draw(st.lists(pairs, max_size=5)))
    return f"{draw(st.sampled_from(['http', 'https']))}://{draw(hosts)}/{path}" + (f"?{query}" if query else "")


@given(addresses())
def test_a_key_is_its_own_key(url: str) -> None:
    key = article_key(url)
    assert article_key(f"https://{key}") == key
    assert canonicalise(canonicalise(url)) == canonicalise(url)
    assert article_key(canonicalise(url)) == key


@given(addresses(), st.randoms(use_true_random=False))
def test_the_order_of_parameters_makes_no_difference(url: str, dice: random.Random) -> None:
    base, _, query = url.partition("?")
    shuffled = query.split("&")
    dice.shuffle(shuffled)
    assert article_key(url) == article_key(f"{base}?{'&'.join(shuffled)}")


@given(addresses())
def test_plain_forms_and_spellings_are_of_the_same_article(url: str) -> None:
    plain = plain_form(url)
    assert article_key(plain) == article_key(url)
    others = spellings(url)
    assert canonicalise(url) not in others
    for other in others:
        assert article_key(other) == article_key(url)
        assert canonicalise(other) == other


def test_a_variant_is_looked_for_under_its_plain_form_first() -> None:
    assert spellings("https://harbor.example/a/amp")[0] == "https://harbor.example/a"
    assert "https://www.harbor.example/a" in spellings("http://harbor.example/a/")
