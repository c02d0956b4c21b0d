"""The command `newsarchive changes`."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import FORMATS, Column, chosen, print_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.archive import Archive
    from newsarchive.models import Change

_KINDS = ("headline", "body", "published-date", "gone")
_COLUMNS = (
    Column("id", "id", only_data=True),
    Column("seen_at", "seen", style="cyan"),
    Column("unchanged_at", "unchanged until", only_data=True),
    Column("source", "source", style="green"),
    Column("kinds", "changed"),
    Column("words", "words", right=True),
    Column("words_added", "added", only_data=True),
    Column("words_removed", "removed", only_data=True),
    Column("headline", "headline", ratio=1),
    Column("old_headline", "old headline", only_data=True),
    Column("new_headline", "new headline", only_data=True),
    Column("versions", "versions", only_data=True),
    Column("url", "url", only_data=True),
)
_DATA = tuple(column for column in _COLUMNS if column.key not in {"words", "headline"})


@click.command("changes", short_help="List edits, and articles that are gone.")
@click.option("--kind", type=click.Choice(_KINDS), multiple=True, help="May be given more than once.")
@click.option("--query", metavar="QUERY", default="", help="Only articles that answer it (newsarchive help query).")
@click.option("--since", metavar="DATE", help="Seen then or later: 2019-02-20, 2019-02, 7d, yesterday.")
@click.option("--until", metavar="DATE", help="Seen then or earlier; a day includes all of itself.")
@click.option("--source", multiple=True, help="A source's name or host; may be given more than once.")
@click.option("--min-words", type=click.IntRange(min=0), default=0, help="Words added and removed together.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--all", "everything", is_flag=True, help="Every change.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the Atom feed there.")
@click.option("--json", "as_json", is_flag=True, help="Shorthand for --format json.")
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMATS, "atom")),
    default="auto",
    show_default=True,
    help="atom: a feed with each difference as HTML.",
)
@pass_state
def command(
    state: State,
    /,
    limit: int,
    form: str,
    output: Path | None,
    *,
    everything: bool,
    as_json: bool,
    **filters: Any,  # noqa: ANN401 - the filters of `Archive.changes`, by name
) -> None:
    """List what changed in articles after they were first seen, the newest change first.

    A change was made between the last capture that showed the old state and the first that showed the new one. White
    space, typography, counters and lines such as "updated 5 minutes ago" are no change.
    """
    if output is not None and form != "atom":
        raise click.UsageError("--output is for --format atom; use > FILE for the others")
    with state.open() as archive:
        if form == "atom":
            _write_feed(archive, output, limit=10_000 if everything else limit, filters=filters)
            return
        found = archive.changes(**filters)
        rows = list(found if everything else islice(found, limit + 1))
    shown = rows if everything else rows[:limit]
    form = chosen(form, as_json=as_json)
    data = [change.as_record() for change in shown] if form in {"json", "jsonl"} else list(map(_row, shown))
    columns = _COLUMNS if form == "table" else _DATA
    print_rows(data, columns, form=form, envelope={"schema": "newsarchive.changes/1"})
    more = f", the newest {limit:,} shown (--all, --limit)" if len(rows) > len(shown) else ""
    state.say(f"{len(shown):,} change{'' if len(shown) == 1 else 's'}{more}")


def _write_feed(archive: Archive, output: Path | None, *, limit: int, filters: Mapping[str, Any]) -> None:
    feed = archive.changes_feed(limit=limit, **filters)
    if output is None:
        sys.stdout.buffer.write(feed)
        return
    # Written aside first: a reader of the feed never sees half of one.
    aside = output.with_name(f"{output.name}.new")
    aside.write_bytes(feed)
    aside.replace(output)


def _row(change: Change) -> Mapping[str, Any]:
    headlines = {change.old_headline: None, change.new_headline: None}
    return {
        "id": change.article_id,
        "seen_at": change.seen_at,
        "unchanged_at": change.unchanged_at,
        "source": change.source,
        "kinds": ", ".join(change.kinds),
        "words": _words(change),
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "headline": "\n-> ".join(headlines) + _details(change),
        "old_headline": change.old_headline,
        "new_headline": change.new_headline,
        "versions": f"{change.article_id}@{change.old_version} {change.article_id}@{change.new_version}",
        "url": change.url,
    }


def _words(change: Change) -> str:
    is_edit = change.new_version != change.old_version
    return f"+{change.words_added} -{change.words_removed}" if is_edit else ""


def _details(change: Change) -> str:
    details = [f"published {change.old_published} -> {change.new_published}"] if change.old_published else []
    return "".join(f"\n{detail}" for detail in [*details, *([change.why] if change.why else [])])
