"""What `coverage` says of days, from runs and captures whose times are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.archive import Archive, init_folder
from newsarchive.digests import article_id, text_digest
from newsarchive.errors import UnknownSource, UsageError
from newsarchive.models import Capture, Extraction, Origin, Place, Role
from newsarchive.storage import Articles, Captures, Database, Reading, Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsarchive.archive import Coverage

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = '\n[sources.harbor]\nurl = "https://harbor.example/"\n'


class Past:
    """Puts into an archive what crawls of the past would have left there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.at = FIRST
        self._number = 0
        self._database = Database(folder / "articles.db", clock=lambda: self.at)

    def run(self, day: float, *, read: int | None = 1) -> None:
        """A run of a day that read so many discovery documents; None is a run that did not count them."""
        self.at = FIRST + timedelta(days=day)
        runs = Runs(self._database)
        number = runs.begin("harbor")
        runs.finish(number, outcome="finished", counts={} if read is None else {"sources_read": read})

    def capture(self, day: float, url: str, *, status: int = 200, role: Role = Role.DISCOVERY) -> int:
        """A capture of a day."""
        self._number += 1
        row = Captures(self._database).add(
            Capture(
                record_id=f"urn:uuid:{self._number:032x}",
                url=url,
                captured_at=FIRST + timedelta(days=day),
                place=Place(file="one.warc.gz", offset=self._number, length=1),
                status=status,
                origin=Origin(role=role, source="harbor"),
            )
        )
        assert row is not None
        return row

    def article(self, published: str, *, seen: float, precision: str = "second") -> None:
        """An article that was first seen on a day."""
        url = f"https://harbor.example/{self._number}"
        row = self.capture(seen, url, role=Role.PAGE)
        at = datetime.fromisoformat(published)
        told = Extraction(url=url, headline="Summit", paragraphs=(url,), published=at, published_precision=precision)
        Articles(self._database).add(
            Reading(row, FIRST + timedelta(days=seen), article_id(url), url, "harbor", text_digest("Summit", url), told)
        )

    def coverage(self, *, now: float = 10, **kwargs: str) -> Coverage:
        with Archive(self.folder, clock=lambda: FIRST + timedelta(days=now)) as archive:
            return archive.coverage(**kwargs)

    def states(self, *, now: float) -> str:
        """The days by the first letter of their state."""
        return "".join(day.state[0] for day in self.coverage(now=now).days)

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Past]]:
    made: list[Past] = []

    def past(extra: str = "") -> Past:
        folder = init_folder(tmp_path / f"archive{len(made)}")
        with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(SOURCE + extra)
        made.append(Past(folder))
        return made[-1]

    yield past
    for one in made:
        one.close()


@pytest.fixture
def past(make: Callable[..., Past]) -> Past:
    return make()


def test_a_day_without_news_is_told_from_a_day_without_a_crawl(past: Past) -> None:
    for day in (0.1, 0.4, 1.1, 3.1):
        past.run(day)
    past.article("2026-03-01T10:00:00+00:00", seen=0.4)
    first, second, third, fourth = past.coverage(now=3.5).days
    assert (first.articles, first.crawls, first.state) == (1, 2, "crawled")
    assert (second.articles, second.crawls, second.state) == (0, 1, "crawled")
    assert (third.articles, third.crawls, third.state) == (0, 0, "gap")
    assert fourth.state == "crawled"
    assert [day.day for day in past.coverage(now=3.5).gaps] == [date(2026, 3, 3)]


def test_a_run_that_could_read_nothing_is_no_crawl(past: Past) -> None:
    past.run(0.1)
    past.run(1.1, read=0)
    past.run(2.1)
    assert past.states(now=2.5) == "cgc"


def test_articles_that_were_found_later_count_for_their_day(past: Past) -> None:
    past.run(0.1)
    past.run(2.1)
    past.article("2026-03-02T10:00:00+00:00", seen=2.1)
    past.article("2026-03-03T01:00:00+00:00", seen=2.1)
    _, second, third = past.coverage(now=2.5).days
    assert (second.articles, second.later, second.crawls, second.state) == (1, 1, 0, "back-filled")
    assert (third.articles, third.later, third.state) == (1, 0, "crawled")


