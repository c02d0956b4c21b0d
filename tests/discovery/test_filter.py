"""Each reason to refuse a URL, and that nothing else is refused."""

from __future__ import annotations

import pytest

from newsarchive.discovery import Filter, Refusal
from newsarchive.errors import SettingsError
from newsarchive.models import Candidate, Via
from newsarchive.settings import SourceSettings

SITE = "https://www.harbor.example/"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://harbor.example/politics/summit", None),
        ("https://sport.harbor.example/cup-final", None),
        ("ftp://harbor.example/a", Refusal.NO_WEB_URL),
        ("/politics/summit", Refusal.NO_WEB_URL),
        ("https://harbor.example/" + "a" * 2000, Refusal.TOO_LONG),
        ("https://other.example/politics/summit", Refusal.OTHER_SITE),
        ("https://harbor.example/a.pdf?download=1", Refusal.FILE_TYPE),
        ("https://harbor.example/a.MP4", Refusal.FILE_TYPE),
        ("https://harbor.example/a/b/a/b/a/b/c", Refusal.REPEATS_ITSELF),
        ("https://harbor.example/a/x/a/y/a/z/a", Refusal.REPEATS_ITSELF),
        ("https://harbor.example/" + "/".join(map(str, range(30))), Refusal.TOO_DEEP),
        ("https://harbor.example/a?" + "&".join(f"p{number}=1" for number in range(20)), Refusal.TOO_MANY_PARAMETERS),
        ("https://harbor.example/", Refusal.INDEX_PAGE),
        ("https://harbor.example/tag/summit", Refusal.INDEX_PAGE),
    ],
)
def test_what_is_refused_and_why(url: str, reason: Refusal | None) -> None:
    assert Filter(SITE).refusal(url) == reason
    assert Filter(SITE).refusal(url, via=Via.SITEMAP) == reason


@pytest.mark.parametrize("via", [Via.FEED, Via.NEWS_SITEMAP, Via.SEED])
def test_sources_that_name_articles_only_are_believed(via: Via) -> None:
    assert Filter(SITE).refusal("https://harbor.example/tag/summit", via=via) is None


def test_patterns_decide_where_there_are_any() -> None:
    wanted = Filter(SITE, include=[r"/tag/", r"/\d{4}/"], exclude=[r"/sport/"])
    assert wanted.refusal("https://harbor.example/tag/summit") is None
    assert wanted.refusal("https://harbor.example/2019/summit", via=Via.FEED) is None
    assert wanted.refusal("https://harbor.example/2019/sport/cup") is Refusal.EXCLUDED
    assert wanted.refusal("https://harbor.example/summit", via=Via.FEED) is Refusal.NOT_INCLUDED


def test_a_filter_is_made_from_a_sources_settings() -> None:
    source = SourceSettings(url="https://harbor.example/", include=("/world/",), exclude=("live",))
    assert Filter.of(source).refusal("https://harbor.example/world/a") is None
    assert Filter.of(source).refusal("https://harbor.example/world/live") is Refusal.EXCLUDED


def test_a_pattern_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingsError, match=r"'\(' is no regular expression") as caught:
        Filter(SITE, exclude=["("])
    assert caught.value.key == "exclude"


def test_sifting_counts_what_it_refuses() -> None:
    urls = ["https://harbor.example/a/summit", "https://harbor.example/x.jpg", "https://harbor.example/a/summit"]
    sifted = Filter(SITE).sift(Candidate(url=url, via=Via.SITEMAP) for url in [*urls, "https://harbor.example/y.png"])
    assert [candidate.url for candidate in sifted.wanted] == ["https://harbor.example/a/summit"]
    assert sifted.refused == {Refusal.FILE_TYPE: 2}
