"""A collection after text analysis: every system gets the same stems, so that ranking alone is compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import Stemmer

from newsarchive.search.analysis import tokens
from newsarchive.search.analysis.smallwords import small_words
from newsarchive.search.relaxing import SENTENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relevance_bench.collections import Collection


@dataclass(frozen=True)
class Analysed:
    """The stems of a collection in the order of its texts; repeated words of a query stand there repeatedly."""

    ids: Sequence[str]
    headlines: Sequence[Sequence[str]]
    bodies: Sequence[Sequence[str]]
    queries: Mapping[str, Sequence[str]]
    short: Mapping[str, Sequence[str]]
    """The queries without the small words that ours sets aside when it relaxes, so that peers may be given the same."""


@cache
def _stem(word: str) -> str:
    return str(_english().stemWord(word))


@cache
def _english() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def analyse(collection: Collection) -> Analysed:
    """The stems of all texts and queries, which are English."""

    def stems(text: str) -> list[str]:
        return [_stem(word) for word in tokens(text)]

    return Analysed(
        [text.id for text in collection.texts],
        [stems(text.headline) for text in collection.texts],
        [stems(text.body) for text in collection.texts],
        {query: stems(text) for query, text in collection.queries.items()},
        {query: stems(_telling(text)) for query, text in collection.queries.items()},
    )


def _telling(text: str) -> str:
    """A query without its small words, by the rule of `newsarchive.search.relaxing`."""
    words = tokens(text.lower())
    small = small_words(words)
    is_sentence = len(words) >= SENTENCE and len(set(words) - small) > 1
    return " ".join(word for word in words if not (is_sentence and word in small))
