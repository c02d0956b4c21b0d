"""How a difference is shown: colours on a terminal, `[-old-]{+new+}` in a pipe, JSON, a page."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import click

from newsarchive.cli.output import print_json
from newsarchive.text import printable, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.models import Diff, Segment
    from newsarchive.models.difference import Side

Mark = Literal["", "-", "+"]
_CONTEXT: Final = 1
"""Unchanged paragraphs that are shown beside a changed one."""
_COLOURS: Final = {"-": "red", "+": "green"}


class Run(NamedTuple):
    """A stretch of a paragraph, and what happened to it."""

    mark: Mark
    text: str


Paragraph = list[Run]


def show(diff: Diff, form: str, *, by: Literal["word", "line"], full: bool) -> None:
    """Print a difference to stdout."""
    if form == "json":
        print_json({"schema": "newsarchive.diff/1", **diff.as_record()})
    elif form == "html":
        click.echo(diff.to_page(by=by), nl=False)
    else:
        coloured = form == "table" or (form == "auto" and sys.stdout.isatty())
        coloured = coloured and not os.environ.get("NO_COLOR")
        for line in _lines(diff, by=by, full=full, coloured=coloured):
            click.echo(line, color=coloured)


def _lines(diff: Diff, *, by: str, full: bool, coloured: bool) -> Iterator[str]:
    yield f"--- {_side(diff.old)}"
    yield f"+++ {_side(diff.new)}"
    changed = " and ".join({"headline": "headline", "body": "text"}[kind] for kind in diff.kinds) or "nothing"
    yield f"{changed} changed: {words(diff.words_added)} added, {diff.words_removed:,} removed"
    headline = paragraphs_of(diff.headline)
    body = (
        [runs for segment in diff.paragraphs for runs in _whole(segment)] if by == "line" else paragraphs_of(diff.body)
    )
    for paragraph in headline:
        yield ""
        yield _spelled(paragraph, coloured=coloured)
    for item in body if full else folded(body):
        yield ""
        yield item if isinstance(item, str) else _spelled(item, coloured=coloured, whole=by == "line")


def _side(side: Side) -> str:
    return f"{side.article_id}@{side.number} captured {side.captured_at:%Y-%m-%d %H:%M:%S} UTC {side.url}"


def paragraphs_of(segments: Iterable[Segment]) -> list[Paragraph]:
    """The segments of a text as paragraphs; where either text begins one, a new one begins."""
    found: list[Paragraph] = [[]]
    for segment in segments:
        parts: list[tuple[Mark, str]] = (
            [("-", segment.old), ("+", segment.new)] if segment.changed else [("", segment.new)]
        )
        for mark, text in parts:
            for number, part in enumerate(text.split("\n\n")):
                if number:
                    found.append([])
                if part:
                    found[-1].append(Run(mark, part))
    return [paragraph for paragraph in found if any(run.text.strip() for run in paragraph)]


def _whole(segment: Segment) -> Iterator[Paragraph]:
    if not segment.changed:
        yield [Run("", segment.new)]
        return
    if segment.old:
        yield [Run("-", segment.old)]
    if segment.new:
        yield [Run("+", segment.new)]


def folded(body: Sequence[Paragraph]) -> Iterator[Paragraph | str]:
    """Paragraphs that changed with their neighbours; in place of the others a line says how many there are."""
    changed = [number for number, paragraph in enumerate(body) if any(run.mark for run in paragraph)]
    near = {place for number in changed for place in range(number - _CONTEXT, number + _CONTEXT + 1)}
    skipped = 0
    for number, paragraph in enumerate(body):
        if number not in near:
            skipped += 1
            continue
        if skipped:
            yield _skipped(skipped)
            skipped = 0
        yield paragraph
    if skipped:
        yield _skipped(skipped)


def _skipped(count: int) -> str:
    return f"... {count:,} paragraph{'' if count == 1 else 's'} as before (--full) ..."


def _spelled(paragraph: Paragraph, *, coloured: bool, whole: bool = False) -> str:
    if whole:
        mark = paragraph[0].mark
        line = f"{mark or ' '} {printable(paragraph[0].text)}"
        return click.style(line, fg=_COLOURS[mark]) if coloured and mark else line
    return "".join(_marked(run, coloured=coloured) for run in paragraph)


def _marked(run: Run, *, coloured: bool) -> str:
    text = printable(run.text)
    if not run.mark:
        return text
    if coloured:
        removed = run.mark == "-"
        return click.style(text, fg=_COLOURS[run.mark], strikethrough=removed or None, underline=not removed or None)
    bare = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}[-{bare}-]{after}" if run.mark == "-" else f"{before}{{+{bare}+}}{after}"
