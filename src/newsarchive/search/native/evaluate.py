"""Which documents of a segment answer, and how well: set algebra over sorted arrays of documents.

A query's tree becomes a plan, once for all segments; plans find documents, then score only those that were found. The
parts of a conjunction narrow what the next one looks at, the rarest first, what compares places last.
"""
# ruff: noqa: D102 - each kind of plan does what `Plan` says

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from newsarchive.search.native import near
from newsarchive.search.native.decode import NONE
from newsarchive.search.native.hits import DENSE, Ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.hits import Weighed
    from newsarchive.search.native.near import Spans
    from newsarchive.search.native.placing import Word
    from newsarchive.search.native.view import View

    Array = NDArray[Any]


class Plan(ABC):
    """One node of a query, ready to be evaluated in any segment."""

    scores_all = False
    """Whether `score` may be asked of any documents, and gives 0 for those that do not answer."""

    def __str__(self) -> str:
        """The plan in words, for whoever wants to see what is evaluated."""
        return type(self).__name__.lower()

    @abstractmethod
    def size(self, view: View) -> int:
        """At most so many documents answer."""

    @abstractmethod
    def find(self, view: View, within: Docs | None) -> Docs:
        """The documents that answer, ascending, out of some or (None) of all."""

    def score(self, view: View, docs: Docs) -> Array | None:  # noqa: ARG002 - most nodes only narrow
        """The scores of documents that answer (f4); None where the node scores nothing."""
        return None

    def weighed(self, view: View) -> Weighed | None:  # noqa: ARG002 - only words have hits
        """Hits and what their scores are multiplied with, where that is all there is to the node's; mostly None."""
        return None

    def ranked(self, view: View) -> Ranked:
        """The documents that answer, with their scores."""
        docs = view.shown(self.find(view, None))
        return Ranked(docs, self.score(view, docs))

    def words(self) -> list[Word]:
        """The words that documents are looked for by, in the query's order; those left out that must not be there."""
        return []

    def loose(self) -> list[Word]:
        """The words of a list that was relaxed, repeated ones repeatedly; of what somebody wrote on purpose none."""
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

    def __str__(self) -> str:
        return f"{type(self).__name__.lower()}({', '.join(map(str, self._words))})"

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


class Value(Plan):
    """Whole values of a field."""

    def __init__(self, field: str, terms: Sequence[Docs]) -> None:
        """Make a plan from the numbers of the values in each segment."""
        self._field = field
        self._terms = terms

    def __str__(self) -> str:
        return f"{self._field}({sum(map(len, self._terms))} values)"

    def size(self, view: View) -> int:
        terms = self._terms[view.number]
        return int(view.segment.postings(self._field).frequencies(terms).sum()) if len(terms) else 0

    def find(self, view: View, within: Docs | None) -> Docs:
        found = view.having(self._field, self._terms[view.number])
        return found if within is None else view.common(found, within)


class Condition(Plan):
    """A property that each document has in a column."""

    def __init__(self, column: str, name: str, test: Callable[[Array], NDArray[np.bool_]]) -> None:
        """Make a plan.

        Args:
            column: whose values are looked at.
            name: the condition in words.
            test: tells of values whether their documents answer.
        """
        self._column = column
        self._name = name
        self._test = test

    def __str__(self) -> str:
        return f"({self._name})"

    def size(self, view: View) -> int:
        return view.size

    def find(self, view: View, within: Docs | None) -> Docs:
        found = self._test(view.column(self._column, within))
        return np.flatnonzero(found) if within is None else within[found]


class Not(Plan):
    """Every document but these."""

    def __init__(self, part: Plan) -> None:
        self.part = part

    def __str__(self) -> str:
        return f"not({self.part})"

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

    def __str__(self) -> str:
        return f"all({', '.join(map(str, self._parts))})"

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

    def loose(self) -> list[Word]:
        return [word for part in self._parts for word in part.loose()]


class AtLeastOf(Plan):
    """What answers so many of the parts: one for OR."""

    def __init__(self, parts: Sequence[Plan], least: int) -> None:
        """Make a plan; one that is repeated counts once towards `least` and scores as often as it stands there."""
        self._parts = tuple(dict.fromkeys(parts))
        self._order = tuple(parts)
        self._times = Counter(parts)
        self._least = least
        self._found: dict[int, list[Docs]] = {}
        """What each part found last, by segment."""

    def __str__(self) -> str:
        return f"at-least-{self._least}-of({', '.join(map(str, self._parts))})"

    def size(self, view: View) -> int:
        return min(view.size, sum(part.size(view) for part in self._parts) // self._least)

    def find(self, view: View, within: Docs | None) -> Docs:
        if within is None and self._least == 1:
            return self._find_any(view)
        found = self._found[view.number] = [part.find(view, within) for part in self._parts]
        some = [docs for docs in found if len(docs)]
        if len(some) < self._least:
            return NONE
        return some[0] if len(some) == 1 else view.in_several(some, self._least)

    def _find_any(self, view: View) -> Docs:
        weighed = [part.weighed(view) for part in self._parts]
        dense = [one and one.hits.dense for one in weighed]
        found = self._found[view.number] = [
            part.find(view, None) if scores is None else NONE for part, scores in zip(self._parts, dense, strict=True)
        ]
        if sum(map(len, found)) * DENSE < view.size and all(scores is None for scores in dense):
            return view.distinct(np.concatenate(found))
        return view.in_any([scores for scores in dense if scores is not None], found)

    def ranked(self, view: View) -> Ranked:
        weighed = [one for part in self._order if (one := part.weighed(view)) is not None]
        if self._least > 1 or len(weighed) < len(self._order) or self.size(view) * DENSE < view.size:
            return super().ranked(view)
        return view.totals(weighed)

    def score(self, view: View, docs: Docs) -> Array | None:
        total: Array | None = None
        for number, part in enumerate(self._parts):
            if part.scores_all:
                scores: Array | None = part.score(view, docs)
            else:
                scores = self._partial(view, docs, number)
            if scores is not None:
                scores = scores if self._times[part] == 1 else scores * np.float32(self._times[part])
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
        return [word for part in self._order for word in part.words()]


class LooseList(AtLeastOf):
    """What answers so many of the words of a list that was relaxed."""

    def loose(self) -> list[Word]:
        return self.words()


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
