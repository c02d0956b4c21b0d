"""A query over an index by stock Whoosh: its readers, matchers and spans, compiled from the same tree.

Whoosh steps from document to document, and from span to span, in its own code. Ours are the scorer, the forms of a word
(looked up in the dictionary one by one, the form tables left aside), and a filter where Whoosh has no such node.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from math import log, prod
from typing import TYPE_CHECKING, Any

from tests.search.plain import Piece, _fits, _gathered, _is_near, _lies_in, pieces
from whoosh.index import FileIndex
from whoosh.matching import (
    FilterMatcher,
    IntersectionMatcher,
    InverseMatcher,
    ListMatcher,
    NullMatcher,
    UnionMatcher,
    WrappingMatcher,
)
from whoosh.query.spans import SpanNear

from newsarchive.models import query as q
from newsarchive.search.analysis import LEAD_WORDS, stem_language
from newsarchive.search.document import url_key
from newsarchive.search.files import DurableStorage
from newsarchive.search.language.wording import exact_key
from newsarchive.search.native import ranking, stock_schema
from newsarchive.search.native.intake import NUMBER_COLUMNS
from newsarchive.search.native.layout import BODY_START, EDITED, GONE, HEADLINE_EDITED, UNKNOWN_TIME
from newsarchive.search.native.ranking import K1, B

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Matcher = Any
_STATES = {q.State.EDITED: EDITED, q.State.HEADLINE_EDITED: HEADLINE_EDITED, q.State.GONE: GONE}


class Weighed:
    """A scorer of Whoosh's that gives the weight of a posting, by the positions that the matcher tells."""

    def __init__(self, field: str, factor: float) -> None:
        self._field = field
        self._factor = factor

    def score(self, matcher: Matcher) -> float:
        places = [span.start for span in matcher.spans()]
        if self._field != "text":
            return min(len(places), 31) * self._factor
        heads = sum(place < BODY_START for place in places)
        leads = any(BODY_START <= place < BODY_START + LEAD_WORDS for place in places)
        weight = min(len(places), 31) + ranking.W_HEADLINE * min(heads, 3) + ranking.W_LEAD * leads
        return weight * self._factor

    def supports_block_quality(self) -> bool:
        return False


class Scored(WrappingMatcher):  # type: ignore[misc]  # Whoosh has no type information
    """The score of a word out of the summed weights of its forms."""

    def __init__(self, child: Matcher, idf: float, norm: Callable[[int], float]) -> None:
        super().__init__(child)
        self._idf, self._norm = idf, norm

    def score(self) -> float:
        weight = self.child.score()
        return self._idf * weight * (K1 + 1) / (weight + K1 * self._norm(self.id()))


class Silent(WrappingMatcher):  # type: ignore[misc]  # Whoosh has no type information
    """A matcher without scores."""

    def score(self) -> float:
        return 0.0


class Stock:
    """An index as stock Whoosh reads it."""

    def __init__(self, folder: Path) -> None:
        index = FileIndex(DurableStorage(folder), schema=stock_schema.make())
        self._leaves = [leaf for leaf, _ in index.reader().leaf_readers() if leaf.doc_count_all()]
        self._count = sum(leaf.doc_count_all() for leaf in self._leaves)
        self._average = sum(leaf.field_length("text") for leaf in self._leaves) / max(self._count, 1) or 1.0

    def answers(self, query: q.Query) -> dict[str, float]:
        """The ids that answer, with their scores."""
        found: dict[str, float] = {}
        for leaf in self._leaves:
            matcher = _Leaf(leaf, self).matcher(query)
            while matcher.is_active():
                if not leaf.is_deleted(matcher.id()):
                    found[leaf.stored_fields(matcher.id())["id"]] = matcher.score()
                matcher.next()
        return found

    def forms(self, leaf: Any, field: str, piece: Piece) -> dict[str, set[str] | None]:  # noqa: ANN401 - Whoosh's reader
        """The surfaces that a piece stands for, each with the languages that it counts in; None: all."""
        found: dict[str, set[str] | None] = {}
        for term in leaf.field_terms(field):
            if _fits(piece, term, "", field):
                found[term] = None
            elif piece.how == "word" and field == "text":
                languages = {name for name in _languages(leaf) if _fits(piece, term, stem_language(name), field)}
                spoken = {kept.record.language for kept in _written(leaf, field, term)}
                if languages & spoken:
                    found[term] = languages
        return found

    def idf(self, field: str, piece: Piece) -> float:
        """How telling a word is."""
        frequency = 0.0
        for leaf in self._leaves:
            size = leaf.doc_count_all()
            shares = [leaf.doc_frequency(field, term) / size for term in self.forms(leaf, field, piece)]
            frequency += size * (1 - prod(1 - share for share in shares))
        return log(1 + (self._count - frequency + 0.5) / (frequency + 0.5))

    def norm(self, leaf: Any, field: str) -> Callable[[int], float]:  # noqa: ANN401 - Whoosh's reader
        """What the length of a document adds below the fraction."""
        if field != "text":
            return lambda _: 1.0
        return lambda document: 1 - B + B * leaf.doc_field_length(document, field) / self._average


