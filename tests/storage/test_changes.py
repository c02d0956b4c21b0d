"""Changes are derived: they come out the same whatever order captures arrive in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsarchive.digests import article_id, text_digest
from newsarchive.models import Capture, Extraction
from newsarchive.storage import Articles, Captures, Changes, Database, Reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    import pytest

URL = "https://harbor.example/a"
KEY = article_id(URL)
START = datetime(2019, 2, 27, 12, tzinfo=UTC)
HEADLINES = st.sampled_from(["Summit", "“Summit”", "Summit?"])
TEXTS = st.sampled_from([("one",), ("one", "Updated 5 minutes ago"), ("two",), ("23 comments", "two")])
DATES = st.sampled_from([None, START, START - timedelta(days=3)])
EVENTS = st.lists(st.none() | st.tuples(HEADLINES, TEXTS, DATES), min_size=1, max_size=7)


def take(database: Database, made: Capture, event: tuple[str, tuple[str, ...], datetime | None] | None) -> None:
    row = Captures(database).add(made)
    assert row is not None
    if event is None:
        Changes(database).add_absence(row, url=URL, captured_at=made.captured_at, why="404")
        Articles(database).refresh_of_url(URL)
        return
    headline, paragraphs, published = event
    extraction = Extraction(url=URL, headline=headline, paragraphs=paragraphs, published=published)
    digest = text_digest(headline, *paragraphs)
    Articles(database).add(Reading(row, made.captured_at, KEY, URL, "harbor", digest, extraction))


def story(database: Database) -> tuple[object, ...]:
    found = Changes(database).newest_first()
    return Articles(database).get(KEY), [change.as_record() for change in found]


@given(EVENTS, st.randoms())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_do_not_depend_on_the_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory,
    capture: Callable[..., Capture],
    events: list[tuple[str, tuple[str, ...], datetime | None] | None],
    random: Random,
) -> None:
    made = [(capture(number, URL), event) for number, event in enumerate(events)]
    folder = tmp_path_factory.mktemp("order")
    with Database(folder / "one.db") as database:
        for one, event in made:
            take(database, one, event)
        expected = story(database)
    random.shuffle(made)
    with Database(folder / "other.db") as database:
        for one, event in made:
            take(database, one, event)
        assert story(database) == expected


def test_texts_that_say_the_same_are_one_version_and_both_are_kept(
    database: Database, capture: Callable[..., Capture]
) -> None:
    take(database, capture(1, URL), ("“Summit”", ("one",), START))
    take(database, capture(2, URL), ('"Summit"', ("one", "23 comments"), START))
    article = Articles(database).get(KEY)
    assert article is not None
    assert [version.headline for version in article.versions] == ["“Summit”"]
    assert database.connection.execute("SELECT count(*) FROM texts").fetchone()[0] == 2


def test_what_was_worked_out_once_is_done_and_another_version_of_it_is_due(
    database: Database, capture: Callable[..., Capture]
) -> None:
    changes = Changes(database)
    assert not changes.is_current
    assert not changes.is_due, "there is no article"
    take(database, capture(1, URL), ("Summit", ("one",), START))
    take(database, capture(2, URL), ("Summit", ("two",), START))
    expected = story(database)
    database.connection.execute("UPDATE readings SET sense = digest, published = NULL, url = NULL")
    database.connection.execute("DELETE FROM changes")
    assert changes.is_due
    assert list(changes.work_out()) == []
    assert changes.is_current
    assert story(database) == expected
    database.connection.execute("UPDATE meta SET value = '0' WHERE key = 'edits'")
    assert changes.is_due


def test_a_date_that_was_not_told_once_is_still_the_one_that_changed(
    database: Database, capture: Callable[..., Capture]
) -> None:
    later = START + timedelta(days=2)
    for number, published in enumerate((START, None, START, None, later)):
        take(database, capture(number, URL), ("Summit", ("one",), published))
    (change,) = Changes(database).newest_first()
    assert (change.kinds, change.old_published, change.new_published) == (
        ("published-date",),
        START.isoformat(),
        later.isoformat(),
    )


def test_a_gone_article_comes_back_with_its_next_sight(database: Database, capture: Callable[..., Capture]) -> None:
    for number, event in enumerate([("Summit", ("one",), START), None, None, ("Summit", ("one",), START), None]):
        take(database, capture(number, URL), event)
        article = Articles(database).get(KEY)
        assert article is not None
        assert (article.gone is not None) == (event is None)
    assert [change.kinds for change in Changes(database).newest_first()] == [("gone",), ("gone",)]


def test_an_unchanged_page_that_moves_a_change_in_time_is_indexed_anew(
    database: Database, capture: Callable[..., Capture]
) -> None:
    take(database, capture(1, URL), ("Summit", ("one",), START))
    take(database, capture(9, URL), ("Summit", ("two",), START))
    articles, captures = Articles(database), Captures(database)
    twin = next(row.id for row in captures.pending() if row.capture == capture(9, URL))
    for number, is_news in ((12, False), (5, True)):
        before = articles.revision
        row = captures.add(capture(number, URL))
        assert row is not None
        articles.add_twin(row, captured_at=capture(number).captured_at, twin_id=twin)
        assert (articles.revision > before) == is_news
    assert next(Changes(database).newest_first()).seen_at == capture(5).captured_at
