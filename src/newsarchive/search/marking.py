"""Where a text matches a query: the places that the index would find, found without reading the text word by word.

A pattern finds where a word begins with a letter that one of the wanted words may begin with; only what stands there,
up to the next space, is taken apart, by the same analysis that made the index, and remembered for the next text. Words
in between are counted only where a phrase or a nearness asks how far apart others are.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from newsarchive.models.query import (
    And,
    AtLeast,
    Fuzzy,
    Near,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Some,
    Term,
    TextField,
    Wildcard,
    Words,
)
from newsarchive.search.analysis import LEAD_WORDS, asked_surfaces, is_single, key, located, surfaces
from newsarchive.search.vocabulary import How, Looked, Piece, Vocabulary, count_words, wild_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Part = Literal["headline", "body"]
_FIELDS: Final[dict[Part, frozenset[TextField | None]]] = {
    "headline": frozenset({None, TextField.HEADLINE}),
    "body": frozenset({None, TextField.BODY, TextField.LEAD}),
}
"""The fields of which the words stand in a part; None is no field."""
_PLACE: Final = itemgetter(0)
_END: Final = itemgetter(1)
_FAR: Final = 1 << 20
"""Positions between two words that are too far apart to be compared."""


class Mark(NamedTuple):
    """A place that matches: characters from `start` to `end`, and which of the query's words it is."""

    start: int
    end: int
    number: int


class _Span(NamedTuple):
    first: int
    """Position of the first word."""
    last: int
    start: int
    end: int


class _Leaf(NamedTuple):
    number: int
    pieces: tuple[Piece, ...]
    lead: bool


class _Together(NamedTuple):
    """Words that count only near each other: each part is any of its leaves."""

    parts: tuple[tuple[_Leaf, ...], ...]
    distance: int
    ordered: bool


class _Apart(NamedTuple):
    """Words that count only where no others are near."""

    part: tuple[_Leaf, ...]
    other: tuple[_Leaf, ...]
    distance: int
    ordered: bool


_Node = _Leaf | _Together | _Apart


class Marker:
    """Marks what a query matches; one serves for all texts of an answer.

    Args:
        query: the question. What is negated is not marked, nor are properties.
    """

    def __init__(self, query: Query) -> None:
        self._count = 0
        self._nodes = {name: list(self._planned(query, fields)) for name, fields in _FIELDS.items()}
        leaves = [leaf for nodes in self._nodes.values() for node in nodes for leaf in _leaves(node)]
        self._pieces = tuple({piece.same: None for leaf in leaves for piece in leaf.pieces})
        self._reach = max((_reach(node) for nodes in self._nodes.values() for node in nodes), default=0)
        self._lead = any(leaf.lead for leaf in leaves)
        self._vocabularies: dict[str, Vocabulary] = {}

    def marks(self, text: str, part: Part = "body", *, language: str | None = None) -> list[Mark]:
        """Every place of the text that matches, by start, then end.

        Args:
            text: a headline or a body, whole: its beginning is the lead.
            part: which of the two it is.
            language: of the article; without it only the form that is typed is marked, as only it was found.
        """
        nodes = self._nodes[part]
        places = self._places(text, self._vocabulary(language or "")) if nodes else {}
        if not places:
            return []
        lead = _lead_end(text) if self._lead and part == "body" else 0
        return sorted({mark for node in nodes for mark in _marks(node, places, lead)})

    def _planned(self, query: Query, fields: frozenset[TextField | None]) -> Iterable[_Node]:
        match query:
            case And() | Or() | Some():
                for part in query.parts:
                    yield from self._planned(part, fields)
            case AtLeast():
                yield from self._planned(query.part, fields)
            case Near():
                parts = tuple(tuple(self._words(part, fields)) for part in query.parts)
                if all(parts):
                    yield _Together(parts, query.distance, query.ordered)
            case NotNear():
                words, others = (tuple(self._words(each, fields)) for each in (query.part, query.other))
                yield _Apart(words, others, query.distance, query.ordered)
            case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
                yield from self._words(query, fields)
            case _:
                pass

    def _words(self, query: Query, fields: frozenset[TextField | None]) -> Iterable[_Leaf]:
        """Words, or an Or of words."""
        if isinstance(query, Or):
            for part in query.parts:
                yield from self._words(part, fields)
        elif isinstance(query, Words) and query.field in fields and (pieces := _pieces(query)):
            self._count += 1
            yield _Leaf(self._count - 1, pieces, query.field is TextField.LEAD)

    def _vocabulary(self, language: str) -> Vocabulary:
        found = self._vocabularies.get(language)
        if found is None:
            found = self._vocabularies[language] = Vocabulary(self._pieces, language)
        return found

    def _places(self, text: str, vocabulary: Vocabulary) -> _Places:
        """For each piece the positions where it stands, and the characters of each; positions count from anywhere."""
        found: _Places = {piece: {} for piece in self._pieces}
        position = done = words = start = 0
        stretches = [*vocabulary.stretches(text), *vocabulary.names(text)]
        for begin, end, looked in sorted(stretches, key=_PLACE):
            if not self._reach:
                position = begin  # no one asks how far apart words are
            elif begin < done:  # a name inside the stretch before
                inside = position - words + len(surfaces(text[start:begin]))
                _add(found, looked, begin, inside)
                continue
            else:
                position += _words_between(text, done, begin, self._reach)
            _add(found, looked, begin, position)
            position, done, words, start = position + looked.words, end, looked.words, begin
        return found if any(found.values()) else {}


