"""What is learned of a site comes to its stored articles, and a better reading is never told as an edit."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.errors import UnknownSource, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from newsarchive.models import Article

SITE = "https://tidewater.example"
NEWSLETTER = "The Tidewater Dispatch lands every weekday before breakfast, with the stories that sailors talk about."
RELATED = "Also on the quay this week, chosen by the night desk"
NOTE = "Editor’s note: an earlier headline gave the wrong day for the hearing, and has been put right."
PAGES = 12
WITH_NOTE = (3, 8)
_SYLLABLES = ("ba", "do", "ke", "li", "mu", "ra", "so", "ti", "va", "ne")
_WORDS = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]


def prose(number: int, edition: int = 0) -> tuple[str, ...]:
    """Paragraphs that no other page shares; the later edition says something else in the second."""
    random = Random(f"{number}")  # noqa: S311 - texts, not secrets
    lines = [" ".join(random.sample(_WORDS, 30)).capitalize() + "." for _ in range(5)]
    if edition:
        lines[1] = " ".join(Random(f"{number}/{edition}").sample(_WORDS, 30)).capitalize() + "."  # noqa: S311 - as above
    return tuple(lines)


def html(number: int, *, edition: int = 0, standing: Iterable[str] = (NEWSLETTER, RELATED), mark: str = "") -> bytes:
    """A page of the site; `mark` changes its bytes and nothing that can be seen."""
    lines = list(prose(number, edition))
    if number in WITH_NOTE:
        lines.append(NOTE)
    lines[2:2] = standing
    data = {
        "@type": "NewsArticle",
        "headline": f"Story {_WORDS[number]}",
        "datePublished": f"2019-02-{1 + number % 28:02}",
    }
    text = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{data["headline"]}</title>'
        f'<link rel="canonical" href="{address(number)}">'
        f'<script type="application/ld+json">{json.dumps(data)}</script></head><body><article>'
        f"<h1>{data['headline']}</h1>{text}</article><!-- {mark} --></body></html>"
    ).encode()


def address(number: int) -> str:
    return f"{SITE}/news/{_WORDS[number]}"


@pytest.fixture
def take_in(tmp_path: Path) -> Callable[..., Any]:
    """Imports pages into an archive; the tally."""

    def take(archive: newsarchive.Archive, *pages: bytes) -> Any:  # noqa: ANN401 - a tally
        pile = tmp_path / "pile"
        pile.mkdir(exist_ok=True)
        for place, page in enumerate(pages):
            (pile / f"{place:03}.html").write_bytes(page)
        _, tally = archive.ingest(pile)
        for path in pile.iterdir():
            path.unlink()
        return tally

    return take


@pytest.fixture
def site(archive: newsarchive.Archive, take_in: Callable[..., Any]) -> newsarchive.Archive:
    """An archive of the site, whose template was learned from its pages and not used yet."""
    assert take_in(archive, *(html(number) for number in range(PAGES))).new_articles == PAGES
    assert all(NEWSLETTER in article.body for article in archive.articles())
    return archive


def states(article: Article) -> list[tuple[int, Any, str]]:
    """What is cited of an article's versions."""
    return [(version.number, version.captured_at, version.record_id) for version in article.versions]


def test_standing_lines_go_from_stored_articles_and_nothing_else_does(site: newsarchive.Archive) -> None:
    before = {article.id: states(article) for article in site.articles()}
    done = site.reextract()
    assert (done.due, done.reread, done.changed) == (PAGES, PAGES, PAGES)
    assert (done.fewer_versions, done.more_versions) == (0, 0)
    for number in range(PAGES):
        latest = site.get(address(number)).latest
        assert latest.paragraphs == (*prose(number), *([NOTE] if number in WITH_NOTE else []))
        assert latest.boilerplate == (NEWSLETTER, RELATED)
        assert latest.provenance["boilerplate"] in latest.extractor
    assert {article.id: states(article) for article in site.articles()} == before
    assert done.boilerplate == PAGES * (len(NEWSLETTER.split()) + len(RELATED.split()))


def test_the_index_follows(site: newsarchive.Archive) -> None:
    assert site.search("Dispatch").total == PAGES
    site.reextract()
    assert site.search("Dispatch").total == 0
    assert site.search("hearing").total == len(WITH_NOTE)
    assert site.status().not_indexed == 0


