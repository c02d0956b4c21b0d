"""A year of a newsroom in some minutes: is every edit found that was up when a recheck was due?

Usage: scripts/bench year [--days 365] [--every 6] [--seed 1] [--ages 1h,6h,1d,3d,7d,30d] [--keep DIR] [--json]

Two outlets of the sample newsroom live through so many days up to yesterday: stories appear, are edited in silence
and vanish; one site is redesigned eight days before the end and was down for two days in the middle. They are crawled
every so many hours by the real spiders over real HTTP, one of them in its night hours alone; only the clock is
simulated. Then the archive is held against what was true, which is reckoned from the newsroom's life alone: every
version and no other, every article that vanished, the alarm of the redesign, the gap in the coverage, and the same
versions after a rebuild. Ends with 1 where anything differs. `--ages` crawls with other ages than the truth is reckoned
with, so that the check is seen to fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from scrapy.crawler import AsyncCrawlerProcess

import newsarchive
from newsarchive.archive import Archive, init_folder
from newsarchive.crawl import processing, telling
from newsarchive.crawl.run import project_settings
from newsarchive.crawl.session import Waiting
from newsarchive.crawl.site import SiteSpider
from newsarchive.crawl.wire import CLOCK
from newsarchive.sample import OUTLETS, Life, NewsroomServer, Story, Trouble, live, serve

AGES = ("1h", "6h", "1d", "3d", "7d", "30d")
LENGTHS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))
"""The ages of the plan, written down a second time: the truth is reckoned without the product."""
NORTHLINE, WIRE = OUTLETS[1], OUTLETS[2]
ZONE = "Europe/London"
HOURS = range(1, 5)
ALARM = 4
"""What `newsarchive status` ends with."""
CRAWLED_AT = timedelta(hours=3, minutes=5)
"""The first crawl of a day; the only one that lies in the wire's hours."""


@dataclass
class Clock:
    """The simulated moment."""

    at: datetime

    def __call__(self) -> datetime:
        """The moment."""
        return self.at


@dataclass(frozen=True)
class Expected:
    """What an archive should know of one story."""

    versions: list[tuple[str, tuple[str, ...]]]
    gone: bool
    missed: int
    """States that were up between two looks alone, which nobody could find."""


@dataclass
class Report:
    """What was found, and what differs from the truth."""

    figures: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def require(self, holds: bool, what: str) -> None:  # noqa: FBT001 - a condition is what it takes
        """Note what does not hold."""
        if not holds:
            self.wrong.append(what)


