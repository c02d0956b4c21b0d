"""The command `newsarchive init`."""

from __future__ import annotations

from pathlib import Path

import click

from newsarchive.cli.context import State, pass_state


@click.command("init", short_help="Make an archive folder.")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="What the archive is called; by default the folder's name.")
@pass_state
def command(state: State, folder: Path | None, name: str) -> None:
    """Make an archive in FOLDER (or in the folder that -A names, or here)."""
    from newsarchive.archive import Archive, init_folder  # noqa: PLC0415 - `--help` needs no archive

    made = init_folder(folder or Path(state.archive or "."), name=name)
    Archive(made, mode="rw").close()
    state.say(f"made {made} (newsarchive.toml, scrapy.cfg, spiders/, warc/, articles.db, index/)")
    state.say(f"next: newsarchive -A {made} sources add URL, or newsarchive -A {made} import FILE.warc.gz")
