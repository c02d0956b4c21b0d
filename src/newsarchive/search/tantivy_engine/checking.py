"""Where the library has no query: positions of words, read from the records of documents and compared all at once.

What near means is said and done in `newsarchive.search.native.near`; here its sorted numbers are made from records.
"""

from __future__ import annotations

import json
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.errors import UsageError
from newsarchive.models.query import Fuzzy, Or, Phrase, Prefix, Query, Term, TextField, Wildcard, Words
from newsarchive.search.analysis import LEAD_WORDS
from newsarchive.search.document import VALUE_GAP
from newsarchive.search.native import near
from newsarchive.search.native.forms import index_field, pieces
from newsarchive.search.native.layout import BODY_START
from newsarchive.search.tantivy_engine.fields import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from newsarchive.search.tantivy_engine.dictionary import Dictionary

    Array = NDArray[Any]

_AT_ONCE: Final = 2_000
"""Documents whose words are held at a time."""
_FEW: Final = 8
"""Forms that are looked for one by one in a text, which takes 1 µs each; of more, each word of the text is looked at
(60 µs, a text of 400 words)."""
_SHIFT: Final = 32
"""Bits of a position in a place; above it stands the number of the document."""
_POSITION: Final = (1 << _SHIFT) - 1


class _Reading(NamedTuple):
    """The words of one document, by what they are called in queries."""

    id: str
    speech: str
    text: list[tuple[int, str, list[list[Any]]]]
    """Headline and body: first position, words with a space before and behind each, (place, word) beside them."""
    author: list[tuple[int, str, list[list[Any]]]]


class Batch:
    """Documents whose positions are compared."""

    def __init__(self, dictionary: Dictionary, readings: Sequence[_Reading]) -> None:
        self._dictionary = dictionary
        self._readings = readings

    def ids(self, numbers: Array) -> list[str]:
        """The ids of documents."""
        return [self._readings[number].id for number in numbers.tolist()]

    def spans(self, node: Query) -> near.Spans:
        """All spans of words, or of any of several.

        Raises:
            UsageError: the node has no places in a text.
        """
        match node:
            case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
                return self._words(node)
            case Or():
                return near.joined([self.spans(part) for part in node.parts])
            case _:
                raise UsageError("only words have places in a text", tip="take a word, a phrase, or several with OR")

    def _words(self, node: Words) -> near.Spans:
        asked = pieces(node)
        if not asked:
            return near.spans(np.zeros(0, np.int64))
        name = index_field(node.field)
        places = [self._places(name, self._dictionary.forms(name, piece)) - piece.offset for piece in asked]
        starts = reduce(partial(np.intersect1d, assume_unique=True), places)
        return _inside(near.spans(starts, asked[-1].offset), node.field)

    def _places(self, name: str, forms: Any) -> Array:  # noqa: ANN401 - dictionary.Forms
        found: list[int] = []
        for number, reading in enumerate(self._readings):
            words = forms.read_by(reading.speech)
            held: set[int] = set()
            for start, text, beside in reading.text if name == "text" else reading.author:
                held.update([start + place for place in _places_of(words, text)])
                held.update(start + place for place, word in beside if word in words)
            found += [number << _SHIFT | place for place in sorted(held)]
        return np.array(found, np.int64)


def documents(places: Array) -> Array:
    """The numbers of the documents of places that ascend, each once."""
    return np.unique(places >> _SHIFT)


def counted(places: Array, least: int) -> Array:
    """The numbers of the documents that have at least so many of the places."""
    numbers, counts = np.unique(np.unique(places) >> _SHIFT, return_counts=True)
    found: Array = numbers[counts >= least]
    return found


def checked(
    searcher: Any,  # noqa: ANN401 - a tantivy.Searcher
    dictionary: Dictionary,
    addresses: Sequence[Any],
    test: Callable[[Batch], Array],
) -> Iterator[str]:
    """The ids of those documents that a test finds among them."""
    for start in range(0, len(addresses), _AT_ONCE):
        some = addresses[start : start + _AT_ONCE]
        batch = Batch(dictionary, [_reading(searcher.doc(address).get_first(RECORD)) for address in some])
        yield from batch.ids(test(batch))


def _places_of(words: frozenset[str], text: str) -> list[int]:
    """The places of words in a text of words with a space before and behind each."""
    if len(words) > _FEW:
        return [place for place, word in enumerate(text[1:-1].split(" ")) if word in words]
    found: list[int] = []
    for word in words:
        place, last, at = 0, 0, text.find(f" {word} ")
        while at >= 0:
            place += text.count(" ", last, at)
            found.append(place)
            last, at = at, text.find(f" {word} ", at + 1)
    return found


def _reading(record: bytes) -> _Reading:
    id_, speech, headline, body, authors = json.loads(record)[:5]
    text = [(0, f" {headline[0]} ", headline[1]), (BODY_START, f" {body[0]} ", body[1])]
    by: list[tuple[int, str, list[list[Any]]]] = []
    start = 0
    for words, beside in authors:
        by.append((start, f" {words} ", beside))
        start += (words.count(" ") + 1 if words else 0) + VALUE_GAP
    return _Reading(id_, speech, text, by)


def _inside(spans: near.Spans, part: TextField | None) -> near.Spans:
    """The spans that lie in a part of the text."""
    if part is None or part is TextField.AUTHOR:
        return spans
    starts, ends = spans.starts & _POSITION, spans.ends & _POSITION
    keep = {
        TextField.HEADLINE: starts < BODY_START,
        TextField.BODY: starts >= BODY_START,
        TextField.LEAD: (starts >= BODY_START) & (ends < BODY_START + LEAD_WORDS),
    }[part]
    return near.Spans(spans.starts[keep], spans.ends[keep])
