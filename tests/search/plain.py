"""What a query finds and how it scores, read from the documents word by word: slow, plain, and no NumPy.

It knows the rules of the search, not the files of the index. `Plain` is handed the documents of each segment, deleted
ones included, since the weight of a word depends on them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from math import log, prod
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.models import query as q
from newsarchive.search.analysis import (
    LEAD_WORDS,
    analysed,
    asked_surfaces,
    is_single,
    key,
    keyword,
    name_key,
    stem,
    stem_language,
    surfaces,
)
from newsarchive.search.document import VALUE_GAP
from newsarchive.search.native import ranking
from newsarchive.search.native.layout import BODY_START, LENGTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsarchive.search import Document

Span = tuple[int, int]


class Piece(NamedTuple):
    """A word of a query."""

    how: str
    text: str
    offset: int
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """A document, read."""

    document: Document
    stemmer: str
    words: dict[str, list[tuple[int, str]]]
    """Of text and author, the position and the surface of each word."""
    length: int

    @classmethod
    def of(cls, document: Document) -> Read:
        headline, body = analysed(document.headline), analysed(document.body)
        text = [*enumerate(headline.words), *headline.extras]
        text += [(BODY_START + at, word) for at, word in [*enumerate(body.words), *body.extras]]
        authors: list[tuple[int, str]] = []
        start = 0
        for author in document.authors:
            found = surfaces(author)
            authors += enumerate(found, start)
            start += len(found) + VALUE_GAP
        length = len(headline.words) + len(body.words)
        return cls(document, stem_language(document.language or ""), {"text": text, "author": authors}, length)


class Plain:
    """The documents of an index, by segment."""

    def __init__(self, segments: Sequence[Sequence[Document]], copies: frozenset[str] = frozenset()) -> None:
        self._segments = [[Read.of(document) for document in segment] for segment in segments]
        self._copies = copies
        every = [read for segment in self._segments for read in segment]
        self._count = len(every)
        self._average = sum(read.length for read in every) / max(len(every), 1) or 1.0

    def answers(self, query: q.Query, gone: Callable[[int, int], bool] = lambda *_: False) -> dict[str, float]:
        """The ids that answer, with their scores; documents that are gone (by segment and number) left out."""
        return {
            read.document.id: self._score(query, read)
            for segment, documents in enumerate(self._segments)
            for number, read in enumerate(documents)
            if not gone(segment, number) and self._matches(query, read)
        }

    def _matches(self, query: q.Query, read: Read) -> bool:  # noqa: PLR0911 - one return per kind of node
        match query:
            case q.Term() | q.Phrase() | q.Prefix() | q.Wildcard() | q.Fuzzy():
                return bool(_spans(query, read))
            case q.And():
                return all(self._matches(part, read) for part in query.parts)
            case q.Or():
                return any(self._matches(part, read) for part in query.parts)
            case q.Some():
                return sum(self._matches(part, read) for part in set(query.parts)) >= query.least
            case q.Not():
                return not self._matches(query.part, read)
            case q.Near():
                spans = [_spans(part, read) for part in query.parts]
                return (_chained if query.ordered else _gathered)(spans, query.distance)
            case q.NotNear():
                others = _spans(query.other, read)
                return any(
                    not any(_is_near(span, other, query.distance, ordered=query.ordered) for other in others)
                    for span in _spans(query.part, read)
                )
            case q.AtLeast():
                return len({start for start, _ in _spans(query.part, read)}) >= query.count
            case q.Is(state=q.State.COPY):
                return read.document.id in self._copies
            case _:
                return _has(query, read.document)

    def _score(self, query: q.Query, read: Read) -> float:
        match query:
            case q.Term() | q.Phrase() | q.Prefix() | q.Wildcard() | q.Fuzzy():
                distinct = {piece._replace(offset=0) for piece in pieces(query)}
                return sum(self._word(_field(query), piece, read) for piece in distinct)
            case q.And() | q.Near():
                return sum(self._score(part, read) for part in query.parts)
            case q.Or() | q.Some():
                return sum(self._score(part, read) for part in query.parts if self._matches(part, read))
            case q.NotNear() | q.AtLeast():
                return self._score(query.part, read)
            case _:
                return 0.0

    def _word(self, field: str, piece: Piece, read: Read) -> float:
        weight = 0.0
        forms = {word for _, word in read.words[field] if _fits(piece, word, read.stemmer, field)}
        for form in forms:
            places = [at for at, word in read.words[field] if word == form]
            in_text = field == "text"
            heads = sum(at < BODY_START for at in places) if in_text else 0
            in_lead = in_text and any(BODY_START <= at < BODY_START + LEAD_WORDS for at in places)
            one = min(len(places), 31) + ranking.W_HEADLINE * min(heads, 3) + ranking.W_LEAD * in_lead
            weight += one * (ranking.FORM_FACTOR if form != piece.text and piece.how in {"word", "key"} else 1)
        norm = 1.0
        if field == "text":
            length = max(step for step in LENGTHS if step <= read.length)
            norm = 1 - ranking.B + ranking.B * length / self._average
        frequency = sum(self._frequency(field, piece, segment) for segment in self._segments)
        idf = log(1 + (self._count - frequency + 0.5) / (frequency + 0.5))
        return idf * weight * (ranking.K1 + 1) / (weight + ranking.K1 * norm)

    def _frequency(self, field: str, piece: Piece, segment: list[Read]) -> float:
        """How many documents have the word, if its forms stood independently of one another."""
        having: dict[str, set[int]] = defaultdict(set)
        forms: set[str] = set()
        for number, read in enumerate(segment):
            for _, word in read.words[field]:
                having[word].add(number)
                if _fits(piece, word, read.stemmer, field):
                    forms.add(word)
        size = len(segment)
        return size * (1 - prod(1 - len(having[form]) / size for form in forms))


def pieces(query: q.Words) -> list[Piece]:
    """The words of a node of a query."""
    if isinstance(query, q.Wildcard):
        return [
            Piece(
                "wildcard", "".join(part if part in "*?" else key(part) for part in re.split(r"([*?])", query.text)), 0
            )
        ]
    how = {q.Term: "word", q.Phrase: "key", q.Prefix: "word", q.Fuzzy: "fuzzy"}[type(query)]
    if getattr(query, "exact", False):
        how = "surface"
    elif query.field is q.TextField.AUTHOR and how == "word":
        how = "key"
    return [
        Piece(
            "prefix" if piece.prefix or is_single(piece) else how,
            piece.text,
            piece.offset,
            getattr(query, "distance", 0),
        )
        for piece in asked_surfaces(query.text, prefix=isinstance(query, q.Prefix))
    ]


def _field(query: q.Words) -> str:
    return "author" if query.field is q.TextField.AUTHOR else "text"


def _fits(piece: Piece, word: str, stemmer: str, field: str) -> bool:
    if piece.how == "surface":
        return word == piece.text
    bare, asked = key(word), key(piece.text) if piece.how != "wildcard" else piece.text
    if piece.how == "prefix":
        return bare.startswith(asked)
    if piece.how == "wildcard":
        expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in asked)
        return re.fullmatch(expression, bare, re.DOTALL) is not None
    if piece.how == "fuzzy":
        return letters_apart(bare, asked) <= piece.distance
    if bare == asked:
        return True
    stems = piece.how == "word" and field == "text" and stemmer != ""
    return stems and stem(word, stemmer) == stem(piece.text, stemmer)


def letters_apart(one: str, other: str) -> int:
    """Letters added, left out, replaced, or two neighbours exchanged, no letter touched twice."""
    rows = [list(range(len(other) + 1))]
    for i, char in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (char != against))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == against:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _spans(query: q.Query, read: Read) -> list[Span]:
    """Where a node's words stand: first and last position of each time."""
    if isinstance(query, q.Or):
        return sorted({span for part in query.parts for span in _spans(part, read)})
    assert isinstance(query, q.Words)
    field = _field(query)
    places = [
        {at - piece.offset for at, word in read.words[field] if _fits(piece, word, read.stemmer, field)}
        for piece in pieces(query)
    ]
    if not places:
        return []
    length = pieces(query)[-1].offset
    starts = sorted(set.intersection(*places))
    return [(start, start + length) for start in starts if _lies_in(query.field, start, start + length)]