def lived(start: datetime, days: int, seed: int) -> Life:
    """The two outlets' life."""
    middle = start + timedelta(days=days // 2)
    trouble = Trouble(
        redesigned=NORTHLINE.name,
        redesigned_at=start + timedelta(days=days - 8),
        down=NORTHLINE.name,
        down_from=middle,
        down_until=middle + timedelta(days=2),
    )
    return live((NORTHLINE, WIRE), start=start, days=days, trouble=trouble, seed=seed)


def in_hours(moment: datetime) -> bool:
    """Whether the wire is crawled at a moment: from one to five by London's clocks."""
    return moment.astimezone(ZoneInfo(ZONE)).hour in HOURS


def expected(life: Life, story: Story, crawls: list[datetime]) -> Expected | None:
    """What looks at the planned ages find of a story; None where it is never seen."""
    host, _ = story.key
    outlet = host.removesuffix(".localhost")
    looks = [
        at
        for at in crawls
        if life.is_up(outlet, at) and at >= story.published and (outlet != WIRE.name or in_hours(at))
    ]
    if not looks or story.at(looks[0]).gone:
        return None
    first, seen = looks[0], [story.at(looks[0])]
    last = first
    while True:
        lengths = LENGTHS[-1:] if seen[-1].gone else LENGTHS
        due = next((first + length for length in lengths if first + length > last), None)
        last = next((at for at in looks if due and at >= due), None)
        if last is None:
            break
        seen.append(story.at(last))
    texts = [(state.article.headline, state.article.paragraphs) for state in seen if not state.gone]
    found = {id(state) for state in seen}
    missed = sum(id(state) not in found for state in story.states if state.at <= max(looks))
    return Expected([text for text, _ in groupby(texts)], any(state.gone for state in seen), missed)


class Year:
    """Runs the crawls one after the other: the reactor in the main thread, processing in another."""

    def __init__(self, folder: Path, life: Life, server: NewsroomServer, crawls: list[datetime]) -> None:
        self.folder, self.life, self.server, self.crawls = folder, life, server, crawls
        self.clock = Clock(crawls[0])
        sys.path.append(str(folder))  # where spiders/ is found, as a crawl of the command finds it
        settings = project_settings(folder, log_level="CRITICAL")
        own = {processing.SWITCH: False, telling.SWITCH: False, CLOCK: self.clock}
        self.process = AsyncCrawlerProcess({**settings, **own})
        self.loop = asyncio.get_event_loop()
        self.closed = self.runs = self.alarms_before = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        """Live the whole time."""
        worker = threading.Thread(target=self._work)
        self.loop.call_soon(worker.start)
        self.process.start(stop_after_crawl=False, install_signal_handlers=False)
        worker.join()
        if self.error:
            raise self.error

    def _work(self) -> None:
        try:
            left = iter(self.crawls)
            with Archive(self.folder, mode="rw", clock=self.clock) as archive:
                archive.process_while(lambda: self._crawl_next(next(left, None), archive))
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            self.error = error
        finally:
            self.loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        from twisted.internet import reactor  # noqa: PLC0415 - installed by the process above

        reactor.stop()

    def _crawl_next(self, at: datetime | None, archive: Archive) -> bool:
        if at is None:
            return False
        if self.clock.at < self.life.trouble.redesigned_at <= at:
            self.alarms_before = len(archive.status().alarms)
        self.clock.at = at
        self.server.newsroom = self.life.at(at)
        asyncio.run_coroutine_threadsafe(self._crawl(at), self.loop).result()
        return True

    async def _crawl(self, at: datetime) -> None:
        # Out of its hours a crawl does nothing; a few of them show that, and the rest would only take time.
        names = [NORTHLINE.name, *([WIRE.name] if in_hours(at) or at < self.crawls[12] else [])]
        for name in names:
            crawler = self.process.create_crawler(SiteSpider)
            await self.process.crawl(crawler, source=name)
            is_waiting = isinstance(crawler.spider.session, Waiting)
            if is_waiting and (name != WIRE.name or in_hours(at)):
                raise RuntimeError(f"{name} was not crawled at {at}")
            self.closed += is_waiting
            self.runs += not is_waiting


def settings_of(server: NewsroomServer, ages: list[str]) -> str:
    """What the archive's settings say."""
    sources = "".join(
        f'\n[sources.{outlet.name}]\nurl = "{server.url(outlet.name)}"\n'
        f'feeds = ["{server.url(outlet.name, outlet.feed_path)}"]\n'
        for outlet in (NORTHLINE, WIRE)
    )
    return (
        "\n[crawl]\nallow_private_hosts = true\ndelay = 0\nconcurrency_per_host = 4\n"
        f"\n[recheck]\nadaptive = false\nages = {json.dumps(ages)}\n{sources}"
        f'window = "01:00-05:00"\ntimezone = "{ZONE}"\n'
    )


def versions_of(archive: Archive) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Headline and text of every version, by URL."""
    return {
        article.url: [(version.headline or "", version.paragraphs) for version in article.versions]
        for article in archive.articles()
    }


def vanished_of(archive: Archive) -> set[str]:
    """The URLs of the articles that are gone."""
    return {article.url for article in archive.articles() if article.gone}


def check_versions(archive: Archive, truth: dict[str, Expected], report: Report) -> None:
    """Every version that could be found, and no other; and what vanished."""
    held = versions_of(archive)
    report.require(held.keys() == truth.keys(), f"articles differ: {sorted(held.keys() ^ truth.keys())[:5]}")
    vanished = vanished_of(archive)
    lost = invented = 0
    for url, one in truth.items():
        found = held.get(url, [])
        lost += sum((Counter(one.versions) - Counter(found)).values())
        invented += sum((Counter(found) - Counter(one.versions)).values())
        report.require(found == one.versions, f"{url}: {len(found)} versions instead of {len(one.versions)}")
        report.require((url in vanished) is one.gone, f"{url}: that it is gone should be {one.gone}")
    report.figures |= {
        "articles": len(held),
        "edits found": sum(len(found) - 1 for found in held.values()),
        "edits lost": lost,
        "edits invented": invented,
        "states nobody could find": sum(one.missed for one in truth.values()),
        "vanished": sum(one.gone for one in truth.values()),
    }


def check_coverage(folder: Path, life: Life, truth: dict[str, Expected], port: int, report: Report) -> None:
    """The command tells each day's articles, and the two days of the outage as the only gap."""
    told = json.loads(_command(folder, "coverage", "--json").stdout)["results"]
    gaps = [(row["source"], row["day"]) for row in told if row["state"] == "gap"]
    down = [str((life.trouble.down_from + timedelta(days=day)).date()) for day in range(2)]
    report.require(gaps == [(life.trouble.down, day) for day in down], f"gaps are {gaps}")
    counts: Counter[tuple[str, str]] = Counter()
    for story in life.stories:
        article = story.states[0].article
        if article.url(port) in truth:
            zone = ZoneInfo(ZONE if article.outlet.name == WIRE.name else "UTC")
            counts[article.outlet.name, str(article.published.astimezone(zone).date())] += 1
    first = {source: min(row["day"] for row in told if row["source"] == source) for source, _ in counts}
    found = {(row["source"], row["day"]): row["articles"] for row in told if row["articles"]}
    wanted = {key: count for key, count in counts.items() if key[1] >= first[key[0]]}
    report.require(found == wanted, f"articles a day differ: {sorted(set(found.items()) ^ set(wanted.items()))[:6]}")
    report.figures["days without news"] = sum(row["state"] == "crawled" and not row["articles"] for row in told)


def check_alarm(folder: Path, alarms_before: int, report: Report) -> None:
    """The redesign rings, and nothing rang before it."""
    status = _command(folder, "status", "--json")
    subjects = {alarm["subject"] for source in json.loads(status.stdout)["sources"] for alarm in source["alarms"]}
    report.require(alarms_before == 0, f"{alarms_before} alarms before the redesign")
    rings = status.returncode == ALARM and "authors" in subjects
    report.require(rings, f"status ends with {status.returncode} and alarms of {subjects}")


def picture(archive: Archive) -> dict[str, object]:
    """What a rebuild must bring back beside the versions: each day's state, and the plan."""
    for name, source in archive.settings.sources.items():
        archive.frontier.rechecks.follow(name, archive.settings.recheck.but(source.recheck).plan)
    return {
        "coverage": [(day.source, day.day, day.articles, day.state) for day in archive.coverage().days],
        "set of vanished articles": vanished_of(archive),
        "plan": [(one.url, one.due_at) for one in archive.rechecks()],
    }


def check_rebuild(folder: Path, report: Report) -> None:
    """Records that are lost come back the same."""
    with newsarchive.open(folder, mode="rw") as archive:
        before, seen = versions_of(archive), picture(archive)
    for path in folder.glob("articles.db*"):
        path.unlink()
    shutil.rmtree(folder / "index")
    (folder / "index").mkdir()
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        after, seen_after = versions_of(archive), picture(archive)
    differing = [url for url in before if after.get(url) != before[url]]
    report.require(after == before, f"{len(differing)} articles differ after a rebuild: {differing[:3]}")
    report.require(bool(seen["plan"]), "nothing is planned at the end")
    for what, told in seen.items():
        report.require(seen_after[what] == told, f"the {what} differs after a rebuild")


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newsarchive", "-q", "-A", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def cpu() -> float:
    """CPU seconds of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def simulate(folder: Path, *, days: int, every: int, seed: int, ages: list[str]) -> Report:
    """Live so many days, and hold the archive against the truth."""
    report, began = Report(), time.monotonic()
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = end - timedelta(days=days)
    life = lived(start, days, seed)
    count = days * 24 // every
    crawls = [start + CRAWLED_AT + number * timedelta(hours=every) for number in range(count)]
    crawls = [at for at in crawls if at < end]
    init_folder(folder)
    with serve(life.at(start)) as server:
        with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(settings_of(server, ages))
        year = Year(folder, life, server, crawls)
        year.run()
        answers = Counter(served.status for served in server.requests)
        port = server.port
    crawled = time.monotonic()
    found = {story.states[0].article.url(port): expected(life, story, crawls) for story in life.stories}
    truth = {url: one for url, one in found.items() if one}
    with newsarchive.open(folder) as archive:
        check_versions(archive, truth, report)
    check_coverage(folder, life, truth, port, report)
    check_alarm(folder, year.alarms_before, report)
    if not report.wrong:  # what is wrong already is left to be looked at
        check_rebuild(folder, report)
    report.require(year.closed > 0, "no crawl was refused for its hours")
    report.figures |= {"crawls": year.runs, "crawls out of hours": year.closed, "answers": answers.total()}
    report.figures |= {f"answers {status}": count for status, count in sorted(answers.items())}
    report.figures |= {"seconds crawled": round(crawled - began, 1), "seconds": round(time.monotonic() - began, 1)}
    report.figures["CPU seconds"] = round(cpu(), 1)
    return report


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--every", type=int, default=6, help="hours between two crawls")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ages", default=",".join(AGES))
    parser.add_argument("--keep", type=Path, help="make the archive here, and leave it there")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch) / "year"
        report = simulate(folder, days=given.days, every=given.every, seed=given.seed, ages=given.ages.split(","))
    if given.json:
        print(json.dumps({"figures": report.figures, "wrong": report.wrong}))
    else:
        for name, figure in report.figures.items():
            print(f"{figure:>12,}  {name}")
        print("\n".join(f"WRONG: {text}" for text in report.wrong[:20]) or "all as it was")
    sys.stdout.flush()
    os._exit(1 if report.wrong else 0)  # the reactor's threads have nothing left to do


if __name__ == "__main__":
    main()
