"""No change may make the ranking worse unseen: floors on a collection of the project's own, and on the shared ones.

The definitions are those of `scripts/bench relevance`, which also gives the figures of the peers. The own collection
(`relevance/own`, 24 invented reports and 16 questions judged by hand) is small: it shows breakage, not progress.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH = Path(__file__).parents[2] / "scripts" / "benchmarks"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "retrieval"
OWN = Path(__file__).parent / "relevance" / "own"
here = pytest.mark.skipif(not SHARED.is_dir(), reason="the development data is not beside the checkout")


@pytest.fixture(autouse=True, scope="module")
def _bench() -> Iterator[None]:
    """The modules of the bench can be imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "relevance_bench"]:
        del sys.modules[name]


def figures(collection: Any, folder: Path) -> tuple[float, float]:  # noqa: ANN401 - of the bench, found at run time
    """Mean nDCG@10 and MAP of ours."""
    ours, scores = (importlib.import_module(f"relevance_bench.{name}") for name in ("ours", "scores"))
    found = scores.scored(collection, ours.Ours(collection, folder).rank).values()
    return statistics.fmean(one.ndcg for one in found), statistics.fmean(one.precision for one in found)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (OWN / name).read_text(encoding="utf-8").splitlines()]


def test_on_the_projects_own_collection_the_right_reports_come_first(tmp_path: Path) -> None:
    collections = importlib.import_module("relevance_bench.collections")
    texts = [collections.Text(row["id"], row["title"], row["body"]) for row in rows("texts.jsonl")]
    asked = rows("queries.jsonl")
    queries = {row["id"]: row["text"] for row in asked}
    own = collections.Collection("own", texts, queries, {row["id"]: row["gains"] for row in asked})
    ndcg, precision = figures(own, tmp_path)
    assert ndcg >= 0.95
    assert precision >= 0.95


@pytest.mark.shared_data
@here
@pytest.mark.parametrize(
    ("name", "ndcg", "precision"), [("cran", 0.535, 0.442), ("cisi", 0.40, 0.235), ("med", 0.71, 0.545)]
)
def test_on_the_shared_collections_no_figure_is_under_its_floor(
    name: str, ndcg: float, precision: float, tmp_path: Path
) -> None:
    collections = importlib.import_module("relevance_bench.collections")
    found = figures(collections.load(name, SHARED), tmp_path)
    assert found[0] >= ndcg
    assert found[1] >= precision
