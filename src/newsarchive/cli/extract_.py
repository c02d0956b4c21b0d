"""The command `newsarchive extract`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import print_json
from newsarchive.errors import UsageError
from newsarchive.urls import is_web_url

_TEXT_FIELDS = ("paragraphs", "provenance", "extractor", "body")


@click.command("extract", short_help="Extract one page, without an archive.")
@click.argument("page", metavar="URL|FILE|-")
@click.option("--url", default="", help="The URL that a file was saved from; by default its canonical link.")
@click.option("--json", "as_json", is_flag=True, help="All fields as JSON.")
@pass_state
def command(state: State, page: str, url: str, *, as_json: bool) -> None:
    """Extract one page and show each field with the place it was read from. Nothing is stored.

    In an archive, the rule that its publisher has today is used.
    """
    import newsarchive  # noqa: PLC0415 - `--help` needs no extractor

    url = page if is_web_url(page) else url
    rule = newsarchive.rule_for(url, archive=state.archive)
    if is_web_url(page):
        fetched = newsarchive.fetch(page, archive=state.archive)
        body, content_type = fetched.body, fetched.content_type
    else:
        body, content_type = _read(page), ""
    extraction = newsarchive.extract(body, url=url, content_type=content_type, rule=rule)
    if not url and extraction.canonical_url:
        rule = newsarchive.rule_for(extraction.canonical_url, archive=state.archive)
        extraction = newsarchive.extract(body, rule=rule) if rule else extraction
    for name in rule.missed(extraction) if rule else ():
        state.say(f"the rule for {name} gave nothing on this page")
    record = extraction.as_record()
    if as_json:
        print_json({"schema": "newsarchive.extraction/1", **record})
        return
    for field, value in record.items():
        if field not in _TEXT_FIELDS and value not in (None, [], ""):
            shown = "; ".join(value) if isinstance(value, list) else value
            origin = extraction.provenance.get(field, "")
            click.echo(f"{field:<20}{shown}{f'  ({origin})' if origin else ''}")
    click.echo(f"\n{extraction.body}")


def _read(page: str) -> bytes:
    if page == "-":
        return sys.stdin.buffer.read()
    path = Path(page)
    if not path.is_file():
        raise UsageError(f"{page} is neither a web URL nor a file")
    return path.read_bytes()
