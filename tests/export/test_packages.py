"""What leaves the archive as a package is what lies in it, byte for byte; what cannot be put in is told."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.export.conftest import EDITED, EXCHANGES, OTHER, SITE, article, exchange, kinds, members

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.digests import warc_sha1
from newsarchive.errors import NotFound, UsageError
from newsarchive.export.gathering import Gathering
from newsarchive.models import Capture, Origin, Place, Profile, Revisit, Role
from newsarchive.warc import Taken, WaczWriter, WarcWriter
from newsarchive.warc.record import Header, build, new_record_id, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Done

    from newsarchive import Archive
    from newsarchive.export.gathering import Versions


def own_warc(archive: Archive) -> Path:
    (path,) = (archive.folder / "warc").glob("*.warc.gz")
    return path


def warc_of(path: Path, folder: Path) -> Path:
    """The WARC file of an export."""
    if path.suffix != ".wacz":
        return path
    with zipfile.ZipFile(path) as package:
        package.extract("archive/data.warc.gz", folder)
    return folder / "archive" / "data.warc.gz"


@pytest.mark.parametrize("name", ["all.warc.gz", "all.wacz"])
def test_every_record_of_the_articles_is_copied_byte_for_byte(opened: Archive, tmp_path: Path, name: str) -> None:
    done = opened.search("").export(tmp_path / name)
    found = members(warc_of(tmp_path / name, tmp_path))
    assert sorted(kinds(found)) == sorted(
        ["warcinfo"] + ["response"] * 4 + ["revisit"] * 2 + ["request", "metadata"] * len(EXCHANGES)
    )
    assert sorted(found[1:]) == sorted(members(own_warc(opened))[1:])
    assert (done.articles, done.captures, done.records, done.problems) == (2, 6, 19, ())
    assert done.size == (tmp_path / name).stat().st_size


def test_only_the_articles_that_answer_are_in_it_with_all_that_their_urls_answered(
    opened: Archive, tmp_path: Path
) -> None:
    opened.search("headline:collapses").export(tmp_path / "some.warc.gz")
    statuses = [opened_capture.status for opened_capture in opened.captures(EDITED)]
    assert statuses == [200, 200, 410]
    found = [gzip.decompress(part) for part in members(tmp_path / "some.warc.gz")]
    assert sum(b"HTTP/1.1 410 Gone" in part for part in found) == 1
    assert not any(OTHER.encode() in part for part in found)


def test_of_the_latest_version_there_is_one_capture(opened: Archive, tmp_path: Path) -> None:
    done = opened.search("").export(tmp_path / "latest.wacz", versions="latest")
    assert (done.articles, done.captures) == (2, 2)
    with zipfile.ZipFile(tmp_path / "latest.wacz") as package:
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()[1:]]
    assert {page["title"] for page in pages} == {"Summit collapses over inspections", "Talks go on behind closed doors"}


def test_each_version_is_a_page_that_the_index_leads_to(opened: Archive, tmp_path: Path) -> None:
    opened.search("").export(tmp_path / "all.wacz")
    with zipfile.ZipFile(tmp_path / "all.wacz") as package:
        header, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
        index = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        described = json.loads(package.read("datapackage.json"))
    assert header == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
    keys = {(json.loads(line.split(" ", 2)[2])["url"], line.split(" ")[1]) for line in index}
    articles = {found.id: found for found in opened.articles()}
    assert len(pages) == sum(len(found.versions) for found in articles.values()) == 3
    for page in pages:
        article_id, number = page["id"].split("@")
        version = articles[article_id].versions[int(number) - 1]
        assert (page["title"], page["text"]) == (version.headline, version.body)
        stamp = "".join(character for character in page["ts"] if character.isdigit())
        assert (page["url"], stamp) in keys
    assert described["wacz_version"] == "1.1.1"
    assert described["title"] == "Hanoi summit"
    assert described["description"] == "Captures of the articles: every article"


@pytest.mark.parametrize("name", ["all.warc.gz", "all.wacz"])
def test_another_archive_that_takes_it_in_has_the_same_articles(opened: Archive, tmp_path: Path, name: str) -> None:
    opened.search("").export(tmp_path / name)
    with newsarchive.open(init_folder(tmp_path / "other"), mode="rw") as other:
        report, _ = other.ingest(tmp_path / name)
        assert (report.captured, report.damaged) == (6, [])
        assert [found.model_dump(exclude={"source"}) for found in other.articles()] == [
            found.model_dump(exclude={"source"}) for found in opened.articles()
        ]
        via = {capture.origin.via for capture in other.captures(EDITED)}
        assert via == ({"all.wacz/archive/data.warc.gz"} if name == "all.wacz" else {None})
        assert other.ingest(tmp_path / name)[0].duplicates == 6


def _revisit(archive: Archive, *, url: str, target: Capture) -> Capture:
    """A capture that says that its page was the same as another one."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    record_id = new_record_id()
    fields = [
        ("WARC-Type", "revisit"),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Date", "2019-03-10T00:00:00Z"),
        ("WARC-Target-URI", url),
        ("WARC-Refers-To", f"<{target.record_id}>"),
        ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
        ("WARC-Payload-Digest", target.payload_digest),
        ("WARC-Block-Digest", warc_sha1(block)),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    capture = Capture(
        record_id=record_id,
        url=url,
        captured_at=datetime(2019, 3, 10, tzinfo=UTC),
        place=Place(file="-", offset=0, length=1),
        status=200,
        payload_digest=target.payload_digest,
        revisit=Revisit(profile=Profile.IDENTICAL, refers_to=target.record_id),
    )
    with WarcWriter(archive.folder / "warc", max_file_size=10**9, info={"software": "tests"}) as writer:
        placed = writer.copy(pack(build(fields, block)), capture)
    archive._holdings.captures.add(placed)
    return placed


LONG = f"{SITE}/world/long"


@pytest.fixture
def long(folder: Path) -> Path:
    """An article on two pages, of which the first one was edited."""
    with newsarchive.open(folder, mode="rw") as archive, archive.recorder() as recorder:
        for day, headline in enumerate(("A long story", "A longer story")):
            first = article(headline).replace(b"</body>", b'<a rel="next" href="?page=2">Next</a></body>')
            second = article(headline, f"On day {day} the second page told of a lighthouse and its keeper.")
            recorder.record(exchange(LONG, first, day=day), origin=Origin(source="harbor"))
            part = Origin(source="harbor", role=Role.PART, via=LONG)
            recorder.record(exchange(f"{LONG}?page=2", second, day=day), origin=part)
        archive.process()
    return folder


@pytest.mark.parametrize(("name", "versions"), [("a.wacz", 2), ("a.warc.gz", 2), ("new.wacz", 1)])
def test_the_further_pages_of_an_article_go_with_it(long: Path, tmp_path: Path, name: str, versions: int) -> None:
    with newsarchive.open(long) as archive:
        before = [version.body for version in archive.get(LONG).versions]
        assert ["lighthouse" in body for body in before] == [True, True]
        wanted: Versions = "all" if versions > 1 else "latest"
        done = archive.search("lighthouse").export(tmp_path / name, versions=wanted)
        assert done.captures == 2 * versions
    with newsarchive.open(init_folder(tmp_path / "second"), mode="rw") as second:
        second.ingest(tmp_path / name)
        (there,) = second.articles()
        assert [version.body for version in there.versions] == before[-versions:]


def test_a_revisit_brings_the_record_that_it_refers_to_and_comes_after_it(crawled: Path, tmp_path: Path) -> None:
    with newsarchive.open(crawled, mode="rw") as archive:
        target = archive.captures(OTHER)[0]
        revisit = _revisit(archive, url=EDITED, target=target)
        done = archive.search("headline:collapses").export(tmp_path / "some.warc.gz")
    assert (done.captures, done.problems) == (5, ())
    found = [gzip.decompress(part) for part in members(tmp_path / "some.warc.gz")]
    places = [
        next(number for number, part in enumerate(found) if f"WARC-Record-ID: <{one.record_id}>".encode() in part)
        for one in (target, revisit)
    ]
    assert places == sorted(places)
    assert kinds([pack(part) for part in found])[places[0] : places[0] + 3] == ["response", "request", "metadata"]


def test_a_revisit_of_what_the_archive_does_not_hold_is_told(crawled: Path, tmp_path: Path) -> None:
    with newsarchive.open(crawled, mode="rw") as archive:
        target = archive.captures(OTHER)[0]
        gone = target.model_copy(update={"record_id": "urn:uuid:gone", "payload_digest": "sha1:GONE"})
        _revisit(archive, url=EDITED, target=gone)
        (problem,) = archive.search("headline:collapses").export(tmp_path / "some.warc.gz").problems
    assert problem == f"{EDITED}, captured 2019-03-10 00:00:00: the archive does not have the capture that it refers to"


def _damage(path: Path, place: Place) -> None:
    data = bytearray(path.read_bytes())
    data[place.offset + place.length // 2] ^= 4
    path.write_bytes(data)


def test_a_damaged_capture_is_left_out_and_told(opened: Archive, tmp_path: Path, command: Callable[..., Done]) -> None:
    first = opened.captures(EDITED)[0]
    _damage(own_warc(opened), first.place)
    done = command("-A", opened.folder, "export", "-o", tmp_path / "all.wacz", "--json")
    assert done.code == 4
    assert done.json["captures"] == 5
    (problem,) = done.json["problems"]
    assert EDITED in problem
    assert f"warning: missing: {problem}" in done.err
    found = warc_of(tmp_path / "all.wacz", tmp_path)
    assert kinds(members(found)).count("response") == 3


def test_where_nothing_answers_nothing_is_written(opened: Archive, tmp_path: Path) -> None:
    for name in ("none.wacz", "none.warc.gz"):
        with pytest.raises(NotFound, match="nowhere"):
            opened.search("nowhere").export(tmp_path / name)
    for capture in opened.captures(EDITED) + opened.captures(OTHER):
        _damage(own_warc(opened), capture.place)
    with pytest.raises(NotFound, match="at byte"):
        opened.search("").export(tmp_path / "none.wacz")
    assert not [path for path in tmp_path.iterdir() if "none" in path.name]


def test_a_file_that_is_there_is_replaced_only_by_force(opened: Archive, tmp_path: Path) -> None:
    path = tmp_path / "all.wacz"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="is there already"):
        opened.search("").export(path)
    assert path.read_bytes() == b"mine"
    opened.search("").export(path, force=True)
    assert zipfile.is_zipfile(path)


def test_a_name_or_format_that_says_nothing_is_refused_before_anything_is_written(
    opened: Archive, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="tells no format"):
        opened.search("").export(tmp_path / "all.zip")
    with pytest.raises(UsageError, match="no format 'cdx'"):
        opened.search("").export(tmp_path / "all.wacz", format="cdx")
    with pytest.raises(UsageError, match="no folder"):
        opened.search("").export(tmp_path / "nowhere" / "all.wacz")
    assert opened.search("").export(tmp_path / "all.zip", format="wacz").format == "wacz"


def test_the_command_says_what_it_wrote(opened: Archive, tmp_path: Path, command: Callable[..., Done]) -> None:
    done = command("-A", opened.folder, "export", "summit", "-o", tmp_path / "a.warc.gz", "--since", "2020-01-01")
    assert (done.code, done.out) == (1, "")
    assert "2020-01-01" in done.err
    done = command("-A", opened.folder, "export", "summit", "-o", tmp_path / "a.warc.gz")
    assert done.code == 0
    assert done.out.splitlines()[0].endswith(
        f"1 article, 3 captures, {(tmp_path / 'a.warc.gz').stat().st_size:,} bytes"
    )
    assert done.out.splitlines()[1].startswith("sha256 ")


def test_a_capture_is_given_once_whichever_article_asks(opened: Archive) -> None:
    gathering = Gathering(opened._holdings)
    article_found = opened.get(EDITED)
    assert len(list(gathering.of(article_found))) == 3
    assert list(gathering.of(article_found)) == []


def test_a_large_package_needs_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    body = random.Random(1).randbytes(20_000)  # noqa: S311 - bytes that no packer makes smaller
    record = Taken(pack(build([("WARC-Type", "response")], body)), Header({}, 0, 0), b"", body)
    peaks = []
    for count in (50, 1000):
        tracemalloc.start()
        about = {"title": "t", "description": "d", "info": {"software": "s"}, "at": datetime.now(UTC)}
        with (tmp_path / "a.wacz").open("wb") as file, WaczWriter(file, **about) as wacz:
            for number in range(count):
                place = Place(file="a", offset=0, length=len(record.member))
                capture = Capture(
                    record_id=str(number), url=f"{SITE}/{number}", captured_at=datetime.now(UTC), place=place
                )
                wacz.add(capture, (record,))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    written = (tmp_path / "a.wacz").stat().st_size
    assert written > 20_000_000
    assert peaks[1] - peaks[0] < 1_000_000  # the lines of the index, which are held up to a bound


def test_the_second_index_leads_to_each_piece_of_the_first(tmp_path: Path) -> None:
    record = Taken(pack(build([("WARC-Type", "response")], b"")), Header({}, 0, 0), b"", b"")
    about = {"title": "t", "description": "d", "info": {"software": "s"}, "at": datetime.now(UTC)}
    with (tmp_path / "a.wacz").open("wb") as file, WaczWriter(file, **about) as wacz:
        for number in range(2500):
            url = f"{SITE}/{number * 7919 % 2500:04d}"
            place = Place(file="a", offset=0, length=len(record.member))
            wacz.add(
                Capture(record_id=str(number), url=url, captured_at=datetime.now(UTC), place=place, origin=Origin()),
                (record,),
            )
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        data = package.read("indexes/index.cdx.gz")
        head, *second = package.read("indexes/index.idx").decode().splitlines()
    assert head.startswith("!meta 0 ")
    lines = []
    for line in second:
        start, _, told = line.partition("{")
        place = json.loads("{" + told)
        piece = gzip.decompress(data[place["offset"] : place["offset"] + place["length"]]).decode()
        assert piece.startswith(start)
        lines += piece.splitlines()
    assert len(second) == 3
    assert lines == sorted(lines)
    assert len(lines) == 2500
