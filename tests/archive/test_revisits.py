"""A page that is as it was is a capture all the same: kept as evidence, cheap, and never another version."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.errors import NotFound, UsageError
from newsarchive.models import CaptureState, Origin, Profile, Role
from newsarchive.warc import Exchange, WarcWriter, import_records
from newsarchive.warc.record import build, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Done

    from newsarchive.models import Capture

AT = datetime(2019, 2, 28, 7, 0, tzinfo=UTC)
A, BAD, FEED = "https://harbor.example/a", "https://harbor.example/bad", "https://harbor.example/feed.xml"
PAGE, DISCOVERY = Origin(source="harbor", via=FEED), Origin(role=Role.DISCOVERY, source="harbor")
TAGGED = 'ETag: "one"\r\nLast-Modified: Thu, 28 Feb 2019 06:00:00 GMT\r\n'


def exchange(url: str, body: bytes, *, hours: float, status: str = "200 OK", headers: str = TAGGED) -> Exchange:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n".encode()
    request = f"GET {url} HTTP/1.1\r\nHost: harbor.example\r\n\r\n".encode()
    return Exchange(url, AT + timedelta(hours=hours), request, head, body)


def unmodified(url: str, *, hours: float, headers: str = TAGGED) -> Exchange:
    return exchange(url, b"", hours=hours, status="304 Not Modified", headers=headers)


@pytest.fixture(scope="session")
def _visited(tmp_path_factory: pytest.TempPathFactory, _page: Callable[..., bytes]) -> Path:
    """An article that was seen four times and edited once, a rejected page and a feed that were seen twice."""
    folder = init_folder(tmp_path_factory.mktemp("visited") / "archive")
    first, edited = _page(A), _page(A, headline="Summit ends early")
    bad = _page(BAD, published=None)
    with newsarchive.open(folder, mode="rw") as archive:
        with archive.recorder() as recorder:
            recorder.record(exchange(FEED, b"<rss/>", hours=0), origin=DISCOVERY)
            recorder.record(exchange(A, first, hours=1), origin=PAGE)
            recorder.record(exchange(BAD, bad, hours=1), origin=PAGE)
            recorder.record(unmodified(A, hours=2, headers=""), origin=PAGE)
            recorder.record(exchange(A, first, hours=3), origin=PAGE)
            recorder.record(exchange(A, edited, hours=4, headers='ETag: "two"\r\n'), origin=PAGE)
            recorder.record(unmodified(A, hours=5, headers='ETag: "three"\r\n'), origin=PAGE)
            recorder.record(exchange(BAD, bad, hours=6), origin=PAGE)
            recorder.record(unmodified(FEED, hours=6), origin=DISCOVERY)
        archive.process()
    return folder


@pytest.fixture
def visited(_visited: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_visited, tmp_path / "visited")


def told(folder: Path) -> dict[str, object]:
    with newsarchive.open(folder) as archive:
        article = archive.get(A)
        return {
            "article": article.model_dump(mode="json"),
            "rejected": [(one.capture.record_id, one.problems[0].code) for one in archive.rejected()],
            "captures": [archive.captures(url) for url in (A, BAD, FEED)],
            "states": archive.status().captures,
        }


def test_every_answer_is_a_capture_and_refers_to_the_one_with_the_bytes(visited: Path) -> None:
    with newsarchive.open(visited) as archive:
        first, second, third, edited, last = archive.captures(A)
        assert [one.status for one in (first, second, third, edited, last)] == [200, 304, 200, 200, 304]
        assert [_refers(one) for one in (first, second, third, edited, last)] == [
            None,
            (Profile.NOT_MODIFIED, first.record_id),
            (Profile.IDENTICAL, first.record_id),
            None,
            (Profile.NOT_MODIFIED, edited.record_id),
        ]
        assert archive.payload(third.record_id) == archive.payload(first.record_id)
        assert archive.payload(last.record_id).body == archive.payload(edited.record_id).body
        feed, again = archive.captures(FEED)
        assert (_refers(again), again.origin.role) == ((Profile.NOT_MODIFIED, feed.record_id), Role.DISCOVERY)


def _refers(capture: Capture) -> tuple[str, str | None] | None:
    return (capture.revisit.profile, capture.revisit.refers_to) if capture.revisit else None


def test_an_unchanged_page_is_seen_longer_and_has_no_other_version(visited: Path) -> None:
    with newsarchive.open(visited) as archive:
        article = archive.get(A)
        assert [version.headline for version in article.versions] == ["Summit ends without a deal", "Summit ends early"]
        assert (article.first_seen, article.last_seen) == (AT + timedelta(hours=1), AT + timedelta(hours=5))
        assert [one.problems[0].code for one in archive.rejected()] == ["no-date", "no-date"]
        assert archive.status().captures[CaptureState.SET_ASIDE] == 2
        assert archive.verify().kinds == {}


def test_an_unchanged_page_is_neither_extracted_nor_indexed_again(visited: Path) -> None:
    with newsarchive.open(visited, mode="rw") as archive:
        # Workers that can do nothing: an extraction would end as a rejected page.
        with (visited / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write("\n[extraction]\nmax_page_size = 1\n")
        with archive.recorder() as recorder:
            recorder.record(unmodified(A, hours=9), origin=PAGE)
        revision = archive._holdings.articles.revision
    with newsarchive.open(visited, mode="rw") as archive:
        tally = archive.process()
        assert (tally.accepted, tally.new_versions, tally.rejected.total()) == (1, 0, 0)
        assert archive.get(A).last_seen == AT + timedelta(hours=9)
        assert archive._holdings.articles.revision == revision


def test_the_next_request_names_what_the_newest_answer_said(visited: Path) -> None:
    with newsarchive.open(visited, mode="rw") as archive, archive.recorder() as recorder:
        assert recorder.validators(A) == ('"three"', None)
        assert recorder.validators(FEED) == ('"one"', "Thu, 28 Feb 2019 06:00:00 GMT")
        assert recorder.validators("https://harbor.example/never") == (None, None)
        recorder.record(unmodified(A, hours=7, headers=""), origin=PAGE)
        assert recorder.validators(A) == ('"two"', None)


def test_a_304_of_a_page_that_was_never_captured_is_kept_as_it_came(archive: newsarchive.Archive) -> None:
    with archive.recorder() as recorder:
        capture = recorder.record(unmodified(A, hours=1), origin=PAGE)
    assert (capture.status, capture.revisit) == (304, None)
    assert archive.status().captures[CaptureState.SET_ASIDE] == 1


def test_the_same_bytes_at_another_url_are_kept_anew(archive: newsarchive.Archive) -> None:
    with archive.recorder() as recorder:
        recorder.record(exchange(A, b"<p>news</p>", hours=1), origin=PAGE)
        assert recorder.record(exchange(BAD, b"<p>news</p>", hours=2), origin=PAGE).revisit is None


def test_deleted_records_come_back_with_their_revisits(visited: Path) -> None:
    before = told(visited)
    for path in visited.glob("articles.db*"):
        path.unlink()
    with newsarchive.open(visited, mode="rw") as archive:
        archive.rebuild()
        assert archive.verify().kinds == {}
    assert told(visited) == before


def test_revisits_are_imported_and_one_whose_original_is_missing_waits_for_it(visited: Path, folder: Path) -> None:
    source = next(visited.glob("warc/*.warc.gz"))
    late, early = folder / "late.warc.gz", folder / "early.warc.gz"
    _split(source, early, late)
    with newsarchive.open(folder, mode="rw") as archive:
        report, tally = archive.ingest(late)
        assert report.captured == 3
        assert tally.rejected["no-original"] == 2
        lost = archive.captures(A)[0]
        with pytest.raises(NotFound, match="as before"):
            archive.payload(lost.record_id)
        assert archive.verify().kinds == {}
        archive.ingest(early)
        assert archive.get(A).last_seen == AT + timedelta(hours=3)
        assert archive.payload(lost.record_id).body
        assert not [one for one in archive.rejected() if one.problems[0].code == "no-original"]


def _split(source: Path, early: Path, late: Path) -> None:
    """The originals of the first three hours in one file, their revisits in another."""
    records = [one for one in import_records(source) if one.capture.captured_at <= AT + timedelta(hours=3)]
    early.write_bytes(
        b"".join(one.member for one in records if one.capture.revisit is None and one.capture.url != FEED)
    )
    late.write_bytes(b"".join(one.member for one in records if one.capture.revisit or one.capture.url == FEED))


def test_the_capture_nearest_before_a_time_is_found_and_else_the_first(visited: Path) -> None:
    with newsarchive.open(visited) as archive:
        first, second, third, edited, last = archive.captures(A)
        assert archive.capture_at(A) == last
        assert archive.capture_at(A, AT + timedelta(hours=2)) == second
        assert archive.capture_at(A, AT + timedelta(hours=3, minutes=59)) == third
        assert archive.capture_at(A, "2019-02-28T11:00:00Z") == edited
        assert archive.capture_at(A, "2019-02-28") == last
        assert archive.capture_at(A, "2019-02-27") == first
        assert archive.capture_at(f"{A}?utm_source=feed") == last
        with pytest.raises(NotFound):
            archive.capture_at("https://harbor.example/never")
        with pytest.raises(UsageError):
            archive.capture_at(A, "soon")


def test_the_command_gives_the_bytes_of_any_capture(visited: Path, command: Callable[..., Done]) -> None:
    at = ("--at", "2019-02-28T10:30:00Z")
    done = command("-A", visited, "get", A, *at, "--raw")
    assert (done.code, "Summit ends without a deal" in done.out) == (0, True)
    assert "captured 2019-02-28 10:00:00 UTC" in done.err
    assert "bytes of the capture of 2019-02-28 08:00:00 UTC" in done.err
    assert command("-A", visited, "get", FEED, "--raw").out == "<rss/>"
    assert command("-A", visited, "get", BAD, "--http").out.startswith("HTTP/1.1 200 OK")
    early = command("-A", visited, "get", A, "--at", "2018", "--raw")
    assert "first captured after 2018" in early.err
    assert command("-A", visited, "get", "https://harbor.example/never", "--raw").code == 1
    assert command("-A", visited, "get", A, "--at", "soon", "--raw").code == 2


def test_the_warc_records_of_a_capture_are_a_warc_file(visited: Path, tmp_path: Path) -> None:
    with newsarchive.open(visited) as archive:
        first, second, *_ = archive.captures(A)
        (tmp_path / "one.warc.gz").write_bytes(archive.warc_records(first.record_id))
        (tmp_path / "two.warc.gz").write_bytes(archive.warc_records(second.record_id))
    assert _kinds(tmp_path / "one.warc.gz") == ["response", "request", "metadata"]
    assert _kinds(tmp_path / "two.warc.gz") == ["response", "request", "metadata", "revisit", "request", "metadata"]


def _kinds(path: Path) -> list[str]:
    with path.open("rb") as file:
        return [record.rec_type for record in ArchiveIterator(file, check_digests="raise")]


def test_one_index_for_replay_is_sorted_and_says_what_the_files_say_but_of_answers_304(
    visited: Path, command: Callable[..., Done]
) -> None:
    lines = command("-A", visited, "cdxj").out.splitlines(keepends=True)
    per_file = [
        line for path in visited.glob("warc/*.cdxj") for line in path.read_text("utf-8").splitlines(keepends=True)
    ]
    unmodified = [line for line in per_file if '"status": "304"' in line]
    assert lines == sorted(line for line in per_file if line not in unmodified)
    assert len(per_file) == 9
    assert sum('"mime": "warc/revisit"' in line for line in per_file) == 5
    assert 0 < len(unmodified) < 5
    assert len(command("-A", visited, "cdxj", A).out.splitlines()) == 5


def test_what_only_looks_the_same_is_kept_anew(archive: newsarchive.Archive) -> None:
    """Another status with the same bytes, a body that was cut, an empty one."""
    with archive.recorder() as recorder:
        recorder.record(exchange(A, b"<p>gone</p>", hours=1), origin=PAGE)
        gone = recorder.record(exchange(A, b"<p>gone</p>", hours=2, status="410 Gone"), origin=PAGE)
        cut = replace(exchange(A, b"<p>gone</p>", hours=3, status="410 Gone"), truncated="disconnect")
        assert [gone.revisit, recorder.record(cut, origin=PAGE).revisit] == [None, None]
        recorder.record(exchange(BAD, b"", hours=1), origin=PAGE)
        assert recorder.record(exchange(BAD, b"", hours=2), origin=PAGE).revisit is None


def test_an_imported_revisit_of_another_url_is_read_from_there_and_never_referred_to(
    folder: Path, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    other, body = "https://harbor.example/other", page(A)
    with WarcWriter(tmp_path, max_file_size=10**6, info={}) as writer:
        first = writer.write(exchange(A, body, hours=1), origin=PAGE)
        writer.write(exchange(other, body, hours=2), origin=PAGE, original=first)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(*tmp_path.glob("*.warc.gz"))
        (again,) = archive.captures(other)
        assert archive.payload(again.record_id).body == body
        assert archive.payload(again.record_id).url == other
        assert archive.get(A).last_seen == AT + timedelta(
            hours=2
        )  # its canonical link says that it is the same article
        with archive.recorder() as recorder:
            assert recorder.record(unmodified(other, hours=3), origin=PAGE).revisit is None


def test_a_revisit_that_refers_to_nothing_but_itself_has_no_payload(
    archive: newsarchive.Archive, tmp_path: Path
) -> None:
    fields = [
        ("WARC-Type", "revisit"),
        ("WARC-Record-ID", "<urn:uuid:12345678-1234-4234-8234-123456789012>"),
        ("WARC-Refers-To", "<urn:uuid:12345678-1234-4234-8234-123456789012>"),
        ("WARC-Target-URI", A),
        ("WARC-Date", "2019-02-28T08:00:00Z"),
        ("WARC-Refers-To-Date", "2019-02-28T08:00:00Z"),
        ("WARC-Profile", Profile.IDENTICAL),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    (tmp_path / "loop.warc.gz").write_bytes(pack(build(fields, b"HTTP/1.1 200 OK\r\n\r\n")))
    _, tally = archive.ingest(tmp_path / "loop.warc.gz")
    assert tally.rejected["no-original"] == 1
    assert archive.verify().kinds == {}
