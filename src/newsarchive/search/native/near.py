"""Words in their places: what follows one another, what stands near, what does not. Sorted arrays in, sorted out.

A place is a document and a position in it as one number (`places.SHIFT`): a whole segment is compared at once. A span
is a stretch of places, from the first word to the last; words and phrases that take part in a nearness are spans.

What near means, exactly:

- The distance of two spans is the difference between the first word of the later one and the last word of the earlier
  one, 1 for neighbours. Headline and body are too far apart to be near; so are two documents.
- Ordered: spans of all parts in the order written, each at most so far behind the one before.
- Unordered: a stretch of text in which each span of any part is at most so far behind the end of all before it, that
  holds a span of every part and begins spans at as many places as there are parts. One word is so never near itself.
- A part is not near another where none of the other's spans is at most so far on either side, touches or overlaps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.search.document import LONGEST_HEADLINE
from newsarchive.search.native.decode import once
from newsarchive.search.native.layout import BODY_START

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

FARTHEST: Final = BODY_START - LONGEST_HEADLINE - 1
"""A larger distance than this is taken as this: the headline is no nearer to the body."""
_NEVER: Final = -(1 << 62)


class Spans(NamedTuple):
    """Stretches of words, ascending by where they begin, then by where they end."""

    starts: Array
    ends: Array


def spans(starts: Array, length: int = 0) -> Spans:
    """Spans that end so many positions after they begin."""
    return Spans(starts, starts + length)


def joined(parts: Sequence[Spans]) -> Spans:
    """The spans of any of several parts, each once."""
    if len(parts) == 1:
        return parts[0]
    starts = np.concatenate([part.starts for part in parts])
    ends = np.concatenate([part.ends for part in parts])
    order = np.lexsort((ends, starts))
    starts, ends = starts[order], ends[order]
    if not len(starts):
        return Spans(starts, ends)
    new = np.concatenate(([True], (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])))
    return Spans(starts[new], ends[new])


def in_order(parts: Sequence[Spans], distance: int) -> Array:
    """The ends of the last parts of all chains in which each part follows the one before."""
    ends = once(np.sort(parts[0].ends, kind="stable"))
    for part in parts[1:]:
        before = _before(part.starts, ends)
        ends = once(np.sort(part.ends[part.starts - before <= min(distance, FARTHEST)], kind="stable"))
    return ends


def together(parts: Sequence[Spans], distance: int) -> Array:
    """The starts of all stretches that hold every part."""
    starts = np.concatenate([part.starts for part in parts])
    ends = np.concatenate([part.ends for part in parts])
    if not len(starts):
        return starts
    which = np.repeat(np.arange(len(parts), dtype=np.uint8), [len(part.starts) for part in parts])
    order = np.argsort(starts, kind="stable")  # the parts are in order: they are merged, not sorted
    starts, ends, which = starts.take(order), ends.take(order), which.take(order)
    gaps: Array = np.subtract(starts[1:], np.maximum.accumulate(ends)[:-1])
    begins = np.flatnonzero(np.concatenate(([True], gaps > min(distance, FARTHEST))))
    long = np.diff(np.append(begins, len(starts))) >= len(parts)
    whole = np.flatnonzero(long)
    for number in range(len(parts)):
        whole = whole[_counts(which == number, begins, whole) > 0]
    places = np.concatenate(([True], starts[1:] != starts[:-1]))
    return starts[begins[whole[_counts(places, begins, whole) >= len(parts)]]]


def _counts(marks: NDArray[np.bool_], begins: Array, which: Array) -> Array:
    """How many marks some of the stretches have."""
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(marks)))
    ends = np.append(begins[1:], len(marks))
    counts: Array = np.subtract(sums.take(ends.take(which)), sums.take(begins.take(which)))
    return counts


def apart(part: Spans, other: Spans, distance: int, *, ordered: bool) -> Array:
    """The starts of the spans of a part that have no span of the other one near them; `ordered`: none after them."""
    distance = min(distance, FARTHEST)
    if not len(other.starts):
        return part.starts
    if ordered:
        after = np.searchsorted(other.starts, part.starts, side="right")
        return part.starts[~_near_after(part, other.starts, after, distance)]
    # The first of the others, by start, that begins after this span's own start less the distance and ends far enough.
    reach = np.maximum.accumulate(other.ends)
    last = np.searchsorted(other.starts, part.ends + distance, side="right") - 1
    near = (last >= 0) & (reach.take(np.maximum(last, 0)) >= part.starts - distance)
    return part.starts[~near]


def _near_after(part: Spans, starts: Array, after: Array, distance: int) -> NDArray[np.bool_]:
    inside = after < len(starts)
    found: NDArray[np.bool_] = inside & (starts.take(np.where(inside, after, 0)) - part.ends <= distance)
    return found


def _before(starts: Array, ends: Array) -> Array:
    """The last end before each start; what is infinitely far where there is none."""
    place = np.searchsorted(ends, starts) - 1
    return np.where(place >= 0, ends.take(np.maximum(place, 0)) if len(ends) else _NEVER, _NEVER)
