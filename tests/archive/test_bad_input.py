"""What bad input gets: a clear message, the right exit code, and no other page is harmed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def codes(archive: newsarchive.Archive) -> list[str]:
    return sorted(rejection.problems[0].code for rejection in archive.rejected())


@pytest.fixture
def pile(tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """A folder with one good page, to which a test adds a bad one."""
    folder = tmp_path / "pile"
    folder.mkdir()
    (folder / "good.html").write_bytes(page())
    return folder


def check(archive: newsarchive.Archive, pile: Path, code: str) -> None:
    report, tally = archive.ingest(pile)
    assert (report.captured, tally.accepted) == (2, 1)
    assert codes(archive) == [code]
    assert archive.search("opera").total == 1


def test_a_binary_file_called_html_is_kept_and_rejected(archive: newsarchive.Archive, pile: Path) -> None:
    (pile / "bad.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
    check(archive, pile, "not-html")


def test_an_empty_page_is_kept_and_rejected(archive: newsarchive.Archive, pile: Path) -> None:
    (pile / "bad.html").write_bytes(b"")
    check(archive, pile, "empty-page")


def test_a_page_of_fifty_megabytes_is_kept_and_rejected(archive: newsarchive.Archive, pile: Path) -> None:
    link = b'<link rel="canonical" href="https://harbor.example/politics/endless">'
    (pile / "bad.html").write_bytes(b"<html><head>" + link + b"</head><body>" + b"<p>word word</p>" * 3_200_000)
    check(archive, pile, "too-large")


def test_a_page_without_a_url_is_kept_and_says_what_to_do(
    archive: newsarchive.Archive, pile: Path, page: Callable[..., bytes]
) -> None:
    (pile / "bad.html").write_bytes(page(None))
    check(archive, pile, "no-url")
    (rejection,) = archive.rejected()
    assert "--url-from" in rejection.problems[0].message


def test_a_table_of_urls_names_pages_that_name_none(
    archive: newsarchive.Archive, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    (tmp_path / "saved.html").write_bytes(page(None))
    table = tmp_path / "urls.csv"
    table.write_text("file,url\nsaved.html,https://harbor.example/politics/saved\n", encoding="utf-8")
    archive.ingest(tmp_path / "saved.html", urls=table)
    assert archive.get("https://harbor.example/politics/saved").headline == "Summit ends without a deal"


@pytest.mark.parametrize("encoding", ["windows-1258", "utf-16", "koi8-r", "shift_jis", "iso-8859-1"])
def test_pages_in_any_declared_encoding_are_read(
    archive: newsarchive.Archive, pile: Path, page: Callable[..., bytes], encoding: str
) -> None:
    url = f"https://harbor.example/{encoding}"
    (pile / "other.html").write_bytes(page(url, encoding=encoding))
    archive.ingest(pile)
    assert archive.get(url).body.count("\n\n") == 3


def test_broken_bytes_in_a_page_cost_only_themselves(
    archive: newsarchive.Archive, pile: Path, page: Callable[..., bytes]
) -> None:
    broken = page("https://harbor.example/broken").replace(b"opera house", b"op\xe9ra \xff\x00house")
    (pile / "broken.html").write_bytes(broken)
    _, tally = archive.ingest(pile)
    assert tally.accepted == 2
    assert "inspections" in archive.get("https://harbor.example/broken").body


def test_a_truncated_warc_gives_what_is_whole_and_exit_4(
    tmp_path: Path, folder: Path, pile: Path, page: Callable[..., bytes], command: Callable[..., object]
) -> None:
    (pile / "second.html").write_bytes(page("https://harbor.example/second"))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pile)
    (whole,) = (folder / "warc").glob("*.warc.gz")
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole.read_bytes()[:-700])
    command("init", tmp_path / "other")
    done = command("-A", tmp_path / "other", "import", cut)
    assert done.code == 4  # type: ignore[attr-defined]
    assert "cut.warc.gz" in done.err  # type: ignore[attr-defined]
    with newsarchive.open(tmp_path / "other") as other:
        assert other.search("opera").total >= 1


def test_a_file_that_is_no_warc_is_named(folder: Path, tmp_path: Path, command: Callable[..., object]) -> None:
    (tmp_path / "no.warc.gz").write_bytes(gzip.compress(b"nothing of the kind\n" * 50))
    done = command("-A", folder, "import", tmp_path / "no.warc.gz")
    assert done.code == 4  # type: ignore[attr-defined]
    assert "no.warc.gz" in done.err  # type: ignore[attr-defined]


def test_a_path_that_does_not_exist_is_a_usage_error(folder: Path, command: Callable[..., object]) -> None:
    done = command("-A", folder, "import", "nowhere.warc.gz")
    assert done.code == 2  # type: ignore[attr-defined]
    assert "nowhere.warc.gz does not exist" in done.err  # type: ignore[attr-defined]


def test_a_wrong_key_in_the_settings_is_named_by_every_command(folder: Path, command: Callable[..., object]) -> None:
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[crawl]\ndelai = 3\n")
    for arguments in (["sources", "list"], ["status"], ["crawl"], ["import", folder]):
        done = command("-A", folder, *arguments)
        assert done.code == 2  # type: ignore[attr-defined]
        assert "unknown key 'crawl.delai'" in done.err  # type: ignore[attr-defined]
        assert "did you mean 'delay'?" in done.err  # type: ignore[attr-defined]
