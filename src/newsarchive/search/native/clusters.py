"""Near-duplicates while segments are written: `copies.py` finds them, here its arrays are fetched from the index.

A segment keeps the sketch of each document and no index over the sketches: to find the few documents that share a band
with new ones, a look at all sketches costs 6 ms for 200,000 documents, and an index over them would be a fifth of what
a segment without it takes for its columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from newsarchive.search import copies
from newsarchive.search.native import packing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.native.container import Container, ContainerWriter
    from newsarchive.search.native.layout import Array


def put_copies(
    writer: ContainerWriter,
    sketches: Array,
    ids: Array,
    existing: Sequence[Container] | None,
    *,
    held: Array | None = None,
) -> None:
    """Give a container the sketches of its documents, and their clusters among themselves and those that exist.

    Args:
        writer: gets the arrays.
        sketches: shape (documents, `copies.VALUES`).
        ids: of the documents.
        existing: the other segments of the index; None where nothing is looked for, since a merge will do it. Clusters
            that segments of one load had found apart would not be joined by it.
        held: the clusters that the documents have already, where they come from segments.
    """
    writer.put("sketch", sketches.ravel())
    if existing is None:
        clusters = np.zeros(len(ids), np.uint64)
    else:
        clusters = copies.assign(sketches, ids, [_known(container, sketches) for container in existing], held)
    writer.put("cluster", clusters, packing.sparse(clusters))


def sketches_of(container: Container) -> Array:
    """The sketches of a segment's documents, shape (documents, `copies.VALUES`)."""
    return container["sketch"].reshape(-1, copies.VALUES)


def _known(container: Container, new: Array) -> copies.Known:
    """A segment as `copies.assign` wants it: of its bands only those values that new documents have."""
    sketches = sketches_of(container)
    bands: list[Array] = []
    documents: list[Array] = []
    for values, wanted in zip(copies.bands(sketches), copies.bands(new), strict=True):
        table = np.zeros(1 << 16, bool)
        table[wanted & 0xFFFF] = True
        likely = np.flatnonzero(table[values & 0xFFFF])
        which = likely[np.isin(values[likely], wanted)]
        order = which[np.argsort(values[which], kind="stable")]
        bands.append(values[order])
        documents.append(order.astype(np.uint32))
    # Bands of different lengths make no array of two dimensions; `assign` takes them one by one.
    return copies.Known(container["id"], sketches, cast("Any", bands), cast("Any", documents), container["cluster"])
