"""Which articles answer this? The query language, the index, its reader, snippets.

Reading and describing a query needs no engine; Whoosh is loaded with `IndexWriter` and `Searcher` only, on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsarchive.models.query_json import from_json, to_json
from newsarchive.models.query_text import to_text
from newsarchive.search.analysis import name_key
from newsarchive.search.document import Document
from newsarchive.search.engine import (
    FACETS,
    Answer,
    EngineName,
    ExplainedNode,
    Explanation,
    FacetCount,
    Form,
    Found,
    Sort,
)
from newsarchive.search.language.filters import combine, span_between
from newsarchive.search.language.syntax import parse
from newsarchive.search.language.wording import describe
from newsarchive.search.snippets import Snippet, snippet
from newsarchive.search.stamps import Stamp, altered_files, stamp, stamped_at

if TYPE_CHECKING:
    from newsarchive.search.opening import IndexWriter, Searcher, forget, require_engine

__all__ = [
    "FACETS",
    "Answer",
    "Document",
    "EngineName",
    "ExplainedNode",
    "Explanation",
    "FacetCount",
    "Form",
    "Found",
    "IndexWriter",
    "Searcher",
    "Snippet",
    "Sort",
    "Stamp",
    "altered_files",
    "combine",
    "describe",
    "forget",
    "from_json",
    "name_key",
    "parse",
    "require_engine",
    "snippet",
    "span_between",
    "stamp",
    "stamped_at",
    "to_json",
    "to_text",
]

_LAZY = frozenset({"IndexWriter", "Searcher", "forget", "require_engine"})
"""What stands in `opening`: it loads an engine when it is called, but reads stamps, and locks."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute can be anything
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from newsarchive.search import opening  # noqa: PLC0415 - only when an index is asked for

    return getattr(opening, name)
