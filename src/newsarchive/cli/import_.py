"""The command `newsarchive import`."""

from __future__ import annotations

from pathlib import Path

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import print_json
from newsarchive.cli.summary import tally_lines


@click.command("import", short_help="Take in WARC and WACZ files and saved HTML pages.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--url-from",
    metavar="canonical|FILE.csv",
    default="canonical",
    show_default=True,
    help="Where a saved page's URL comes from: its own canonical link, or a CSV file with the columns file and url.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@pass_state
def command(state: State, paths: tuple[Path, ...], url_from: str, *, as_json: bool) -> int:
    """Take in PATHS: WARC and WACZ files of any tool, saved HTML pages, and folders of them.

    Every record is copied byte for byte into this archive's own WARC files; what is held already is not taken twice.
    """
    urls = None if url_from == "canonical" else Path(url_from)
    progress = state.progress()
    with state.open("rw") as archive:
        report, tally = archive.ingest(
            *paths,
            urls=urls,
            on_capture=lambda report: progress.show(f"captured {report.captured:,}, known {report.duplicates:,}"),
            on_process=lambda tally: progress.show(f"processed {tally.processed:,}"),
        )
    progress.done()
    if report.barred:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.barred.most_common())
        state.say(f"not taken: {kinds}")
    for damage in report.damaged:
        click.echo(f"warning: {damage}", err=True)
    if as_json:
        print_json(
            {
                "schema": "newsarchive.import/1",
                "captured": report.captured,
                "duplicates": report.duplicates,
                "damaged": report.damaged,
                "skipped": dict(report.skipped),
                "passed_over": dict(report.passed_over),
                "barred": dict(report.barred),
                **tally.as_record(),
            }
        )
    else:
        click.echo(f"captured {report.captured:,}, known already {report.duplicates:,}")
        for line in tally_lines(tally):
            click.echo(line)
        if report.passed_over:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.passed_over.most_common())
            click.echo(f"WARC records that hold no page: {kinds}")
        if report.skipped:
            kinds = ", ".join(f"{count} {suffix}" for suffix, count in report.skipped.most_common())
            click.echo(f"passed over (neither WARC, WACZ nor HTML by name): {kinds}")
    return Exit.PROBLEMS if report.damaged else Exit.OK
