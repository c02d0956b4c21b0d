"""Edits are found and noise is passed over; articles that are gone are told; all of it can be derived again."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.errors import ArchiveError, QuerySyntaxError, UsageError
from newsarchive.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = datetime(2019, 3, 1, tzinfo=UTC)
URL = "https://harbor.example/politics/2019/02/28/summit-ends-without-a-deal"
OTHER = "https://harbor.example/politics/2019/02/28/mayor-resigns-after-long-night"
TEXT = (
    "The leaders of the two countries ended their meeting in the old opera house without signing anything at all.",
    "Officials had hoped for a short declaration on trade, but the talks stalled over the question of inspections.",
    "“We were close,” said one diplomat who asked not to be named, “and then the afternoon session fell apart.”",
)
EDITED = (TEXT[0].replace("without", "after"), *TEXT[1:])
NOISY = ("Updated 5 minutes ago", *(line.replace("“", '"').replace("”", '"') for line in TEXT), "23 comments")


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


@pytest.fixture
def seen(
    archive: newsarchive.Archive, answered: Callable[..., None], page: Callable[..., bytes]
) -> Callable[..., None]:
    """Takes a page of the article in, at an hour, and processes it."""

    def see(hour: int, paragraphs: tuple[str, ...] = TEXT, *, url: str = URL, **fields: Any) -> None:  # noqa: ANN401 - of `page`
        answered(url, page(url, paragraphs=paragraphs, **fields), hour=hour)
        archive.process()

    return see


def told(archive: newsarchive.Archive, **filters: Any) -> list[tuple[tuple[str, ...], int]]:  # noqa: ANN401 - of `changes`
    """Kinds and hour of each change, newest first."""
    return [(change.kinds, (change.seen_at - START) // timedelta(hours=1)) for change in archive.changes(**filters)]


def test_noise_is_one_more_sight_and_an_edit_a_version(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    seen(1)
    seen(2, NOISY)
    seen(3, (*EDITED, "31 comments"))
    seen(4, EDITED)
    article = archive.get(URL)
    assert [version.captured_at for version in article.versions] == [at(1), at(3)]
    assert [version.paragraphs[0] for version in article.versions] == [TEXT[0], EDITED[0]]
    assert article.last_seen == at(4)
    (change,) = archive.changes()
    assert (change.kinds, change.unchanged_at, change.seen_at) == (("body",), at(2), at(3))
    assert (change.words_added, change.words_removed) == (1, 1)
    assert (change.old_version, change.new_version) == (1, 2)
    assert change.record_id == article.latest.record_id


def test_a_headline_and_a_text_can_change_apart_and_together(
    archive: newsarchive.Archive, seen: Callable[..., None]
) -> None:
    seen(1)
    seen(2, headline="Summit ends early")
    seen(3, EDITED, headline="Summit ends early")
    seen(4, TEXT, headline="Summit collapses")
    assert told(archive) == [(("headline", "body"), 4), (("body",), 3), (("headline",), 2)]
    newest = next(archive.changes())
    assert (newest.old_headline, newest.new_headline) == ("Summit ends early", "Summit collapses")
    assert archive.history(URL) == tuple(archive.changes())[::-1]


def test_an_edit_that_is_taken_back_is_two_changes(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    for hour, text in enumerate((TEXT, EDITED, TEXT)):
        seen(hour, text)
    assert told(archive) == [(("body",), 2), (("body",), 1)]
    assert [version.number for version in archive.get(URL).versions] == [1, 2, 3]
    assert archive.get(URL).diff(0, -1).kinds == ()


def test_another_date_of_publication_is_a_change_and_no_version(
    archive: newsarchive.Archive, seen: Callable[..., None]
) -> None:
    seen(1, published="2019-02-28")
    seen(2, published="2019-02-28T14:05:00+07:00")
    seen(3, published="2019-02-28T07:05:00+00:00")
    assert told(archive) == []
    seen(4, published="2019-03-01T00:00:00+00:00")
    assert told(archive) == [(("published-date",), 4)]
    assert len(archive.get(URL).versions) == 1
    (change,) = archive.changes()
    assert change.old_published is not None
    assert change.new_published == "2019-03-01T00:00:00+00:00"
    assert archive.search("is:edited").total == 0


def test_changes_are_narrowed_by_kind_time_source_words_and_query(
    archive: newsarchive.Archive, seen: Callable[..., None]
) -> None:
    seen(1)
    seen(1, url=OTHER, headline="The mayor resigns")
    seen(26, headline="Summit ends early")
    seen(
        50,
        (*TEXT, "The host paid for the lunch, which nobody ate, and for the flowers."),
        url=OTHER,
        headline="The mayor resigns",
    )
    assert told(archive, kind="headline") == [(("headline",), 26)]
    assert told(archive, kind=("headline", "body")) == [(("body",), 50), (("headline",), 26)]
    assert told(archive, since="2019-03-03T02:00Z") == [(("body",), 50)]
    assert told(archive, until=at(50)) == [(("headline",), 26)]
    assert told(archive, min_words=5) == [(("body",), 50)]
    assert told(archive, source="harbor") == told(archive, source="harbor.example") == told(archive)
    assert told(archive, source="nowhere") == []
    assert told(archive, query="mayor") == [(("body",), 50)]
    with pytest.raises(UsageError, match="no kind of change 'heading'"):
        archive.changes(kind="heading")
    with pytest.raises(QuerySyntaxError):
        archive.changes(query="AND")
    with pytest.raises(UsageError, match="soon"):
        archive.changes(since="soon")


def test_a_query_finds_what_was_edited_and_when(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    seen(1)
    seen(1, url=OTHER, headline="The mayor resigns")
    seen(26, EDITED)
    seen(50, url=OTHER, headline="The mayor stays")
    found = {
        query: {hit.url for hit in archive.search(query)}
        for query in (
            "is:edited",
            "is:headline-edited",
            "changed:2019-03-02",
            "changed:>2019-03-02",
            "-is:edited",
            "is:gone",
        )
    }
    assert found == {
        "is:edited": {URL, OTHER},
        "is:headline-edited": {OTHER},
        "changed:2019-03-02": {URL},
        "changed:>2019-03-02": {OTHER},
        "-is:edited": set(),
        "is:gone": set(),
    }


GONE = [
    ({"status": 404}, "404"),
    ({"status": 410}, "410"),
    ({"status": 301, "location": "https://harbor.example/"}, "301 to https://harbor.example/"),
    (
        {"status": 302, "location": "https://www.harbor.example/politics/"},
        "302 to https://www.harbor.example/politics/",
    ),
    ({"status": 307, "location": "https://harbor.example/?gone=1"}, "307 to https://harbor.example/?gone=1"),
    (
        {"status": 308, "location": "https://harbor.example/politics/2019/02"},
        "308 to https://harbor.example/politics/2019/02",
    ),
]
STAYS = [
    {"status": 500},
    {"status": 503},
    {"status": 403},
    {"status": 401},
    {"status": 429},
    {"status": 301, "to": "-updated"},
    {"status": 301, "to": "?page=1"},
    {"status": 301, "location": f"https://www.harbor.example/{URL.partition('example/')[2]}"},
    {"status": 302, "location": "https://harbor.example/login"},
    {"status": 404, "role": Role.DISCOVERY},
    {"status": 200},
]


@pytest.mark.parametrize(("answer", "why"), GONE, ids=lambda value: str(value)[:20])
def test_an_article_that_is_taken_down_is_gone_and_stays_in_the_archive(
    archive: newsarchive.Archive,
    seen: Callable[..., None],
    answered: Callable[..., None],
    page: Callable[..., bytes],
    answer: dict[str, Any],
    why: str,
) -> None:
    answered(URL, page(URL, paragraphs=TEXT), hour=1)
    answered(URL, page(URL, paragraphs=TEXT), hour=2)
    answered(URL, b"gone", hour=5, **answer)
    answered(URL, b"still gone", hour=9, **answer)
    archive.process()
    article = archive.get(URL)
    assert article.gone is not None
    assert (article.gone.since, article.gone.why) == (at(5), why)
    assert (article.body, article.last_seen) == ("\n\n".join(TEXT), at(2))
    (change,) = archive.changes(kind="gone")
    assert (change.unchanged_at, change.seen_at, change.why) == (at(2), at(5), why)
    assert (change.old_version, change.new_version) == (1, 1)
    assert [hit.url for hit in archive.search("is:gone opera")] == [URL]
    assert archive.search("is:edited").total == 0
    seen(12)
    assert archive.get(URL).gone is None
    assert archive.search("is:gone").total == 0
    assert told(archive) == [(("gone",), 5)]


def test_trouble_does_not_make_an_article_gone(
    archive: newsarchive.Archive, answered: Callable[..., None], page: Callable[..., bytes]
) -> None:
    urls = {f"{URL}-{number}": answer for number, answer in enumerate(STAYS)}
    for url, answer in urls.items():
        answered(url, page(url, paragraphs=TEXT), hour=1)
        answered(
            url, b"trouble", hour=5, **{"location": f"{url}{answer.pop('to')}"} if "to" in answer else {}, **answer
        )
    archive.process()
    assert {article.url for article in archive.articles()} == set(urls)
    assert all(article.gone is None for article in archive.articles())
    assert told(archive) == []


def test_a_404_before_the_first_sight_says_nothing(
    archive: newsarchive.Archive, seen: Callable[..., None], answered: Callable[..., None]
) -> None:
    answered(URL, b"not yet", hour=1, status=404)
    seen(3)
    assert archive.get(URL).gone is None
    assert told(archive) == []


def test_only_the_canonical_url_decides_where_it_was_read(
    archive: newsarchive.Archive, seen: Callable[..., None], answered: Callable[..., None], page: Callable[..., bytes]
) -> None:
    seen(1)
    answered(f"{URL}/amp", page(URL, paragraphs=TEXT), hour=2)
    answered(f"{URL}/amp", b"gone", hour=3, status=404)
    archive.process()
    assert archive.get(URL).gone is None


def test_an_article_that_was_read_elsewhere_alone_goes_with_that(
    archive: newsarchive.Archive, answered: Callable[..., None], page: Callable[..., bytes]
) -> None:
    answered(f"{URL}/amp?utm_source=feed", page(URL, paragraphs=TEXT), hour=2)
    archive.process()
    answered(f"{URL}/amp", b"gone", hour=3, status=404)
    archive.process()
    assert archive.get(URL).gone is not None


def picture(archive: newsarchive.Archive) -> dict[str, Any]:
    return {
        "articles": [article.model_dump(mode="json") for article in archive.articles()],
        "changes": [change.as_record() for change in archive.changes()],
        "states": {
            query: [hit.id for hit in archive.search(query)] for query in ("is:edited", "is:headline-edited", "is:gone")
        },
    }


def unnamed(told: dict[str, Any]) -> dict[str, Any]:
    """Without the names of WARC records, which each archive gives anew."""
    for article in told["articles"]:
        for version in article["versions"]:
            version["record_id"] = ""
    for change in told["changes"]:
        change["record_id"] = ""
    return told


STORY: tuple[dict[str, Any], ...] = (
    {"paragraphs": TEXT},
    {"paragraphs": NOISY, "published": "2019-03-01T00:00:00+00:00"},
    {"paragraphs": EDITED, "headline": "Summit collapses", "published": "2019-03-01T00:00:00+00:00"},
    {"status": 404},
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)], ids=str)
def test_it_comes_out_the_same_in_any_order_of_arrival_and_from_a_rebuild(
    tmp_path: Path,
    archive: newsarchive.Archive,
    answered: Callable[..., None],
    page: Callable[..., bytes],
    order: tuple[int, ...],
) -> None:
    for hour in order:
        part = dict(STORY[hour])
        status = part.pop("status", 200)
        answered(URL, page(URL, **part) if part else b"gone", hour=hour, status=status)
        archive.process()
    assert told(archive) == [(("gone",), 3), (("headline", "body"), 2), (("published-date",), 1)]
    before = picture(archive)
    archive.close()
    copy = tmp_path / "copy"
    init_folder(copy)
    shutil.rmtree(copy / "warc")
    shutil.copytree(archive.folder / "warc", copy / "warc")
    with newsarchive.open(copy, mode="rw") as other:
        other.rebuild()
        assert picture(other) == before


def test_an_archive_of_an_older_version_works_its_changes_out(
    folder: Path,
    archive: newsarchive.Archive,
    seen: Callable[..., None],
    answered: Callable[..., None],
    older: Callable[[Path, int], None],
) -> None:
    seen(1)
    seen(2, NOISY)
    seen(3, EDITED, headline="Summit collapses")
    answered(URL, b"gone", hour=5, status=302, location="https://harbor.example/")
    archive.process()
    before = unnamed(picture(archive))
    archive.close()
    older(folder / "articles.db", 3)
    with newsarchive.open(folder) as opened:
        assert len(opened.get(URL).versions) == 3, "as the older version told it"
        assert opened.get(URL).gone is None
        with pytest.raises(ArchiveError, match="not worked out yet") as caught:
            opened.changes()
        assert "newsarchive process" in caught.value.tip
    with newsarchive.open(folder, mode="rw") as opened:
        opened.process()
        assert unnamed(picture(opened)) == before


def test_the_difference_of_two_versions_is_a_value(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    seen(1, ("Updated 5 minutes ago", *TEXT))
    seen(2, EDITED, headline="Summit ends without deal")
    diff = archive.get(URL).diff(0, -1)
    assert diff.kinds == ("headline", "body")
    assert [(segment.kind, segment.old, segment.new) for segment in diff.headline if segment.changed] == [
        ("removed", "a ", "")
    ]
    assert "".join(segment.old for segment in diff.body) == "\n\n".join(TEXT)
    assert "".join(segment.new for segment in diff.body) == "\n\n".join(EDITED)
    assert [segment.kind for segment in diff.paragraphs] == ["removed", "added", "same", "same"]
    assert (diff.old.number, diff.new.number) == (1, 2)
    assert (diff.words_added, diff.words_removed) == (1, 2)
    assert "<del>without </del><ins>after </ins>" in diff.to_html()
    with pytest.raises(IndexError):
        archive.get(URL).diff(0, 7)


def test_what_a_page_says_is_escaped_in_html(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    seen(1)
    evil = "The <script>alert(1)</script> & <b>bold</b> tags of the page were shown as they stand, to all."
    seen(2, (*TEXT, evil.replace("<", "&lt;")), headline="Summit <ends> & stays".replace("<", "&lt;"))
    html = archive.get(URL).diff().to_page()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "Content-Security-Policy" in html


def test_a_text_in_thai_is_compared_by_characters(archive: newsarchive.Archive, seen: Callable[..., None]) -> None:
    text = "ผู้นำของทั้งสองประเทศสิ้นสุดการประชุมในโรงละครโอเปร่าเก่าโดยไม่ได้ลงนามในเอกสารใดๆ" * 2
    seen(1, (text,), language="th")
    seen(2, (text.replace("เก่า", "ใหม่", 1),), language="th")
    diff = archive.get(URL).diff()
    assert diff.kinds == ("body",)
    assert sum(len(segment.old) for segment in diff.body if segment.changed) <= 6
