"""Takes pages before and after a mutation through the real import, and asks how many versions there are."""

from __future__ import annotations

import contextlib
import random as randomness
import sqlite3
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

import newsarchive
from edits_bench.noise import MIXED, NOISE
from edits_bench.real import REAL
from newsarchive.archive import init_folder
from newsarchive.sample import Kind, build, themes
from newsarchive.sample.chrome import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from newsarchive.sample import SampleArticle

PORT = 8765
Sort = Literal["noise", "real", "mixed"]


@dataclass(frozen=True)
class Trial:
    """One article before and after one mutation."""

    sort: Sort
    """`mixed` is a real edit together with two kinds of noise."""
    name: str
    article: SampleArticle
    before: str
    after: str

    @property
    def url(self) -> str:
        """The article's canonical URL."""
        return self.article.url(PORT)


@dataclass(frozen=True)
class Outcome:
    """What the archive made of a trial."""

    trial: Trial
    versions: int
    texts: int
    """What would be versions if white space alone were folded."""

    @property
    def is_right(self) -> bool:
        """One version for noise, two for a real edit."""
        return self.versions == (1 if self.trial.sort == "noise" else 2)


def trials(count: int, *, seed: int) -> Iterator[Trial]:
    """So many trials, each on an article of its own; the kinds take turns."""
    random = randomness.Random(seed)  # noqa: S311 - repeatable choices, not secrets
    room = build(articles=max(120, count + 60))
    articles = [one for one in room.accepted if one.kind is Kind.ARTICLE]
    random.shuffle(articles)
    kinds = cycle([*(("noise", one) for one in NOISE), *((sort, one) for one in REAL for sort in ("real", "mixed"))])
    made = 0
    for article in articles:
        if made == count:
            return
        # Some edits need a language or a word that this article has not: the next kind takes its place.
        for sort, mutation in kinds:
            if trial := _trial(sort, mutation, article, articles, random):
                yield trial
                made += 1
                break


def _trial(
    sort: Sort,
    mutation: Callable[..., Any],
    article: SampleArticle,
    others: list[SampleArticle],
    random: randomness.Random,
) -> Trial | None:
    before = after = article
    if sort != "noise":
        changed = mutation((article.headline, list(article.paragraphs)), random, article.language)
        if changed is None:
            return None
        after = replace(article, headline=changed[0], paragraphs=tuple(changed[1]))
    first, second = _page(before, others, random), _page(after, others, random)
    if sort == "noise":
        first, second = mutation(first, random)
        if first == second:
            return None
    if sort == "mixed":
        for noise in random.sample(MIXED, 2):
            second = noise(second, random)[1]
    return Trial(sort, mutation.__name__, article, first, second)


def _page(article: SampleArticle, others: list[SampleArticle], random: randomness.Random) -> str:
    """The page in its outlet's theme, with boxes whose links come and go."""
    same = [one for one in others if one.outlet is article.outlet and one is not article]
    frame = Frame(article.outlet, PORT, tuple(random.sample(same, 8)), tuple(random.sample(same, 8)))
    return themes.article_page(frame, article)


def outcomes(folder: Path, asked: Iterable[Trial]) -> list[Outcome]:
    """Import all pages as they were and then as they are."""
    held = list(asked)
    pile = folder / "pages"
    pile.mkdir(parents=True)
    with newsarchive.open(init_folder(folder / "archive"), mode="rw") as archive:
        for side in ("before", "after"):
            for number, trial in enumerate(held):
                (pile / f"{number:05}.html").write_text(getattr(trial, side), encoding="utf-8")
            archive.ingest(pile)
        found = [(trial, archive.get(trial.url)) for trial in held]
    with contextlib.closing(sqlite3.connect(folder / "archive" / "articles.db")) as connection:
        texts = dict(connection.execute("SELECT article_id, count(*) FROM texts GROUP BY article_id").fetchall())
    return [Outcome(trial, len(article.versions), texts[article.id]) for trial, article in found]
