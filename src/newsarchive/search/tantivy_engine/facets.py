"""How many of the articles that answer have each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.search.document import month_name
from newsarchive.search.engine import FacetCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.tantivy_engine.clusters import Clusters
    from newsarchive.search.tantivy_engine.compiling import Compiler

_FIELDS: Final = {
    "source": "shown_source",
    "category": "shown_category",
    "language": "shown_language",
    "author": "shown_author",
    "month": "month",
}
_MOST_BUCKETS: Final = 60_000
"""Values of one facet that the library counts in one go; it refuses more than 65,000."""


def counts(
    searcher: Any,  # noqa: ANN401 - a tantivy.Searcher
    compiler: Compiler,
    clusters: Clusters,
    asked: Any,  # noqa: ANN401 - a tantivy.Query
    names: Sequence[str],
    most: int,
) -> dict[str, tuple[FacetCount, ...]]:
    """The values of facets among the documents that answer, in the order that `Answer.facets` promises."""
    found = _buckets(searcher, asked, [_FIELDS[name] for name in names if name in _FIELDS])
    return {
        name: _listed(name, found[_FIELDS[name]], most)
        if name in _FIELDS
        else _yes_no(searcher, asked, _having(compiler, clusters, asked, name))
        for name in names
    }


def _listed(name: str, pairs: list[tuple[Any, int]], most: int) -> tuple[FacetCount, ...]:
    if name == "month":
        return tuple(FacetCount(month_name(int(value)), count) for value, count in sorted(pairs))
    return tuple(FacetCount(value, count) for value, count in sorted(pairs, key=_most_first)[:most])


def _having(compiler: Compiler, clusters: Clusters, asked: Any, name: str) -> Any:  # noqa: ANN401 - tantivy.Query
    if name == "edited":
        return compiler.both(asked, "state", "edited")
    return compiler.among(asked, clusters.copies())


def _yes_no(searcher: Any, asked: Any, having: Any) -> tuple[FacetCount, ...]:  # noqa: ANN401 - the library's
    total, some = (int(searcher.search(query, 1).count) for query in (asked, having))
    found = [("yes", some), ("no", total - some)]
    return tuple(FacetCount(value, count) for value, count in sorted(found, key=_most_first) if count)


def _buckets(searcher: Any, asked: Any, fields: list[str]) -> dict[str, list[tuple[Any, int]]]:  # noqa: ANN401 - the library's
    """The values of fields with their counts, by field; the documents are gone through once."""
    if not fields:
        return {}
    limits = {"size": _MOST_BUCKETS, "segment_size": _MOST_BUCKETS}
    found = searcher.aggregate(asked, {field: {"terms": {"field": field, **limits}} for field in fields})
    return {
        # More values than the library counts are read from its dictionary, each counted by itself.
        field: [(value, count) for value, count in searcher.terms_with_prefix(field, "", asked) if count]
        if found[field]["sum_other_doc_count"]
        else [(bucket["key"], bucket["doc_count"]) for bucket in found[field]["buckets"]]
        for field in fields
    }


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
