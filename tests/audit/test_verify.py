"""Every planted damage is found and named, and none where there is none."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import sqlite3
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.audit.conftest import exchange

import newsarchive
from newsarchive.digests import article_id
from newsarchive.ingest.indexing import _documents
from newsarchive.models import Origin
from newsarchive.models.finding import ADVICE
from newsarchive.search import Document, IndexWriter
from newsarchive.storage import WithdrawalLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Done


def kinds(folder: Path, *, quick: bool = False) -> set[str]:
    with newsarchive.open(folder) as archive:
        return set(archive.verify(quick=quick).kinds)


def the(folder: Path, pattern: str) -> Path:
    """The oldest file that fits."""
    return min(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)


def members(data: bytes) -> list[bytes]:
    """The gzip members of a file."""
    found = []
    while data:
        inflater = zlib.decompressobj(31)
        inflater.decompress(data)
        found.append(data[: len(data) - len(inflater.unused_data)])
        data = inflater.unused_data
    return found


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    data = path.read_bytes()
    changed = change(data)
    assert changed != data
    path.write_bytes(changed)


def repacked(number: int, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Changes one WARC record and packs it so that gzip's checksum holds: only its digests can tell."""

    def plant(folder: Path) -> None:
        path = the(folder, "warc/*.warc.gz")
        parts = members(path.read_bytes())
        record = zlib.decompress(parts[number], 31)
        changed = change(record)
        assert changed != record
        parts[number] = zlib.compress(changed, 6, 31)
        path.write_bytes(b"".join(parts))

    return plant


def file(pattern: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda folder: rewrite(the(folder, pattern), change)


def gone(pattern: str) -> Callable[[Path], None]:
    return lambda folder: the(folder, pattern).unlink()


def sql(*statements: str) -> Callable[[Path], None]:
    """Changes rows behind the program's back."""

    def plant(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "articles.db", isolation_level=None)) as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount > 0, statement

    return plant


def flipped(at: float) -> Callable[[bytes], bytes]:
    """One bit flipped, at a share of the file's length."""

    def flip(data: bytes) -> bytes:
        place = int(len(data) * at)
        return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]

    return flip


