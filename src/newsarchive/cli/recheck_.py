"""The command `newsarchive recheck`."""

from __future__ import annotations

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, chosen, format_options, print_rows, stacked
from newsarchive.text import counted

_COLUMNS = (
    Column("source", "source", style="green"),
    Column("due_at", "due", style="cyan"),
    Column("why", "why", only_data=True),
    Column("url", "url", ratio=1),
    Column("ordered", "ordered", only_data=True),
)


@click.group("recheck", short_help="Look at articles again: add, list, remove.")
def command() -> None:
    """Look at articles again, to find what was edited.

    A crawl looks again at each article at the ages of [recheck] in newsarchive.toml. What is added here comes on top.
    """


@command.command("add")
@click.argument("query")
@click.option("--at", metavar="TIME", help="When: 2026-12-01, 2026-12-01T06:00, +6h. By default at the next crawl.")
@click.option("--every", metavar="LENGTH", help="Again and again: 30min, 6h, 1d, 2w.")
@click.option("--until", metavar="TIME", help="With --every: not later than this.")
@pass_state
def add(state: State, query: str, at: str | None, every: str | None, until: str | None) -> int:
    """Order that the articles of QUERY, or of one URL, be looked at again.

    The query is answered once, now; articles that come later are not added. The look is made by the first crawl of
    the source after its time.
    """
    with state.open("rw") as archive:
        done = archive.recheck(query, at=at, every=every, until=until)
    if done.articles:
        told = counted(done.articles, "article")
        click.echo(f"{told} will be looked at again, first at {done.first_at:%Y-%m-%d %H:%M %Z}")
    elif not done.without_source:
        state.say(f"nothing is ordered: no article answers {query!r}")
    if done.without_source:
        told = counted(done.without_source, "article")
        state.say(f"{told} left out, of no site that is crawled; add it with `newsarchive sources add`")
    return Exit.OK if done.articles else Exit.PROBLEMS


@command.command("list")
@click.argument("names", nargs=-1)
@click.option("--until", metavar="TIME", help="Only what is due by then.")
@format_options
@pass_state
def show(state: State, names: tuple[str, ...], until: str | None, form: str, *, as_json: bool) -> None:
    """List what is planned and ordered, of the sources NAMES or all, the next one first."""
    with state.open() as archive:
        found = archive.rechecks(*names, until=until)
    form = chosen(form, as_json=as_json)
    rows = (
        {
            "source": one.source,
            "due_at": one.due_at,
            "why": one.why,
            "url": stacked(one.url, one.why) if form == "table" else one.url,
            "ordered": one.ordered,
        }
        for one in found
    )
    print_rows(rows, _COLUMNS, form=form, envelope={"schema": "newsarchive.rechecks/1"})


@command.command("remove")
@click.argument("query")
@pass_state
def remove(state: State, query: str) -> None:
    """Take back what was added for the articles of QUERY, or of one URL; the plan of the settings stays."""
    with state.open("rw") as archive:
        count = archive.cancel_recheck(query)
    if count:
        click.echo(f"{counted(count, 'article')} had an order, which is taken back")
    else:
        state.say(f"nothing is taken back: no article of {query!r} has an order")
