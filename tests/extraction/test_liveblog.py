from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction.findings import Findings
from newsarchive.extraction.liveblog import entries_in
from newsarchive.models import Extraction

if TYPE_CHECKING:
    from conftest import Newsroom

UPDATES = (
    (
        "2019-02-27T18:30:00+07:00",
        "The ferry is in",
        "The old ferry has come in for the last time, with its lights on.",
    ),
    ("2019-02-27T17:05:00+07:00", "A storm is coming", "The harbor master has told all boats to be in port by six."),
    ("2019-02-27T16:00:00+07:00", "", "Good afternoon from the harbor, where both sides meet again."),
)


def page(newsroom: Newsroom, shown: tuple[tuple[str, str, str], ...] = UPDATES) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        "headline": "Ferry talks: as it happened",
        "datePublished": "2019-02-27T16:00:00+07:00",
        "liveBlogUpdate": [
            {"@type": "BlogPosting", "datePublished": time, "headline": title, "articleBody": f"<p>{text}</p>"}
            for time, title, text in UPDATES
        ],
    }
    text = "".join(
        f"<section>{f'<h3>{title}</h3>' if title else ''}<p>{words}</p><p>{newsroom.paragraphs[place]}</p></section>"
        for place, (_, title, words) in enumerate(shown)
    )
    return newsroom.page(head=newsroom.linked(json.dumps(data)), top="<h1>Ferry talks: as it happened</h1>", text=text)


def begins(found: Extraction) -> list[tuple[str, str]]:
    return [(found.paragraphs[entry.paragraph], entry.published.isoformat()) for entry in found.entries]


def test_entries_keep_their_times_and_their_places(newsroom: Newsroom) -> None:
    found = newsroom.read(page(newsroom))
    assert begins(found) == [
        ("The ferry is in", "2019-02-27T18:30:00+07:00"),
        ("A storm is coming", "2019-02-27T17:05:00+07:00"),
        ("Good afternoon from the harbor, where both sides meet again.", "2019-02-27T16:00:00+07:00"),
    ]
    assert Extraction.model_validate_json(found.model_dump_json()) == found


def test_an_entry_that_the_page_does_not_show_is_none(newsroom: Newsroom) -> None:
    found = newsroom.read(page(newsroom, UPDATES[1:]))
    assert [title for title, _ in begins(found)] == ["A storm is coming", UPDATES[2][2]]


def test_other_articles_have_no_entries(newsroom: Newsroom) -> None:
    assert newsroom.read(newsroom.page(head=newsroom.linked())).entries == ()


@given(
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=80)), max_size=8),
    st.lists(st.text(min_size=1, max_size=80), max_size=8),
)
def test_whatever_pages_tell_places_lie_in_the_text(told: list[tuple[str, str]], paragraphs: list[str]) -> None:
    entries = entries_in([Findings("json-ld", entries=tuple(told))], paragraphs)
    places = [entry.paragraph for entry in entries]
    assert places == sorted(set(places))
    assert all(place < len(paragraphs) for place in places)
