"""What a word of a query stands for in an index: the surfaces of its dictionaries that are forms of it.

A word finds the surfaces that have its key (case, width and diacritics folded), in any article, and the surfaces that
have its stem in a language, in articles of that language. A phrase's words find by key alone, exact ones only the
surface that was typed, patterns the surfaces whose keys fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from newsarchive.errors import UsageError
from newsarchive.models.query import Fuzzy, Phrase, Prefix, Term, TextField, Wildcard, Words
from newsarchive.search.analysis import asked_surfaces, is_single, key, stem
from newsarchive.search.native import patterns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.native.decode import Docs
    from newsarchive.search.native.segment import Segment

    Array = NDArray[Any]

MOST_FORMS = 10_000
"""Words of the index that a word of a query may stand for."""


class How(StrEnum):
    """How the surfaces of a piece are found."""

    WORD = "word"
    """By key, and by stem."""
    KEY = "key"
    SURFACE = "surface"
    PREFIX = "prefix"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"


class Piece(NamedTuple):
    """A word of a query, after analysis: what to look for, and at what distance from the first."""

    how: How
    text: str
    offset: int = 0
    distance: int = 0
    """Letters that may differ, of a fuzzy word."""

    @property
    def same(self) -> Piece:
        """The piece without its place: two that are equal so have the same forms."""
        return self._replace(offset=0) if self.offset else self


@dataclass(frozen=True, slots=True)
class Forms:
    """The surfaces of a segment that a piece stands for."""

    terms: Docs
    """Their numbers in the dictionary, ascending."""
    limits: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Of a form that only counts in articles of some languages: the numbers of these languages."""
    others: frozenset[int] = frozenset()
    """Forms that are not as the word was typed."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The forms of one piece, in all segments."""

    field: str
    piece: Piece
    forms: tuple[Forms, ...]
    frequency: float
    """Documents that have it, for its weight: as many as there would be if its forms stood independently.

    Exact for one form. To count them would mean to read all forms of all segments before the first score. The most
    frequent form alone, which is smaller, costs 0.008 of nDCG@10.
    """


def index_field(name: TextField | None) -> str:
    """The field of the index where the words of a query's field are."""
    return "author" if name is TextField.AUTHOR else "text"


def pieces(node: Words) -> list[Piece]:
    """The words of a node of a query, in order.

    >>> pieces(Term("covid-19"))[1]
    Piece(how=<How.WORD: 'word'>, text='19', offset=1, distance=0)
    """
    if isinstance(node, Wildcard):
        return [Piece(How.WILDCARD, patterns.folded(node.text))]
    found = asked_surfaces(node.text, prefix=isinstance(node, Prefix))
    how = _how(node)
    return [
        Piece(_how_of(how, piece.prefix, is_single(piece)), piece.text, piece.offset, getattr(node, "distance", 0))
        for piece in found
    ]


def _how(node: Words) -> How:
    if isinstance(node, Term | Phrase) and node.exact:
        return How.SURFACE
    if isinstance(node, Fuzzy):
        return How.FUZZY
    return How.WORD if isinstance(node, Term) and node.field is not TextField.AUTHOR else How.KEY


def _how_of(how: How, is_prefix: bool, single: bool) -> How:  # noqa: FBT001 - private, called in one place
    return How.PREFIX if is_prefix or single else how


def group(segments: Sequence[Segment], name: str, piece: Piece) -> Group:
    """The forms of a piece in the segments of an index.

    Raises:
        UsageError: there are too many.
    """
    forms = tuple(_forms(segment, name, piece) for segment in segments)
    frequencies = (
        expected_frequency(segment.postings(name).frequencies(found.terms), segment.size)
        for segment, found in zip(segments, forms, strict=True)
        if len(found.terms)
    )
    return Group(name, piece, forms, sum(frequencies))


def expected_frequency(frequencies: Array, documents: int) -> float:
    """How many documents of so many have one of several words, if the words stand independently of one another.

    >>> expected_frequency(np.array([50, 50]), 100), round(expected_frequency(np.array([7]), 100), 9)
    (75.0, 7.0)
    """
    return documents * (1 - float(np.prod(1 - frequencies / documents)))


def _forms(segment: Segment, name: str, piece: Piece) -> Forms:
    if piece.how is How.WORD:
        return _word(segment, name, piece.text)
    if piece.how is How.KEY:
        return _by_key(segment, name, piece.text)
    if piece.how is How.SURFACE:
        number = segment.postings(name).terms.find(piece.text.encode())
        return Forms(np.array([number] if number >= 0 else [], np.intp))
    return Forms(surfaces_of(segment, name, piece))


def surfaces_of(segment: Segment, name: str, piece: Piece) -> Docs:
    """The numbers of the surfaces that a pattern stands for, ascending.

    Raises:
        UsageError: there are too many.
    """
    terms = patterns.matching(segment, name, piece)
    if len(terms) > MOST_FORMS:
        message = f"{piece.text!r} stands for {len(terms):,} words of the index, more than {MOST_FORMS:,}"
        raise UsageError(message, tip="write more of its letters")
    return terms


def of_key(segment: Segment, name: str, folded: str) -> list[int]:
    """The numbers of the surfaces that have a key."""
    table = segment.table("fold" if name == "text" else f"{name}.fold")
    if table is not None and (members := table.of(folded.encode())):
        return members
    number = segment.postings(name).terms.find(folded.encode())
    return [number] if number >= 0 else []


def _by_key(segment: Segment, name: str, surface: str) -> Forms:
    members = sorted(of_key(segment, name, key(surface)))
    return Forms(np.array(members, np.intp), others=_others(segment, name, members, surface))


def _others(segment: Segment, name: str, members: Sequence[int], surface: str) -> frozenset[int]:
    typed = segment.postings(name).terms.find(surface.encode())
    return frozenset(members) - {typed}


def _word(segment: Segment, name: str, surface: str) -> Forms:
    anywhere = set(of_key(segment, name, key(surface)))
    limits: dict[int, set[int]] = {}
    if name == "text":
        for language in segment.stemmed:
            for member in _of_stem(segment, language, stem(surface, language)):
                if member not in anywhere:
                    limits.setdefault(member, set()).update(segment.languages.get(language, ()))
    members = sorted(anywhere | limits.keys())
    return Forms(
        np.array(members, np.intp),
        {member: frozenset(languages) for member, languages in limits.items() if not segment.speaks_only(languages)},
        _others(segment, name, members, surface),
    )


def _of_stem(segment: Segment, language: str, bare: str) -> list[int]:
    """The numbers of the surfaces that have a stem in a language."""
    table = segment.table(f"stem:{language}")
    if table is not None and (members := table.of(bare.encode())):
        return members
    # A stem that stands for itself alone has no entry; nor has one that no article of the language has.
    number = segment.postings("text").terms.find(bare.encode())
    if number < 0 or stem(bare, language) != bare:
        return []
    spoken = segment.column("lang").take(segment.postings("text").documents(number))
    return [number] if np.isin(spoken, list(segment.languages.get(language, ()))).any() else []
