"""What the writer puts on disk, judged by two readers that others wrote, and what it does when the disk refuses."""

from __future__ import annotations

import gzip
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from newsarchive.digests import warc_sha1
from newsarchive.errors import UsageError
from newsarchive.models import Origin
from newsarchive.warc import Exchange, read_http, read_member, read_payload, repair, scan
from newsarchive.warc.record import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.warc import WarcWriter

BIN = Path(sys.executable).parent
AWKWARD = (
    b'HTTP/1.1 200 Totally Fine\r\nETag: "a1"\r\nset-cookie: a=1\r\nX-Caf\xe9: caf\xe9\r\nset-cookie: b=2\r\n'
    b"CONTENT-type: text/HTML;charset=x\r\nLast-Modified: Wed, 27 Feb 2019 11:00:00 GMT\r\n\r\n"
)


def only_file(folder: Path) -> Path:
    (path,) = folder.glob("*.warc.gz")
    return path


def warcio_records(path: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            yield dict(record.rec_headers.headers), record.raw_stream.read()


def test_both_independent_readers_find_the_bytes_that_were_written(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    given = exchange(head=AWKWARD, body=bytes(range(256)) * 10)
    with writer() as warc:
        capture = warc.write(given, origin=origin)
    path = only_file(tmp_path)
    records = list(warcio_records(path))
    kinds = [fields["WARC-Type"] for fields, _ in records]
    assert kinds == ["warcinfo", "response", "request", "metadata"]
    assert [block for _, block in records[1:3]] == [given.response_head + given.body, given.request_head]
    response, request, metadata = (fields for fields, _ in records[1:])
    assert response["WARC-Record-ID"] == f"<{capture.record_id}>" == request["WARC-Concurrent-To"]
    assert metadata["WARC-Refers-To"] == metadata["WARC-Concurrent-To"] == f"<{capture.record_id}>"
    assert response["WARC-Date"] == "2019-02-27T11:30:05.123456Z"
    assert response["WARC-IP-Address"] == "192.0.2.7"
    assert records[3][1] == b"role: discovery\r\nsource: harbor\r\nvia: https://harbor.example/feed.xml\r\n"
    with path.open("rb") as file:
        blocks = [record.reader.read() for record in FastIterator(file, parse_http=False)]
    assert blocks == [block for _, block in records]


def test_the_checkers_of_both_readers_are_content(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        warc.write(exchange(head=AWKWARD), origin=origin)
        warc.write(exchange(head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), origin=origin)
        warc.write(
            exchange(head=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", body=gzip.compress(b"x" * 999)),
            origin=origin,
        )
        warc.write(exchange(head=b"HTTP/1.1 304 Not Modified\r\n\r\n", body=b""), origin=origin)
        warc.write_resource(
            "https://harbor.example/a.txt", b"text", content_type="text/plain", captured_at=exchange().captured_at,
            origin=origin,
        )  # fmt: skip
    path = str(only_file(tmp_path))
    checked = subprocess.run([BIN / "warcio", "check", "-v", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 1 + 4 * 3 + 2
    checked = subprocess.run([BIN / "fastwarc", "check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert "15 records were verified successfully" in checked.stdout + checked.stderr


def test_the_capture_says_what_the_headers_said(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    given = exchange(head=AWKWARD)
    with writer() as warc:
        capture = warc.write(given, origin=origin)
        moved = warc.write(
            exchange(head=b"HTTP/1.1 301 Moved\r\nLocation: /vi/h\xc3\xa0-n\xe1\xbb\x99i\r\n\r\n"), origin=origin
        )
    assert (capture.url, capture.captured_at) == (given.url, given.captured_at)
    assert (capture.status, capture.media_type) == (200, "text/html")
    assert (capture.etag, capture.last_modified) == ('"a1"', "Wed, 27 Feb 2019 11:00:00 GMT")
    assert capture.payload_digest == warc_sha1(given.body)
    assert capture.location is None
    assert moved.location == "https://harbor.example/vi/hà-nội"
    member = read_member(tmp_path, capture.place)
    assert gzip.decompress(member).count(b"WARC/1.1\r\n") == 1


def test_header_bytes_of_any_charset_and_repeated_headers_survive(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        response = read_http(tmp_path, warc.write(exchange(head=AWKWARD), origin=origin).place)
    assert response.status_line == "HTTP/1.1 200 Totally Fine"
    assert [value for name, value in response.headers if name == "set-cookie"] == ["a=1", "b=2"]
    assert response.header("X-Café") == "café"


def test_a_chunked_header_is_renamed_and_nothing_else(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    head = b"HTTP/1.1 200 OK\r\nA: transfer-encoding: chunked\r\ntransfer-ENCODING : gzip, Chunked\r\n\r\n"
    with writer() as warc:
        place = warc.write(exchange(head=head, body=b"5\r\nhello"), origin=origin).place
    block = gzip.decompress(read_member(tmp_path, place)).partition(b"\r\n\r\n")[2]
    renamed = b"HTTP/1.1 200 OK\r\nA: transfer-encoding: chunked\r\nx-orig-transfer-encoding : gzip, Chunked\r\n\r\n"
    assert block == renamed + b"5\r\nhello\r\n\r\n"
    assert read_payload(tmp_path, place).body == b"5\r\nhello"


def test_a_truncated_body_is_marked(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    given: Exchange = exchange()
    cut = Exchange(
        given.url, given.captured_at, b"", given.response_head, given.body, truncated="length", protocol="http/1.0"
    )
    with writer() as warc:
        warc.write(cut, origin=origin)
    (_, (response, _), _) = warcio_records(only_file(tmp_path))
    assert response["WARC-Truncated"] == "length"
    assert response["WARC-Protocol"] == "http/1.0"


def test_a_file_is_finished_when_it_is_large_enough(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer(max_file_size=10_000) as warc:
        captures = [warc.write(exchange(body=os.urandom(3_000)), origin=origin) for _ in range(10)]
        assert list(tmp_path.glob("*.open"))
        assert all(read_payload(tmp_path, capture.place).status == 200 for capture in captures)
    files = sorted(tmp_path.glob("*.warc.gz"))
    assert len(files) >= 3
    assert not list(tmp_path.glob("*.open"))
    assert {path.with_name(path.name.removesuffix(".warc.gz")).name for path in files} == {
        path.stem for path in tmp_path.glob("*.cdxj")
    }
    assert [capture for path in files for capture in scan(path)] == captures


def test_a_file_without_captures_is_not_left_behind(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        pass
    assert not list(tmp_path.iterdir())
    with writer() as warc:
        warc._open()
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())
    warc.write(exchange(), origin=origin)  # a closed writer can be used again
    warc.close()
    warc.close()
    assert only_file(tmp_path)


def test_two_writers_at_once_and_threads_within_one_do_not_meet(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    written: list[Any] = []
    with writer(max_file_size=20_000) as one, writer(max_file_size=20_000) as other:

        def crawl(warc: WarcWriter) -> None:
            written.extend(warc.write(exchange(body=os.urandom(2_000)), origin=origin) for _ in range(15))

        threads = [threading.Thread(target=crawl, args=(warc,)) for warc in (one, other, one)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = [capture for path in tmp_path.glob("*.warc.gz") for capture in scan(path)]
    assert len(written) == 45
    assert {capture.record_id: capture for capture in found} == {capture.record_id: capture for capture in written}
    assert all(len(read_payload(tmp_path, capture.place).body) == 2_000 for capture in written)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://harbor.example/\r\nWARC-Type: warcinfo"},
        {"url": "https://harbor.example/ "},
        {"head": b"HTTP/1.1 200 OK\r\n"},
        {"head": b"HTTP/1.1 200 OK\r\n\r\nA: b\r\n\r\n"},
        {"request": b"GET / HTTP/1.1\r\n"},
    ],
)
def test_what_could_not_be_told_apart_again_is_refused(
    tmp_path: Path,
    writer: Callable[..., WarcWriter],
    exchange: Callable[..., Exchange],
    origin: Origin,
    change: dict[str, Any],
) -> None:
    with writer() as warc, pytest.raises(UsageError):
        warc.write(exchange(**change), origin=origin)
    assert not list(tmp_path.iterdir())


def test_a_time_without_zone_is_refused(writer: Callable[..., WarcWriter], origin: Origin) -> None:
    naive = datetime(2019, 2, 27)  # noqa: DTZ001 - that is what must be refused
    with writer() as warc, pytest.raises(UsageError, match="no time zone"):
        warc.write_resource("https://harbor.example/", b"", content_type="", captured_at=naive, origin=origin)


def test_a_full_disk_costs_the_open_record_only(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the kernel answers EFBIG after a short write
    try:
        with writer() as warc:
            before = warc.write(exchange(), origin=origin)
            path = tmp_path / (before.place.file + ".open")
            size = path.stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1_000, hard))
            try:
                with pytest.raises(OSError, match="too large") as caught:
                    warc.write(exchange(body=os.urandom(50_000)), origin=origin)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert caught.value.filename == str(path)
            assert path.stat().st_size == size
            after = warc.write(exchange(), origin=origin)
    finally:
        signal.signal(signal.SIGXFSZ, previous)
    assert list(scan(only_file(tmp_path))) == [before, after]


def test_a_file_that_cannot_even_be_cut_is_left_to_repair(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        before = warc.write(exchange(), origin=origin)
        assert warc._segment
        read_only = os.open(tmp_path / (before.place.file + ".open"), os.O_RDONLY)
        os.dup2(read_only, warc._segment._descriptor)  # neither write nor cut can work from here on
        os.close(read_only)
        with pytest.raises(OSError, match="Bad file descriptor"):
            warc.write(exchange(), origin=origin)
        after = warc.write(exchange(), origin=origin)
    assert after.place.file != before.place.file
    assert [done.file for done in repair(tmp_path)] == [before.place.file]
    assert read_payload(tmp_path, before.place) == read_payload(tmp_path, after.place)


def test_a_resource_comes_back_as_it_was(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        capture = warc.write_resource(
            "https://harbor.example/page.html",
            b"HTTP/1.1 200 OK\r\n\r\nnot a head",
            content_type="Text/HTML; charset=utf-8",
            captured_at=exchange().captured_at,
            origin=origin,
        )
    payload = read_payload(tmp_path, capture.place)
    assert (capture.status, capture.media_type) == (None, "text/html")
    assert payload.body == b"HTTP/1.1 200 OK\r\n\r\nnot a head"
    assert (payload.content_type, payload.status) == ("Text/HTML; charset=utf-8", None)
    assert list(scan(only_file(tmp_path))) == [capture]


def test_a_copied_member_lies_there_byte_for_byte(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        first = warc.write(exchange(), origin=Origin())
        member = read_member(tmp_path, first.place)
        renamed = first.model_copy(update={"record_id": "urn:uuid:1", "origin": origin})
        second = warc.copy(member, renamed)
        with pytest.raises(UsageError):
            warc.copy(b"plain", renamed)
        with pytest.raises(UsageError):
            warc.copy(pack(b""), renamed.model_copy(update={"url": "a\nb"}))
    assert read_member(tmp_path, second.place) == member
    assert list(scan(only_file(tmp_path))) == [first, second]


def test_a_name_that_is_taken_is_left_alone(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        now = datetime.now(UTC)
        taken = [
            tmp_path / f"{now + timedelta(seconds=later):%Y%m%d%H%M%S}-{warc._tag}-00000.warc.gz.open"
            for later in range(60)
        ]
        for path in taken:
            path.write_bytes(b"theirs")
        capture = warc.write(exchange(), origin=origin)
    assert capture.place.file.endswith("-00001.warc.gz")
    assert {path.read_bytes() for path in taken} == {b"theirs"}


def test_captures_written_together_are_those_that_are_written_one_by_one(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    pages = [exchange(body=b"<p>Page %d</p>" % number) for number in range(5)]
    with writer(max_file_size=2_000) as warc:
        with warc.together():
            captures = [warc.write(page, origin=origin) for page in pages[:3]]
            assert len(list(tmp_path.iterdir())) == 1
        captures += [warc.write(page, origin=origin) for page in pages[3:]]
    assert len({capture.place.file for capture in captures[:3]}) == 1
    assert captures[3].place.file != captures[0].place.file
    assert [read_http(tmp_path, capture.place).body for capture in captures] == [page.body for page in pages]
    assert [found for path in sorted(tmp_path.glob("*.warc.gz")) for found in scan(path)] == captures


def test_a_block_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    class Stopped(Exception):
        pass

    def fail(warc: WarcWriter) -> None:
        with warc.together():
            warc.write(exchange(body=b"<p>Lost</p>"), origin=origin)
            raise Stopped

    with writer() as warc:
        first = warc.write(exchange(), origin=origin)
        with pytest.raises(Stopped):
            fail(warc)
        last = warc.write(exchange(body=b"<p>Last</p>"), origin=origin)
    path = only_file(tmp_path)
    assert list(scan(path)) == [first, last]
    assert len(path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_text().splitlines()) == 2


@given(plain=st.binary(max_size=300), coded=st.binary(max_size=200_000))
@settings(max_examples=60, deadline=None)
def test_a_record_with_a_packed_body_is_one_member_that_unpacks_to_it(plain: bytes, coded: bytes) -> None:
    member = pack(plain + coded, coded=len(coded))
    inflater = zlib.decompressobj(31)
    assert (inflater.decompress(member), inflater.eof, inflater.unused_data) == (plain + coded, True, b"")
    assert len(member) <= len(plain) + len(coded) + 400


def test_a_packed_body_is_stored_and_read_by_both_independent_readers(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    body = gzip.compress(random.Random(1).randbytes(150_000))  # noqa: S311 - filler, not a secret
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    with writer() as warc:
        capture = warc.write(exchange(head=head, body=body), origin=origin)
    path = only_file(tmp_path)
    assert body[:65_000] in path.read_bytes()
    assert [block for fields, block in warcio_records(path) if fields["WARC-Type"] == "response"] == [head + body]
    with path.open("rb") as file:
        records = [record.reader.read() for record in FastIterator(file, parse_http=False)]
    assert head + body in records
    assert read_http(tmp_path, capture.place).body == body
