"""A source that is crawled in some hours of the day alone, and articles that are looked at again, over real HTTP."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import Archive
from newsarchive.sample import NewsroomServer, build, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.settings import SourceSettings

SCRAPY = Path(sys.executable).with_name("scrapy")
CRAWL_AT = Path(__file__).with_name("crawl_at.py")
NIGHT = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.fixture
def newsroom() -> Iterator[NewsroomServer]:
    """A newsroom of this test's own, since it is edited."""
    with serve(build(1, articles=100)) as server:
        yield server


@pytest.fixture
def found() -> dict[str, SourceSettings]:
    """What `sources add` finds names the port, which is this newsroom's own."""
    return {}


@pytest.fixture
def folder(new_archive: Callable[..., Path]) -> Path:
    """An archive that crawls one outlet."""
    return new_archive("hours", sources=("harbor-post",))


def say(folder: Path, key: str, value: object) -> None:
    """Set a key of the source, whose table is the last of the settings."""
    path = folder / "newsarchive.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"{key} = {value}\n", encoding="utf-8")


def crawl_at(folder: Path, at: datetime) -> None:
    """Crawl and process as if it were another time."""
    command = [sys.executable, str(CRAWL_AT), str(folder), "harbor-post", at.isoformat()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    with Archive(folder, mode="rw", clock=lambda: at) as archive:
        archive.process()


def test_outside_of_its_hours_nothing_is_fetched_and_the_opening_is_told(
    newsroom: NewsroomServer, folder: Path, command: Callable[..., Any]
) -> None:
    opens = datetime.now(UTC).replace(second=0) + timedelta(hours=2)
    say(folder, "window", f'"{opens:%H:%M}-{opens + timedelta(hours=1):%H:%M}"')
    before = len(newsroom.requests)
    done = command("-A", folder, "crawl")
    assert done.code == 0
    assert f"harbor-post: outside of its hours, nothing fetched; they begin at {opens:%Y-%m-%d %H:%M} UTC" in done.out
    scrapy = subprocess.run(
        [str(SCRAPY), "crawl", "site", "-a", "source=harbor-post"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert scrapy.returncode == 0
    assert "outside of its hours" in scrapy.stderr
    assert len(newsroom.requests) == before
    with newsarchive.open(folder) as archive:
        assert archive.runs.latest("harbor-post") is None


def test_a_crawl_ends_when_the_hours_end_and_the_next_night_goes_on(newsroom: NewsroomServer, folder: Path) -> None:
    say(folder, "window", '"01:00-05:00"')
    say(folder, "delay", 0.2)
    crawl_at(folder, NIGHT.replace(hour=4, minute=59, second=57))
    with newsarchive.open(folder) as archive:
        run = archive.runs.latest("harbor-post")
        left = archive.frontier.counts("harbor-post")
    assert run is not None
    assert run.outcome == "hours-over"
    assert left.queued > 0
    assert left.failed == 0
    assert "sources_failed" not in run.counts
    asked = len(newsroom.requests)
    path = folder / "newsarchive.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("delay = 0.2", "delay = 0"), encoding="utf-8")
    crawl_at(folder, NIGHT + timedelta(days=1))
    assert len(newsroom.requests) > asked
    with newsarchive.open(folder) as archive:
        run = archive.runs.latest("harbor-post")
        assert run is not None
        assert run.outcome == "finished"
        assert archive.frontier.counts("harbor-post").queued == 0


def test_articles_are_asked_for_again_at_the_ages_of_the_plan_and_not_before(
    newsroom: NewsroomServer, folder: Path
) -> None:
    crawl_at(folder, NIGHT)
    with newsarchive.open(folder) as archive:
        held = {article.url for article in archive.articles()}
        planned = archive.rechecks("harbor-post")
        assert {one.url for one in planned} == held
        assert {one.why for one in planned} == {"1 h after first sight"}
        assert [one.next_due for one in archive.status().sources] == [planned[0].due_at]
    paths = {url.split(f":{newsroom.port}", 1)[1] for url in held}

    def asked_at(at: datetime) -> list[int]:
        before = len(newsroom.requests)
        crawl_at(folder, at)
        return [one.status for one in newsroom.requests[before:] if one.path in paths]

    assert asked_at(NIGHT + timedelta(minutes=59)) == []
    assert asked_at(NIGHT + timedelta(hours=1)) == [304] * len(held)
    assert asked_at(NIGHT + timedelta(hours=5)) == []


def test_a_dry_run_names_what_is_looked_at_again_and_why(folder: Path, command: Callable[..., Any]) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl(limit=5)
        (one, *_) = archive.articles()
        archive.recheck(one.url)
        plan = archive.plan_crawl()
    (planned,) = [fetch for fetch in plan if fetch.via == "recheck"]
    assert (planned.url, planned.why) == (one.url, f"ordered: {one.url}")
    told = command("-A", folder, "crawl", "--dry-run", "--json").json["results"]
    assert [row["why"] for row in told if row["via"] == "recheck"] == [f"ordered: {one.url}"]


def test_rechecks_have_a_budget_and_new_pages_come_first(newsroom: NewsroomServer, folder: Path) -> None:
    say(folder, "\n[sources.harbor-post.recheck]\nmax_pages", 4)
    crawl_at(folder, NIGHT)
    asked = len(newsroom.requests)
    crawl_at(folder, NIGHT + timedelta(hours=2))
    with newsarchive.open(folder) as archive:
        run = archive.runs.latest("harbor-post")
    assert run is not None
    assert run.counts["rechecks"] == run.counts["pages"] == 4
    assert len(newsroom.requests) > asked
