"""The command `newsarchive diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from newsarchive.cli.context import State, pass_state
from newsarchive.cli.differing import show
from newsarchive.errors import NotFound, UsageError

if TYPE_CHECKING:
    from newsarchive.archive import Archive
    from newsarchive.models import Article, Version

_FORMATS = ("auto", "table", "plain", "html", "json")


@click.command("diff", short_help="Show what changed between two versions.")
@click.argument("article", metavar="URL|ID[@VERSION]")
@click.argument("others", nargs=-1, metavar="[VERSIONS...]")
@click.option("--word", "by", flag_value="word", default="word", help="Compare word by word (the default).")
@click.option("--line", "by", flag_value="line", help="Compare whole paragraphs.")
@click.option("--full", is_flag=True, help="Show paragraphs that did not change as well.")
@click.option("--json", "as_json", is_flag=True, help="Shorthand for --format json.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="auto",
    show_default=True,
    help="auto: colours on a terminal, [-old-]{+new+} in a pipe.",
)
@pass_state
def command(
    state: State,
    article: str,
    others: tuple[str, ...],
    by: Literal["word", "line"],
    form: str,
    *,
    full: bool,
    as_json: bool,
) -> None:
    """Show what changed in an article: ID (first to last version), ID@2 (2 to last), ID 1 3, or ID@1 ID@3.

    Words are compared, characters in scripts that are written without spaces. Lines that are no part of the article,
    such as "updated 5 minutes ago", are left out.
    """
    with state.open() as archive:
        old, new = _sides(archive, article, others)
    diff = old.diff(new)
    if not diff.kinds:
        state.say("both say the same")
    show(diff, "json" if as_json else form, by=by, full=full)


def _sides(archive: Archive, first: str, others: tuple[str, ...]) -> tuple[Version, Version]:
    key, number = split(first)
    article = archive.get(key)
    old = version(article, number or 1)
    match others:
        case ():
            return old, article.latest
        case (one,) if not one.isdecimal():
            key, number = split(one)
            other = archive.get(key)
            return old, version(other, number or len(other.versions))
        case (one,) if number is None:
            return version(article, int(one)), article.latest
        case (one,):
            return old, version(article, int(one))
        case (one, two) if number is None and one.isdecimal() and two.isdecimal():
            return version(article, int(one)), version(article, int(two))
        case _:
            raise UsageError(f"{' '.join(others)!r} names no version", tip="diff ID 1 3, or diff ID@1 ID@3")


def split(article: str) -> tuple[str, int | None]:
    """An article's URL or id, and the number that stands behind an @."""
    key, at, number = article.rpartition("@")
    return (key, int(number)) if at and number.isdecimal() and "/" not in number else (article, None)


def version(article: Article, number: int) -> Version:
    """The version of a number.

    Raises:
        NotFound: the article has none of that number.
    """
    if not 1 <= number <= len(article.versions):
        raise NotFound(f"{article.id} has versions 1 to {len(article.versions)}, not {number}")
    return article.versions[number - 1]
