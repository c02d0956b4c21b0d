"""What each capture gave is counted for its run, once, whatever happens to it on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from newsarchive.dates import Precision
from newsarchive.digests import article_id
from newsarchive.models import CaptureState, Extraction, Origin
from newsarchive.storage import Articles, CaptureRow, Captures, Database, Reading, Runs, Yields

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture

WORDS = ("The ferry talks ended on Wednesday.",)
FULL = Extraction(
    url="https://harbor.example/a",
    headline="Ferry talks end",
    paragraphs=WORDS,
    published=datetime(2019, 2, 27, 18, 30, tzinfo=UTC),
    published_precision=Precision.MINUTE,
    authors=("Lan Tran",),
    language="en",
)


@pytest.fixture
def yields(database: Database) -> Yields:
    return Yields(database)


@pytest.fixture
def kept(captures: Captures, capture: Callable[..., Capture]) -> Callable[..., CaptureRow]:
    """Keeps a capture of now, of the source `harbor` if no other is asked for."""

    def keep(number: int, *, source: str | None = "harbor", at: datetime | None = None) -> CaptureRow:
        made = capture(number, origin=Origin(source=source), captured_at=at or datetime.now(UTC))
        row = captures.add(made)
        assert row is not None
        return CaptureRow(row, made, CaptureState.CAPTURED)

    return keep


def test_a_run_counts_the_fields_lengths_and_rejections_of_its_captures(
    runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    number = runs.begin("harbor")
    yields.accept(kept(1), FULL)
    yields.accept(kept(2), FULL.model_copy(update={"authors": (), "published_precision": Precision.DAY}))
    yields.reject(kept(3), "too-short")
    (found,) = yields.newest_first("harbor")
    assert (found.run, found.lengths, found.rejected) == (number, (6, 6), {"too-short": 1})
    assert found.fields == {
        "headline": 2, "category": 0, "published": 2, "published_time": 1, "authors": 1, "description": 0,
        "language": 2, "image": 0, "tags": 0, "body": 2,
    }  # fmt: skip


def test_a_capture_that_is_read_anew_is_not_counted_twice(
    runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    runs.begin("harbor")
    row = kept(1)
    yields.reject(row, "no-date")
    yields.accept(row, FULL.model_copy(update={"authors": ()}))
    yields.accept(row, FULL)
    (found,) = yields.newest_first("harbor")
    assert (found.lengths, found.rejected, found.fields["authors"]) == ((6,), {}, 1)


def test_a_capture_belongs_to_the_run_that_was_going_on(
    runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    killed = runs.begin("harbor")
    during = datetime.now(UTC)
    runs.begin("other")
    second = runs.begin("harbor")
    yields.accept(kept(1), FULL)
    yields.accept(kept(2, at=during), FULL)  # a row that was lost in the kill, and made again from the WARC
    runs.finish(second, outcome="finished", counts={})
    yields.accept(kept(3, at=long_ago), FULL)
    yields.accept(kept(4, source=None), FULL)
    yields.accept(kept(5), FULL)  # after the end
    assert [(one.run, len(one.lengths)) for one in yields.newest_first("harbor")] == [(second, 1), (killed, 1)]
    assert list(yields.newest_first("other")) == []


def test_the_newest_runs_come_first_and_those_without_captures_do_not_count(
    runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    numbers = []
    for number in range(1, 120):
        numbers.append(runs.begin("harbor"))
        yields.accept(kept(number), FULL)
        runs.begin("harbor")
    assert [one.run for one in yields.newest_first("harbor")] == numbers[::-1]


@pytest.mark.parametrize("imported", [False, True])
def test_a_twin_gives_what_its_twin_gave(
    runs: Runs, yields: Yields, articles: Articles, kept: Callable[..., CaptureRow], *, imported: bool
) -> None:
    first = kept(1, source=None if imported else "harbor")
    runs.begin("harbor")
    if not imported:
        first = kept(2)
    key = article_id(FULL.url)
    articles.add(Reading(first.id, first.capture.captured_at, key, FULL.url, "harbor", "d", FULL))
    yields.accept(first, FULL)
    before = list(yields.newest_first("harbor"))
    assert len(before) == (not imported)
    runs.begin("harbor")
    yields.accept_twin(kept(3), first.id)
    newest = next(yields.newest_first("harbor"))
    direct = yields.accept(kept(4), FULL)
    assert direct is None
    both = next(yields.newest_first("harbor"))
    assert both.fields == {name: 2 * count for name, count in newest.fields.items()}
    assert both.lengths == newest.lengths * 2


def test_what_a_transaction_did_not_keep_is_not_counted(
    database: Database, runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    runs.begin("harbor")
    row = kept(1)

    def note_and_fail() -> None:
        with database.transaction():
            yields.accept(row, FULL)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        note_and_fail()
    assert list(yields.newest_first("harbor")) == []


def test_an_example_is_the_newest_page_that_shows_it(
    runs: Runs, yields: Yields, kept: Callable[..., CaptureRow]
) -> None:
    number = runs.begin("harbor")
    yields.accept(kept(1), FULL.model_copy(update={"authors": ()}))
    yields.accept(kept(2), FULL)
    yields.reject(kept(3), "no-date")
    url = "https://harbor.example/a"
    assert yields.example([number], lacking="authors", problem=None, below=None) == url
    assert yields.example([number], lacking="headline", problem=None, below=None) is None
    assert yields.example([number], lacking=None, problem="no-date", below=None) == url
    assert yields.example([number], lacking=None, problem=None, below=6.5) == url
    assert yields.example([number], lacking=None, problem=None, below=6) is None
    assert yields.example([number + 1], lacking="authors", problem=None, below=None) is None


def test_an_older_archive_that_is_only_read_has_no_yields_yet(
    tmp_path: Path, older: Callable[[Path, int], None]
) -> None:
    path = tmp_path / "articles.db"
    Database(path).close()
    older(path, 1)
    with Database(path, read_only=True) as database:
        assert list(Yields(database).newest_first("harbor")) == []
    with Database(path) as database:
        assert list(Yields(database).newest_first("harbor")) == []
        assert database.connection.execute("SELECT count(*) FROM yields").fetchone()[0] == 0
