"""The newsroom over the wire: validators, gzip, chunks, kept connections, editions, and the command."""

from __future__ import annotations

import gzip
import http.client
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from newsarchive.sample import Kind, NewsroomServer, build, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[NewsroomServer]:
    with serve(build(articles=120)) as running:
        yield running


@pytest.fixture
def wire(server: NewsroomServer) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        yield connection


def ask(
    wire: http.client.HTTPConnection, host: str, path: str, *, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """One request; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wire.request(method, path, headers={"Host": f"{host}:{wire.port}"} | named)
    response = wire.getresponse()
    return response, response.read()


def test_every_page_comes_over_one_connection_as_the_newsroom_says(
    server: NewsroomServer, wire: http.client.HTTPConnection
) -> None:
    connected = None
    for one in server.newsroom.articles:
        response, body = ask(wire, one.outlet.host, one.path)
        expected = server.newsroom.pages(*one.key, port=server.port)
        assert expected is not None
        assert (response.status, body) == (expected.status, expected.body)
        connected = connected or wire.sock
        assert wire.sock is connected
    assert [(one.host, one.path) for one in server.requests][-len(server.newsroom.articles) :] == [
        one.key for one in server.newsroom.articles
    ]


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_a_page_that_the_client_holds_is_not_sent_again(
    server: NewsroomServer, wire: http.client.HTTPConnection, header: str
) -> None:
    article = server.newsroom.accepted[0]
    first, _ = ask(wire, *article.key)
    validator = first.headers["ETag" if header == "If-None-Match" else "Last-Modified"]
    again, body = ask(wire, *article.key, **{header: validator})
    assert (again.status, body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert server.requests[-1].status == 304


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("If-None-Match", '"other"'),
        ("If-Modified-Since", "Fri, 01 Feb 2008 00:00:00 GMT"),
        ("If-Modified-Since", "soon"),
    ],
)
def test_a_page_that_the_client_does_not_hold_is_sent(
    server: NewsroomServer, wire: http.client.HTTPConnection, header: str, value: str
) -> None:
    response, body = ask(wire, *server.newsroom.accepted[0].key, **{header: value})
    assert response.status == 200
    assert body


def test_a_tag_that_does_not_match_outweighs_a_date_that_does(
    server: NewsroomServer, wire: http.client.HTTPConnection
) -> None:
    late = "Sat, 01 Jan 2022 00:00:00 GMT"
    response, _ = ask(wire, *server.newsroom.accepted[0].key, If_None_Match='"other"', If_Modified_Since=late)
    assert response.status == 200


def test_gzip_is_sent_where_it_is_taken(server: NewsroomServer, wire: http.client.HTTPConnection) -> None:
    article = server.newsroom.accepted[0]
    plain, text = ask(wire, *article.key)
    packed, data = ask(wire, *article.key, Accept_Encoding="gzip, deflate")
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(data) == text
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_one_article_comes_in_chunks(server: NewsroomServer, wire: http.client.HTTPConnection) -> None:
    article = next(one for one in server.newsroom.articles if one.chunked)
    response, body = ask(wire, *article.key)
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Content-Length"] is None
    assert article.paragraphs[-1].encode() in body


def test_head_tells_the_length_and_sends_nothing(server: NewsroomServer, wire: http.client.HTTPConnection) -> None:
    article = server.newsroom.accepted[0]
    response, body = ask(wire, *article.key, method="HEAD")
    _, text = ask(wire, *article.key)
    assert (body, response.headers["Content-Length"]) == (b"", str(len(text)))


def test_urls_name_the_served_port(server: NewsroomServer, wire: http.client.HTTPConnection) -> None:
    _, body = ask(wire, "harbor-post.localhost", "/sitemap.xml")
    assert server.url("harbor-post", "/sitemap-2019-02.xml").encode() in body


def test_an_unknown_host_gets_a_page_with_the_outlets(server: NewsroomServer, wire: http.client.HTTPConnection) -> None:
    response, body = ask(wire, "localhost", "/anything")
    assert response.status == 200
    assert all(server.url(outlet.name).encode() in body for outlet in server.newsroom.outlets)


def test_the_edition_can_be_switched_while_serving() -> None:
    with serve(build(articles=120)) as server, closing(http.client.HTTPConnection("127.0.0.1", server.port)) as wire:
        before = server.newsroom
        tags = {one.key: ask(wire, *one.key)[0].headers["ETag"] for one in before.accepted}
        server.edition = 2
        fresh = [key for key, tag in tags.items() if ask(wire, *key, If_None_Match=tag)[0].status == 200]
    changed = [old.key for old, new in zip(before.articles, server.newsroom.articles, strict=True) if old != new]
    assert fresh == changed
    assert len(fresh) == 1


def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    command = [
        sys.executable,
        "-m",
        "newsarchive.sample",
        "--port",
        "0",
        "--articles",
        "120",
        "--port-file",
        str(port_file),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = [process.stdout.readline().strip() for _ in range(5)]
        port = int(port_file.read_text(encoding="ascii"))
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as wire:
            response, _ = ask(wire, "northline.localhost", "/")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert response.status == 200
    assert urls[0] == f"http://harbor-post.localhost:{port}/"
    assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_an_error_with_a_tip(server: NewsroomServer) -> None:
    command = [sys.executable, "-m", "newsarchive.sample", "--port", str(server.port), "--articles", "120"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"cannot serve on port {server.port}" in done.stderr
    assert "--port" in done.stderr


def test_the_page_behind_the_paywall_says_that_it_is_not_free(
    server: NewsroomServer, wire: http.client.HTTPConnection
) -> None:
    _, body = ask(wire, *server.newsroom.one(Kind.PAYWALLED).key)
    assert b'"isAccessibleForFree": false' in body