def test_captures_tell_where_no_run_is_known(past: Past) -> None:
    past.capture(0.1, "https://harbor.example/feed")
    past.capture(0.1, "https://harbor.example/sitemap.xml")
    past.capture(0.6, "https://harbor.example/feed")
    past.capture(1.1, "https://harbor.example/robots.txt")
    past.capture(2.1, "https://harbor.example/feed", status=503)
    past.capture(3.1, "https://harbor.example/feed", status=304)
    past.capture(4.1, "https://harbor.example/4", role=Role.PAGE)
    past.capture(5.1, "https://harbor.example/feed")
    past.run(5.1, read=None)
    assert [day.crawls for day in past.coverage(now=5.5).days] == [2, 0, 0, 1, 0, 1]


def test_a_run_speaks_before_the_captures_of_its_day(past: Past) -> None:
    past.run(0.1)
    past.capture(1.1, "https://harbor.example/feed")
    past.run(1.1, read=0)
    past.run(2.1)
    assert past.states(now=2.5) == "cgc"


def test_days_are_those_of_the_source(make: Callable[..., Past]) -> None:
    past = make('timezone = "Asia/Ho_Chi_Minh"\n')
    past.run(0.9)  # early on 2 March there
    past.article("2026-03-01T20:00:00+00:00", seen=0.9)
    past.article("2026-03-02T00:00:00+00:00", seen=0.9, precision="day")
    (day,) = past.coverage(now=0.95).days
    assert (day.day, day.articles, day.crawls) == (date(2026, 3, 2), 2, 1)


def test_a_day_that_is_known_without_its_time_is_not_moved_by_a_zone(make: Callable[..., Past]) -> None:
    past = make('timezone = "America/New_York"\n')
    past.run(1.5)
    past.article("2026-03-02T00:00:00+00:00", seen=1.5, precision="day")
    (day,) = past.coverage(now=1.6).days
    assert (day.day, day.articles) == (date(2026, 3, 2), 1)


def test_today_is_left_out_while_nothing_is_known_of_it(past: Past) -> None:
    past.run(0.1)
    assert past.states(now=1.5) == "c"
    assert past.states(now=2.5) == "cg"


def test_since_and_until_bound_the_days(past: Past) -> None:
    past.run(2.1)
    past.article("2026-02-27T10:00:00+00:00", seen=2.1)
    assert [str(day.day) for day in past.coverage(now=2.5).days] == ["2026-03-03"]
    wide = past.coverage(since="2026-02-27", until="2026-03-01").days
    assert [(str(day.day), day.articles) for day in wide] == [("2026-02-27", 1), ("2026-02-28", 0), ("2026-03-01", 0)]
    assert len(past.coverage(since="2026-02", until="2026-02").days) == 28
    with pytest.raises(UsageError, match="no date"):
        past.coverage(since="soon")
    with pytest.raises(UnknownSource, match="never crawled"):
        past.coverage(source="elsewhere")


def test_the_command_prints_a_calendar_rows_and_a_summary(past: Past, command: Callable[..., Any]) -> None:
    past.run(0.1)
    past.run(2.1)
    past.article("2026-03-01T10:00:00+00:00", seen=0.4)
    told = command("-A", past.folder, "coverage", "--until", "2026-03-03", "--format", "table")
    assert told.code == 0
    assert "  2026-03  █×·" in told.out
    assert "harbor: 1 article of 3 days; 2 crawled, 1 gap: 2026-03-02" in told.err
    rows = command("-A", past.folder, "coverage", "--source", "harbor", "--until", "2026-03-03", "--json").json
    assert rows["schema"] == "newsarchive.coverage/1"
    assert rows["results"][1] == {
        "source": "harbor", "day": "2026-03-02", "articles": 0, "later": 0, "crawls": 0, "state": "gap",
    }  # fmt: skip
    lines = command("-A", past.folder, "coverage", "--until", "2026-03-03", "--format", "csv").out.splitlines()
    assert lines[1] == "harbor,2026-03-01,1,0,1,crawled"
    assert command("-A", past.folder, "coverage", "--source", "x").code == 2
