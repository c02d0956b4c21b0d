"""What the index takes of a document, and the record of it that the index keeps.

The record holds the words of the texts, not the texts: enough to compare positions, and to write the document anew when
its segment is to be left behind (the library cannot be asked to merge segments, see `writer`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.analysis import LEAD_WORDS, analysed, key, keyword, name_key, stem, stem_language, surfaces
from newsarchive.search.document import (
    LONGEST_HEADLINE,
    LONGEST_ID,
    VALUE_GAP,
    id_bytes,
    month_of,
    properties_of,
    url_key,
)
from newsarchive.search.tantivy_engine.fields import EXTRA, GAP, KEY, RECORD, STEP, UNSIGNED_FIELDS
from newsarchive.search.tantivy_engine.library import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.search.document import Document

LONGEST_VALUE: Final = 60_000
"""Bytes of a value that is shown, which the library can hold."""

_MOST_WORDS: Final = 300_000
"""Words of a language whose forms are remembered: some 60 MB."""

Extras = list[tuple[int, str]]
Stretch = tuple[str, Extras]
"""Words, a space between, and what stands beside them: places and words, by place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document, analysed: all that the index holds of it."""

    id: str
    speech: str
    """The language whose stemmer reads it, or ""."""
    headline: Stretch
    body: Stretch
    authors: list[Stretch]
    values: dict[str, list[str]] = field(default_factory=dict)
    """By field, as they are compared or shown."""
    numbers: dict[str, int] = field(default_factory=dict)
    """By field; what is not known is absent."""

    def record(self) -> bytes:
        """The entry as the index keeps it."""
        return json.dumps([getattr(self, name) for name in _NAMES], ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def of_record(cls, data: bytes) -> Entry:
        """The entry that `record` wrote."""
        return cls(*json.loads(data))

    def marked(self, values: dict[str, list[str]], numbers: dict[str, int]) -> Entry:
        """The entry with more values and numbers."""
        return replace(self, values=self.values | values, numbers=self.numbers | numbers)


_NAMES: Final = tuple(name for name in Entry.__slots__)


def entry_of(document: Document) -> Entry:
    """Analyse a document.

    Raises:
        ValueError: its id is not 1 to 16 ASCII characters.
    """
    id_bytes(document.id)
    category, source = document.category, document.sources[0] if document.sources else None
    values = {
        "category": _keys(keyword, (category or "", *document.categories)),
        "tag": _keys(keyword, document.tags),
        "source": _keys(name_key, document.sources),
        "language": _keys(name_key, (document.language or "",)),
        "url": [url_key(document.url)] if document.url else [],
        "state": [state.value for state in document.states],
        "has": [name.value for name, held in properties_of(document).items() if held],
        "shown_category": _shown((category,)),
        "shown_source": _shown((source,)),
        "shown_language": _keys(name_key, (document.language or "",)),
        "shown_author": _shown(document.authors),
    }
    times = {"published": document.published, "seen": document.first_seen, "changed": document.changed}
    numbers = {name: int(moment.timestamp() // 1) for name, moment in times.items() if moment is not None}
    numbers |= {"words": document.word_count, "versions": document.versions}
    if document.published is not None:
        numbers["month"] = month_of(document.published)
    return Entry(
        id=document.id,
        speech=stem_language(document.language or ""),
        headline=_stretch(document.headline, most=LONGEST_HEADLINE),
        body=_stretch(document.body),
        authors=[(" ".join(surfaces(author)), []) for author in document.authors],
        values={name: found for name, found in values.items() if found},
        numbers=numbers,
    )


def library_document(entry: Entry) -> Any:  # noqa: ANN401 - a tantivy.Document
    """The entry as the library takes it."""
    made = library().Document()
    made.add_text("id", entry.id)
    for name, number in zip(("id_high", "id_low"), id_numbers(entry.id), strict=True):
        made.add_unsigned(name, number)
    if entry.speech:
        made.add_text("speech", entry.speech)
    _put_words(made, "headline", entry.headline)
    _put_words(made, "body", entry.body)
    _put_words(made, "lead", lead_of(entry.body))
    _put_authors(made, entry.authors)
    made.add_text("forms", "".join(map(_forms_of(entry.speech).__getitem__, surfaces_of((entry.headline, entry.body)))))
    made.add_text("author_forms", "".join(map(_forms_of("").__getitem__, surfaces_of(entry.authors))))
    for name, values in entry.values.items():
        for value in values:
            made.add_text(name, value)
    for name, number in entry.numbers.items():
        (made.add_unsigned if name in UNSIGNED_FIELDS else made.add_integer)(name, number)
    made.add_bytes(RECORD, entry.record())
    return made


def lead_of(body: Stretch) -> Stretch:
    """The first words of a body."""
    words = body[0].split(" ", LEAD_WORDS)[:LEAD_WORDS]
    return " ".join(words), [(place, word) for place, word in body[1] if place < LEAD_WORDS]


def surfaces_of(stretches: Iterable[Stretch]) -> set[str]:
    """The distinct words of stretches, and those beside them."""
    found: set[str] = set()
    for words, extras in stretches:
        found.update(words.split(" "))
        found.update([word for _, word in extras])
    found.discard("")
    return found


def id_numbers(text: str) -> tuple[int, int]:
    """An id as two numbers of 64 bits; pairs of numbers have the order of the ids."""
    data = text.encode("ascii").ljust(LONGEST_ID, b"\0")
    return int.from_bytes(data[:8], "big"), int.from_bytes(data[8:], "big")


def id_text(high: int, low: int) -> str:
    """The id that `id_numbers` gave."""
    return (high.to_bytes(8, "big") + low.to_bytes(8, "big")).rstrip(b"\0").decode("ascii")


def _stretch(text: str, *, most: int | None = None) -> Stretch:
    found = analysed(text)
    extras = found.extras if most is None else [(place, word) for place, word in found.extras if place < most]
    return " ".join(found.words[:most]), extras


def _put_words(made: Any, name: str, stretch: Stretch) -> None:  # noqa: ANN401 - a tantivy.Document
    words, extras = stretch
    if not words:
        return
    if not extras:
        made.add_text(name, words.replace(" ", f" {GAP} "))
        return
    beside = dict(extras)
    if len(beside) < len(extras):
        # More than one word beside another: positions can then only be given with tokens.
        made.add_pre_tokenized_text(name, _tokens([(0, stretch)]))
        return
    slots = [GAP] * (STEP * (words.count(" ") + 1))
    slots[::STEP] = words.split(" ")
    for place, word in extras:
        slots[STEP * place + 1] = EXTRA + word
    made.add_text(name, " ".join(slots))


def _put_authors(made: Any, authors: Sequence[Stretch]) -> None:  # noqa: ANN401 - a tantivy.Document
    placed: list[tuple[int, Stretch]] = []
    start = 0
    for stretch in authors:
        placed.append((start, stretch))
        start += len(stretch[0].split(" ")) * bool(stretch[0]) + VALUE_GAP
    if placed:
        made.add_pre_tokenized_text("author", _tokens(placed))


def _tokens(placed: Iterable[tuple[int, Stretch]]) -> Any:  # noqa: ANN401 - a tantivy.PreTokenizedString
    tantivy = library()
    found: list[tuple[int, str]] = []
    for start, (words, extras) in placed:
        found += [(STEP * place, word) for place, word in enumerate(words.split(" "), start) if word]
        found += [(STEP * (start + place) + 1, EXTRA + word) for place, word in extras]
    found.sort()
    return tantivy.PreTokenizedString("", [tantivy.Token(word, place, 0, 0) for place, word in found])


class _Forms(dict[str, str]):
    """The terms of `forms` for each word, with a space before each; what was met before costs one look-up."""

    def __init__(self, speech: str) -> None:
        super().__init__()
        self._speech = speech

    def __missing__(self, word: str) -> str:
        found = "" if word.isascii() or (bare := key(word)) == word else f" {KEY}{bare}|{word}"
        if self._speech and (root := stem(word, self._speech)) != word:
            found += f" {self._speech}:{root}|{word}"
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[word] = found
        return found


_forms_of = lru_cache(maxsize=64)(_Forms)


def _keys(make: Any, values: Iterable[str]) -> list[str]:  # noqa: ANN401 - keyword or name_key
    return list(dict.fromkeys(found for value in values if (found := make(value))))


def _shown(values: Iterable[str | None]) -> list[str]:
    cut = (value.encode()[:LONGEST_VALUE].decode(errors="ignore") for value in values if value)
    return list(dict.fromkeys(cut))
