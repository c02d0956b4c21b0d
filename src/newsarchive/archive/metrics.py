"""The status as metrics for Prometheus, in its text format 0.0.4.

Meant for the textfile collector of the node exporter: a file that is replaced as a whole, so that no reader sees half.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from newsarchive.archive.status import SourceStatus, Status

Sample = tuple[dict[str, str], float]


def metrics_of(status: Status) -> str:
    """All metrics of an archive; each source has a label `source`."""
    return "".join(_lines(status))


def write_metrics(status: Status, path: Path) -> None:
    """Write the metrics into a file, replacing it at once.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        temporary.write_text(metrics_of(status), encoding="utf-8")
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(status: Status) -> Iterator[str]:
    yield from _metric("articles", "Articles held.", [({}, status.articles)])
    yield from _metric("versions", "Versions of articles held.", [({}, status.versions)])
    yield from _metric(
        "captures", "Captures by state.", [({"state": str(state)}, count) for state, count in status.captures.items()]
    )
    yield from _metric(
        "rejected_captures", "Rejected captures by problem.", _labelled("problem", status.problems.items())
    )
    yield from _metric("not_indexed_articles", "Articles that the index has not seen yet.", [({}, status.not_indexed)])
    sources = [source for source in status.sources if source.is_crawled]
    yield from _metric("source_articles", "Articles of a source.", _per(sources, lambda source: source.articles))
    yield from _metric(
        "source_queued_pages", "Pages that wait to be fetched.", _per(sources, lambda source: source.frontier.queued)
    )
    yield from _metric(
        "source_failed_pages", "Pages that were given up.", _per(sources, lambda source: source.frontier.failed)
    )
    yield from _metric(
        "source_failures",
        "Pages that gave no answer when last asked for, by kind.",
        [
            ({"source": source.name, "kind": kind}, count)
            for source in sources
            for kind, count in source.failures.items()
        ],
    )
    yield from _times(sources)
    yield from _yields(sources)
    yield from _metric(
        "source_alarms", "Alarms that stand for a source.", _per(sources, lambda source: len(source.alarms))
    )


def _times(sources: list[SourceStatus]) -> Iterator[str]:
    starts = [({"source": source.name}, _unix(source.last_run.started_at)) for source in sources if source.last_run]
    yield from _metric("source_last_run_timestamp_seconds", "Start of the newest crawl, as Unix time.", starts)
    good = [({"source": source.name}, _unix(source.last_success)) for source in sources if source.last_success]
    yield from _metric("source_last_success_timestamp_seconds", "Start of the newest crawl that read the source.", good)
    due = [({"source": source.name}, _unix(source.next_due)) for source in sources if source.next_due]
    yield from _metric(
        "source_next_due_timestamp_seconds", "When the next page is due, a new one or one to look at again.", due
    )


def _yields(sources: list[SourceStatus]) -> Iterator[str]:
    for key, about in (("newest", "in the newest crawls"), ("usual", "before those")):
        shares = [
            ({"source": source.name, "field": field}, share)
            for source in sources
            if (found := getattr(source, key))
            for field, share in found.shares.items()
        ]
        yield from _metric(f"source_field_share_{key}", f"Share of articles that have a field, {about}.", shares)
        words = [
            ({"source": source.name}, found.median_words)
            for source in sources
            if (found := getattr(source, key)) and found.median_words is not None
        ]
        yield from _metric(f"source_median_words_{key}", f"Words of the article in the middle, {about}.", words)


def _per(sources: list[SourceStatus], value: Callable[[SourceStatus], float]) -> list[Sample]:
    return [({"source": source.name}, value(source)) for source in sources]


def _labelled(label: str, counts: Iterable[tuple[str, int]]) -> list[Sample]:
    return [({label: name}, count) for name, count in counts]


def _metric(name: str, about: str, samples: list[Sample]) -> Iterator[str]:
    if not samples:
        return
    yield f"# HELP newsarchive_{name} {about}\n# TYPE newsarchive_{name} gauge\n"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"newsarchive_{name}{'{' + inner + '}' if inner else ''} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _unix(at: datetime) -> float:
    return round(at.timestamp(), 3)