_Places = dict[Piece, dict[int, tuple[int, int]]]
_Numbered = tuple[_Span, int]


def _add(found: _Places, looked: Looked, begin: int, position: int) -> None:
    for word in looked.found:
        place = (begin + word.start, begin + word.end)
        for piece in word.pieces:
            at = position + word.at
            # Of a word and the joined word that begins with it, the longer one shows what was found.
            found[piece][at] = max(place, found[piece].get(at, place), key=_END)


def _words_between(text: str, start: int, end: int, reach: int) -> int:
    """How many words stand between two places; `_FAR` where they are more than matter."""
    gap = text[start:end]
    if gap.isspace() or not gap:
        return 0
    parts = gap.split(None, reach + 1)
    if sum(map(str.isalnum, parts[: reach + 1])) > reach:
        return _FAR
    words = sum(map(count_words, gap.split() if len(parts) > reach else parts))
    return words if words <= reach else _FAR


def _lead_end(text: str) -> int:
    """Where the lead of a body ends, in characters."""
    for size in (LEAD_WORDS * 12, LEAD_WORDS * 60, len(text)):
        piece = text[:size]
        places = located(piece)[1]
        if len(places) > LEAD_WORDS or size >= len(text):  # the last word of the piece may have been cut
            return places[min(LEAD_WORDS, len(places)) - 1][1] if places else 0
    return len(text)


def _marks(node: _Node, places: _Places, lead: int) -> Iterable[Mark]:
    if isinstance(node, _Leaf):
        return (Mark(span.start, span.end, node.number) for span in _spans(node, places, lead))
    if isinstance(node, _Apart):
        part, other = (_numbered(leaves, places, lead) for leaves in (node.part, node.other))
        return [_mark(one) for one in part if not _has_near(one[0], other, node)]
    parts = [_numbered(leaves, places, lead) for leaves in node.parts]
    if not all(parts):
        return []
    return [_mark(one) for one in (_in_order if node.ordered else _in_stretches)(parts, node.distance)]


def _mark(one: _Numbered) -> Mark:
    span, number = one
    return Mark(span.start, span.end, number)


def _numbered(leaves: Sequence[_Leaf], places: _Places, lead: int) -> list[_Numbered]:
    return sorted((span, leaf.number) for leaf in leaves for span in _spans(leaf, places, lead))


