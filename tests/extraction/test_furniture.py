from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction import furniture
from newsarchive.extraction.body import Block
from newsarchive.extraction.tree import Page, parse

if TYPE_CHECKING:
    from conftest import Newsroom

TITLE = "Ferry talks end without a deal"
TEXT = "Talks about the new ferry line between the islands ended on Wednesday without an agreement, officials said."


def page(newsroom: Newsroom, text: str = "") -> Page:
    return parse(newsroom.payload(newsroom.page(text=text or newsroom.body())))


def reasons(newsroom: Newsroom, *blocks: Block, html: str = "") -> list[str]:
    sorted_out = furniture.sort_out(
        blocks, page(newsroom, html), titles=[TITLE, TITLE, "A line of its own"], authors=["Lan Tran"]
    )
    assert [block for block, _ in sorted_out] == list(blocks)
    return [reason for _, reason in sorted_out]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (TITLE, "headline"),
        ("By Lan Tran", "byline"),
        ("Lan Tran, harbor correspondent", "byline"),
        ("Published on February 27, 2019 at 6:30 pm", "date"),
        ("segunda-feira, 22 de janeiro de 2018 às 0:13", "date"),
        ("Aktualisiert: 27.02.2019, 18:30 Uhr", "date"),
        ("5 min read", "date"),
        ("Tempo de leitura: 2 minutos", "date"),
        ("Share", "label"),
        ("Teilen", "label"),
        ("Read more: The harbor in winter", "see-also"),
        ("Lesen Sie auch: Der Hafen im Winter", "see-also"),
        ("À lire aussi : Le port en hiver", "see-also"),
        ("Czytaj więcej", "see-also"),
        ("Читайте также: Порт зимой", "see-also"),
        ("関連記事", "see-also"),
        ("Sign up for our morning mail", "call"),
        ("Get the day's harbor news in our newsletter", "call"),
        ("Get our best stories by newsletter", "call"),
        ("(Image credit: Ana Costa)", "credit"),
        ("Foto: Ana Costa", "credit"),
        ("Read more books, the harbor master said, and fewer charts.", ""),
        ("Photo: " + "a ferry on a grey sea and nobody on its deck but a dog, " * 4, ""),
        ("On February 27, 2019, the talks ended, and the old ferry went out once more with its lights on.", ""),
        ("Watch-makers of the island meet in May, in the old customs house.", ""),
        ("Related – The harbor in winter", "see-also"),
        ("___", ""),
    ],
)  # fmt: skip
def test_a_line_at_the_head_is_told_by_itself(newsroom: Newsroom, line: str, reason: str) -> None:
    assert reasons(newsroom, Block("p", line), Block("p", TEXT)) == [reason, ""]


@pytest.mark.parametrize(
    "line",
    [
        "© 2019 Harbor Post. All rights reserved.",
        "Additional reporting by Ben Okoro; editing by Lan Tran",
        "Ben Okoro contributed to this report.",
        "This article was first published in the Island Review.",
        "Email the desk at desk@harborpost.example",
        "Tags: ferry, islands",
        "Follow us on every sea",
        "Lan Tran is the harbor correspondent of the Post, and has sailed round the world twice.",
    ],
)
def test_lines_at_the_end_go_and_the_same_lines_in_the_middle_stay(newsroom: Newsroom, line: str) -> None:
    assert reasons(newsroom, Block("p", TEXT), Block("p", line))[1] in {"tail", "call", "byline"}
    if not line.startswith("Follow"):
        assert reasons(newsroom, Block("p", TEXT), Block("p", line), *[Block("p", TEXT)] * 9)[1] == ""


def test_a_line_that_one_source_alone_calls_a_title_is_text(newsroom: Newsroom) -> None:
    assert reasons(newsroom, Block("p", "A line of its own"), Block("p", TEXT)) == ["", ""]
    assert reasons(newsroom, Block("head", "A line of its own"), Block("p", TEXT)) == ["headline", ""]


def test_links_to_the_same_site_go_and_links_to_others_stay(newsroom: Newsroom) -> None:
    html = (
        '<ul><li><a href="/winter">The harbor in winter and its many lights</a></li>'
        '<li><a href="https://ropes.example/7">A rope for every boat, number seven</a></li></ul>'
        f"<p>{TEXT}</p>"
    )
    own, other = "The harbor in winter and its many lights", "A rope for every boat, number seven"
    found = reasons(newsroom, Block("item", own), Block("item", other), Block("p", TEXT), html=html)
    assert found == ["link", "", ""]


def test_a_heading_over_nothing_but_links_goes_with_them(newsroom: Newsroom) -> None:
    html = '<h2>More of the sea</h2><p><a href="/winter">The harbor in winter and its lights</a></p>' + newsroom.body()
    blocks = (
        Block("p", TEXT),
        Block("head", "More of the sea"),
        Block("p", "The harbor in winter and its lights"),
        Block("head", "What comes next"),
        Block("p", TEXT),
    )
    assert reasons(newsroom, *blocks, html=html) == ["", "heading", "link", "", ""]


KINDS = st.sampled_from(["p", "head", "item", "quote", "row"])


@given(st.lists(st.builds(Block, KINDS, st.text(min_size=1, max_size=200)), max_size=20))
def test_any_lines_keep_their_order_and_long_prose_stays(blocks: list[Block]) -> None:
    empty = parse_empty()
    long = Block("p", TEXT * 4)
    found = furniture.sort_out([*blocks, long], empty, titles=[TITLE], authors=["Lan Tran"])
    assert [block for block, _ in found] == [*blocks, long]
    assert found[-1] == (long, "")


def parse_empty() -> Page:
    from newsarchive.models import Payload  # noqa: PLC0415 - for this test alone

    return parse(Payload(url="https://harborpost.example/x", body=b"<p>x</p>", content_type="text/html"))
