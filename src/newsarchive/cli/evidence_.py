"""The command `newsarchive evidence`."""

from __future__ import annotations

from pathlib import Path

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.export_ import show


@click.command("evidence", short_help="Write all about one article to a zip file that others can check.")
@click.argument("article", metavar="URL|ID")
@click.option(
    "-o", "--output", metavar="FILE.zip", type=click.Path(path_type=Path), help="By default evidence-ID.zip, here."
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@pass_state
def command(state: State, article: str, output: Path | None, *, force: bool, as_json: bool) -> int:
    """Write all that the archive knows of one article: its captures, the text of each version, and a statement.

    The statement says in plain language what was captured when, and how to check it with standard tools. The same
    archive gives the same file, byte for byte.
    """
    with state.open() as archive:
        done = archive.evidence(article, output, force=force)
    return show(done, as_json=as_json)
