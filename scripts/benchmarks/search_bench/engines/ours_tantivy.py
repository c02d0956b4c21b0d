"""Ours, with tantivy in place of our own files: `newsarchive rebuild --engine tantivy`."""

from __future__ import annotations

import tantivy  # noqa: F401 - absent, the engine is reported as absent

import newsarchive.search.tantivy_engine  # noqa: F401 - as above
from search_bench.engines import ours


class Bench(ours.Bench):
    """Our second engine."""

    engine = "tantivy"
