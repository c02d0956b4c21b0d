"""Which documents of a segment answer, and how well: set algebra over sorted arrays of documents.

A query's tree becomes a plan, once for all segments; plans find documents, then score only those that were found. The
parts of a conjunction narrow what the next one looks at, the rarest first, what compares places last.
"""
# ruff: noqa: D102 - each kind of plan does what `Plan` says

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.models.query import TextField
from newsarchive.search.analysis import LEAD_WORDS
from newsarchive.search.native import near
from newsarchive.search.native.decode import NONE
from newsarchive.search.native.layout import BODY_START
from newsarchive.search.native.places import SHIFT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Group
    from newsarchive.search.native.near import Spans
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

_POSITION: Final = (1 << SHIFT) - 1


class Plan(ABC):
    """One node of a query, ready to be evaluated in any segment."""

    @abstractmethod
    def size(self, view: View) -> int:
        """At most so many documents answer."""

    @abstractmethod
    def find(self, view: View, within: Docs | None) -> Docs:
        """The documents that answer, ascending, out of some or (None) of all."""

    def score(self, view: View, docs: Docs) -> Array | None:  # noqa: ARG002 - most nodes only narrow
        """The scores of documents that answer (f4); None where the node scores nothing."""
        return None

    def words(self) -> list[Word]:
        """The words that documents are looked for by, in the query's order; those left out that must not be there."""
        return []

    def spans(self, view: View, docs: Docs) -> Spans:  # noqa: ARG002 - only words have places
        """Where the node's words stand in documents that answer."""
        raise TypeError(f"{type(self).__name__} has no places in a text")


class Everything(Plan):
    """Every document."""

    def size(self, view: View) -> int:
        return view.size

    def find(self, view: View, within: Docs | None) -> Docs:
        return view.every if within is None else within


class Nothing(Plan):
    """No document: what is looked for has no letter or digit."""

    def size(self, view: View) -> int:  # noqa: ARG002 - its base's signature
        return 0

    def find(self, view: View, within: Docs | None) -> Docs:  # noqa: ARG002 - its base's signature
        return NONE

    def spans(self, view: View, docs: Docs) -> Spans:  # noqa: ARG002 - its base's signature
        return near.spans(np.empty(0, np.int64))


class Word(Plan):
    """One word in any of its forms, in the whole text or in a part of it."""

    def __init__(self, group: Group, idf: float, part: TextField | None) -> None:
        self.group = group
        self.idf = np.float32(idf)
        self._part = part

    def size(self, view: View) -> int:
        return view.most(self.group)

    def find(self, view: View, within: Docs | None) -> Docs:
        if self._part is None:
            hits = view.hits(self.group)
            if within is None:
                return hits.docs
            return within[hits.dense.take(within) != 0] if hits.dense is not None else view.common(hits.docs, within)
        found = view.docs_in(self.group, self._part)
        return found if within is None else view.common(found, within)

    def score(self, view: View, docs: Docs) -> Array:
        return view.hits(self.group).at(docs) * self.idf

    def spans(self, view: View, docs: Docs) -> Spans:
        return _inside(near.spans(view.places.of(self.group, docs)), self._part)

    def words(self) -> list[Word]:
        return [self]

    @property
    def is_whole(self) -> bool:
        """Whether all of the text is looked at."""
        return self._part is None


class Checked(Plan):
    """What is certain only after places were compared: what it needs is found first, then each document is checked."""

    def __init__(self, needs: Sequence[Plan], words: Sequence[Plan]) -> None:
        """Make a plan.

        Args:
            needs: what a document must answer to be worth a check.
            words: whose scores add up to this one's.
        """
        self.needs = tuple(needs)
        self._words = tuple(words)

    def size(self, view: View) -> int:
        return min(plan.size(view) for plan in self.needs)

    def find(self, view: View, within: Docs | None) -> Docs:
        docs = _narrowed(view, self.needs, within)
        return self.check(view, docs) if len(docs) else docs

    @abstractmethod
    def check(self, view: View, docs: Docs) -> Docs:
        """Those of the documents that answer; all have what is needed."""

    def score(self, view: View, docs: Docs) -> Array | None:
        return _sum([plan.score(view, docs) for plan in self._words])

    def words(self) -> list[Word]:
        return [word for plan in self._words for word in plan.words()]


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
        return docs.take(_once(ranks))

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
        if isinstance(part, Word) and part.is_whole:
            docs = docs[view.times_at(part.group, docs) >= self._count]
            if len(part.group.forms[view.number].terms) == 1:
                return docs
        found = _once(part.spans(view, docs).starts) >> SHIFT
        if not len(found):
            return NONE
        begins = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1])))
        counts = np.diff(np.append(begins, len(found)))
        return found[begins[counts >= self._count]]


