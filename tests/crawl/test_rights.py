"""A crawl asks each host once what it reserves, and asks nothing of what is opted out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.crawl.conftest import answer

import newsarchive
from newsarchive.archive import init_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crawl.conftest import OddServer

HTML = "Content-Type: text/html; charset=utf-8"
ARTICLES = ("/news/one-long-story-of-the-harbor", "/people/two-long-story-of-the-harbor", "/news/three-that-moved-away")
TARGET = "/people/three-that-moved-away"


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


@pytest.fixture
def crawl(site: OddServer, tmp_path: Path) -> Callable[..., newsarchive.Archive]:
    """Crawls the site into an archive, with more lines of settings if asked."""
    folder = init_folder(tmp_path / "archive")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            "\n[crawl]\nallow_private_hosts = true\ndelay = 0\n"
            f'[sources.harbor]\nurl = "{site.url("/")}"\nfeeds = ["{site.url("/feed.xml")}"]\n'
        )

    def run(more: str = "", *, opt_out: str = "") -> Counter[str]:
        with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
            settings.write(more)
        with newsarchive.open(folder, mode="rw") as archive:
            if opt_out:
                archive.opt_out(opt_out)
            before = len(site.seen)
            (run_,) = archive.crawl("harbor")
            assert run_.outcome == "finished"
            run_counts.update(run_.counts)
        return Counter(seen.path for seen in site.seen[before:])

    run_counts: Counter[str] = Counter()
    run.counts = run_counts  # type: ignore[attr-defined]  # what the test looks at afterwards
    run.folder = folder  # type: ignore[attr-defined]  # as above
    return run


def test_a_host_is_asked_once_before_its_pages_and_every_article_knows(site: OddServer, crawl: Any) -> None:
    asked = crawl()
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


def test_no_host_is_asked_where_the_settings_say_so(crawl: Any) -> None:
    assert crawl("\n[rights]\nread_tdmrep = false\n")["/.well-known/tdmrep.json"] == 0


def test_what_is_opted_out_is_not_asked_for_also_not_by_a_redirect(site: OddServer, crawl: Any) -> None:
    asked = crawl(opt_out=site.url("/people/"))
    assert not any(path.startswith("/people/") for path in asked)
    assert asked[ARTICLES[0]] == asked[ARTICLES[2]] == 1
    assert crawl.counts["left_out"] >= 1
    with newsarchive.open(crawl.folder, mode="rw") as archive:
        archive.opt_in(site.url("/people/"))
        archive.crawl("harbor")
        assert len(list(archive.articles())) >= 2


def test_a_host_that_is_opted_out_is_not_even_asked_for_its_robots_file(site: OddServer, crawl: Any) -> None:
    assert crawl(opt_out=site.url("/")) == {}


def test_an_entry_that_comes_while_addresses_wait_is_kept_to(site: OddServer, crawl: Any) -> None:
    with newsarchive.open(crawl.folder, mode="rw") as archive:
        from newsarchive.models import Candidate, Via

        waiting = [Candidate(url=site.url(f"/people/{number}-is-waiting"), via=Via.FEED) for number in range(100)]
        archive.frontier.offer("harbor", waiting)
    asked = crawl(opt_out=site.url("/people/"))
    assert not any(path.startswith("/people/") for path in asked)
    assert asked[ARTICLES[0]] == 1
    assert crawl.counts["left_out"] >= 100
    with newsarchive.open(crawl.folder) as archive:
        assert archive.frontier.counts("harbor").queued == 100
