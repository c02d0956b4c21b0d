from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.storage import Articles, Captures, Database

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

from newsarchive.digests import article_id, text_digest
from newsarchive.models import Capture, Extraction, Place
from newsarchive.storage import Reading


def bodies(articles: Articles, key: str) -> list[str]:
    article = articles.get(key)
    assert article is not None
    return [version.body for version in article.versions]


def test_a_page_seen_again_with_the_same_text_adds_no_version(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "no deal")
    read(2, "no deal")
    assert bodies(articles, key) == ["no deal"]
    article = articles.get(key)
    assert article is not None
    assert (article.last_seen - article.first_seen).total_seconds() == 3600


def test_the_same_bytes_seen_again_are_one_more_sight_without_being_read(
    articles: Articles, captures: Captures, capture: Callable[..., Capture], read: Callable[..., str]
) -> None:
    key = read(1, "no deal")
    same = capture(1)
    row = captures.add(capture(9, payload_digest=same.payload_digest))
    [waiting] = captures.pending()
    twin = captures.twin(waiting, extractor="test 1")
    assert captures.twin(waiting, extractor="test 2") is None
    assert row is not None
    assert twin is not None
    articles.add_twin(row, captured_at=waiting.capture.captured_at, twin_id=twin)
    assert bodies(articles, key) == ["no deal"]
    article = articles.get(key)
    assert article is not None
    assert article.last_seen == waiting.capture.captured_at


def test_one_more_page_costs_the_same_however_many_are_held(
    captures: Captures, database: Database, capture: Callable[..., Capture], read: Callable[..., str]
) -> None:
    def steps(number: int) -> int:
        """Instructions of the database for a page that is new."""
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        url = f"https://harbor.example/{number}"
        database.connection.set_progress_handler(count, 1)
        captures.add(capture(number, url))
        [waiting] = captures.pending()
        assert captures.twin(waiting, extractor="test 1") is None
        captures.accept(waiting.id, extractor="test 1")
        read(number + 1, "no deal", url=f"{url}/b")
        database.connection.set_progress_handler(None, 1)
        return counted

    steps(1)
    few = steps(3)
    for number in range(10, 300):
        read(number, "no deal", url=f"https://harbor.example/{number}")
    assert steps(1000) < 1.5 * few


def test_another_text_is_a_new_version_and_the_old_one_stays(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "deal within reach")
    read(2, "no deal")
    assert bodies(articles, key) == ["deal within reach", "no deal"]


def test_a_text_that_comes_back_is_a_third_version(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "one")
    read(2, "two")
    read(3, "one")
    assert bodies(articles, key) == ["one", "two", "one"]


def test_an_older_capture_that_comes_late_takes_its_place_in_time(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "same")
    read(3, "same")
    read(2, "other")
    assert bodies(articles, key) == ["same", "other", "same"]


def test_the_article_at_a_time_is_what_was_up_then(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "one")
    read(5, "two")
    article = articles.get(key)
    assert article is not None
    first, second = article.versions
    assert article.at(second.captured_at) == second
    assert article.at(first.captured_at) == first
    assert article.at(first.captured_at.replace(year=2000)) is None


def test_a_hit_shows_the_newest_version_and_its_number(articles: Articles, read: Callable[..., str]) -> None:
    key = read(1, "one")
    read(2, "two")
    latest = articles.latest([key, "unknown"])[key].latest
    assert (latest.body, latest.number) == ("two", 2)


def test_every_change_raises_the_revision(articles: Articles, read: Callable[..., str]) -> None:
    read(1, "one")
    seen = articles.revision
    key = read(2, "two", url="https://harbor.example/b")
    assert [changed for _, changed in articles.changed_since(seen)] == [key]
    assert articles.count_changed_since(articles.revision) == 0


def test_an_article_is_found_by_the_url_it_was_fetched_from(
    articles: Articles, captures: Captures, capture: Callable[..., Capture]
) -> None:
    row = captures.add(capture(1, "https://harbor.example/a/amp"))
    assert row is not None
    url = "https://harbor.example/a"
    extraction = Extraction(url=url, headline="h", paragraphs=("text",))
    made = capture(1)
    articles.add(Reading(row, made.captured_at, article_id(url), url, "harbor", "d", extraction))
    found = articles.by_url("https://harbor.example/a/amp")
    assert found is not None
    assert found.url == url


def test_all_fields_come_back_as_they_were_read(
    articles: Articles, captures: Captures, capture: Callable[..., Capture]
) -> None:
    made = capture(1)
    row = captures.add(made)
    assert row is not None
    extraction = Extraction(
        url=made.url,
        headline="Không có thỏa thuận",
        paragraphs=("Một", "Hai"),
        category="Chính trị",
        categories=("Chính trị", "Thế giới"),
        published=made.captured_at,
        authors=("Lan Trần",),
        language="vi",
        tags=("hội nghị",),
        is_free=False,
        provenance={"headline": "json-ld"},
        extractor="test 1",
    )
    articles.add(Reading(row, made.captured_at, "id", made.url, "harbor", "digest", extraction))
    article = articles.get("id")
    assert article is not None
    assert Extraction(**{name: getattr(article.latest, name) for name in Extraction.model_fields}) == extraction


@given(st.permutations(range(6)), st.lists(st.sampled_from(["a", "b", "c"]), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_versions_do_not_depend_on_the_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory, capture: Callable[..., Capture], order: list[int], texts: list[str]
) -> None:
    with Database(tmp_path_factory.mktemp("order") / "articles.db") as database:
        captures, articles = Captures(database), Articles(database)
        for number in order:
            made = capture(number, place=Place(file="f", offset=number, length=1))
            row = captures.add(made)
            assert row is not None
            extraction = Extraction(url=made.url, headline="h", paragraphs=(texts[number],), description=str(number))
            digest = text_digest(texts[number])
            articles.add(Reading(row, made.captured_at, "id", made.url, "harbor", digest, extraction))
        article = articles.get("id")
        assert article is not None
        runs = [text for text, _ in groupby(texts)]
        assert [version.body for version in article.versions] == runs
        # Of several captures with one text the earliest speaks for the other fields.
        assert [version.description for version in article.versions] == [str(texts.index(text)) for text in runs]
