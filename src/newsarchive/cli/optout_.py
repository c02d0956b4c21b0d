"""The commands `newsarchive optout add`, `list` and `remove`."""

from __future__ import annotations

from typing import Final

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import Column, chosen, format_options, print_rows

_COLUMNS: Final = (
    Column("prefix", "left out", style="green"),
    Column("reason", "reason", ratio=1),
    Column("where", "where"),
)


@click.group("optout", short_help="What is left out: add, list, remove.")
def command() -> None:
    """Hosts and beginnings of addresses that are not fetched, kept or shown. They stand in optout.txt."""


@command.command("add")
@click.argument("prefixes", nargs=-1, required=True, metavar="PREFIX...")
@click.option("--reason", default="", help="Why; it stands beside the entry.")
@pass_state
def add(state: State, prefixes: tuple[str, ...], reason: str) -> None:
    """Leave out PREFIX: a host with its subdomains, or what begins with an address, such as harbor.example/people/.

    Articles that are held vanish from searches and exports at once, and are not deleted.
    """
    with state.open("rw") as archive:
        for prefix in prefixes:
            hidden = archive.opt_out(prefix, reason=reason)
            state.say(f"{prefix} is left out; {hidden:,} held article{'' if hidden == 1 else 's'} hidden by it")


@command.command("list")
@format_options
@pass_state
def list_(state: State, form: str, *, as_json: bool) -> None:
    """List what is left out, by optout.txt and by the settings."""
    with state.open("rw") as archive:
        entries = archive.opt_outs()
    rows = ({"prefix": one.prefix, "reason": one.reason, "where": one.where} for one in entries)
    print_rows(rows, _COLUMNS, form=chosen(form, as_json=as_json), envelope={"schema": "newsarchive.optout/1"})


@command.command("remove")
@click.argument("prefix")
@pass_state
def remove(state: State, prefix: str) -> None:
    """Take the entry PREFIX out of optout.txt; what it hid is shown again."""
    with state.open("rw") as archive:
        shown = archive.opt_in(prefix)
    state.say(f"{prefix} is not left out any more; {shown:,} article{'' if shown == 1 else 's'} shown again")
