"""The command `newsarchive cdxj`."""

from __future__ import annotations

import click

from newsarchive.cli.context import State, pass_state


@click.command("cdxj", short_help="Write one CDXJ index of all captures, for replay tools.")
@click.argument("url", metavar="[URL]", required=False)
@pass_state
def command(state: State, url: str | None) -> None:
    """Print a line for every capture, or for those of URL, sorted as replay tools need it (SURT, then time).

    The per-file indexes beside the WARC files stay as they are.
    """
    with state.open() as archive:
        held = False
        for line in archive.cdxj(url):
            click.echo(line, nl=False)
            held = True
    if not held:
        state.say(f"no capture of {url}" if url else "no captures")
