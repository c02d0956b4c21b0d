from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.storage.conftest import START

from newsarchive.digests import article_id, text_digest
from newsarchive.models import Extraction
from newsarchive.storage import Articles, Captures, Reading, Rereadings, SiteTemplate, Templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.storage import Database

URL = "https://harbor.example/a"
KEY = article_id(URL)


@pytest.fixture
def rereadings(database: Database) -> Rereadings:
    return Rereadings(database)


def again(rereadings: Rereadings, texts: dict[int, str], reader: str) -> tuple[bool, int, int]:
    """Reads the captures of the one article again: capture number to text."""
    rows = rereadings.captures(KEY)
    readings = [made(row.id, text, number) for row, (number, text) in zip(rows, texts.items(), strict=True)]
    return rereadings.replace(KEY, readings, readers={row.id: reader for row in rows})


def made(row: int, text: str, number: int, extractor: str = "") -> Reading:
    extraction = Extraction(url=URL, headline="Summit", paragraphs=(text,), published=START, extractor=extractor)
    at = START + timedelta(hours=number)
    return Reading(row, at, KEY, URL, "harbor", text_digest("Summit", text), extraction)


def bodies(articles: Articles) -> list[str]:
    article = articles.get(KEY)
    assert article is not None
    return [version.body for version in article.versions]


def test_articles_of_another_reader_are_due(rereadings: Rereadings, read: Callable[..., str]) -> None:
    read(1, "one")
    other = read(2, "two", url="https://harbor.example/b")
    assert list(rereadings.due(lambda _: "test 1")) == []
    assert set(rereadings.due(lambda _: "test 2")) == {KEY, other}
    assert list(rereadings.due(lambda capture: "test 2" if capture.url.endswith("b") else "test 1")) == [other]
    assert list(rereadings.due(lambda capture: f"test {1 + (capture.captured_at.hour > 13)}")) == [other]
    assert list(rereadings.due(lambda _: "test 2", source="northline")) == []
    assert list(rereadings.due(lambda _: "test 2", since=START + timedelta(seconds=1))) == []
    assert len(list(rereadings.due(lambda _: "test 2", source="harbor", since=START))) == 2


def test_new_readings_replace_the_old_ones_and_leave_no_text_behind(
    database: Database, articles: Articles, rereadings: Rereadings, read: Callable[..., str]
) -> None:
    read(1, "one, and a box")
    read(2, "two, and a box")
    assert again(rereadings, {1: "one", 2: "two"}, "test 2") == (True, 2, 0)
    assert bodies(articles) == ["one", "two"]
    assert database.connection.execute("SELECT count(*) FROM texts").fetchone()[0] == 2
    assert list(rereadings.due(lambda _: "test 2")) == []


def test_versions_follow_from_the_new_readings(
    articles: Articles, rereadings: Rereadings, read: Callable[..., str]
) -> None:
    read(1, "one")
    read(2, "one, and a box")
    assert again(rereadings, {1: "one", 2: "one"}, "test 2") == (True, 0, -1)
    assert bodies(articles) == ["one"]
    assert again(rereadings, {1: "one", 2: "another"}, "test 3") == (True, 1, 1)
    assert bodies(articles) == ["one", "another"]


def test_a_reading_that_says_the_same_raises_no_revision(
    articles: Articles, rereadings: Rereadings, read: Callable[..., str]
) -> None:
    read(1, "one")
    before = articles.revision
    (row,) = rereadings.captures(KEY)
    reading = made(row.id, "one", 1, extractor="test 2")
    assert rereadings.replace(KEY, [reading], readers={row.id: "test 2"}) == (False, 0, 0)
    assert articles.revision == before
    article = articles.get(KEY)
    assert article is not None
    assert article.latest.extractor == "test 2"


def test_only_another_text_of_another_reader_cannot_be_compared(
    rereadings: Rereadings, read: Callable[..., str]
) -> None:
    read(1, "one")
    read(5, "five")
    same, other = made(99, "one", 2), made(99, "two", 2)
    assert not rereadings.compares_unlike(other, reader="test 1")
    assert rereadings.compares_unlike(other, reader="test 2")
    assert rereadings.compares_unlike(same, reader="test 2"), "it differs from the later one"
    assert not rereadings.compares_unlike(made(99, "one", 0), reader="test 2")
    assert not rereadings.compares_unlike(made(99, "five", 6), reader="test 2")
    rereadings.leave({row.id: "test 2" for row in rereadings.captures(KEY)})
    assert not rereadings.compares_unlike(other, reader="test 2"), "what cannot be read again is compared as it is"
    assert list(rereadings.due(lambda _: "test 2")) == []


def test_a_capture_that_is_settled_anew_was_not_tried(
    rereadings: Rereadings, captures: Captures, read: Callable[..., str]
) -> None:
    read(1, "one")
    (row,) = rereadings.captures(KEY)
    rereadings.leave({row.id: "test 2"})
    captures.accept(row.id, extractor="test 1")
    assert list(rereadings.due(lambda _: "test 2")) == [KEY]


def test_a_template_comes_back_as_it_was(database: Database) -> None:
    templates = Templates(database)
    first = SiteTemplate("harbor.example", 1, "ab", 12, b"\x00\xff", {-(2**63): "A box", 2**63 - 1: "Another"})
    templates.put(first)
    assert templates.get("harbor.example") == first
    templates.put(first._replace(version=2, name="cd", lines={5: "A box"}))
    assert templates.get("harbor.example") == first._replace(version=2, name="cd", lines={5: "A box"})
    assert templates.get("northline.example") is None


def test_a_new_archive_has_no_backlog(database: Database) -> None:
    assert Templates(database).backlog is None
