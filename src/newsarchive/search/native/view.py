"""One segment as a query sees it: postings of words with their scores, places of words, each decoded once and kept."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from newsarchive.models.query import TextField
from newsarchive.search.native import decode, hits
from newsarchive.search.native.hits import DENSE, Ranked
from newsarchive.search.native.layout import BODY_START, CODE_HEAD_SHIFT, CODE_LEAD, CODE_TIMES, MOST_HEAD
from newsarchive.search.native.places import SHIFT, Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from newsarchive.search.copies import Groups
    from newsarchive.search.native.cache import Cache
    from newsarchive.search.native.copying import Copies
    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.forms import Forms, Group
    from newsarchive.search.native.hits import Hits, Weighed
    from newsarchive.search.native.ranking import Ranking
    from newsarchive.search.native.segment import Segment

    Array = NDArray[Any]

COPY: Final = "copy"
"""A column that is not in the files: 0 but for copies, see `newsarchive.search.copies.Groups.place`."""


_MANY: Final = 8
"""A look at each document is quicker than sorting more postings than one for so many."""
_WIDE: Final = 10_000
"""Fewer answers, far more than a page has, are always named."""


class View:
    """A segment, what was decoded of it, and scratch space. Not to be shared between threads."""

    def __init__(self, number: int, segment: Segment, ranking_: Ranking, cache: Cache[Any], copies: Copies) -> None:
        self.number = number
        self.segment = segment
        self.size = segment.size
        self.ranking = ranking_
        self.cache = cache
        self.question = 0
        """Which question is being answered, counted from 1."""
        self._copies = copies
        self._shown: NDArray[np.bool_] | None = None
        self.hide(frozenset())

    @cached_property
    def places(self) -> Places:
        """Where words stand."""
        return Places(self)

    def close(self) -> None:
        """Let go of all that was read; the view is of no use any more.

        What it keeps points back at it: such a ring would hold the mapped files until rings are collected.
        """
        self.__dict__.clear()

    def hide(self, ids: frozenset[str]) -> None:
        """Leave out of every answer what is deleted, and the articles of these ids."""
        deleted = self.segment.deleted.astype(np.intp)
        gone = np.concatenate([deleted, self.segment.numbers_of(np.array(sorted(ids), "S16"))]) if ids else deleted
        self._shown = None
        if len(gone):
            self._shown = np.ones(self.size, np.bool_)
            self._shown[gone] = False

    def shown(self, docs: Docs) -> Docs:
        """Those of the documents that are neither deleted nor hidden."""
        return docs if self._shown is None else docs[self._shown.take(docs)]

    def count_hidden(self, docs: Docs) -> int:
        """How many of the documents are hidden, those left out that are deleted."""
        deleted = self.segment.deleted.astype(np.intp)
        return len(self.without(docs, deleted)) - len(self.shown(docs))

    @property
    def is_shown(self) -> NDArray[np.bool_]:
        """Of each document, whether it is neither deleted nor hidden."""
        return np.ones(self.size, np.bool_) if self._shown is None else self._shown

    @property
    def copies(self) -> Groups:
        """Which documents are copies."""
        return self._copies.groups[self.number]

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        """A mark per document; none is set between two uses."""
        return np.zeros(self.size, np.bool_)

    def common(self, one: Docs, other: Docs) -> Docs:
        """The documents that are in both, ascending as both are."""
        small, large = (one, other) if len(one) < len(other) else (other, one)
        if not len(small):
            return small
        inside = self._inside
        inside[small] = True
        found = large[inside.take(large)]
        inside[small] = False
        return found

    def without(self, docs: Docs, others: Docs) -> Docs:
        """The documents that are not among the others."""
        if not len(others):
            return docs
        inside = self._inside
        inside[others] = True
        found = docs[~inside.take(docs)]
        inside[others] = False
        return found

    def members(self, docs: Docs, of: Docs) -> NDArray[np.bool_]:
        """Of each document, whether it is among the others."""
        inside = self._inside
        inside[of] = True
        found = inside.take(docs)
        inside[of] = False
        return found

    def hits(self, group: Group) -> Hits:
        """The documents of a group of forms, with scores."""
        key = (self.number, group.field, group.piece.same)
        found = self.cache.get(key)
        if found is None:
            found = hits.read(self, group.field, group.forms[self.number], self.ranking)
            found.keep(key)
        read: Hits = found
        return read

    def postings_of(self, field: str, forms: Forms) -> tuple[Docs, Docs | None]:
        """The document of each posting of forms that counts, and which of all postings these are (None: all)."""
        docs = self.documents_of(field, forms)
        if not forms.limits:
            return docs, None
        kept = np.flatnonzero(self.counting(field, forms, docs))
        return docs.take(kept), kept

    def documents_of(self, field: str, forms: Forms) -> Docs:
        """The document of each posting of forms, form after form."""
        if len(forms.terms) > 1:
            return self.segment.postings(field).documents_of_many(forms.terms)
        return self.segment.postings(field).documents(int(forms.terms[0]))

    def documents(self, field: str, term: int) -> Docs:
        """The documents of one term, ascending; kept for the next query, unlike those of words, which `hits` keeps."""
        key = (self.number, field, term)
        found = self.cache.get(key)
        if found is None:
            found = self.segment.postings(field).documents(term).astype(np.uint32)
            self.cache.put(key, found, found.nbytes)
        return np.asarray(found, np.intp)

    def counting(self, field: str, forms: Forms, docs: Docs) -> NDArray[np.bool_]:
        """Of each posting of forms, given its document, whether the form counts in that document's language."""
        ends = np.cumsum(self.segment.postings(field).frequencies(forms.terms)).tolist()
        counting = np.ones(len(docs), np.bool_)
        start = 0
        for term, end in zip(forms.terms.tolist(), ends, strict=True):
            if term in forms.limits:
                counting[start:end] = self.speaking(docs[start:end], forms.limits[term])
            start = end
        return counting

    def speaking(self, docs: Docs, languages: frozenset[int]) -> NDArray[np.bool_]:
        """Of each document, whether it is of one of the languages, which are given by their numbers."""
        spoken = self.segment.column("lang").take(docs)
        if len(languages) == 1:
            return np.asarray(spoken == next(iter(languages)), np.bool_)
        return np.isin(spoken, list(languages))

    def distinct(self, docs: Docs) -> Docs:
        """Each document once, ascending; `np.unique` takes ten times as long."""
        if len(docs) * DENSE < self.size:
            return decode.once(np.sort(docs))
        inside = self._inside
        inside[docs] = True
        found = np.flatnonzero(inside)
        inside[found] = False
        return found

    def docs_in(self, group: Group, part: TextField) -> Docs:
        """The documents that have a form of the group in a part of the text, ascending."""
        key = (self.number, group.field, group.piece.same, part)
        found = self.cache.get(key)
        if found is None:
            found = self._read_docs_in(group, part)
            self.cache.put(key, found, found.nbytes + 100)
        docs: Docs = found
        return docs

    def _read_docs_in(self, group: Group, part: TextField) -> Docs:
        forms = group.forms[self.number]
        if not len(forms.terms):
            return decode.NONE
        docs, kept = self.postings_of(group.field, forms)
        codes = _kept(self.segment.postings(group.field).codes_of_many(forms.terms), kept)
        certain = self.distinct(docs[_in_part(codes, part)])
        if part is not TextField.BODY:
            return certain
        times, heads = codes & CODE_TIMES, (codes >> CODE_HEAD_SHIFT) & MOST_HEAD
        # A code that says 3 may stand for more: then the places themselves are asked.
        doubtful = self.distinct(docs[(heads == MOST_HEAD) & (times > MOST_HEAD)])
        if not len(doubtful):
            return certain
        places = self.places.of(group, doubtful)
        body = decode.once((places[(places & ((1 << SHIFT) - 1)) >= BODY_START]) >> SHIFT)
        return np.sort(np.concatenate((self.without(certain, doubtful), body)))

    def times_at(self, group: Group, docs: Docs) -> Array:
        """How often forms of a group occur in these documents; where two share a place, both are counted (i8)."""
        forms = group.forms[self.number]
        found = np.zeros(self.size, np.int64)
        if len(forms.terms):
            having, kept = self.postings_of(group.field, forms)
            times = _kept(self.segment.postings(group.field).times_of_many(forms.terms), kept)
            found += np.bincount(having, times, self.size).astype(np.int64)
        return found.take(docs)

    def most(self, group: Group) -> int:
        """At most so many documents have a form of the group."""
        found = self.cache.get((self.number, group.field, group.piece.same))
        if found is not None:
            return len(found)
        terms = group.forms[self.number].terms
        return int(self.segment.postings(group.field).frequencies(terms).sum()) if len(terms) else 0

    def frequencies(self, group: Group, part: TextField | None) -> Array:
        """How many documents each form of a group has that count, in a part of the text (i8)."""
        forms = group.forms[self.number]
        postings = self.segment.postings(group.field)
        frequencies = postings.frequencies(forms.terms)
        if not len(forms.terms) or (part in {None, TextField.AUTHOR} and not forms.limits):
            return frequencies
        _, kept = self.postings_of(group.field, forms)
        counts = np.zeros(int(frequencies.sum()), np.int64)
        codes = postings.codes_of_many(forms.terms)
        counts[slice(None) if kept is None else kept] = 1
        counts *= _in_part(codes, part)
        return np.add.reduceat(counts, np.cumsum(frequencies) - frequencies)

    def having(self, field: str, terms: Docs) -> Docs:
        """The documents that have one of the values of a field, ascending."""
        postings = self.segment.postings(field)
        if len(terms) == 1:
            return self.documents(field, int(terms[0]))
        return self.distinct(postings.documents_of_many(terms)) if len(terms) else decode.NONE

    def in_several(self, found: list[Docs], least: int) -> Docs:
        """The documents that are in at least so many of two or more lists, ascending."""
        if sum(map(len, found)) * DENSE < self.size:
            docs = np.sort(np.concatenate(found))
            # So many equal ones stand side by side, and the first of them is told from the one before.
            same = docs[: len(docs) - least + 1] == docs[least - 1 :]
            return self.distinct(docs[: len(docs) - least + 1][same])
        if least == 1:
            return self.distinct(np.concatenate(found))
        counts = np.zeros(self.size, np.uint32)
        for docs in found:
            counts[docs] += 1
        return np.flatnonzero(counts >= least)

    def in_any(self, dense: list[Array], others: list[Docs]) -> Docs:
        """The documents that have a score in an array for all, or that are in other lists, ascending."""
        inside = self._inside
        for scores in dense:
            inside |= scores != 0
        for docs in others:
            inside[docs] = True
        found = np.flatnonzero(inside)
        inside[:] = False
        return found

    def spread(self, docs: Docs, values: Array, at: Docs) -> Array:
        """The values (f4) of documents at some others; 0 where these are not among them."""
        sums = self._sums
        sums[docs] = values
        found: Array = sums.take(at)
        sums[docs] = 0
        return found

    def totals(self, weighed: Sequence[Weighed]) -> Ranked:
        """The documents that are in any of several hits, with their scores.

        One pass for each of the hits: to find the documents first and then score them takes three.
        """
        sums = self._sums
        for hits_, idf in weighed:
            if (dense := hits_.dense) is not None:
                sums += dense * idf
            else:
                docs = hits_.docs
                sums[docs] = sums.take(docs) + hits_.scores * idf  # half the time of +=
        if self._shown is not None:
            sums *= self._shown
        inside = sums != 0
        answers = int(np.count_nonzero(inside))
        if answers * _MANY > self.size and answers > _WIDE:
            found = Ranked(self.every, sums.copy(), answers)  # to name so many takes as long as to find them
        else:
            docs = np.flatnonzero(inside)
            found = Ranked(docs, sums.take(docs))
        sums[:] = 0
        return found

    def summed(self, parts: list[tuple[Docs, Array]]) -> tuple[Docs, Array]:
        """The documents of several lists, ascending, each with the sum of its weights, which are more than 0 (f4).

        It takes least where the longest list comes first.
        """
        sums = self._sums
        if sum(len(docs) for docs, _ in parts) * _MANY > self.size:
            for docs, weights in parts:
                sums[docs] = sums.take(docs) + weights  # half the time of +=
            found = np.flatnonzero(sums != 0)
            weights = sums.take(found)
            sums[found] = 0
            return found, weights
        sums[parts[0][0]] = parts[0][1]
        new = [parts[0][0]]
        for docs, weights in parts[1:]:
            before = sums.take(docs)
            new.append(docs[before == 0])
            sums[docs] = before + weights
        found = np.sort(np.concatenate(new), kind="stable")  # some runs that ascend, which this sort finds
        weights = sums.take(found)
        sums[found] = 0
        return found, weights

    @cached_property
    def _sums(self) -> Array:
        """A number per document; all are 0 between two uses."""
        return np.zeros(self.size, np.float32)

    def column(self, name: str, docs: Docs | None) -> Array:
        """A value of each of these documents, or of all."""
        values = self.copies.place if name == COPY else self.segment.column(name)
        return values if docs is None else values.take(docs)

    @cached_property
    def every(self) -> Docs:
        """All documents of the segment."""
        return np.arange(self.size, dtype=np.intp)


def _in_part(codes: Array, part: TextField | None) -> NDArray[np.bool_]:
    """Of postings, by their codes, whether the word stands in a part of the text; of the body, whether it may."""
    times, heads = codes & CODE_TIMES, (codes >> CODE_HEAD_SHIFT) & MOST_HEAD
    found: NDArray[np.bool_]
    if part is TextField.HEADLINE:
        found = heads > 0
    elif part is TextField.LEAD:
        found = codes >= CODE_LEAD
    elif part is TextField.BODY:
        found = times > heads
    else:
        found = np.ones(len(codes), np.bool_)
    return found


def _kept(values: Array, kept: Docs | None) -> Array:
    return values if kept is None else values.take(kept)
