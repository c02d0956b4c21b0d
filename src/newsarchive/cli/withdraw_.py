"""The command `newsarchive withdraw`."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows, stacked
from newsarchive.text import counted

if TYPE_CHECKING:
    from newsarchive.archive import Archive
    from newsarchive.archive.guarding import Withdrawal

_GONE: Final = (
    Column("id", "id"),
    Column("headline", "headline", ratio=1),
    Column("url", "url", ratio=1),
)
_LOGGED: Final = (
    Column("number", "number", right=True),
    Column("time", "time", style="cyan"),
    Column("event", "event"),
    Column("actor", "actor"),
    Column("requester", "requester"),
    Column("reason", "reason and addresses", ratio=1),
    Column("urls", "urls", only_data=True),
    Column("digests", "digests", only_data=True),
    Column("hash", "hash", only_data=True),
)


@click.command("withdraw", short_help="Remove articles for good, with a log of it.")
@click.argument("what", nargs=-1, metavar="[URL|ID|QUERY]...")
@click.option("--reason", default="", help="Why; it stands in the log and in the WARC files.")
@click.option("--requester", default="", metavar="NAME", help="Who asked for it; it stands in the log.")
@click.option("--dry-run", is_flag=True, help="Show what would go, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where no terminal can be asked.")
@click.option("--log", "show_log", is_flag=True, help="Show the log of withdrawals, and check its chain of hashes.")
@format_options
@pass_state
def command(
    state: State,
    what: tuple[str, ...],
    reason: str,
    requester: str,
    form: str,
    *,
    dry_run: bool,
    yes: bool,
    show_log: bool,
    as_json: bool,
) -> None:
    """Remove articles: text, index entries and captured payloads. Nothing brings them back.

    What stays is the log, and a record in the WARC files that says what was withdrawn and why. The addresses are never
    fetched, imported or rebuilt again.
    """
    form = chosen(form, as_json=as_json)
    if show_log:
        with state.open("rw") as archive:
            _print_log(archive, form)
        return
    if not what:
        raise click.UsageError("name what to withdraw: a URL, an article's id or a query")
    if not reason.strip() and not dry_run:
        raise click.UsageError("say why with --reason TEXT; it stands in the log")
    with state.open("rw") as archive:
        found = archive.withdraw(*what, reason=reason, requester=requester, dry_run=True)
        _print_found(state, found, form)
        if dry_run:
            state.say("nothing was changed (--dry-run)")
            return
        _require_consent(yes=yes)
        progress = state.progress()
        done = archive.withdraw(*what, reason=reason, requester=requester, progress=progress.show)
        progress.done()
    state.say(
        f"withdrawn, entry {done.number} of the log; exports, backups and copies that were made before are not reached"
    )


def _require_consent(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: say --yes, after a look at --dry-run")
    click.confirm("Remove all of this for good?", abort=True, err=True)


def _print_found(state: State, found: Withdrawal, form: str) -> None:
    rows = ({"id": key, "url": url, "headline": headline} for key, url, headline in found.articles)
    envelope = {
        "schema": "newsarchive.withdrawal/1",
        "urls": list(found.urls),
        "captures": found.captures,
        "quoting": list(found.quoting),
        "files": list(found.files),
    }
    print_rows(rows, _GONE, form=form, envelope=envelope)
    quoting = f", and {len(found.quoting):,} feeds or other pages that quote them" if found.quoting else ""
    captures = (
        f"{counted(found.captures, 'capture')} of {len(found.urls):,} address{'es' if len(found.urls) != 1 else ''}"
    )
    state.say(f"{counted(len(found.articles), 'article')}, {captures}{quoting}")
    state.say(f"WARC files to be written anew: {len(found.files):,}")
    for url in found.quoting:
        state.say(f"  quoted in {url}")


def _print_log(archive: Archive, form: str) -> None:
    rows = (
        {
            "number": entry.number,
            "time": datetime.fromisoformat(entry.time) if form == "table" else entry.time,
            "event": entry.event if entry.of is None else f"{entry.event} {entry.of}",
            "actor": entry.actor,
            "requester": entry.requester,
            "reason": stacked(entry.reason, "\n".join(entry.urls)) if form == "table" else entry.reason,
            "urls": list(entry.urls),
            "digests": [record.payload_digest for record in entry.records],
            "hash": entry.hash,
        }
        for entry in archive.withdrawals()
    )
    print_rows(rows, _LOGGED, form=form, envelope={"schema": "newsarchive.withdrawals/1"})