def _lies_in(field: q.TextField | None, start: int, end: int) -> bool:
    if field is q.TextField.HEADLINE:
        return start < BODY_START
    if field is q.TextField.BODY:
        return start >= BODY_START
    return field is not q.TextField.LEAD or (start >= BODY_START and end < BODY_START + LEAD_WORDS)


def _chained(parts: list[list[Span]], distance: int) -> bool:
    ends = {end for _, end in parts[0]}
    for part in parts[1:]:
        ends = {last for first, last in part if any(0 < first - end <= distance for end in ends)}
    return bool(ends)


def _gathered(parts: list[list[Span]], distance: int) -> bool:
    """A stretch of text with all parts, in which each span is near the end of those before."""
    spans = sorted((*span, number) for number, part in enumerate(parts) for span in part)
    stretch: list[tuple[int, int, int]] = []
    for span in [*spans, (1 << 40, 1 << 40, 0)]:
        if stretch and span[0] - max(end for _, end, _ in stretch) > distance:
            if len({which for *_, which in stretch}) == len(parts) <= len({start for start, *_ in stretch}):
                return True
            stretch = []
        stretch.append(span)
    return False


def _is_near(span: Span, other: Span, distance: int, *, ordered: bool) -> bool:
    if ordered:
        return other[0] > span[0] and other[0] - span[1] <= distance
    return other[0] - span[1] <= distance and span[0] - other[1] <= distance


def _has(query: q.Query, document: Document) -> bool:
    match query:
        case q.Exact():
            return _has_value(query, document)
        case q.DateRange():
            times = {"published": document.published, "seen": document.first_seen, "changed": document.changed}
            time, (start, end) = times[query.field.value], query.span
            return time is not None and (start is None or start <= time) and (end is None or time < end)
        case q.NumberRange():
            number = {"words": document.word_count, "versions": document.versions}[query.field.value]
            return (query.least is None or query.least <= number) and (query.most is None or number <= query.most)
        case q.Has():
            names = {"author": "authors", "tag": "tags"}
            return bool(getattr(document, names.get(query.property.value, query.property.value)))
        case q.Is():
            return query.state in document.states
        case q.Everything():
            return True
        case _:
            raise AssertionError(query)


def _has_value(query: q.Exact, document: Document) -> bool:
    values = {
        q.ExactField.CATEGORY: (keyword, (document.category or "", *document.categories)),
        q.ExactField.TAG: (keyword, document.tags),
        q.ExactField.SOURCE: (name_key, document.sources),
        q.ExactField.LANGUAGE: (name_key, (document.language or "",)),
        q.ExactField.URL: (str, (document.url,)),
    }
    make, given = values[query.field]
    held = [value for text in given if (value := make(text))]
    wanted = make(query.text)
    return any(value.startswith(wanted) if query.prefix else value == wanted for value in held)
