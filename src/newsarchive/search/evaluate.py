"""Which documents of a segment answer a query, and how well: set algebra over postings, BM25 for the order.

Scores: BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) with k1 1.6 and b 0.75, and the idf
that never turns negative. Scores of a query's parts add up; dates and whole values narrow without scoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from newsarchive.errors import UsageError
from newsarchive.models.query import (
    And,
    DateField,
    DateRange,
    Everything,
    Exact,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    TextField,
)
from newsarchive.search.analysis import LEAD_WORDS, Piece, asked
from newsarchive.search.language.wording import exact_key
from newsarchive.search.schema import BODY_START, UNKNOWN_TIME, url_key
from newsarchive.search.segment import LENGTHS, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.dates import Span

K1 = 1.6
B = 0.75

Words = Term | Phrase | Prefix
Scores = dict[int, float]

_FOREVER = 1 << 61
_PLACES: dict[TextField | None, tuple[str, range | None]] = {
    None: ("text", None),
    TextField.HEADLINE: ("headline", None),
    TextField.BODY: ("text", range(BODY_START, _FOREVER)),
    TextField.LEAD: ("text", range(BODY_START, BODY_START + LEAD_WORDS)),
    TextField.AUTHOR: ("author", None),
}
"""Where a field's words are: the field of the index, and the positions within it."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What scoring needs to know of the whole index."""

    segments: tuple[Segment, ...]

    def idf(self, field: str, alternatives: Sequence[Sequence[bytes]]) -> float:
        """How telling a word is; `alternatives` are its spellings, per segment."""
        total = sum(segment.size for segment in self.segments)
        having = sum(
            max((segment.frequency(field, term) for term in terms), default=0)
            for segment, terms in zip(self.segments, alternatives, strict=True)
        )
        return log(1 + (total - having + 0.5) / (having + 0.5))

    def norms(self, field: str) -> list[float]:
        """What the length of a field adds below the fraction of BM25, by the length's byte."""
        documents = sum(segment.size for segment in self.segments)
        average = sum(segment.words(field) for segment in self.segments) / max(documents, 1) or 1.0
        return [K1 * (1 - B + B * length / average) for length in LENGTHS]


def evaluate(query: Query, segment: Segment, ranking: Ranking | None) -> Scores:
    """The documents that answer, deleted ones left out, with their scores (0 where there is no ranking)."""
    found = _Evaluation(segment, ranking).of(query)
    for document in segment.deleted:
        found.pop(document, None)
    return found


