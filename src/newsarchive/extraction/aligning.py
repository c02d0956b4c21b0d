"""Finds the blocks that were read again in the text that the page shows.

An extractor hands over its own tree, so nothing but the words ties a block to its place. Both are compared without
white space, which extractors fold in their own ways. What stands once in both is an anchor, as in a patience diff;
between two anchors the rest is looked for in order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]+")
_SURE: Final = 8  # letters; a shorter text is only found where a block begins: "on" stands in every other word


class Span(NamedTuple):
    """Where a block stands in the page's text, blanks left out."""

    start: int
    end: int


def squeezed(text: str) -> str:
    """A text without white space, control characters and invisible joiners."""
    return _BLANK.sub("", text)


def align(texts: Sequence[str], shown: str, starts: Sequence[int]) -> list[Span | None]:
    """The place of each text, in the same order; None for a text that is not there as it was read.

    Args:
        texts: what was read, squeezed.
        shown: all that the page shows, squeezed.
        starts: where blocks begin in it, ascending.

    >>> align(["on", "tide"], "ontheonetideon", [0, 2, 5])
    [Span(start=0, end=2), None]
    >>> align(["tide", "on"], "ontheonetideon", [0, 8, 12])
    [Span(start=8, end=12), Span(start=12, end=14)]
    """
    places = _places(shown, starts)
    found: list[Span | None] = [None] * len(texts)
    for number, start in _anchors(texts, places):
        found[number] = Span(start, start + len(texts[number]))
    anchored = [number for number, span in enumerate(found) if span]
    before, cursor = 0, 0
    for number in [*anchored, len(texts)]:
        span = found[number] if number < len(texts) else None
        end = span.start if span else len(shown)
        for between in range(before, number):
            found[between] = following = _next(texts[between], shown, places, Span(cursor, end))
            cursor = following.end if following else cursor
        before, cursor = number + 1, span.end if span else cursor
    return found


def _places(shown: str, starts: Sequence[int]) -> Mapping[str, list[int]]:
    """Where each block's text begins."""
    places: dict[str, list[int]] = {}
    for start, end in pairwise([*starts, len(shown)]):
        places.setdefault(shown[start:end], []).append(start)
    return places


def _anchors(texts: Sequence[str], places: Mapping[str, list[int]]) -> Iterator[tuple[int, int]]:
    """Texts that stand once in both, as many of them as are in the same order in both."""
    counts = Counter(texts)
    pairs = [
        (number, places[text][0]) for number, text in enumerate(texts) if counts[text] == 1 == _count(places, text)
    ]
    ends: list[int] = []  # the lowest last place of a run of each length, and the pair that it ends with
    last: list[int] = []
    previous: list[int] = []
    for index, (_, start) in enumerate(pairs):
        length = bisect_left(ends, start)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [start]
        last[length : length + 1] = [index]
    chain = last[-1] if last else -1
    run = []
    while chain >= 0:
        run.append(pairs[chain])
        chain = previous[chain]
    return reversed(run)


def _count(places: Mapping[str, list[int]], text: str) -> int:
    return len(places.get(text, ()))


def _next(text: str, shown: str, places: Mapping[str, list[int]], within: Span) -> Span | None:
    """The first place of a text between two others."""
    known = places.get(text, [])
    nearest = bisect_left(known, within.start)
    start = known[nearest] if nearest < len(known) else -1
    if start < 0 and len(text) >= _SURE:
        start = shown.find(text, within.start, within.end)
    return Span(start, start + len(text)) if start >= 0 and start + len(text) <= within.end and text else None
