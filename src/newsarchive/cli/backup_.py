"""The command `newsarchive backup`."""

from __future__ import annotations

import click

from newsarchive.cli.context import State, pass_state

_MB = 1_000_000


@click.command("backup", short_help="Copy the archive, also while a crawl runs.")
@click.argument("folder", metavar="DIR")
@pass_state
def command(state: State, folder: str) -> None:
    """Copy the archive into the folder DIR, or bring an earlier copy there up to date.

    The copy is an archive of its own, without the search index: `newsarchive -A DIR rebuild` makes it.
    """
    progress = state.progress()
    with state.open() as archive:
        done = archive.backup(folder, progress=lambda size: progress.show(f"{size / _MB:,.0f} MB copied"))
    progress.done()
    click.echo(
        f"{done.folder}: {done.captures:,} captures, {done.articles:,} articles;"
        f" {done.copied:,} of {done.files:,} files copied, {done.bytes_written / _MB:,.1f} MB"
    )
    if done.only_in_backup:
        state.say(
            f"{len(done.only_in_backup):,} WARC files are in the backup and no more in the archive; they are kept:"
            f" {', '.join(done.only_in_backup[:3])}"
        )
