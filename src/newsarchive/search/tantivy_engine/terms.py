"""Words, and words in their places, as queries of the library, scored so that forms of one word count as one word."""

from __future__ import annotations

from itertools import product
from math import log
from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.tantivy_engine.fields import EXTRA, STEP
from newsarchive.search.tantivy_engine.library import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.search.tantivy_engine.dictionary import Dictionary, Forms

MOST_ALTERNATIVES: Final = 300
"""Forms of a word in a phrase that are handed to the library as alternatives; with more, positions are checked here."""
_MOST_SCORED: Final = 64
"""Forms that are scored one by one; a pattern that stands for more counts the same in each document."""
_W_HEADLINE: Final = 1.2
"""What a word in the headline counts, in words of a body of average length. Neither how often it stands there nor the
headline's length changes that: the library's norm is one over all documents, also over those without a headline. More
ranks worse where scores of fields are added: title boosts of two cost 0.03 nDCG@10 on three news collections."""


class Words:
    """Makes queries for words; one for each searcher."""

    def __init__(self, searcher: Any, schema: Any, dictionary: Dictionary) -> None:  # noqa: ANN401 - the library's
        self._query = library().Query
        self._occur = library().Occur
        self._documents = searcher.num_docs
        self._schema = schema
        self._dictionary = dictionary

    def all_of(self, queries: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        """What answers every one."""
        if len(queries) == 1:
            return queries[0]
        return self._query.boolean_query([(self._occur.Must, query) for query in queries])

    def any_of(self, queries: Sequence[Any], least: int = 1) -> Any:  # noqa: ANN401 - a tantivy.Query
        """What answers at least `least` of them."""
        if not queries:
            return self._query.empty_query()
        if len(queries) == 1 and least == 1:
            return queries[0]
        return self._query.boolean_query([(self._occur.Should, query) for query in queries], least)

    def but(self, query: Any, other: Any) -> Any:  # noqa: ANN401 - tantivy.Query
        """What answers the first and not the second."""
        return self._query.boolean_query([(self._occur.Must, query), (self._occur.MustNot, other)])

    def ranked(self, query: Any, scores: Sequence[Any]) -> Any:  # noqa: ANN401 - tantivy.Query
        """What answers the first, with the scores of the others alone."""
        clauses = [(self._occur.Must, self.unscored(query)), *((self._occur.Should, each) for each in scores)]
        return self._query.boolean_query(clauses)

    def unscored(self, query: Any) -> Any:  # noqa: ANN401 - tantivy.Query
        """The query with a score of 0."""
        return self._query.const_score_query(query, 0.0)

    def heavier(self, query: Any, times: int) -> Any:  # noqa: ANN401 - tantivy.Query
        """The query with so many times its score."""
        return query if times == 1 else self._query.boost_query(query, float(times))

    def everything(self) -> Any:  # noqa: ANN401 - a tantivy.Query
        """Every document."""
        return self.unscored(self._query.all_query())

    def value(self, field: str, text: str) -> Any:  # noqa: ANN401 - a tantivy.Query
        """A whole value."""
        return self.unscored(self._query.term_query(self._schema, field, text, "basic"))

    def values(self, field: str, texts: Iterable[str]) -> Any:  # noqa: ANN401 - a tantivy.Query
        """Any of several whole values."""
        return self.unscored(self._query.term_set_query(self._schema, field, list(texts)))

    def word(self, fields: Sequence[str], forms: Forms) -> Any:  # noqa: ANN401 - a tantivy.Query
        """A word in any of its forms."""
        weight = self._weight(fields, forms.every)
        clauses = self._terms(fields, forms.anywhere, weight)
        for language, more in forms.by_language.items():
            if found := self._terms(fields, more, weight):
                clauses.append(self.all_of([self.any_of(found), self.value("speech", language)]))
        return self.any_of(clauses)

    def phrase(self, fields: Sequence[str], forms: Sequence[Forms], offsets: Sequence[int]) -> Any:  # noqa: ANN401 - a tantivy.Query
        """Words that follow one another at these distances from the first; None where they have too many forms."""
        return self._in_places(fields, forms, [STEP * offset for offset in offsets], slop=0)

    def near(self, fields: Sequence[str], forms: Sequence[Forms], distance: int, *, ordered: bool) -> Any:  # noqa: ANN401 - a tantivy.Query
        """Two words of which no form is the same, at most so far apart; None where they have too many forms."""
        return self._within(fields, forms, 1, distance, ordered=ordered)

    def about_near(self, fields: Sequence[str], forms: Sequence[Forms], distance: int, *, ordered: bool) -> Any:  # noqa: ANN401 - a tantivy.Query
        """As `near`, with some that are a word too far apart or stand at one place; narrows what is to be checked."""
        return self._within(fields, forms, 0, distance + 1, ordered=ordered)

    def _within(self, fields: Sequence[str], forms: Sequence[Forms], least: int, most: int, *, ordered: bool) -> Any:  # noqa: ANN401 - a tantivy.Query
        # With a slop the library takes two words whose distance differs from the one asked for by so much, either way;
        # so it is asked for the middle.
        places, slop = [0, STEP * (least + most) // 2], STEP * (most - least) // 2
        found = [self._in_places(fields, forms, places, slop)]
        if not ordered:
            found.append(self._in_places(fields, forms[::-1], places, slop))
        return None if None in found else self.any_of(found)

    def _in_places(self, fields: Sequence[str], forms: Sequence[Forms], places: Sequence[int], slop: int) -> Any:  # noqa: ANN401 - a tantivy.Query
        if any(len(each.every) > MOST_ALTERNATIVES for each in forms):
            return None
        languages = sorted({language for each in forms for language in each.by_language})
        clauses: list[Any] = []
        for language in ("", *languages):
            words = [each.read_by(language) for each in forms]
            found = [each for field in fields for each in self._phrases(field, words, places, slop)]
            if found and language:
                clauses.append(self.all_of([self.any_of(found), self.value("speech", language)]))
            else:
                clauses += found
        return self.any_of(clauses)

    def _phrases(self, field: str, words: Sequence[frozenset[str]], places: Sequence[int], slop: int) -> Iterator[Any]:
        """A phrase query for each way in which the words stand in texts or beside them."""
        lanes = [[(lane, found) for lane in (0, 1) if (found := self._marked(field, each, lane))] for each in words]
        for choice in product(*lanes):
            first = places[0] + choice[0][0]
            at = [place + lane - first for place, (lane, _) in zip(places, choice, strict=True)]
            terms = [found for _, found in choice]
            if all(len(found) == 1 for found in terms):
                pairs = [(place, found[0]) for place, found in zip(at, terms, strict=True)]
                yield self._query.phrase_query(self._schema, field, pairs, slop)
            else:
                patterns = [(place, f"({'|'.join(found)})") for place, found in zip(at, terms, strict=True)]
                yield self._query.regex_phrase_query(self._schema, field, patterns, slop)

    def _marked(self, field: str, words: Iterable[str], lane: int) -> list[str]:
        """The terms of words that stand in a text (0) or beside another word (1), of those that a field has."""
        mark = EXTRA if lane else ""
        return sorted(mark + word for word in words if self._dictionary.stands(field, mark + word))

    def _terms(self, fields: Sequence[str], words: Iterable[str], weight: float) -> list[Any]:
        found: list[Any] = []
        for field in fields:
            terms = [term for lane in (0, 1) for term in self._marked(field, words, lane)]
            if not terms:
                continue
            if field == "headline" or len(terms) > _MOST_SCORED:
                every = self._query.term_set_query(self._schema, field, terms)
                found.append(
                    self._query.const_score_query(every, weight * (_W_HEADLINE if field == "headline" else 1.0))
                )
                continue
            for term in terms:
                one = self._query.term_query(self._schema, field, term, "freq")
                found.append(self._query.boost_query(one, weight / self._idf(self._dictionary.frequency(field, term))))
        return found

    def _weight(self, fields: Sequence[str], words: Iterable[str]) -> float:
        """How telling a word is: by its most frequent form."""
        frequencies = [
            self._dictionary.frequency(field, term)
            for field in fields
            for lane in (0, 1)
            for term in self._marked(field, words, lane)
        ]
        return self._idf(max(frequencies, default=0))

    def _idf(self, frequency: int) -> float:
        frequency = min(frequency, self._documents)  # deleted documents are counted in one and not in the other
        return log(1 + (self._documents - frequency + 0.5) / (frequency + 0.5))
