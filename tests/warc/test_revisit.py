"""Revisit records: written as WARC/1.1 section 6.7 says, read by others, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from newsarchive.errors import UsageError, WarcError
from newsarchive.models import Origin, Profile, Role
from newsarchive.warc import WarcWriter, cdxj_line, import_records, read_http, read_payload, repair, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture
    from newsarchive.warc import Exchange

UNMODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "two"\r\n\r\n'


def pair(warc: WarcWriter, exchange: Callable[..., Exchange], origin: Origin, head: bytes | None) -> list[Capture]:
    first = warc.write(exchange(), origin=origin)
    asked = exchange(head=head, body=b"") if head else exchange()
    return [first, warc.write(asked, origin=origin, original=first)]


@pytest.mark.parametrize(("head", "profile"), [(UNMODIFIED, Profile.NOT_MODIFIED), (None, Profile.IDENTICAL)])
def test_another_reader_sees_a_revisit_of_the_first_capture(
    tmp_path: Path,
    writer: Callable[..., WarcWriter],
    exchange: Callable[..., Exchange],
    origin: Origin,
    head: bytes | None,
    profile: Profile,
) -> None:
    with writer() as warc:
        first, again = pair(warc, exchange, origin, head)
    with (tmp_path / again.place.file).open("rb") as file:
        records = [(record.rec_type, record) for record in ArchiveIterator(file, check_digests="raise")]
    kinds = [kind for kind, _ in records]
    assert kinds == ["warcinfo", "response", "request", "metadata", "revisit", "request", "metadata"]
    headers = records[4][1].rec_headers
    assert headers["WARC-Profile"] == profile
    assert headers["WARC-Refers-To"] == f"<{first.record_id}>"
    assert headers["WARC-Refers-To-Target-URI"] == first.url
    assert headers["WARC-Refers-To-Date"] == records[1][1].rec_headers["WARC-Date"]
    assert headers["WARC-Payload-Digest"] == first.payload_digest
    assert records[4][1].http_headers.get_statuscode() == str(again.status)
    assert records[4][1].rec_headers["Content-Length"] == str(len(head or exchange().response_head))
    assert '"mime": "warc/revisit"' in cdxj_line(again)
    assert f'"digest": "{first.payload_digest}"' in cdxj_line(again)


def test_a_scan_and_an_import_give_the_revisit_as_it_was_written(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        _, again = pair(warc, exchange, origin, UNMODIFIED)
    path = tmp_path / again.place.file
    assert list(scan(path))[1] == again
    assert again.revisit is not None
    assert again.etag == '"two"'
    imported = [one.capture for one in import_records(path)][1]
    assert imported == again.model_copy(update={"origin": Origin()})
    assert read_http(tmp_path, next(scan(path)).place).status == 200
    with pytest.raises(WarcError, match="no payload"):
        read_payload(tmp_path, again.place)


def test_a_left_file_with_a_revisit_is_finished_with_its_line(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    warc = writer()
    captures = pair(warc, exchange, origin, UNMODIFIED)
    warc.leave()
    assert not list(tmp_path.glob("*.cdxj"))
    (done,) = repair(tmp_path)
    assert (tmp_path / done.file).exists()
    written = (tmp_path / done.file.replace(".warc.gz", ".cdxj")).read_text(encoding="utf-8")
    assert sorted(written.splitlines(keepends=True)) == sorted(map(cdxj_line, captures))


def test_a_revisit_of_a_revisit_is_refused(
    writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        _, again = pair(warc, exchange, origin, None)
        with pytest.raises(UsageError, match="revisit itself"):
            warc.write(exchange(), origin=origin, original=again)


def test_a_file_is_finished_for_its_size_only_when_what_it_holds_was_noted(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange]
) -> None:
    origin = Origin(role=Role.PAGE)
    with writer(max_file_size=1_000) as warc:
        with warc.batch():
            files = {warc.write(exchange(), origin=origin).place.file for _ in range(5)}
            assert not list(tmp_path.glob("*.warc.gz"))
        assert len(files) == 1
        assert warc.write(exchange(), origin=origin).place.file not in files
        assert [path.name for path in tmp_path.glob("*.warc.gz")] == list(files)


def test_an_error_leaves_the_file_to_repair(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    def stopped() -> None:
        with writer() as warc:
            warc.write(exchange(), origin=origin)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert len(list(tmp_path.glob("*.warc.gz.open"))) == 1
    assert not list(tmp_path.glob("*.warc.gz"))
