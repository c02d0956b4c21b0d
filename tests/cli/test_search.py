"""What a search shows beside its hits: copies, counts, pages, what was meant, and why nothing answers."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any, get_args

import pytest

import newsarchive
from newsarchive.cli import search_
from newsarchive.errors import UsageError
from newsarchive.search.engine import FACETS, Sort

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STORY = (
    "The ferry to the northern islands did not leave on Monday, because its captain had fallen ill the night before.",
    "About two hundred passengers waited at the quay until noon, when the company sent a smaller boat from the south.",
    "The mayor said that the town would ask for a second ferry, which the ministry had refused twice since the spring.",
)


@pytest.fixture
def filled(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """Four articles: one of its own, one story printed three times."""
    pile = tmp_path / "pile"
    pile.mkdir()
    for number, day in enumerate((3, 1, 2)):
        url = f"https://paper{number}.example/ferry"
        paragraphs = (f"ISLAND WIRE{number}", *STORY)
        text = page(url, headline=f"Ferry, {number}", published=f"2019-03-0{day}T12:00:00Z", paragraphs=paragraphs)
        (pile / f"{number}.html").write_bytes(text)
    (pile / "own.html").write_bytes(page("https://harbor.example/own", published="2019-02-20T12:00:00Z"))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pile)
    return folder


def test_copies_are_folded_under_the_first_that_was_published(filled: Path, command: Callable[..., Any]) -> None:
    with newsarchive.open(filled) as archive:
        results = archive.search("ferry", fold_copies=True)
        assert (results.total, results.folded, len(results)) == (3, 2, 1)
        (hit,) = results
        assert (hit.url, hit.copies) == ("https://paper1.example/ferry", 2)
        assert [hit.headline[start:end] for start, end in hit.headline_marks] == ["Ferry"]
        assert {hit.url[8:14] for hit in archive.search("is:copy")} == {"paper0", "paper2"}
    answer = command("-A", filled, "search", "ferry", "--json").json
    assert (answer["total"], answer["folded"], len(answer["results"])) == (3, 0, 3)
    answer = command("-A", filled, "search", "ferry", "--json", "--fold-copies").json
    assert (answer["total"], answer["folded"], len(answer["results"])) == (3, 2, 1)


def test_a_table_folds_copies_and_says_both_numbers(filled: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "newsarchive", "-A", str(filled), "search", "ferry", "--facets", "month,copies"]
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "1"}
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=True, env=environment)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "+2 copies" in shown
    assert shown.count("Ferry,") == 1
    assert "2019-03" in shown
    assert "3 articles, 2 of them folded as copies (--no-fold-copies)" in done.stderr.decode()


def test_counts_stand_beside_the_hits_in_json_and_alone_in_rows(filled: Path, command: Callable[..., Any]) -> None:
    answer = command("-A", filled, "search", "--facets", "month, copies", "--json").json
    assert answer["facets"] == {
        "month": [{"value": "2019-02", "count": 1}, {"value": "2019-03", "count": 3}],
        "copies": [{"value": "no", "count": 2}, {"value": "yes", "count": 2}],
    }
    done = command("-A", filled, "search", "--facets", "month", "--format", "csv")
    assert done.out.splitlines() == ["facet,value,articles", "month,2019-02,1", "month,2019-03,3"]
    assert command("-A", filled, "search", "--facets", "colour").code == 2


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "longest", "most-edited"])
def test_pages_by_cursor_are_the_whole_answer(filled: Path, command: Callable[..., Any], sort: str) -> None:
    whole = command("-A", filled, "search", "the", "--sort", sort, "--json").json
    assert len(whole["results"]) == 4
    cursor: list[str] = []
    found: list[str] = []
    while True:
        page = command("-A", filled, "search", "the", "--sort", sort, "--json", "-n", 1, *cursor).json
        found += [hit["id"] for hit in page["results"]]
        if page["next"] is None:
            break
        cursor = ["--after", page["next"]]
    assert found == [hit["id"] for hit in whole["results"]]


def test_a_cursor_of_another_order_is_refused(filled: Path) -> None:
    with newsarchive.open(filled) as archive:
        cursor = archive.search("the", sort="newest").page(limit=1).next
        with pytest.raises(UsageError):
            archive.search("the", sort="oldest").page(cursor)
        with pytest.raises(UsageError):
            archive.search("the").page("nonsense")


def test_an_empty_answer_says_which_word_is_found_nowhere_and_what_to_try(
    filled: Path, command: Callable[..., Any]
) -> None:
    done = command("-A", filled, "search", "captain AND pasengers")
    assert done.out == ""
    assert "did you mean: captain AND passengers" in done.err
    assert "no article has pasengers" in done.err
    done = command("-A", filled, "search", "captain AND declaration")
    assert "articles for each part alone: captain 3; declaration 1" in done.err


SENTENCE = "what says the captain of the declaration"


def test_a_sentence_is_relaxed_and_what_is_short_or_has_operators_is_not(
    filled: Path, command: Callable[..., Any]
) -> None:
    done = command("-A", filled, "search", SENTENCE, "--json")
    assert done.json["total"] == 4
    assert done.json["query"]["relaxed"]["total_all"] == 0
    assert "no article has all 6 words" in done.json["query"]["read_as"]
    assert command("-A", filled, "search", SENTENCE, "--json", "--strict").json["total"] == 0
    assert command("-A", filled, "search", SENTENCE, "--json", "--all").json["total"] == 0
    for short in ("captain declaration", "captain AND declaration"):
        done = command("-A", filled, "search", short, "--json")
        assert (done.json["total"], done.json["query"]["relaxed"]) == (0, None)
    with newsarchive.open(filled) as archive:
        assert archive.search(SENTENCE, relax=False).total == 0
        assert archive.search(SENTENCE, sort="newest").relaxed is None


def test_explain_shows_every_part_with_its_place_and_forms(filled: Path, command: Callable[..., Any]) -> None:
    done = command("-A", filled, "explain", "passenger* NEAR/9 (quay OR boats) -golf", "--json").json
    assert done["schema"] == "newsarchive.explain/1"
    tree = done["tree"]
    assert (tree["type"], tree["articles"], done["total"]) == ("and", 3, 3)
    near, negated = tree["parts"]
    assert near["label"] == "NEAR/9"
    assert near["parts"][0]["forms"] == [{"word": "passengers", "articles": 3}]
    assert [part["text"] for part in near["parts"][1]["parts"]] == ["quay", "boats"]
    assert near["parts"][1]["parts"][1]["forms"] == [{"word": "boat", "articles": 3}]
    assert (negated["parts"][0]["place"], negated["parts"][0]["articles"]) == ([35, 39], 0)
    assert done["engine_query"]
    rows = command("-A", filled, "explain", "quay", "--since", "2019-03-02").out.splitlines()
    assert rows[1].split("\t")[:4] == ["1", "term quay", "0-4", "3"]


def test_a_searcher_sees_what_was_added_since(filled: Path, page: Callable[..., bytes], tmp_path: Path) -> None:
    with newsarchive.open(filled) as reading:
        results = reading.search("ferry")
        assert results.total == 3
        new = tmp_path / "new"
        new.mkdir()
        (new / "a.html").write_bytes(page("https://paper9.example/ferry", headline="A ferry again"))
        with newsarchive.open(filled, mode="rw") as writing:
            writing.ingest(new)
        assert reading.search("ferry").total == 4


def test_the_command_has_every_order_and_facet_that_an_engine_has() -> None:
    assert get_args(Sort) == search_._SORTS
    assert FACETS == search_._FACETS
