"""What `status` tells of each source, and how monitoring reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from newsarchive.archive.metrics import metrics_of, write_metrics
from newsarchive.crawl.failures import problem_of_status
from newsarchive.models import Candidate, Via

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import newsarchive

NAME = 'harbor "post"\\1'
"""A name that needs escaping; records know names that the settings would refuse."""


def fill(archive: newsarchive.Archive, *, source: str = "harbor", runs: int = 1) -> None:
    """Some runs, and three pages of which two gave no answer."""
    for _ in range(runs):
        archive.runs.finish(archive.runs.begin(source), outcome="finished", counts={"sources_read": 2})
    urls = [f"https://harbor.example/{number}" for number in range(3)]
    archive.frontier.offer(source, [Candidate(url=url, via=Via.FEED) for url in urls])
    archive.frontier.failed(source, urls[0], problem="timeout: took longer than 30 s: really")
    archive.frontier.failed(source, urls[1], problem=problem_of_status(503))


def samples(text: str) -> dict[tuple[str, str, str], float]:
    """Name, source and what else is labelled, as another reader understands the text."""
    return {
        (sample.name, sample.labels.get("source", ""), sample.labels.get("kind", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_source_has_its_last_success_its_next_page_and_its_failures_by_kind(archive: newsarchive.Archive) -> None:
    before = datetime.now(UTC)
    fill(archive)
    archive.runs.begin("harbor")
    (source,) = archive.status().sources
    assert source.last_success is not None
    assert source.last_run is not None
    assert before <= source.last_success < source.last_run.started_at
    assert source.failures == {"status-503": 1, "timeout": 1}
    assert source.next_due is not None
    assert abs(source.next_due - before) < timedelta(minutes=1)  # of the page that was not asked for yet


def test_crawls_that_read_nothing_end_status_with_4_and_a_line(
    archive: newsarchive.Archive, command: Callable[..., Any]
) -> None:
    for _ in range(3):
        archive.runs.finish(archive.runs.begin("harbor"), outcome="finished", counts={"sources_failed": 2})
    done = command("-A", archive.folder, "status")
    assert done.code == 4
    assert "harbor: the last 3 crawls read none of its lists" in done.out
    (source,) = command("-A", archive.folder, "status", "--json").json["sources"]
    assert [alarm["kind"] for alarm in source["alarms"]] == ["failing"]


def test_the_metrics_are_read_by_prometheus_own_parser(archive: newsarchive.Archive) -> None:
    fill(archive, source=NAME)
    found = samples(metrics_of(archive.status()))
    assert found["newsarchive_articles", "", ""] == 0
    assert found["newsarchive_source_failures", NAME, "timeout"] == 1
    assert found["newsarchive_source_queued_pages", NAME, ""] == 3
    assert (
        abs(found["newsarchive_source_last_success_timestamp_seconds", NAME, ""] - datetime.now(UTC).timestamp()) < 60
    )


def test_the_metrics_file_is_replaced_at_once_and_leaves_nothing_beside_it(
    archive: newsarchive.Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    fill(archive)
    target = tmp_path / "metrics" / "newsarchive.prom"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    handle = target.open(encoding="utf-8")  # a reader that opened the old one reads it whole
    assert command("-A", archive.folder, "status", "--prometheus", target).code == 0
    assert handle.read() == "old"
    handle.close()
    assert samples(target.read_text(encoding="utf-8")) == samples(metrics_of(archive.status()))
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    write_metrics(archive.status(), target)
    assert command("-A", archive.folder, "status", "--prometheus", "-").out == target.read_text(encoding="utf-8")


def test_a_metrics_file_that_cannot_be_written_is_told(
    archive: newsarchive.Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    done = command("-A", archive.folder, "status", "--prometheus", tmp_path / "absent" / "x.prom")
    assert done.code == 1
    assert "absent" in done.err
