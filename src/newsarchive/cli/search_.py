"""The command `newsarchive search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.filters import filter_options
from newsarchive.cli.output import Column, chosen, format_options, print_json, print_rows
from newsarchive.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsarchive.archive import Results
    from newsarchive.models import Hit, Page
    from newsarchive.search.engine import Sort

_SORTS = ("relevance", "newest", "oldest", "longest", "most-edited")
_FACETS = ("source", "category", "language", "author", "month", "edited", "copies")
_COLUMNS = (
    Column("id", "id", only_data=True),
    Column("published", "published", style="cyan"),
    Column("source", "source", style="green"),
    Column("category", "category"),
    Column("headline", "headline", ratio=1),
    Column("url", "url", only_data=True),
    Column("snippet", "snippet", only_data=True),
)
_FACET_COLUMNS = (Column("facet", "facet"), Column("value", "value"), Column("articles", "articles", right=True))


class _Facets(click.ParamType[tuple[str, ...]]):
    """Names with commas between them."""

    name = "facets"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401 - click's
        names = tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
        for name in names:
            if name not in _FACETS:
                self.fail(f"{name!r} is none of {', '.join(_FACETS)}", param, ctx)
        return tuple(names)


@click.command("search", short_help="Find articles.")
@click.argument("query", nargs=-1)
@filter_options
@click.option("--sort", type=click.Choice(_SORTS), default="relevance", show_default=True)
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many hits.")
@click.option("--after", metavar="CURSOR", help="Go on where a page ended: `next` of its JSON; -v names it.")
@click.option("--all", "everything", is_flag=True, help="Every hit; streams in the formats jsonl, csv, tsv and plain.")
@click.option(
    "--facets",
    type=_Facets(),
    default=(),
    metavar="NAMES",
    help=f"Count what answers by some of {', '.join(_FACETS)}. csv, tsv, jsonl and plain then hold the counts alone.",
)
@click.option(
    "--fold-copies/--no-fold-copies",
    default=None,
    help="Show copies of one text once. Default: in a table, which is for reading, and not in data.",
)
@click.option("--strict", is_flag=True, help="Never look for some words of a list where hardly any article has all.")
@format_options
@pass_state
def command(
    state: State,
    query: tuple[str, ...],
    sort: str,
    limit: int,
    offset: int,
    after: str | None,
    facets: tuple[str, ...],
    form: str,
    since: str | None,
    until: str | None,
    source: tuple[str, ...],
    category: tuple[str, ...],
    author: tuple[str, ...],
    language: tuple[str, ...],
    *,
    everything: bool,
    fold_copies: bool | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Find articles that answer QUERY.

    Words are joined by AND; "a phrase", AND OR NOT, -word, field:value and published:2019-02..2019-03 are understood
    (newsarchive help query). Several arguments are joined by spaces.
    """
    form = chosen(form, as_json=as_json)
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
            fold_copies=form == "table" if fold_copies is None else fold_copies,
            relax=not strict and not everything,
        )
        state.say(f"read as: {results.read_as}")
        most = None if everything else limit
        if form == "json":
            shown = results.to_dict(limit=most, offset=offset, after=after, facets=facets)
            print_json(shown)
            count, cursor = len(shown["results"]), shown["next"]
        elif everything and not (offset or after or facets):
            print_rows(_rows(results, marked=form == "table"), _COLUMNS, form=form)
            count, cursor = len(results), None
        else:
            page = results.page(after, limit=most or len(results), offset=offset, facets=facets)
            _print_page(page, form)
            count, cursor = len(page.hits), page.next
        _say_rest(state, results, count, more=cursor is not None)
        if cursor is not None and (after is not None or state.verbose):
            state.say(f"next page: --after {cursor}")


def _print_page(page: Page, form: str) -> None:
    if form == "table":
        print_rows(_rows(page.hits, marked=True), _COLUMNS, form=form)
        if page.facets:
            _print_facets(page)
    elif page.facets:
        print_rows(
            (
                {"facet": name, "value": value, "articles": count}
                for name, values in page.facets.items()
                for value, count in values
            ),
            _FACET_COLUMNS,
            form=form,
        )
    else:
        print_rows(_rows(page.hits, marked=False), _COLUMNS, form=form)


def _say_rest(state: State, results: Results, shown: int, *, more: bool) -> None:
    """What a person wants to know beside the hits, on stderr."""
    if better := results.did_you_mean:
        state.say(f"did you mean: {better}")
    total, folded = results.total, results.folded
    if not total:
        for line in _reasons(results):
            state.say(line)
    if hidden := results.hidden:
        state.say(f"{hidden:,} more {'is' if hidden == 1 else 'are'} not shown: opted out, or marked noindex")
    said = [counted(total, "article")]
    if folded:
        said.append(f"{folded:,} of them folded as {'a copy' if folded == 1 else 'copies'} (--no-fold-copies)")
    if more:
        said.append(f"{shown:,} shown (--all, --limit)")
    state.say(", ".join(said))


def _reasons(results: Results) -> Iterator[str]:
    """Why nothing answers."""
    if absent := results.absent:
        yield f"no article has {' or '.join(absent)}, in any form"
        return
    parts = results.explain().tree.parts
    if len(parts) > 1 and results.relaxed is None:
        from newsarchive.search import to_text  # noqa: PLC0415 - only where nothing was found

        asked = getattr(results.query, "parts", ())
        alone = [f"{to_text(part)} {node.documents:,}" for part, node in zip(asked, parts, strict=False)]
        yield f"articles for each part alone: {'; '.join(alone)}"


def _print_facets(page: Page) -> None:
    from rich.columns import Columns  # noqa: PLC0415 - only a table needs it
    from rich.table import Table  # noqa: PLC0415 - as above

    from newsarchive.cli.output import console  # noqa: PLC0415 - as above

    tables = []
    for name, values in page.facets.items():
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column(name, overflow="fold", max_width=36)
        table.add_column("articles", justify="right", style="cyan")
        for value, count in values:
            table.add_row(printable(value), f"{count:,}")
        tables.append(table)
    out = console()
    out.print()
    out.print(Columns(tables, padding=(0, 4)))


def _rows(hits: Iterable[Hit], *, marked: bool) -> Iterator[Mapping[str, Any]]:
    for hit in hits:
        row = hit.as_record()
        if marked:
            row["published"] = f"{hit.published:%Y-%m-%d}" if hit.published else ""
            row["headline"] = _headline_and_snippet(hit)
        yield row


def _headline_and_snippet(hit: Hit) -> object:
    from rich.text import Text  # noqa: PLC0415 - only a table needs it

    text = Text(printable(hit.headline), style="bold")  # as long as before, so that the marks fit
    for start, end in hit.headline_marks:
        text.stylize("magenta", start, end)
    if hit.versions > 1:
        text.append(f"  {hit.versions} versions", style="yellow")
    if hit.copies:
        text.append(f"  +{hit.copies:,} {'copy' if hit.copies == 1 else 'copies'}", style="yellow")
    snippet = Text(printable(hit.snippet), style="dim")
    for start, end in hit.marks:
        snippet.stylize("not dim bold magenta", start, end)
    return text.append("\n").append_text(snippet)
