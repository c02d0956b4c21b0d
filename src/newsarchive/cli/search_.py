"""The command `newsarchive search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.filters import filter_options
from newsarchive.cli.output import Column, chosen, format_options, print_json, print_rows
from newsarchive.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsarchive.models import Hit
    from newsarchive.search.engine import Sort

_COLUMNS = (
    Column("id", "id", only_data=True),
    Column("published", "published", style="cyan"),
    Column("source", "source", style="green"),
    Column("category", "category"),
    Column("headline", "headline", ratio=1),
    Column("url", "url", only_data=True),
    Column("snippet", "snippet", only_data=True),
)


@click.command("search", short_help="Find articles.")
@click.argument("query", nargs=-1)
@filter_options
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), default="relevance", show_default=True)
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many hits.")
@click.option("--all", "everything", is_flag=True, help="Every hit; streams in the formats jsonl, csv, tsv and plain.")
@format_options
@pass_state
def command(
    state: State,
    query: tuple[str, ...],
    sort: str,
    limit: int,
    offset: int,
    form: str,
    since: str | None,
    until: str | None,
    source: tuple[str, ...],
    category: tuple[str, ...],
    author: tuple[str, ...],
    language: tuple[str, ...],
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Find articles that answer QUERY.

    Words are joined by AND; "a phrase", AND OR NOT, -word, field:value and published:2019-02..2019-03 are understood
    (newsarchive help query). Several arguments are joined by spaces.
    """
    with state.open() as archive:
        results = archive.search(
            " ".join(query),
            since=since,
            until=until,
            source=source,
            category=category,
            author=author,
            language=language,
            sort=cast("Sort", sort),
        )
        state.say(f"read as: {results.read_as}")
        form = chosen(form, as_json=as_json)
        stop = None if everything else offset + limit
        if form == "json":
            print_json(results.to_dict(limit=None if everything else limit, offset=offset))
        else:
            hits: Iterable[Hit] = iter(results) if everything and not offset else results[offset:stop]
            print_rows(_rows(hits, marked=form == "table"), _COLUMNS, form=form)
        total = results.total
        if hidden := results.hidden:
            state.say(f"{hidden:,} more {'is' if hidden == 1 else 'are'} not shown: opted out, or marked noindex")
        more = "" if everything or total <= offset + limit else f", {min(limit, total - offset)} shown (--all, --limit)"
        state.say(f"{total:,} article{'' if total == 1 else 's'}{more}")


def _rows(hits: Iterable[Hit], *, marked: bool) -> Iterator[Mapping[str, Any]]:
    for hit in hits:
        row = hit.as_record()
        if marked:
            row["published"] = hit.published
            row["headline"] = _headline_and_snippet(hit)
        yield row


def _headline_and_snippet(hit: Hit) -> object:
    from rich.text import Text  # noqa: PLC0415 - only a table needs it

    text = Text()
    text.append(printable(hit.headline), style="bold")
    if hit.versions > 1:
        text.append(f"  {hit.versions} versions", style="yellow")
    snippet = Text(printable(hit.snippet), style="dim")  # as long as before, so that the marks fit
    for start, end in hit.marks:
        snippet.stylize("not dim bold magenta", start, end)
    return text.append("\n").append_text(snippet)