def _spans(leaf: _Leaf, places: _Places, lead: int) -> list[_Span]:
    first, *others = leaf.pieces
    spans: list[_Span] = []
    for position, (start, end) in places[first.same].items():
        last, stop = position, end
        for piece in others:
            last = position + piece.offset
            place = places[piece.same].get(last)
            if place is None:
                break
            stop = max(stop, place[1])
        else:
            if not leaf.lead or stop <= lead:
                spans.append(_Span(position, last, start, stop))
    return spans


def _has_near(span: _Span, others: Sequence[_Numbered], node: _Apart) -> bool:
    """Whether another span is too near; see `newsarchive.search.native.near.apart`."""
    least = span.first + 1 if node.ordered else span.first - node.distance
    return any(
        (other.first >= least if node.ordered else other.last >= least) and other.first <= span.last + node.distance
        for other, _ in others
    )


def _in_order(parts: list[list[_Numbered]], distance: int) -> list[_Numbered]:
    """The spans that stand in a chain of all parts, each at most so far behind the one before."""
    chains = [parts[0]]
    for part in parts[1:]:
        before = sorted({span.last for span, _ in chains[-1]})
        chains.append([one for one in part if _within(before, one[0].first - distance, one[0].first - 1)])
    kept = [chains[-1]]
    for part in reversed(chains[:-1]):
        after = sorted({span.first for span, _ in kept[-1]})
        kept.append([one for one in part if _within(after, one[0].last + 1, one[0].last + distance)])
    return [one for part in kept for one in part]


def _within(ascending: Sequence[int], least: int, most: int) -> bool:
    at = bisect_left(ascending, least)
    return at < len(ascending) and ascending[at] <= most


def _in_stretches(parts: list[list[_Numbered]], distance: int) -> list[_Numbered]:
    """The spans of every stretch that holds all parts; see `newsarchive.search.native.near.together`."""
    every = sorted((one, number) for number, part in enumerate(parts) for one in part)
    kept: list[_Numbered] = []
    stretch: list[tuple[_Numbered, int]] = []
    reach = 0
    for entry in [*every, None]:
        if entry is None or (stretch and entry[0][0].first - reach > distance):
            held = {number for _, number in stretch}
            begins = {one[0].first for one, _ in stretch}
            if len(held) == len(parts) and len(begins) >= len(parts):
                kept += [one for one, _ in stretch]
            stretch = []
        if entry is not None:
            reach = max(reach, entry[0][0].last) if stretch else entry[0][0].last
            stretch.append(entry)
    return kept


def _leaves(node: _Node) -> Iterable[_Leaf]:
    match node:
        case _Leaf():
            yield node
        case _Together():
            for part in node.parts:
                yield from part
        case _Apart():
            yield from (*node.part, *node.other)


def _reach(node: _Node) -> int:
    """How many words between two may matter."""
    own = 0 if isinstance(node, _Leaf) else node.distance
    return max([own, *(leaf.pieces[-1].offset for leaf in _leaves(node))])


def _pieces(words: Words) -> tuple[Piece, ...]:
    """What a leaf of the query looks for, as `newsarchive.search.native.forms` does in the index."""
    if isinstance(words, Wildcard):
        pattern = wild_pattern(words.text)
        return (Piece(How.WILDCARD, pattern, pattern),) if pattern else ()
    how = _how(words)
    found = asked_surfaces(words.text, prefix=isinstance(words, Prefix))
    return tuple(
        Piece(
            How.PREFIX if piece.prefix or is_single(piece) else how,
            piece.text,
            key(piece.text),
            offset=piece.offset,
            distance=words.distance if isinstance(words, Fuzzy) else 0,
            single=is_single(piece),
        )
        for piece in found
    )


def _how(words: Words) -> How:
    match words:
        case Term(exact=True) | Phrase(exact=True):
            return How.SURFACE
        case Fuzzy():
            return How.FUZZY
        case Term():
            return How.WORD
        case _:
            return How.KEY
