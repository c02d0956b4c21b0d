"""An article on several pages is one, with all its text; what is missing of it is told."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import PARAGRAPHS, make_page
from tests.crawl.conftest import Answer, answer
from tests.flow.hostile import HTML, HostileServer, feed

import newsarchive
from newsarchive.archive import init_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOST = "paper.localhost"
STANDFIRST = "Four days of talks, told by those who sat at the table and by those who waited outside of the door."


def text(number: int) -> tuple[str, ...]:
    """The paragraphs of one page."""
    return tuple(f"{paragraph[:-1]}, as page {number} tells it." for paragraph in PARAGRAPHS)


WHOLE = (STANDFIRST, *text(1), *text(2), *text(3))


class Paper:
    """Serves one article on three pages; `changed` replaces pages."""

    def __init__(self) -> None:
        self.changed: dict[str, Answer] = {}
        self.server = HostileServer(hosts={HOST: self._give})
        self.base = f"http://{HOST}:{self.server.port}"
        self.dated = "2019-02-28T10:00:00Z"

    def _give(self, path: str) -> Answer | None:
        if path in self.changed:
            return self.changed[path]
        if path == "/feed":
            item = f"<entry><link href='{self.base}/world/summit'/><updated>{self.dated}</updated></entry>"
            return answer("200 OK", "Content-Type: application/atom+xml", body=f"<feed>{item}</feed>".encode())
        pages = {"/world/summit": 1, "/world/summit?page=2": 2, "/world/summit?page=3": 3}
        return self.page(pages[path]) if path in pages else None

    def page(self, number: int, *, last: int = 3, paragraphs: tuple[str, ...] | None = None, link: str = "") -> Answer:
        """One page, with a link to the next one."""
        body = make_page(f"{self.base}/world/summit", paragraphs=(STANDFIRST, *(paragraphs or text(number))))
        if number < last:
            link += f'<a rel="next" href="/world/summit?page={number + 1}">Next page</a>'
        packed = gzip.compress(body.replace(b"</body>", f"<nav>{link}</nav></body>".encode()), mtime=0)
        return answer("200 OK", HTML, "Content-Encoding: gzip", body=packed)


@pytest.fixture
def paper() -> Iterator[Paper]:
    paper = Paper()
    yield paper
    paper.server.stop()


@pytest.fixture
def folder(paper: Paper, tmp_path: Path) -> Path:
    folder = init_folder(tmp_path / "archive")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[crawl]\nallow_private_hosts = true\ndelay = 0\n")
        settings.write(f'\n[sources.paper]\nurl = "{paper.base}/"\nfeeds = ["{paper.base}/feed"]\n')
    return folder


def held(archive: newsarchive.Archive) -> list[tuple[tuple[str, ...], str | None]]:
    """Text and missing page of each version of the one article."""
    (article,) = archive.articles()
    return [(version.paragraphs, version.next_part) for version in article.versions]


def test_the_text_is_whole_once_and_in_order(folder: Path, paper: Paper) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        assert held(archive) == [(WHOLE, None)]
        assert list(archive.rejected()) == []
        before = len(paper.server.seen)
        archive.crawl()
        assert [seen.path for seen in paper.server.seen[before:]].count("/world/summit?page=2") == 0
        archive.reextract()
        assert held(archive) == [(WHOLE, None)]
        assert archive.search('"as page 3 tells it"').total == 1
        connection = archive._holdings.database.connection
        assert connection.execute("SELECT count(*) FROM texts").fetchone()[0] == 1
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        assert held(archive) == [(WHOLE, None)]


def test_a_page_that_is_missing_is_told(folder: Path, paper: Paper, command: Callable[..., Any]) -> None:
    paper.changed["/world/summit?page=3"] = answer("404 Not Found", HTML, body=b"<html>gone</html>")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        missing = f"{paper.base}/world/summit?page=3"
        assert held(archive) == [((STANDFIRST, *text(1), *text(2)), missing)]
        (article,) = archive.articles()
    assert f"goes on at {missing}, which was not captured" in command("-A", folder, "get", article.id).out
    told = json.loads(command("-A", folder, "get", "--json", article.id).out)
    assert told["version"]["next_part"] == missing


def test_all_on_one_page_is_taken_where_it_is_linked(folder: Path, paper: Paper) -> None:
    paper.changed["/world/summit"] = paper.page(1, link='<a href="?page=all">On one page</a>')
    paper.changed["/world/summit?page=all"] = paper.page(3, paragraphs=WHOLE[1:])
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        assert held(archive) == [(WHOLE, None)]
    assert "/world/summit?page=2" not in paper.server.paths()


def test_an_edit_of_the_first_page_is_a_version_with_the_other_pages(folder: Path, paper: Paper) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        paper.dated = "2099-03-01T10:00:00Z"
        edited = ("Nobody had expected the talks to end before the second evening, diplomats said.", *text(1))
        paper.changed["/world/summit"] = paper.page(1, paragraphs=edited)
        archive.crawl()
        after = (STANDFIRST, *edited, *text(2), *text(3))
        assert held(archive) == [(WHOLE, None), (after, None)]


def test_an_edit_of_a_further_page_alone_is_a_version(folder: Path, paper: Paper) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        paper.dated = "2099-03-01T10:00:00Z"
        edited = (*text(2), "A delegate who read page 2 asked for one sentence more, and it was put in at night.")
        paper.changed["/world/summit?page=2"] = paper.page(2, paragraphs=edited)
        archive.crawl()
        both = [(WHOLE, None), ((STANDFIRST, *text(1), *edited, *text(3)), None)]
        assert held(archive) == both
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        assert held(archive) == both


def test_an_article_that_became_shorter_has_no_pages_of_before(folder: Path, paper: Paper) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.crawl()
        paper.dated = "2099-03-01T10:00:00Z"
        paper.changed["/world/summit"] = paper.page(1, last=1)
        archive.crawl()
        assert held(archive) == [(WHOLE, None), ((STANDFIRST, *text(1)), None)]


def test_pages_without_end_are_bounded(folder: Path, paper: Paper) -> None:
    def give(path: str) -> Answer | None:
        if path == "/feed":
            return feed(f"{paper.base}/world/summit")
        number = int(path.partition("page=")[2] or 1) if path.startswith("/world/summit") else None
        return paper.page(number, last=10_000) if number else None

    paper.server.hosts[HOST] = give
    with newsarchive.open(folder, mode="rw") as archive:
        (run,) = archive.crawl()
        assert run.outcome == "finished"
        assert run.counts["pages"] == 31
        ((paragraphs, _),) = held(archive)
        assert len(paragraphs) == 1 + 31 * len(PARAGRAPHS)
