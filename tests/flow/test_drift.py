"""A site is redesigned between two crawls, and the archive says what its pages do not give any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.sample import NewsroomServer, build, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.settings import SourceSettings

SOURCES = ("northline", "river-herald")


@pytest.fixture
def newsroom() -> Iterator[NewsroomServer]:
    """A newsroom of this test's own, large enough for two crawls that both bring many articles."""
    with serve(build(1, articles=340)) as server:
        yield server


@pytest.fixture
def found() -> dict[str, SourceSettings]:
    """What `sources add` finds names the port, which is this newsroom's own."""
    return {}


@pytest.fixture
def crawled(new_archive: Callable[..., Path]) -> Path:
    """An archive that holds the newest thirty pages of two outlets."""
    folder = new_archive("drift", sources=SOURCES)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl(limit=30)
        assert archive.status().alarms == ()
    return folder


def test_a_redesign_that_empties_a_field_is_told_and_ends_with_4(
    newsroom: NewsroomServer, crawled: Path, command: Callable[..., Any]
) -> None:
    newsroom.redesign("northline")
    crawl = command("-A", crawled, "crawl")
    status = command("-A", crawled, "status")
    warned = [text for text in status.out.splitlines() if text.startswith("warning: ")]
    assert (crawl.code, status.code) == (4, 4)
    assert [text for text in crawl.out.splitlines() if text.startswith("warning: ")] == warned
    (authors,) = [text for text in warned if "authors" in text]
    assert authors.startswith("warning: northline: authors found on 0 of ")
    assert "newsarchive extract http://northline.localhost" in authors
    assert authors.endswith("write a rule in spiders/northline.py")
    assert not [text for text in warned if "river-herald" in text]
    assert not [text for text in warned if "headline" in text or "text found" in text]
    record = command("-A", crawled, "status", "--json")
    assert record.code == 4
    northline, herald = (next(one for one in record.json["sources"] if one["name"] == name) for name in SOURCES)
    assert northline["newest"]["shares"]["authors"] == 0
    assert northline["usual"]["shares"]["authors"] > 0.9
    assert {alarm["subject"] for alarm in northline["alarms"]} == {"authors", "description", "image"}
    assert herald["alarms"] == []
    assert herald["newest"]["shares"]["authors"] > 0.9
    table = command("-A", crawled, "status", "--fields").out
    assert "authors" in table
    assert any(row.split()[0] == "northline" and " 0% " in row for row in table.splitlines())


def test_a_crawl_of_pages_as_they_were_rings_nothing(crawled: Path, command: Callable[..., Any]) -> None:
    crawl = command("-A", crawled, "crawl")
    status = command("-A", crawled, "status")
    assert (crawl.code, status.code) == (0, 0), crawl.out + status.out
    assert "warning" not in crawl.out + status.out
    with newsarchive.open(crawled) as archive:
        for source in archive.status().sources:
            assert source.newest is not None
            assert source.usual is not None
            assert source.newest.articles >= 10


def test_pages_that_are_all_rejected_are_told_until_they_are_read_anew(
    crawled: Path, command: Callable[..., Any]
) -> None:
    settings = (crawled / "newsarchive.toml").read_text(encoding="utf-8")
    (crawled / "newsarchive.toml").write_text(f"{settings}\n[validation]\nmin_words = 5000\n", encoding="utf-8")
    assert command("-A", crawled, "crawl", "northline").code == 4
    (warned,) = [text for text in command("-A", crawled, "status").out.splitlines() if text.startswith("warning: ")]
    assert "northline" in warned
    assert "pages rejected, mostly too-short" in warned
    (crawled / "newsarchive.toml").write_text(settings, encoding="utf-8")
    command("-A", crawled, "rejected", "--retry")
    assert command("-A", crawled, "status").code == 0


def test_a_rule_and_a_second_reading_end_the_alarm_of_a_field(
    newsroom: NewsroomServer, crawled: Path, command: Callable[..., Any]
) -> None:
    def told() -> set[str]:
        sources = command("-A", crawled, "status", "--json").json["sources"]
        (northline,) = (one for one in sources if one["name"] == "northline")
        return {alarm["subject"] for alarm in northline["alarms"]}

    newsroom.redesign("northline")
    command("-A", crawled, "crawl")
    assert told() == {"authors", "description", "image"}
    with (crawled / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[sources.northline.rules]]\ndescription = "p"\n')
    assert command("-A", crawled, "reextract", "--source", "northline").code == 0
    assert told() == {"authors", "image"}
