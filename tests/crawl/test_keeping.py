"""Exchanges that share a sync: kept all when that is told, and none of them where the disk refuses."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from newsarchive.archive import Archive, init_folder
from newsarchive.crawl.keeping import Keeper
from newsarchive.errors import UsageError
from newsarchive.models import Candidate, Origin, Via
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORIGIN = Origin(source="harbor", via="https://harbor.example/sitemap.xml")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def exchange(number: int) -> Exchange:
    url = f"https://harbor.example/story-{number}"
    body = b"<p>Story %d</p>" % number
    return Exchange(url, datetime.now(UTC), b"GET / HTTP/1.1\r\nHost: harbor.example\r\n\r\n", HEAD, body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return init_folder(tmp_path / "archive")


@pytest.fixture
def keeper(folder: Path) -> Iterator[Keeper]:
    keeper = Keeper.of(folder)
    yield keeper
    keeper.leave()


def rows(folder: Path) -> list[str]:
    with Archive(folder) as archive:
        return sorted(row.capture.url for row in archive._holdings.captures.pending())


def queued(folder: Path) -> int:
    with Archive(folder) as archive:
        return archive.frontier.counts("harbor").queued


async def keep_all(keeper: Keeper, exchanges: list[Exchange]) -> list[str | BaseException]:
    outcomes = await asyncio.gather(*(keeper.keep(one, ORIGIN) for one in exchanges), return_exceptions=True)
    return [one if isinstance(one, BaseException) else one.url for one in outcomes]


def test_exchanges_that_come_together_share_one_sync_and_are_rows_when_it_is_told(
    folder: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(keep_all(keeper, [exchange(0)]))  # opens the file
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(descriptor), real(descriptor)))
    pages = [exchange(number) for number in range(1, 21)]
    assert asyncio.run(keep_all(keeper, pages)) == [page.url for page in pages]
    assert len(synced) == 1
    assert len(rows(folder)) == 21


def test_nothing_is_acknowledged_before_the_sync(folder: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(keep_all(keeper, [exchange(0)]))
    seen: list[int] = []
    real = os.fsync

    def look(descriptor: int) -> None:
        seen.append(len(rows(folder)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    asyncio.run(keep_all(keeper, [exchange(1), exchange(2)]))
    assert seen == [1]


@pytest.mark.parametrize("broken", ["fsync", "write"])
def test_where_the_disk_refuses_none_is_kept_and_all_are_told(
    folder: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    with Archive(folder, mode="rw") as archive:
        archive.frontier.offer("harbor", [Candidate(url=exchange(n).url, via=Via.SITEMAP) for n in range(4)])
    asyncio.run(keep_all(keeper, [exchange(0)]))
    calls, real = [], getattr(os, broken)

    def refuse(descriptor: int, *rest: bytes) -> int:
        calls.append(descriptor)
        if len(calls) == (1 if broken == "fsync" else 2):
            raise OSError(28, "No space left on device")
        return int(real(descriptor, *rest) or 0)

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, refuse)
        outcomes = asyncio.run(keep_all(keeper, [exchange(1), exchange(2), exchange(3)]))
    assert [type(one) for one in outcomes] == [OSError] * 3
    assert (rows(folder), queued(folder)) == ([exchange(0).url], 3)
    pages = [exchange(number) for number in range(1, 4)]
    assert asyncio.run(keep_all(keeper, pages)) == [page.url for page in pages]
    assert (len(rows(folder)), queued(folder)) == (4, 0)


def test_exchanges_wait_while_any_crawl_may_receive_more_and_no_longer(
    folder: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsarchive.crawl.keeping._GATHER", 600.0)
    second = Keeper.of(folder)
    on_their_way = {1, 2}

    async def run() -> list[int]:
        with keeper.watching(lambda: bool(on_their_way)), second.watching(lambda: False):
            kept = [asyncio.ensure_future(keeper.keep(exchange(number), ORIGIN)) for number in range(3)]
            for _ in range(10):  # turns of the loop, in which nothing may happen
                await asyncio.sleep(0)
            waited = len(rows(folder))
            on_their_way.clear()
            last = [second.keep(exchange(number), ORIGIN) for number in range(3, 6)]
            await asyncio.wait_for(asyncio.gather(*kept, *last), 60)
        return [waited, len(rows(folder))]

    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(descriptor), real(descriptor)))
    assert asyncio.run(run()) == [0, 6]
    assert len(synced) == 3  # the first record, its folder, and all six at once
    second.leave()


def test_an_exchange_that_cannot_be_kept_fails_alone(folder: Path, keeper: Keeper) -> None:
    odd = replace(exchange(1), response_head=b"HTTP/1.1 200 OK\r\n")
    first, second, third = asyncio.run(keep_all(keeper, [exchange(0), odd, exchange(2)]))
    assert (first, third) == (exchange(0).url, exchange(2).url)
    assert isinstance(second, UsageError)
    assert len(rows(folder)) == 2


def test_crawls_of_one_process_share_a_keeper_until_the_last_leaves(folder: Path) -> None:
    first, second = Keeper.of(folder), Keeper.of(folder)
    assert first is second
    asyncio.run(keep_all(first, [exchange(0)]))
    first.leave()
    assert list((folder / "warc").glob("*.open"))
    second.leave()
    assert not list((folder / "warc").glob("*.open"))
    third = Keeper.of(folder)
    assert third is not first
    third.leave()


def test_captures_whose_rows_are_refused_are_told_and_noted_by_the_next_writer(folder: Path) -> None:
    keeper = Keeper.of(folder)
    asyncio.run(keep_all(keeper, [exchange(0)]))
    refuse = "CREATE TRIGGER full BEFORE INSERT ON captures BEGIN SELECT RAISE(ABORT, 'refused'); END"
    with sqlite3.connect(folder / "articles.db") as database:
        database.execute(refuse)
    outcomes = asyncio.run(keep_all(keeper, [exchange(1), exchange(2)]))
    assert [str(one) for one in outcomes] == ["refused"] * 2
    assert rows(folder) == [exchange(0).url]
    with sqlite3.connect(folder / "articles.db") as database:
        database.execute("DROP TRIGGER full")
    keeper.leave()
    Keeper.of(folder).leave()
    assert exchange(1).url in rows(folder)
    assert not list((folder / "warc").glob("*.open"))