class _Leaf:
    """One segment."""

    def __init__(self, leaf: Any, stock: Stock) -> None:  # noqa: ANN401 - Whoosh's reader
        self._leaf, self._stock = leaf, stock

    def matcher(self, query: q.Query) -> Matcher:  # noqa: PLR0911 - one return per kind of node
        match query:
            case q.Term() | q.Phrase() | q.Prefix() | q.Wildcard() | q.Fuzzy():
                return self._words(query)
            case q.And():
                return _joined(IntersectionMatcher, [self.matcher(part) for part in query.parts])
            case q.Or():
                return _joined(UnionMatcher, [self.matcher(part) for part in query.parts])
            case q.Some():
                return self._some(query)
            case q.Not():
                return Silent(InverseMatcher(self.matcher(query.part), self._leaf.doc_count_all()))
            case q.Near():
                return self._near(query)
            case q.NotNear():
                others = _spans_of(self.matcher(query.other))
                return self._checked(
                    query.part,
                    lambda document, spans: any(
                        not any(
                            _is_near(span, other, query.distance, ordered=query.ordered)
                            for other in others.get(document, [])
                        )
                        for span in spans
                    ),
                )
            case q.AtLeast():
                return self._checked(query.part, lambda _, spans: len({start for start, _ in spans}) >= query.count)
            case q.Exact():
                return self._value(query)
            case _:
                every = range(self._leaf.doc_count_all())
                return Silent(_listed(document for document in every if self._has(query, document)))

    def _words(self, query: q.Words) -> Matcher:
        whole = self._whole(query)
        if query.field in {None, q.TextField.AUTHOR}:
            return whole
        inside = {
            document
            for document, spans in _spans_of(whole).items()
            if any(_lies_in(query.field, start, end) for start, end in spans)
        }
        return _Part(FilterMatcher(self._whole(query), inside), query.field) if inside else NullMatcher()

    def _whole(self, query: q.Words) -> Matcher:
        """The matcher of words, whatever part of the text they stand in."""
        asked, field = pieces(query), "author" if query.field is q.TextField.AUTHOR else "text"
        words = [self._word(field, piece) for piece in asked]
        if not words or not all(word.is_active() for word in words):
            return NullMatcher()
        whole = words[0]
        for (before, piece), word in zip(pairwise(asked), words[1:], strict=True):
            apart = piece.offset - before.offset
            whole = SpanNear.SpanNearMatcher(whole, word, slop=apart, mindist=apart)
        distinct = {piece._replace(offset=0) for piece in asked}
        if len(distinct) == len(asked) or not whole.is_active():
            return whole
        # A word that is there twice scores once.
        once = _joined(IntersectionMatcher, [self._word(field, piece) for piece in distinct])
        return _Spans(IntersectionMatcher(Silent(whole), once))

    def _word(self, field: str, piece: Piece) -> Matcher:
        forms = self._stock.forms(self._leaf, field, piece)
        matchers = []
        for term, languages in forms.items():
            same = term == piece.text or piece.how not in {"word", "key"}
            scorer = Weighed(field, 1.0 if same else ranking.FORM_FACTOR)
            matcher = self._leaf.postings(field, term, scorer=scorer)
            if languages is not None:
                matcher = FilterMatcher(matcher, self._speaking(languages))
            matchers.append(matcher)
        matchers = [matcher for matcher in matchers if matcher.is_active()]
        if not matchers:
            return NullMatcher()
        idf = self._stock.idf(field, piece)
        return Scored(_joined(UnionMatcher, matchers), idf, self._stock.norm(self._leaf, field))

    def _near(self, query: q.Near) -> Matcher:
        parts = [self.matcher(part) for part in query.parts]
        if not all(part.is_active() for part in parts):
            return NullMatcher()
        if query.ordered:
            return reduce(lambda one, other: SpanNear.SpanNearMatcher(one, other, slop=query.distance), parts)
        spans = [_spans_of(part) for part in parts]
        both = _joined(IntersectionMatcher, [self.matcher(part) for part in query.parts])
        found = {
            document
            for document in set.intersection(*map(set, spans))
            if _gathered([each[document] for each in spans], query.distance)
        }
        return FilterMatcher(both, found) if both.is_active() else both

    def _some(self, query: q.Some) -> Matcher:
        parts = [set(self.matcher(part).all_ids()) for part in set(query.parts)]
        found = {document for document in set().union(*parts) if sum(document in part for part in parts) >= query.least}
        both = _joined(UnionMatcher, [self.matcher(part) for part in query.parts])
        return FilterMatcher(both, found) if both.is_active() else both

    def _checked(self, part: q.Query, test: Callable[[int, list[tuple[int, int]]], bool]) -> Matcher:
        found = {document for document, spans in _spans_of(self.matcher(part)).items() if test(document, spans)}
        return FilterMatcher(self.matcher(part), found) if found else NullMatcher()

    def _value(self, query: q.Exact) -> Matcher:
        field = query.field.value
        wanted = url_key(query.text) if query.field is q.ExactField.URL else exact_key(query)
        terms = [
            term
            for term in self._leaf.field_terms(field)
            if (term.startswith(wanted) if query.prefix else term == wanted)
        ]
        return Silent(_joined(UnionMatcher, [self._leaf.postings(field, term) for term in terms]))

    def _column(self, name: str, document: int) -> int:
        numbers = self._leaf.column_reader("kept")[document].record.numbers
        return int(numbers[NUMBER_COLUMNS.index(name)])

    def _has(self, query: q.Query, document: int) -> bool:
        match query:
            case q.Everything():
                return True
            case q.DateRange():
                value = self._column(query.field.value, document)
                start, end = query.span
                after = value > UNKNOWN_TIME if start is None else value >= start.timestamp()
                return after and (end is None or value < end.timestamp())
            case q.NumberRange():
                value = self._column(query.field.value, document)
                return (query.least is None or query.least <= value) and (query.most is None or value <= query.most)
            case q.Has():
                return bool(self._column("has", document) >> list(q.Property).index(query.property) & 1)
            case q.Is():
                return bool(self._column("states", document) & _STATES[query.state])
            case _:
                raise AssertionError(query)

    def _speaking(self, languages: set[str]) -> set[int]:
        column = self._leaf.column_reader("kept")
        return {
            document for document in range(self._leaf.doc_count_all()) if column[document].record.language in languages
        }


