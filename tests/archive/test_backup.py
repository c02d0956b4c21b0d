"""A backup is an archive with everything in it, whatever went on while it was made."""

from __future__ import annotations

import gzip
import json
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.digests import warc_sha1
from newsarchive.errors import ArchiveExists, ArchiveLocked, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def add_pages(archive: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes], *names: str) -> None:
    for name in names:
        path = tmp_path / f"{name}.html"
        path.write_bytes(page(f"https://harbor.example/politics/{name}", headline=f"Summit {name} ends without a deal"))
        archive.ingest(path)


def held(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Every article with its versions, and the bytes behind each."""
    with newsarchive.open(folder) as archive:
        return {
            article.url: [
                (version.digest, warc_sha1(archive.payload(version.record_id).body)) for version in article.versions
            ]
            for article in archive.articles()
        }


@pytest.fixture
def filled(archive: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes]) -> newsarchive.Archive:
    add_pages(archive, tmp_path, page, "one", "two", "three")
    (archive.folder / "spiders" / "harbor_post.py").write_text("NAME = 'harbor-post'\n", encoding="utf-8")
    return archive


def test_a_backup_is_an_archive_with_the_same_articles_settings_and_spiders(
    filled: newsarchive.Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    target = tmp_path / "far" / "backup"
    done = command("-A", filled.folder, "backup", target)
    assert (done.code, "3 captures, 3 articles" in done.out) == (0, True)
    assert held(target) == held(filled.folder)
    for name in ("newsarchive.toml", "scrapy.cfg", "spiders/harbor_post.py"):
        assert (target / name).read_bytes() == (filled.folder / name).read_bytes()
    with newsarchive.open(target, mode="rw") as copy:
        copy.rebuild()
        assert [hit.url for hit in copy.search("summit", sort="oldest")] == [
            hit.url for hit in filled.search("summit", sort="oldest")
        ]


def test_a_second_backup_copies_what_is_new_and_nothing_else(
    filled: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    first = filled.backup(tmp_path / "backup")
    assert first.copied == first.files > 0
    again = filled.backup(tmp_path / "backup")
    assert (again.copied, again.bytes_written, again.captures) == (0, 0, 3)
    add_pages(filled, tmp_path, page, "four")
    third = filled.backup(tmp_path / "backup")
    assert (third.copied, third.captures) == (2, 4)  # a WARC file and its CDXJ
    assert held(tmp_path / "backup") == held(filled.folder)


def test_what_is_being_written_is_copied_up_to_its_last_whole_record(
    filled: newsarchive.Archive, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    filled.backup(target)
    opened = max((filled.folder / "warc").glob("*.warc.gz"))
    torn = opened.with_name(opened.name + ".open")
    torn.write_bytes(opened.read_bytes() + opened.read_bytes()[:100])
    opened.unlink()
    report = filled.backup(target)
    assert report.captures == 3
    assert not list((target / "warc").glob("*.open"))
    assert not list((target / "warc").glob("*.tail-*"))
    assert torn.exists()


def test_a_backup_goes_into_no_folder_that_holds_something_else(
    filled: newsarchive.Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    other = init_folder(tmp_path / "other")
    with newsarchive.open(other, mode="rw") as archive:
        archive.backup(tmp_path / "of-other")
    for target in ("mine", "other", "of-other"):
        before = sorted((tmp_path / target).rglob("*"))
        done = command("-A", filled.folder, "backup", tmp_path / target)
        assert (done.code, "tip: " in done.err) == (3, True), target
        assert sorted((tmp_path / target).rglob("*")) == before
    with pytest.raises(ArchiveExists, match="the archive itself"):
        filled.backup(filled.folder)


def test_a_full_disk_is_told_and_the_backup_before_it_stays(
    filled: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    target = tmp_path / "backup"
    filled.backup(target)
    before = held(target)
    add_pages(filled, tmp_path, page, *(f"more-{number}" for number in range(30)))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [sys.executable, "-m", "newsarchive", "-A", str(filled.folder), "backup", str(target)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert (done.returncode, "is there room on the disk" in done.stderr) == (3, True), done.stderr
    assert "Traceback" not in done.stderr
    assert held(target) == before
    filled.backup(target)
    assert held(target) == held(filled.folder)


def test_bytes_that_the_archive_lost_are_told_and_what_the_backup_has_of_them_stays(
    filled: newsarchive.Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    target = tmp_path / "backup"
    filled.backup(target)
    lost = min((filled.folder / "warc").glob("*.warc.gz"))
    lost.unlink()
    done = command("-A", filled.folder, "backup", target)
    assert (done.code, lost.name in done.err) == (0, True)
    assert held(target)
    shutil.rmtree(target)
    with pytest.raises(IntegrityError, match=lost.name):
        filled.backup(target)


def test_a_log_that_a_killed_backup_left_is_not_played_into_the_new_rows(
    filled: newsarchive.Archive, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    filled.backup(target)
    (target / "articles.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 4092)
    filled.backup(target)
    assert held(target) == held(filled.folder)
    told = json.loads((target / "backup.json").read_text(encoding="utf-8"))
    assert (told["schema"], told["captures"]) == ("newsarchive.backup/1", 3)


def test_nothing_is_withdrawn_while_the_copy_is_made(filled: newsarchive.Archive, tmp_path: Path) -> None:
    url = "https://harbor.example/politics/one"
    before = held(filled.folder)
    refused: list[str] = []

    def meanwhile(_size: int) -> None:
        with newsarchive.open(filled.folder, mode="rw") as other, pytest.raises(ArchiveLocked) as told:
            other.withdraw(url, reason="asked")
        refused.append(told.value.message)

    filled.backup(tmp_path / "copy", progress=meanwhile)
    assert refused
    assert all("'withdraw'" in message for message in refused)
    assert held(tmp_path / "copy") == before


def test_what_was_withdrawn_since_is_in_no_file_of_the_copy(
    filled: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    url, target = "https://harbor.example/politics/flamingos", tmp_path / "copy"
    add_pages(filled, tmp_path, page, "flamingos")
    captured = filled.captures(url)[0]
    filled.backup(target)
    with newsarchive.open(target, mode="rw") as copy:
        copy.rebuild()
        assert copy.search("flamingos").total == 1
        torn = copy.warc_records(captured.record_id)
    (target / "warc" / "20190301000000-aaaaaa-00000.warc.gz.tail-0").write_bytes(torn)
    filled.withdraw(url, reason="asked")
    filled.backup(target)
    (target / "withdrawals.jsonl").unlink()  # it names the address
    (target / "warc").rename(tmp_path / "warc")
    named = [path for path in target.rglob("*") if path.is_file() and b"flamingos" in path.read_bytes()]
    assert named == []
    assert not list((tmp_path / "warc").glob("*.tail-*"))
    for path in (tmp_path / "warc").glob("*.warc.gz"):
        assert "Summit flamingos" not in gzip.decompress(path.read_bytes()).decode()
