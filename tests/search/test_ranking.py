"""The order of an answer by relevance, as a reader would have it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest

from newsarchive.search import Document, IndexWriter, Searcher, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2019, 3, 9, tzinfo=UTC)
Ranked = tuple[str, str]
FILLER = "The council met in the old hall and spoke about roads, schools and the weather of the week. " * 3


@pytest.fixture
def ranked(tmp_path: Path) -> Callable[..., list[str]]:
    """The ids of texts (id: headline, body) that answer, best first; other texts stand beside them in the index."""
    numbers = count()

    def order(texts: dict[str, Ranked], query: str, language: str = "en") -> list[str]:
        folder = tmp_path / str(next(numbers))
        others = {f"other{number}": ("Weather", FILLER) for number in range(20)}
        documents = (
            Document(
                id=id_,
                url=f"https://harbor.example/{id_}",
                headline=headline,
                body=body,
                first_seen=NOW,
                last_seen=NOW,
                language=language,
            )
            for id_, (headline, body) in (others | texts).items()
        )
        with IndexWriter.create(folder, generation="one") as writer:
            writer.build(documents, revision=1)
        with Searcher(folder, generation="one") as searcher:
            return [found.id for found in searcher.search(parse(query, now=NOW)).found]

    return order


def test_the_form_that_was_typed_comes_first(ranked: Callable[..., list[str]]) -> None:
    texts = {form: ("News", f"Nobody knew of {form}. {FILLER}") for form in ("negotiated", "negotiation", "negotiate")}
    for form in texts:
        assert ranked(texts, form)[0] == form
        assert set(ranked(texts, form)) == set(texts)


def test_the_diacritics_that_were_typed_come_first(ranked: Callable[..., list[str]]) -> None:
    texts = {"with": ("Tin", f"Một ngày ở Huế. {FILLER}"), "without": ("Tin", f"Một ngày ở Hue. {FILLER}")}
    assert ranked(texts, "Huế", "vi") == ["with", "without"]
    assert ranked(texts, "Hue", "vi") == ["without", "with"]


def test_a_word_of_the_headline_counts_for_more(ranked: Callable[..., list[str]]) -> None:
    texts = {
        "body": ("Harbor news", f"A strike was called. {FILLER}"),
        "headline": ("Harbor strike", f"A halt was called. {FILLER}"),
    }
    assert ranked(texts, "strike") == ["headline", "body"]


def test_words_near_to_one_another_count_for_more(ranked: Callable[..., list[str]]) -> None:
    texts = {
        "far": ("News", f"The ferry was late. {FILLER} Then a strike began."),
        "near": ("News", f"A man was late. {FILLER} Then a ferry strike began."),
    }
    assert ranked(texts, "ferry strike") == ["near", "far"]


def test_more_occurrences_and_a_shorter_text_count_for_more(ranked: Callable[..., list[str]]) -> None:
    texts = {
        "once": ("News", f"A strike. {FILLER}"),
        "twice": ("News", f"A strike, a strike. {FILLER}"),
        "long": ("News", f"A strike. {FILLER * 4}"),
    }
    assert ranked(texts, "strike") == ["twice", "once", "long"]


def test_the_rarer_word_counts_for_more(ranked: Callable[..., list[str]]) -> None:
    texts = {
        "rare": ("News", f"A zeppelin flew. {FILLER.replace('council', 'board')}"),
        "common": ("News", f"A balloon flew. {FILLER}"),
    }
    assert ranked(texts, "zeppelin OR council")[0] == "rare"
