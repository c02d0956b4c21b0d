"""Documents on their way into a segment: words become numbers here, once, and all that follows is done on arrays.

A batch holds one number per word of text. The numbers stand for words as they are written (`Summit`, `summit`), so a
word that was met before costs two look-ups and no analysis.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from newsarchive.models.query import State
from newsarchive.search.analysis import keyword, name_key, pieces_of, words_of
from newsarchive.search.native.layout import (
    EDITED,
    GONE,
    HEADLINE_EDITED,
    LONGEST_ID,
    LONGEST_URL,
    NONE,
    UNKNOWN_MONTH,
    UNKNOWN_TIME,
    VALUE_FIELDS,
    VALUE_GAP,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from newsarchive.search.document import Document

_STATES: Final = {State.EDITED: EDITED, State.HEADLINE_EDITED: HEADLINE_EDITED, State.GONE: GONE}
_BYTES_PER_WORD: Final = 40
"""Memory that a word of text takes until its segment is written, in the widest moment of `build`; measured."""
_BYTES_PER_FORM: Final = 400
"""Memory that a word takes which was not met before; measured."""


class Numbers(dict[str, int]):
    """Numbers for strings, in the order in which they were first asked for."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class Vocabulary(dict[str, int]):
    """Numbers for words as they are written, and what each consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.surfaces = Numbers()
        self.first = array("I", [0])
        """Where the surfaces of each word begin in `parts`."""
        self.parts = array("I")

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        surfaces = self.surfaces
        self.parts.extend([surfaces[piece] for piece in pieces_of(word)])
        self.first.append(len(self.parts))
        return number


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


class Batch:
    """Documents that become one segment."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.words = array("I")
        """Headline, then body, of each document in turn."""
        self.headline_words = array("I")
        self.body_words = array("I")
        """How many of `words` are of the headline and of the body of each document."""
        self.authors = Values()
        self.author_place = array("I")
        self.author_words = array("I")
        self.values = {field: Values() for field in VALUE_FIELDS}
        self.ids: list[bytes] = []
        self.columns: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self.names = {field: Numbers() for field in ("language", "category", "source", "author")}
        self.author_first = array("I", [0])
        self.author_of = array("I")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def held(self) -> int:
        """Bytes of memory that the batch takes, about, while it is made into a segment."""
        return len(self.words) * _BYTES_PER_WORD + len(self.vocabulary) * _BYTES_PER_FORM

    def add(self, document: Document) -> None:
        """Take a document. When this raises, the batch is of no more use.

        Raises:
            ValueError: its id is not 1 to 16 ASCII characters.
        """
        columns = self.columns
        for name, moment in (
            ("published", document.published),
            ("seen", document.first_seen),
            ("changed", document.changed),
        ):
            columns[name].append(UNKNOWN_TIME if moment is None else int(moment.timestamp() // 1))
        columns["month"].append(_month(document.published))
        columns["words"].append(document.word_count)
        columns["versions"].append(document.versions)
        columns["states"].append(sum(_STATES[state] for state in set(document.states) if state in _STATES))
        columns["has"].append(_has(document))
        self._add_names(document)
        self._add_values(len(self.ids), document)
        self._add_authors(len(self.ids), document.authors)
        self._add_text(document)
        self.ids.append(id_bytes(document.id))

    def _add_text(self, document: Document) -> None:
        numbers, words = self.vocabulary.__getitem__, self.words
        before = len(words)
        words.extend(map(numbers, words_of(document.headline)))
        between = len(words)
        words.extend(map(numbers, words_of(document.body)))
        self.headline_words.append(between - before)
        self.body_words.append(len(words) - between)

    def _add_authors(self, number: int, authors: tuple[str, ...]) -> None:
        start = words = 0
        for author in authors:
            surfaces = [surface for word in words_of(author) for surface in pieces_of(word)]
            for place, surface in enumerate(surfaces, start):
                self.authors.term_of.append(self.authors.terms[surface])
                self.authors.document_of.append(number)
                self.author_place.append(place)
            words += len(surfaces)
            start += len(surfaces) + VALUE_GAP
        self.author_words.append(words)

    def _add_values(self, number: int, document: Document) -> None:
        values = self.values
        values["category"].add(number, _keys(_keyword, (document.category or "", *document.categories)))
        values["tag"].add(number, _keys(_keyword, document.tags))
        values["source"].add(number, _keys(_name_key, document.sources))
        values["language"].add(number, _keys(_name_key, (document.language or "",)))
        if document.url:
            values["url"].add(number, (url_key(document.url),))

    def _add_names(self, document: Document) -> None:
        names, columns = self.names, self.columns
        columns["lang"].append(names["language"][_name_key(document.language or "")])
        columns["category"].append(names["category"][document.category] if document.category else NONE)
        columns["source"].append(names["source"][document.sources[0]] if document.sources else NONE)
        self.author_of.extend([names["author"][name] for name in dict.fromkeys(document.authors) if name])
        self.author_first.append(len(self.author_of))


_keyword = lru_cache(maxsize=1 << 14)(keyword)
_name_key = lru_cache(maxsize=1 << 12)(name_key)


def _keys(key: Callable[[str], str], values: Iterable[str]) -> list[str]:
    return [found for value in values if (found := key(value))]


def _has(document: Document) -> int:
    """Bits in the order of `newsarchive.models.query.Property`."""
    return (
        bool(document.authors)
        | bool(document.category) << 1
        | bool(document.headline) << 2
        | bool(document.language) << 3
        | (document.published is not None) << 4
        | bool(document.tags) << 5
    )


def _month(moment: datetime | None) -> int:
    if moment is None:
        return UNKNOWN_MONTH
    day = moment.astimezone(UTC)
    return (day.year - 1970) * 12 + day.month - 1


def id_bytes(text: str) -> bytes:
    """An id as its column holds it.

    Raises:
        ValueError: not 1 to 16 ASCII characters.
    """
    data = text.encode("ascii")
    if not 0 < len(data) <= LONGEST_ID or b"\0" in data:
        raise ValueError(f"an id has 1 to {LONGEST_ID} ASCII characters, not {text!r}")
    return data


def url_key(url: str) -> str:
    """A URL as its index term."""
    return url.encode()[:LONGEST_URL].decode(errors="ignore").replace("\n", "%0A")
