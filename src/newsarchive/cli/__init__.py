"""The command line: one file per command, each a thin skin over the Python API."""

from newsarchive.cli.app import main

__all__ = ["main"]
