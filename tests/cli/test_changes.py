"""What the commands around edits print: versions, diff, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "https://harbor.example/politics/summit-ends"
TEXT = (
    "The leaders of the two countries ended their meeting in the old opera house without signing anything at all.",
    "Officials had hoped for a short declaration on trade, but the talks stalled over the question of inspections.",
    "A diplomat said that the sides had been close, before the afternoon session of the last day fell apart.",
    "Working groups of both sides will go on, and a further meeting could be held before the summer, it was said.",
)


@pytest.fixture
def edited(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """An archive with one article in three versions."""
    file = tmp_path / "page.html"
    second = (TEXT[0].replace("without", "after"), *TEXT[1:])
    with newsarchive.open(folder, mode="rw") as archive:
        for paragraphs, headline in ((TEXT, "Summit ends"), (second, "Summit ends"), (second, "=Summit ends early")):
            file.write_bytes(page(URL, paragraphs=paragraphs, headline=headline))
            archive.ingest(file)
    return folder


def test_versions_say_what_changed_in_each(edited: Path, command: Callable[..., Any]) -> None:
    told = command("-A", edited, "versions", URL, "--json").json
    assert [row["changed"] for row in told["results"]] == [[], ["body"], ["headline"]]
    assert [(row["words_added"], row["words_removed"]) for row in told["results"]] == [(None, None), (1, 1), (1, 0)]
    assert told["gone"] is None


def test_a_difference_is_shown_in_every_form(edited: Path, command: Callable[..., Any]) -> None:
    key = command("-A", edited, "versions", URL, "--json").json["id"]
    plain = command("-A", edited, "diff", URL)
    assert plain.code == 0
    head, *rest = plain.out.splitlines()
    assert head.startswith(f"--- {key}@1 captured ")
    assert "in the old opera house [-without-] {+after+} signing" in plain.out
    assert "{+=+}Summit ends {+early+}" in plain.out
    assert "... 2 paragraphs as before (--full) ..." in rest
    assert TEXT[3] not in plain.out
    assert TEXT[3] in command("-A", edited, "diff", URL, "--full").out
    assert f"- {TEXT[0]}" in command("-A", edited, "diff", key, "--line").out.splitlines()
    told = command("-A", edited, "diff", f"{key}@1", f"{key}@2", "--json").json
    assert (told["schema"], told["kinds"], told["words_added"]) == ("newsarchive.diff/1", ["body"], 1)
    assert command("-A", edited, "diff", key, 1, 2, "--json").json == told
    assert command("-A", edited, "diff", f"{key}@2", "--json").json["kinds"] == ["headline"]
    assert "<del>without </del><ins>after </ins>" in command("-A", edited, "diff", key, "--format", "html").out
    coloured = command("-A", edited, "diff", key, "--format", "table").out
    assert "\x1b[31m\x1b[9mwithout" in coloured


def test_a_version_that_is_not_there_is_an_error(edited: Path, command: Callable[..., Any]) -> None:
    wrong = command("-A", edited, "diff", URL, 1, 7)
    assert (wrong.code, "has versions 1 to 3, not 7" in wrong.err) == (1, True)
    assert command("-A", edited, "diff", URL, 1, 2, 3).code == 2


def test_changes_are_listed_newest_first(edited: Path, command: Callable[..., Any]) -> None:
    told = command("-A", edited, "changes", "--json").json
    assert (told["schema"], [row["kinds"] for row in told["results"]]) == (
        "newsarchive.changes/1",
        [["headline"], ["body"]],
    )
    done = command("-A", edited, "changes", "--kind", "body", "--query", "opera", "--since", "1d", "--min-words", 2)
    (row,) = [line.split("\t") for line in done.out.splitlines()]
    assert (row[4], row[5], row[6], done.err) == ("body", "1", "1", "1 change\n")
    assert command("-A", edited, "changes", "-n", 1).err == "1 change, the newest 1 shown (--all, --limit)\n"
    assert "'=Summit ends early" in command("-A", edited, "changes", "--format", "csv").out
    assert command("-A", edited, "changes", "--until", "2019").out == ""
    assert command("-A", edited, "changes", "--output", "x").code == 2


def test_the_feed_is_written_whole_and_keeps_its_ids_over_a_rebuild(
    edited: Path, tmp_path: Path, command: Callable[..., Any]
) -> None:
    target = tmp_path / "feed.xml"
    assert command("-A", edited, "changes", "--format", "atom", "-o", target).code == 0
    first = target.read_bytes()
    assert [path.name for path in tmp_path.glob("feed*")] == ["feed.xml"]
    atom = {"a": "http://www.w3.org/2005/Atom"}
    tree = etree.fromstring(first)
    contents = [one.text or "" for one in tree.iterfind("a:entry/a:content", atom)]
    assert ["<ins>after </ins>" in text for text in contents] == [False, True]
    for path in edited.glob("articles.db*"):
        path.unlink()
    assert command("-A", edited, "rebuild").code == 0
    assert command("-A", edited, "changes", "--format", "atom").out.encode() == first
