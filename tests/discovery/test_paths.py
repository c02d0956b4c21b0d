"""What a path alone tells, over invented URLs of the shapes that real ones have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.discovery import article_evidence, file_type, looks_like_article, looks_like_index, looks_like_section

ARTICLES = [
    "https://harbor.example/2019/02/27/summit-ends-early",
    "https://harbor.example/world/2019/feb/27/leaders-leave-hanoi",
    "https://harbor.example/world/2019-02-27/story",
    "https://harbor.example/esteri/19_febbraio_27/vertice-finito.shtml",
    "https://harbor.example/2019/11/pear-jam-recipe/",
    "https://harbor.example/politics/leaders-leave-hanoi-without-a-deal",
    "https://harbor.example/leaders-leave-hanoi-early/",
    "https://harbor.example/feather-duvet-lung.html",
    "https://harbor.example/article/379018",
    "https://harbor.example/doc/7715044",
    "https://harbor.example/news,142489.html",
    "https://harbor.example/nyheter/a/Ard8wM/hanna-forsvunnen-i-hamnen",
    "https://harbor.example/id_101072480/summit.html",
    "https://harbor.example/cnt/dmf20250202_96887132",
    "https://harbor.example/sport/a-60a0111a-c2d2-46c8-9e93-b16a374e6ba8",
    "https://harbor.example/news_view.html?idx=8576&page=1",
    "https://harbor.example/?p=4321",
    "https://harbor.example/2019/11/18/investing/asian-market-latest/index.html",
    "https://harbor.example/news/%E9%A6%96%E8%84%B3%E4%BC%9A%E8%AB%87%E3%81%AF%E5%90%88%E6%84%8F%E3%81%AA%E3%81%97",
    "https://harbor.example/video/2019/02/27/leaders-leave-hanoi-early",
    "https://harbor.example/life/cookies-without-sugar-for-a-rainy-sunday-afternoon",
]
OTHERS = [
    "https://harbor.example/",
    "https://harbor.example",
    "https://harbor.example/politics",
    "https://harbor.example/arts-and-entertainment/",
    "https://harbor.example/news/world/asia",
    "https://harbor.example/business/index.html",
    "https://harbor.example/live/",
    "https://harbor.example/shop-finder/near-you",
]
INDEXES = [
    "https://harbor.example/tag/summit-in-hanoi-and-what-follows",
    "https://harbor.example/author/lan-tran-12345",
    "https://harbor.example/category/world/asia-and-the-pacific",
    "https://harbor.example/search?q=summit",
    "https://harbor.example/login?next=/2019/02/27/summit-ends-early",
    "https://harbor.example/2019/02/27/",
    "https://harbor.example/archive/2019/02",
    "https://harbor.example/video",
    "https://harbor.example/gallery/",
    "https://harbor.example/privacy-policy",
    "https://harbor.example/legal/terms-of-use.html",
    "https://harbor.example/about-us",
    "https://harbor.example/report-of-the-year-2019.pdf",
    "https://harbor.example/2019/02/27/leaders-at-the-table.jpg",
    "https://harbor.example/" + "a/" * 50,
]


@pytest.mark.parametrize("url", ARTICLES)
def test_an_articles_url_is_taken_for_one(url: str) -> None:
    assert looks_like_article(url)
    assert not looks_like_index(url)


@pytest.mark.parametrize("url", [*OTHERS, *INDEXES])
def test_other_pages_are_not_taken_for_articles(url: str) -> None:
    assert not looks_like_article(url)


@pytest.mark.parametrize("url", INDEXES)
def test_indexes_services_and_files_are_told_for_sure(url: str) -> None:
    assert looks_like_index(url)


@pytest.mark.parametrize(
    ("url", "is_section"),
    [
        ("https://harbor.example/politics/", True),
        ("https://harbor.example/news/world/asia", True),
        ("https://harbor.example/category/politics", True),
        ("https://harbor.example/", False),
        ("https://harbor.example/2019/02/", False),
        ("https://harbor.example/author/lan-tran", False),
        ("https://harbor.example/impressum", False),
        ("https://harbor.example/search", False),
        ("https://harbor.example/politics?page=2", False),
        ("https://harbor.example/a/b/c/d", False),
        ("https://harbor.example/logo.svg", False),
        ("https://harbor.example/2019/02/27/summit-ends-early", False),
    ],
)
def test_which_urls_may_be_sections(url: str, *, is_section: bool) -> None:
    assert looks_like_section(url) is is_section


@given(st.text())
def test_evidence_is_found_in_any_text_without_failing(text: str) -> None:
    for url in (text, f"https://harbor.example/{text}"):
        assert article_evidence(url) >= -1
        assert looks_like_section(url) in {True, False}
        assert file_type(url) == file_type(url).lower()
