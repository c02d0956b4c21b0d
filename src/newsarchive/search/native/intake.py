"""Documents on their way into a segment: words become numbers here, once, and all that follows is done on arrays.

A batch holds one number per word of text. The numbers stand for words as they are written (`summit`, `well-known`), so
that a word that was met before costs a look-up and no analysis.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.models.query import State
from newsarchive.search.analysis import LONGEST_WORD, extras_of, keyword, name_key, pieces_of, surfaces, words_of
from newsarchive.search.document import VALUE_GAP, id_bytes, month_of, properties_of, url_key
from newsarchive.search.native.layout import (
    EDITED,
    GONE,
    HEADLINE_EDITED,
    NONE,
    UNKNOWN_MONTH,
    UNKNOWN_TIME,
    VALUE_FIELDS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from newsarchive.search.document import Document

_STATES: Final = {State.EDITED: EDITED, State.HEADLINE_EDITED: HEADLINE_EDITED, State.GONE: GONE}
NUMBER_COLUMNS: Final = ("published", "seen", "changed", "month", "words", "versions", "states", "has")
"""The columns of numbers that come from a `Document`."""
_BYTES_PER_WORD: Final = 10
"""Memory that a word of text takes until its segment is written, in the widest moment of `build`; measured. What
`build` takes for the stretch that it works on is no part of it."""
_BYTES_PER_FORM: Final = 190
"""Memory that a word as it is written takes which was not met before: 155, and more where the table has just doubled;
measured."""
_BYTES_PER_ODD: Final = 16
"""What one takes beside that is not its own surface."""
_BYTES_PER_LETTER: Final = 2
"""Of such a word, what each letter takes beside."""
_BYTES_PER_NUMBER: Final = 4
"""What each number takes by which a word says what it consists of."""
_BYTES_PER_SURFACE: Final = 230
"""Memory that a surface takes which no word is, 80 of it when it is written; measured. In English there are hardly any,
of a stretch of Chinese there are many."""


class Numbers(dict[str, int]):
    """Numbers for strings, in the order in which they were first asked for."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class Vocabulary(dict[str, int]):
    """Numbers for words as they are written, and the surfaces that each consists of.

    Nine words of ten are a surface themselves, as they are written: one number stands for both. The rest are listed as
    odd, with what they consist of.
    """

    def __init__(self) -> None:
        super().__init__()
        self.others = Numbers()
        """Surfaces that are no such words, with numbers of their own."""
        self.odd = array("I")
        """The words that are not their own surface, ascending."""
        self.first = array("I", [0])
        """Where the surfaces of each odd word begin in `parts`."""
        self.parts = array("i")
        """Surfaces: the number of a word, or `~` the number among the others."""
        self.extra_first = array("I", [0])
        """Where the extra surfaces of each odd word begin in `extra_at` and `extra_part`."""
        self.extra_at = array("I")
        """At the position of which of the word's surfaces an extra one stands."""
        self.extra_part = array("i")
        """The extra surfaces, as in `parts`."""
        self._unwritten = 0
        """Words that a text had only as a part of another one when they were met."""
        self._letters = 0
        """Of the odd words; a stretch of Chinese is one word of many."""

    @property
    def held(self) -> int:
        """Bytes of memory that it takes, about."""
        numbers = len(self.parts) + 2 * len(self.extra_part)
        own = len(self) * _BYTES_PER_FORM + len(self.odd) * _BYTES_PER_ODD + len(self.others) * _BYTES_PER_SURFACE
        return own + numbers * _BYTES_PER_NUMBER + self._letters * _BYTES_PER_LETTER

    @property
    def pieces(self) -> float:
        """Surfaces, extra ones among them, that one of its words consists of in the mean."""
        written = len(self) - self._unwritten
        return (written - len(self.odd) + len(self.parts) + len(self.extra_part)) / max(1, written)

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        if not _is_plain(word):
            # The surfaces get their numbers behind that of the word, so that the odd ones ascend.
            self.odd.append(number)
            self._letters += len(word)
            self.parts.extend([self._surface(piece) for piece in pieces_of(word)])
            for at, extra in extras_of(word):
                self.extra_at.append(at)
                self.extra_part.append(self._surface(extra))
            self.first.append(len(self.parts))
            self.extra_first.append(len(self.extra_at))
        return number

    def _surface(self, surface: str) -> int:
        if not _is_plain(surface):
            return ~self.others[surface]
        self._unwritten += surface not in self
        return self[surface]


def _is_plain(word: str) -> bool:
    """Whether analysis would make of a word just what is written; it need not be asked then."""
    return len(word) <= LONGEST_WORD and word.isascii() and word.isalnum() and word == word.lower()


class Values:
    """The whole values of one field, a pair of numbers (value, document) for each."""

    def __init__(self) -> None:
        self.terms = Numbers()
        self.term_of = array("I")
        self.document_of = array("I")

    def add(self, document: int, values: Iterable[str]) -> None:
        """Take the values of a document; one that comes twice counts once."""
        for value in set(values):
            self.term_of.append(self.terms[value])
            self.document_of.append(document)


