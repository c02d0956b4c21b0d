"""The command `newsarchive reextract`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import print_json
from newsarchive.cli.summary import rule_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.ingest import Reextraction


@click.command("reextract", short_help="Read stored articles again with what was learned since.")
@click.option("--source", metavar="NAME", help="Only articles of this source: a name of the settings, or a host.")
@click.option("--since", metavar="DATE", help="Only articles published then or later: 2019-02-20, 7d.")
@click.option("--dry-run", is_flag=True, help="Say how many are due; read and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@pass_state
def command(state: State, source: str | None, since: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Read the stored captures of articles again that were not read with all that is known now.

    That is the current extractor, the site's template and the publisher's rules. No page is fetched. An article's
    captures are all read anew, so that a better reading makes no new version. Stopped at any moment, it goes on where
    it was when called again.
    """
    progress = state.progress()
    with state.open("rw") as archive:
        done = archive.reextract(
            source=source,
            since=since,
            dry_run=dry_run,
            progress=lambda done: progress.show(f"re-read {done.reread + done.kept.total():,} of {done.due:,}"),
        )
    progress.done()
    if as_json:
        print_json({"schema": "newsarchive.reextract/1", "dry_run": dry_run, **done.as_record()})
    else:
        for line in _lines(done, dry_run=dry_run):
            click.echo(line)


def _lines(done: Reextraction, *, dry_run: bool) -> Iterator[str]:
    if not done.due:
        yield "nothing to do: every article was read by the current extractor with its site's template and rules"
        return
    if dry_run:
        yield f"{_counted(done.due, 'article')} would be read again"
        return
    texts = _counted(done.changed, "text")
    words = f"{_counted(done.boilerplate, 'word')} of boilerplate removed"
    yield f"{_counted(done.reread, 'article')} re-read, {texts} changed, {words}, {_versions(done)}"
    for code, count in done.kept.most_common():
        yield f"  {count:>6,}  kept as before: a capture would be rejected now ({code})"
    yield from rule_lines(done)


def _versions(done: Reextraction) -> str:
    parts = []
    if done.fewer_versions:
        parts.append(f"{_counted(done.fewer_versions, 'version')} fewer that differed in boilerplate or reading alone")
    if done.more_versions:
        parts.append(f"{_counted(done.more_versions, 'version')} more with an edit that was not seen before")
    return ", ".join(parts) or "no new versions"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
