"""Foreign files, in every packaging: all captures come over, damage is told, nothing is taken in silence."""

from __future__ import annotations

import gzip
import subprocess
import sys
import textwrap
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.digests import warc_sha1
from newsarchive.errors import WarcError
from newsarchive.warc import Imported, import_records, read_payload, scan
from newsarchive.warc.record import build, pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.models import Origin
    from newsarchive.warc import WarcWriter

DATE = ("WARC-Date", "2019-02-27T11:30:05Z")
REAL_PAGES = Path(__file__).parents[3] / "shared" / "data" / "real-pages.warc.gz"


def record(
    block: bytes,
    *,
    kind: str = "response",
    url: str = "https://harbor.example/",
    more: tuple[tuple[str, str], ...] = (),
) -> bytes:
    return build([("WARC-Type", kind), ("WARC-Target-URI", url), DATE, *more], block)


def with_id(number: int) -> tuple[tuple[str, str], ...]:
    return (("WARC-Record-ID", f"<urn:uuid:{number}>"),)


def page(number: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>page %d" % number


PAGES = [record(page(number), more=with_id(number)) for number in range(4)]


def packaged(form: str) -> bytes:
    records = [build([("WARC-Type", "warcinfo"), DATE], b"software: x\r\n"), *PAGES]
    if form == "members":
        return b"".join(map(pack, records))
    return b"".join(records) if form == "plain" else gzip.compress(b"".join(records))


@pytest.mark.parametrize("form", ["members", "plain", "one-stream"])
def test_every_packaging_gives_the_same_captures(
    tmp_path: Path, writer: Callable[..., WarcWriter], form: str, origin: Origin
) -> None:
    path = tmp_path / "foreign.warc"
    path.write_bytes(packaged(form))
    skipped: Counter[str] = Counter()
    found = list(import_records(path, skipped=skipped))
    assert [item.capture.record_id for item in found] == [f"urn:uuid:{number}" for number in range(4)]
    assert [gzip.decompress(item.member) for item in found] == PAGES
    assert [item.damage for item in found] == [None] * 4
    assert skipped == {"warcinfo": 1}
    if form == "members":
        data = path.read_bytes()
        for item in found:
            place = item.capture.place
            assert data[place.offset : place.offset + place.length] == item.member
    with writer() as warc:
        copies = [warc.copy(item.member, item.capture.model_copy(update={"origin": origin})) for item in found]
    assert [read_payload(tmp_path, copy.place).body for copy in copies] == [b"<p>page %d" % n for n in range(4)]
    assert list(scan(tmp_path / copies[0].place.file)) == copies


def test_files_of_another_writer_are_read(tmp_path: Path) -> None:
    path = tmp_path / "warcio.warc.gz"
    # In a process of its own: the writer leaves temporary files unclosed, which fails a test here.
    subprocess.run([sys.executable, "-c", FOREIGN_WRITER, str(path)], check=True, capture_output=True)
    skipped: Counter[str] = Counter()
    response_found, resource_found = import_records(path, skipped=skipped)
    assert response_found.capture.payload_digest == warc_sha1(b"<p>page 1")
    assert (response_found.capture.status, response_found.capture.media_type) == (200, "text/html")
    assert (resource_found.capture.status, resource_found.capture.media_type) == (None, "text/plain")
    assert skipped == {"request": 1, "dns": 1}


FOREIGN_WRITER = textwrap.dedent(
    """
    import io, sys
    from warcio.warcwriter import WARCWriter

    page = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\n\\r\\n<p>page 1"
    request = b"GET / HTTP/1.1\\r\\nHost: harbor.example\\r\\n\\r\\n"
    with open(sys.argv[1], "wb") as file:
        warc = WARCWriter(file, gzip=True)

        def made(url, kind, payload, **more):
            return warc.create_warc_record(url, kind, payload=io.BytesIO(payload), **more)

        warc.write_request_response_pair(
            made("https://harbor.example/", "request", request), made("https://harbor.example/", "response", page)
        )
        warc.write_record(made("https://harbor.example/a.txt", "resource", b"a", warc_content_type="text/plain"))
        warc.write_record(made("dns:harbor.example", "resource", b"192.0.2.7"))
    """
)


@pytest.mark.parametrize("zipped", [False, True])
def test_arc_files_are_read(tmp_path: Path, writer: Callable[..., WarcWriter], *, zipped: bool) -> None:
    info = b"1 0 Harbor\nURL IP-address Archive-date Content-type Archive-length\n"
    parts = [b"filedesc://old.arc 0.0.0.0 20010101000000 text/plain %d\n%s\n" % (len(info), info)]
    for number in range(2):
        block = page(number)
        head = b"http://harbor.example/%d 192.0.2.7 20010203040506 text/html %d\n" % (number, len(block))
        parts.append(head + block + b"\n")
    path = tmp_path / "old.arc"
    path.write_bytes(b"".join(map(gzip.compress, parts)) if zipped else b"".join(parts))
    found = list(import_records(path))
    assert [item.capture.url for item in found] == ["http://harbor.example/0", "http://harbor.example/1"]
    assert {item.capture.captured_at.isoformat() for item in found} == {"2001-02-03T04:05:06+00:00"}
    assert [item.capture.record_id for item in found] == [item.capture.record_id for item in import_records(path)]
    with writer() as warc:
        place = warc.copy(found[1].member, found[1].capture).place
    assert read_payload(tmp_path, place).body == b"<p>page 1"
    if not zipped:
        path.write_bytes(b"".join(parts)[:-5])
        items = import_records(path)
        next(items)
        with pytest.raises(WarcError, match="shorter than its header says"):
            next(items)


@pytest.mark.parametrize("form", ["members", "plain", "one-stream"])
def test_a_file_cut_anywhere_gives_what_is_whole_and_then_an_error(tmp_path: Path, form: str) -> None:
    data = packaged(form)
    path = tmp_path / "foreign.warc.gz"
    silent = set()
    for size in range(1, len(data)):
        path.write_bytes(data[:size])
        found: list[Imported] = []
        told = None
        try:
            found.extend(import_records(path))  # keeps what came before the error
        except WarcError as error:
            told = error
        assert [gzip.decompress(item.member) for item in found] == PAGES[: len(found)]
        assert len(found) == whole_pages(data[:size], form)
        if told is None:
            silent.add(size)
    assert silent == sound_sizes(form)


HEADER = build([("WARC-Type", "warcinfo"), DATE], b"software: x\r\n")


def whole_pages(data: bytes, form: str) -> int:
    """How many pages a cut file still holds whole, found another way."""
    if form == "plain":
        return sum(data.count(page(number)) for number in range(4))
    if form == "members":
        ends = [sum(len(pack(part)) for part in [HEADER, *PAGES[: count + 1]]) for count in range(4)]
        return sum(end <= len(data) for end in ends)
    unpacked = zlib.decompressobj(31).decompress(data)
    return sum(unpacked.count(page(number)) for number in range(4))


def sound_sizes(form: str) -> set[int]:
    """Where a cut leaves a file with nothing missing: between records, or in the line breaks behind a block."""
    if form == "one-stream":
        return set()
    parts = [HEADER, *PAGES]
    ends = [sum(len(pack(part) if form == "members" else part) for part in parts[:count]) for count in range(1, 6)]
    closing = 1 if form == "members" else 5
    return {end - less for end in ends for less in range(closing)} - {ends[-1]}


def test_an_import_goes_on_behind_a_damaged_member(tmp_path: Path) -> None:
    members = [pack(part) for part in PAGES]
    bad = bytearray(members[1])
    bad[len(bad) // 2] ^= 4
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(members[0] + bytes(bad) + members[2] + members[3])
    items = import_records(path)
    assert next(items).capture.record_id == "urn:uuid:0"
    with pytest.raises(WarcError) as caught:
        next(items)
    assert (caught.value.path, caught.value.offset) == (str(path), len(members[0]))
    told: list[WarcError] = []
    found = list(import_records(path, on_damage=told.append))
    assert [item.capture.record_id for item in found] == ["urn:uuid:0", "urn:uuid:2", "urn:uuid:3"]
    assert len(told) == 1


def test_garbage_behind_the_last_record_is_told(tmp_path: Path) -> None:
    for form in ("members", "plain"):
        path = tmp_path / "foreign.warc.gz"
        path.write_bytes(packaged(form) + b"garbage")
        with pytest.raises(WarcError):
            list(import_records(path))
        told: list[WarcError] = []
        assert len(list(import_records(path, on_damage=told.append))) == 4
        assert len(told) == 1


def test_a_length_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "foreign.warc.gz"
    wrong = PAGES[0].replace(b"Content-Length: 53", b"Content-Length: 99")
    assert wrong != PAGES[0]
    path.write_bytes(pack(wrong) + pack(PAGES[1]))
    with pytest.raises(WarcError, match="shorter than its Content-Length"):
        list(import_records(path))


def test_a_digest_that_does_not_hold_is_told_with_the_record(tmp_path: Path) -> None:
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    wrong = "sha1:" + "A" * 32
    digests = [
        (("WARC-Block-Digest", wrong),),
        (("WARC-Payload-Digest", wrong),),
        (("WARC-Payload-Digest", wrong), ("WARC-Block-Digest", warc_sha1(block))),
        (("WARC-Payload-Digest", warc_sha1(b"x")),),
        (("WARC-Payload-Digest", warc_sha1(b"1\r\nx\r\n0\r\n\r\n")),),
        (("WARC-Payload-Digest", "crc32:0"),),
    ]
    path = tmp_path / "foreign.warc"
    path.write_bytes(b"".join(record(block, more=more) for more in digests))
    found = list(import_records(path))
    assert [item.damage is not None for item in found] == [True, True, False, False, False, False]
    assert {item.capture.payload_digest for item in found} == {warc_sha1(b"x")}


def test_ids_that_lack_or_repeat_are_derived_the_same_each_time(
    tmp_path: Path, writer: Callable[..., WarcWriter]
) -> None:
    path = tmp_path / "foreign.warc.gz"
    parts = [record(page(1)), record(page(2)), record(page(3), more=with_id(7)), record(page(4), more=with_id(7))]
    parts += [parts[0], parts[2], parts[3]]
    path.write_bytes(b"".join(map(pack, parts)))
    skipped: Counter[str] = Counter()
    found = list(import_records(path, skipped=skipped))
    ids = [item.capture.record_id for item in found]
    assert len(set(ids)) == 4
    assert ids[2] == "urn:uuid:7"
    assert skipped == {"duplicate": 3}
    assert ids == [item.capture.record_id for item in import_records(path)]
    with writer() as warc:
        copies = [warc.copy(item.member, item.capture) for item in found]
    assert [copy.record_id for copy in copies] == ids
    assert list(scan(tmp_path / copies[0].place.file)) == copies


def test_what_is_no_capture_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "foreign.warc"
    parts = [
        record(b"", kind="conversion"),
        record(b"", kind="metadata"),
        record(b"", kind=""),
        record(b"x", url="dns:harbor.example"),
        record(b"x", url="urn:pageinfo:1", kind="resource"),
        record(b"x", url=""),
        record(b"x", more=(("Content-Type", "text/dns"),)),
        record(page(1), more=(("WARC-Segment-Number", "1"),)),
        build([("WARC-Type", "response"), ("WARC-Target-URI", "https://harbor.example/")], page(1)),
    ]
    path.write_bytes(b"".join(parts))
    skipped: Counter[str] = Counter()
    assert not list(import_records(path, skipped=skipped))
    reasons = ("conversion", "metadata", "nameless", "dns", "urn", "no-url", "not-http", "segmented", "no-date")
    assert skipped == dict.fromkeys(reasons, 1)


def test_a_record_too_large_for_memory_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsarchive.warc.foreign.MAX_RECORD", 100_000)
    large = record(page(9) + bytes(200_000))
    for form in (b"".join, lambda parts: b"".join(map(pack, parts))):
        path = tmp_path / "foreign.warc"
        path.write_bytes(form([PAGES[0], large, PAGES[1]]))
        skipped: Counter[str] = Counter()
        assert len(list(import_records(path, skipped=skipped))) == 2
        assert skipped == {"too-large": 1}


def test_what_is_neither_warc_nor_arc_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for data in (b"", b"<html>", gzip.compress(b"<html>"), b"\x1f\x8bjunk"):
        path.write_bytes(data)
        with pytest.raises(WarcError, match="neither a WARC nor an ARC"):
            list(import_records(path))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(noise=st.binary(max_size=60), at=st.integers(0, 900), zipped=st.booleans())
def test_noise_anywhere_ends_in_captures_or_an_error(tmp_path: Path, noise: bytes, at: int, *, zipped: bool) -> None:
    data = packaged("members" if zipped else "plain")
    path = tmp_path / "foreign.warc"
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    told: list[WarcError] = []
    try:
        found = list(import_records(path, on_damage=told.append))
    except WarcError:
        return
    assert len(found) <= 5
    if path.read_bytes() == data:
        assert not told


@pytest.mark.shared_data
def test_real_pages_come_over_and_other_readers_agree(tmp_path: Path, writer: Callable[..., WarcWriter]) -> None:
    if not REAL_PAGES.exists():
        pytest.skip("the development data is absent")
    with writer(max_file_size=4_000_000) as warc:
        copies = [warc.copy(item.member, item.capture) for item in import_records(REAL_PAGES)]
    assert len(copies) == 308
    held = [capture for path in sorted(tmp_path.glob("*.warc.gz")) for capture in scan(path)]
    assert held == copies
    blocks = Counter[str]()
    for path in [REAL_PAGES, *tmp_path.glob("*.warc.gz")]:
        with path.open("rb") as file:
            for found in FastIterator(file, parse_http=False):
                if found.headers.get("WARC-Type") == "response":
                    blocks[warc_sha1(found.reader.read())] += 1
    assert set(blocks.values()) == {2}