def test_a_second_run_has_nothing_to_do(site: newsarchive.Archive) -> None:
    site.reextract()
    revision = site._holdings.articles.revision
    done = site.reextract()
    assert (done.due, done.reread) == (0, 0)
    assert site._holdings.articles.revision == revision


def test_a_dry_run_counts_and_changes_nothing(site: newsarchive.Archive) -> None:
    assert site.reextract(dry_run=True).due == PAGES
    assert site.reextract(dry_run=True).due == PAGES
    assert site.search("Dispatch").total == PAGES


def test_articles_can_be_chosen_by_source_and_day(site: newsarchive.Archive) -> None:
    assert site.reextract(since="2019-02-10", dry_run=True).due == 3
    assert site.reextract(source="tidewater.example", dry_run=True).due == PAGES
    with pytest.raises(UnknownSource, match=r"tidewater.exampel") as caught:
        site.reextract(source="tidewater.exampel")
    assert "tidewater.example" in caught.value.tip
    with pytest.raises(UsageError, match="yesteryear"):
        site.reextract(since="yesteryear")


def test_a_page_that_did_not_change_has_one_version_when_its_boilerplate_is_recognised(
    site: newsarchive.Archive, take_in: Callable[..., Any]
) -> None:
    before = states(site.get(address(5)))
    tally = take_in(site, html(5, mark="seen again"))
    assert (tally.accepted, tally.new_versions) == (1, 0)
    article = site.get(address(5))
    assert article.latest.paragraphs == prose(5)
    assert states(article) == before
    assert article.last_seen > article.first_seen


def test_a_page_that_changed_has_two_versions_before_and_after(
    site: newsarchive.Archive, take_in: Callable[..., Any]
) -> None:
    assert take_in(site, html(5, edition=1)).new_versions == 1
    article = site.get(address(5))
    before = states(article)
    assert [version.paragraphs for version in article.versions] == [prose(5), prose(5, 1)]
    done = site.reextract()
    assert done.due == PAGES - 1
    article = site.get(address(5))
    assert states(article) == before
    assert [version.paragraphs for version in article.versions] == [prose(5), prose(5, 1)]


def test_an_old_version_can_be_cited_after_both_were_read_again(
    folder: Path, take_in: Callable[..., Any], command: Callable[..., Any]
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, html(0))
        take_in(archive, html(0, edition=1))
        take_in(archive, *(html(number) for number in range(1, PAGES)))
        assert archive.reextract().reread == PAGES
        key = archive.get(address(0)).id
    for number, edition in ((1, 0), (2, 1)):
        version = command("-A", folder, "get", f"{key}@{number}", "--json").json["version"]
        assert version["paragraphs"] == list(prose(0, edition))


def test_a_change_of_boilerplate_alone_was_no_edit(site: newsarchive.Archive, take_in: Callable[..., Any]) -> None:
    take_in(site, html(20, standing=(RELATED,)))
    site.reextract()
    first = states(site.get(address(20)))
    assert take_in(site, html(20)).new_versions == 0
    assert states(site.get(address(20))) == first


def test_versions_that_differed_in_boilerplate_alone_become_one(
    archive: newsarchive.Archive, take_in: Callable[..., Any]
) -> None:
    take_in(archive, html(0, standing=()))
    take_in(archive, html(0))
    take_in(archive, *(html(number) for number in range(1, PAGES)))
    assert len(archive.get(address(0)).versions) == 2
    done = archive.reextract()
    assert (done.fewer_versions, done.more_versions) == (1, 0)
    assert len(archive.get(address(0)).versions) == 1


def test_the_same_bytes_seen_again_are_read_with_what_is_known_now(
    site: newsarchive.Archive, take_in: Callable[..., Any]
) -> None:
    site.reextract()
    tally = take_in(site, html(5, mark="one"), html(6, mark="two"))
    assert (tally.accepted, tally.new_versions) == (2, 0)
    extractors = {article.latest.extractor for article in site.articles()}
    assert len(extractors) == 1
    assert ", template " in extractors.pop()


def test_an_article_that_would_be_rejected_now_keeps_its_text(folder: Path, take_in: Callable[..., Any]) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, *(html(number) for number in range(PAGES)))
        before = [article.model_dump() for article in archive.articles()]
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[validation]\nmin_words = 160\n")  # with the standing lines a page has 176 words
    with newsarchive.open(folder, mode="rw") as archive:
        done = archive.reextract()
        assert (done.due, done.reread, dict(done.kept)) == (
            PAGES,
            len(WITH_NOTE),
            {"too-short": PAGES - len(WITH_NOTE)},
        )
        kept = [article.model_dump() for article in archive.articles() if NEWSLETTER in article.body]
        assert kept == [one for one in before if one["url"] not in {address(number) for number in WITH_NOTE}]
        assert archive.reextract().due == 0, "what was tried once is not tried again by the same extractor"
        assert archive.status().captures_rejected == 0


