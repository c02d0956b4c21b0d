"""What each node of a query comes to in an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsarchive.models import query as q
from newsarchive.models.query_json import to_json
from newsarchive.search.engine import ExplainedNode, Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.search.tantivy_engine.compiling import Compiler


def explained(
    node: q.Query, compiler: Compiler, count: Callable[[Any], int], expand: Callable[[q.Words], list[Form]]
) -> ExplainedNode:
    """A node with all below it, each evaluated by itself."""
    before = compiler.checked
    documents = count(compiler.query(node))
    return ExplainedNode(
        kind=to_json(node)["query"]["type"],
        place=node.place,
        documents=documents,
        forms=tuple(expand(node)) if isinstance(node, q.Words) else (),
        checked=compiler.checked - before,
        parts=tuple(explained(part, compiler, count, expand) for part in _parts(node)),
    )


def _parts(node: q.Query) -> tuple[q.Query, ...]:
    match node:
        case q.And() | q.Or() | q.Some() | q.Near():
            return node.parts
        case q.Not() | q.AtLeast():
            return (node.part,)
        case q.NotNear():
            return node.part, node.other
        case _:
            return ()
