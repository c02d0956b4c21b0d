"""How a command ends. The numbers are part of the contract and are shown by `newsarchive help exit-codes`."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of the `newsarchive` command."""

    OK = 0
    FAILURE = 1
    """Something went wrong that no other number names."""
    USAGE = 2
    """The command or the query was not understood."""
    ARCHIVE = 3
    """The archive is missing, locked or too new."""
    PROBLEMS = 4
    """Done, but with problems: a source failed or is crawled already, pages lost a field, a file was damaged."""
    INTEGRITY = 5
    """What is stored is not what was written."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; nothing is lost."""