class _Part(WrappingMatcher):  # type: ignore[misc]  # Whoosh has no type information
    """A matcher whose spans are those of a part of the text."""

    def __init__(self, child: Matcher, field: q.TextField) -> None:
        super().__init__(child)
        self._field = field

    def spans(self) -> list[Any]:
        return [span for span in self.child.spans() if _lies_in(self._field, span.start, span.end)]


class _Spans(WrappingMatcher):  # type: ignore[misc]  # Whoosh has no type information
    """A conjunction whose spans are those of its first part."""

    def spans(self) -> list[Any]:
        return list(self.child.a.spans())


def _joined(kind: Any, matchers: list[Matcher]) -> Matcher:  # noqa: ANN401 - one of Whoosh's classes
    if not matchers or (kind is IntersectionMatcher and not all(matcher.is_active() for matcher in matchers)):
        return NullMatcher()
    return reduce(kind, matchers)


def _spans_of(matcher: Matcher) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    while matcher.is_active():
        found[matcher.id()] = [(span.start, span.end) for span in matcher.spans()]
        matcher.next()
    return found


def _listed(documents: Iterable[int]) -> Matcher:
    found = list(documents)
    return ListMatcher(found) if found else NullMatcher()


def _languages(leaf: Any) -> set[str]:  # noqa: ANN401 - Whoosh's reader
    column = leaf.column_reader("kept")
    return {column[document].record.language for document in range(leaf.doc_count_all())}


def _written(leaf: Any, field: str, term: str) -> list[Any]:  # noqa: ANN401 - Whoosh's reader
    """What is kept of the documents with a term; deleted ones are among them, as in the frequencies, until a merge."""
    column = leaf.column_reader("kept")
    # What Whoosh's `postings` does before it leaves them out.
    matcher = leaf._terms.matcher(field, leaf._text_to_bytes(field, term), leaf.schema[field].format)
    return [column[document] for document in matcher.all_ids()]
