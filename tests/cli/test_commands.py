"""What a user types and what comes back: data on stdout, everything else on stderr, the right exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.cli.app import COMMANDS
from newsarchive.cli.exits import Exit
from newsarchive.cli.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = {"id", "url", "headline", "category", "published", "source", "authors", "snippet", "score"}


@pytest.fixture
def filled(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    pile = tmp_path / "pile"
    pile.mkdir()
    for number in range(3):
        url = f"https://harbor.example/politics/{number}"
        text = page(url, headline=f"=Summit, part {number}", published=f"2019-02-2{number + 5}T14:05:00+07:00")
        (pile / f"{number}.html").write_bytes(text)
    (pile / "short.html").write_bytes(page("https://harbor.example/short", paragraphs=("Too short.",)))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pile)
    return folder


def test_json_is_one_object_of_the_documented_form(filled: Path, command: Callable[..., Any]) -> None:
    done = command("-A", filled, "search", '"opera house"', "--json")
    assert done.code == 0
    answer = done.json
    assert answer["schema"] == "newsarchive.search/1"
    assert answer["query"]["text"] == '"opera house"'
    assert "opera house" in answer["query"]["read_as"]
    assert answer["total"] == len(answer["results"]) == 3
    for hit in answer["results"]:
        assert hit.keys() >= KEYS
        start, end = hit["marks"][0]
        assert hit["snippet"][start:end].casefold() == "opera house"


def test_a_pipe_gets_tsv_without_heading_and_stderr_the_rest(filled: Path, command: Callable[..., Any]) -> None:
    done = command("-A", filled, "search", "opera", "--sort", "newest")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert [row[1][:10] for row in rows] == ["2019-02-27", "2019-02-26", "2019-02-25"]
    assert {len(row) for row in rows} == {7}
    assert done.err.splitlines()[0].startswith("read as: ")
    assert "3 articles" in done.err


def test_csv_has_a_heading_and_no_cell_that_a_spreadsheet_would_run(filled: Path, command: Callable[..., Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(command("-A", filled, "search", "opera", "--format", "csv").out)))
    assert len(rows) == 3
    assert all(row["headline"].startswith("'=Summit") for row in rows)


def test_jsonl_is_one_article_a_line(filled: Path, command: Callable[..., Any]) -> None:
    lines = command("-A", filled, "search", "opera", "--all", "--format", "jsonl").out.splitlines()
    assert {json.loads(line)["headline"] for line in lines} == {f"=Summit, part {number}" for number in range(3)}


def test_a_terminal_gets_a_table(filled: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "newsarchive", "-A", str(filled), "search", "opera"]
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm", "NO_COLOR": "1"}
    subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, check=True, env=environment)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "headline" in shown.splitlines()[0]
    assert "\t" not in shown
    assert "opera house" in shown


def test_filters_narrow_and_the_resolved_dates_are_echoed(filled: Path, command: Callable[..., Any]) -> None:
    done = command("-A", filled, "search", "opera", "--since", "2019-02-26", "--until", "2019-02-26", "--json")
    assert done.json["total"] == 1
    assert "2019-02-26" in done.json["query"]["read_as"]
    assert command("-A", filled, "search", "--source", "harbor.example", "--json").json["total"] == 3
    assert command("-A", filled, "search", "opera", "--language", "vi", "--json").json["total"] == 0


@pytest.mark.parametrize(
    ("query", "carets"),
    [
        ("hanoi AND (", " " * 10 + "^"),
        ("foo:bar", "^^^"),
        ('"unclosed', "^"),
        ("published:2019-13", "^^^^^^^"),
    ],
)
def test_a_query_that_cannot_be_read_is_shown_with_the_place(
    filled: Path, command: Callable[..., Any], query: str, carets: str
) -> None:
    done = command("-A", filled, "search", query)
    assert (done.code, done.out) == (Exit.USAGE, "")
    assert done.err.startswith("error: ")
    assert query in done.err
    assert carets in done.err
    assert "Traceback" not in done.err


def test_get_shows_an_article_its_fields_and_its_bytes(
    filled: Path, command: Callable[..., Any], tmp_path: Path
) -> None:
    url = "https://harbor.example/politics/1"
    shown = command("-A", filled, "get", url)
    assert shown.out.splitlines()[0] == "=Summit, part 1"
    record = command("-A", filled, "get", url, "--json").json
    assert record["version"]["published"] == "2019-02-26T14:05:00+07:00"
    assert record["version"]["provenance"]["published"]
    by_id = command("-A", filled, "get", f"{record['id']}@1")
    assert by_id.out == shown.out
    raw = command("-A", filled, "get", url, "--raw")
    assert raw.out.encode() == (tmp_path / "pile" / "1.html").read_bytes()
    for form in ("--raw", "--http", "--warc"):
        of_url, of_id = (command("-A", filled, "get", name, form).stdout for name in (url, record["id"]))
        assert of_id == of_url != b""
    assert command("-A", filled, "get", f"{record['id']}@9").code == Exit.FAILURE
    assert command("-A", filled, "get", url, "--at", "2001").code == Exit.FAILURE
    assert command("-A", filled, "get", url, "--at", "sometime").code == Exit.USAGE


def test_an_index_of_nothing_is_said(filled: Path, command: Callable[..., Any]) -> None:
    one = command("-A", filled, "cdxj", "https://harbor.example/politics/1")
    assert (one.code, one.out.count("\n"), one.err) == (0, 1, "")
    none = command("-A", filled, "cdxj", "https://harbor.example/none")
    assert (none.code, none.out) == (0, "")
    assert "no capture of https://harbor.example/none" in none.err


def test_versions_and_rejected_and_status_have_json_forms(filled: Path, command: Callable[..., Any]) -> None:
    versions = command("-A", filled, "versions", "https://harbor.example/politics/1", "--json").json
    assert [row["version"] for row in versions["results"]] == [1]
    rejected = command("-A", filled, "rejected", "--json").json
    assert [row["problem"] for row in rejected["results"]] == ["too-short"]
    assert command("-A", filled, "rejected", "--problem", "no-date", "--json").json["results"] == []
    status = command("-A", filled, "status", "--json").json
    assert (status["articles"], status["captures"]["rejected"], status["not_indexed"]) == (3, 1, 0)


def test_extract_reads_files_and_stdin_without_an_archive(
    command: Callable[..., Any], tmp_path: Path, page: Callable[..., bytes]
) -> None:
    (tmp_path / "page.html").write_bytes(page())
    done = command("extract", tmp_path / "page.html", "--json")
    assert done.json["headline"] == "Summit ends without a deal"
    assert done.json["provenance"]["headline"]
    assert "inspections" in command("extract", "-", stdin=page()).out
    (tmp_path / "no.html").write_bytes(b"\x00\x01\x02" * 100)
    refused = command("extract", tmp_path / "no.html")
    assert refused.code == Exit.FAILURE
    assert "error: " in refused.err
    assert command("extract", "nowhere.html").code == Exit.USAGE


LIVE_BLOG = """<html><head><script type="application/ld+json">
{"@type": "LiveBlogPosting", "headline": "Ferry talks: as it happened", "liveBlogUpdate": [{"@type": "BlogPosting",
 "datePublished": "2019-02-27T18:30:00+07:00", "headline": "The ferry is in",
 "articleBody": "It came with lights on."}]}
