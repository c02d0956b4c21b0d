"""The copies of an index, as its segments say; worked out when they are first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.search.copies import Groups, Placed
    from newsarchive.search.native.ordering import Rows
    from newsarchive.search.native.view import View


class Copies:
    """Which articles are copies of one another, over all segments."""

    def __init__(self) -> None:
        self.views: tuple[View, ...] = ()

    @cached_property
    def groups(self) -> list[Groups]:
        """What `newsarchive.search.copies` says of each segment."""
        from newsarchive.search import copies  # noqa: PLC0415 - few questions ask for copies

        return copies.group([self._placed(copies.Placed, view) for view in self.views])

    @staticmethod
    def _placed(make: type[Placed], view: View) -> Placed:
        column = view.segment.column
        return make(column("id"), column("cluster"), column("published"), column("seen"), view.is_shown)

    def folded(self, rows: Sequence[Rows]) -> tuple[list[Rows], dict[tuple[int, int], int]]:
        """The rows without copies, and how many are folded under each that has some, by segment and document."""
        from newsarchive.search import copies  # noqa: PLC0415 - as above

        groups = self.groups
        number = np.concatenate([groups[some.view.number].number.take(some.docs) for some in rows])
        place = np.concatenate([groups[some.view.number].place.take(some.docs) for some in rows])
        kept, folded = copies.fold(number, place)
        left: list[Rows] = []
        under: dict[tuple[int, int], int] = {}
        at = 0
        for some in rows:
            here = slice(at, at + len(some.docs))
            left.append(some.where(kept[here]))
            heads = np.flatnonzero(folded[here])
            counts = folded[here][heads].tolist()
            for document, count in zip(some.docs[heads].tolist(), counts, strict=True):
                under[some.view.number, document] = count
            at += len(some.docs)
        return left, under
