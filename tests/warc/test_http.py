"""Heads, framing and content codings, whole and broken."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import ExtractionError
from newsarchive.warc.http import StoredResponse, decoded, split

PAGE = b"<html>" + b"summit " * 500
CODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]),
    "deflate": zlib.compress(PAGE),
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
}


def coded(coding: str, body: bytes) -> StoredResponse:
    return StoredResponse("HTTP/1.1 200 OK", (("content-encoding", coding),), body)


@pytest.mark.parametrize("coding", CODED)
def test_each_content_coding_is_undone(coding: str) -> None:
    assert decoded(coded(coding, CODED[coding]), max_size=len(PAGE)) == PAGE


@pytest.mark.parametrize("coding", CODED)
def test_a_coding_that_breaks_off_is_told_at_every_length(coding: str) -> None:
    body = CODED[coding]
    sound = len(gzip.compress(PAGE[:99])) if coding == "x-gzip" else -1  # one whole member of two
    for size in range(1, len(body)):
        if size == sound:
            continue
        with pytest.raises(ExtractionError) as caught:
            decoded(coded(coding, body[:size]), max_size=10**6)
        assert caught.value.reason == "bad-encoding"


@pytest.mark.parametrize("coding", CODED)
def test_a_coding_that_grows_too_far_is_stopped(coding: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        decoded(coded(coding, CODED[coding]), max_size=len(PAGE) - 1)
    assert caught.value.reason == "too-large"


def test_codings_are_undone_in_reverse_order() -> None:
    assert decoded(coded("deflate, gzip", gzip.compress(zlib.compress(PAGE))), max_size=10**6) == PAGE


def test_deflate_without_its_wrapper_is_read() -> None:
    packer = zlib.compressobj(wbits=-15)
    assert decoded(coded("deflate", packer.compress(PAGE) + packer.flush()), max_size=10**6) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "br", "utf-8", "none", "identity"])
def test_markup_that_is_not_coded_at_all_is_left_as_it_is(coding: str) -> None:
    assert decoded(coded(coding, PAGE), max_size=10**6) == PAGE


def test_an_empty_body_needs_no_decoding() -> None:
    assert decoded(coded("gzip", b""), max_size=1) == b""


@pytest.mark.parametrize(("coding", "body"), [("compress", b"x"), ("gzip", b"no markup"), ("zstd", b"x"), ("br", b"x")])
def test_what_cannot_be_undone_is_told(coding: str, body: bytes) -> None:
    with pytest.raises(ExtractionError) as caught:
        decoded(coded(coding, body), max_size=10**6)
    assert caught.value.reason == "bad-encoding"


def test_a_body_of_endless_members_is_stopped() -> None:
    with pytest.raises(ExtractionError, match="more than 100 members"):
        decoded(coded("gzip", gzip.compress(b"") * 101), max_size=10**6)


def test_folded_and_bare_lines_are_read_as_browsers_do() -> None:
    response = split(b"HTTP/1.0 404 Gone Fishing\nA: b\n  c\nno colon\nD:\n\r\nbody\n\nmore")
    assert (response.status, response.headers) == (404, (("A", "b c"), ("D", "")))
    assert response.body == b"body\n\nmore"


@given(st.binary(max_size=400))
def test_any_block_is_split_without_an_error(block: bytes) -> None:
    response = split(block)
    assert block.endswith(response.body)
    assert response.status is None or 0 <= response.status <= 999


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_any_body_is_decoded_or_named_as_broken(body: bytes, coding: str) -> None:
    response = StoredResponse("HTTP/1.1 200 OK", (("Content-Encoding", coding), ("Transfer-Encoding", "chunked")), body)
    try:
        outcome = str(len(decoded(response, max_size=1_000)) <= 1_000)
    except ExtractionError as error:
        outcome = error.reason
    assert outcome in {"True", "bad-encoding", "too-large"}
