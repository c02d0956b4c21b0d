"""The reader returns what was written, or says what is wrong; it never returns less in silence."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.errors import ExtractionError, WarcError
from newsarchive.models import Origin, Place
from newsarchive.warc import Exchange, WarcWriter, read_http, read_member, read_payload, scan
from newsarchive.warc.http import HEAD_END, hide_chunked
from newsarchive.warc.record import build, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture

LINE = st.binary(max_size=60).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))


@pytest.fixture
def written(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> tuple[Path, list[Capture]]:
    with writer() as warc:
        captures = [warc.write(exchange(body=b"page %d " % number * 9), origin=origin) for number in range(3)]
    (path,) = tmp_path.glob("*.warc.gz")
    return path, captures


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.lists(LINE.filter(bool), max_size=6), body=st.binary(max_size=3_000))
def test_any_head_and_body_come_back(
    tmp_path: Path, exchange: Callable[..., Exchange], lines: list[bytes], body: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    with WarcWriter(tmp_path, max_file_size=10**6, info={}) as warc:
        capture = warc.write(exchange(head=head, body=body), origin=Origin())
    block = gzip.decompress(read_member(tmp_path, capture.place)).partition(b"\r\n\r\n")[2]
    assert block == hide_chunked(head) + body + b"\r\n\r\n"
    assert read_http(tmp_path, capture.place).body == body
    assert list(scan(tmp_path / capture.place.file)) == [capture]


@settings(max_examples=300, deadline=None)
@given(head=st.binary(max_size=300))
def test_no_head_is_changed_unless_it_says_chunked(head: bytes) -> None:
    if b"chunked" not in head.lower():
        assert hide_chunked(head) == head
    assert HEAD_END.sub(b"", hide_chunked(head)).count(b"\n") == HEAD_END.sub(b"", head).count(b"\n")


def test_every_flipped_bit_is_noticed_or_harmless(written: tuple[Path, list[Capture]]) -> None:
    path, captures = written
    place = captures[1].place
    good = path.read_bytes()
    expected = read_payload(path.parent, place)
    noticed = 0
    for position in range(place.offset, place.offset + place.length):
        for bit in range(8):
            bad = bytearray(good)
            bad[position] ^= 1 << bit
            path.write_bytes(bad)
            try:
                found = read_payload(path.parent, place)
            except WarcError:
                noticed += 1
            else:
                assert found == expected
    # The gzip header holds 7 bytes that mean nothing here: time, extra flags, system, and a few flags beside them.
    assert noticed >= 8 * (place.length - 8)


def test_a_scan_goes_on_behind_a_damaged_record(written: tuple[Path, list[Capture]]) -> None:
    path, captures = written
    place = captures[1].place
    bad = bytearray(path.read_bytes())
    bad[place.offset + place.length // 2] ^= 1
    path.write_bytes(bad)
    told: list[WarcError] = []
    assert list(scan(path, on_damage=told.append)) == [captures[0], captures[2]]
    assert [error.offset for error in told] == [place.offset]
    found = scan(path)
    assert next(found) == captures[0]
    with pytest.raises(WarcError, match=f"at byte {place.offset}") as caught:
        next(found)
    assert (caught.value.path, caught.value.offset) == (str(path), place.offset)


def test_a_cut_file_is_told_at_every_length(written: tuple[Path, list[Capture]]) -> None:
    path, captures = written
    good = path.read_bytes()
    place = captures[2].place
    for size in range(place.offset + 1, place.offset + place.length):
        path.write_bytes(good[:size])
        with pytest.raises(WarcError):
            read_payload(path.parent, place)
        told: list[WarcError] = []
        assert list(scan(path, on_damage=told.append)) == captures[:2]
        assert [error.offset for error in told] == [place.offset]


def test_an_open_file_may_end_inside_a_record(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        capture = warc.write(exchange(), origin=origin)
        copy = tmp_path / "copy.warc.gz.open"
        good = (tmp_path / (capture.place.file + ".open")).read_bytes()
        copy.write_bytes(good + good[:200])
        (found,) = scan(copy)
        assert found.place.file == "copy.warc.gz"
        copy.write_bytes(good + bytes(200))  # what a power cut may leave is no torn record
        with pytest.raises(WarcError):
            list(scan(copy))


def test_a_place_that_is_none_is_refused(written: tuple[Path, list[Capture]]) -> None:
    path, captures = written
    good = captures[0].place
    wrong = [
        Place(file=good.file, offset=good.offset + 1, length=good.length),
        Place(file=good.file, offset=good.offset, length=good.length - 1),
        Place(file=good.file, offset=good.offset, length=good.length + 1),
        Place(file=good.file, offset=0, length=good.offset),  # the warcinfo record
        Place(file="gone.warc.gz", offset=0, length=1),
    ]
    for place in wrong:
        with pytest.raises(WarcError):
            read_payload(path.parent, place)


def lay(folder: Path, *records: tuple[list[tuple[str, str]], bytes]) -> list[Place]:
    """Records as another program might have written them."""
    places = []
    data = b""
    for fields, block in records:
        member = pack(build(fields, block))
        places.append(Place(file="laid.warc.gz", offset=len(data), length=len(member)))
        data += member
    (folder / "laid.warc.gz").write_bytes(data)
    return places


def response(block: bytes, *more: tuple[str, str]) -> tuple[list[tuple[str, str]], bytes]:
    fields = [("WARC-Type", "response"), ("WARC-Target-URI", "https://harbor.example/"), *more]
    return fields, block


def test_a_block_digest_that_does_not_hold_is_told(tmp_path: Path) -> None:
    (place,) = lay(tmp_path, response(b"HTTP/1.1 200 OK\r\n\r\nx", ("WARC-Block-Digest", "sha1:" + "A" * 32)))
    with pytest.raises(WarcError, match="block digest"):
        read_payload(tmp_path, place)


@pytest.mark.parametrize("value", ["sha256:" + "0" * 64, "md5:" + "A" * 24, "sha1:!"])
def test_digests_of_other_writers_are_checked_too(tmp_path: Path, value: str) -> None:
    (place,) = lay(tmp_path, response(b"HTTP/1.1 200 OK\r\n\r\nx", ("WARC-Block-Digest", value)))
    with pytest.raises(WarcError, match="block digest"):
        read_payload(tmp_path, place)


def test_a_block_shorter_than_it_says_is_told(tmp_path: Path) -> None:
    record = build(*response(b"HTTP/1.1 200 OK\r\n\r\nwhole"))
    member = pack(record.replace(b"Content-Length: 24", b"Content-Length: 99"))
    (tmp_path / "short.warc.gz").write_bytes(member)
    with pytest.raises(WarcError, match="shorter than its Content-Length"):
        read_payload(tmp_path, Place(file="short.warc.gz", offset=0, length=len(member)))


def test_chunked_framing_of_other_writers_is_taken_off(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole, cut, bare = lay(
        tmp_path,
        response(head + b"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"),
        response(head + b"5\r\nhello\r\n5\r\nwor"),
        response(head + b"<p>the framing is gone already"),
    )
    assert read_payload(tmp_path, whole).body == b"hello!"
    assert read_http(tmp_path, whole).body.startswith(b"5;x=y")
    with pytest.raises(ExtractionError) as caught:
        read_payload(tmp_path, cut)
    assert caught.value.reason == "bad-encoding"
    assert read_payload(tmp_path, bare).body.startswith(b"<p>")


def test_a_page_larger_than_allowed_is_too_large_packed_or_not(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(2_000_000), 9)
    places = lay(
        tmp_path,
        response(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + bomb),
        response(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2_000_000)),
        ([("WARC-Type", "resource"), ("WARC-Target-URI", "https://harbor.example/")], bytes(1_000_001)),
    )
    for place in places:
        with pytest.raises(ExtractionError) as caught:
            read_payload(tmp_path, place, max_size=1_000_000)
        assert caught.value.reason == "too-large"
    assert len(read_payload(tmp_path, places[0], max_size=2_000_000).body) == 2_000_000


def test_read_http_refuses_what_is_no_response(tmp_path: Path) -> None:
    (place,) = lay(tmp_path, ([("WARC-Type", "resource"), ("WARC-Target-URI", "https://harbor.example/")], b"x"))
    with pytest.raises(WarcError, match="no HTTP response"):
        read_http(tmp_path, place)


def test_a_record_without_request_or_metadata_has_the_plain_origin(tmp_path: Path) -> None:
    lay(
        tmp_path,
        response(b"HTTP/1.1 200 OK\r\n\r\n1", ("WARC-Date", "2019-02-27T00:00:00Z"), ("WARC-Record-ID", "<urn:1>")),
        response(b"HTTP/1.1 200 OK\r\n\r\n2", ("WARC-Date", "2019-02-27")),
        ([("WARC-Type", "metadata"), ("WARC-Refers-To", "<urn:other>")], b"fetchTimeMs: 12\r\n"),
    )
    one, two = scan(tmp_path / "laid.warc.gz")
    assert (one.record_id, one.origin) == ("urn:1", Origin())
    assert two.record_id.startswith("urn:uuid:")
    assert two.origin == Origin()


def test_an_exchange_is_a_value() -> None:
    assert Exchange.__dataclass_params__.frozen  # type: ignore[attr-defined] - typeshed leaves it out
