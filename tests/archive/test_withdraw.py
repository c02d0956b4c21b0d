"""What is withdrawn is nowhere any more, stays away, and is accounted for; all else is as it was."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.errors import ArchiveLocked, IntegrityError, NotFound, UsageError
from newsarchive.models import Candidate, Origin, Role, Via
from newsarchive.warc import Exchange, read_member, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.archive.guarding import Withdrawal


SECRET = (
    "Quartermaster Ottoline Vexley signed the dredging contract in the harbor office before anyone had read it.",
    "Her brother, a zookeeper by trade, told the inquiry that eleven crates of flamingos were never unloaded at all.",
    "The inquiry will sit again in the spring, when the remaining crates are opened under the eyes of a notary.",
)
EDITED = (
    *SECRET,
    "Ottoline Vexley answered on Thursday that the flamingos had been a misunderstanding of the manifest.",
)
URL = "https://www.harbor.example/people/vexley"
AMP = "https://amp.harbor.example/people/vexley"
SHORT = "https://harbor.example/s/77"
FEED = "https://harbor.example/feed.xml"
OTHER = "https://harbor.example/politics/summit-ends"


def members(path: Path) -> list[bytes]:
    """The records of a WARC file, each as its gzip member."""
    data, found = path.read_bytes(), []
    while data:
        inflater = zlib.decompressobj(31)
        inflater.decompress(data)
        found.append(data[: len(data) - len(inflater.unused_data)])
        data = inflater.unused_data
    return found


def all_bytes(folder: Path) -> bytes:
    """Everything that an archive folder holds, WARC files unpacked, bodies decoded of nothing else."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if ".warc.gz" in path.name:
            parts += [zlib.decompress(member, 31) for member in members(path)]
        else:
            parts.append(path.read_bytes())
    return b"\0".join(parts)


def words_left(folder: Path) -> set[str]:
    """Words that only the withdrawn article has, wherever they stand: sentences, terms of the index, headlines."""
    data = all_bytes(folder).lower()
    return {word for word in ("ottoline", "flamingos", "zookeeper", "notary", "dredging") if word.encode() in data}


def rest_of(folder: Path) -> dict[str, Any]:
    """What a user sees of all other articles."""
    with newsarchive.open(folder) as archive:
        return {
            "articles": [article.model_dump(mode="json") for article in archive.articles() if article.url != URL],
            "hits": [hit.url for hit in archive.search("opera OR mayor", sort="oldest")],
        }


@pytest.fixture
def filled(folder: Path, record: Callable[..., Any], page: Callable[..., bytes]) -> Path:
    """An article with an edit, an AMP form, a redirect to it, a second sight and a feed that quotes it; and others."""
    secret = page(URL, headline="Vexley and the crates", paragraphs=SECRET)
    edited = page(URL, headline="Vexley and the crates", paragraphs=EDITED)
    feed = f"<rss><channel><item><description>&lt;p&gt;{SECRET[1]}&lt;/p&gt;</description></item></channel></rss>"
    with newsarchive.open(folder, mode="rw") as archive:
        record(archive, OTHER, page(OTHER))
        with archive.recorder() as recorder:  # several captures in one WARC file
            for number, (url, body) in enumerate(
                [(URL, secret), (OTHER + "-2", page(OTHER + "-2", headline="The mayor resigns")), (URL, edited)]
            ):
                recorder.record(_exchange(url, body, number), origin=_origin())
        record(archive, AMP, secret.replace(b"<h1>", b"<h1 class='amp'>"), day=3)
        record(archive, SHORT, b"", f"Location: {URL}", status="301 Moved Permanently", day=3)
        record(archive, FEED, feed.encode(), discovery=True, day=3)
        record(archive, FEED + "?old", b"<rss><channel></channel></rss>", discovery=True, day=3)
        archive.process()
        assert len(archive.get(URL).versions) >= 2
        assert archive.search("flamingos").total == 1
    assert words_left(folder) == {"ottoline", "flamingos", "zookeeper", "notary", "dredging"}
    return folder


def _exchange(url: str, body: bytes, day: int) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    return Exchange(url, datetime(2019, 3, 1 + day, 12, tzinfo=UTC), b"GET / HTTP/1.1\r\n\r\n", head, body)


