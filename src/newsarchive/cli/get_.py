"""The command `newsarchive get`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.output import print_json
from newsarchive.dates import parse_span
from newsarchive.errors import NotFound, UsageError

if TYPE_CHECKING:
    from newsarchive.archive import Archive
    from newsarchive.models import Article, Version


@click.command("get", short_help="Show one article, or the bytes of its capture.")
@click.argument("article", metavar="URL|ID[@VERSION]")
@click.option("--at", metavar="TIME", help="The version that was up then.")
@click.option("--raw", is_flag=True, help="The captured bytes, without content coding, to stdout.")
@click.option("--json", "as_json", is_flag=True, help="All fields as JSON.")
@pass_state
def command(state: State, article: str, at: str | None, *, raw: bool, as_json: bool) -> None:
    """Show an article by its URL or id: its newest version, that of a number (ID@2) or of a time (--at)."""
    key, number = _split(article)
    with state.open() as archive:
        found = archive.get(key)
        version = _version(found, number, at)
        if raw:
            sys.stdout.buffer.write(archive.payload(version.record_id).body)
        elif as_json:
            print_json({"schema": "newsarchive.article/1", **_record(archive, found, version)})
        else:
            _print_text(found, version)


def _split(article: str) -> tuple[str, int | None]:
    key, at, number = article.rpartition("@")
    return (key, int(number)) if at and number.isdecimal() and "/" not in number else (article, None)


def _version(article: Article, number: int | None, at: str | None) -> Version:
    if at is not None:
        span = parse_span(at, now=datetime.now(UTC).astimezone())
        if span is None or span.start is None:
            raise UsageError(f"--at: {at!r} is no time", tip="such as 2019-02-28, 2019-02-28T12:00, yesterday")
        version = article.at(span.end or span.start)
        if version is None:
            raise NotFound(f"{article.id} was first captured on {article.first_seen:%Y-%m-%d %H:%M}, after {at}")
        return version
    if number is None:
        return article.latest
    if not 1 <= number <= len(article.versions):
        raise NotFound(f"{article.id} has versions 1 to {len(article.versions)}, not {number}")
    return article.versions[number - 1]


def _record(archive: Archive, article: Article, version: Version) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "outlet": article.source,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "versions": len(article.versions),
        "captures": len(archive.captures(version.url)),
        "version": {
            **version.as_record(),
        },
    }


def _print_text(article: Article, version: Version) -> None:
    click.secho(version.headline or "", bold=True)
    published = version.published.isoformat() if version.published else "no date"
    facts = [article.source, version.category, published, ", ".join(version.authors), version.language]
    click.echo(" | ".join(fact for fact in facts if fact))
    click.echo(
        f"{article.url}\n{article.id}@{version.number} of {len(article.versions)}, captured {version.captured_at}"
    )
    click.echo(f"\n{version.body}")
    if version.next_part:
        click.echo(f"\n(the article goes on at {version.next_part}, which was not captured)")
