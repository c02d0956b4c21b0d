"""What publishers reserve is found wherever they say it, kept with the article, and honoured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.archive.conftest import START

import newsarchive
from newsarchive.errors import NotFound
from newsarchive.models import Origin, Role
from newsarchive.settings import RightsSettings
from newsarchive.storage.barring import HONOURED, NOT_HONOURED
from newsarchive.warc import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[..., Any]
    Page = Callable[..., bytes]

URL = "https://www.harbor.example/politics/summit-ends"
TDMREP = "https://www.harbor.example/.well-known/tdmrep.json"
ROBOTS = "https://www.harbor.example/robots.txt"


def meta(page: bytes, name: str, content: str) -> bytes:
    return page.replace(b"</title>", f'</title><meta name="{name}" content="{content}">'.encode())


def settle(archive: newsarchive.Archive, **settings: bool) -> None:
    with (archive.folder / "newsarchive.toml").open("a", encoding="utf-8") as file:
        file.write("\n[rights]\n" + "".join(f"{key} = {str(value).lower()}\n" for key, value in settings.items()))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("X-Robots-Tag: noarchive", {"noarchive"}),
        ("X-Robots-Tag: NOAI, noimageai", {"noai", "noimageai"}),
        ("X-Robots-Tag: none", {"noindex"}),
        ("X-Robots-Tag: max-snippet: 0, nofollow", {"nosnippet"}),
        ("X-Robots-Tag: max-snippet:50", set()),
        ("X-Robots-Tag: otherbot: noarchive, noindex", set()),
        ("X-Robots-Tag: otherbot: noarchive, newsarchive: noai", {"noai"}),
        ("X-Robots-Tag: unavailable_after: 25 Jun 2030 15:00:00 PST", set()),
        ("x-robots-tag: noai\r\nX-Robots-Tag: nosnippet", {"noai", "nosnippet"}),
        ("tdm-reservation: 1", {"tdm-reservation"}),
        ("TDM-Reservation: 0", set()),
        ("tdm-reservation: yes", set()),
    ],
)
def test_http_fields_are_read(
    archive: newsarchive.Archive, record: Record, page: Page, header: str, words: set[str]
) -> None:
    record(archive, URL, page(URL), header)
    archive.process()
    article = archive.get(URL)
    assert set(article.rights.words) == words
    assert article.rights == article.latest.rights
    assert set(article.rights.said_by.values()) <= {("http",)}


def test_the_page_itself_is_read_and_speaks_before_its_head_and_its_site(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    rules = [
        {"location": "/politics/*", "tdm-reservation": 1, "tdm-policy": "https://harbor.example/policy.json"},
        {"location": "/", "tdm-reservation": 0},
    ]
    record(archive, TDMREP, json.dumps(rules).encode(), discovery=True)
    record(archive, ROBOTS, b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /politics/\n", discovery=True)
    for path in ("politics/a", "politics/b", "politics/c", "sport/d"):
        body = page(f"https://www.harbor.example/{path}", headline=f"Story {path}")
        body = meta(body, "tdm-reservation", "0") if path.endswith("c") else body
        body = meta(body, "newsarchive", "noai") if path.endswith("c") else body
        fields = ["tdm-reservation: 0"] if path.endswith("b") else []
        record(archive, f"https://www.harbor.example/{path}", body, *fields, day=1)
    archive.process()
    rights = {path: archive.get(f"https://www.harbor.example/{path}").rights for path in ("politics/a", "politics/b")}
    assert rights["politics/a"].tdm_reservation is True
    assert rights["politics/a"].tdm_policy == "https://harbor.example/policy.json"
    assert rights["politics/a"].refused_agents == ("CCBot", "GPTBot")
    assert rights["politics/a"].said_by == {
        "tdm-reservation": ("tdmrep.json",),
        "disallows-training": ("robots.txt",),
    }
    assert rights["politics/b"].tdm_reservation is False
    last = archive.get("https://www.harbor.example/politics/c").rights
    assert (last.tdm_reservation, last.noai) == (False, True)
    sport = archive.get("https://www.harbor.example/sport/d").rights
    assert (sport.tdm_reservation, sport.refused_agents) == (False, ())


def test_a_file_of_the_site_speaks_for_what_was_captured_after_it(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    record(archive, URL, page(URL), day=0)
    record(archive, TDMREP, b'[{"location": "/", "tdm-reservation": 1}]', discovery=True, day=1)
    record(archive, TDMREP, b"busy", discovery=True, day=2, status="503 Service Unavailable")
    record(archive, URL + "-2", page(URL + "-2", headline="Second"), day=3)
    record(archive, TDMREP, b"nothing here", discovery=True, day=4, status="404 Not Found")
    record(archive, URL + "-3", page(URL + "-3", headline="Third"), day=5)
    archive.process()
    said = [archive.get(URL + end).rights.tdm_reservation for end in ("", "-2", "-3")]
    assert said == [None, True, None]


def test_a_rebuild_finds_the_same(folder: Path, record: Record, page: Page) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        record(archive, TDMREP, b'[{"location": "/", "tdm-reservation": "1"}]', discovery=True)
        record(archive, URL, page(URL), "X-Robots-Tag: noai", day=1)
        record(archive, URL, page(URL) + b"<!-- -->", "X-Robots-Tag: nosnippet", day=2)
        record(archive, URL + "-2", meta(page(URL + "-2", headline="Two"), "robots", "noarchive"), day=2)
        archive.process()
        before = [article.model_dump() for article in archive.articles()]
        assert archive.get(URL).rights.words == ("nosnippet", "tdm-reservation")
    for path in folder.glob("articles.db*"):
        path.unlink()
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        assert [article.model_dump() for article in archive.articles()] == before


def test_the_newest_capture_speaks_also_where_the_page_is_the_same(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    body = meta(page(URL), "robots", "nosnippet")
    record(archive, URL, body, "X-Robots-Tag: noai", day=1)
    archive.process()
    record(archive, URL + "#x", b"", day=1.5, status="404 Not Found")
    record(archive, URL, b"gone", day=2, status="404 Not Found")
    record(archive, URL, body, "tdm-reservation: 1", day=3)  # the same bytes as the first
    archive.process()
    assert archive.get(URL).rights.words == ("nosnippet", "tdm-reservation")
    assert len(archive.get(URL).versions) == 1


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("articles.db*"))


def test_noarchive_keeps_what_tells_of_the_article_and_none_of_its_text(
    folder: Path, record: Record, page: Page
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        record(archive, URL, meta(page(URL), "robots", "noarchive"))
        archive.process()
        article = archive.get(URL)
        assert (article.headline, article.body) == ("Summit ends without a deal", "")
        assert article.published
        assert archive.search("opera").total == 0
        assert archive.search("summit").total == 1
        assert archive.verify().findings == []
        assert not archive.may_export(article)
    assert b"opera house" not in bytes_of(folder)
    with newsarchive.open(folder, mode="rw") as archive:
        settle(archive, honour_noarchive=False)
        assert archive.reextract().reread == 1
        assert "opera house" in archive.get(URL).body
        assert archive.search("opera").total == 1
        assert archive.verify().findings == []


def test_noarchive_that_comes_later_takes_the_text_away_and_its_end_brings_it_back(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    body = page(URL)
    record(archive, URL, body, day=0)
    archive.process()
    for day, fields, kept in (
        (1, ["X-Robots-Tag: noarchive"], False),
        (2, [], True),
        (3, ["X-Robots-Tag: noai"], True),
    ):
        record(archive, URL, body + b"<!-- %d -->" % day, *fields, day=day)
        archive.process()
        assert bool(archive.get(URL).body) is kept
        assert archive.search("opera").total == int(kept)
        assert archive.verify().findings == []
    assert len(archive.get(URL).versions) == 1


def test_noindex_is_in_no_search_and_nosnippet_shows_no_text(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    record(archive, URL, page(URL), "X-Robots-Tag: noindex")
    record(archive, URL + "-2", page(URL + "-2", headline="Two"), "X-Robots-Tag: nosnippet")
    record(archive, URL + "-3", page(URL + "-3", headline="Three"))
    archive.process()
    results = archive.search("opera", sort="newest")
    assert (results.total, results.hidden) == (2, 1)
    assert {hit.headline: bool(hit.snippet) for hit in results} == {"Two": False, "Three": True}
    assert archive.get(URL).body
    settle(archive, honour_noindex=False, honour_nosnippet=False)
    assert archive.search("opera").total == 3
    assert all(hit.snippet for hit in archive.search("opera"))


@pytest.mark.parametrize(
    ("fields", "key"),
    [("X-Robots-Tag: noai", "honour_noai"), ("tdm-reservation: 1", "honour_tdm"), ("", "honour_ai_robots")],
)
def test_a_reservation_keeps_an_article_out_of_exports_alone(
    archive: newsarchive.Archive, record: Record, page: Page, tmp_path: Path, fields: str, key: str
) -> None:
    record(archive, ROBOTS, b"User-agent: GPTBot\nDisallow: /\n", discovery=True)
    record(archive, URL, page(URL), *filter(None, [fields]), day=1)
    archive.process()
    if key == "honour_ai_robots":
        assert archive.may_export(archive.get(URL))
        settle(archive, honour_ai_robots=True)
    assert archive.search("opera").total == 1
    assert not archive.may_export(archive.get(URL))
    with pytest.raises(NotFound, match="reserved"):
        archive.search("opera").export(tmp_path / "a.warc.gz")
    done = archive.search("opera").export(tmp_path / "b.warc.gz", rights_cleared=True)
    assert (done.articles, done.left_out) == (1, {})
    record(archive, URL.replace("www.", "") + "-2", page(URL.replace("www.", "") + "-2", headline="Two"), day=2)
    archive.process()
    done = archive.search("opera").export(tmp_path / "c.warc.gz")
    assert done.articles == 1
    assert sum(done.left_out.values()) == 1


def test_every_word_has_its_key_in_the_settings_and_both_have_one_default() -> None:
    defaults = {key: field.default for key, field in RightsSettings.model_fields.items() if key.startswith("honour_")}
    assert defaults == {key: key not in NOT_HONOURED for key in HONOURED}


def _told(archive: newsarchive.Archive) -> list[tuple[tuple[str, ...], int, int]]:
    return [(change.kinds, change.words_added, change.words_removed) for change in archive.history(URL)]


def test_a_text_that_is_not_kept_is_not_told_as_taken_out(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    edited = page(URL).replace(b"the old opera house", b"the new concert hall")
    retitled = page(URL, headline="Summit ends without a treaty")
    for day, body in enumerate((page(URL), edited, page(URL), retitled)):
        record(archive, URL, body, *(["X-Robots-Tag: noarchive"] if day % 2 else []), day=day)
        archive.process()
    assert [bool(version.paragraphs) for version in archive.get(URL).versions] == [True, False, True, False]
    withheld = [(("body",), 0, 0), (("body",), 0, 0), (("headline",), 1, 1)]
    assert _told(archive) == withheld
    difference = archive.get(URL).diff(0, 1)
    assert (difference.kinds, difference.words_removed, difference.body) == ((), 0, ())
    assert b"opera house" not in archive.changes_feed()
    archive.rebuild()
    assert _told(archive) == withheld
    settle(archive, honour_noarchive=False)
    with newsarchive.open(archive.folder, mode="rw") as opened:
        opened.reextract()
        assert _told(opened) == [(("body",), 3, 3), (("body",), 3, 3), (("headline",), 1, 1)]


def test_versions_that_are_withheld_stay_versions_where_texts_are_compared_in_another_way(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    for day, words in enumerate((b"the old opera house", b"the new concert hall", b"the town hall")):
        body = page(URL).replace(b"the old opera house", words)
        record(archive, URL, body, "X-Robots-Tag: noarchive", day=day)
    archive.process()
    assert len(archive.get(URL).versions) == 3
    with archive._holdings.database.transaction() as connection:  # as after an upgrade
        connection.execute("UPDATE meta SET value = 'older' WHERE key = 'edits'")
    archive.process()
    assert len(archive.get(URL).versions) == 3


def test_bytes_that_come_again_with_another_word_are_not_kept(
    archive: newsarchive.Archive, record: Record, page: Page
) -> None:
    record(archive, URL, page(URL))
    archive.process()
    again = record(archive, URL, page(URL), "X-Robots-Tag: noarchive", day=1)
    assert again.revisit is not None
    archive.process()
    assert (archive.get(URL).rights.noarchive, archive.get(URL).latest.paragraphs) == (True, ())
    archive._holdings.database.connection.execute("UPDATE captures SET extractor = 'newsarchive/older'")
    assert archive.reextract().reread == 1
    assert (archive.get(URL).rights.noarchive, archive.get(URL).latest.paragraphs) == (True, ())
    record(archive, URL, page(URL), day=2)
    archive.process()
    assert archive.get(URL).latest.paragraphs


@pytest.mark.parametrize("at_once", [True, False])
def test_a_page_that_is_as_it_was_is_reserved_as_it_was(
    archive: newsarchive.Archive, record: Record, page: Page, *, at_once: bool
) -> None:
    answers = [(page(URL), [], "200 OK"), (page(URL), ["X-Robots-Tag: noarchive"], "200 OK")]
    for day, (body, headers, status) in enumerate([*answers, (b"", [], "304 Not Modified")]):
        record(archive, URL, body, *headers, status=status, day=day)
        if not at_once:
            archive.process()
    archive.process()
    assert archive.status().captures["captured"] == 0
    assert (archive.get(URL).rights.noarchive, archive.get(URL).latest.paragraphs) == (True, ())


def test_what_a_further_page_reserves_holds_for_the_article(archive: newsarchive.Archive, page: Page) -> None:
    first = page(URL).replace(b"</body>", b'<a rel="next" href="?page=2">Next</a></body>')
    with archive.recorder() as recorder:
        for url, via, body, more in (
            (URL, None, first, b""),
            (f"{URL}?page=2", URL, page(URL), b"X-Robots-Tag: noai\r\n"),
        ):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + more + b"\r\n"
            exchange = Exchange(url, START, b"GET / HTTP/1.1\r\n\r\n", head, body)
            origin = Origin(role=Role.PART if via else Role.PAGE, source="harbor", via=via)
            recorder.record(exchange, origin=origin)
    archive.process()
    assert archive.get(URL).rights.noai
