"""Reads pages of a `World` without a crawl, or by another library's own fetching; a process of its own each.

    python readers.py SYSTEM FOLDER PAGES PART OF

Says `ready` once everything is imported and the pages are in memory, waits for a line, reads its share of the pages,
and prints what that took as JSON. A library that cannot be imported says `absent: WHY` instead.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

from crawl_bench.pages import load

if TYPE_CHECKING:
    from collections.abc import Callable


def _trafilatura() -> Callable[[str, str, bytes], object]:
    from trafilatura import bare_extraction  # noqa: PLC0415 - one of several

    return lambda url, _, body: bare_extraction(body, url=url, with_metadata=True)


def _ours() -> Callable[[str, str, bytes], object]:
    from newsarchive.extraction import extract  # noqa: PLC0415 - one of several
    from newsarchive.models import Payload  # noqa: PLC0415 - one of several

    return lambda url, kind, body: extract(Payload(url=url, body=body, content_type=kind, status=200))


def _newspaper() -> Callable[[str, str, bytes], object]:
    from newspaper import article  # noqa: PLC0415 - one of several

    return lambda url, *_: article(url, fetch_images=False)


def _fetched(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback server
        return gzip.decompress(answer.read()).decode("utf-8", "replace")


def _news_please() -> Callable[[str, str, bytes], object]:
    from newsplease import NewsPlease  # noqa: PLC0415 - one of several

    # It would fetch the pages' images from hosts that there are not, and wait for each.
    return lambda url, *_: NewsPlease.from_html(_fetched(url), url=url, fetch_images=False)


def _fundus() -> Callable[[str, str, bytes], object]:
    from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute  # noqa: PLC0415 - one of several
    from fundus.parser.utility import extract_article_body_with_selector  # noqa: PLC0415 - one of several
    from lxml.cssselect import CSSSelector  # noqa: PLC0415 - one of several

    class Newsroom(ParserProxy):
        class V1(BaseParser):
            @attribute
            def body(self) -> ArticleBody | None:
                return extract_article_body_with_selector(
                    self.precomputed.doc, paragraph_selector=CSSSelector("article p")
                )

            @attribute
            def title(self) -> str | None:
                return self.precomputed.meta.get("og:title")

    parser = Newsroom()()

    return lambda url, *_: parser.parse(_fetched(url), error_handling="catch")


SYSTEMS: Final = {
    "trafilatura": _trafilatura,
    "ours": _ours,
    "newspaper4k": _newspaper,
    "news-please": _news_please,
    "fundus": _fundus,
}


def _resolve_localhost() -> None:
    """Names under .localhost are loopback (RFC 6761, section 6.3); not every system's resolver knows that."""
    ask = socket.getaddrinfo

    def answer(host: str | bytes | None, *rest: object, **named: object) -> object:
        text = host.decode() if isinstance(host, bytes) else host or ""
        return ask("127.0.0.1" if text.endswith(".localhost") else host, *rest, **named)

    socket.getaddrinfo = answer


def main() -> None:
    """Read this process's share."""
    system, folder, pages, part, of = sys.argv[1:]
    logging.disable(logging.ERROR)
    _resolve_localhost()
    try:
        read = SYSTEMS[system]()
    except ImportError as error:
        print(f"absent: {error}")
        return
    world = load(Path(folder))
    wanted = world.articles[: int(pages)][int(part) :: int(of)]
    held = [(world.url(answer), answer.content_type, body) for answer, body in world.read(wanted)]
    with contextlib.suppress(Exception):
        read(*held[0])  # warm
    print("ready", flush=True)
    sys.stdin.readline()
    before, began, failed = time.process_time(), time.perf_counter(), 0
    for page in held:
        try:
            read(*page)
        except Exception:  # noqa: BLE001 - another library's; counted
            failed += 1
    spent, wall = time.process_time() - before, time.perf_counter() - began
    print(json.dumps({"pages": len(held), "failed": failed, "cpu": spent, "wall": wall}))


if __name__ == "__main__":
    main()
