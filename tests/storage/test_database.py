from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from newsarchive.errors import ArchiveReadOnly, ArchiveTooNew, IntegrityError
from newsarchive.models import CaptureState, Origin, Problem, Role
from newsarchive.storage import Captures, Database, Runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ArchiveTooNew, match="format 99"):
        Database(path)
    with pytest.raises(ArchiveTooNew):
        Database(path, read_only=True)


def test_a_file_that_is_no_database_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    path.write_bytes(b"not a database, however long it is" * 100)
    with pytest.raises(IntegrityError, match="damaged") as caught:
        Database(path)
    assert "newsarchive rebuild" in caught.value.tip


def test_reading_changes_nothing(tmp_path: Path, capture: Callable[..., Capture]) -> None:
    path = tmp_path / "articles.db"
    Database(path).close()
    with Database(path, read_only=True) as database, pytest.raises(ArchiveReadOnly):
        Captures(database).add(capture(1))


def test_a_transaction_is_all_or_nothing(database: Database, capture: Callable[..., Capture]) -> None:
    captures = Captures(database)

    def add_and_fail() -> None:
        with database.transaction():
            captures.add(capture(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert not captures.knows(capture(1).record_id)


def test_a_reader_sees_what_was_committed_while_a_writer_goes_on(
    tmp_path: Path, database: Database, capture: Callable[..., Capture]
) -> None:
    captures = Captures(database)
    captures.add(capture(1))
    with Database(tmp_path / "articles.db", read_only=True) as reader, database.transaction():
        captures.add(capture(2))
        assert sum(Captures(reader).counts().values()) == 1


def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    program = (
        "import os, signal, sys; from pathlib import Path; from newsarchive.storage import Database, Runs\n"
        "database = Database(Path(sys.argv[1])); runs = Runs(database); runs.begin('kept')\n"
        "database.connection.execute('BEGIN'); database.connection.execute(\"INSERT INTO runs (source, started_at)"
        " VALUES ('lost', '2019')\"); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, path], check=False)
    with Database(path) as database:
        assert Runs(database).sources() == ("kept",)


def test_a_record_has_one_row(captures: Captures, capture: Callable[..., Capture]) -> None:
    assert captures.add(capture(1)) is not None
    assert captures.add(capture(1)) is None


def test_discovery_pages_and_redirects_are_set_aside(captures: Captures, capture: Callable[..., Capture]) -> None:
    captures.add(capture(1, origin=Origin(role=Role.DISCOVERY)))
    captures.add(capture(2, status=301))
    captures.add(capture(3))
    assert captures.counts()[CaptureState.SET_ASIDE] == 2
    assert [row.capture.record_id for row in captures.pending()] == [capture(3).record_id]


def test_a_capture_comes_back_as_it_was(captures: Captures, capture: Callable[..., Capture]) -> None:
    made = capture(1, etag='"x"', last_modified="Wed, 27 Feb 2019 18:30:00 GMT", location="https://harbor.example/b")
    captures.add(made)
    assert captures.by_record(made.record_id) == made
    assert captures.latest(made.url) == made


def test_a_rejected_page_is_kept_with_its_problems_and_can_be_tried_again(
    captures: Captures, capture: Callable[..., Capture]
) -> None:
    row = captures.add(capture(1))
    assert row is not None
    problem = Problem(code="no-date", message="no date of publication was found")
    captures.reject(row, problems=[problem], extractor="test 1")
    (rejection,) = captures.rejected()
    assert (rejection.problems, rejection.extractor) == ((problem,), "test 1")
    assert list(captures.rejected(code="too-short")) == []
    assert captures.problem_counts() == {"no-date": 1}
    assert captures.retry_rejected(code="too-short") == 0
    assert captures.retry_rejected() == 1
    assert len(list(captures.pending())) == 1


def test_a_run_that_was_killed_stays_unfinished(runs: Runs) -> None:
    runs.begin("harbor")
    second = runs.begin("harbor")
    runs.finish(second, outcome="finished", counts={"pages": 3})
    latest = runs.latest("harbor")
    assert latest is not None
    assert (latest.outcome, latest.counts) == ("finished", {"pages": 3})
    first = runs.get(second - 1)
    assert first is not None
    assert first.outcome is None
