"""What every command knows: which archive is meant, and how much to say."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from newsarchive.text import printable

if TYPE_CHECKING:
    from newsarchive.archive import Archive
    from newsarchive.archive.opened import Mode

_EVERY: Final = 30.0
"""Seconds between two progress lines where stderr is no terminal."""


@dataclass(frozen=True)
class State:
    """The options that stand before the command."""

    archive: str | None
    verbose: int
    quiet: bool

    def open(self, mode: Mode = "r") -> Archive:
        """The archive that is meant; errors as in `Archive`."""
        from newsarchive.archive import Archive  # noqa: PLC0415 - `--help` needs no archive

        return Archive(self.archive, mode=mode)

    def say(self, message: str) -> None:
        """A line for a person, on stderr."""
        if not self.quiet:
            click.echo(printable(message), err=True)

    def progress(self) -> Progress:
        """Shows how far long work has come."""
        return Progress(self)


class Progress:
    """One line that is written over on a terminal; elsewhere a line every 30 seconds."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False

    def show(self, message: str) -> None:
        """Tell how far it is."""
        if self._state.quiet:
            return
        if self._terminal:
            click.echo(f"\r\x1b[K{message}", nl=False, err=True)
            self._shown = True
        elif time.monotonic() - self._last >= _EVERY:
            click.echo(message, err=True)
            self._last = time.monotonic()

    def done(self) -> None:
        """Clear the line, so that the summary stands alone."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False


pass_state = click.make_pass_decorator(State)
