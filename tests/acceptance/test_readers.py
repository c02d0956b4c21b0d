"""What the archive writes is read by programs of others: nothing is lost, nothing is complained of."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from collections import Counter
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from tests.acceptance.conftest import AGAIN, ARTICLES, PAGES, Kept
from warcio.archiveiterator import ArchiveIterator

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.conftest import Browser, Replay

SCRIPTS = Path(sys.executable).parent
SHAPES = ["archive", "export.warc.gz", "export.wacz"]
"""The WARC file of the archive itself, and those of the two exports of its articles."""


@pytest.fixture(scope="module")
def files(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The WARC file of each shape."""
    folder = tmp_path_factory.mktemp("exports")
    with newsarchive.open(kept.folder) as archive:
        results = archive.search("")
        assert results.total == len(ARTICLES)
        for name in SHAPES[1:]:
            assert results.export(folder / name).problems == ()
    with zipfile.ZipFile(folder / "export.wacz") as package:
        package.extract("archive/data.warc.gz", folder)
    return {
        "archive": kept.warc,
        "export.warc.gz": folder / "export.warc.gz",
        "export.wacz": folder / "archive" / "data.warc.gz",
        "package": folder / "export.wacz",
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_warcio_finds_every_digest_right(shape: str, files: dict[str, Path]) -> None:
    done = subprocess.run(
        [SCRIPTS / "warcio", "check", "-v", files[shape]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    captures = len(PAGES) if shape == "archive" else len(ARTICLES)
    # It says nothing of a revisit; of its request and metadata it does.
    assert done.stdout.count("digest pass") == 1 + 3 * captures + 2 * len(AGAIN)


@pytest.mark.parametrize("shape", SHAPES)
def test_fastwarc_finds_every_digest_right(shape: str, files: dict[str, Path], kept: Kept) -> None:
    kinds = []
    with files[shape].open("rb") as stream:
        for record in FastIterator(stream, parse_http=False):
            assert record.verify_block_digest(), record.record_id
            kinds.append(record.headers["WARC-Type"])
    captures = len(PAGES) if shape == "archive" else len(ARTICLES)
    assert Counter(kinds) == {
        "warcinfo": 1,
        "response": captures,
        "revisit": len(AGAIN),
        "request": captures + len(AGAIN),
        "metadata": captures + len(AGAIN),
    }
    with files[shape].open("rb") as stream:
        responses = (record for record in FastIterator(stream) if record.headers["WARC-Type"] == "response")
        wrong = [record.headers["WARC-Target-URI"] for record in responses if not record.verify_payload_digest()]
    # This reader takes an HTTP head with bare line feeds for a part of the body.
    assert wrong == ([kept.url("/bare-lf")] if shape == "archive" else [])


@pytest.mark.parametrize("shape", SHAPES)
def test_warcio_reads_the_bytes_that_the_server_sent(shape: str, files: dict[str, Path], kept: Kept) -> None:
    bodies = {}
    with files[shape].open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                bodies[record.rec_headers["WARC-Target-URI"]] = record.raw_stream.read()
    expected = {
        url: told.body
        for url, told in kept.sent.items()
        if shape == "archive" or url in {kept.url(path) for path in ARTICLES}
    }
    assert bodies == expected


def test_the_index_of_a_package_is_what_the_common_indexer_makes(files: dict[str, Path]) -> None:
    indexer = [SCRIPTS / "cdxj-indexer", "--sort", files["export.wacz"]]
    expected = subprocess.run(indexer, capture_output=True, check=True).stdout
    with zipfile.ZipFile(files["package"]) as package:
        found = gzip.decompress(package.read("indexes/index.cdx.gz"))
    assert found.splitlines() == [line for line in expected.splitlines() if b'"status": "304"' not in line]
    assert expected.count(b"\n") == len(ARTICLES) + len(AGAIN) == found.count(b"\n") + 1


def test_the_validator_of_the_format_accepts_a_package(files: dict[str, Path], others: Path, tmp_path: Path) -> None:
    assert _validated(others, files["package"])
    damaged = tmp_path / "damaged.wacz"
    with zipfile.ZipFile(files["package"]) as source, zipfile.ZipFile(damaged, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, data[:-1] if entry.filename == "pages/pages.jsonl" else data)
    assert not _validated(others, damaged)


def _validated(others: Path, path: Path) -> bool:
    done = subprocess.run([others / "wacz", "validate", "-f", path], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "is valid" in done.stdout


@pytest.fixture(scope="module")
def replayed(replay: Callable[[Path], Replay], files: dict[str, Path]) -> Replay:
    """The archive's own WARC file in a replay server."""
    return replay(files["archive"])


@pytest.mark.parametrize("path", PAGES)
def test_a_replay_server_gives_back_what_the_server_sent(path: str, replayed: Replay, kept: Kept) -> None:
    response, body = replayed.get(kept.url(path))
    assert body == PAGES[path].body
    assert response.status == int(PAGES[path].head.split(b" ")[1][:3])


def test_a_package_opens_in_a_replay_server_as_it_is(
    replay: Callable[[Path], Replay], files: dict[str, Path], kept: Kept
) -> None:
    server = replay(files["package"])
    for path, told in ARTICLES.items():
        response, body = server.get(kept.url(path))
        assert (response.status, body) == (200, told.body)
    for path, revisit in kept.revisits.items():
        response, body = server.get(kept.url(path), at=revisit.captured_at)
        assert (response.status, body) == (200, ARTICLES[path].body)
        shown = parsedate_to_datetime(response.headers["Memento-Datetime"])
        # What was sent again is shown at its own time; for an answer 304, the capture that holds the page.
        assert (shown == revisit.captured_at.replace(microsecond=0)) == (revisit.status == 200)
    assert server.get(kept.url("/paper.pdf"))[0].status == 404


def test_a_page_of_a_package_is_seen_in_a_browser(
    replay: Callable[[Path], Replay], browser: Browser, files: dict[str, Path], kept: Kept, tmp_path: Path
) -> None:
    server = replay(files["package"])
    pages = {"/2019/chunked-and-packed": "A chunked and packed page", "/2019/latin-page": "A page in Latin"}
    for path, headline in pages.items():
        shown = browser.dom(server.url(kept.url(path)))
        assert f"<h1>{headline}</h1>" in shown
        assert "Café, Hà Nội." in shown
    # The text could stand in the page and not be seen; an empty window would look like the blank page.
    seen = browser.screenshot(server.url(kept.url("/2019/latin-page")), tmp_path / "page.png")
    assert seen != browser.screenshot("about:blank", tmp_path / "blank.png")


def test_evidence_is_a_bag_to_the_tool_for_bags(kept: Kept, others: Path, tmp_path: Path) -> None:
    with newsarchive.open(kept.folder) as archive:
        done = archive.evidence(kept.url("/2019/packed"), tmp_path / "e.zip")
    with zipfile.ZipFile(done.path) as package:
        package.extractall(tmp_path / "bags")
    (bag,) = (tmp_path / "bags").iterdir()
    validate = [others / "bagit.py", "--validate", bag]
    assert subprocess.run(validate, check=False, capture_output=True).returncode == 0
    checked = [SCRIPTS / "warcio", "check", bag / "data" / "captures.warc.gz"]
    assert subprocess.run(checked, check=False, capture_output=True).returncode == 0
    (bag / "data" / "version-1.txt").write_text("other words")
    assert subprocess.run(validate, check=False, capture_output=True).returncode != 0
