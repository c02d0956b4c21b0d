"""From a news site to a search hit, over real HTTP on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastwarc.warc import ArchiveIterator

import newsarchive
from newsarchive.models import CaptureState

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.sample import Newsroom, NewsroomServer

SCRAPY = Path(sys.executable).with_name("scrapy")
NEVER_BY_THE_CLOCK = """
import runpy, sys
from newsarchive.crawl import keeping
keeping._GATHER = 600.0
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
Picture = dict[str, Any]


class Watch:
    """Tells what was asked of the newsroom since the last look, articles alone."""

    def __init__(self, newsroom: NewsroomServer, truth: Newsroom) -> None:
        self._newsroom = newsroom
        self._keys = {article.key for article in truth.articles}
        self._seen = len(newsroom.requests)

    def fetched(self) -> list[str]:
        """The paths asked for."""
        new = self._newsroom.requests[self._seen :]
        self._seen += len(new)
        return [one.path for one in new if (one.host, one.path) in self._keys]


def test_a_crawl_ends_with_exactly_what_the_newsroom_published(
    newsroom: NewsroomServer, truth: Newsroom, new_archive: Callable[..., Path]
) -> None:
    with newsarchive.open(new_archive("whole"), mode="rw") as archive:
        runs = archive.crawl()
        assert [run.outcome for run in runs] == ["finished"] * 5
        held = {article.url: article.latest for article in archive.articles()}
        wanted = {newsroom.url(one.outlet.name).rstrip("/") + one.path: one for one in truth.accepted}
        assert held.keys() == wanted.keys()
        for url, one in wanted.items():
            version = held[url]
            assert (version.headline, version.category, version.published) == (
                one.headline,
                one.category,
                one.published,
            )
            assert version.paragraphs == one.paragraphs
        codes = {rejection.problems[0].code for rejection in archive.rejected()}
        assert codes == {"http-status", "no-date", "too-short"}
        hits = list(archive.search('"Hanoi summit"'))
        assert len(hits) >= 5
        for hit in hits:
            marked = [hit.snippet[start:end].casefold() for start, end in hit.marks]
            text = " ".join(wanted[hit.url].paragraphs).casefold()
            assert "hanoi summit" in (marked or [text])[0] or "hanoi summit" in hit.headline.casefold()


def test_a_second_crawl_fetches_no_article_and_adds_only_that_its_sources_are_as_before(
    newsroom: NewsroomServer, truth: Newsroom, new_archive: Callable[..., Path], picture: Callable[[Path], Picture]
) -> None:
    folder = new_archive("twice")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        before, captures = picture(folder), archive.status().captures
        watch = Watch(newsroom, truth)
        archive.crawl()
        assert watch.fetched() == []
        assert picture(folder) == before
        after = archive.status().captures
        more = after[CaptureState.SET_ASIDE] - captures[CaptureState.SET_ASIDE]
        assert more > 0
        assert after == {**captures, CaptureState.SET_ASIDE: captures[CaptureState.SET_ASIDE] + more}
        indexes = "".join(path.read_text(encoding="utf-8") for path in folder.glob("warc/*.cdxj"))
        assert indexes.count('"mime": "warc/revisit"') == more


def test_an_edited_article_is_fetched_again_and_gets_a_version(
    newsroom: NewsroomServer, truth: Newsroom, new_archive: Callable[..., Path]
) -> None:
    with newsarchive.open(new_archive("edited"), mode="rw") as archive:
        archive.crawl()
        watch = Watch(newsroom, truth)
        newsroom.edition = 2
        archive.crawl()
        (asked,) = watch.fetched()
        changed = [article for article in archive.articles() if len(article.versions) > 1]
        (article,) = changed
        assert article.url.endswith(asked)
        first, second = article.versions
        assert first.headline != second.headline
        assert archive.search(f'headline:"{second.headline}"')[0].versions == 2