@pytest.mark.parametrize("number", [0, 5])
def test_an_article_whose_capture_is_damaged_keeps_its_text(site: newsarchive.Archive, number: int) -> None:
    (capture,) = site.captures(address(number))
    with (site.folder / "warc" / capture.place.file).open("r+b") as file:
        file.seek(capture.place.offset + capture.place.length // 2)
        file.write(b"\0" * 16)
    done = site.reextract()
    assert (done.reread, dict(done.kept)) == (PAGES - 1, {"damaged-capture": 1})
    assert NEWSLETTER in site.get(address(number)).body
    assert site.reextract().due == 0


def test_an_archive_made_before_templates_learns_from_what_it_holds(
    folder: Path, take_in: Callable[..., Any], older: Callable[[Path, int], None]
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, *(html(number) for number in range(PAGES)))
    older(folder / "articles.db", 2)
    with newsarchive.open(folder, mode="rw") as archive:
        assert archive.reextract().changed == PAGES
        assert all(NEWSLETTER not in article.body for article in archive.articles())


def test_a_rebuild_learns_as_it_goes_and_reextract_evens_out(folder: Path, take_in: Callable[..., Any]) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, *(html(number) for number in range(PAGES)))
        archive.reextract()
        before = [article.model_dump() for article in archive.articles()]
    for path in folder.glob("articles.db*"):
        path.unlink()
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        archive.reextract()
        assert [article.model_dump() for article in archive.articles()] == before


@pytest.fixture
def many(tmp_path: Path, take_in: Callable[..., Any]) -> tuple[Path, dict[str, Any]]:
    """An archive with more articles than one transaction holds, and what it should come to."""
    folder = init_folder(tmp_path / "many")
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, *(html(number) for number in range(160)))
    return folder, {
        address(number): (*prose(number), *([NOTE] if number in WITH_NOTE else [])) for number in range(160)
    }


def read_again(folder: Path) -> int:
    with newsarchive.open(folder) as archive:
        return sum(NEWSLETTER not in article.body for article in archive.articles())


def revision_of(folder: Path) -> int:
    """Goes up with every transaction that stores articles; asked for in far less time than one of them takes."""
    with contextlib.closing(sqlite3.connect(folder / "articles.db")) as connection:
        return int(connection.execute("SELECT max(revision) FROM articles").fetchone()[0])


@pytest.mark.timeout(300)
def test_a_kill_half_way_costs_nothing(many: tuple[Path, dict[str, Any]]) -> None:
    folder, wanted = many
    before, revision = read_again(folder), revision_of(folder)
    command = [sys.executable, "-m", "newsarchive", "-A", str(folder), "reextract"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and revision_of(folder) == revision:
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert before < read_again(folder) < 160, "the kill came before the first or after the last transaction"
    with newsarchive.open(folder, mode="rw") as archive:
        for article in archive.articles():
            body = [line for line in article.latest.paragraphs if line not in {NEWSLETTER, RELATED}]
            assert tuple(body) == wanted[article.url]
            assert len(article.versions) == 1
        archive.reextract()
        assert {article.url: article.latest.paragraphs for article in archive.articles()} == wanted
        assert archive.search("Dispatch").total == 0
        assert archive.reextract().due == 0


def test_the_command_says_what_it_would_do_and_what_it_did(
    folder: Path, take_in: Callable[..., Any], command: Callable[..., Any]
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        take_in(archive, *(html(number) for number in range(PAGES)))
    assert command("-A", folder, "reextract", "--dry-run").out == f"{PAGES} articles would be read again\n"
    done = command("-A", folder, "reextract", "--json").json
    assert (done["schema"], done["reread"], done["changed"]) == ("newsarchive.reextract/1", PAGES, PAGES)
    assert command("-A", folder, "reextract").out.startswith("nothing to do")
    wrong = command("-A", folder, "reextract", "--source", "nowhere")
    assert (wrong.code, "no article is of a source named 'nowhere'" in wrong.err) == (2, True)
