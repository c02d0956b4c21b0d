"""The command `newsarchive process`."""

from __future__ import annotations

import select
import sys

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.summary import rule_lines, tally_lines

_ASK_EVERY = 1.0
"""Seconds between two looks for new captures while following a crawl."""


@click.command("process", short_help="Extract and index captures that wait.")
@click.option("--follow", is_flag=True, help="Go on until standard input is closed; a crawl starts it so.")
@click.option("--workers", type=click.IntRange(1, 64), help="Pages read at once (default: the settings' number).")
@pass_state
def command(state: State, *, follow: bool, workers: int | None) -> None:
    """Extract, judge, store and index every capture that waits.

    A crawl does this by itself; call it after a crawl was killed or was told to capture only, or to take up what
    another process captured.
    """
    progress = state.progress()
    with state.open("rw") as archive:
        if follow:
            tally = archive.process_while(_stdin_is_open, workers=workers)
        else:
            tally = archive.process(
                workers=workers, progress=lambda tally: progress.show(f"processed {tally.processed:,}")
            )
    progress.done()
    if follow:
        # The crawl that started this shows its standard error; its own summary knows nothing of extraction.
        for line in rule_lines(tally):
            click.echo(f"warning: {line}", err=True)
    else:
        for line in tally_lines(tally):
            state.say(line)


def _stdin_is_open() -> bool:
    """Wait for a while; False when whoever started this has closed our standard input, or is gone."""
    readable, _, _ = select.select([sys.stdin], [], [], _ASK_EVERY)
    return not readable or bool(sys.stdin.buffer.read(1))
