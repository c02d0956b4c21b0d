"""The options by which commands that take a query narrow it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS = (
    click.option("--since", metavar="DATE", help="Published then or later: 2019-02-20, 2019-02, 7d, yesterday."),
    click.option("--until", metavar="DATE", help="Published then or earlier; a day includes all of itself."),
    click.option("--source", multiple=True, help="A source's name or host; may be given more than once."),
    click.option("--category", multiple=True),
    click.option("--author", multiple=True),
    click.option("--language", "--lang", multiple=True, help="Such as vi."),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the filters; the command gets each under its own name, as `Archive.search` takes them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
