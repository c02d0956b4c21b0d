"""The command `newsarchive export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.filters import filter_options
from newsarchive.cli.output import print_json

if TYPE_CHECKING:
    from newsarchive.export import Exported, Versions

_FORMATS = ("wacz", "warc")


@click.command("export", short_help="Write the captures of articles to a WACZ or WARC file.")
@click.argument("query", nargs=-1)
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="By default what FILE ends with: .wacz or .warc.gz."
)
@filter_options
@click.option(
    "--versions",
    type=click.Choice(["all", "latest"]),
    default="all",
    show_default=True,
    help="All captures of each article, or only the one that its newest version was read from.",
)
@click.option(
    "--rights-cleared", is_flag=True, help="Put in what publishers reserve (noai, TDM) too: you have these rights."
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@pass_state
def command(
    state: State,
    query: tuple[str, ...],
    output: Path,
    form: str | None,
    since: str | None,
    until: str | None,
    source: tuple[str, ...],
    category: tuple[str, ...],
    author: tuple[str, ...],
    language: tuple[str, ...],
    versions: str,
    *,
    rights_cleared: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write the captures of every article that answers QUERY to a file; without a query, of every article.

    Each WARC record is copied byte for byte: responses, requests, metadata and revisits. A WACZ file holds an index and
    a list of pages as well, and opens in replay tools as it is.
    """
    progress = state.progress()
    with state.open() as archive:
        results = archive.search(
            " ".join(query),
            since=since,
            until=until,
            source=source,
            category=category,
            author=author,
            language=language,
            sort="oldest",
        )
        state.say(f"read as: {results.read_as}")
        done = results.export(
            output,
            format=form,
            versions=cast("Versions", versions),
            rights_cleared=rights_cleared,
            force=force,
            progress=lambda count: progress.show(f"exported {count:,} articles"),
        )
    progress.done()
    if done.left_out:
        words = ", ".join(f"{count:,} {word}" for word, count in done.left_out.items())
        state.say(f"left out, since their publishers reserve them: {words} (--rights-cleared puts them in)")
    return show(done, as_json=as_json)


def show(done: Exported, *, as_json: bool) -> int:
    """Tell what was written and what is missing; how the command ends."""
    for problem in done.problems:
        click.echo(f"warning: missing: {problem}", err=True)
    if as_json:
        print_json({"schema": "newsarchive.export/1", **done.as_record()})
    else:
        articles = f"{done.articles:,} article{'' if done.articles == 1 else 's'}"
        captures = f"{done.captures:,} capture{'' if done.captures == 1 else 's'}"
        click.echo(f"{done.path}: {articles}, {captures}, {done.size:,} bytes")
        click.echo(f"sha256 {done.sha256}")
    return Exit.PROBLEMS if done.problems else Exit.OK
