"""What each node of a query comes to in an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.models import query as q
from newsarchive.models.query_json import to_json
from newsarchive.search.engine import ExplainedNode, Form

if TYPE_CHECKING:
    from collections.abc import Callable


def explained(
    node: q.Query, count: Callable[[q.Query], tuple[int, int]], expand: Callable[[q.Words], list[Form]]
) -> ExplainedNode:
    """A node with all below it, each evaluated by itself.

    Args:
        node: what is asked.
        count: says how many articles answer, and of how many positions were compared for that.
        expand: gives what words stand for.
    """
    documents, checked = count(node)
    return ExplainedNode(
        kind=to_json(node)["query"]["type"],
        place=node.place,
        documents=documents,
        forms=tuple(expand(node)) if isinstance(node, q.Words) else (),
        checked=checked,
        parts=tuple(explained(part, count, expand) for part in q.parts_of(node)),
    )
