"""Addresses: one spelling for each, checked as properties and against the field's own tool for SURT keys."""

from __future__ import annotations

import re
import string

import pytest
import surt
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import UsageError
from newsarchive.urls import (
    absolute,
    canonicalise,
    host_of,
    is_web_url,
    same_site,
    site_of,
    source_name,
    surt_key,
)

_LABEL = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8).map(lambda label: "h" + label)
_HOSTS = st.lists(_LABEL, min_size=1, max_size=4).map(".".join)
_TAILS = st.text(st.sampled_from(string.ascii_letters + string.digits + "/.?&=%#+-_~ éß東\\|[]'\"<>\t\n"), max_size=40)
_WEB = st.builds(
    "{}://{}{}/{}".format, st.sampled_from(["http", "HTTPS"]), _HOSTS, st.sampled_from(["", ":80", ":8443"]), _TAILS
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Harbor.Example", "http://www.harbor.example/"),
        ("https://harbor.example.:443", "https://harbor.example/"),
        ("http://harbor.example:443/", "http://harbor.example:443/"),
        ("https://desk:secret@harbor.example/a", "https://harbor.example/a"),
        ("https://harbor.example/a/./b/../c/..", "https://harbor.example/a/"),
        ("https://harbor.example/../../a", "https://harbor.example/a"),
        ("https://harbor.example/%2e%2e/%7Ea%2fb", "https://harbor.example/~a%2Fb"),
        ("https://harbor.example/100%/a b", "https://harbor.example/100%25/a%20b"),
        ("https://harbor.example/tin-tức", "https://harbor.example/tin-t%E1%BB%A9c"),
        ("https://harbor.example/caf%E9", "https://harbor.example/caf%E9"),
        ("https://harbor.example\\a\\b", "https://harbor.example/a/b"),
        ("  https://harbor.example/a\n\tb  ", "https://harbor.example/ab"),
        ("https://harbor.example/a?", "https://harbor.example/a"),
        ("https://harbor.example/a?b=2&a=1", "https://harbor.example/a?b=2&a=1"),
        ("https://harbor.example/a?x[]=1", "https://harbor.example/a?x%5B%5D=1"),
        ("https://harbor.example/a?q=%C3%A4+b&&z", "https://harbor.example/a?q=%C3%A4+b&z"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://HARBOR。example/", "https://harbor.example/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]:8000/", "http://[::1]:8000/"),
        ("https://harbor.example\\@other.example/", "https://harbor.example/@other.example/"),
    ],
)
def test_one_spelling_stands_for_all(url: str, expected: str) -> None:
    assert canonicalise(url) == expected


@pytest.mark.parametrize(
    "query",
    ["utm_source=a", "UTM_Medium=b&fbclid=1", "ref=rss", "source=Newsletter&gclid=2", "at_medium=x&ns_source=y", "&"],
)
def test_tracking_parameters_are_dropped(query: str) -> None:
    assert canonicalise(f"https://harbor.example/a?{query}") == "https://harbor.example/a"
    assert canonicalise(f"https://harbor.example/a?id=7&{query}") == "https://harbor.example/a?id=7"


@pytest.mark.parametrize("query", ["ref=12", "source=harbor", "id=utm_source", "page=2", "from=2019-02-27", "p"])
def test_parameters_that_choose_the_content_stay(query: str) -> None:
    assert canonicalise(f"https://harbor.example/a?{query}") == f"https://harbor.example/a?{query}"


@pytest.mark.parametrize(
    "url",
    [
        "", "/news", "harbor.example", "ftp://harbor.example/", "file:///etc/hosts", "data:text/html,a", "http://",
        "http:///a", "javascript:alert(1)", "https://[::1", "https://[no]/", "https://a..b/", "https://-/",
        "https://harbor.example:port/", "https://harbor.example:70000/", "https://a%00b/", "https://a b/",
        "https://1.2.3.999/", "http://a\u2100b/", "https://" + "a" * 300 + "/", "mailto:desk@harbor.example",
    ],
)  # fmt: skip
def test_what_is_no_web_url_is_refused(url: str) -> None:
    assert not is_web_url(url)
    with pytest.raises(UsageError):
        canonicalise(url)


@given(_WEB)
def test_a_canonical_url_is_its_own_canonical_url(url: str) -> None:
    once = canonicalise(url)
    assert canonicalise(once) == once
    assert re.fullmatch(r"https?://[a-z0-9.:-]+/[!-~]*", once)
    assert "#" not in once