</script></head><body><article><h1>Ferry talks: as it happened</h1><h3>The ferry is in</h3>
<p>It came with lights on.</p>
<p>The harbor master told reporters that both sides had wanted to go further than the other could.</p></article></body>
"""


def test_extract_shows_when_the_entries_of_a_live_blog_were_published(command: Callable[..., Any]) -> None:
    shown = command("extract", "-", stdin=LIVE_BLOG.encode())
    assert shown.code == Exit.OK
    assert "2019-02-27T18:30:00+07:00 at paragraph 1" in shown.out


def test_extract_explains_a_page_in_every_form(
    command: Callable[..., Any], tmp_path: Path, page: Callable[..., bytes]
) -> None:
    steering = page().replace(b"</article>", b"<p>Read more: <a href='/x'>a\xc2\x9b31m bill</a></p></article>")
    (tmp_path / "page.html").write_bytes(steering)
    explain = ("extract", tmp_path / "page.html", "--explain")
    lines = command(*explain).out.splitlines()
    assert "headline            Summit ends without a deal  (visible)" in lines
    assert "  = title           Summit ends without a deal" in lines
    assert "- [box: nav] Home" in lines
    assert any(line.startswith("  Officials had hoped") for line in lines)
    (bill,) = (line for line in lines if line.startswith("- [see-also] Read more: "))
    assert bill.isprintable()
    told = command(*explain, "--json").json
    assert told["schema"] == "newsarchive.explanation/1"
    assert {"name", "value", "reader", "claims"} == told["fields"][0].keys()
    assert any(block["reason"] == "see-also" and not block["kept"] for block in told["blocks"])
    html = command(*explain, "--format", "html").out
    assert html.startswith("<!DOCTYPE html>")
    assert "Officials had hoped" in html
    assert "… and" not in command(*explain, "--format", "plain").out
    laid_out = command(*explain, "--format", "table").out
    assert "box: nav  Home" in laid_out
    assert "\x1b" not in laid_out


def test_a_page_for_a_browser_needs_the_explanation(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"<p>text</p>")
    refused = command("extract", tmp_path / "page.html", "--format", "html")
    assert refused.code == Exit.USAGE
    assert "--explain" in refused.err


def test_no_archive_is_told_with_what_to_do(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("-A", tmp_path / "nothing", "search", "x")
    assert done.code == Exit.ARCHIVE
    assert "newsarchive init" in done.err
    here = command("search", "x")
    assert here.code == Exit.ARCHIVE
    assert "no archive here" in here.err


def test_an_archive_is_found_upwards_and_by_the_environment(
    filled: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Any]
) -> None:
    below = filled / "warc"
    done = subprocess.run([sys.executable, "-m", "newsarchive", "status"], cwd=below, capture_output=True, check=False)
    assert done.returncode == 0
    monkeypatch.setenv("NEWSARCHIVE_DIR", str(filled))
    assert command("status").code == 0


def test_a_misspelt_command_is_suggested(command: Callable[..., Any]) -> None:
    done = command("serch", "x")
    assert done.code == Exit.USAGE
    assert "Did you mean 'search'?" in done.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(command: Callable[..., Any], name: str) -> None:
    done = command(name, "--help")
    assert done.code == 0
    assert "Usage: newsarchive" in done.out or "usage: newsarchive" in done.out


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_a_text(command: Callable[..., Any], topic: str) -> None:
    done = command("help", topic)
    assert done.code == 0
    assert len(done.out.splitlines()) >= 2


def test_a_reader_that_leaves_is_no_failure(filled: Path) -> None:
    command = f"{sys.executable} -m newsarchive -q -A {filled} search opera --all --format jsonl | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_python_api_gives_what_the_command_gives(filled: Path, command: Callable[..., Any]) -> None:
    with newsarchive.open(filled) as archive:
        results = archive.search("opera", since="2019-02-25", sort="oldest")
        assert len(results) == results.total == 3
        assert [hit.headline[-1] for hit in results] == ["0", "1", "2"]
        assert [hit.id for hit in results[1:]] == [hit.id for hit in results][1:]
        assert results[0] == results[-3]
        assert results[5:] == []
        with pytest.raises(IndexError):
            _ = results[3]
        assert "3 articles" in repr(results)
        record = command("-A", filled, "search", "opera", "--since", "2019-02-25", "--sort", "oldest", "--json").json
        assert record["results"] == json.loads(json.dumps([hit.as_record() for hit in results]))
        article = archive.get(results[0].id)
        assert article.latest.word_count > 25
        assert archive.captures(article.url)[0].status is None


def test_reading_refuses_to_write(filled: Path) -> None:
    with newsarchive.open(filled) as archive, pytest.raises(newsarchive.errors.ArchiveReadOnly):
        archive.rebuild()
