"""The words of the index themselves: what a word of a query stands for, and what is spelled much like it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from newsarchive.search.analysis import asked_surfaces, key
from newsarchive.search.engine import Form
from newsarchive.search.native import forms, spelling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsarchive.models.query import Words
    from newsarchive.search.native.planning import Planner
    from newsarchive.search.native.segment import Segment
    from newsarchive.search.native.view import View

_SLIP: Final = 100
"""How many times as frequent a word is that was meant and hit, as one that was meant and missed by a letter."""
_FIRST: Final = 10
"""The same once more for the first letter, which is hardly ever the one that is wrong."""
_LONG: Final = 5
"""Letters of a word from which on two may be wrong."""


def expand(planner: Planner, views: Sequence[View], node: Words) -> list[Form]:
    """What a node's words stand for, the most frequent first; see the protocol."""
    name = forms.index_field(node.field)
    counts: Counter[str] = Counter()
    for piece in dict.fromkeys(piece.same for piece in forms.pieces(node)):
        group = planner.group(name, piece)
        for view in views:
            terms = view.segment.postings(name).terms
            frequencies = view.frequencies(group, node.field)
            for number, count in zip(group.forms[view.number].terms.tolist(), frequencies.tolist(), strict=True):
                if count:
                    counts[terms[number].decode()] += count
    return [Form(word, count) for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def near_words(views: Sequence[View], word: str, most: int) -> list[Form]:
    """Words of the text that are one or two letters away, the likeliest first."""
    own = comparable(word)
    if own is None:
        return []
    counts: Counter[str] = Counter()
    for view in views:
        counts.update(_near(view.segment, own, farthest(own)))
    return likeliest(counts, own, most)


def comparable(word: str) -> str | None:
    """The key of a word that others may be near to; None for what is several words, or a character of a pair."""
    asked = asked_surfaces(word)
    return key(asked[0].text) if len(asked) == 1 and not asked[0].prefix else None


def farthest(own: str) -> int:
    """How many letters of a key may be wrong."""
    return 2 if len(own) >= _LONG else 1


def likeliest(counts: Mapping[str, int], own: str, most: int) -> list[Form]:
    """Of words with their frequencies those that were most likely meant by a key, itself left out."""
    away = spelling.distances([key(found) for found in counts], own).tolist() if counts else []
    likely = {
        found: count / _SLIP**distance / (1 if key(found)[:1] == own[:1] else _FIRST)
        for (found, count), distance in zip(counts.items(), away, strict=True)
        if distance
    }
    ordered = sorted(likely, key=lambda found: (-likely[found], found))
    return [Form(found, counts[found]) for found in ordered[:most]]


def _near(segment: Segment, own: str, distance: int) -> dict[str, int]:
    piece = forms.Piece(forms.How.FUZZY, own, distance=distance)
    postings = segment.postings("text")
    numbers = forms.surfaces_of(segment, "text", piece)
    return {
        postings.terms[number].decode(): count
        for number, count in zip(numbers.tolist(), postings.frequencies(numbers).tolist(), strict=True)
    }
