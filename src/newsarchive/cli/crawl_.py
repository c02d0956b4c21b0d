"""The command `newsarchive crawl`."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from newsarchive.cli.alarms import line
from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, chosen, format_options, print_rows, stacked
from newsarchive.models import CaptureState
from newsarchive.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsarchive.archive import Plan, Status
    from newsarchive.storage import Run

_PLANNED: Final = (
    Column("source", "source", style="green"),
    Column("via", "named by"),
    Column("date", "dated", style="cyan"),
    Column("url", "url", ratio=1),
    Column("why", "why", only_data=True),
)
_COUNTED: Final = (
    ("failed", "failed"),
    ("sources_failed", "sources failed"),
    ("passed_over", "passed over"),
    ("folded", "known under another address"),
    ("not_read", "sitemaps and lists not read"),
    ("over_the_limit", "left for the next run"),
)
_WELL: Final = frozenset({"finished", "hours-over"})
"""How a run ends that did what it should."""
_LOG_LEVELS: Final = ("WARNING", "INFO", "DEBUG")


@click.command("crawl", short_help="Fetch what is new from the sources.")
@click.argument("names", nargs=-1)
@click.option("--since", metavar="DATE", help="Only pages that are dated then or later: 2019-02-20, 7d.")
@click.option("--until", metavar="DATE", help="Only pages published then or before: 2019-03, 2019-03-05.")
@click.option("--limit", type=click.IntRange(min=1), help="Articles fetched from each source at the most.")
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Of the log on stderr; -v logs a line for each page, -vv all that Scrapy tells.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be fetched; fetch no article, store nothing.")
@click.option("--capture-only", is_flag=True, help="Only keep the pages; `newsarchive process` reads them later.")
@format_options
@pass_state
def command(
    state: State,
    names: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    log_format: Literal["text", "json"],
    form: str,
    *,
    dry_run: bool,
    capture_only: bool,
    as_json: bool,
) -> int:
    """Crawl the sources NAMES, or all: the tables of newsarchive.toml and the files in spiders/.

    What was fetched before and is not said to have changed is not fetched again. Ends with 4 if a source failed, or
    if its pages stopped giving what they gave before.
    """
    with state.open("rw") as archive:
        if dry_run:
            plan = archive.plan_crawl(*names, since=since, until=until, limit=limit)
            _show_plan(state, plan, form=chosen(form, as_json=as_json))
            return Exit.OK
        if not archive.settings.archive.contact:
            state.say("no contact is set: sites cannot tell whom to ask; set contact in [archive] of newsarchive.toml")
        before = archive.status()
        level = _LOG_LEVELS[min(state.verbose, len(_LOG_LEVELS) - 1)]
        progress, pages = state.progress(), Counter[str]()

        def show(source: str, counts: Mapping[str, int]) -> None:
            pages[source] = counts.get("pages", 0)
            held = f"; waits until {counts['backlog']:,} captures are read" if counts.get("backlog") else ""
            progress.show(f"{pages.total():,} pages fetched from {len(pages)} sources{held}")

        runs = archive.crawl(
            *names,
            since=since,
            until=until,
            limit=limit,
            capture_only=capture_only,
            log_level=level,
            log_format=log_format,
            progress=show,
            waiting=_say_hours,
        )
        progress.done()
        after = archive.status()
    failed = [run for run in runs if run.outcome not in _WELL or run.counts.get("sources_failed")]
    crawled = {run.source for run in runs}
    alarms = [alarm for alarm in after.alarms if alarm.source in crawled]
    if state.quiet and not failed and not alarms:
        return Exit.OK  # cron sends a mail for every line
    _tell(state, runs, before, after)
    if capture_only:
        unread = after.captures[CaptureState.CAPTURED]
        click.echo(f"{unread:,} captures wait; `newsarchive process` reads them")
    for alarm in alarms:
        click.echo(printable(line(alarm)))
    return Exit.PROBLEMS if failed or alarms else Exit.OK


def _tell(state: State, runs: Sequence[Run], before: Status, after: Status) -> None:
    for run in runs:
        click.echo(_line(run))
    if left_out := sum(run.counts.get("left_out", 0) for run in runs):
        state.say(f"{left_out:,} addresses left out: opted out, or withdrawn")
    new = after.articles - before.articles
    changed = after.versions - before.versions - new
    rejected = after.captures_rejected - before.captures_rejected
    told = (
        counted(new, "new article"),
        f"{counted(changed, 'new version')} of known ones",
        counted(rejected, "rejected capture"),
    )
    click.echo(", ".join(told))


def _show_plan(state: State, plan: Plan, *, form: str) -> None:
    rows: Iterator[dict[str, Any]] = (
        {
            "source": fetch.source,
            "via": fetch.via,
            "date": fetch.hints.get("modified") or fetch.hints.get("published"),
            "why": fetch.why,
            "url": fetch.url,
            **fetch.hints,
        }
        for fetch in plan
    )
    if form == "table":
        rows = (_in_table(row) for row in rows)
    print_rows(rows, _PLANNED, form=form, envelope={"schema": "newsarchive.plan/1", "counts": plan.counts})
    state.say(f"{counted(len(plan), 'page')} would be fetched")
    for source, counts in plan.counts.items():
        for told in _left_out(counts):
            state.say(f"{source}: {told}")


def _in_table(row: Mapping[str, Any]) -> dict[str, Any]:
    why = "" if row["why"] == "new" else row["why"]
    date = row["date"]
    with suppress(ValueError):
        date = datetime.fromisoformat(date) if date else None
    return {**row, "date": date, "url": stacked(row["url"], why)}


def _line(run: Run) -> str:
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0
    again = f" ({run.counts['rechecks']:,} of them again)" if run.counts.get("rechecks") else ""
    parts = [f"{counted(run.counts.get('pages', 0), 'page')} fetched{again}", *_left_out(run.counts)]
    return f"{run.source}: {', '.join(parts)}, {run.outcome or 'unfinished'} in {seconds:.0f} s"


def _left_out(counts: Mapping[str, int]) -> Iterator[str]:
    """What a run did not get or did not want, each with its reasons."""
    for key, words in _COUNTED:
        if counts.get(key):
            reasons = Counter({name.partition(".")[2]: n for name, n in counts.items() if name.startswith(f"{key}.")})
            told = ", ".join(f"{reason} {n:,}" for reason, n in reasons.most_common())
            yield f"{counts[key]:,} {words}" + (f" ({told})" if told else "")


def _say_hours(source: str, opens_at: datetime) -> None:
    click.echo(f"{source}: outside of its hours, nothing fetched; they begin at {opens_at:%Y-%m-%d %H:%M %Z}")
