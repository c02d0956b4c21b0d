"""Reads what the files in `spiders/` say of their publishers, as data: nothing of an archive is run here.

A file there is a program to Scrapy, and only a crawl runs it. Whoever processes captures needs of it the name, the
home page and the rules alone, and takes them from the source text where they stand as literals.
"""

from __future__ import annotations

import ast
import logging
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.errors import SettingsError
from newsarchive.models.rule import read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from newsarchive.models import Rule

_LITERALS: Final = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Load)
_TIP: Final = "write strings, lists and dictionaries out in full; the file is read for its rules without being run"

_log = logging.getLogger(__name__)


class Publisher(NamedTuple):
    """What one class in `spiders/` says."""

    name: str
    url: str
    """Empty where the settings' table of the name has it."""
    rules: tuple[Rule, ...]
    place: str
    """Where the rules stand, or else the class, such as `spiders/harbor_post.py, line 12`."""


def read_publishers(folder: Path) -> Iterator[Publisher]:
    """The publishers described in a folder and below it, file by file.

    A file that is no Python is passed over with a warning, as Scrapy does: one publisher's mistake must not stop the
    crawl of the others.

    Raises:
        SettingsError: rules that are not written as literals, or that no rules can be (as `read_rules`).
    """
    for path in sorted(folder.rglob("*.py")):
        shown = str(path.relative_to(folder.parent))
        try:
            yield from _in_text(path.read_bytes(), shown)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            _log.warning("%s is no Python, so it describes no source and has no rules: %s", shown, error)


@lru_cache(maxsize=1024)  # a crawl of many sources asks for all rules once for each source
def _in_text(text: bytes, file: str) -> tuple[Publisher, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of string escapes and the like; whoever runs the file is told
        return tuple(_in_module(ast.parse(text, filename=file), file))


def _in_module(tree: ast.Module, file: str) -> Iterator[Publisher]:
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in classes.values():
        said = _attributes(node, classes, seen=frozenset())
        rules, named = said.get("rules"), _own(node).get("name")
        if name := _literal_text(named):
            place = f"{file}, line {(rules or node).lineno}"
            yield Publisher(name, _literal_text(said.get("url")), _rules(rules, file) if rules else (), place)
        elif rules is not None and named is not None:  # a class without a name is what others are derived from
            message = f"{file}, line {named.lineno}: the name of {node.name} is not written as a string"
            raise SettingsError(message, key="name", tip=_TIP)


def _attributes(node: ast.ClassDef, classes: dict[str, ast.ClassDef], *, seen: frozenset[str]) -> dict[str, ast.expr]:
    """What a class assigns to its attributes, with what it takes over from classes of the same file."""
    said: dict[str, ast.expr] = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id in classes and base.id not in seen | {node.name}:
            said |= _attributes(classes[base.id], classes, seen=seen | {node.name})
    return said | _own(node)


def _own(node: ast.ClassDef) -> dict[str, ast.expr]:
    said: dict[str, ast.expr] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            said |= {target.id: statement.value for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            said[statement.target.id] = statement.value
    return said


def _literal_text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _rules(node: ast.expr, file: str) -> tuple[Rule, ...]:
    for part in ast.walk(node):
        if not isinstance(part, _LITERALS):
            line = getattr(part, "lineno", node.lineno)
            shown = ast.unparse(part) if isinstance(part, ast.expr) else type(part).__name__
            message = f"{file}, line {line}: rules are data, and {shown[:60]!r} is none"
            raise SettingsError(message, key="rules", tip=_TIP)
    data: Any = ast.literal_eval(node)
    if isinstance(data, dict):
        message = f"{file}, line {node.lineno}: rules is one rule, not a tuple of rules"
        raise SettingsError(message, key="rules", tip="put it in brackets, with a comma behind it: rules = ({...},)")
    return read_rules(data, place=lambda path: f"{file}, line {_line(node, path)}")


def _line(node: ast.expr, path: Sequence[int | str]) -> int:
    """The line of what a path of indexes and keys leads to, as far as it can be followed."""
    for part in path:
        inner: ast.expr | None = None
        if isinstance(node, ast.Tuple | ast.List) and isinstance(part, int) and part < len(node.elts):
            inner = node.elts[part]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            inner = next((value for key, value in pairs if isinstance(key, ast.Constant) and key.value == part), None)
        if inner is None:
            break
        node = inner
    return node.lineno
