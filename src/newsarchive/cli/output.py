"""How rows are printed: a table on a terminal, plain TSV in a pipe, JSON, JSON Lines, CSV and TSV when asked for."""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from newsarchive.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rich.console import Console
    from rich.text import Text

FORMATS: Final = ("auto", "table", "plain", "json", "jsonl", "csv", "tsv")
_WIDE: Final = 90
"""Columns of a terminal from which two spaces stand between the columns of a table; below it is one."""
# A spreadsheet runs a cell that starts so as a formula; a quote in front makes it text (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing: the key of the value, its heading, and how it looks in a table."""

    key: str
    heading: str
    ratio: int | None = None
    """Share of the width that is left; None is as wide as its content."""
    style: str = ""
    right: bool = False
    only_data: bool = False
    """Left out of tables, where there is no room."""


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--format` and `--json`; the command gets the one word `form`."""
    command = click.option("--json", "as_json", is_flag=True, help="Shorthand for --format json.")(command)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="auto",
        show_default=True,
        help="auto: a table on a terminal, TSV without heading in a pipe.",
    )(command)


def chosen(form: str, *, as_json: bool) -> str:
    """The format that is meant."""
    if as_json:
        return "json"
    if form == "auto":
        return "table" if sys.stdout.isatty() else "plain"
    return form


def print_rows(
    rows: Iterable[Mapping[str, Any]], columns: tuple[Column, ...], *, form: str, envelope: dict[str, Any] | None = None
) -> None:
    """Print rows. JSON prints one object, the envelope with the rows under `results`; the others one row a line."""
    if form == "json":
        print_json({**(envelope or {}), "results": list(rows)})
    elif form == "jsonl":
        for row in rows:
            click.echo(_json(row))
    elif form == "table":
        _print_table(rows, columns)
    else:
        _print_delimited(rows, columns, form)


def print_json(value: object) -> None:
    """One JSON value, indented, with every script as it is."""
    click.echo(_json(value, indent=2))


def _json(value: object, *, indent: int | None = None) -> str:
    """What would steer a terminal stands only inside strings, and there as an escape that means the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_as_text)
    if printable(text) == text:
        return text
    return "".join(char if printable(char) == char else f"\\u{ord(char):04x}" for char in text)


def _print_delimited(rows: Iterable[Mapping[str, Any]], columns: tuple[Column, ...], form: str) -> None:
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column.key for column in columns])
        for row in rows:
            writer.writerow([_guarded(printable(_as_text(row.get(column.key)))) for column in columns])
        return
    if form == "tsv":
        click.echo("\t".join(column.key for column in columns))
    for row in rows:
        click.echo("\t".join(" ".join(printable(_as_text(row.get(column.key))).split()) for column in columns))


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _print_table(rows: Iterable[Mapping[str, Any]], columns: tuple[Column, ...]) -> None:
    from rich.table import Table  # noqa: PLC0415 - only a table needs it
    from rich.text import Text  # noqa: PLC0415 - as above

    shown = [column for column in columns if not column.only_data]
    out = console()
    table = Table(
        box=None,
        pad_edge=False,
        collapse_padding=out.width < _WIDE,
        header_style="dim",
        expand=any(column.ratio for column in shown),
    )
    for column in shown:
        table.add_column(
            column.heading,
            ratio=column.ratio,
            style=column.style,
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=column.ratio is None,
        )
    for row in rows:
        cells = [row.get(column.key) for column in shown]
        table.add_row(*(cell if isinstance(cell, Text) else Text(printable(_for_people(cell))) for cell in cells))
    out.print(table)


def stacked(first: str, second: str) -> Text:
    """A cell of a table: one text, and another below it."""
    from rich.text import Text  # noqa: PLC0415 - only a table needs it

    text = Text(printable(first))
    return text.append(f"\n{printable(second)}", style="dim") if second else text


def console() -> Console:
    """The terminal on stdout, or whatever stands in its place."""
    from rich.console import Console  # noqa: PLC0415 - only what is laid out needs it

    # rich itself keeps bold and dim where NO_COLOR is set (https://no-color.org); plain is what is meant.
    return Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)


def _for_people(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return _as_text(value)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return str(value)
