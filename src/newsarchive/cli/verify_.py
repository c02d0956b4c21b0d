"""The command `newsarchive verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, chosen, format_options, print_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.audit import Lag, Verification
    from newsarchive.models import Finding

_COLUMNS = (
    Column("kind", "damage", style="red"),
    Column("file", "file"),
    Column("offset", "byte", right=True),
    Column("what", "what", ratio=2),
    Column("subject", "of", ratio=1),
    Column("advice", "advice", only_data=True),
)


@click.command("verify", short_help="Read everything again and list what is damaged.")
@click.option("--quick", is_flag=True, help="Leave out digests, the indexes of SQLite and the posting lists.")
@format_options
@pass_state
def command(state: State, form: str, *, quick: bool, as_json: bool) -> int:
    """Check WARC files, CDXJ files, records and index, each against what it is made from.

    Lists every damage on stdout and ends with 5 if there is one. Changes nothing; a crawl may go on meanwhile.
    """
    progress = state.progress()
    with state.open() as archive:
        found = archive.verify(quick=quick, progress=lambda what, count: progress.show(f"{what} {count:,}"))
    progress.done()
    form = chosen(form, as_json=as_json)
    if found.findings or form in {"json", "csv", "tsv"}:
        envelope = {"schema": "newsarchive.verify/1", **found.as_record()}
        print_rows(map(_row, found.findings), _COLUMNS, form=form, envelope=envelope)
    for line in _summary(found):
        state.say(line)
    return Exit.OK if found.ok else Exit.INTEGRITY


def _row(finding: Finding) -> dict[str, Any]:
    return {**finding._asdict(), "advice": finding.advice}


def _summary(found: Verification) -> Iterator[str]:
    seen = f"{found.records:,} WARC records ({found.captures:,} captures) in {found.files:,} files"
    yield f"read {seen}, {found.articles:,} articles, {found.indexed:,} of them indexed"
    yield from _lag_lines(found.lag)
    if found.ok:
        yield "no damage" + (" (digests were left out)" if found.quick else "")
        return
    total = found.kinds.total()
    listed = "" if total == len(found.findings) else f", of which the first {len(found.findings):,} are listed"
    yield f"{total:,} damage{'' if total == 1 else 's'}{listed}: what to do"
    for advice in dict.fromkeys(finding.advice for finding in found.findings):
        kinds = {finding.kind: found.kinds[finding.kind] for finding in found.findings if finding.advice == advice}
        yield f"  {', '.join(f'{count:,} {kind}' for kind, count in kinds.items())}: {advice}"


def _lag_lines(lag: Lag) -> Iterator[str]:
    if lag.without_row:
        yield f"on its way: {lag.without_row:,} captures without a row; their writer, or the next one, adds it"
    if lag.waiting:
        yield f"on its way: {lag.waiting:,} captures that nothing has read yet (newsarchive process)"
    if lag.not_indexed:
        yield f"on its way: {lag.not_indexed:,} articles that are not indexed yet (newsarchive process)"
    if lag.without_original:
        yield f"no damage: {lag.without_original:,} imported captures refer to others that were never imported"
    if lag.copies:
        yield f"no damage: {lag.copies:,} captures lie in the WARC files twice"
