"""robots.txt as RFC 9309 has it, with what it says of size and failure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.discovery import Robots, robots_url
from newsarchive.discovery import robots as module

URL = "https://harbor.example/robots.txt"
SITE = "https://harbor.example"


def _robots(text: str, agent: str = "newsarchive") -> Robots:
    return Robots.parse(text.encode(), url=URL, agent=agent)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b", True),  # 2.2.2: the longest match decides
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),  # 2.2.2: of equals, allow
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /\nUser-agent: NewsArchive\nDisallow: /b", "/a", True),  # 2.2.1: the own group only
        ("User-agent: newsarchive\nDisallow: /a\nUser-agent: newsarchive\nDisallow: /b", "/a", False),  # groups merge
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: archive\nDisallow: /", "/a", True),  # a token is not found inside another
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_which_rule_holds(rules: str, path: str, *, allowed: bool) -> None:
    assert _robots(rules).allows(SITE + path) is allowed


def test_sitemaps_are_absolute_and_of_the_web() -> None:
    robots = _robots(
        "Sitemap: https://harbor.example/a.xml\nSitemap: /b.xml\nSitemap: file:///etc/hosts\n"
        "sitemap: https://harbor.example/a.xml\nUser-agent: *\nDisallow: /"
    )
    assert robots.sitemaps == ("https://harbor.example/a.xml", "https://harbor.example/b.xml")


@pytest.mark.parametrize(
    ("rules", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nRequest-rate: 1/30", 30.0),
        ("User-agent: *\nRequest-rate: 1/2\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 9e99", 86_400.0),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: other\nCrawl-delay: 5", None),
    ],
)
def test_how_long_to_wait_between_requests(rules: str, delay: float | None) -> None:
    assert _robots(rules).crawl_delay == delay


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301])
def test_a_missing_file_allows_everything(status: int) -> None:
    robots = Robots.unavailable(status)
    assert robots.allows(f"{SITE}/a")
    assert not robots.is_available


@pytest.mark.parametrize("status", [None, 429, 500, 503, 599])
def test_a_failing_server_allows_nothing(status: int | None) -> None:
    assert not Robots.unavailable(status).allows(f"{SITE}/a")


def test_only_the_first_half_megabyte_is_read_and_no_half_line() -> None:
    first, filler = "User-agent: *\nDisallow: /first\n", "# padding\n"
    lines = first + filler * ((module.MAX_BYTES - len(first)) // len(filler)) + "Disallow: /cut-off-here\n" * 3
    robots = _robots(lines)
    assert not robots.allows(f"{SITE}/first")
    assert robots.allows(f"{SITE}/c")
    assert robots.allows(f"{SITE}/cut-off-here")


def test_a_page_in_the_files_place_forbids_nothing() -> None:
    assert _robots("<!doctype html><html><body>Disallow: /</body></html>").allows(f"{SITE}/a")


def test_what_is_no_web_url_is_never_allowed() -> None:
    assert not _robots("").allows("file:///etc/hosts")
    assert not Robots.unavailable(404).allows("/a")


def test_the_file_is_looked_for_at_the_hosts_root() -> None:
    assert robots_url("https://harbor.example:8443/news/a?b#c") == "https://harbor.example:8443/robots.txt"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_a_robots_file(noise: bytes, path: str) -> None:
    for body in (noise, b"User-agent: *\nDisallow: " + noise + b"\nSitemap: " + noise):
        robots = Robots.parse(body, url=URL, agent="newsarchive")
        assert robots.allows(f"{SITE}/{path}") in {True, False}
