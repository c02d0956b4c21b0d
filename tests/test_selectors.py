from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from newsarchive.selectors import Gives, compiled

PAGE = html.document_fromstring(
    "<html><body><h1 class='big title'>Talks <b>end</b></h1><a href='/a'>one</a><a href='/b'>two</a></body></html>"
)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("h1.title", ["h1"]),
        ("css: h1", ["h1"]),
        (".title > b", ["b"]),
        ("h1, b", ["h1", "b"]),
        ("a::attr(href)", ["/a", "/b"]),
        ("b::text", ["end"]),
        ("//h1", ["h1"]),
        (".//a/@href", ["/a", "/b"]),
        ("(//a)[2]/text()", ["two"]),
        ("xpath:descendant::b", ["b"]),
        ("//a[contains(@href, 'foo(') or position() = 1]", ["a"]),
        ("//a[not(@href='/a')]/text()", ["two"]),
    ],
)
def test_css_and_xpath_are_told_apart_by_their_look(selector: str, found: list[str]) -> None:
    result = compiled(selector).path(PAGE)
    assert [one if isinstance(one, str) else one.tag for one in result] == found


@pytest.mark.parametrize(
    ("selector", "gives"),
    [
        ("//h1", Gives.NODES),
        ("normalize-space(//h1)", Gives.TEXT),
        ("concat('a', 'b')", Gives.TEXT),
        ("not(//h1)", Gives.TRUTH),
        ("xpath://a = 'one'", Gives.TRUTH),
    ],
)
def test_what_a_selector_gives_is_known_before_any_page(selector: str, gives: Gives) -> None:
    assert compiled(selector).gives is gives


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("", "empty"),
        ("css:  ", "empty"),
        ("h1[", "no CSS selector"),
        ("h1:unheard-of", "no CSS selector"),
        ("h1::before", "::text and ::attr"),
        ("a::attr(href, title)", "no CSS selector"),
        ("//h1[", "no XPath"),
        ("count(//a)", "gives a number"),
        ("//a[ends-with(@href, 'a')]", "did you mean starts-with()?"),
        ("//a[re:test(@href, 'a')]", "re:test()"),
        ("//a[@href = $link]", "$link"),
        ("//svg:path", "svg:"),
        ("x" * 3000, "3,000 characters"),
    ],
)
def test_what_cannot_run_on_a_page_is_refused_with_the_reason(selector: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"[\s\S]*") as caught:
        compiled(selector)
    assert why in str(caught.value)


@given(st.one_of(st.text(max_size=40), st.text("/()[]@*.:$'\"ah1, ->+~=|0", max_size=25)))
def test_any_text_is_a_selector_that_runs_or_a_value_error(text: str) -> None:
    try:
        selector = compiled(text)
    except ValueError:
        return
    assert isinstance(selector.path(PAGE), list | str | bool)
