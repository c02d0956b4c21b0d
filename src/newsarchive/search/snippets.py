"""A short piece of an article around the words that matched, with their places. Works on the stored text alone.

What is marked is what the query asked for: a phrase as a phrase, a prefix as the whole word, `Ha Noi` in `Hà Nội`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive.search.marking import Marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.models.query import Query
    from newsarchive.search.marking import Mark, Part

_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"”’»)]*\s+|\n+|(?<=[。！？])")
_SPACE = re.compile(r"\s+")
_LEAD_IN = 90
"""Characters before the first match within which the beginning of its sentence is taken."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text, white space folded; `marks` are (start, end) in characters of `text`, in order, never overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(text: str, query: Query, *, width: int = 240, part: Part = "body", language: str | None = None) -> Snippet:
    """The piece of at most `width` characters where most of the query's words stand, else the beginning.

    For more than one text make a `Marker` and call `cut`.

    >>> from newsarchive.models.query import Term
    >>> snippet("One. Two words. Hà Nội waits.", Term("noi"), width=20)
    Snippet(text='… Hà Nội waits.', marks=((5, 8),))
    """
    return cut(text, Marker(query).marks(text, part, language=language), width=width)


def cut(text: str, found: Sequence[Mark], *, width: int = 240) -> Snippet:
    """The piece of at most `width` characters where most of what matches stands, else the beginning.

    Args:
        text: the whole text.
        found: what `Marker.marks` said of it.
        width: characters, not counting the dots that say that the text goes on.
    """
    start = _beginning(text, found[_densest(found, width)][0], width) if found else 0
    return _cut(text, start, width, [(first, last) for first, last, _ in found])


def _densest(found: Sequence[Mark], width: int) -> int:
    """The match from which a window of `width` holds most different words, then most words; the first such."""
    best, best_score = 0, (0, 0)
    last = 0
    inside: dict[int, int] = {}
    for first, (start, _, number) in enumerate(found):
        while last < len(found) and found[last][1] - start <= width - _LEAD_IN // 2:
            inside[found[last][2]] = inside.get(found[last][2], 0) + 1
            last += 1
        if last <= first:  # a match wider than the window
            last = first + 1
            continue
        score = (len(inside), last - first)
        if score > best_score:
            best, best_score = first, score
        inside[number] -= 1
        if not inside[number]:
            del inside[number]
    return best


def _beginning(text: str, match: int, width: int) -> int:
    """Where the snippet begins: the sentence of the match, or a word somewhat before it."""
    if match <= min(_LEAD_IN, width // 3):
        return 0
    earliest = match - min(_LEAD_IN, width // 3)
    ends = [found.end() for found in _SENTENCE.finditer(text, earliest, match)]
    if ends and ends[-1] <= match:
        return ends[-1]
    space = _SPACE.search(text, earliest, match)
    return space.end() if space else match


def _cut(text: str, start: int, width: int, found: list[tuple[int, int]]) -> Snippet:
    """The text from `start`, ending between words, white space folded; the marks moved along."""
    end = _ending(text, start, width)
    inside = joined((first, last) for first, last in found if start <= first and last <= end)
    out: list[str] = ["… "] if start else []
    length = sum(map(len, out))
    marks: list[tuple[int, int]] = []
    at = start
    for first, last in [*inside, (end, end)]:
        for stretch, marked in ((text[at:first], False), (text[first:last], True)):
            folded = _SPACE.sub(" ", stretch)
            if folded and marked:
                marks.append((length, length + len(folded)))
            out.append(folded)
            length += len(folded)
        at = last
    whole = "".join(out).rstrip()
    return Snippet(whole + (" …" if end < len(text.rstrip()) else ""), tuple(marks))


def _ending(text: str, start: int, width: int) -> int:
    end = min(len(text), start + width)
    if end == len(text):
        return end
    rest = text[start + width * 2 // 3 : end]
    last = rest.split()[-1:]
    kept = rest if not last or rest[-1].isspace() else rest[: -len(last[0])]
    return end - len(rest) + len(kept.rstrip()) if kept else end


def joined(found: Iterable[tuple[int, ...]]) -> tuple[tuple[int, int], ...]:
    """Marks as (start, end), in order, those that overlap put together.

    >>> joined([(4, 9, 0), (0, 3, 1), (6, 12, 1)])
    ((0, 3), (4, 12))
    """
    done: list[tuple[int, int]] = []
    for first, last, *_ in sorted(found):
        if done and first < done[-1][1]:
            done[-1] = (done[-1][0], max(last, done[-1][1]))
        else:
            done.append((first, last))
    return tuple(done)
