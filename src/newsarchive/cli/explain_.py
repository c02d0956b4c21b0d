"""The command `newsarchive explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.filters import filter_options
from newsarchive.cli.output import Column, chosen, format_options, print_json, print_rows
from newsarchive.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COLUMNS = (
    Column("depth", "depth", only_data=True),
    Column("node", "node"),
    Column("place", "place", style="dim"),
    Column("articles", "articles", right=True, style="cyan"),
    Column("forms", "stands for, with the articles of each", ratio=1),
)
_MOST_SHOWN = 8
"""Forms of a word that a table names."""


@click.command("explain", short_help="Show how a query is understood and answered.")
@click.argument("query", nargs=-1, required=True)
@filter_options
@format_options
@pass_state
def command(state: State, /, query: tuple[str, ...], form: str, *, as_json: bool, **filters: Any) -> None:  # noqa: ANN401 - handed on
    """Show how QUERY is understood, part by part, and how the index answers.

    Each part stands with its place in the query, the number of articles that answer to it alone, and the words of the
    index that it stands for; below stand the engine's own query and what one evaluation of it costs.
    """
    form = chosen(form, as_json=as_json)
    with state.open() as archive:
        results = archive.search(" ".join(query), **filters)
        record = results.explain_record()
        state.say(f"read as: {results.read_as}")
        if form == "json":
            print_json(record)
            return
        print_rows(_rows(record["tree"], shown=form == "table"), _COLUMNS, form=form)
        state.say(
            f"{counted(record['total'], 'article')}; {record['milliseconds']:.1f} ms of CPU by the engine"
            f" {record['engine']}, which evaluates:"
        )
        state.say(f"  {record['engine_query']}")
        if better := results.did_you_mean:
            state.say(f"did you mean: {better}")


def _rows(node: Mapping[str, Any], depth: int = 0, *, shown: bool) -> Iterator[Mapping[str, Any]]:
    said = node["text"] if node["forms"] else node["read_as"]
    name = node["label"] if node["parts"] else f"{node['label']}  {said}"
    place = node["place"]
    yield {
        "depth": depth,
        "node": "  " * depth + name,
        "place": f"{place[0]}-{place[1]}" if place else "",
        "articles": f"{node['articles']:,}" if shown else node["articles"],
        "forms": _forms(node, shown=shown),
    }
    for part in node["parts"]:
        yield from _rows(part, depth + 1, shown=shown)


def _forms(node: Mapping[str, Any], *, shown: bool) -> str:
    forms = node["forms"][: _MOST_SHOWN if shown else None]
    said = ", ".join(f"{form['word']} {form['articles']:,}" if shown else form["word"] for form in forms)
    rest = len(node["forms"]) - len(forms)
    return f"{said} and {rest:,} more" if rest else said
