"""What a person orders with `newsarchive recheck`, over real commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.errors import ArchiveReadOnly, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URLS = tuple(f"https://harbor.example/politics/{name}" for name in ("summit-ends", "summit-opens", "harvest"))
AWAY = "https://elsewhere.example/summit"


@pytest.fixture
def held(folder: Path, tmp_path: Path, page: Callable[..., bytes]) -> Path:
    """An archive with three articles of a site that is crawled, and one of a site that is not."""
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[sources.harbor]\nurl = "https://www.harbor.example/"\n')
    pages = tmp_path / "pages"
    pages.mkdir()
    for number, url in enumerate([*URLS, AWAY]):
        headline = f"{'Harvest' if 'harvest' in url else 'Summit'} number {number}"
        (pages / f"{number}.html").write_bytes(page(url, headline=headline))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(pages)
    return folder


def test_articles_of_a_query_are_added_listed_and_taken_back(held: Path, command: Callable[..., Any]) -> None:
    added = command("-A", held, "recheck", "add", "headline:summit", "--every", "1d")
    assert (added.code, added.out.split()[0]) == (0, "2")
    assert "1 article left out, of no site that is crawled" in added.err
    listed = command("-A", held, "recheck", "list", "--json").json
    assert listed["schema"] == "newsarchive.rechecks/1"
    assert [row["url"] for row in listed["results"]] == sorted(URLS[:2])
    assert {row["why"] for row in listed["results"]} == {"ordered: headline:summit every 1 d"}
    removed = command("-A", held, "recheck", "remove", URLS[0])
    assert (removed.code, removed.out.split()[0]) == (0, "1")
    assert [row["url"] for row in command("-A", held, "recheck", "list", "--json").json["results"]] == [URLS[1]]


def test_an_order_may_name_its_time(held: Path, command: Callable[..., Any]) -> None:
    command("-A", held, "recheck", "add", URLS[0], "--at", "2031-05-01T06:00Z")
    command("-A", held, "recheck", "add", URLS[1], "--at", "+6h")
    rows = command("-A", held, "recheck", "list", "--json").json["results"]
    due = {row["url"]: datetime.fromisoformat(row["due_at"]) for row in rows}
    assert due[URLS[0]] == datetime(2031, 5, 1, 6, tzinfo=UTC)
    assert timedelta(hours=5) < due[URLS[1]] - datetime.now(UTC) < timedelta(hours=7)
    soon = command("-A", held, "recheck", "list", "--until", "+1d", "--json").json["results"]
    assert [row["url"] for row in soon] == [URLS[1]]


def test_what_cannot_be_ordered_is_said(held: Path, command: Callable[..., Any]) -> None:
    assert command("-A", held, "recheck", "add", "headline:summit", "--at", "soonish").code == 2
    assert command("-A", held, "recheck", "add", "headline:summit", "--every", "often").code == 2
    assert command("-A", held, "recheck", "add", "headline:summit", "--until", "2031").code == 2
    assert command("-A", held, "recheck", "add", "headline:(").code == 2
    assert command("-A", held, "recheck", "add", AWAY).code == 4
    assert command("-A", held, "recheck", "add", "https://harbor.example/none").code == 1
    none = command("-A", held, "recheck", "add", "zebra")
    assert (none.code, none.out) == (4, "")
    assert "no article answers 'zebra'" in none.err
    none = command("-A", held, "recheck", "remove", "headline:summit")
    assert (none.code, none.out) == (0, "")
    assert "has an order" in none.err
    unknown = command("-A", held, "recheck", "list", "harbour")
    assert unknown.code == 2
    assert "harbor" in unknown.err.partition("tip:")[2]


def test_python_orders_as_the_command_does(held: Path) -> None:
    with newsarchive.open(held, mode="rw") as archive:
        done = archive.recheck("headline:summit", every=timedelta(hours=3), until="2031")
        assert (done.articles, done.without_source) == (2, 1)
        assert len(archive.rechecks("harbor")) == 2
        assert archive.cancel_recheck("summit") == 2
        with pytest.raises(UsageError, match="repeats"):
            archive.recheck("summit", until="2031")
    with newsarchive.open(held) as archive, pytest.raises(ArchiveReadOnly):
        archive.recheck("summit")


def test_a_time_without_a_zone_is_refused_since_it_means_another_one_elsewhere(archive: newsarchive.Archive) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        archive.rechecks(until=datetime(2026, 12, 1))  # noqa: DTZ001 - what is refused