class Record(NamedTuple):
    """What the columns of a segment keep of a document, but for its id."""

    numbers: tuple[int, ...]
    """In the order of `NUMBER_COLUMNS`."""
    language: str
    category: str | None
    source: str | None
    authors: tuple[str, ...]


def record_of(document: Document) -> Record:
    """The record of a document."""
    return Record(
        numbers=(
            _seconds(document.published),
            _seconds(document.first_seen),
            _seconds(document.changed),
            UNKNOWN_MONTH if document.published is None else month_of(document.published),
            document.word_count,
            document.versions,
            sum(_STATES[state] for state in set(document.states) if state in _STATES),
            sum(held << bit for bit, held in enumerate(properties_of(document).values())),
        ),
        language=_name_key(document.language or ""),
        category=document.category or None,
        source=document.sources[0] if document.sources else None,
        authors=tuple(dict.fromkeys(filter(None, document.authors))),
    )


class Columns:
    """Ids and records of documents, column by column."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.numbers = [array("q") for _ in NUMBER_COLUMNS]
        self.lang = array("I")
        self.category = array("I")
        self.source = array("I")
        self.author_first = array("I", [0])
        self.author_of = array("I")
        self.names = {name: Numbers() for name in ("language", "category", "source", "author")}

    def add(self, id_: bytes, record: Record) -> None:
        """Take the next document."""
        names = self.names
        for column, number in zip(self.numbers, record.numbers, strict=True):
            column.append(number)
        self.lang.append(names["language"][record.language])
        self.category.append(NONE if record.category is None else names["category"][record.category])
        self.source.append(NONE if record.source is None else names["source"][record.source])
        if record.authors:
            self.author_of.extend([names["author"][name] for name in record.authors])
        self.author_first.append(len(self.author_of))
        self.ids.append(id_)


class Batch:
    """Documents that become one segment."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        """Begin a batch; one that follows another goes on with its vocabulary, which spares most of the analysis."""
        self.vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self.words = array("I")
        """Headline, then body, of each document in turn."""
        self.headline_words = array("I")
        self.body_words = array("I")
        """How many of `words` are of the headline and of the body of each document."""
        self.authors = Values()
        self.author_place = array("I")
        self.author_words = 0
        self.values = {field: Values() for field in VALUE_FIELDS}
        self.columns = Columns()

    def __len__(self) -> int:
        return len(self.columns.ids)

    @property
    def held(self) -> int:
        """Bytes of memory that the batch takes, about, while it is made into a segment."""
        words = len(self.words) * max(1.0, self.vocabulary.pieces)
        return int(words * _BYTES_PER_WORD) + self.vocabulary.held

    def add(self, document: Document) -> None:
        """Take a document. When this raises, the batch is of no more use.

        Raises:
            ValueError: its id is not 1 to 16 ASCII characters.
        """
        number = len(self)
        for field, values in keys_of(document).items():
            self.values[field].add(number, values)
        for start, words in author_stretches(document.authors):
            self.author_words += len(words)
            self.author_place.extend(range(start, start + len(words)))
            self.authors.term_of.extend([self.authors.terms[word] for word in words])
            self.authors.document_of.extend([number] * len(words))
        self._add_text(document)
        self.columns.add(id_bytes(document.id), record_of(document))

    def _add_text(self, document: Document) -> None:
        numbers, words = self.vocabulary.__getitem__, self.words
        before = len(words)
        words.extend(map(numbers, words_of(document.headline)))
        between = len(words)
        words.extend(map(numbers, words_of(document.body)))
        self.headline_words.append(between - before)
        self.body_words.append(len(words) - between)


def author_stretches(authors: Iterable[str]) -> list[tuple[int, list[str]]]:
    """The words of each author, and the position of the first one."""
    stretches: list[tuple[int, list[str]]] = []
    start = 0
    for author in authors:
        words = surfaces(author)
        stretches.append((start, words))
        start += len(words) + VALUE_GAP
    return stretches


def keys_of(document: Document) -> dict[str, list[str]]:
    """The terms of the whole values of a document, by field; only fields that have some."""
    found = {
        "category": _keys(_keyword, (document.category or "", *document.categories)),
        "tag": _keys(_keyword, document.tags),
        "source": _keys(_name_key, document.sources),
        "language": _keys(_name_key, (document.language or "",)),
        "url": _keys(url_key, (document.url,)),
    }
    return {field: values for field, values in found.items() if values}


_keyword = lru_cache(maxsize=1 << 14)(keyword)
_name_key = lru_cache(maxsize=1 << 12)(name_key)


def _keys(key: Callable[[str], str], values: Iterable[str]) -> list[str]:
    return [found for value in values if (found := key(value))]


def _seconds(moment: datetime | None) -> int:
    return UNKNOWN_TIME if moment is None else int(moment.timestamp() // 1)
