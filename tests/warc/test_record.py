"""Record headers: ours, old ones, wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import UsageError
from newsarchive.warc.record import (
    RecordFault,
    build,
    digest_agrees,
    format_date,
    named_fields,
    parse_date,
    parse_fields,
    parse_header,
)

VALUE = st.text(max_size=80)


@given(st.dictionaries(st.sampled_from(["via", "source", "role"]), VALUE), st.binary(max_size=200))
def test_what_is_built_is_parsed_again(fields: dict[str, str], block: bytes) -> None:
    try:
        data = build(fields.items(), block)
    except UsageError:
        return
    header = parse_header(data)
    assert {name: header.fields[name] for name in fields} == fields
    assert data[header.block_start :] == block + b"\r\n\r\n"
    assert header.block_length == len(block)


@given(st.binary(max_size=300).map(lambda data: b"WARC/1.0\r\n" + data))
def test_any_header_is_parsed_or_refused(data: bytes) -> None:
    try:
        header = parse_header(data)
    except RecordFault:
        return
    assert 0 < header.block_start <= len(data)
    assert header.kind == header.kind.lower()
    assert "\n" not in header.url


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - the zone follows
def test_any_time_is_written_and_read_again(when: datetime) -> None:
    aware = when.replace(tzinfo=timezone(timedelta(hours=7)))
    assert parse_date(format_date(aware)) == aware


@pytest.mark.parametrize(
    "length", [b"", b"Content-Length: -1", b"Content-Length: 1e3", b"Content-Length: " + b"9" * 19]
)
def test_a_block_of_unknown_length_is_refused(length: bytes) -> None:
    with pytest.raises(RecordFault):
        parse_header(b"WARC/1.1\r\nWARC-Type: response\r\n" + length + b"\r\n\r\n")


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(RecordFault, match="does not end"):
        parse_header(b"WARC/1.1\r\nContent-Length: 0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n")


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "\x00", " a", "a\u2028", "\ud800"])
def test_a_value_that_would_not_come_back_is_refused(value: str) -> None:
    with pytest.raises(UsageError):
        named_fields([("via", value)])


def test_bytes_of_an_old_charset_are_read_as_latin_1() -> None:
    assert parse_fields(b"via: caf\xe9") == {"via": "café"}
    assert parse_fields("via: café".encode()) == {"via": "café"}


def test_angle_brackets_and_control_characters_leave_a_url() -> None:
    header = parse_header(
        b"WARC/0.18\nWARC-Target-URI: <http://harbor.example/a\tb\x07>\nContent-Length: 0\nWARC-Type: Response\n\n"
    )
    assert header.url == "http://harbor.example/a\tb%07"
    assert header.kind == "response"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019", datetime(2019, 1, 1, tzinfo=UTC)),
        ("2019-02-27T18:30Z", datetime(2019, 2, 27, 18, 30, tzinfo=UTC)),
        ("2019-02-27T18:30:60.123456789Z", datetime(2019, 2, 27, 18, 30, 59, 123456, tzinfo=UTC)),
        ("0000", None),
        ("soon", None),
        ("20191327000000", None),
    ],
)
def test_dates_of_every_precision_are_read(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "value",
    [
        "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "SHA-1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        "md5:1B2M2Y8AsgTpgAmY7PhCfg==",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ",
    ],
)
def test_digests_are_read_in_the_spellings_of_all_writers(value: str) -> None:
    assert digest_agrees(value, b"") is True
    assert digest_agrees(value, b"x") is False
