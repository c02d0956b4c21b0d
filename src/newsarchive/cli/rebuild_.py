"""The command `newsarchive rebuild`."""

from __future__ import annotations

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.summary import tally_lines


@click.command("rebuild", short_help="Bring back records and index from the WARC files.")
@pass_state
def command(state: State) -> None:
    """Read the WARC files for captures that have no record, process them, and build the search index anew.

    Brings everything back after index/ or articles.db was lost or deleted; on a whole archive it only builds the index.
    """
    progress = state.progress()
    with state.open("rw") as archive:
        found, tally, indexed = archive.rebuild(progress=lambda stage, count: progress.show(f"{stage} {count:,}"))
    progress.done()
    click.echo(f"captures without a record: {found:,}")
    for line in tally_lines(tally):
        click.echo(line)
    click.echo(f"indexed {indexed:,} articles")
