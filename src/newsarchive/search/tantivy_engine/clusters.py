"""Near-duplicates: which articles are copies of one another. What a copy is, `newsarchive.search.copies` says.

A document has the six bands of its sketch as terms, so that new documents are compared with those alone that share one;
its sketch and its cluster stand in columns of numbers.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.search import copies
from newsarchive.search.tantivy_engine.entries import Entry, id_text
from newsarchive.search.tantivy_engine.fields import SKETCH_FIELDS, schema
from newsarchive.search.tantivy_engine.library import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.search.tantivy_engine.ordering import Row

_UNKNOWN: Final = -(1 << 62)


class _Place(NamedTuple):
    number: int
    place: int


class Clusters:
    """The clusters of an index as one searcher sees them; read when they are first asked for."""

    def __init__(self, searcher: Any, hidden: frozenset[str]) -> None:  # noqa: ANN401 - a tantivy.Searcher
        self._searcher = searcher
        self._hidden = hidden

    def copies(self) -> list[str]:
        """The ids of all articles that are copies of an earlier one."""
        return [text for text, place in self._places.items() if place.place]

    def folded(self, rows: Sequence[Row]) -> tuple[list[Row], dict[str, int]]:
        """Of the rows of one cluster the one that was published first; and how many others are folded under it."""
        places = [self._places.get(row.place.id, _Place(0, 0)) for row in rows]
        number = np.array([place.number for place in places], np.uint32)
        kept, others = copies.fold(number, np.array([place.place for place in places], np.uint32))
        left = [row for row, keep in zip(rows, kept.tolist(), strict=True) if keep]
        under = {row.place.id: count for row, count in zip(rows, others.tolist(), strict=True) if count}
        return left, under

    @cached_property
    def _places(self) -> dict[str, _Place]:
        """The cluster and the place in it of each article that has copies."""
        # Copies of an article that has none itself bear its key; so all of them must be looked at.
        total = self._searcher.num_docs
        if not total:
            return {}
        query = library().Query.all_query()
        addresses = [address for _, address in self._searcher.search(query, total, count=False).hits]
        column = _columns(self._searcher, addresses)
        ids = [id_text(high, low) for high, low in zip(column("id_high"), column("id_low"), strict=True)]
        placed = copies.Placed(
            ids=np.array(ids, "S16"),
            clusters=np.array([value or 0 for value in column("cluster")], np.uint64),
            published=_times(column("published")),
            seen=_times(column("seen")),
            shown=np.array([text not in self._hidden for text in ids], np.bool_),
        )
        (group,) = copies.group([placed])
        some = np.flatnonzero(group.number).tolist()
        return {ids[row]: _Place(int(group.number[row]), int(group.place[row])) for row in some}


def assigned(searcher: Any, entries: Sequence[Entry], gone: Iterable[str]) -> list[Entry]:  # noqa: ANN401 - a tantivy.Searcher
    """The entries with their sketches and clusters, compared with each other and with what an index holds.

    Args:
        searcher: sees the index as it is.
        entries: new documents.
        gone: ids of documents that are taken out in the same commit.
    """
    if not entries:
        return []
    sketches, ids = _sketches(entries), np.array([entry.id for entry in entries], "S16")
    known = _known(searcher, sketches, ids, set(gone))
    clusters = copies.assign(sketches, ids, [known] if known else [])
    found: list[Entry] = []
    for entry, row, cluster in zip(entries, sketches, clusters.tolist(), strict=True):
        numbers = dict(zip(SKETCH_FIELDS, row.view("<u8").tolist(), strict=True)) if row.any() else {}
        if cluster:
            numbers["cluster"] = cluster
        values = {"band": band_terms(row)} if row.any() else {}
        found.append(entry.marked(values, numbers))
    return found


def band_terms(row: copies.Sketches) -> list[str]:
    """The terms of the bands of one sketch."""
    return [f"{number}:{value:x}" for number, value in enumerate(copies.bands(row[None, :])[:, 0].tolist())]


def _sketches(entries: Sequence[Entry]) -> copies.Sketches:
    words: list[str] = []
    first, heading = [0], []
    for entry in entries:
        headline = entry.headline[0].split()
        words += headline
        words += entry.body[0].split()
        first.append(len(words))
        heading.append(len(headline))
    # Each distinct word is hashed once; a batch has some fifty times as many words.
    distinct = list(dict.fromkeys(words))
    hashes = dict(zip(distinct, copies.word_hashes(word.encode() for word in distinct).tolist(), strict=True))
    return copies.sketch(
        np.fromiter(map(hashes.__getitem__, words), np.uint32, len(words)), np.array(first), np.array(heading)
    )


def _known(
    searcher: Any,  # noqa: ANN401 - a tantivy.Searcher
    sketches: copies.Sketches,
    ids: copies.Ids,
    gone: set[str],
) -> copies.Known | None:
    """What an index holds that shares a band with new articles, or says that it is a copy of one of them."""
    query, occur = library().Query, library().Occur
    terms = sorted({term for row in sketches if row.any() for term in band_terms(row)})
    wanted = [
        query.term_set_query(_schema(), "band", terms),
        query.term_set_query(_schema(), "cluster", copies.keys_of(ids).tolist()),
    ]
    either = query.boolean_query([(occur.Should, each) for each in wanted])
    left = query.boolean_query(
        [(occur.Must, either), (occur.MustNot, query.term_set_query(_schema(), "id", sorted(gone)))]
    )
    total = searcher.search(left, 1).count
    if not total:
        return None
    addresses = [address for _, address in searcher.search(left, total, count=False).hits]
    column = _columns(searcher, addresses)
    parts = [np.array([value or 0 for value in column(field)], np.uint64) for field in SKETCH_FIELDS]
    held = np.ascontiguousarray(np.stack(parts, axis=1)).view("<u2")
    bands, bands_doc = copies.sorted_bands(held)
    return copies.Known(
        ids=np.array([id_text(*pair) for pair in zip(column("id_high"), column("id_low"), strict=True)], "S16"),
        sketches=held,
        bands=bands,
        bands_doc=bands_doc,
        clusters=np.array([value or 0 for value in column("cluster")], np.uint64),
    )


@lru_cache(maxsize=1)
def _schema() -> Any:  # noqa: ANN401 - a tantivy.Schema
    return schema()


def _columns(searcher: Any, addresses: Sequence[Any]) -> Any:  # noqa: ANN401 - the library's
    return lambda field: searcher.fast_field_values(field, addresses)


def _times(values: Iterable[int | None]) -> Any:  # noqa: ANN401 - an array
    return np.array([_UNKNOWN if value is None else value for value in values], np.int64)
