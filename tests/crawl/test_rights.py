"""A crawl asks each host once what it reserves, and asks nothing of what is opted out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.crawl.conftest import answer

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.models import Candidate, Via

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crawl.conftest import OddServer

HTML = "Content-Type: text/html; charset=utf-8"
ARTICLES = (
    "/news/one-long-story-of-the-harbor",
    "/letters/two-long-story-of-the-harbor",
    "/news/three-long-story-of-the-harbor",
)
TARGET = "/letters/2019/03/01/three-long-story-of-the-harbor-10231.html"


@pytest.fixture
def site(odd_server: Callable[..., OddServer], page: Callable[..., bytes]) -> OddServer:
    """A feed of three articles, of which one has moved; and a reservation for all."""
    items = "".join(f"<item><title>Story</title><link>{path}</link></item>" for path in ARTICLES)
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Harbor</title>{items}</channel></rss>"
    answers: dict[str, Any] = {
        path: answer("200 OK", HTML, body=page(None, headline=f"Story of {path}")) for path in (*ARTICLES[:2], TARGET)
    }
    answers["/feed.xml"] = answer("200 OK", "Content-Type: application/rss+xml", body=feed.encode())
    answers[ARTICLES[2]] = answer("301 Moved Permanently", f"Location: {TARGET}")
    answers["/.well-known/tdmrep.json"] = answer(
        "200 OK", "Content-Type: application/json", body=b'[{"location": "/", "tdm-reservation": 1}]'
    )
    return odd_server(answers)


class Crawl:
    """Crawls the site into an archive; tells what was asked of it, and adds up the runs' counts."""

    def __init__(self, site: OddServer, folder: Path) -> None:
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self._site = site
        self.say(
            "[crawl]\nallow_private_hosts = true\ndelay = 0\n"
            f'[sources.harbor]\nurl = "{site.url("/")}"\nfeeds = ["{site.url("/feed.xml")}"]\n'
        )

    def say(self, lines: str) -> None:
        with (self.folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(f"\n{lines}")

    def run(self, *, opt_out: str = "") -> Counter[str]:
        with newsarchive.open(self.folder, mode="rw") as archive:
            if opt_out:
                archive.opt_out(opt_out)
            before = len(self._site.seen)
            (run,) = archive.crawl("harbor")
            assert run.outcome == "finished"
        self.counts.update(run.counts)
        return Counter(seen.path for seen in self._site.seen[before:])


@pytest.fixture
def crawl(site: OddServer, tmp_path: Path) -> Crawl:
    return Crawl(site, init_folder(tmp_path / "archive"))


def test_a_host_is_asked_once_before_its_pages_and_every_article_knows(site: OddServer, crawl: Crawl) -> None:
    asked = crawl.run()
    assert asked["/.well-known/tdmrep.json"] == 1
    paths = [seen.path for seen in site.seen]
    assert paths.index("/.well-known/tdmrep.json") < min(paths.index(path) for path in ARTICLES)
    with newsarchive.open(crawl.folder) as archive:
        articles = list(archive.articles())
        assert len(articles) == 3
        assert all(article.rights.tdm_reservation for article in articles)
        (capture,) = archive.captures(site.url("/.well-known/tdmrep.json"))
        assert capture.origin.role == "discovery"
        assert archive.verify().findings == []


def test_no_host_is_asked_where_the_settings_say_so(crawl: Crawl) -> None:
    crawl.say("[rights]\nread_tdmrep = false\n")
    assert crawl.run()["/.well-known/tdmrep.json"] == 0


def test_what_is_opted_out_is_not_asked_for_also_not_by_a_redirect(site: OddServer, crawl: Crawl) -> None:
    asked = crawl.run(opt_out=site.url("/letters/"))
    assert not any(path.startswith("/letters/") for path in asked)
    assert asked[ARTICLES[0]] == asked[ARTICLES[2]] == 1
    assert crawl.counts["left_out"] >= 1
    with newsarchive.open(crawl.folder, mode="rw") as archive:
        archive.opt_in(site.url("/letters/"))
        archive.crawl("harbor")
        assert len(list(archive.articles())) >= 2


def test_a_host_that_is_opted_out_is_not_even_asked_for_its_robots_file(site: OddServer, crawl: Crawl) -> None:
    assert crawl.run(opt_out=site.url("/")) == {}


def test_an_entry_that_comes_while_addresses_wait_is_kept_to(site: OddServer, crawl: Crawl) -> None:
    with newsarchive.open(crawl.folder, mode="rw") as archive:
        waiting = [Candidate(url=site.url(f"/letters/{number}-is-waiting"), via=Via.FEED) for number in range(100)]
        archive.frontier.offer("harbor", waiting)
    asked = crawl.run(opt_out=site.url("/letters/"))
    assert not any(path.startswith("/letters/") for path in asked)
    assert asked[ARTICLES[0]] == 1
    assert crawl.counts["left_out"] >= 100
    with newsarchive.open(crawl.folder) as archive:
        assert archive.frontier.counts("harbor").queued == 100
