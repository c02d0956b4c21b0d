"""A link to the next page of an article is told from a link to the next article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.further import MAX_PARTS, further_page

SITE = "https://harbor.example"


@pytest.mark.parametrize(
    ("path", "markup", "following"),
    [
        ("/world/summit", '<link rel="next" href="/world/summit?page=2">', "/world/summit?page=2"),
        ("/world/summit", '<a href="?page=2" class="pagination__next">2</a>', "/world/summit?page=2"),
        ("/world/summit?id=7", '<a rel=next href="?id=7&amp;page=2">', "/world/summit?id=7&page=2"),
        ("/world/summit?page=2", '<a rel="next" href="/world/summit?page=3">', "/world/summit?page=3"),
        ("/world/summit/", '<a rel="next" href="/world/summit/2/">', "/world/summit/2/"),
        ("/world/summit/2/", '<a rel="next" href="/world/summit/3/">', "/world/summit/3/"),
        ("/world/summit", "<a title='Weiter' href='/world/summit/page/2'>", "/world/summit/page/2"),
        ("/world/summit", '<a rel="next" href="?page=2"><a href="?page=all">All', "/world/summit?page=all"),
        ("/world/summit", '<a href="?view=all">One page</a><a class="pager" href="?page=2">', "/world/summit?view=all"),
        # The next article, other lists, and pages that are behind.
        ("/world/summit", '<link rel="next" href="/world/cup">', None),
        ("/world/summit", '<link rel="next" href="/world/cup?page=2">', None),
        ("/world/summit", '<a href="?page=2">Comments</a>', None),
        ("/world/summit", '<a class="pager" href="/world/summit/2">', None),  # a bare number needs `rel`
        ("/world/summit", '<a class="pager" href="?page=3">', None),
        ("/world/summit?page=2", '<a class="pager" href="?page=1">', None),
        ("/world/summit?page=2", '<a href="?page=all">', None),
        ("/world/summit?page=all", '<a rel="next" href="?page=2">', None),
        ("/world/summit", '<link rel="next" href="https://other.example/world/summit?page=2">', None),
        ("/2019/02/27/summit", '<link rel="next" href="/2019/02/28/summit">', None),
        (f"/world/summit?page={MAX_PARTS + 1}", f'<a rel="next" href="?page={MAX_PARTS + 2}">', None),
        ("/world/summit", "", None),
    ],
)
def test_where_an_article_goes_on(path: str, markup: str, following: str | None) -> None:
    page = f"<html><body><p>Text</p>{markup}</body></html>".encode()
    assert further_page(page, SITE + path) == (following and SITE + following)


pieces = st.sampled_from(
    ["<a ", "<link ", "rel=next ", 'rel="next" ', "href='?page=2'", "href=//[", ">", "\xff", "page=", "<"]
)


@given(st.lists(pieces, max_size=40).map("".join))
def test_any_bytes_have_a_next_page_or_none(text: str) -> None:
    found = further_page(text.encode("latin-1"), f"{SITE}/world/summit")
    assert found in {None, f"{SITE}/world/summit?page=2"}
