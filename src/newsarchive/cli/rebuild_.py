"""The command `newsarchive rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.summary import tally_lines
from newsarchive.search.engine import EngineName

if TYPE_CHECKING:
    from newsarchive.errors import WarcError


@click.command("rebuild", short_help="Bring back records and index from the WARC files.")
@click.option(
    "--engine",
    type=click.Choice(get_args(EngineName)),
    help="Make the index by this engine from now on (written into the settings).",
)
@pass_state
def command(state: State, *, engine: EngineName | None) -> int:
    """Read the WARC files for captures that have no record, process them, and build the search index anew.

    Brings everything back after index/ or articles.db was lost or deleted; on a whole archive it only builds the index.

    --engine tantivy needs pip install 'newsarchive[tantivy]'. The choice is written into newsarchive.toml as engine of
    [index]; crawls and imports go on with the index that it makes.
    """
    progress = state.progress()
    damages: list[WarcError] = []
    with state.open("rw") as archive:
        found, tally, indexed = archive.rebuild(
            engine=engine,
            progress=lambda stage, count: progress.show(f"{stage} {count:,}"),
            on_damage=damages.append,
        )

    progress.done()
    for damage in damages:
        click.echo(f"warning: {damage.message}", err=True)
    if found or not tally.processed:  # after the loss of articles.db, opening the archive gave them their records
        click.echo(f"captures without a record: {found:,}")
    for line in tally_lines(tally):
        click.echo(line)
    chosen = f" by {engine}, as from now on ([index] in newsarchive.toml)" if engine else ""
    click.echo(f"indexed {indexed:,} articles{chosen}")
    return Exit.PROBLEMS if damages else Exit.OK
