"""Drift: tells that a source's pages stopped giving what they used to give, as after a redesign of the site.

Three things are watched, each as "so many of so many": articles that have a field, articles that are not much shorter
than usual, pages that are accepted at all. Runs are put together, newest first, until they hold `ENOUGH` articles (or
pages), so that a run of three rings no bell and a source of two articles a day is judged all the same.
Each such block is compared with up to `MEMORY` normal blocks before it, added up, so that larger runs weigh more.

A block has collapsed where its share is below half of what was usual, the usual share was at least a half, and chance
would do it less than once in 1 / `LEVEL` times: Fisher's exact test, one-sided, which holds for small counts
(https://en.wikipedia.org/wiki/Fisher%27s_exact_test). Articles of one evening are alike, so the level is strict.

Blocks that collapsed are no part of what is usual, until they have lasted: after `LASTING` blocks and `LASTING_TIME`
the new state is the usual one. A block that is normal ends the alarm. Nothing is remembered between two looks: the
alarms follow from the yields alone.
"""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from math import exp, lgamma
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from newsarchive.storage import RunYield

ENOUGH: Final = 10
"""Articles that a block holds at least."""
MEMORY: Final = 10
"""Normal blocks that say what is usual."""
LEVEL: Final = 1e-4
"""How likely an alarm by chance may be, each time that a block is judged."""
HALF: Final = 0.5
"""What was usual on fewer pages than this is not watched; what falls below this share of the usual has collapsed."""
LASTING: Final = 10
"""Blocks after which a new state is the usual one, if they span `LASTING_TIME`; hourly crawls fill ten in a day."""
LASTING_TIME: Final = timedelta(days=14)
GIVEN_UP: Final = timedelta(days=30)
"""A source that was not crawled for so long rings no more: nobody waits for it."""
LOOKED_BACK: Final = 2 * (MEMORY + LASTING)
"""Blocks that are looked at, so that what was usual when a change began is among them."""
RUNS_LOOKED_AT: Final = 400
"""Runs that are looked at, whatever they hold: a status over many sources should take no second a source."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What the captures of one run gave, or those of several together."""

    runs: tuple[int, ...]
    """Their numbers."""
    articles: int
    """Accepted captures."""
    captures: int
    """All captures that were read, accepted or rejected."""
    shares: Mapping[str, float]
    """Share of articles that have a field, by its name; empty without articles."""
    median_words: float | None
    """Words of the article in the middle."""
    rejected: Mapping[str, int]
    """Rejected captures by their first problem, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a source's pages gave before, and do not any more."""

    source: str
    kind: str
    """`field`, `length` or `rejected`."""
    subject: str
    """The field, `words`, or the code of the problem that most rejected pages have."""
    found: int
    """Articles that have the field or are of usual length, or pages that were rejected; of `of`."""
    of: int
    share_before: float
    """The share of such articles or pages that was usual."""
    since: datetime
    """Start of the first run that shows it."""
    runs: tuple[int, ...]
    """Numbers of the runs that show it."""
    median_words: float | None = None
    """Only of `length`: words of the article in the middle, now and as it was usual."""
    median_before: float | None = None
    example: str | None = None
    """The URL of a page that shows it."""


class Count(NamedTuple):
    """So many of so many."""

    held: int
    of: int

    @property
    def share(self) -> float:
        """`held` as a share; 1 where there is nothing, since nothing is missing."""
        return self.held / self.of if self.of else 1.0


class Measure(Protocol):
    """Counts what is well in some runs, against the runs that say what is usual."""

    def __call__(self, runs: Sequence[RunYield], usual: Sequence[RunYield]) -> Count:
        """How many articles or pages are as they should be, of how many."""


def has(field: str) -> Measure:
    """Articles with a field."""
    return lambda runs, usual: Count(sum(run.fields[field] for run in runs), sum(len(run.lengths) for run in runs))  # noqa: ARG005 - as Measure


def accepted(runs: Sequence[RunYield], usual: Sequence[RunYield]) -> Count:  # noqa: ARG001 - as Measure
    """Pages that are articles."""
    return Count(sum(map(articles, runs)), sum(map(pages, runs)))


def long_enough(runs: Sequence[RunYield], usual: Sequence[RunYield]) -> Count:
    """Articles at least half as long as the usual one: fewer than half of them, and the median has halved."""
    least = HALF * (median_words(usual) or 0)
    lengths = [words for run in runs for words in run.lengths]
    return Count(sum(words >= least for words in lengths), len(lengths))


def pages(run: RunYield) -> int:
    """Captures of a run that were read."""
    return len(run.lengths) + sum(run.rejected.values())


def articles(run: RunYield) -> int:
    """Captures of a run that were accepted."""
    return len(run.lengths)


def median_words(runs: Sequence[RunYield]) -> float | None:
    """Words of the article in the middle of some runs; None without articles."""
    lengths = list(chain.from_iterable(run.lengths for run in runs))
    return statistics.median(lengths) if lengths else None


def has_collapsed(now: Count, before: Count) -> bool:
    """Whether a share fell from most to less than half of that, and not by chance.

    >>> has_collapsed(Count(0, 34), Count(92, 100)), has_collapsed(Count(0, 3), Count(92, 100))
    (True, False)
    >>> has_collapsed(Count(0, 34), Count(30, 100)), has_collapsed(Count(20, 34), Count(92, 100))
    (False, False)
    """
    if now.of < ENOUGH or before.of < ENOUGH or before.share < HALF or now.share >= HALF * before.share:
        return False
    return chance(now, before) <= LEVEL