class _Evaluation:
    def __init__(self, segment: Segment, ranking: Ranking | None) -> None:
        self._segment = segment
        self._ranking = ranking

    def of(self, query: Query) -> Scores:  # noqa: PLR0911 - one return per kind of node
        match query:
            case Term() | Phrase() | Prefix():
                return self._words(query)
            case Exact():
                return self._exact(query)
            case DateRange():
                return self._dated(query, range(self._segment.size))
            case Is():
                return dict.fromkeys(self._segment.postings("state", query.state.value.encode())[0], 0.0)
            case Everything():
                return dict.fromkeys(range(self._segment.size), 0.0)
            case Not():
                return self._all((query,))
            case And():
                return self._all(query.parts)
            case Or():
                return self._any([self.of(part) for part in query.parts])
            case _:
                name = type(query).__name__
                raise UsageError(f"this engine cannot answer {name}: {query}", tip="leave it out of the query")

    def _all(self, parts: Sequence[Query]) -> Scores:
        dates = [part for part in parts if isinstance(part, DateRange)]
        nots = [part for part in parts if isinstance(part, Not)]
        scored: list[Scores] = []
        for part in parts:
            if not isinstance(part, DateRange | Not):
                scored.append(self.of(part))
                if not scored[-1]:
                    return {}
        common = _common(scored) if scored else range(self._segment.size)
        kept: Iterable[int] = common
        for date in dates:
            kept = self._dated(date, kept).keys()
        for part in nots:
            without = self.of(part.part)
            kept = [document for document in kept if document not in without]
        if self._ranking is None or not scored:
            return dict.fromkeys(kept, 0.0)
        return {document: sum(found[document] for found in scored) for document in kept}

    @staticmethod
    def _any(parts: list[Scores]) -> Scores:
        found: Scores = {}
        for part in parts:
            for document, score in part.items():
                found[document] = found.get(document, 0.0) + score
        return found

    def _dated(self, query: DateRange, documents: Iterable[int]) -> Scores:
        times = self._segment.times(_TIMES[query.field])
        first, last = _seconds(query.span)
        return {document: 0.0 for document in documents if first <= times[document] < last}

    def _exact(self, query: Exact) -> Scores:
        field = query.field.value
        key = (url_key(query.text) if field == "url" else exact_key(query)).encode()
        terms = self._segment.expand(field, key) if query.prefix else [key]
        return {document: 0.0 for term in terms for document in self._segment.postings(field, term)[0]}

    def _words(self, query: Words) -> Scores:
        field, places = _PLACES[query.field]
        pieces = asked(query.text, prefix=isinstance(query, Prefix))
        spellings = [_spellings(piece, field, self._segment) for piece in pieces]
        weights = [self._weights(field, terms) for terms in spellings]
        if not weights or not all(weights):
            return {}
        documents = _common(weights)
        if len(pieces) > 1 or places:
            documents = self._in_order(field, pieces, spellings, documents, places)
        if self._ranking is None:
            return dict.fromkeys(documents, 0.0)
        return self._scored(field, pieces, weights, documents)

    def _weights(self, field: str, terms: Iterable[bytes]) -> Scores:
        found: Scores = {}
        for term in terms:
            documents, weights = self._segment.postings(field, term)
            if not found:
                found = dict(zip(documents, weights, strict=True))
            else:
                for document, weight in zip(documents, weights, strict=True):
                    found[document] = found.get(document, 0.0) + weight
        return found

    def _in_order(
        self, field: str, pieces: list[Piece], spellings: list[list[bytes]], documents: set[int], places: range | None
    ) -> set[int]:
        """Those of the documents where the pieces stand at their distances, beginning within `places`."""
        starts: dict[int, set[int]] = {}
        for number, (piece, terms) in enumerate(zip(pieces, spellings, strict=True)):
            found: dict[int, set[int]] = {}
            for term in terms:
                for document, at in self._segment.positions(field, term, documents).items():
                    found.setdefault(document, set()).update([place - piece.offset for place in at])
            if number:
                found = {document: both for document, at in found.items() if (both := at & starts[document])}
            starts, documents = found, set(found)
        if places is None:
            return documents
        last = pieces[-1].offset
        return {
            document
            for document, at in starts.items()
            if any(place in places and place + last in places for place in at)
        }

    def _scored(self, field: str, pieces: list[Piece], weights: list[Scores], documents: Iterable[int]) -> Scores:
        ranking = self._ranking
        assert ranking is not None  # noqa: S101 - the caller asked; says so to the type checker
        norms, lengths = ranking.norms(field), self._segment.lengths(field)
        scores = dict.fromkeys(documents, 0.0)
        for piece, found in zip(pieces, weights, strict=True):
            alternatives = [_spellings(piece, field, segment) for segment in ranking.segments]
            factor = ranking.idf(field, alternatives) * (K1 + 1)
            for document in scores:
                weight = found[document]
                scores[document] += factor * weight / (weight + norms[lengths[document]])
        return scores


def _common(found: list[Scores]) -> set[int]:
    """The documents that are in all; the smallest first, which bounds the work."""
    smallest, *others = sorted(found, key=len)
    common = set(smallest)
    for other in others:
        common &= other.keys()
    return common


_TIMES = {DateField.PUBLISHED: "published", DateField.SEEN: "seen", DateField.CHANGED: "changed"}


def _seconds(span: Span) -> tuple[int, int]:
    """A span in whole seconds; what is not known lies before every start."""
    first = int(span.start.timestamp()) if span.start else UNKNOWN_TIME + 1
    last = int(span.end.timestamp()) if span.end else _FOREVER
    return first, last


def _spellings(piece: Piece, field: str, segment: Segment) -> list[bytes]:
    word = piece.text.encode()
    return segment.expand(field, word) if piece.prefix else [word]
