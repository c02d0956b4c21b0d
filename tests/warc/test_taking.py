"""The records of a capture are taken out as they lie in the file, whole or not at all."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest

from newsarchive.errors import WarcError
from newsarchive.models import Capture, Place
from newsarchive.warc import import_records, records_of, warcinfo_of
from newsarchive.warc.record import build, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.warc.conftest import MakeExchange

    from newsarchive.models import Origin
    from newsarchive.warc import WarcWriter


def unexpected(error: WarcError) -> None:
    raise error


@pytest.fixture
def captures(
    writer: Callable[..., WarcWriter], exchange: MakeExchange, origin: Origin
) -> Callable[..., tuple[Capture, ...]]:
    """Writes two captures and a file without HTTP; the WARC file stays open where it is asked for."""

    def write(*, finished: bool = True) -> tuple[Capture, ...]:
        warc = writer()
        first = warc.write(exchange(), origin=origin)
        resource = warc.write_resource(
            "https://harbor.example/a",
            b"some text " * 50,
            content_type="text/plain",
            captured_at=first.captured_at,
            origin=origin,
        )
        second = warc.write(exchange(request=b"", body=b"other"), origin=origin)
        if finished:
            warc.close()
        return first, resource, second

    return write


@pytest.mark.parametrize("finished", [True, False])
def test_they_are_its_own_and_its_request_and_metadata_and_nothing_of_the_next(
    captures: Callable[..., tuple[Capture, ...]], tmp_path: Path, *, finished: bool
) -> None:
    made = captures(finished=finished)
    found = [records_of(tmp_path, capture, on_damage=unexpected) for capture in made]
    assert [[record.header.kind for record in records] for records in found] == [
        ["response", "request", "metadata"],
        ["resource", "metadata"],
        ["response", "metadata"],
    ]
    info = warcinfo_of(tmp_path, made[0].place.file)
    assert info is not None
    assert info.fields["software"] == "newsarchive tests"
    data = next(tmp_path.glob("*.warc.gz*")).read_bytes()
    assert data == info.member + b"".join(record.member for records in found for record in records)
    response, request, metadata = found[0]
    assert gzip.decompress(response.member) == response.head + response.block + b"\r\n\r\n"
    assert (response.http.status, found[1][0].http) == (200, None)
    assert request.block.startswith(b"GET /politics/summit?b=2&a=1 HTTP/1.1\r\n")
    assert metadata.fields["via"] == "https://harbor.example/feed.xml"


def test_a_field_may_be_there_more_than_once(writer: Callable[..., WarcWriter], tmp_path: Path) -> None:
    fields = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", "<urn:uuid:1>"),
        ("WARC-Date", "2019-02-27T11:30:05Z"),
        ("WARC-Target-URI", "https://harbor.example/"),
        ("WARC-Protocol", "h2"),
        ("warc-protocol", "tls/1.3"),
    ]
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(pack(build(fields, b"HTTP/1.1 200 OK\r\n\r\nWARC-Protocol: forged\r\n")))
    (found,) = import_records(path)
    with writer() as warc:
        capture = warc.copy(found.member, found.capture)
    assert records_of(tmp_path, capture, on_damage=unexpected)[0].every("WARC-Protocol") == ["h2", "tls/1.3"]


def test_a_flipped_bit_anywhere_in_them_is_an_error(
    captures: Callable[..., tuple[Capture, ...]], tmp_path: Path
) -> None:
    first, resource, _ = captures()
    (path,) = tmp_path.glob("*.warc.gz")
    good = path.read_bytes()
    whole = [record.block for record in records_of(tmp_path, first, on_damage=unexpected)]
    places = random.Random(4).sample(range(first.place.offset, resource.place.offset), 200)  # noqa: S311 - a sample
    own = 0
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        path.write_bytes(bad)
        told: list[WarcError] = []
        try:
            found = [record.block for record in records_of(tmp_path, first, on_damage=told.append)]
        except WarcError as error:
            told.append(error)
            own += 1
            found = []
        # What a flip may change unseen are the bytes of a gzip header that nobody reads; never what it holds.
        assert found == whole[: len(found)]
        assert len(told) == (len(found) < len(whole)), place
        assert bool(found) or place < first.place.offset + first.place.length
    assert 20 < own < 180


def test_damage_in_the_next_capture_is_no_damage_of_this_one(
    captures: Callable[..., tuple[Capture, ...]], tmp_path: Path
) -> None:
    first, resource, _ = captures()
    (path,) = tmp_path.glob("*.warc.gz")
    bad = bytearray(path.read_bytes())
    bad[resource.place.offset + resource.place.length - 6] ^= 4
    path.write_bytes(bad)
    assert len(records_of(tmp_path, first, on_damage=unexpected)) == 3
    with pytest.raises(WarcError):
        records_of(tmp_path, resource, on_damage=unexpected)


def test_a_cut_file_is_told_unless_a_writer_is_at_work(
    captures: Callable[..., tuple[Capture, ...]], tmp_path: Path
) -> None:
    first, *_ = captures()
    (path,) = tmp_path.glob("*.warc.gz")
    data = path.read_bytes()
    end = first.place.offset + first.place.length
    for name in (path, path.with_name(path.name + ".open")):
        path.unlink(missing_ok=True)
        name.write_bytes(data[: end + 12])
        told: list[WarcError] = []
        assert len(records_of(tmp_path, first, on_damage=told.append)) == 1
        assert len(told) == (name == path)


def test_a_place_that_is_not_one_is_an_error(captures: Callable[..., tuple[Capture, ...]], tmp_path: Path) -> None:
    first, *_ = captures()
    place = first.place
    for wrong in (
        Place(file=place.file, offset=place.offset, length=place.length + 1),
        Place(file=place.file, offset=place.offset + 1, length=place.length),
        Place(file="gone.warc.gz", offset=0, length=1),
    ):
        with pytest.raises(WarcError):
            records_of(tmp_path, first.model_copy(update={"place": wrong}), on_damage=unexpected)
