"""Evidence holds what the archive knows of an article, says so plainly, and is the same whoever makes it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.export.conftest import EDITED, EXCHANGES, FEED, OTHER, SITE, article, exchange, kinds, members

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.errors import NotFound, UsageError
from newsarchive.models import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Done

    from newsarchive import Archive


def unpacked(path: Path, folder: Path) -> Path:
    """The folder in a zip file, unpacked."""
    with zipfile.ZipFile(path) as package:
        package.extractall(folder)
    (bag,) = folder.iterdir()
    return bag


@pytest.fixture
def bag(opened: Archive, tmp_path: Path) -> Path:
    """The evidence of the edited article, unpacked."""
    opened.evidence(EDITED, tmp_path / "e.zip")
    return unpacked(tmp_path / "e.zip", tmp_path / "unpacked")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_it_holds_the_records_of_all_captures_as_they_lie_in_the_archive(bag: Path, opened: Archive) -> None:
    found = members(bag / "data" / "captures.warc.gz")
    assert kinds(found) == ["warcinfo"] + ["response", "request", "metadata"] * 3
    (own,) = (opened.folder / "warc").glob("*.warc.gz")
    assert not set(found) - set(members(own))


def test_it_holds_the_text_of_each_version(bag: Path, opened: Archive) -> None:
    versions = opened.get(EDITED).versions
    assert len(versions) == 2
    for version in versions:
        text = (bag / "data" / f"version-{version.number}.txt").read_text(encoding="utf-8")
        assert text == f"{version.headline}\n\n{version.body}\n"


def test_it_shows_what_was_changed_word_by_word(bag: Path) -> None:
    told = (bag / "data" / "changes-1-2.txt").read_text(encoding="utf-8")
    headline = told.split("\n\n")[1]
    assert headline.startswith("Summit ")
    assert re.sub(r"\[-.*?-\]|\{\+|\+\}", "", headline) == "Summit collapses over inspections"
    assert re.sub(r"\{\+.*?\+\}|\[-|-\]", "", headline) == "Summit ends without a deal"


def test_the_standard_tool_finds_every_file_as_it_was_and_any_change_in_it(bag: Path) -> None:
    def checked() -> int:
        manifests = ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
        return subprocess.run(["sha256sum", "--check", "--strict", *manifests], cwd=bag, check=False).returncode

    assert checked() == 0
    files = {str(path.relative_to(bag)) for path in bag.rglob("*") if path.is_file()}
    listed = [line.split("  ", 1)[1] for name in bag.glob("*manifest*") for line in name.read_text().splitlines()]
    assert sorted(listed) == sorted(files - {"tagmanifest-sha256.txt"})
    for name in sorted(files - {"tagmanifest-sha256.txt"}):
        original = (bag / name).read_bytes()
        (bag / name).write_bytes(original[:-2] + bytes([original[-2] ^ 1]) + original[-1:])
        assert checked() != 0, name
        (bag / name).write_bytes(original)


def test_the_statement_says_what_was_captured_when_from_where_by_whom(bag: Path, opened: Archive) -> None:
    told = (bag / "STATEMENT.txt").read_text(encoding="utf-8")
    first, second, gone = opened.captures(EDITED)
    parts = told.split("\nCapture ")[1:]
    assert len(parts) == 3
    for number, (part, capture) in enumerate(zip(parts, (first, second, gone), strict=True), start=1):
        assert part.startswith(f"{number}: {capture.captured_at:%Y-%m-%d %H:%M:%S.%f} UTC\n")
        digest = base64.b32encode(hashlib.sha1(EXCHANGES[[0, 2, 3][number - 1]].body).digest()).decode()  # noqa: S324
        for fact in (
            f"asked for {EDITED}",
            f"found in {FEED}",
            "answered by 192.0.2.7 over http/1.1",
            "captured by newsarchive/0.1.0",
            "robots.txt obeyed",
            "TLS not recorded",
            f"WARC record {capture.record_id}, at byte ",
            f"payload sha1:{digest}",
        ):
            assert fact in flat(part), fact
    assert "answer HTTP/1.1 410 Gone, text/html" in flat(parts[2])
    assert "first shows version 1" in flat(parts[0])
    assert "headline Summit collapses over inspections" in flat(told)
    assert "WHAT IS MISSING" not in told


def test_a_page_that_stayed_as_it_was_is_told_with_the_capture_that_holds_it(opened: Archive, tmp_path: Path) -> None:
    opened.evidence(OTHER, tmp_path / "e.zip")
    bag = unpacked(tmp_path / "e.zip", tmp_path / "unpacked")
    told = flat((bag / "STATEMENT.txt").read_text(encoding="utf-8"))
    assert "answer HTTP/1.1 200 OK, text/html which says the same as capture 1: these very bytes" in told
    assert "answer HTTP/1.1 304 Not Modified, text/html which says that the page had not changed since" in told
    captures = json.loads((bag / "data" / "versions.json").read_text(encoding="utf-8"))["captures"]
    assert [capture["kind"] for capture in captures] == ["response", "revisit", "revisit"]
    assert [capture["payload_in"] for capture in captures] == [None, *[captures[0]["record_id"]] * 2]


def test_the_places_that_are_named_hold_the_records(bag: Path) -> None:
    described = json.loads((bag / "data" / "versions.json").read_text(encoding="utf-8"))
    assert described["schema"] == "newsarchive.evidence/1"
    assert [version["headline"] for version in described["versions"]] == [
        "Summit ends without a deal",
        "Summit collapses over inspections",
    ]
    data = (bag / "data" / "captures.warc.gz").read_bytes()
    assert len(described["captures"]) == 3
    for capture in described["captures"]:
        record = gzip.decompress(data[capture["offset"] : capture["offset"] + capture["length"]])
        assert f"WARC-Record-ID: <{capture['record_id']}>".encode() in record
        assert (capture["ip"], capture["protocols"], capture["robots"]) == ("192.0.2.7", ["http/1.1"], "obey")


def test_two_makers_get_the_same_file(opened: Archive, copied: Callable[[Path], Path], tmp_path: Path) -> None:
    first = opened.evidence(EDITED, tmp_path / "first.zip")
    elsewhere = copied(opened.folder)
    for left in elsewhere.glob("articles.db*"):
        left.unlink()
    shutil.rmtree(elsewhere / "index")
    with newsarchive.open(elsewhere, mode="rw") as rebuilt:
        rebuilt.rebuild()
        second = rebuilt.evidence(opened.get(EDITED).id, tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    assert first.sha256 == second.sha256 == hashlib.sha256((tmp_path / "first.zip").read_bytes()).hexdigest()
    assert opened.evidence(OTHER, tmp_path / "third.zip").sha256 != first.sha256


def test_a_capture_that_was_taken_over_says_so(opened: Archive, tmp_path: Path) -> None:
    opened.search("").export(tmp_path / "all.wacz")
    with newsarchive.open(init_folder(tmp_path / "other"), mode="rw") as other:
        other.ingest(tmp_path / "all.wacz")
        other.evidence(EDITED, tmp_path / "e.zip")
    told = (unpacked(tmp_path / "e.zip", tmp_path / "unpacked") / "STATEMENT.txt").read_text(encoding="utf-8")
    assert told.count("captured by  another tool, not recorded here") == 3
    assert told.count("taken from   all.wacz/archive/data.warc.gz") == 3
    assert "robots.txt   " not in told


def test_what_is_damaged_is_named_as_missing(opened: Archive, tmp_path: Path, command: Callable[..., Done]) -> None:
    (own,) = (opened.folder / "warc").glob("*.warc.gz")
    first = opened.captures(EDITED)[0].place
    data = bytearray(own.read_bytes())
    data[first.offset + first.length // 2] ^= 4
    own.write_bytes(data)
    done = command("-A", opened.folder, "evidence", EDITED, "-o", tmp_path / "e.zip")
    assert done.code == 4
    assert "warning: missing: " in done.err
    bag = unpacked(tmp_path / "e.zip", tmp_path / "unpacked")
    told = (bag / "STATEMENT.txt").read_text(encoding="utf-8")
    assert "WHAT IS MISSING" in told
    assert f"- {EDITED}, captured 2019-02-27 11:30:05: warc/{own.name}: " in told
    missing: list[Any] = json.loads((bag / "data" / "versions.json").read_text(encoding="utf-8"))["missing"]
    assert len(missing) == 1
    assert (bag / "data" / "version-1.txt").exists()


def test_no_page_can_write_into_the_statement(folder: Path, tmp_path: Path) -> None:
    url = f"{SITE}/world/forged"
    forged = "Summit ends\n\nWHAT IS MISSING\n\x1b[2J\u202eAnswer"
    with newsarchive.open(folder, mode="rw") as archive:
        with archive.recorder() as recorder:
            recorder.record(exchange(url, article(forged)), origin=Origin())
        archive.process()
        archive.evidence(url, tmp_path / "e.zip")
    told = (unpacked(tmp_path / "e.zip", tmp_path / "unpacked") / "STATEMENT.txt").read_text(encoding="utf-8")
    assert "\nWHAT IS MISSING" not in told
    assert not {character for character in told if character < " " or character == "\u202e"} - {"\n"}


def test_the_command_names_the_file_after_the_article(
    opened: Archive, tmp_path: Path, command: Callable[..., Done]
) -> None:
    name = f"evidence-{opened.get(EDITED).id}.zip"
    done = command("-A", opened.folder, "evidence", EDITED, "--json")
    assert done.code == 0
    digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert (done.json["path"], done.json["sha256"], done.json["captures"]) == (name, digest, 3)
    assert command("-A", opened.folder, "evidence", EDITED).code == 2
    assert command("-A", opened.folder, "evidence", EDITED, "--force").code == 0
    assert command("-A", opened.folder, "evidence", "https://harbor.example/nothing").code == 1
    with pytest.raises(UsageError):
        opened.evidence(EDITED, tmp_path / name)
    with pytest.raises(NotFound):
        opened.evidence("nothing", tmp_path / "f.zip")
