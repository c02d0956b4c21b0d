"""The documents that have a word in any of its forms, and what each document's postings weigh together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.search.native import decode, ranking
from newsarchive.search.native.layout import search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Forms
    from newsarchive.search.native.ranking import Ranking
    from newsarchive.search.native.view import View

    Array = NDArray[Any]

DENSE: Final = 64
"""Lists with more than one document in so many are joined by marks of all documents, smaller ones are sorted."""
_FREQUENT: Final = 8
"""A word of more than one document in so many is kept as a score for each document of the segment as well."""
_NOTHING: Final = np.empty(0, np.float32)
_OWN: Final = 400
"""Bytes of hits without their arrays, about."""
_FEWER: Final = 10
"""A search for each document is quicker than two passes over all the word's where it has so many times as many."""
_FEW: Final = 12
"""Forms that are read one by one; more of them are read at once."""


class Hits:
    """The documents of a group of forms, ascending, and their scores without idf.

    From the second question on, a frequent word has an array with a score for each document of the segment. At first it
    is looked up in the view's scratch space: fresh memory would cost as much as all the rest of a query (2 µs a page).
    """

    __slots__ = ("_cached", "_dense", "_docs", "_lengths", "_made_in", "_score", "_scores", "_values", "_view")

    def __init__(self, view: View, docs: Docs, values: Array, score: Callable[[Array, Array], Array]) -> None:
        """Make hits.

        Args:
            view: the segment.
            docs: the documents.
            values: what the score of each is made of: code bytes or weights.
            score: makes scores of values and of the lengths of their documents.
        """
        self._view = view
        self._docs = docs.astype(np.uint32)
        self._values = values
        self._score = score
        self._lengths = view.segment.column("length")
        self._scores: Array | None = None
        self._dense: Array | None = None
        self._made_in = view.question
        self._cached: Hashable = None

    def __len__(self) -> int:
        return len(self._docs)

    def keep(self, key: Hashable) -> None:
        """Keep it in the view's cache, and tell that of what it grows by."""
        self._cached = key
        grown = (array.nbytes for array in (self._scores, self._dense) if array is not None)
        self._view.cache.put(key, self, self._docs.nbytes + self._values.nbytes + sum(grown) + _OWN)

    @property
    def docs(self) -> Docs:
        """The documents, ascending."""
        return self._docs.astype(np.intp)

    @property
    def stored(self) -> Array:
        """The documents as they are kept: in four bytes each (u4)."""
        return self._docs

    @property
    def scores(self) -> Array:
        """The scores of all its documents (f4)."""
        if self._dense is not None:
            return self._dense.take(self.docs)
        if self._scores is None:
            self._scores = self._score(self._values, self._lengths.take(self.docs))
            self._values = _NOTHING  # scores say all that they said
            self.keep(self._cached)
        return self._scores

    @property
    def dense(self) -> Array | None:
        """A score for each document of the segment, 0 where the words do not stand; None while it is not worth it."""
        is_frequent = len(self._docs) * _FREQUENT > self._view.size
        if self._dense is None and self._made_in < self._view.question and is_frequent:
            dense = np.zeros(self._view.size, np.float32)
            dense[self.docs] = self.scores
            self._dense, self._scores = dense, None  # that says it all
            self.keep(self._cached)
        return self._dense

    def narrow(self, within: Docs) -> Docs:
        """Those of the documents that have the words."""
        if (dense := self.dense) is not None:
            return np.asarray(within[dense.take(within) != 0], np.intp)
        return self._view.common(self.docs, within)

    def at(self, docs: Docs) -> Array:
        """The scores of these documents, 0 where the words do not stand (f4)."""
        if len(docs) == len(self._docs) and np.array_equal(docs, self._docs):
            return self.scores
        if (dense := self.dense) is not None:
            return dense.take(docs)
        if not len(self._docs):
            return np.zeros(len(docs), np.float32)
        if len(docs) * _FEWER > len(self._docs):
            return self._view.spread(self.docs, self.scores, docs)
        rows = search(self._docs, docs)
        if self._scores is None:
            found = self._score(self._values.take(rows, mode="clip"), self._lengths.take(docs))
        else:
            found = self._scores.take(rows, mode="clip")
        found[self._docs.take(rows, mode="clip") != docs] = 0
        return found