def _origin() -> Origin:
    return Origin(source="harbor")


def withdraw(folder: Path, *what: str, requester: str = "", dry_run: bool = False) -> Withdrawal:
    with newsarchive.open(folder, mode="rw") as archive:
        done = archive.withdraw(
            *(what or (URL,)), reason="asked by the person named", requester=requester, dry_run=dry_run
        )
        assert archive.verify().findings == []
        return done


def test_no_word_of_it_is_left_in_any_file_and_all_else_is_as_it_was(filled: Path) -> None:
    before = rest_of(filled)
    done = withdraw(filled, requester="O. V.")
    assert words_left(filled) == set()
    assert rest_of(filled) == before
    assert done.quoting == (FEED,)
    assert {URL, AMP, SHORT} <= set(done.urls)
    assert FEED not in done.urls
    with newsarchive.open(filled) as archive:
        assert archive.search("flamingos").total == 0
        with pytest.raises(NotFound):
            archive.get(URL)


def test_every_other_record_stays_byte_for_byte_and_the_place_of_each_is_right(filled: Path) -> None:
    before = [member for path in sorted(filled.glob("warc/*.warc.gz")) for member in members(path)]
    gone = [b"Vexley", b"vexley", b"s/77", b"feed.xml\r\n"]
    kept = {member for member in before if not any(word in zlib.decompress(member, 31) for word in gone)}
    withdraw(filled)
    after = [member for path in sorted(filled.glob("warc/*.warc.gz")) for member in members(path)]
    assert kept <= set(after)
    tombstones = [zlib.decompress(member, 31).decode() for member in set(after) - set(before)]
    assert all("WARC-Type: metadata" in text and "withdrawn: " in text for text in tombstones)
    assert {text.split("WARC-Target-URI: ")[1].split("\r\n")[0] for text in tombstones} == {URL, AMP, SHORT, FEED}
    assert all("reason: asked by the person named" in text for text in tombstones)
    scanned = {c.record_id: c for path in filled.glob("warc/*.warc.gz") for c in scan(path)}
    with newsarchive.open(filled) as archive:
        rows = {c.record_id: c for url in (OTHER, OTHER + "-2", FEED + "?old") for c in archive.captures(url)}
        assert rows.keys() == scanned.keys()
        for key, row in rows.items():
            assert row.place == scanned[key].place
            assert archive.payload(key).body
            assert read_member(filled / "warc", row.place).startswith(b"\x1f\x8b")
    lines = [line for path in filled.glob("warc/*.cdxj") for line in path.read_text().splitlines()]
    assert sorted((json.loads(line.split(" ", 2)[2])["url"]) for line in lines) == sorted(c.url for c in rows.values())


def test_a_rebuild_does_not_bring_it_back(filled: Path) -> None:
    withdraw(filled)
    before = rest_of(filled)
    shutil.rmtree(filled / "index")
    for path in filled.glob("articles.db*"):
        path.unlink()
    with newsarchive.open(filled, mode="rw") as archive:
        archive.rebuild()
        assert archive.search("flamingos").total == 0
    assert rest_of(filled) == before
    assert words_left(filled) == set()


def test_it_is_neither_queued_nor_taken_in_again(
    filled: Path, record: Callable[..., Any], page: Callable[..., bytes]
) -> None:
    again = page(URL, headline="Vexley and the crates", paragraphs=SECRET)
    with newsarchive.open(filled, mode="rw") as archive:
        archive.frontier.offer("harbor", [Candidate(url=URL, via=Via.FEED)])
        archive.withdraw(URL, reason="asked")
        assert archive.frontier.due("harbor", limit=9) == ()
        assert record(archive, URL, again, day=9) is None
        (filled.parent / "again.html").write_bytes(again)
        report, _ = archive.ingest(filled.parent / "again.html")
        assert report.captured == 0
        assert report.barred["withdrawn"] == 1
    assert words_left(filled) == set()


