"""The engines that are measured side by side, each behind the same two calls: build an index, ask it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from search_bench.engines.base import Engine

ENGINES: Final = {
    "ours": "search_bench.engines.ours",
    "ours-tantivy": "search_bench.engines.ours_tantivy",
    "tantivy": "search_bench.engines.tantivy_peer",
    "fts5": "search_bench.engines.fts5",
    "bm25s": "search_bench.engines.bm25s_peer",
    "whoosh": "search_bench.engines.whoosh_stock",
}
"""The modules of the engines; each has a class `Bench`. The first is the one that is judged."""


def engine(name: str) -> Engine:
    """The engine of this name.

    Raises:
        ImportError: its library is not installed.
    """
    made: Engine = import_module(ENGINES[name]).Bench()
    return made
