"""What a person sees at a terminal: whole, aligned, and never steered by a page."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "https://harbor.example/politics/the-council-of-the-harbor-votes-on-the-new-ferry-to-the-islands"
SHORT = "https://harbor.example/politics/a-notice-of-nothing-much-that-is-too-short-for-an-article"
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EVIL = "Ferry \x9b2J vote \u202edetsop"


@pytest.fixture
def steered(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """An archive with an article whose headlines and text hold what would steer a terminal, and a rejected page."""
    paragraphs = ("The ferry \x9b31m sails \u202e at noon, the council said on {}. " * 12,)
    for number, day in enumerate(("Monday", "Tuesday")):
        pile = tmp_path / f"pile-{number}"
        pile.mkdir()
        text = tuple(paragraph.replace("{}", day) for paragraph in paragraphs)
        (pile / "a.html").write_bytes(page(URL, headline=f"{EVIL} on {day}", paragraphs=text))
        (pile / "b.html").write_bytes(page(SHORT, headline=EVIL, paragraphs=("Too \x9bshort.",)))
        with newsarchive.open(folder, mode="rw") as archive:
            archive.ingest(pile)
    return folder


def at_terminal(folder: Path, *arguments: str, columns: int = 80) -> tuple[int, str]:
    """Exit code and what a terminal of this width gets."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "newsarchive", "-A", str(folder), *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # Linux says so that the other end was closed
                break
            shown += piece
            if not piece:
                break
        os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("get", URL),
        ("get", URL, "--json"),
        ("versions", URL),
        ("diff", URL),
        ("diff", URL, "--json"),
        ("changes",),
        ("changes", "--format", "jsonl"),
        ("search", "ferry"),
        ("search", "ferry", "--json"),
        ("search", "ferry", "--format", "plain"),
        ("search", "ferry", "--format", "csv"),
        ("search", "\x9b2Jferry"),
        ("search", "\u202e("),
        ("rejected",),
    ],
    ids=" ".join,
)
def test_no_page_and_no_query_steers_the_terminal(steered: Path, arguments: tuple[str, ...]) -> None:
    _, shown = at_terminal(steered, *arguments)
    # The marks of style are ours: without them nothing may be left.
    assert not STEERING.search(re.sub(r"\x1b\[[\d;]*m", "", shown))
    assert len(shown) > 40


def test_json_has_what_would_steer_a_terminal_as_an_escape_that_means_the_same(
    steered: Path, command: Callable[..., Any]
) -> None:
    with newsarchive.open(steered) as archive:
        kept = archive.get(URL).latest
    assert STEERING.search(f"{kept.headline}{kept.body}")
    told = command("-A", steered, "get", URL, "--json")
    assert not STEERING.search(told.out)
    assert (told.json["version"]["headline"], told.json["version"]["body"]) == (kept.headline, kept.body)


def test_bytes_do_not_go_to_a_terminal(steered: Path) -> None:
    for form in ("--raw", "--http", "--warc"):
        code, shown = at_terminal(steered, "get", URL, form)
        assert code == 2
        assert "> FILE" in shown
        assert "<html" not in shown


def test_a_table_cuts_no_address_short(steered: Path) -> None:
    for columns in (80, 120):
        _, shown = at_terminal(steered, "rejected", columns=columns)
        assert "…" not in shown
        column = slice(shown.splitlines()[0].index("url"), shown.splitlines()[0].index("what was found"))
        assert SHORT in "".join(line[column].strip() for line in shown.splitlines()[1:])


def test_a_table_of_shares_fits_into_eighty_columns(steered: Path) -> None:
    _, shown = at_terminal(steered, "status", "--fields")
    heading = next(line for line in shown.splitlines() if line.startswith("source"))
    assert heading.split() == [
        "source", "of", "head", "cat.", "date", "time", "auth", "desc", "lang", "img", "tags", "text", "words", "rej.",
    ]  # fmt: skip
    assert all(len(line) <= 80 for line in shown.splitlines()[1:])
