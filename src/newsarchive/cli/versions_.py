"""The command `newsarchive versions`."""

from __future__ import annotations

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows

_COLUMNS = (
    Column("version", "version", right=True),
    Column("captured_at", "captured", style="cyan"),
    Column("word_count", "words", right=True),
    Column("headline", "headline", ratio=1),
    Column("digest", "digest", only_data=True),
    Column("record_id", "record", only_data=True),
    Column("rights", "rights", only_data=True),
)


@click.command("versions", short_help="List the versions of an article.")
@click.argument("article", metavar="URL|ID")
@format_options
@pass_state
def command(state: State, article: str, form: str, *, as_json: bool) -> None:
    """List every state of an article that the captures showed, oldest first."""
    with state.open() as archive:
        found = archive.get(article)
    rows = (
        {
            "version": version.number,
            "captured_at": version.captured_at,
            "word_count": version.word_count,
            "headline": version.headline,
            "digest": version.digest,
            "record_id": version.record_id,
            "rights": list(version.rights.words),
        }
        for version in found.versions
    )
    envelope = {"schema": "newsarchive.versions/1", "id": found.id, "url": found.url}
    print_rows(rows, _COLUMNS, form=chosen(form, as_json=as_json), envelope=envelope)