def chance(now: Count, before: Count) -> float:
    """How likely it is that `now` holds as few as it does or fewer, if both are drawn from the same pages.

    The lower tail of the hypergeometric distribution, as in Fisher's exact test.

    >>> round(chance(Count(1, 4), Count(3, 4)), 4)
    0.2429
    """
    held, of = now.held + before.held, now.of + before.of
    fewest = max(0, now.of - (of - held))
    whole = _log_ways(of, now.of)
    terms = (exp(_log_ways(held, k) + _log_ways(of - held, now.of - k) - whole) for k in range(fewest, now.held + 1))
    return min(1.0, sum(terms))


def _log_ways(of: int, chosen: int) -> float:
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def blocks_of(runs: Sequence[RunYield], size: Callable[[RunYield], int]) -> list[list[RunYield]]:
    """Runs put together from the newest back until each block is large enough; both in the order of time.

    What is left over, the oldest runs, is a block of its own, however small.
    """
    blocks: list[list[RunYield]] = []
    held = ENOUGH
    for run in reversed(runs):
        if held >= ENOUGH:
            blocks.append([])
            held = 0
        blocks[-1].append(run)
        held += size(run)
    return [block[::-1] for block in reversed(blocks)]


def history_of(newest_first: Iterable[RunYield]) -> tuple[RunYield, ...]:
    """As many of a source's runs as it takes to judge it, oldest first."""
    runs: list[RunYield] = []
    filled = held = 0
    for run in newest_first:
        runs.append(run)
        held += articles(run)
        if held >= ENOUGH:
            filled, held = filled + 1, 0
        seen_for = runs[0].started_at - run.started_at
        if (filled >= LOOKED_BACK and seen_for >= 2 * LASTING_TIME) or len(runs) >= RUNS_LOOKED_AT:
            break
    return tuple(reversed(runs))


class Collapse(NamedTuple):
    """Runs in which something collapsed, and the runs before them that say what is usual; both oldest first."""

    runs: list[RunYield]
    usual: list[RunYield]


def collapse_of(runs: Sequence[RunYield], measure: Measure, size: Callable[[RunYield], int]) -> Collapse | None:
    """Whether what a measure counts has collapsed by the newest run, and what was usual before."""
    usual: list[list[RunYield]] = []
    fallen: list[list[RunYield]] = []
    for block in blocks_of(runs, size):
        before = list(chain.from_iterable(usual[-MEMORY:]))
        if usual and has_collapsed(measure(block, before), measure(before, before)):
            fallen.append(block)
            if len(fallen) >= LASTING and block[-1].started_at - fallen[0][0].started_at >= LASTING_TIME:
                usual, fallen = fallen, []
        else:
            usual, fallen = [*usual[-MEMORY:], block], []
    if not fallen:
        return None
    return _sharpened(Collapse(list(chain.from_iterable(fallen)), list(chain.from_iterable(usual[-MEMORY:]))), measure)


def _sharpened(found: Collapse, measure: Measure) -> Collapse:
    """With the boundary between two runs, where it may lie inside of a block; what collapsed keeps its `ENOUGH`."""
    usual_share = measure(found.usual, found.usual).share

    def is_low(run: RunYield) -> bool:
        count = measure([run], found.usual)
        return count.of > 0 and count.share < HALF * usual_share

    runs, usual = list(found.runs), list(found.usual)
    while len(usual) > 1 and is_low(usual[-1]):
        runs.insert(0, usual.pop())
    while not is_low(runs[0]) and measure(runs[1:], found.usual).of >= ENOUGH:
        usual.append(runs.pop(0))
    return Collapse(runs, usual)


def yield_of(runs: Sequence[RunYield]) -> Yield:
    """What some runs gave together."""
    count = accepted(runs, runs)
    rejected = sum((Counter(run.rejected) for run in runs), Counter[str]())
    return Yield(
        runs=tuple(run.run for run in runs),
        articles=count.held,
        captures=count.of,
        shares={name: has(name)(runs, runs).share for name in runs[0].fields} if count.held else {},
        median_words=median_words(runs),
        rejected=dict(rejected.most_common()),
    )


def newest_and_usual(runs: Sequence[RunYield]) -> tuple[Yield | None, Yield | None]:
    """What the newest runs gave, as many of them as `ENOUGH` articles ask for, and what `MEMORY` blocks before gave."""
    *earlier, newest = blocks_of(runs, articles) or [[]]
    before = list(chain.from_iterable(earlier[-MEMORY:]))
    return yield_of(newest) if newest else None, yield_of(before) if before else None


def judge(source: str, runs: Sequence[RunYield], *, now: datetime) -> tuple[Alarm, ...]:
    """The alarms of a source, from its runs, oldest first."""
    if not runs or now - runs[-1].started_at > GIVEN_UP:
        return ()
    watched: list[tuple[str, str, Measure]] = [("rejected", "", accepted), ("length", "words", long_enough)]
    watched += [("field", name, has(name)) for name in runs[0].fields]
    alarms = []
    for kind, subject, measure in watched:
        collapse = collapse_of(runs, measure, pages if kind == "rejected" else articles)
        if collapse:
            alarms.append(_alarm(source, kind, subject, collapse, measure))
    return tuple(alarms)


def _alarm(source: str, kind: str, subject: str, collapse: Collapse, measure: Measure) -> Alarm:
    runs, usual = collapse
    count, before = measure(runs, usual), measure(usual, usual).share
    rejects = kind == "rejected"
    return Alarm(
        source=source,
        kind=kind,
        subject=next(iter(yield_of(runs).rejected)) if rejects else subject,
        found=count.of - count.held if rejects else count.held,
        of=count.of,
        share_before=1 - before if rejects else before,
        since=runs[0].started_at,
        runs=tuple(run.run for run in runs),
        median_words=median_words(runs) if kind == "length" else None,
        median_before=median_words(usual) if kind == "length" else None,
    )
