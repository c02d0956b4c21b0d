"""The CDXJ file is what the common indexer makes of the same WARC file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.warc.cdxj import write_cdxj

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.models import Origin
    from newsarchive.warc import Exchange, WarcWriter

HEADS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n",
    b"HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
]
URLS = [
    "https://www.harbor.example/b?z=1&a=2",
    "http://harbor.example:8080/A/../c%20d",
    "https://harbor.example/",
    "https://sub.harbor.example/h%C3%A0-n%E1%BB%99i",
]


def test_it_equals_what_the_common_indexer_writes(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        for head in HEADS:
            for url in URLS:
                warc.write(exchange(head=head, url=url), origin=origin)
        warc.write_resource(URLS[0], b"x", content_type="text/plain", captured_at=exchange().captured_at, origin=origin)
    (path,) = tmp_path.glob("*.warc.gz")
    indexer = [Path(sys.executable).parent / "cdxj-indexer", "--sort", path]
    expected = subprocess.run(indexer, capture_output=True, text=True, check=True).stdout
    assert path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj").read_text() == expected
    assert expected.count("\n") == 13


def test_lines_are_sorted_by_their_bytes_and_replace_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.cdxj"
    path.write_text("old")
    write_cdxj(path, ["b\n", "ā\n", "B\n", "a,b)\n"])
    assert path.read_bytes().decode() == "B\na,b)\nb\nā\n"
    assert [made.name for made in tmp_path.iterdir()] == ["a.cdxj"]
