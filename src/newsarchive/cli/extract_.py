"""The command `newsarchive extract`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import chosen, print_json
from newsarchive.errors import UsageError
from newsarchive.text import printable
from newsarchive.urls import is_web_url

if TYPE_CHECKING:
    from newsarchive.models import Explanation, Extraction, Rule

_TEXT_FIELDS = ("paragraphs", "provenance", "extractor", "body")
_FORMATS = ("auto", "table", "plain", "json", "html")


@click.command("extract", short_help="Extract one page, without an archive.")
@click.argument("page", metavar="URL|FILE|-")
@click.option("--url", default="", help="The URL that a file was saved from; by default its canonical link.")
@click.option("--explain", is_flag=True, help="Show what every reader found, and what was cut and why.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="auto",
    show_default=True,
    help="table and html: with --explain. auto: a table on a terminal, plain lines in a pipe.",
)
@click.option("--json", "as_json", is_flag=True, help="Shorthand for --format json.")
@pass_state
def command(state: State, page: str, url: str, form: str, *, explain: bool, as_json: bool) -> None:
    """Extract one page and show each field with the place it was read from. Nothing is stored.

    In an archive, the rule that its publisher has today is used. `--explain --format html > why.html` writes the
    explanation as one page for a browser.
    """
    form = chosen(form, as_json=as_json)
    if form == "html" and not explain:
        raise UsageError("--format html shows why a page was read as it was", tip="add --explain")
    explanation, extraction = _read_as(state, page, url, explain=explain)
    if explanation:
        from newsarchive.cli import explained  # noqa: PLC0415 - only now is it needed

        explained.show(explanation, form)
    elif form == "json":
        print_json({"schema": "newsarchive.extraction/1", **extraction.as_record()})
    else:
        _print_fields(extraction)


def _read_as(state: State, page: str, url: str, *, explain: bool) -> tuple[Explanation | None, Extraction]:
    """What a page says by the rule of its publisher, and why, where that is asked for."""
    import newsarchive  # noqa: PLC0415 - `--help` needs no extractor

    def read(url: str, rule: Rule | None) -> tuple[Explanation | None, Extraction]:
        if not explain:
            return None, newsarchive.extract(body, url=url, content_type=content_type, rule=rule)
        explanation = newsarchive.explain(body, url=url, content_type=content_type, rule=rule)
        return explanation, explanation.extraction

    url = page if is_web_url(page) else url
    rule = newsarchive.rule_for(url, archive=state.archive)
    if is_web_url(page):
        fetched = newsarchive.fetch(page, archive=state.archive)
        body, content_type = fetched.body, fetched.content_type
    else:
        body, content_type = _bytes_of(page), ""
    explanation, extraction = read(url, rule)
    if not url and extraction.canonical_url:
        rule = newsarchive.rule_for(extraction.canonical_url, archive=state.archive)
        explanation, extraction = read("", rule) if rule else (explanation, extraction)
    for name in rule.missed(extraction) if rule else ():
        state.say(f"the rule for {name} gave nothing on this page")
    return explanation, extraction


def _print_fields(extraction: Extraction) -> None:
    for field, value in extraction.as_record().items():
        if field not in _TEXT_FIELDS and value not in (None, [], ""):
            shown = "; ".join(map(_spelled, value)) if isinstance(value, list) else str(value)
            origin = extraction.provenance.get(field, "")
            click.echo(printable(f"{field:<20}{shown}{f'  ({origin})' if origin else ''}"))
    click.echo(f"\n{printable(extraction.body)}")


def _spelled(part: object) -> str:
    """A value within a list; of a live blog's entry its time and the number of its first paragraph, from 1."""
    return f"{part['published']} at paragraph {part['paragraph'] + 1}" if isinstance(part, dict) else str(part)


def _bytes_of(page: str) -> bytes:
    if page == "-":
        return sys.stdin.buffer.read()
    path = Path(page)
    if not path.is_file():
        raise UsageError(f"{page} is neither a web URL nor a file")
    return path.read_bytes()
