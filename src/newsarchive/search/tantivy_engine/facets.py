"""How many of the articles that answer have each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.engine import FacetCount

if TYPE_CHECKING:
    from newsarchive.search.tantivy_engine.clusters import Clusters
    from newsarchive.search.tantivy_engine.compiling import Compiler

_FIELDS: Final = {
    "source": "shown_source",
    "category": "shown_category",
    "language": "shown_language",
    "author": "shown_author",
}
_MOST_BUCKETS: Final = 60_000
"""Values of one facet that the library counts in one go; it refuses more than 65,000."""


def counts(
    searcher: Any,  # noqa: ANN401 - a tantivy.Searcher
    compiler: Compiler,
    clusters: Clusters,
    asked: Any,  # noqa: ANN401 - a tantivy.Query
    name: str,
    most: int,
) -> tuple[FacetCount, ...]:
    """The values of a facet among the documents that answer, in the order that `Answer.facets` promises."""
    if name == "month":
        months = _buckets(searcher, asked, "month")
        return tuple(FacetCount(_month(int(value)), count) for value, count in sorted(months))
    if name in _FIELDS:
        found = _buckets(searcher, asked, _FIELDS[name])
        return tuple(FacetCount(value, count) for value, count in sorted(found, key=_most_first)[:most])
    total = int(searcher.search(asked, 1).count)
    if name == "edited":
        having = int(searcher.search(compiler.both(asked, "state", "edited"), 1).count)
    else:
        having = int(searcher.search(compiler.among(asked, clusters.copies()), 1).count)
    found = [("yes", having), ("no", total - having)]
    return tuple(FacetCount(value, count) for value, count in sorted(found, key=_most_first) if count)


def _buckets(searcher: Any, asked: Any, field: str) -> list[tuple[Any, int]]:  # noqa: ANN401 - the library's
    wanted = {"values": {"terms": {"field": field, "size": _MOST_BUCKETS, "segment_size": _MOST_BUCKETS}}}
    found = searcher.aggregate(asked, wanted)["values"]
    if not found["sum_other_doc_count"]:
        return [(bucket["key"], bucket["doc_count"]) for bucket in found["buckets"]]
    # More values than the library counts: they are read from its dictionary, each counted by itself.
    return [(value, count) for value, count in searcher.terms_with_prefix(field, "", asked) if count]


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _month(number: int) -> str:
    return f"{1970 + number // 12:04d}-{number % 12 + 1:02d}"
