"""Authors: who is named, in any script, and what is no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction import people
from newsarchive.extraction.bylinewords import ROLES
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.people import names_in
from newsarchive.text import fold

if TYPE_CHECKING:
    from conftest import Newsroom


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Lan Tran and Ana B. Costa", ["Lan Tran", "Ana B. Costa"]),
        ("Von Lan Tran und Ben Okoro", ["Lan Tran", "Ben Okoro"]),
        ("Par Lan Tran et Ana Costa", ["Lan Tran", "Ana Costa"]),
        ("Ana Costa y Rui Lima", ["Ana Costa", "Rui Lima"]),
        ("Ana Costa e Rui Lima", ["Ana Costa", "Rui Lima"]),
        ("Автор: Иван Петров и Анна Смирнова", ["Иван Петров", "Анна Смирнова"]),
        ("بقلم محمد علي", ["محمد علي"]),
        ("田中宏昌、山田太郎", ["田中宏昌", "山田太郎"]),
        ("田中宏昌・山田太郎", ["田中宏昌", "山田太郎"]),
        ("田中宏昌と山田太郎", ["田中宏昌", "山田太郎"]),
        ("著者：後藤大地", ["後藤大地"]),
        ("文/张三", ["张三"]),
        ("박준석 기자", ["박준석"]),
        ("Nguyễn Văn An và Trần Thị Bình", ["Nguyễn Văn An", "Trần Thị Bình"]),
        ("LAN TRAN | BEN OKORO", ["LAN TRAN", "BEN OKORO"]),
        ("Tran, Lan; Costa, Ana", ["Lan Tran", "Ana Costa"]),
        ("Lan Tran, AFP", ["Lan Tran", "AFP"]),
        ("AFP / dpa", ["AFP", "dpa"]),
    ],
)
def test_a_byline_is_cut_into_its_names(byline: str, names: list[str]) -> None:
    assert names_in(byline) == names


@pytest.mark.parametrize(
    "name",
    ["Ana Costa e Silva", "José Ortega y Gasset", "Di Maria", "ジョン・スミス", "John Doe, Jr.", "Jan van der Berg"],
)
def test_a_name_that_holds_what_joins_names_stays_whole(name: str) -> None:
    assert names_in(name) == [name]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Lan Tran, Senior Editor", ["Lan Tran"]),
        ("Jean Dupont, envoyé spécial", ["Jean Dupont"]),
        ("Ana Costa, corresponsal", ["Ana Costa"]),
        ("Shelby Loos, DVM, Molly Price, MD", ["Shelby Loos", "Molly Price"]),
        ("Lan Tran in Hanoi", ["Lan Tran"]),
        ("Lan Tran aus Berlin", ["Lan Tran"]),
        ("Lan Tran lan@harbor.example", ["Lan Tran"]),
        ("By Lan Tran | 27 February 2019", ["Lan Tran"]),
        ("<a href='/x'>Lan Tran</a>", ["Lan Tran"]),
        ("NeoLの記事一覧をみる", ["NeoL"]),
    ],
)
def test_what_is_said_of_a_person_is_no_part_of_the_name(byline: str, names: list[str]) -> None:
    assert names_in(byline) == names


@pytest.mark.parametrize(
    "text",
    [
        "Published",
        "Staff",
        "Редакция",
        "退出",
        "ログイン",
        "Anmelden",
        "https://harbor.example/lan",
        "2019",
        "{author}",
        "",
    ],
)
def test_what_is_no_name_gives_none(text: str) -> None:
    assert names_in(text) == []


@given(st.text(max_size=300))
def test_no_text_breaks_a_byline(text: str) -> None:
    for name in names_in(text):
        assert name == name.strip()
        assert not any(char.isdigit() for char in name)
        assert "http" not in name.lower() or "://" not in name
        assert not ROLES.intersection(fold(name).replace(".", "").split())


@given(
    st.lists(st.sampled_from(["Lan Tran", "Ana Costa", "Иван Петров", "AFP", "By", "and", ",", "Editor", "·", "、"]))
)
def test_names_that_were_cut_once_are_not_cut_again(parts: list[str]) -> None:
    for name in names_in(" ".join(parts)):
        assert names_in(name) == [name]


def choose(*found: Findings, sites: frozenset[str] = frozenset({"harborpost"})) -> tuple[tuple[str, ...], str]:
    return people.choose(found, sites=sites)


def test_the_house_is_an_author_only_where_nobody_else_is() -> None:
    both = Findings("json-ld", authors=("Lan Tran", "Harbor Post"))
    assert choose(both) == (("Lan Tran",), "json-ld")
    assert choose(Findings("json-ld", authors=("Harbor Post",))) == (("Harbor Post",), "json-ld")
    shown = Findings("visible", authors=("Lan Tran",))
    assert choose(Findings("json-ld", authors=("Harbor Post",)), shown) == (("Lan Tran",), "visible")


def test_who_signs_with_the_sites_address_is_the_house() -> None:
    house = Findings("meta", authors=("Hafen-Zeitung (www.harborpost.example)",))
    sites = frozenset({"harborpost", "wwwharborpostexample"})
    found = people.choose([house], sites=sites, opened=lambda: ("Lan Tran",))
    assert found == (("Lan Tran",), "text")
    assert people.choose([house], sites=sites)[0] == ("Hafen-Zeitung",)


def test_a_login_gives_way_to_the_name_that_is_shown() -> None:
    assert choose(Findings("json-ld", authors=("ltran",)), Findings("visible", authors=("Lan Tran",)))[0] == (
        "Lan Tran",
    )


def test_a_desk_is_named_where_no_person_is() -> None:
    assert choose(Findings("meta", authors=("Harbor Post Staff",)))[0] == ("Harbor Post Staff",)


def byline_of(newsroom: Newsroom, top: str, *, text: str | None = None) -> tuple[str, ...]:
    return newsroom.read(newsroom.page(top="<h1>Ferry talks end without a deal</h1>" + top, text=text)).authors


@pytest.mark.parametrize(
    "top",
    [
        '<p><a rel="author" href="/x">Lan Tran</a></p>',
        '<p><a href="/autor/lan-tran">Lan Tran</a></p>',
        '<div class="article-byline">By Lan Tran</div>',
        '<div class="related share"><div class="byline">By Lan Tran</div></div>',
        "<ul><li><strong>Autorin/Autor</strong> Lan Tran</li></ul>",
        "<p>Par Lan Tran</p>",
        "<div>27 February 2019 · Lan Tran · 5 min</div>",
        "<div><span>Lan Tran</span><span>2019年2月27日</span></div>",
    ],
)
def test_a_byline_is_found_however_it_is_shown(newsroom: Newsroom, top: str) -> None:
    assert byline_of(newsroom, top) == ("Lan Tran",)


def test_a_section_beside_the_date_is_no_author(newsroom: Newsroom) -> None:
    head = '<title>Ferry talks end</title><meta property="article:section" content="South Asia">'
    top = "<h1>Ferry talks end without a deal</h1><div>South Asia · 27 February 2019</div>"
    assert newsroom.read(newsroom.page(head=head, top=top)).authors == ()


def test_a_name_beside_the_date_gives_way_to_the_house(newsroom: Newsroom) -> None:
    head = '<title>Ferry talks end</title><meta property="og:site_name" content="Harbor Post">'
    head += '<meta name="author" content="Harbor Post">'
    top = "<h1>Ferry talks end without a deal</h1><div>Lan Tran · 27 February 2019</div>"
    assert newsroom.read(newsroom.page(head=head, top=top)).authors == ("Harbor Post",)


def test_a_line_that_names_the_house_hides_no_name_in_bold(newsroom: Newsroom) -> None:
    head = '<title>Ferry talks end</title><meta property="og:site_name" content="Harbor Post">'
    top = "<h1>Ferry talks end without a deal</h1><div>by <span>Harbor Post</span></div>"
    text = f"<p><strong>Lan Tran/Ben Okoro</strong></p>{newsroom.body()}"
    assert newsroom.read(newsroom.page(head=head, top=top, text=text)).authors == ("Lan Tran", "Ben Okoro")


def test_a_topic_beside_the_date_is_no_author(newsroom: Newsroom) -> None:
    assert byline_of(newsroom, "<div><span>Ferry Islands</span> · <span>27 February 2019</span></div>") == ()


def test_a_name_within_a_paragraph_is_no_byline(newsroom: Newsroom) -> None:
    told = (
        f'<p>{newsroom.paragraphs[0]} <a href="/author/lan-tran">Lan Tran</a> told us so. {newsroom.paragraphs[1]}</p>'
    )
    assert byline_of(newsroom, "", text=told) == ()
