"""Plans of words and of what needs their places: phrases, nearness, counts."""
# ruff: noqa: D102 - each kind of plan does what `Plan` says

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.models.query import TextField
from newsarchive.search.analysis import LEAD_WORDS
from newsarchive.search.native import decode, near
from newsarchive.search.native.decode import NONE
from newsarchive.search.native.evaluate import Checked, Plan
from newsarchive.search.native.hits import Weighed
from newsarchive.search.native.layout import BODY_START
from newsarchive.search.native.places import SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Group
    from newsarchive.search.native.near import Spans
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

_POSITION: Final = (1 << SHIFT) - 1


class Word(Plan):
    """One word in any of its forms, in the whole text or in a part of it."""

    def __init__(self, group: Group, idf: float, part: TextField | None) -> None:
        self.group = group
        self.idf = np.float32(idf)
        self._part = part
        self.scores_all = part is None

    def __str__(self) -> str:
        forms = sum(len(forms.terms) for forms in self.group.forms)
        piece = self.group.piece
        return f"{self._part or self.group.field}:{piece.text}({piece.how}, {forms} forms, idf {self.idf:.2f})"

    def size(self, view: View) -> int:
        return view.most(self.group)

    def find(self, view: View, within: Docs | None) -> Docs:
        if self._part is None:
            hits = view.hits(self.group)
            return hits.docs if within is None else hits.narrow(within)
        found = view.docs_in(self.group, self._part)
        return found if within is None else view.common(found, within)

    def hits(self, view: View, docs: Docs) -> Array:
        """The scores of any documents without idf; 0 where the word does not stand (f4)."""
        return view.hits(self.group).at(docs)

    def score(self, view: View, docs: Docs) -> Array:
        return self.hits(view, docs) * self.idf

    def spans(self, view: View, docs: Docs) -> Spans:
        return _inside(near.spans(view.places.of(self.group, docs)), self._part)

    def weighed(self, view: View) -> Weighed | None:
        return Weighed(view.hits(self.group), self.idf) if self._part is None else None

    def words(self) -> list[Word]:
        return [self]


class Following(Checked):
    """Words that follow one another."""

    def __init__(self, words: Sequence[Word], offsets: Sequence[int], part: TextField | None) -> None:
        distinct = {word.group.piece.same: word for word in words}
        super().__init__([*distinct.values()], [*distinct.values()])
        self._groups = [word.group for word in words]
        self._offsets = offsets
        self._part = part

    def check(self, view: View, docs: Docs) -> Docs:
        if self._part not in {None, TextField.AUTHOR}:
            return _documents(self.spans(view, docs).starts)
        ranks, _ = view.places.following(self._groups, self._offsets, docs)
        return docs.take(decode.once(ranks))

    def spans(self, view: View, docs: Docs) -> Spans:
        ranks, starts = view.places.following(self._groups, self._offsets, docs)
        starts = view.places.presented(self._groups[0].field, docs, ranks, starts)
        return _inside(near.spans(starts, self._offsets[-1]), self._part)


class Near(Checked):
    """Parts within a distance of one another."""

    def __init__(self, parts: Sequence[Plan], distance: int, *, ordered: bool) -> None:
        super().__init__(parts, parts)
        self._distance = distance
        self._ordered = ordered

    def check(self, view: View, docs: Docs) -> Docs:
        spans = [part.spans(view, docs) for part in self._words]
        find = near.in_order if self._ordered else near.together
        return _documents(find(spans, self._distance))


class NotNear(Checked):
    """A part somewhere without another one near it."""

    def __init__(self, part: Plan, other: Plan, distance: int, *, ordered: bool) -> None:
        super().__init__([part], [part])
        self._other = other
        self._distance = distance
        self._ordered = ordered

    def check(self, view: View, docs: Docs) -> Docs:
        doubtful = self._other.find(view, docs)
        clear = view.without(docs, doubtful)
        if not len(doubtful):
            return clear
        (part,) = self._words
        starts = near.apart(
            part.spans(view, doubtful), self._other.spans(view, doubtful), self._distance, ordered=self._ordered
        )
        return np.sort(np.concatenate([clear, _documents(starts)]))


class AtLeast(Checked):
    """A part at so many places."""

    def __init__(self, part: Plan, count: int) -> None:
        super().__init__([part], [part])
        self._count = count

    def check(self, view: View, docs: Docs) -> Docs:
        (part,) = self._words
        if isinstance(part, Word) and part.scores_all:
            docs = docs[view.times_at(part.group, docs) >= self._count]
            if len(part.group.forms[view.number].terms) == 1:
                return docs
        found = decode.once(part.spans(view, docs).starts) >> SHIFT
        if not len(found):
            return NONE
        begins = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1])))
        counts = np.diff(np.append(begins, len(found)))
        return found[begins[counts >= self._count]]


def _documents(places: Array) -> Docs:
    """The documents of places that ascend."""
    return decode.once((places >> SHIFT).astype(np.intp))


def _inside(spans: Spans, part: TextField | None) -> Spans:
    """The spans that lie in a part of the text."""
    if part is None or part is TextField.AUTHOR:
        return spans
    starts = spans.starts & _POSITION
    if part is TextField.HEADLINE:
        keep = starts < BODY_START
    elif part is TextField.BODY:
        keep = starts >= BODY_START
    else:
        keep = (starts >= BODY_START) & ((spans.ends & _POSITION) < BODY_START + LEAD_WORDS)
    return near.Spans(spans.starts[keep], spans.ends[keep])
