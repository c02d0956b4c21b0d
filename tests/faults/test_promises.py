"""What is promised of full disks, read-only folders, clocks and damaged files; the table is docs/reliability.md."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Done

import newsarchive
from newsarchive.models import Candidate, Origin, Via
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.storage import Frontier

PAGES = 12
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
AHEAD = timedelta(days=400)


@pytest.fixture
def pile(tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """Saved pages that do not shrink much when they are packed."""
    pile = tmp_path / "pile"
    pile.mkdir()
    for number in range(PAGES):
        noise = tuple(f"word{number * 7919 + place * 104729:x} " * 3 for place in range(400))
        (pile / f"{number:02}.html").write_bytes(page(f"https://harbor.example/{number}", paragraphs=noise))
    return pile


@pytest.fixture
def filled(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """An archive of two articles."""
    pile = tmp_path / "two"
    pile.mkdir()
    for name in ("one", "two"):
        (pile / f"{name}.html").write_bytes(page(f"https://harbor.example/{name}"))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pile)
    return folder


def whole(folder: Path) -> tuple[int, int]:
    """How many articles are found; the archive must have no damage."""
    with newsarchive.open(folder) as archive:
        verified = archive.verify()
        assert verified.ok, verified.findings
        return archive.status().articles, archive.search("opera OR word*").total


class Disk:
    """A file system in memory that only its own processes see: it ends with the tests, also when these are killed."""

    def __init__(self, place: Path, holder: subprocess.Popen[str]) -> None:
        self._place = place
        self._inside = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt"]

    def remount(self, options: str) -> None:
        mount = ["mount", "-o", f"remount,{options}", "none", self._place]
        subprocess.run([*self._inside, *mount], check=True)

    def copy(self, folder: Path) -> None:
        subprocess.run([*self._inside, "cp", "-r", folder, self._place], check=True)

    def command(self, *arguments: object) -> Done:
        """Run the `newsarchive` command where the disk can be seen."""
        called = [*self._inside, sys.executable, "-m", "newsarchive", *map(str, arguments)]
        done = subprocess.run(called, capture_output=True, timeout=120, check=False)
        return Done(done.returncode, done.stdout, done.stderr.decode())


@contextmanager
def mounted(place: Path, options: str) -> Iterator[Disk]:
    """A disk at a place; skips where this user may not mount one."""
    place.mkdir()
    mount = 'mount -t tmpfs -o "$1" none "$2" && echo mounted && exec cat'
    called = ["unshare", "--mount", "sh", "-c", mount, "sh", options, place]
    pipe = subprocess.PIPE
    with subprocess.Popen(called, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as holder:  # ends with its stdin
        assert holder.stdout
        assert holder.stderr
        if not holder.stdout.readline():
            pytest.skip(f"no file system can be mounted here: {holder.stderr.read().strip()}")
        yield Disk(place, holder)


def test_a_full_disk_is_told_with_the_file_and_the_import_goes_on_when_there_is_room(
    tmp_path: Path, pile: Path
) -> None:
    folder = tmp_path / "disk" / "archive"
    with mounted(folder.parent, "size=700k") as disk:
        assert disk.command("init", folder).code == 0
        done = disk.command("-A", folder, "import", pile)
        assert done.code in {1, 3, 4}
        assert "No space left on device" in done.err or "disk is full" in done.err
        assert str(folder) in done.err or "pile" in done.err
        assert "Traceback" not in done.err
        disk.remount("size=20m")
        assert disk.command("-A", folder, "import", pile).code == 0
        assert disk.command("-A", folder, "verify").code == 0
        assert disk.command("-A", folder, "search", "opera OR word*", "--json").json["total"] == PAGES
    assert not folder.exists()


def test_a_read_only_folder_can_be_searched_and_writing_says_so(tmp_path: Path, filled: Path) -> None:
    folder = tmp_path / "disk" / filled.name
    with mounted(folder.parent, "size=20m") as disk:
        disk.copy(filled)
        disk.remount("ro")
        found = disk.command("-A", folder, "search", "opera", "--json")
        assert (found.code, found.json["total"]) == (0, 2), found.err
        assert disk.command("-A", folder, "verify").code == 0
        done = disk.command("-A", folder, "process")
        assert done.code in {1, 3}
        assert str(folder) in done.err
        assert "tip:" in done.err
        assert "Traceback" not in done.err


def test_an_overlapping_start_takes_over_from_a_dead_process(folder: Path) -> None:
    program = "import sys, os, newsarchive\nwith newsarchive.open(sys.argv[1], mode='rw') as archive:\n"
    program += "    archive._holdings.lock('crawl-x').__enter__(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", program, folder], check=False)
    assert (folder / ".locks" / "crawl-x.lock").read_text().split()[0].isdigit()
    with newsarchive.open(folder, mode="rw") as archive, archive.lock("crawl-x"):
        assert (folder / ".locks" / "crawl-x.lock").read_text().split()[0] == str(os.getpid())


def exchange(at: datetime, body: bytes) -> Exchange:
    return Exchange("https://harbor.example/one", at, b"", HEAD, body)


def test_a_capture_from_a_clock_that_was_ahead_hides_no_edit(
    archive: newsarchive.Archive, page: Callable[..., bytes]
) -> None:
    now = datetime.now(UTC) - timedelta(hours=3)
    first, second = page("https://harbor.example/one"), page("https://harbor.example/one", headline="Summit over")
    with archive.recorder() as recorder:
        recorder.record(exchange(now + AHEAD, first), origin=Origin())
        recorder.record(exchange(now, second), origin=Origin())
        recorder.record(exchange(now + timedelta(hours=1), first), origin=Origin())
    archive.process()
    captures = archive.captures("https://harbor.example/one")
    assert [one.captured_at for one in captures] == [now, now + timedelta(hours=1), now + AHEAD]
    assert [version.headline for version in archive.get("https://harbor.example/one").versions] == [
        "Summit over",
        "Summit ends without a deal",
    ]


def test_what_a_clock_that_was_ahead_put_on_the_frontier_is_fetched_now_and_not_without_end(
    archive: newsarchive.Archive,
) -> None:
    frontier: Frontier = archive.frontier
    url = "https://harbor.example/one"
    frontier.offer("harbor", [Candidate(url=url, via=Via.FEED)])
    with archive._holdings.database.transaction() as connection:
        later = (datetime.now(UTC) + AHEAD).isoformat(timespec="microseconds")
        connection.execute("UPDATE frontier SET discovered_at = ?, due_at = ?", (later, later))
    assert [due.url for due in frontier.due("harbor", limit=5)] == [url]
    frontier.postpone("harbor", url, wait=timedelta(hours=1), problem="the host asked to wait")
    assert frontier.due("harbor", limit=5) == ()


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def filled_with_noise(path: Path) -> None:
    path.write_bytes(b"\xa5\x17 nothing of the kind" * 400)


DAMAGES = (flipped, halved, emptied, filled_with_noise, os.unlink)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cdxj_file_is_named_and_made_anew(
    filled: Path, command: Callable[..., Done], damage: Callable[[Path], None]
) -> None:
    (path,) = (filled / "warc").glob("*.cdxj")
    before = path.read_bytes()
    damage(path)
    assert command("-A", filled, "search", "opera", "--json").json["total"] == 2
    done = command("-A", filled, "verify")
    assert done.code == 5
    assert path.name in done.out or path.with_suffix(".warc.gz").name in done.out
    assert command("-A", filled, "rebuild").code == 0
    assert path.read_bytes() == before
    assert whole(filled) == (2, 2)


@pytest.mark.parametrize("damage", DAMAGES[1:])
def test_damaged_records_are_named_and_come_back_from_the_captures(
    filled: Path, command: Callable[..., Done], damage: Callable[[Path], None]
) -> None:
    path = filled / "articles.db"
    damage(path)
    done = command("-A", filled, "verify")
    assert done.code in {3, 5}
    assert "newsarchive rebuild" in done.out + done.err
    assert "Traceback" not in done.err
    path.unlink(missing_ok=True)
    assert command("-A", filled, "rebuild").code == 0
    assert whole(filled) == (2, 2)


def test_a_crawl_or_an_import_upon_records_that_were_lost_brings_them_back(
    filled: Path, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    (filled / "articles.db").unlink()
    (tmp_path / "three.html").write_bytes(page("https://harbor.example/three"))
    with newsarchive.open(filled, mode="rw") as archive:
        archive.ingest(tmp_path / "three.html")
    assert whole(filled) == (3, 3)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["stamp.json", "_MAIN_*.toc", "MAIN_*.arr"])
def test_a_damaged_index_gives_no_wrong_answer_in_silence_and_is_made_anew(
    filled: Path, command: Callable[..., Done], name: str, damage: Callable[[Path], None]
) -> None:
    (path,) = (filled / "index").glob(name)
    damage(path)
    found = command("-A", filled, "search", "opera", "--json")
    assert "Traceback" not in found.err
    if found.code:
        assert found.code in {3, 5}
        assert "newsarchive rebuild" in found.err
    else:
        assert found.json["total"] == 2
        assert command("-A", filled, "verify").code == 5
    assert command("-A", filled, "rebuild").code == 0
    assert whole(filled) == (2, 2)


def test_a_page_of_the_records_that_changed_on_the_disk_is_found(filled: Path, command: Callable[..., Done]) -> None:
    path = filled / "articles.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'readings'").fetchone()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = bytes(size)
    path.write_bytes(data)
    done = command("-A", filled, "verify")
    assert done.code == 5
    assert "Traceback" not in done.err