def test_scrapy_crawl_and_newsarchive_crawl_give_the_same_archive(
    new_archive: Callable[..., Path], picture: Callable[[Path], Picture]
) -> None:
    ours, theirs = new_archive("ours"), new_archive("theirs")
    with newsarchive.open(ours, mode="rw") as archive:
        archive.crawl()
        names = list(archive.settings.sources)
    for name in names:
        command = [str(SCRAPY), "crawl", "site", "-a", f"source={name}"]
        done = subprocess.run(command, cwd=theirs, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
    assert picture(theirs) == picture(ours)


def test_a_file_in_spiders_is_a_source(
    newsroom: NewsroomServer, new_archive: Callable[..., Path], picture: Callable[[Path], Picture]
) -> None:
    folder, other = new_archive("spider", sources=()), new_archive("table", sources=("harbor-post",))
    url = newsroom.url("harbor-post")
    lines = [
        "from newsarchive.crawl import PublisherSpider",
        "class HarborPost(PublisherSpider):",
        '    name = "harbor-post"',
        f'    url = "{url}"',
        f'    sitemaps = ("{url}sitemap.xml", "{url}news-sitemap.xml")',
    ]
    (folder / "spiders" / "harbor_post.py").write_text("\n".join(lines), encoding="utf-8")
    command = [str(SCRAPY), "crawl", "harbor-post"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    with newsarchive.open(other, mode="rw") as archive:
        archive.crawl()
    assert picture(folder)["versions"] == picture(other)["versions"]
    with newsarchive.open(folder, mode="rw") as archive:
        assert [run.counts.get("pages", 0) for run in archive.crawl()] == [0]


def test_since_and_limit_bound_what_is_fetched(new_archive: Callable[..., Path], truth: Newsroom) -> None:
    with newsarchive.open(new_archive("bounded", sources=("harbor-post",)), mode="rw") as archive:
        archive.crawl(limit=3)
        assert archive.status().articles <= 3
    with newsarchive.open(new_archive("since", sources=("harbor-post",)), mode="rw") as archive:
        archive.crawl(since="2019-03-05")
        held = [article.published for article in archive.articles()]
        newer = [
            one
            for one in truth.accepted
            if one.outlet.name == "harbor-post" and one.published and str(one.published.date()) >= "2019-03-06"
        ]
        assert len(newer) <= len(held) < sum(one.outlet.name == "harbor-post" for one in truth.accepted)


def test_a_dry_run_shows_what_would_be_fetched_and_stores_nothing(
    newsroom: NewsroomServer, truth: Newsroom, new_archive: Callable[..., Path]
) -> None:
    folder = new_archive("dry", sources=("capital-wire",))
    with newsarchive.open(folder, mode="rw") as archive:
        watch = Watch(newsroom, truth)
        plan = archive.plan_crawl()
        assert watch.fetched() == []
        assert archive.status().articles == 0
        assert sum(archive.status().captures.values()) == 0
        assert list((folder / "warc").iterdir()) == []
        (run,) = archive.crawl()
        assert run.counts["pages"] == len(plan)
        assert len(archive.plan_crawl()) == 0


def test_captures_are_readable_by_others(new_archive: Callable[..., Path]) -> None:
    folder = new_archive("warc", sources=("northline",))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
    files = sorted((folder / "warc").glob("*.warc.gz"))
    assert files
    assert all(file.with_name(file.name.removesuffix(".warc.gz") + ".cdxj").exists() for file in files)
    kinds: dict[str, int] = {}
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                kind = record.headers["WARC-Type"]
                kinds[kind] = kinds.get(kind, 0) + 1
                assert record.verify_block_digest()
    assert kinds["response"] == kinds["request"] == kinds["metadata"]
    check = [sys.executable, "-m", "warcio.cli", "check", *map(str, files)]
    assert subprocess.run(check, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"}).returncode == 0


@pytest.mark.parametrize("what", ["html", "gone"])
def test_a_source_that_is_lost_is_told_and_costs_no_other(
    newsroom: NewsroomServer, new_archive: Callable[..., Path], command: Callable[..., Any], what: str
) -> None:
    folder = new_archive("lost", sources=("northline",))
    bad = newsroom.url("harbor-post") + ("politics/" if what == "html" else "no-such-feed.xml")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[sources.bad]\nurl = "{newsroom.url("harbor-post")}"\nfeeds = ["{bad}"]\n')
    done = command("-A", folder, "crawl")
    assert done.code == 4
    assert bad in done.err
    assert "1 sources failed" in done.out
    with newsarchive.open(folder) as archive:
        assert archive.status().articles > 10


def test_two_crawls_of_one_source_at_once_do_not_mix(
    new_archive: Callable[..., Path], command: Callable[..., Any]
) -> None:
    folder = new_archive("locked", sources=("northline",))
    with newsarchive.open(folder, mode="rw") as archive, archive.lock("crawl-northline"):
        done = command("-A", folder, "crawl", "northline")
    assert done.code == 4
    assert f"'crawl-northline' of this archive is in use by process {os.getpid()} since 20" in done.err


def test_an_overlapping_start_of_the_scrapy_command_ends_with_4_as_well(new_archive: Callable[..., Path]) -> None:
    folder = new_archive("locked", sources=("northline",))
    with newsarchive.open(folder, mode="rw") as archive, archive.lock("crawl-northline"):
        done = subprocess.run(
            [SCRAPY, "crawl", "site", "-a", "source=northline"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 4
    assert f"in use by process {os.getpid()} since 20" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_source_is_named_with_the_nearest(
    new_archive: Callable[..., Path], command: Callable[..., Any]
) -> None:
    done = command("-A", new_archive("unknown", sources=("northline",)), "crawl", "northlin")
    assert done.code == 2
    assert "did you mean 'northline'?" in done.err


def test_an_answer_waits_for_others_only_while_some_are_on_their_way(
    truth: Newsroom, new_archive: Callable[..., Path]
) -> None:
    folder = new_archive("gather", sources=("harbor-post",))
    crawl = [str(Path(__file__).with_name("crawl_at.py")), str(folder), "harbor-post", "2026-03-02T03:00+00:00"]
    done = subprocess.run(
        [sys.executable, "-c", NEVER_BY_THE_CLOCK, *crawl], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.process()
        assert len(list(archive.articles())) == sum(one.outlet.name == "harbor-post" for one in truth.accepted)