@pytest.mark.parametrize("named", [URL, "http://harbor.example/people/vexley/"])
def test_the_further_pages_of_an_article_go_with_it(folder: Path, page: Callable[..., bytes], named: str) -> None:
    parts = {URL: None, f"{URL}?page=2": URL, f"{URL}?page=3": f"{URL}?page=2"}
    with newsarchive.open(folder, mode="rw") as archive:
        for number, (url, via) in enumerate(parts.items(), start=1):
            text = (f"Page {number} has its own beginning, which no other page of it has.", SECRET[-number])
            body = page(URL, headline="Vexley and the crates", paragraphs=text)
            if number < len(parts):
                body = body.replace(b"</body>", f'<a rel="next" href="?page={number + 1}">Next</a></body>'.encode())
            with archive.recorder() as recorder:
                role = Role.PART if via else Role.PAGE
                recorder.record(_exchange(url, body, number), origin=Origin(source="harbor", role=role, via=via))
        archive.process()
        assert all(sentence in archive.get(URL).latest.body for sentence in SECRET)
    assert set(parts) <= set(withdraw(folder, named).urls)
    assert words_left(folder) == set()
    with newsarchive.open(folder) as archive:
        assert all(archive.bar_of(url) for url in parts)


@pytest.mark.parametrize(
    "other",
    ["http://harbor.example/people/vexley/", "https://www.harbor.example/people/vexley/amp", f"{URL}?utm_source=feed"],
)
def test_no_other_address_of_it_brings_it_back(
    folder: Path, record: Callable[..., Any], page: Callable[..., bytes], other: str
) -> None:
    body = page(None, headline="Vexley and the crates", paragraphs=SECRET)
    with newsarchive.open(folder, mode="rw") as archive:
        record(archive, URL, body)
        archive.process()
        archive.withdraw(URL, reason="asked")
        assert record(archive, other, body, day=9) is None
    assert words_left(folder) == set()


def test_the_log_is_a_chain_that_shows_every_change(filled: Path) -> None:
    withdraw(filled, requester="O. V.")
    withdraw(filled, OTHER)
    log = filled / "withdrawals.jsonl"
    with newsarchive.open(filled) as archive:
        entries = archive.withdrawals()
    assert [entry.event for entry in entries] == ["withdrawn", "removed", "withdrawn", "removed"]
    assert entries[0].requester == "O. V."
    assert all(record.payload_digest.startswith("sha1:") for record in entries[0].records)
    text = log.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    for changed in (
        text.replace("asked by the person", "asked by the police", 1),
        "".join(lines[1:]),
        "".join([lines[0], *lines[2:]]),
        "".join([lines[1], lines[0], *lines[2:]]),
        "no line\n" + text,
    ):
        log.write_text(changed, encoding="utf-8")
        with newsarchive.open(filled, mode="rw") as archive, pytest.raises(IntegrityError, match="line"):
            archive.withdrawals()
    log.write_text(text + '{"number": 5, "ti', encoding="utf-8")  # a writer that was killed
    withdraw(filled, OTHER + "-2")
    with newsarchive.open(filled) as archive:
        assert len(archive.withdrawals()) == 6


def test_a_dry_run_changes_nothing(filled: Path) -> None:
    def state() -> dict[str, bytes]:
        with sqlite3.connect(filled / "articles.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return {
            str(path): path.read_bytes()
            for path in filled.rglob("*")
            if path.is_file() and path.suffix != ".lock" and "db-" not in path.name
        }

    before = state()
    found = withdraw(filled, dry_run=True)
    assert [url for _, url, _ in found.articles] == [URL]
    assert found.number is None
    assert state() == before


def test_a_query_withdraws_all_that_it_finds(filled: Path) -> None:
    withdraw(filled, "opera")
    with newsarchive.open(filled) as archive:
        assert [article.url for article in archive.articles()] == [URL]


def test_what_is_not_held_needs_no_withdrawal_and_no_reason_is_none(filled: Path) -> None:
    with newsarchive.open(filled, mode="rw") as archive:
        with pytest.raises(NotFound, match="holds nothing"):
            archive.withdraw("https://harbor.example/nothing", reason="asked")
        with pytest.raises(UsageError, match="reason"):
            archive.withdraw(URL, reason=" ")
        with pytest.raises(UsageError, match="everything"):
            archive.withdraw(" ", reason="asked")
        assert archive.withdrawals() == ()


