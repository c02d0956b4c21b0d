"""The command `newsarchive rejected`."""

from __future__ import annotations

from itertools import islice

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows
from newsarchive.cli.summary import tally_lines

_COLUMNS = (
    Column("captured_at", "captured", style="cyan"),
    Column("problem", "problem", style="yellow"),
    Column("url", "url", ratio=3),
    Column("message", "what was found", ratio=2),
    Column("record_id", "record", only_data=True),
)


@click.command("rejected", short_help="List captures that are no articles, and why.")
@click.option("--problem", metavar="CODE", help="Only this problem, such as no-date.")
@click.option("--source", metavar="NAME", help="Only this source.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--retry", is_flag=True, help="Put them through extraction again, as after an upgrade.")
@format_options
@pass_state
def command(
    state: State, problem: str | None, source: str | None, limit: int, form: str, *, retry: bool, as_json: bool
) -> None:
    """List the captures that were kept but are no articles, newest first, each with what is wrong with it."""
    if retry:
        with state.open("rw") as archive:
            for line in tally_lines(archive.retry_rejected(code=problem)):
                click.echo(line)
        return
    with state.open() as archive:
        rows = (
            {
                "captured_at": rejection.capture.captured_at,
                "problem": "; ".join(problem.code for problem in rejection.problems),
                "url": rejection.capture.url,
                "message": "; ".join(problem.message for problem in rejection.problems),
                "record_id": rejection.capture.record_id,
            }
            for rejection in islice(archive.rejected(code=problem, source=source), limit)
        )
        envelope = {"schema": "newsarchive.rejected/1"}
        print_rows(rows, _COLUMNS, form=chosen(form, as_json=as_json), envelope=envelope)
        state.say(f"{archive.status().captures_rejected:,} rejected captures in all")
