"""The command `newsarchive sample`."""

from __future__ import annotations

import click


@click.command(
    "sample",
    short_help="Serve the sample newsroom on this machine.",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Serve a small invented news world on loopback, to try everything on, until Ctrl-C."""
    from newsarchive.sample.server import main  # noqa: PLC0415 - `--help` needs no newsroom

    return main(list(arguments))