def test_a_file_that_is_being_written_is_left_alone_with_the_reason(folder: Path, page: Callable[..., bytes]) -> None:
    with newsarchive.open(folder, mode="rw") as archive, archive.recorder() as recorder:
        recorder.record(_exchange(URL, page(URL, paragraphs=SECRET), 0), origin=_origin())
        archive.process()
        with newsarchive.open(folder, mode="rw") as second, pytest.raises(ArchiveLocked, match="being written"):
            second.withdraw(URL, reason="asked")
        assert archive.withdrawals() == ()
        assert archive.get(URL)


def test_what_is_indexed_after_a_withdrawal_is_found(
    filled: Path, record: Callable[..., Any], page: Callable[..., bytes]
) -> None:
    with newsarchive.open(filled, mode="rw") as archive:
        record(archive, URL + "-new", page(URL + "-new", headline="Newest of all"), day=9)
        archive.process()
        archive.withdraw(URL + "-new", reason="asked")  # it had the highest revision
        record(archive, OTHER + "-9", page(OTHER + "-9", headline="A lighthouse keeper retires"), day=10)
        archive.process()
        assert archive.search("lighthouse").total == 1


def test_an_address_that_showed_other_articles_as_well_stays_open(filled: Path, record: Callable[..., Any]) -> None:
    latest = "https://harbor.example/latest"
    with newsarchive.open(filled, mode="rw") as archive:
        record(archive, latest, b"", f"Location: {URL}", status="302 Found", day=4)
        record(archive, latest, b"", f"Location: {OTHER}", status="302 Found", day=5)
        done = archive.withdraw(URL, reason="asked")
        assert latest not in done.urls
        assert [capture.location for capture in archive.captures(latest)] == [OTHER]


def _die_at(folder: Path, event: int) -> bool:
    """Withdraw in a child that is killed at the given change to a file of the archive; whether it was killed."""
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(name: str, arguments: tuple[Any, ...]) -> None:
            nonlocal seen
            writes = name in {"os.rename", "os.remove", "os.truncate", "sqlite3.connect"} or (
                name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            )
            if writes and str(folder) in os.fsdecode(str(arguments[0])):
                seen += 1
                if seen == event:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            withdraw(folder)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _changes(filled: Path, folder: Path) -> int:
    """How many changes of files a withdrawal makes: bisected by killing it, since nothing else counts them."""
    low, high = 1, 256
    while low < high:
        middle = (low + high + 1) // 2
        shutil.copytree(filled, folder)
        low, high = (middle, high) if _die_at(folder, middle) else (low, middle - 1)
        shutil.rmtree(folder)
    return low


@pytest.mark.timeout(600)
def test_a_kill_at_any_change_of_a_file_is_finished_by_the_next_who_writes(filled: Path, tmp_path: Path) -> None:
    """`WITHDRAW_KILLS=all` kills at every single one; otherwise at the first, the last and ten between."""
    before = rest_of(filled)
    last = _changes(filled, tmp_path / "counted")
    assert last > 20
    some = {1, last, *random.Random(4).sample(range(2, last), 10)}  # noqa: S311 - which moments, no secrets
    begun = 0
    for event in range(1, last + 1) if os.environ.get("WITHDRAW_KILLS") == "all" else sorted(some):
        folder = tmp_path / f"killed-{event}"
        shutil.copytree(filled, folder)
        assert _die_at(folder, event)
        log = folder / "withdrawals.jsonl"
        promised = log.exists() and log.read_bytes().endswith(b"\n")
        with newsarchive.open(folder) as archive:  # before anything is mended
            assert archive.search("flamingos").total == (0 if promised else 1)
        assert rest_of(folder) == before
        if event % 2:  # the records may be lost on top of it
            for path in folder.glob("articles.db*"):
                path.unlink()
        with newsarchive.open(folder, mode="rw") as archive:
            archive.rebuild()
        assert rest_of(folder) == before
        assert bool(words_left(folder)) != promised
        begun += promised
        shutil.rmtree(folder)
    assert begun >= 5
