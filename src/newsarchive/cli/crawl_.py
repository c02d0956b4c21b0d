"""The command `newsarchive crawl`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Literal

import click

from newsarchive.cli.alarms import line
from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, chosen, format_options, print_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from newsarchive.archive import Archive
    from newsarchive.storage import Run

_PLANNED: Final = (
    Column("source", "source", style="green"),
    Column("via", "named by"),
    Column("date", "dated", style="cyan"),
    Column("url", "url", ratio=1),
    Column("why", "why"),
)
_WELL: Final = frozenset({"finished", "hours-over"})
"""How a run ends that did what it should."""
_LOG_LEVELS: Final = ("WARNING", "INFO", "DEBUG")


@click.command("crawl", short_help="Fetch what is new from the sources.")
@click.argument("names", nargs=-1)
@click.option("--since", metavar="DATE", help="Only pages that are dated then or later: 2019-02-20, 7d.")
@click.option("--limit", type=click.IntRange(min=1), help="Articles fetched from each source at the most.")
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Of the log on stderr; -v logs a line for each page, -vv all that Scrapy tells.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be fetched; fetch no article, store nothing.")
@format_options
@pass_state
def command(
    state: State,
    names: tuple[str, ...],
    since: str | None,
    limit: int | None,
    log_format: Literal["text", "json"],
    form: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Crawl the sources NAMES, or all: the tables of newsarchive.toml and the files in spiders/.

    What was fetched before and is not said to have changed is not fetched again. Ends with 4 if a source failed, or
    if its pages stopped giving what they gave before.
    """
    with state.open("rw") as archive:
        if dry_run:
            _show_plan(state, archive, names, since=since, limit=limit, form=chosen(form, as_json=as_json))
            return Exit.OK
        if not archive.settings.archive.contact:
            state.say("no contact is set: sites cannot tell whom to ask; set contact in [archive] of newsarchive.toml")
        before = archive.status()
        level = _LOG_LEVELS[min(state.verbose, len(_LOG_LEVELS) - 1)]
        progress, pages = state.progress(), Counter[str]()

        def show(source: str, counts: Mapping[str, int]) -> None:
            pages[source] = counts.get("pages", 0)
            progress.show(f"{pages.total():,} pages fetched from {len(pages)} sources")

        runs = archive.crawl(
            *names,
            since=since,
            limit=limit,
            log_level=level,
            log_format=log_format,
            progress=show,
            waiting=_say_hours,
        )
        progress.done()
        after = archive.status()
    for run in runs:
        click.echo(_line(run))
    if left_out := sum(run.counts.get("left_out", 0) for run in runs):
        state.say(f"{left_out:,} addresses left out: opted out, or withdrawn")
    new = after.articles - before.articles
    changed = after.versions - before.versions - new
    rejected = after.captures_rejected - before.captures_rejected
    click.echo(f"{new:,} new articles, {changed:,} new versions of known ones, {rejected:,} rejected captures")
    failed = [run for run in runs if run.outcome not in _WELL or run.counts.get("sources_failed")]
    crawled = {run.source for run in runs}
    alarms = [alarm for alarm in after.alarms if alarm.source in crawled]
    for alarm in alarms:
        click.echo(line(alarm))
    return Exit.PROBLEMS if failed or alarms else Exit.OK


def _show_plan(
    state: State, archive: Archive, names: tuple[str, ...], *, since: str | None, limit: int | None, form: str
) -> None:
    plan = archive.plan_crawl(*names, since=since, limit=limit)
    rows = (
        {
            "source": fetch.source,
            "via": fetch.via,
            "date": fetch.hints.get("modified") or fetch.hints.get("published"),
            "url": fetch.url,
            **fetch.hints,
        }
        for fetch in plan
    )
    print_rows(rows, _PLANNED, form=form, envelope={"schema": "newsarchive.plan/1"})
    state.say(f"{len(plan):,} pages would be fetched")


def _line(run: Run) -> str:
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0
    counts = run.counts
    again = f" ({counts['rechecks']:,} of them again)" if counts.get("rechecks") else ""
    parts = [f"{counts.get('pages', 0):,} pages fetched{again}"]
    for key, words in (("failed", "failed"), ("sources_failed", "sources failed"), ("passed_over", "passed over")):
        if counts.get(key):
            parts.append(f"{counts[key]:,} {words}")
    return f"{run.source}: {', '.join(parts)}, {run.outcome or 'unfinished'} in {seconds:.0f} s"


def _say_hours(source: str, opens_at: datetime) -> None:
    click.echo(f"{source}: outside of its hours, nothing fetched; they begin at {opens_at:%Y-%m-%d %H:%M %Z}")
