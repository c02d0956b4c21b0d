"""The command `newsarchive get`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.diff_ import split, version
from newsarchive.cli.output import print_json
from newsarchive.dates import parse_span
from newsarchive.errors import NotFound, UsageError
from newsarchive.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsarchive.archive import Archive
    from newsarchive.models import Article, Capture, Version


@click.command("get", short_help="Show one article, or the bytes of its capture.")
@click.argument("article", metavar="URL|ID[@VERSION]")
@click.option("--at", metavar="TIME", help="The version, or the capture, that was up then.")
@click.option("--raw", "form", flag_value="raw", help="The captured bytes, without content coding, to stdout.")
@click.option("--http", "form", flag_value="http", help="The server's answer as it came, head and body.")
@click.option("--warc", "form", flag_value="warc", help="The WARC records of the capture, as a .warc.gz file.")
@click.option("--json", "form", flag_value="json", help="All fields as JSON.")
@pass_state
def command(state: State, article: str, at: str | None, form: str | None) -> None:
    """Show an article by its URL or id: its newest version, that of a number (ID@2) or of a time (--at).

    With --raw, --http or --warc, a URL may be that of any capture, such as a rejected page, a sitemap or a robots.txt:
    the one nearest before the time is meant, or the first one after it.
    """
    with state.open() as archive:
        if form in _BYTES:
            if sys.stdout.isatty():
                raise click.UsageError(f"--{form} gives bytes, which could steer the terminal; say > FILE or | less")
            capture = _capture(state, archive, article, at)
            sys.stdout.buffer.write(_BYTES[form](archive, capture.record_id))
            return
        key, number = split(article)
        found = archive.get(key)
        chosen = _version(found, number, at)
        if form == "json":
            print_json({"schema": "newsarchive.article/1", **_record(archive, found, chosen)})
        else:
            _print_text(found, chosen)


_BYTES: Final[Mapping[str | None, Callable[[Archive, str], bytes]]] = {
    "raw": lambda archive, record_id: archive.payload(record_id).body,
    "http": lambda archive, record_id: archive.http(record_id),
    "warc": lambda archive, record_id: archive.warc_records(record_id),
}


def _capture(state: State, archive: Archive, article: str, at: str | None) -> Capture:
    """The capture that is meant; what a person may not expect is said on stderr."""
    key, number = split(article)
    if number is None and archive.captures(key):
        capture = archive.capture_at(key, at)
        if at is not None and capture.captured_at > _end(at):
            state.say(f"{key} was first captured after {at}: this is the first capture")
    else:
        found = archive.get(key)
        chosen = _version(found, number, at)
        capture = next(one for one in archive.captures(chosen.url) if one.record_id == chosen.record_id)
    state.say(f"captured {capture.captured_at:%Y-%m-%d %H:%M:%S} UTC: {capture.url} ({capture.record_id})")
    if capture.revisit and capture.revisit.captured_at:
        state.say(f"  with the bytes of the capture of {capture.revisit.captured_at:%Y-%m-%d %H:%M:%S} UTC")
    return capture


def _end(at: str) -> datetime:
    span = parse_span(at, now=datetime.now(UTC).astimezone())
    if span is None or span.start is None:
        raise UsageError(f"--at: {at!r} is no time", tip="such as 2019-02-28, 2019-02-28T12:00, yesterday")
    return span.end or span.start


def _version(article: Article, number: int | None, at: str | None) -> Version:
    if at is not None:
        found = article.at(_end(at))
        if found is None:
            raise NotFound(f"{article.id} was first captured on {article.first_seen:%Y-%m-%d %H:%M}, after {at}")
        return found
    return article.latest if number is None else version(article, number)


def _record(archive: Archive, article: Article, version: Version) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "outlet": article.source,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "gone": {"since": article.gone.since, "why": article.gone.why} if article.gone else None,
        "versions": len(article.versions),
        "captures": len(archive.captures(version.url)),
        "rights": article.rights.model_dump(mode="json"),
        "version": {
            **version.as_record(),
        },
    }


def _print_text(article: Article, version: Version) -> None:
    click.secho(printable(version.headline or ""), bold=True)
    published = version.published.isoformat() if version.published else "no date"
    facts = [article.source, version.category, published, ", ".join(version.authors), version.language]
    click.echo(printable(" | ".join(fact for fact in facts if fact)))
    click.echo(article.url)
    click.echo(f"{article.id}@{version.number} of {len(article.versions)}, captured {_second(version.captured_at)}")
    if article.gone:
        gone = f"gone since {_second(article.gone.since)} ({article.gone.why})"
        click.echo(printable(f"{gone}, last seen {_second(article.last_seen)}"))
    if article.rights.words:
        click.echo(f"reserved: {', '.join(article.rights.words)}")
    text = version.body or "(the publisher asks that no text be kept: noarchive)"
    click.echo(f"\n{printable(text)}")
    if version.next_part:
        click.echo(printable(f"\n(the article goes on at {version.next_part}, which was not captured)"))


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