@given(st.text(), st.text())
def test_any_text_is_a_url_or_refused(href: str, base: str) -> None:
    joined = absolute(href, base)
    assert joined is None or (is_web_url(joined) and absolute(joined, base) == joined)
    surt_key(href)
    try:
        assert canonicalise(canonicalise(href)) == canonicalise(href)
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", source_name(href))
    except UsageError:
        assert not is_web_url(href)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/a", "https://harbor.example/a"),
        ("b?utm_source=x#c", "https://harbor.example/news/b?utm_source=x"),
        ("//Other.example/a", "https://other.example/a"),
        ("?page=2", "https://harbor.example/news/today?page=2"),
        ("", "https://harbor.example/news/today"),
        (" \n/a b ", "https://harbor.example/a%20b"),
        ("HTTP://Harbor.Example", "http://harbor.example/"),
        ("JavaScript:void(0)", None),
        ("java\nscript:void(0)", None),
        ("mailto:a@b.example", None),
        ("tel:+841", None),
        ("data:text/html,x", None),
        ("file:///etc/hosts", None),
        ("http://[", None),
        ("\\\\other.example\\a", "https://other.example/a"),
    ],
)
def test_a_link_leads_to_a_web_page_or_nowhere(href: str, expected: str | None) -> None:
    assert absolute(href, "https://harbor.example/news/today") == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://harbor.example/", "http://www.harbor.example:8080/a", True),
        ("https://m.harbor.example/", "https://amp.harbor.example/", True),
        ("https://sport.harbor.example/", "https://harbor.example/", True),
        ("https://harbor.example/", "https://deep.sport.harbor.example/", True),
        ("https://sport.harbor.example/", "https://video.harbor.example/", False),
        ("https://harbor.example/", "https://notharbor.example/", False),
        ("https://harbor.co.uk/", "https://tide.co.uk/", False),
        ("https://www.co.uk/", "https://tide.co.uk/", False),
        ("https://com.au/", "https://tide.com.au/", False),
        ("http://a.localhost/", "http://b.localhost/", False),
        ("http://localhost:8001/", "http://a.localhost/", False),
        ("https://tide.blogspot.com/", "https://blogspot.com/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/", True),
        ("http://127.0.0.1/", "http://0.0.1/", False),
        ("harbor.example", "harbor.example", False),
    ],
)
def test_which_urls_are_of_one_site(one: str, other: str, *, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


def test_a_site_keeps_its_own_name() -> None:
    assert site_of("https://www2.m.harbor.example/") == "harbor.example"
    assert site_of("https://www.localhost/") == "www.localhost"
    assert site_of("https://m.example/") == "m.example"
    assert host_of("http://www.harbor.example:80/") == "www.harbor.example"


def test_a_source_name_fits_the_settings() -> None:
    assert source_name("https://www.harborpost.example/news") == "harborpost.example"
    assert source_name("http://[::1]:8000/") == "1-8000"
    assert len(source_name(f"https://{'a' * 60}.{'b' * 60}.example/")) == 63


SURT_URLS = [
    "http://www2.harbor.example:8080/%2541/b//c/../D?x=1&&a&a=&a=0#f",
    "http://Harbor.example/?",
    f"http://harbor.example/a?PHPSESSID={'a' * 32}&b=1",
    f"http://harbor.example/?b=1&sid={'1' * 32}",
    f"http://harbor.example/(S({'a' * 24}))/x.aspx",
    "http://harbor.example/a?b=c&cfid=1&cftoken=2&z",
    "http://127.0.0.1:8000/x",
    "http://[::1]/a",
    "https://harbor.example:443/ü ö?q=ü+x%20y",
    "http://harbor.example/a%3Fb?c%26d",
    "http://harbor.example/a/./b/../C/",
    "http://harbor.example/100%",
    "http://desk:pw@harbor.example/",
    'http://harbor.example/a|b{}`^"<>',
    "http://harbor.example/%E4?%e4&%C3%A4",
    "http://harbor.example./",
    "http://harbor.example/a?b?c",
    "http://harbor.example/a?=&==",
    "http://harbor.example//a//",
]


@pytest.mark.parametrize("url", SURT_URLS)
def test_a_surt_key_is_the_one_that_the_fields_tool_writes(url: str) -> None:
    assert surt_key(url) == surt.surt(url)


@given(_HOSTS, st.text(st.sampled_from("aB1/%2fé~=& ?|."), max_size=30).filter(lambda tail: ".." not in tail))
def test_surt_keys_agree_over_generated_urls(host: str, tail: str) -> None:
    url = f"https://{host}/{tail}".strip()
    assert surt_key(url) == surt.surt(url)


def test_a_surt_key_resolves_segments_above_the_root_as_browsers_do() -> None:
    # The field's tool keeps them; no browser or crawler ever sends such a path, so no capture has one.
    assert surt_key("http://harbor.example/../a") == "example,harbor)/a"
    assert surt_key("metadata://harbor.example/x") == "metadata://harbor.example/x"
