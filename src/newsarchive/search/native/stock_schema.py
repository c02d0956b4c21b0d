"""The schema of the index for Whoosh, and a document as Whoosh's own writer takes it."""

from __future__ import annotations

from functools import lru_cache
from operator import sub
from pickle import dumps
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from whoosh import columns, fields, formats

from newsarchive.search import copies
from newsarchive.search.analysis import analysed
from newsarchive.search.document import LONGEST_HEADLINE, id_bytes
from newsarchive.search.native.intake import author_stretches, keys_of, record_of
from newsarchive.search.native.layout import BODY_START, UNKNOWN_TIME, VALUE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.search.analysis import Analysed
    from newsarchive.search.document import Document
    from newsarchive.search.native.intake import Record

_COUNT: Final = Struct("!I").pack
Posting = tuple[bytes, int, float, bytes]
Stretches = list[tuple[int, list[str]]]
"""Words that follow one another, each stretch with the position of its first word."""


class Kept(NamedTuple):
    """What Whoosh's writer hands to our codec of a document, beside its postings."""

    id: bytes
    record: Record
    heading: int
    """Words of the headline."""
    length: int
    """Words of headline and body."""
    author_words: int
    sketch: bytes
    """See `copies.py`."""


class Words(fields.FieldType):  # type: ignore[misc]  # Whoosh has no type information
    """Words with positions. Its values are `Stretches`, not text."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def index(self, value: Stretches, **_options: Any) -> Iterator[Posting]:  # noqa: ANN401 - Whoosh's signature
        """Yield (word, frequency, weight, encoded positions) of a document."""
        positions: dict[str, set[int]] = {}
        for start, words in value:
            for position, word in enumerate(words, start):
                positions.setdefault(word, set()).add(position)
        for word, places in positions.items():
            yield word.encode(), len(places), float(len(places)), encode_positions(sorted(places))


class Values(fields.FieldType):  # type: ignore[misc]  # Whoosh has no type information
    """Whole values, several per document."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None, scorable=False)

    def index(self, value: Iterable[str], **_options: Any) -> Iterator[Posting]:  # noqa: ANN401 - Whoosh's signature
        """Yield each value once."""
        for text in set(value):
            yield text.encode(), 1, 1.0, b""


def encode_positions(places: Sequence[int]) -> bytes:
    """Positions as Whoosh's `Positions` format keeps them: their count, and the pickled steps between them."""
    return _COUNT(len(places)) + dumps([*map(sub, places, (0, *places))], 2)


@lru_cache(maxsize=1)
def make() -> fields.Schema:
    """The schema of format `newsarchive.search.stamps.FORMAT`."""
    time = columns.NumericColumn("q", default=UNKNOWN_TIME)
    number = columns.NumericColumn("i", default=0)
    return fields.Schema(
        id=fields.STORED(),
        text=Words(),
        author=Words(),
        **{field: Values() for field in VALUE_FIELDS},
        published=fields.COLUMN(time),
        seen=fields.COLUMN(time),
        changed=fields.COLUMN(time),
        words=fields.COLUMN(number),
        versions=fields.COLUMN(number),
        kept=fields.COLUMN(columns.PickleColumn(columns.VarBytesColumn())),
    )


def entry(document: Document) -> dict[str, Any]:
    """What Whoosh's own writer takes of a document, by field."""
    parts = analysed(document.headline), analysed(document.body)
    words = parts[0].words + parts[1].words
    heading = min(len(parts[0].words), LONGEST_HEADLINE)
    authors = author_stretches(document.authors)
    hashes = copies.word_hashes([word.encode() for word in words])
    kept = Kept(
        id=id_bytes(document.id),
        record=record_of(document),
        heading=heading,
        length=len(words),
        author_words=sum(len(stretch) for _, stretch in authors),
        sketch=copies.sketch(hashes, np.array([0, len(words)]), np.array([heading])).tobytes(),
    )
    return {"id": document.id, "text": _text(parts, heading), "author": authors, **keys_of(document), "kept": kept}


def _text(parts: tuple[Analysed, Analysed], heading: int) -> Stretches:
    words = parts[0].words + parts[1].words
    beside = [*parts[0].extras, *((len(parts[0].words) + at, word) for at, word in parts[1].extras)]
    extras = [(at if at < heading else at - heading + BODY_START, [word]) for at, word in beside]
    return [(0, words[:heading]), (BODY_START, words[heading:]), *extras]
