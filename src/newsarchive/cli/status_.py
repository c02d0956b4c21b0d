"""The command `newsarchive status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, print_json, print_rows

if TYPE_CHECKING:
    from newsarchive.archive import SourceStatus, Status

_COLUMNS = (
    Column("name", "source", style="green"),
    Column("articles", "articles", right=True),
    Column("queued", "queued", right=True),
    Column("failed", "failed", right=True),
    Column("last_run", "last run", style="cyan"),
    Column("outcome", "outcome"),
)

_MOST = 20
"""Imported sources that are listed where none is crawled."""


@click.command("status", short_help="How the archive stands.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_state
def command(state: State, *, as_json: bool) -> None:
    """Count what the archive holds, what waits, and what each source did last."""
    with state.open() as archive:
        status = archive.status()
        folder = archive.folder
    if as_json:
        print_json({"schema": "newsarchive.status/1", "folder": str(folder), **_record(status)})
        return
    click.echo(f"{folder}: {status.articles:,} articles in {status.versions:,} versions")
    captures = ", ".join(f"{count:,} {name}" for name, count in status.captures.items())
    click.echo(f"captures: {captures}")
    if status.problems:
        click.echo("rejected: " + ", ".join(f"{count:,} {code}" for code, count in status.problems.items()))
    if status.not_indexed:
        click.echo(f"not indexed yet: {status.not_indexed:,} articles (newsarchive process)")
    shown = [source for source in status.sources if source.is_crawled] or status.sources[:_MOST]
    if shown:
        print_rows(map(_row, shown), _COLUMNS, form="table")
    if len(status.sources) > len(shown):
        click.echo(f"and {len(status.sources) - len(shown):,} sources that were only imported (--json lists all)")


def _row(source: SourceStatus) -> dict[str, Any]:
    run = source.last_run
    return {
        "name": source.name,
        "articles": source.articles,
        "queued": source.frontier.queued,
        "failed": source.frontier.failed,
        "last_run": run.started_at if run else None,
        "outcome": (run.outcome or "unfinished") if run else "never crawled",
    }


def _record(status: Status) -> dict[str, Any]:
    return {
        "articles": status.articles,
        "versions": status.versions,
        "captures": dict(status.captures),
        "problems": status.problems,
        "not_indexed": status.not_indexed,
        "sources": [
            {**_row(source), "counts": source.last_run.counts if source.last_run else {}} for source in status.sources
        ],
    }
