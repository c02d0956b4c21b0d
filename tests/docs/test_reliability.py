"""Each promise names a test that there is."""

from __future__ import annotations

import ast
import re

import pytest
from tests.docs.conftest import ROOT

ROW = re.compile(r"^\| ([PCDH]) \|(.+)\| `([^`]+)` \|$", re.MULTILINE)
PROMISES = ROW.findall((ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("named", sorted({named for _, _, named in PROMISES}))
def test_every_promise_has_its_test(named: str) -> None:
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_level_has_promises_and_every_row_a_test() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| level")]
    assert len(rows) == len(PROMISES) > 15
    assert {level for level, _, _ in PROMISES} == set("PCDH")
