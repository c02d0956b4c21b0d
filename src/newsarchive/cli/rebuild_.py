"""The command `newsarchive rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.summary import tally_lines

if TYPE_CHECKING:
    from newsarchive.errors import WarcError


@click.command("rebuild", short_help="Bring back records and index from the WARC files.")
@pass_state
def command(state: State) -> int:
    """Read the WARC files for captures that have no record, process them, and build the search index anew.

    Brings everything back after index/ or articles.db was lost or deleted; on a whole archive it only builds the index.
    """
    progress = state.progress()
    damages: list[WarcError] = []
    with state.open("rw") as archive:
        found, tally, indexed = archive.rebuild(
            progress=lambda stage, count: progress.show(f"{stage} {count:,}"), on_damage=damages.append
        )
    progress.done()
    for damage in damages:
        click.echo(f"warning: {damage.message}", err=True)
    if found or not tally.processed:  # after the loss of articles.db, opening the archive gave them their records
        click.echo(f"captures without a record: {found:,}")
    for line in tally_lines(tally):
        click.echo(line)
    click.echo(f"indexed {indexed:,} articles")
    return Exit.PROBLEMS if damages else Exit.OK
