"""The command `newsarchive coverage`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows
from newsarchive.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from newsarchive.archive import Coverage, DayCoverage

_COLUMNS = (
    Column("source", "source", style="green"),
    Column("day", "day", style="cyan"),
    Column("articles", "articles", right=True),
    Column("later", "found later", right=True),
    Column("crawls", "crawls", right=True),
    Column("state", "state"),
)
_HEAT: Final = "▁▂▃▄▅▆▇█"
_NONE, _GAP, _LATER = "·", "×", "o"
_KEY: Final = (
    f"{_NONE} crawled, no article   {_HEAT[0]}{_HEAT[-1]} few to many   {_LATER} found later   {_GAP} not crawled"
)
_MOST_GAPS: Final = 5
_MOST_EMPTY: Final = 3
"""Months in a row without a crawl that have a line each."""


@click.command("coverage", short_help="Articles of each source and day, and days without a crawl.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@click.option("--since", metavar="DATE", help="First day; by default that of the source's first crawl.")
@click.option("--until", metavar="DATE", help="Last day; by default today.")
@format_options
@pass_state
def command(
    state: State, sources: tuple[str, ...], since: str | None, until: str | None, form: str, *, as_json: bool
) -> None:
    """Tell how many articles there are of each source and day, and on which days nobody looked.

    A day on which the source was read and that has no article is a day without news; a day on which it was not read is
    a gap, unless articles of it were found later. In a terminal, a line a month; else a row a day.
    """
    with state.open() as archive:
        coverage = archive.coverage(source=sources, since=since, until=until)
    form = chosen(form, as_json=as_json)
    if form == "table":
        _print_calendar(coverage)
    else:
        print_rows(map(_row, coverage.days), _COLUMNS, form=form, envelope={"schema": "newsarchive.coverage/1"})
    for source in coverage.sources:
        state.say(_summary(source, coverage.of(source)))


def _row(day: DayCoverage) -> dict[str, object]:
    return {
        "source": day.source,
        "day": day.day.isoformat(),
        "articles": day.articles,
        "later": day.later,
        "crawls": day.crawls,
        "state": day.state,
    }


def _print_calendar(coverage: Coverage) -> None:
    for source in coverage.sources:
        days = coverage.of(source)
        most = max(day.articles for day in days)
        click.secho(f"{source}, up to {counted(most, 'article')} a day", fg="green")
        months = [(month, list(found)) for month, found in groupby(days, lambda day: f"{day.day:%Y-%m}")]
        for is_empty, run in groupby(months, lambda one: all(day.state == "gap" for day in one[1])):
            held = list(run)
            if is_empty and len(held) > _MOST_EMPTY:
                click.echo(f"  {held[0][0]} .. {held[-1][0]}  {click.style(_GAP, fg='red')} on every day")
                continue
            for month, found in held:
                click.echo(f"  {month}  {_cells(found, most)}")
    if coverage.days:
        click.echo(_KEY)


def _cells(days: Sequence[DayCoverage], most: int) -> str:
    indent = " " * (days[0].day.day - 1)
    return indent + "".join(_cell(day, most) for day in days)


def _cell(day: DayCoverage, most: int) -> str:
    if day.state == "gap":
        return click.style(_GAP, fg="red")
    if not day.articles:
        return _NONE
    if day.state == "back-filled":
        return _LATER
    return _HEAT[(day.articles * len(_HEAT) - 1) // most]


def _summary(source: str, days: Sequence[DayCoverage]) -> str:
    gaps = [day.day for day in days if day.state == "gap"]
    articles = sum(day.articles for day in days)
    crawled = sum(day.state == "crawled" for day in days)
    spanned = f"{counted(articles, 'article')} of {counted(len(days), 'day')}"
    told = f"{source}: {spanned}; {crawled:,} crawled, {counted(len(gaps), 'gap')}"
    if not gaps:
        return told
    spans = list(_spans(gaps))
    more = f" and {len(spans) - _MOST_GAPS:,} more" if len(spans) > _MOST_GAPS else ""
    return f"{told}: {', '.join(spans[:_MOST_GAPS])}{more}"


def _spans(days: Sequence[date]) -> Iterator[str]:
    """Days that follow each other, as spans."""
    for _, group in groupby(enumerate(days), lambda one: one[1].toordinal() - one[0]):
        held = [day for _, day in group]
        yield f"{held[0]}" if len(held) == 1 else f"{held[0]}..{held[-1]}"
