"""The commands that leave out, hide and remove: what they say, and how they end."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "https://harbor.example/people/lan"


@pytest.fixture
def filled(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    pile = tmp_path / "pile"
    pile.mkdir()
    (pile / "a.html").write_bytes(page(URL, headline="About Lan"))
    reserved = page("https://harbor.example/b", headline="Reserved").replace(
        b"</title>", b'</title><meta name="robots" content="noai, noindexing"><meta name="tdm-reservation" content="1">'
    )
    (pile / "b.html").write_bytes(reserved)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pile)
    return folder


def test_a_withdrawal_needs_a_reason_and_a_yes_where_nobody_can_be_asked(
    filled: Path, command: Callable[..., Any]
) -> None:
    assert command("-A", filled, "withdraw").code == 2
    assert command("-A", filled, "withdraw", URL).code == 2
    done = command("-A", filled, "withdraw", URL, "--reason", "asked")
    assert done.code == 2
    assert "--yes" in done.err
    shown = command("-A", filled, "withdraw", URL, "--dry-run", "--json")
    assert shown.code == 0
    assert [row["url"] for row in shown.json["results"]] == [URL]
    assert "nothing was changed" in shown.err
    assert command("-A", filled, "get", URL).code == 0
    assert not (filled / "withdrawals.jsonl").exists()


def test_a_withdrawal_is_told_and_logged(filled: Path, command: Callable[..., Any]) -> None:
    done = command("-A", filled, "withdraw", URL, "--reason", "asked", "--requester", "Lan", "--yes")
    assert done.code == 0
    assert "About Lan" in done.out
    assert "entry 1 of the log" in done.err
    assert "not reached" in done.err
    key = done.out.split("\t")[0]
    for name in (URL, key):
        missing = command("-A", filled, "get", name)
        assert missing.code == 1
        assert "withdrawn" in missing.err
        assert "withdraw --log" in missing.err
    assert command("-A", filled, "verify").code == 0
    log = command("-A", filled, "withdraw", "--log", "--json").json["results"]
    assert [(row["event"], row["requester"]) for row in log] == [("withdrawn", "Lan"), ("removed 1", "")]
    path = filled / "withdrawals.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("asked", "asled"), encoding="utf-8")
    assert command("-A", filled, "withdraw", "--log").code == 5
    checked = command("-A", filled, "verify", "--json")
    assert checked.code == 5
    assert checked.json["kinds"] == {"withdrawals-damaged": 1}


@pytest.mark.parametrize(("typed", "code"), [("n\n", 130), ("y\n", 0)])
def test_a_terminal_is_asked(filled: Path, typed: str, code: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    program = [sys.executable, "-m", "newsarchive", "-A", str(filled), "withdraw", URL, "--reason", "asked"]
    done = subprocess.run(program, stdin=theirs, capture_output=True, check=False, timeout=120)
    assert done.returncode == code
    assert b"Remove all of this for good?" in done.stderr
    assert (filled / "withdrawals.jsonl").exists() is (code == 0)


def test_what_is_left_out_is_said_on_stderr(filled: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    added = command("-A", filled, "optout", "add", "harbor.example/people/", "--reason", "asked")
    assert (added.code, added.out) == (0, "")
    assert "1 held article hidden" in added.err
    found = command("-A", filled, "search", "opera")
    assert "About Lan" not in found.out
    assert "1 more is not shown" in found.err
    assert command("-A", filled, "get", URL).code == 1
    again = command("-A", filled, "import", tmp_path / "pile")
    assert "not taken: 1 opted-out" in again.err
    (row,) = command("-A", filled, "optout", "list", "--json").json["results"]
    assert (row["prefix"], row["reason"]) == ("harbor.example/people/", "asked")
    assert command("-A", filled, "optout", "remove", "harbor.example/x").code == 1
    removed = command("-A", filled, "optout", "remove", "harbor.example/people/")
    assert "1 article shown again" in removed.err
    assert "About Lan" in command("-A", filled, "search", "opera").out
    assert command("-A", filled, "optout", "add", "???").code == 2


def test_an_export_says_what_it_leaves_out_and_why(filled: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("-A", filled, "export", "opera", "-o", tmp_path / "a.wacz", "--json")
    assert done.json["articles"] == 1
    assert done.json["left_out"] == {"noai": 1}
    assert "1 noai (--rights-cleared" in done.err
    done = command("-A", filled, "export", "opera", "-o", tmp_path / "b.wacz", "--json", "--rights-cleared")
    assert (done.json["articles"], done.json["left_out"]) == (2, {})


def test_what_is_reserved_is_shown_with_the_article_and_its_versions(filled: Path, command: Callable[..., Any]) -> None:
    url = "https://harbor.example/b"
    assert "reserved: noai, tdm-reservation" in command("-A", filled, "get", url).out
    assert command("-A", filled, "get", url, "--json").json["rights"]["said_by"] == {
        "noai": ["meta"],
        "tdm-reservation": ["meta"],
    }
    (version,) = command("-A", filled, "versions", url, "--json").json["results"]
    assert version["rights"] == ["noai", "tdm-reservation"]
    lines = command("-A", filled, "versions", url, "--format", "jsonl").out.splitlines()
    assert json.loads(lines[0])["rights"] == ["noai", "tdm-reservation"]


def test_a_crawl_without_a_contact_says_so_once(folder: Path, command: Callable[..., Any]) -> None:
    settings = folder / "newsarchive.toml"
    text = settings.read_text(encoding="utf-8")
    source = '\n[sources.harbor]\nurl = "http://127.0.0.1:9/"\n[crawl]\ndelay = 0\n'
    settings.write_text(text + source, encoding="utf-8")
    assert command("-A", folder, "crawl").err.count("no contact is set") == 1
    settings.write_text(text.replace('contact = ""', 'contact = "desk@harbor.example"') + source, encoding="utf-8")
    assert "no contact" not in command("-A", folder, "crawl").err
