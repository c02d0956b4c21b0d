"""The commands `newsarchive sources add`, `list` and `test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import Column, chosen, format_options, print_rows

if TYPE_CHECKING:
    from newsarchive.models import Article
    from newsarchive.settings import SourceSettings

_SEEN: Final = (
    Column("kind", "kind"),
    Column("articles", "articles", right=True),
    Column("url", "url", ratio=1),
)
_LISTED: Final = (
    Column("name", "name", style="green"),
    Column("url", "url", ratio=1),
    Column("sitemaps", "sitemaps", right=True),
    Column("feeds", "feeds", right=True),
    Column("sections", "sections", right=True),
)
_TESTED: Final = 3
"""Articles that `sources test` fetches."""


@click.group("sources", short_help="The sites to crawl: add, list, test.")
def command() -> None:
    """The sites to crawl. They stand in newsarchive.toml, one table each."""


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--name", help="What the source is called; by default the site's host.")
@pass_state
def add(state: State, urls: tuple[str, ...], name: str | None) -> int:
    """Find the sitemaps, feeds and sections of the sites at URL, and list them in newsarchive.toml."""
    if name and len(urls) > 1:
        raise click.UsageError("--name names one source; give one URL with it")
    outcome = Exit.OK
    with state.open("rw") as archive:
        for url in urls:
            found = archive.find_sources(_with_scheme(url))
            rows = [{"url": seen, "kind": kind, "articles": articles} for seen, kind, articles in found.seen]
            print_rows(rows, _SEEN, form=chosen("auto", as_json=False))
            if not any(articles for _, _, articles in found.seen):
                state.say(f"{url}: nothing there names an article; not added")
                outcome = Exit.PROBLEMS
                continue
            archive.add_source(name or found.name, found.source)
            state.say(f"added [sources.{name or found.name}]: {_facts(found.source)}")
    return outcome


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _facts(source: SourceSettings) -> str:
    counted = (("sitemap", source.sitemaps), ("feed", source.feeds), ("section page", source.sections))
    return ", ".join(f"{len(urls)} {word}{'' if len(urls) == 1 else 's'}" for word, urls in counted)


@command.command("list")
@format_options
@pass_state
def list_(state: State, form: str, *, as_json: bool) -> None:
    """List the sources of newsarchive.toml."""
    with state.open("rw") as archive:
        sources = archive.settings.sources
    rows = (
        {
            "name": name,
            "url": source.url,
            "sitemaps": len(source.sitemaps),
            "feeds": len(source.feeds),
            "sections": len(source.sections),
        }
        for name, source in sources.items()
    )
    print_rows(rows, _LISTED, form=chosen(form, as_json=as_json), envelope={"schema": "newsarchive.sources/1"})


@command.command("test")
@click.argument("name")
@click.option("-n", "--limit", type=click.IntRange(1, 20), default=_TESTED, show_default=True)
@pass_state
def test(state: State, name: str, limit: int) -> int:
    """Fetch and extract a few live articles of the source NAME and show them; nothing is stored."""
    with state.open("rw") as archive:
        trial = archive.try_source(name, limit=limit)
    for article in trial.articles:
        _show(article)
    for rejection in trial.rejected:
        problems = "; ".join(problem.message for problem in rejection.problems)
        click.echo(f"{rejection.capture.url}\n  rejected: {problems}\n")
    if not trial.articles:
        state.say(f"{name}: no article was accepted")
        return Exit.PROBLEMS
    return Exit.OK


def _show(article: Article) -> None:
    version = article.latest
    click.secho(version.headline or "", bold=True)
    facts = {
        "url": article.url,
        "published": version.published,
        "category": version.category,
        "authors": ", ".join(version.authors),
        "language": version.language,
        "words": version.word_count,
    }
    for field, value in facts.items():
        origin = version.provenance.get(field, "")
        click.echo(f"  {field:<10}{value if value not in (None, '') else '-'}{f'  ({origin})' if origin else ''}")
    for paragraph in version.paragraphs[:2]:
        click.echo(f"  | {paragraph}")
    click.echo()
