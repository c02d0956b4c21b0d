"""The fields of the index. A stock Whoosh reader can read them; nothing here is needed to do so but the field types.

Headline and body share the field `text`: positions of the headline start at 0, those of the body at `BODY_START`, so a
phrase never runs from one into the other and `body:` and `lead:` are ranges of positions. A word of the headline counts
`HEADLINE_WEIGHT` times, which makes plain BM25 on this field the BM25F of Robertson, Zaragoza and Taylor (CIKM 2004);
a sum of two fields' scores with a boost ranks worse the higher the boost (measured on six test collections).
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from operator import sub
from pickle import dumps
from struct import Struct
from typing import TYPE_CHECKING, Any

from whoosh import columns, fields, formats

from newsarchive.search.analysis import keyword, name_key, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from newsarchive.search.document import Document

HEADLINE_WEIGHT = 3.0
BODY_START = 1_000
"""Position of the body's first word; a headline has fewer words, what exceeds is not indexed."""
VALUE_GAP = 100
"""Positions between two authors, so that no phrase runs from one to the next."""
LONGEST_ID = 16
LONGEST_URL = 2_000
"""Bytes of a URL that are indexed."""
UNKNOWN_TIME = -(1 << 62)
"""Column value of a time that is not known, in seconds since 1970."""

_COUNT = Struct("!I").pack
Posting = tuple[bytes, int, float, bytes]


class Words(fields.FieldType):  # type: ignore[misc]  # Whoosh has no type information
    """Words with positions. Its values are (weight, first position, words) stretches, not text.

    The postings are built here, without a token object per word: that makes indexing half again as fast.
    """

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def index(self, value: Iterable[tuple[float, int, Sequence[str]]], **_options: Any) -> Iterator[Posting]:  # noqa: ANN401 - Whoosh's signature
        """Yield (word, frequency, weight, encoded positions) of a document."""
        positions: dict[str, list[int]] = defaultdict(list)
        weights: dict[str, float] = {}
        for weight, start, words in value:
            for position, word in enumerate(words, start):
                positions[word].append(position)
            if weight != 1.0:
                for word in words:
                    weights[word] = weights.get(word, 0.0) + weight - 1.0
        for word, places in positions.items():
            count = len(places)
            weight = count + weights[word] if word in weights else float(count)
            yield word.encode(), count, weight, _one_position(places[0]) if count == 1 else encode_positions(places)


class Values(fields.FieldType):  # type: ignore[misc]  # Whoosh has no type information
    """Whole values, several per document."""

    def __init__(self, column: Any = None, *, unique: bool = False) -> None:  # noqa: ANN401 - one of Whoosh's column types
        super().__init__(formats.Existence(), None, scorable=False, unique=unique, sortable=column)

    def index(self, value: str | Iterable[str], **_options: Any) -> Iterator[Posting]:  # noqa: ANN401 - Whoosh's signature
        """Yield each value once."""
        for text in {value} if isinstance(value, str) else set(value):
            yield text.encode(), 1, 1.0, b""


def encode_positions(places: Sequence[int]) -> bytes:
    """Positions as Whoosh's `Positions` format keeps them: their count, and the pickled steps between them."""
    if len(places) == 1:
        return _one_position(places[0])
    return _COUNT(len(places)) + dumps([*map(sub, places, (0, *places))], 2)


# Two postings in three have one position, and many have the same: kept once, they take a third of the memory as well.
@lru_cache(maxsize=1 << 14)
def _one_position(place: int) -> bytes:
    return _COUNT(1) + dumps([place], 2)


def make() -> fields.Schema:
    """The schema of format `newsarchive.search.stamps.FORMAT`."""
    time = columns.NumericColumn("q", default=UNKNOWN_TIME)
    number = columns.NumericColumn("i", default=0)
    return fields.Schema(
        id=Values(columns.FixedBytesColumn(LONGEST_ID), unique=True),
        text=Words(),
        headline=Words(),
        author=Words(),
        category=Values(),
        tag=Values(),
        source=Values(),
        language=Values(),
        url=Values(),
        published=fields.COLUMN(time),
        seen=fields.COLUMN(time),
        changed=fields.COLUMN(time),
        state=Values(),
        word_count=fields.COLUMN(number),
        versions=fields.COLUMN(number),
    )


def id_bytes(text: str) -> bytes:
    """An id as the column holds it.

    Raises:
        ValueError: not 1 to 16 ASCII characters.
    """
    data = text.encode("ascii")
    if not 0 < len(data) <= LONGEST_ID or b"\0" in data:
        raise ValueError(f"an id has 1 to {LONGEST_ID} ASCII characters, not {text!r}")
    return data.ljust(LONGEST_ID, b"\0")


def url_key(url: str) -> str:
    """A URL as its index term."""
    return url.encode()[:LONGEST_URL].decode(errors="ignore")


def entry(document: Document) -> dict[str, Any]:
    """What Whoosh gets of a document, by field."""
    headline, body = tokens(document.headline)[:BODY_START], tokens(document.body)
    entry_: dict[str, Any] = {
        "id": document.id,
        "_stored_id": id_bytes(document.id),
        "text": [(HEADLINE_WEIGHT, 0, headline), (1.0, BODY_START, body)],
        "headline": [(1.0, 0, headline)],
        "author": _apart(document.authors),
        "category": _keys(keyword, (document.category or "", *document.categories)),
        "tag": _keys(keyword, document.tags),
        "source": _keys(name_key, document.sources),
        "language": _keys(name_key, (document.language or "",)),
        "url": url_key(document.url),
        "published": _seconds(document.published),
        "seen": _seconds(document.first_seen),
        "changed": _seconds(document.changed),
        "state": [state.value for state in document.states],
        "word_count": document.word_count,
        "versions": document.versions,
    }
    return {name: value for name, value in entry_.items() if value != []}


def _apart(values: Iterable[str]) -> list[tuple[float, int, list[str]]]:
    stretches: list[tuple[float, int, list[str]]] = []
    start = 0
    for value in values:
        words = tokens(value)
        stretches.append((1.0, start, words))
        start += len(words) + VALUE_GAP
    return stretches


def _keys(key: Any, values: Iterable[str]) -> list[str]:  # noqa: ANN401 - keyword or name_key
    return [found for value in values if (found := key(value))]


def _seconds(moment: datetime | None) -> int:
    return UNKNOWN_TIME if moment is None else int(moment.timestamp() // 1)
