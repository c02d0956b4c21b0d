"""How an explanation is shown: laid out on a terminal, as lines with prefixes in a pipe, as JSON, as a page."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from newsarchive.cli.output import console, print_json
from newsarchive.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from newsarchive.models import Explanation
    from newsarchive.models.explanation import ExplainedBlock, ExplainedField

_MOST_OTHERS: Final = 6
_LONGEST: Final = 90
_MOST_ALIKE: Final = 3
"""Blocks cut for one reason that a terminal shows; the number of the rest is told."""
_MARGIN: Final = 22


def show(explanation: Explanation, form: str) -> None:
    """Print an explanation to stdout."""
    if form == "json":
        print_json(explanation.as_record())
    elif form == "html":
        click.echo(explanation.to_html(), nl=False)
    elif form == "table":
        _lay_out(explanation, console())
    else:
        for line in _plain(explanation):
            click.echo(line)


def _plain(explanation: Explanation) -> Iterator[str]:
    """All of it, one field, claim or block a line: kept text after two spaces, cut text after its reason."""
    for field in explanation.fields:
        value = _value(field)
        if value or field.claims:
            yield f"{field.name:<20}{printable(value)}{f'  ({field.reader})' if field.reader else ''}".rstrip()
            for claim in field.claims:
                told = " ".join(printable(claim.value).split())
                yield f"  {'=' if claim.agrees else '-'} {claim.reader:<16}{told}"
    yield ""
    for block in explanation.blocks:
        yield f"  {printable(block.text)}" if block.kept else f"- [{_why(block)}] {printable(block.text)}"


def _lay_out(explanation: Explanation, out: Console) -> None:
    from rich.table import Table  # noqa: PLC0415 - only what is laid out needs it
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    table.add_column("FIELD", no_wrap=True)
    table.add_column("VALUE", ratio=5, overflow="fold")
    table.add_column("SOURCE", style="cyan", no_wrap=True)
    table.add_column("OTHERS", ratio=5, style="dim", overflow="fold")
    for field in explanation.fields:
        if (value := _value(field)) or field.claims:
            table.add_row(field.name, Text(printable(value)), field.reader, Text("\n".join(_others(field))))
    out.print(table)
    out.print()
    text = Table.grid(padding=(0, 2, 0, 0), expand=True)
    text.add_column(width=_MARGIN, justify="right", style="dim", no_wrap=True, overflow="ellipsis")
    text.add_column(ratio=1, overflow="fold")
    for why, run in groupby(explanation.blocks, key=_why):
        for block in _first(together := list(run)):
            style = "dim" if why else "bold" if block.kind == "head" else ""
            words = _short(block.text) if why else printable(block.text)
            text.add_row(why, Text(words, style=style))
            if not why:
                text.add_row()
        if why and len(together) > _MOST_ALIKE:
            text.add_row("", Text(f"… and {len(together) - _MOST_ALIKE:,} more", style="dim italic"))
        if why:
            text.add_row()
    out.print(text)
    kept = sum(block.kept for block in explanation.blocks)
    out.print(Text(f"{kept:,} blocks kept, {len(explanation.cut):,} cut; --format plain shows each", style="dim"))


def _first(blocks: list[ExplainedBlock]) -> Iterable[ExplainedBlock]:
    return blocks if blocks[0].kept else blocks[:_MOST_ALIKE]


def _value(field: ExplainedField) -> str:
    if field.name == "paragraphs":
        return f"{len(field.value)} blocks of text" if isinstance(field.value, tuple) and field.value else ""
    return field.spelled


def _others(field: ExplainedField) -> Iterator[str]:
    """Readers that say the same in one line, then what the others found."""
    same = dict.fromkeys(claim.reader for claim in field.claims if claim.agrees and claim.reader != field.reader)
    if same:
        yield f"= {', '.join(same)}"
    losing = [claim for claim in field.claims if not claim.agrees]
    yield from (f"{claim.reader}: {_short(claim.value)}" for claim in losing[:_MOST_OTHERS])
    if len(losing) > _MOST_OTHERS:
        yield f"… and {len(losing) - _MOST_OTHERS} more"


def _why(block: ExplainedBlock) -> str:
    return f"{block.reason}: {block.detail}" if block.detail else block.reason


def _short(text: str) -> str:
    text = printable(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