class Ranked(NamedTuple):
    """Documents that answer, and their scores."""

    docs: Docs
    """Ascending, without those that are hidden."""
    scores: Array | None
    """f4; None where the question scores nothing."""
    answers: int = -1
    """-1; or else `docs` are all documents of the segment, of which so many answer: the others have a score of 0."""


class Weighed(NamedTuple):
    """Hits, and what their scores are multiplied with."""

    hits: Hits
    idf: np.float32


def read(view: View, field: str, forms: Forms, tables: Ranking) -> Hits:
    """The hits of a group of forms."""
    by_weight = partial(tables.by_weight, field)
    if not len(forms.terms):
        return Hits(view, decode.NONE, np.empty(0, np.float32), by_weight)
    if len(forms.terms) == 1 and not forms.limits and not _is_weighed(forms):
        term = int(forms.terms[0])
        codes = view.segment.postings(field).codes(term)
        docs = view.segment.postings(field).documents(term)
        return Hits(view, docs, codes, partial(tables.by_code, field))
    docs, weights = (_one_by_one if len(forms.terms) <= _FEW else _at_once)(view, field, forms, tables)
    return Hits(view, docs, weights, by_weight)


def _is_weighed(forms: Forms) -> bool:
    return bool(forms.others) and ranking.FORM_FACTOR != 1


def _one_by_one(view: View, field: str, forms: Forms, tables: Ranking) -> tuple[Docs, Array]:
    postings = view.segment.postings(field)
    parts: list[tuple[Docs, Array]] = []
    for term in forms.terms[np.argsort(-postings.frequencies(forms.terms))].tolist():
        docs, weights = postings.documents(term), tables.weights.take(postings.codes(term))
        if term in forms.others and ranking.FORM_FACTOR != 1:
            weights *= np.float32(ranking.FORM_FACTOR)
        if term in forms.limits:
            counting = view.speaking(docs, forms.limits[term])
            docs, weights = docs[counting], weights[counting]
        parts.append((docs, weights))
    return parts[0] if len(parts) == 1 else view.summed(parts)


def _at_once(view: View, field: str, forms: Forms, tables: Ranking) -> tuple[Docs, Array]:
    postings = view.segment.postings(field)
    docs, kept = view.postings_of(field, forms)
    codes = postings.codes_of_many(forms.terms)
    weights = tables.weights.take(codes if kept is None else codes.take(kept))
    if _is_weighed(forms):
        factors = np.where(np.isin(forms.terms, list(forms.others)), np.float32(ranking.FORM_FACTOR), np.float32(1))
        each = np.repeat(factors, postings.frequencies(forms.terms))
        weights *= each if kept is None else each.take(kept)
    return summed(docs, weights, view.size)


def summed(docs: Docs, weights: Array, size: int) -> tuple[Docs, Array]:
    """Each document once, ascending, with the sum of its weights (f4).

    Args:
        docs: documents in any order, some more than once.
        weights: of each; more than 0.
        size: documents of the segment.
    """
    if len(docs) * DENSE > size:
        sums = np.bincount(docs, weights, size)
        found = np.flatnonzero(sums != 0)
        return found, sums.take(found).astype(np.float32)
    if not len(docs):
        return docs, weights
    order = np.argsort(docs, kind="stable")
    ordered = docs.take(order)
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if len(first) == len(docs):
        return ordered, weights.take(order)
    return ordered.take(first), np.add.reduceat(weights.take(order), first).astype(np.float32)
