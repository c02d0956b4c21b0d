"""An explanation of a query as JSON-able values: the engine's tree beside the query's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsarchive.models.query import And, AtLeast, Near, Not, NotNear, Or, Some, parts_of
from newsarchive.search import describe, to_text

if TYPE_CHECKING:
    from newsarchive.models.query import Query
    from newsarchive.search import ExplainedNode, Explanation


def explanation_record(explanation: Explanation, query: Query) -> dict[str, Any]:
    """What `newsarchive explain --json` prints, but for the query's text; `query` is the one that was explained."""
    return {
        "engine": explanation.engine,
        "engine_query": explanation.engine_query,
        "milliseconds": round(explanation.milliseconds, 3),
        "tree": _node(explanation.tree, query),
    }


def _node(node: ExplainedNode, query: Query) -> dict[str, Any]:
    return {
        "type": node.kind,
        "label": _label(node, query),
        "text": to_text(query),
        "read_as": describe(query),
        "place": list(node.place) if node.place else None,
        "articles": node.documents,
        "forms": [{"word": form.word, "articles": form.documents} for form in node.forms],
        "checked": node.checked,
        "parts": [_node(part, own) for part, own in zip(node.parts, parts_of(query), strict=True)],
    }


def _label(node: ExplainedNode, query: Query) -> str:
    """The operator of a node as it is written; of a leaf its kind."""
    match query:
        case Near():
            return f"{'PRE' if query.ordered else 'NEAR'}/{query.distance}"
        case NotNear():
            return f"NOT {'PRE' if query.ordered else 'NEAR'}/{query.distance}"
        case AtLeast():
            return f"ATLEAST{query.count}"
        case Some():
            return f"at least {query.least} of {len(query.parts)}"
        case And() | Or() | Not():
            return node.kind.upper()
        case _:
            return node.kind