def unpacked(data: bytes) -> bytes | None:
    """What a gzip file holds; None where it cannot be unpacked."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def without_member(number: int) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(part for place, part in enumerate(members(data)) if place != number)


def doubled_member(number: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        parts = members(data)
        return b"".join([*parts, parts[number]])

    return change


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


def stray_cdxj(folder: Path) -> None:
    (folder / "warc" / "20190227113005-a1b2c3-00000.cdxj").write_bytes(b"")


def unreadable(folder: Path) -> None:
    path = the(folder, "warc/*.warc.gz")
    path.unlink()
    path.mkdir()


def extra_in_index(folder: Path) -> None:
    sql(
        "DELETE FROM readings WHERE article_id = (SELECT id FROM articles WHERE url LIKE '%/b')",
        "DELETE FROM texts WHERE article_id = (SELECT id FROM articles WHERE url LIKE '%/b')",
        "DELETE FROM articles WHERE url LIKE '%/b'",
    )(folder)


@contextmanager
def index_of(folder: Path) -> Iterator[tuple[IndexWriter, Document, int]]:
    """The index, open for writing, with the document of an article and the revision of the records."""
    with newsarchive.open(folder) as archive:
        holdings = archive._holdings
        article = archive.get("https://harbor.example/b")
        (document,) = _documents(holdings, [article.id])
        with IndexWriter.open(holdings.index_folder, generation=holdings.database.generation) as writer:
            yield writer, document, holdings.articles.revision


def taken_out_of_index(folder: Path) -> None:
    with index_of(folder) as (writer, document, revision):
        writer.apply(deletes=[document.id], revision=revision)


def twice_in_index(folder: Path) -> None:
    with index_of(folder) as (writer, document, revision), pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsarchive.search.native.writer._Change._delete", lambda *_: None)
        writer.apply([document], revision=revision)


def revisit_of_other_bytes(folder: Path) -> None:
    sql("UPDATE captures SET payload_digest = 'sha1:OTHER' WHERE revisit IS NOT NULL")(folder)


def article_too_many(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "articles.db", isolation_level=None)) as connection:
        url = "https://harbor.example/never"
        connection.execute(
            "INSERT INTO articles (id, url, source, first_seen, last_seen, versions, digest, revision)"
            " SELECT ?, ?, source, first_seen, last_seen, 1, digest, 1 FROM articles LIMIT 1",
            (article_id(url), url),
        )


def lost_page(folder: Path) -> None:
    """Overwrite a page of the table of texts: SQLite has no checksums, its structure tells."""
    path = folder / "articles.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'texts'").fetchone()[0]
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : (root - 1) * size + 64] = b"\xff" * 64
    path.write_bytes(data)


WARC, CDXJ = "warc/*.warc.gz", "warc/*.cdxj"
TEXT = "UPDATE texts SET"


def log_altered(folder: Path) -> None:
    withdrawal_begun(folder)
    log = folder / "withdrawals.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace("asked", "told"), encoding="utf-8")


def withdrawal_begun(folder: Path) -> None:
    WithdrawalLog(folder).append(event="withdrawn", reason="asked", urls=("https://harbor.example/gone",))


PLANTED: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a WARC file is deleted": ("warc-missing", gone(WARC)),
    "a folder stands in the place of a WARC file": ("warc-unreadable", unreadable),
    "a bit flips in the middle of a WARC file": ("warc-damaged", file(WARC, flipped(0.5))),
    "a bit flips in the first record": ("warc-damaged", file(WARC, flipped(0.02))),
    "a bit flips at the end": ("warc-damaged", file(WARC, lambda data: data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])),
    "a WARC file is cut inside its last record": ("warc-damaged", file(WARC, lambda data: data[:-9])),
    "a WARC file is empty": ("warc-damaged", file(WARC, lambda _: b"")),
    "a WARC file is all zeros": ("warc-damaged", file(WARC, lambda data: bytes(len(data)))),
    "foreign bytes stand behind the last record": ("warc-damaged", file(WARC, lambda data: data + b"news")),
    "foreign bytes stand between two records": (
        "warc-damaged",
        file(WARC, lambda data: b"news".join(members(data))),
    ),
    "a record's Content-Length is too large": (
        "warc-damaged",
        repacked(4, lambda data: re.sub(rb"Content-Length: (\d+)", rb"Content-Length: 1\1", data, count=1)),
    ),
    "a record's Content-Length is too small": (
        "warc-damaged",
        repacked(4, lambda data: re.sub(rb"Content-Length: \d+", rb"Content-Length: 7", data, count=1)),
    ),
    "a record has no date": ("warc-damaged", repacked(4, lambda data: data.replace(b"WARC-Date", b"WARC-Dote"))),
    "a page is altered": ("warc-block-digest", repacked(4, lambda data: data.replace(b"opera", b"OPERA"))),
    "a page and its block digest are altered": (
        "warc-payload-digest",
        repacked(4, lambda data: re.sub(rb"WARC-Block.*?\r\n", b"", data).replace(b"opera", b"OPERA")),
    ),
    "a metadata record is altered": (
        "warc-block-digest",
        repacked(6, lambda data: data.replace(b"role: page", b"role: pear")),
    ),
    "the warcinfo record is altered": (
        "warc-block-digest",
        repacked(0, lambda data: data.replace(b"software: news", b"software: olds")),
    ),
    "a record's id is altered": (
        "row-differs",
        repacked(4, lambda data: re.sub(rb"(WARC-Record-ID: <urn:uuid:)....", rb"\g<1>0000", data)),
    ),
    "a record's URL is altered": (
        "row-differs",
        repacked(4, lambda data: data.replace(b"harbor.example", b"marbor.example", 1)),
    ),
    "a record's time is altered": (
        "row-differs",
        repacked(4, lambda data: re.sub(rb"WARC-Date: \d{4}", b"WARC-Date: 1999", data)),
    ),
    "a capture is cut out of its file": ("row-stray", file(WARC, without_member(4))),
    "the end of a file is cut off between two records": (
        "row-stray",
        file(WARC, lambda data: b"".join(members(data)[:3])),
    ),
    "a capture's metadata record is cut out": ("row-differs", file(WARC, without_member(6))),
    "a CDXJ file is deleted": ("cdxj-missing", gone(CDXJ)),
    "a CDXJ file is empty": ("cdxj-lacks", file(CDXJ, lambda _: b"")),
    "a line of a CDXJ file is missing": ("cdxj-lacks", file(CDXJ, lines(lambda all_: all_[1:]))),
    "a line of a CDXJ file is there twice": ("cdxj-extra", file(CDXJ, lines(lambda all_: [all_[0], *all_]))),
    "a line names another place": (
        "cdxj-extra",
        file(CDXJ, lambda data: data.replace(b'"offset": "', b'"offset": "9')),
    ),
    "a line names another digest": ("cdxj-differs", file(CDXJ, lambda data: data.replace(b"sha1:", b"sha1:A"))),
    "the lines are not sorted": ("cdxj-unsorted", file(CDXJ, lines(lambda all_: all_[::-1]))),
    "a line is garbage": ("cdxj-unreadable", file(CDXJ, lambda data: b"\xff\x00\n" + data)),
    "a CDXJ file is cut": ("cdxj-unreadable", file(CDXJ, lambda data: data[:-20])),
    "a CDXJ file stands alone": ("cdxj-stray", stray_cdxj),
    "the row of a capture is deleted": (
        "row-missing",
        sql("DELETE FROM captures WHERE id IN (SELECT id FROM captures WHERE state = 'rejected' LIMIT 1)"),
    ),
    "a row names another file": ("warc-missing", sql("UPDATE captures SET file = 'x.warc.gz' WHERE id = 2")),
    "a row names another place": ("row-stray", sql("UPDATE captures SET offset = offset + 1 WHERE id = 2")),
    "a row names another length": ("row-differs", sql("UPDATE captures SET length = length + 1 WHERE id = 2")),
    "a row names another digest": ("row-differs", sql("UPDATE captures SET payload_digest = 'sha1:A' WHERE id = 2")),
    "a row names another URL": ("row-differs", sql("UPDATE captures SET url = url || 'x' WHERE id = 2")),
    "a row names another source": ("row-differs", sql("UPDATE captures SET source = 'other' WHERE id = 2")),
    "two rows have changed places": (
        "row-differs",
        sql(
            "UPDATE captures SET offset = (SELECT sum(offset) FROM captures WHERE id IN (2, 3)) - offset"
            " WHERE id IN (2, 3)",
        ),
    ),
    "the capture that a revisit refers to is gone": ("revisit-stray", sql("DELETE FROM captures WHERE id = 1")),
    "a revisit names other bytes": ("revisit-stray", revisit_of_other_bytes),
    "a page of the database is overwritten": ("database-damaged", lost_page),
    "a reading is deleted": ("reading-missing", sql("DELETE FROM readings WHERE capture_id = 2")),
    "a capture with a reading is not accepted": (
        "reading-stray",
        sql("UPDATE captures SET state = 'rejected', problems = '[]' WHERE id = 2"),
    ),
    "a reading names no capture": (
        "reference-broken",
        sql("UPDATE readings SET capture_id = 99 WHERE capture_id = 2"),
    ),
    "a reading has another time": (
        "reading-differs",
        sql("UPDATE readings SET captured_at = '1999' || substr(captured_at, 5) WHERE capture_id = 2"),
    ),
    "a reading names another text": (
        "text-missing",
        sql("UPDATE readings SET digest = 'sha256:0' WHERE capture_id = 2"),
    ),
    "a text is deleted": ("text-missing", sql("DELETE FROM texts WHERE capture_id = 2")),
    "a text is there too many": (
        "text-stray",
        sql("INSERT INTO texts SELECT article_id, 'sha256:0', capture_id, captured_at, headline, category, published,"
            " published_unix, language, word_count, body, fields FROM texts LIMIT 1"),
    ),
    "a text names another capture": ("text-source", sql("UPDATE texts SET capture_id = 99 WHERE capture_id = 2")),
    "a word of a text is altered": ("text-differs", sql("UPDATE texts SET body = replace(body, 'opera', 'OPERA')")),
    "a headline is altered": ("text-differs", sql("UPDATE texts SET headline = headline || '!' WHERE capture_id = 2")),
    "an article is deleted": ("article-missing", sql("DELETE FROM articles WHERE versions = 2")),
    "an article has no reading": ("article-stray", article_too_many),
    "an article counts another number of versions": ("article-differs", sql("UPDATE articles SET versions = 7")),
    "an article was last seen at another time": (
        "article-differs",
        sql("UPDATE articles SET last_seen = '2999' || substr(last_seen, 5)"),
    ),
    "an article has another URL": ("article-differs", sql("UPDATE articles SET url = url || 'x'")),
    "an article's newest text is another": ("article-differs", sql("UPDATE articles SET digest = 'sha256:0'")),
    "a bit flips in the index": ("index-damaged", file("index/*.arr", flipped(0.31))),
    "a bit flips in the index's table of contents": ("index-damaged", file("index/_MAIN_*.toc", flipped(0.9))),
    "a file of the index is deleted": ("index-damaged", gone("index/*.arr")),
    "a file of the index is cut": ("index-damaged", file("index/*.arr", lambda data: data[: len(data) // 2])),
    "the index has an article too many": ("index-extra", extra_in_index),
    "the index lacks an article": ("index-lacks", taken_out_of_index),
    "the index has an article twice": ("index-twice", twice_in_index),
    "the log of withdrawals holds no entry": ("withdrawals-damaged", log_altered),
    "a withdrawal has no end": ("withdrawal-unfinished", withdrawal_begun),
}  # fmt: skip
"""What is done to a whole archive, and the kind of damage that must be told of it."""


def test_a_whole_archive_has_no_damage(filled: Path) -> None:
    assert kinds(filled) == set()
    assert kinds(filled, quick=True) == set()


@pytest.mark.parametrize("name", PLANTED)
def test_planted_damage_is_found_and_named(filled: Path, name: str) -> None:
    kind, plant = PLANTED[name]
    plant(filled)
    assert kind in kinds(filled)


def test_every_kind_of_damage_is_planted() -> None:
    assert {kind for kind, _ in PLANTED.values()} == set(ADVICE)


def test_the_command_lists_damage_and_ends_with_five(filled: Path, command: Callable[..., Done]) -> None:
    done = command("-A", filled, "verify")
    assert (done.code, done.out) == (0, "")
    assert "no damage" in done.err
    gone(CDXJ)(filled)
    done = command("-A", filled, "verify", "--json")
    assert done.code == 5
    assert done.json["kinds"] == {"cdxj-missing": 1}
    (finding,) = done.json["results"]
    assert finding["file"].startswith("warc/")
    assert "newsarchive rebuild" in finding["advice"]
    assert json.loads(done.out)["schema"] == "newsarchive.verify/1"


@pytest.mark.parametrize("number", range(40))
def test_a_flipped_bit_anywhere_is_found(filled: Path, number: int) -> None:
    """In WARC, CDXJ and index files, which have checksums; in the database SQLite tells what breaks its structure."""
    chance = random.Random(number)  # noqa: S311 - places, not secrets
    paths = sorted(path for pattern in (WARC, CDXJ, "index/*.arr") for path in filled.glob(pattern))
    path = chance.choice(paths)
    before = path.read_bytes()
    rewrite(path, flipped(chance.random()))
    # A gzip header says when and where it was packed, under no checksum (RFC 1952); nothing that is kept changes.
    says_the_same = path.suffix == ".gz" and unpacked(path.read_bytes()) == unpacked(before)
    assert kinds(filled) or says_the_same


def test_what_is_on_its_way_is_no_damage(filled: Path, page: Callable[..., bytes]) -> None:
    url = "https://harbor.example/new"
    with newsarchive.open(filled, mode="rw") as archive, archive.recorder() as recorder:
        recorder.record(exchange(url, page(url), minutes=99), origin=Origin(source="harbor"))
        recorder._writer.write(exchange(f"{url}er", page(url), minutes=99), origin=Origin(source="harbor"))
        found = archive.verify()
        assert found.kinds == {}
        assert (found.lag.without_row, found.lag.waiting, found.lag.not_indexed) == (1, 1, 0)
        recorder._writer.leave()
    left = the(filled, "warc/*.open")
    left.write_bytes(left.read_bytes()[:-7])  # as a kill leaves it
    assert kinds(filled) == set()
    with newsarchive.open(filled, mode="rw") as archive:
        archive.process()
        with archive.recorder():  # a writer that opens mends what was left
            pass
        found = archive.verify()
        assert (found.kinds, found.lag.without_row, found.lag.waiting) == ({}, 0, 1)


def test_a_missing_index_is_no_damage(filled: Path) -> None:
    shutil.rmtree(filled / "index")
    with newsarchive.open(filled) as archive:
        found = archive.verify()
    assert (found.kinds, found.lag.not_indexed) == ({}, 3)


@pytest.mark.parametrize("name", [name for name, (kind, _) in PLANTED.items() if kind.startswith(("cdxj", "index"))])
def test_a_rebuild_mends_what_its_advice_says_that_it_mends(filled: Path, name: str) -> None:
    kind, plant = PLANTED[name]
    plant(filled)
    assert "newsarchive rebuild" in ADVICE[kind] or kind == "cdxj-stray"
    with newsarchive.open(filled, mode="rw") as archive:
        archive.rebuild()
        left = set(archive.verify().kinds)
    assert left <= ({kind} if kind == "cdxj-stray" else {"article-stray", "reading-missing"})


def test_records_that_were_altered_come_back_as_their_advice_says(filled: Path) -> None:
    PLANTED["a word of a text is altered"][1](filled)
    (filled / "articles.db").rename(filled / "articles.old")
    for path in filled.glob("articles.db-*"):
        path.unlink()
    with newsarchive.open(filled, mode="rw") as archive:
        archive.rebuild()
        assert archive.verify().kinds == {}


def test_a_database_that_is_none_ends_with_five(filled: Path, command: Callable[..., Done]) -> None:
    (filled / "articles.db").write_bytes(b"no database" * 1000)
    done = command("-A", filled, "verify")
    assert done.code == 5
    assert "newsarchive rebuild" in done.err


def test_many_damages_are_counted_and_the_first_are_listed(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsarchive.audit.verification.MOST_LISTED", 1)
    PLANTED["a CDXJ file is empty"][1](filled)
    with newsarchive.open(filled) as archive:
        found = archive.verify()
    assert (len(found.findings), found.kinds["cdxj-lacks"]) == (1, 4)
