"""Sections: one human-readable label, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newsarchive.extraction import category
from newsarchive.extraction.findings import Findings

if TYPE_CHECKING:
    from conftest import Newsroom


def choose(*found: Findings, headline: str | None = None) -> tuple[str, ...]:
    return category.choose(found, sites=frozenset({"harborpost"}), headline=headline)[0]


def test_the_article_itself_is_believed_first() -> None:
    data, path = Findings("json-ld", sections=("Politics",)), Findings("url", sections=("News", "Islands"))
    assert choose(data, path) == ("Politics", "Islands")


@pytest.mark.parametrize(
    ("label", "section"),
    [
        ("Kategorie Kultur", "Kultur"),
        ("Category: World", "World"),
        ("Rubrique : Économie", "Économie"),
        ("カテゴリー：経済", "経済"),
        ("Politics & Society", "Politics & Society"),
        ("Schleswig-Holstein", "Schleswig-Holstein"),
        ("Политика", "Политика"),
        ("政治", "政治"),
    ],
)
def test_a_label_is_the_section_in_the_sites_words(label: str, section: str) -> None:
    assert choose(Findings("visible", sections=(label,))) == (section,)


@pytest.mark.parametrize(
    "label", ["Home", "Startseite", "首页", "Harbor Post", "«The plan»", "The talks:", "cat123", "a@b.c", ""]
)
def test_what_names_no_section_is_left_out(label: str) -> None:
    assert choose(Findings("visible", sections=(label,))) == ()


def test_the_headline_at_the_end_of_a_trail_is_no_section() -> None:
    trail = Findings("json-ld", crumbs=("Home", "World", "Ferry talks end without a"))
    assert choose(trail, headline="Ferry talks end without a deal") == ("World",)


def test_the_spelling_for_people_is_taken_before_the_one_for_machines() -> None:
    data = Findings("json-ld", sections=("public-service",))
    assert choose(data, Findings("visible", crumbs=("Home", "Public Service"))) == ("Public Service",)


def test_a_trail_told_to_machines_is_believed_before_a_longer_one_that_is_shown() -> None:
    told = Findings("json-ld", crumbs=("Harbor Post", "World"))
    menu = Findings("visible", crumbs=("World", "Politics", "Business", "Sport"))
    assert choose(told, menu)[0] == "World"


def test_a_shown_trail_ends_where_the_url_ends() -> None:
    menu = Findings("visible", crumbs=("News", "Canada", "World"))
    assert choose(menu, Findings("url", sections=("News", "Canada")))[0] == "Canada"
    assert choose(menu)[0] == "World"


def test_news_is_a_section_where_several_sources_say_so_and_only_a_label_says_else() -> None:
    shown = Findings("visible", sections=("Ukraina",))
    assert (
        choose(Findings("json-ld", sections=("Nyheter",)), Findings("meta", sections=("Nyheter",)), shown)[0]
        == "Nyheter"
    )
    assert choose(Findings("json-ld", sections=("Nyheter",)), shown)[0] == "Ukraina"


def test_all_sections_are_kept_beside_the_main_one(newsroom: Newsroom) -> None:
    head = '<title>Ferry talks end</title><meta property="article:section" content="Politics">'
    top = '<h1>Ferry talks end without a deal</h1><a rel="category tag" href="/islands">Islands</a>'
    found = newsroom.read(newsroom.page(head=head, top=top), url="https://harborpost.example/ferry")
    assert (found.category, found.categories) == ("Politics", ("Politics", "Islands"))
