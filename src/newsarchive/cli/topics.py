"""The texts of `newsarchive help TOPIC`."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, Final

from newsarchive import settings
from newsarchive.cli.exits import Exit
from newsarchive.cli.phrasebook import query_topic
from newsarchive.models import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DATES: Final = """\
2019                 the whole year              2019-02      the whole month
2019-02-27           the whole day               today, yesterday
2019-02-27T18:30     a time; +07:00 or Z may follow, else it is in this machine's zone
12h, 7d, 2w, 3mo, 1y so long ago
--since and --until include the day, month or year that they name."""

_FORMATS: Final = """\
auto     a table on a terminal, plain in a pipe
table    for people
plain    TSV without a heading
tsv      TSV with a heading
csv      CSV with a heading; a cell that a spreadsheet would run as a formula gets a quote in front
json     one object: {"schema": ..., "results": [...]}
jsonl    one JSON object a line, without the envelope
Data goes to stdout; everything else (how the query was read, counts, warnings, progress) to stderr."""

_ENVIRONMENT: Final = """\
NEWSARCHIVE_DIR   the archive folder, where -A is not given
NO_COLOR          no colours"""


def _exit_codes() -> str:
    docs = _attribute_docs(Exit)
    return "\n".join(f"{code.value:>3}  {docs.get(code.name, 'Everything went well.')}" for code in Exit)


def _settings() -> str:
    sections: Mapping[str, type] = {
        "archive": settings.ArchiveSettings,
        "crawl": settings.CrawlSettings,
        "recheck": settings.RecheckSettings,
        "warc": settings.WarcSettings,
        "extraction": settings.ExtractionSettings,
        "validation": settings.ValidationSettings,
        "rights": settings.RightsSettings,
        "sources.NAME": settings.SourceSettings,
        "sources.NAME.rules": Rule,
    }
    return "\n\n".join(_section(name, model) for name, model in sections.items())


def _section(name: str, model: Any) -> str:  # noqa: ANN401 - a pydantic class
    docs = _attribute_docs(model)
    lines = [f"[{name}]"]
    for key, field in model.model_fields.items():
        default = "" if field.is_required() else f" = {field.default!r}"
        lines.append(f"{key}{default}")
        if key in docs:
            lines.append(f"    {' '.join(docs[key].split())}")
    return "\n".join(lines)


def _attribute_docs(owner: type) -> dict[str, str]:
    """The docstrings that follow a class's attributes, which Python itself does not keep."""
    body = ast.parse(inspect.getsource(owner)).body[0]
    found: dict[str, str] = {}
    previous: str | None = None
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and previous:
            found[previous] = str(node.value.value)
        previous = _assigned(node)
    return found


def _assigned(node: ast.stmt) -> str | None:
    target = (
        node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    )
    return target.id if isinstance(target, ast.Name) else None


TOPICS: Final[dict[str, Callable[[], str]]] = {
    "query": query_topic,
    "dates": lambda: _DATES,
    "formats": lambda: _FORMATS,
    "environment": lambda: _ENVIRONMENT,
    "exit-codes": _exit_codes,
    "settings": _settings,
}
