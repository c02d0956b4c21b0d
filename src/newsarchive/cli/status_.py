"""The command `newsarchive status`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsarchive.archive import Irregularity
from newsarchive.cli.alarms import line
from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, print_json, print_rows

if TYPE_CHECKING:
    from newsarchive.archive import AnyAlarm, SourceStatus, Status, Yield

_COLUMNS = (
    Column("name", "source", style="green", ratio=1),
    Column("articles", "articles", right=True),
    Column("queued", "queued", right=True),
    Column("failed", "failed", right=True),
    Column("outcome", "last run"),
    Column("last_success", "last success", style="cyan"),
    Column("next_due", "next due", style="cyan"),
)

_FIELD_COLUMNS = (
    Column("name", "source", style="green", ratio=1),
    Column("found", "of", right=True),
    *(
        Column(field, heading, right=True)
        for field, heading in (
            ("headline", "head"), ("category", "cat."), ("published", "date"), ("published_time", "time"),
            ("authors", "auth"), ("description", "desc"), ("language", "lang"), ("image", "img"),
            ("tags", "tags"), ("body", "text"),
        )
    ),
    Column("median_words", "words", right=True),
    Column("rejected", "rej.", right=True),
)  # fmt: skip
_MOST = 20
"""Imported sources that are listed where none is crawled."""


@click.command("status", short_help="How the archive stands.")
@click.option(
    "--fields", is_flag=True, help="Show on how many articles of each source's newest runs a field was found."
)
@click.option(
    "--prometheus",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write metrics for Prometheus' textfile collector; - is stdout.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_state
def command(state: State, *, fields: bool, prometheus: Path | None, as_json: bool) -> int:
    """Count what the archive holds, what waits, and what each source did last.

    Ends with 4 if an alarm stands: a source's pages stopped giving what they gave before, as after a redesign of the
    site; a source fell silent; or its crawls fail, or are not started any more.
    """
    with state.open() as archive:
        status = archive.status()
        folder = archive.folder
    if prometheus is not None:
        _write_metrics(status, prometheus)
    elif as_json:
        print_json({"schema": "newsarchive.status/1", "folder": str(folder), **_record(status)})
    else:
        _print(status, folder, fields=fields)
    return Exit.PROBLEMS if status.alarms else Exit.OK


def _write_metrics(status: Status, path: Path) -> None:
    from newsarchive.archive.metrics import metrics_of, write_metrics  # noqa: PLC0415 - only where asked for

    if str(path) == "-":
        click.echo(metrics_of(status), nl=False)
    else:
        write_metrics(status, path)


def _print(status: Status, folder: Path, *, fields: bool) -> None:
    click.echo(f"{folder}: {status.articles:,} articles in {status.versions:,} versions")
    captures = ", ".join(f"{count:,} {name}" for name, count in status.captures.items())
    click.echo(f"captures: {captures}")
    if status.problems:
        click.echo("rejected: " + ", ".join(f"{count:,} {code}" for code, count in status.problems.items()))
    click.echo(f"search index: {status.engine}" if status.engine else "search index: none (newsarchive rebuild)")
    if status.not_indexed:
        click.echo(f"not indexed yet: {status.not_indexed:,} articles (newsarchive process)")
    shown = [source for source in status.sources if source.is_crawled] or status.sources[:_MOST]
    if shown:
        print_rows(map(_fields_row if fields else _row, shown), _FIELD_COLUMNS if fields else _COLUMNS, form="table")
    for source in shown:
        if source.failures:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in source.failures.items())
            click.echo(f"{source.name}: no answer: {kinds}")
    if len(status.sources) > len(shown):
        click.echo(f"and {len(status.sources) - len(shown):,} sources that were only imported (--json lists all)")
    for alarm in status.alarms:
        click.echo(line(alarm))


def _row(source: SourceStatus) -> dict[str, Any]:
    run = source.last_run
    return {
        "name": source.name,
        "articles": source.articles,
        "queued": source.frontier.queued,
        "failed": source.frontier.failed,
        "last_run": run.started_at if run else None,
        "outcome": (run.outcome or "unfinished") if run else "never",
        "last_success": source.last_success,
        "next_due": source.next_due,
    }


def _fields_row(source: SourceStatus) -> dict[str, Any]:
    found = source.newest
    if found is None:
        return {"name": source.name, "found": 0}
    return {
        "name": source.name,
        "found": found.articles,
        **{field: f"{share:.0%}" for field, share in found.shares.items()},
        "median_words": None if found.median_words is None else f"{found.median_words:,.0f}",
        "rejected": sum(found.rejected.values()),
    }


def _record(status: Status) -> dict[str, Any]:
    return {
        "articles": status.articles,
        "versions": status.versions,
        "captures": dict(status.captures),
        "problems": status.problems,
        "not_indexed": status.not_indexed,
        "engine": status.engine,
        "sources": [
            {
                **_row(source),
                "failures": source.failures,
                "counts": source.last_run.counts if source.last_run else {},
                "newest": _yield_record(source.newest),
                "usual": _yield_record(source.usual),
                "alarms": [_alarm_record(alarm) for alarm in source.alarms],
            }
            for source in status.sources
        ],
    }


def _yield_record(found: Yield | None) -> dict[str, Any] | None:
    if found is None:
        return None
    shares = {field: round(share, 4) for field, share in found.shares.items()}
    return {**asdict(found), "runs": list(found.runs), "shares": shares}


def _alarm_record(alarm: AnyAlarm) -> dict[str, Any]:
    if isinstance(alarm, Irregularity):
        return {**asdict(alarm), "text": line(alarm)}
    share = round(alarm.share_before, 4)
    return {**asdict(alarm), "runs": list(alarm.runs), "share_before": share, "text": line(alarm)}
