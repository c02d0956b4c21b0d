"""From a query's tree to a plan: words become forms, values their numbers, and each node the plan of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.models import query as q
from newsarchive.search.document import url_key
from newsarchive.search.language.wording import exact_key
from newsarchive.search.native import evaluate, forms, placing
from newsarchive.search.native.layout import EDITED, GONE, HEADLINE_EDITED, UNKNOWN_TIME
from newsarchive.search.native.ranking import idf
from newsarchive.search.native.view import COPY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.dates import Span
    from newsarchive.search.native.cache import Cache
    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.evaluate import Plan
    from newsarchive.search.native.ranking import Ranking
    from newsarchive.search.native.segment import Segment

_FOREVER: Final = 1 << 61
_STATES: Final = {q.State.EDITED: EDITED, q.State.HEADLINE_EDITED: HEADLINE_EDITED, q.State.GONE: GONE}
_PROPERTIES: Final = tuple(q.Property)
_FORM_BYTES: Final = 500
"""Memory that a group of few forms takes, about."""


class Planner:
    """Makes plans for one index."""

    def __init__(self, segments: Sequence[Segment], ranking: Ranking, cache: Cache[Any]) -> None:
        self._segments = segments
        self._ranking = ranking
        self._cache = cache

    def plan(self, query: q.Query) -> Plan:  # noqa: C901, PLR0911 - one return per kind of node
        """The plan of a query.

        Raises:
            UsageError: a word stands for too many words of the index.
        """
        match query:
            case q.Term() | q.Phrase() | q.Prefix() | q.Wildcard() | q.Fuzzy():
                return self._words(query)
            case q.And():
                return evaluate.And([self.plan(part) for part in query.parts])
            case q.Or():
                return evaluate.AtLeastOf([self.plan(part) for part in query.parts], 1)
            case q.Some():
                # A part that is repeated weighs twice and counts once, so one plan stands there twice.
                plans = {part: self.plan(part) for part in dict.fromkeys(query.parts)}
                return evaluate.LooseList([plans[part] for part in query.parts], query.least)
            case q.Not():
                return evaluate.Not(self.plan(query.part))
            case q.Near():
                parts = [self.plan(part) for part in query.parts]
                return placing.Near(parts, query.distance, ordered=query.ordered)
            case q.NotNear():
                part, other = self.plan(query.part), self.plan(query.other)
                return placing.NotNear(part, other, query.distance, ordered=query.ordered)
            case q.AtLeast():
                return placing.AtLeast(self.plan(query.part), query.count)
            case q.Exact():
                return self._value(query)
            case q.Everything():
                return evaluate.Everything()
            case q.DateRange() | q.NumberRange() | q.Has() | q.Is():
                return _condition(query)

    def group(self, name: str, piece: forms.Piece) -> forms.Group:
        """The forms of a piece, from the cache or the dictionaries."""
        key = ("forms", name, piece.same)
        found: forms.Group | None = self._cache.get(key)
        if found is None:
            found = forms.group(self._segments, name, piece)
            size = sum(some.terms.nbytes for some in found.forms)
            self._cache.put(key, found, size + _FORM_BYTES * len(found.forms))
        return found

    def _words(self, query: q.Words) -> Plan:
        pieces = forms.pieces(query)
        if not pieces:
            return evaluate.Nothing()
        name = forms.index_field(query.field)
        part = None if query.field is q.TextField.AUTHOR else query.field
        words = [self._word(name, piece, part if len(pieces) == 1 else None) for piece in pieces]
        return words[0] if len(words) == 1 else placing.Following(words, [piece.offset for piece in pieces], part)

    def _word(self, name: str, piece: forms.Piece, part: q.TextField | None) -> placing.Word:
        group = self.group(name, piece)
        return placing.Word(group, idf(self._ranking.documents, group.frequency), part)

    def _value(self, query: q.Exact) -> Plan:
        field = query.field.value
        key = (url_key(query.text) if query.field is q.ExactField.URL else exact_key(query)).encode()
        found: list[Docs] = []
        for segment in self._segments:
            terms = segment.postings(field).terms
            first, end = terms.starting(key) if query.prefix else (number := terms.find(key), number + 1)
            found.append(np.arange(max(first, 0), end, dtype=np.intp))
        return evaluate.Value(field, found)


def _condition(query: q.DateRange | q.NumberRange | q.Has | q.Is) -> evaluate.Condition:
    match query:
        case q.DateRange():
            return _between(query.field.value, *_seconds(query.span))
        case q.NumberRange():
            least = 0 if query.least is None else query.least
            return _between(query.field.value, least, _FOREVER if query.most is None else query.most + 1)
        case q.Has():
            return _bit("has", 1 << _PROPERTIES.index(query.property))
        case q.Is(state=q.State.COPY):
            return evaluate.Condition(COPY, "is:copy", lambda place: place != 0)
        case q.Is():
            return _bit("states", _STATES[query.state])


def _between(column: str, first: int, end: int) -> evaluate.Condition:
    if end >= _FOREVER:
        return evaluate.Condition(column, f"{column} >= {first}", lambda values: values >= first)
    name = f"{first} <= {column} < {end}"
    return evaluate.Condition(column, name, lambda values: (values >= first) & (values < end))


def _bit(column: str, bit: int) -> evaluate.Condition:
    return evaluate.Condition(column, f"{column} & {bit}", lambda values: (values & bit) != 0)


def _seconds(span: Span) -> tuple[int, int]:
    """A span in whole seconds; what is not known lies before every start."""
    first = int(span.start.timestamp()) if span.start else UNKNOWN_TIME + 1
    last = int(span.end.timestamp()) if span.end else _FOREVER
    return first, last