class Value(Plan):
    """Whole values of a field."""

    def __init__(self, field: str, terms: Sequence[Docs]) -> None:
        """Make a plan from the numbers of the values in each segment."""
        self._field = field
        self._terms = terms

    def size(self, view: View) -> int:
        terms = self._terms[view.number]
        return int(view.segment.postings(self._field).frequencies(terms).sum()) if len(terms) else 0

    def find(self, view: View, within: Docs | None) -> Docs:
        found = view.having(self._field, self._terms[view.number])
        return found if within is None else view.common(found, within)


class Condition(Plan):
    """A property that each document has in a column."""

    def __init__(self, test: Callable[[View, Docs | None], NDArray[np.bool_]]) -> None:
        """Make a plan from what tells of some documents, or of all, whether they answer."""
        self._test = test

    def size(self, view: View) -> int:
        return view.size

    def find(self, view: View, within: Docs | None) -> Docs:
        found = self._test(view, within)
        return np.flatnonzero(found) if within is None else within[found]


class Not(Plan):
    """Every document but these."""

    def __init__(self, part: Plan) -> None:
        self.part = part

    def size(self, view: View) -> int:
        return view.size

    def find(self, view: View, within: Docs | None) -> Docs:
        docs = view.every if within is None else within
        return view.without(docs, self.part.find(view, within))


class And(Plan):
    """What answers all parts."""

    def __init__(self, parts: Sequence[Plan]) -> None:
        self._parts = tuple(parts)
        self._checked = [part for part in parts if isinstance(part, Checked)]
        self._late = [part for part in parts if isinstance(part, Condition)]
        self._nots = [part for part in parts if isinstance(part, Not)]
        later = {id(part) for part in (*self._checked, *self._late, *self._nots)}
        self._first = [part for part in parts if id(part) not in later]
        self._first += [need for part in self._checked for need in part.needs]

    def size(self, view: View) -> int:
        return min(part.size(view) for part in self._parts)

    def find(self, view: View, within: Docs | None) -> Docs:
        docs = _narrowed(view, self._first, within) if self._first else within
        for part in (*self._late, *self._nots):
            docs = part.find(view, docs)
        for part in sorted(self._checked, key=lambda part: part.size(view)):
            if docs is None or not len(docs):
                break
            docs = part.check(view, docs)
        return NONE if docs is None else docs

    def score(self, view: View, docs: Docs) -> Array | None:
        return _sum([part.score(view, docs) for part in self._parts])

    def words(self) -> list[Word]:
        return [word for part in self._parts for word in part.words()]


class AtLeastOf(Plan):
    """What answers so many of the parts: one for OR."""

    def __init__(self, parts: Sequence[Plan], least: int) -> None:
        self._parts = tuple(parts)
        self._least = least
        self._found: dict[int, list[Docs]] = {}
        """What each part found last, by segment."""

    def size(self, view: View) -> int:
        return min(view.size, sum(part.size(view) for part in self._parts) // self._least)

    def find(self, view: View, within: Docs | None) -> Docs:
        found = self._found[view.number] = [part.find(view, within) for part in self._parts]
        some = [docs for docs in found if len(docs)]
        if len(some) < self._least:
            return NONE
        if len(some) == 1:
            return some[0]
        return view.in_several(some, self._least)

    def score(self, view: View, docs: Docs) -> Array | None:
        total: Array | None = None
        for number, part in enumerate(self._parts):
            if isinstance(part, Word) and part.is_whole:
                scores: Array | None = part.score(view, docs)
            else:
                scores = self._partial(view, docs, number)
            if scores is not None:
                total = scores if total is None else total + scores
        return total

    def _partial(self, view: View, docs: Docs, number: int) -> Array | None:
        """The scores of a part that perhaps only some of the documents answer to."""
        part = self._parts[number]
        having = self._found[view.number][number] if view.number in self._found else part.find(view, docs)
        chosen = np.flatnonzero(view.members(docs, having))
        scores = part.score(view, docs.take(chosen))
        if scores is None:
            return None
        found = np.zeros(len(docs), np.float32)
        found[chosen] = scores
        return found

    def spans(self, view: View, docs: Docs) -> Spans:
        return near.joined([part.spans(view, part.find(view, docs)) for part in self._parts])

    def words(self) -> list[Word]:
        return [word for part in self._parts for word in part.words()]


def _narrowed(view: View, plans: Sequence[Plan], within: Docs | None) -> Docs:
    """The documents that answer all of one or more plans, the rarest first."""
    docs = within
    for plan in sorted(plans, key=lambda plan: plan.size(view)) if len(plans) > 1 else plans:
        docs = plan.find(view, docs)
        if not len(docs):
            break
    return NONE if docs is None else docs


def _sum(scores: Sequence[Array | None]) -> Array | None:
    total: Array | None = None
    for some in scores:
        if some is not None:
            total = some if total is None else total + some
    return total


def _documents(places: Array) -> Docs:
    """The documents of places that ascend."""
    return _once((places >> SHIFT).astype(np.intp))


def _once(numbers: Docs) -> Docs:
    """Numbers that ascend, each once."""
    if len(numbers) < 2:  # noqa: PLR2004 - one is once
        return numbers
    return numbers[np.concatenate(([True], numbers[1:] != numbers[:-1]))]


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
