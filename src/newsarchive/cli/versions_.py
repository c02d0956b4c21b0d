"""The command `newsarchive versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.models import Change, Version

_COLUMNS = (
    Column("version", "version", right=True),
    Column("captured_at", "captured", style="cyan"),
    Column("word_count", "words", right=True),
    Column("changed", "changed"),
    Column("words_added", "added", right=True),
    Column("words_removed", "removed", right=True),
    Column("headline", "headline", ratio=1),
    Column("unchanged_at", "unchanged until", only_data=True),
    Column("digest", "digest", only_data=True),
    Column("record_id", "record", only_data=True),
    Column("rights", "rights", only_data=True),
)


@click.command("versions", short_help="List the versions of an article.")
@click.argument("article", metavar="URL|ID")
@format_options
@pass_state
def command(state: State, article: str, form: str, *, as_json: bool) -> None:
    """List every state of an article that the captures showed, oldest first, and what changed in each."""
    with state.open() as archive:
        found = archive.get(article)
        changes = archive.history(found.id) if len(found.versions) > 1 else ()
    steps = {change.new_version: change for change in changes if change.new_version != change.old_version}
    rows = (_row(version, steps.get(version.number)) for version in found.versions)
    gone = {"since": found.gone.since, "why": found.gone.why} if found.gone else None
    envelope = {"schema": "newsarchive.versions/1", "id": found.id, "url": found.url, "gone": gone}
    print_rows(rows, _COLUMNS, form=chosen(form, as_json=as_json), envelope=envelope)
    if found.gone:
        state.say(f"gone since {found.gone.since} ({found.gone.why}), last seen {found.last_seen}")


def _row(version: Version, change: Change | None) -> Mapping[str, Any]:
    kinds = [kind for kind in change.kinds if kind in {"headline", "body"}] if change else []
    return {
        "version": version.number,
        "captured_at": version.captured_at,
        "word_count": version.word_count,
        "changed": kinds,
        "words_added": change.words_added if change else None,
        "words_removed": change.words_removed if change else None,
        "headline": version.headline,
        "unchanged_at": change.unchanged_at if change else None,
        "digest": version.digest,
        "record_id": version.record_id,
        "rights": list(version.rights.words),
    }
