"""No change may make extraction worse unseen: floors on pages of the project's own, and on the shared sets if present.

The definitions are those of `scripts/bench extraction`, which also gives the full figures beside the peers'.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.extraction import extract
from newsarchive.models import Payload
from newsarchive.sample import build

if TYPE_CHECKING:
    from types import ModuleType

    from newsarchive.models import Extraction

BENCH = Path(__file__).parents[2] / "scripts" / "benchmarks"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "extraction"
PORT = 8765
here = pytest.mark.skipif(not SHARED.is_dir(), reason="the development data is not beside the checkout")


def bench(name: str) -> ModuleType:
    """A module of the bench; scripts are no package that could be imported."""
    full = f"extraction_bench.{name}"
    if full not in sys.modules:
        for one in ("extraction_bench", full):
            path = BENCH.joinpath(*one.split("."))
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            spec = importlib.util.spec_from_file_location(one, file)
            assert spec is not None
            assert spec.loader is not None
            sys.modules[one] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[one])
    return sys.modules[full]


@cache
def own_pages() -> list[tuple[Any, Extraction]]:
    """Every article of the sample newsroom, with what is true of it and what was read from its page."""
    newsroom = build()
    found = []
    for article in newsroom.accepted:
        response = newsroom.pages(article.outlet.host, article.path, port=PORT)
        assert response is not None
        payload = Payload(url=article.url(PORT), body=response.body, content_type=response.content_type)
        found.append((article, extract(payload)))
    return found


def test_on_the_projects_own_pages_every_field_is_right() -> None:
    for article, found in own_pages():
        assert found.headline == article.headline, article.path
        assert found.category == article.category, article.path
        assert set(found.authors) == set(article.authors), article.path
        assert found.published == article.published, article.path
        assert found.language == article.language, article.path


def test_on_the_projects_own_pages_the_text_is_right_to_the_word() -> None:
    measures = bench("measures")
    overlaps = [measures.body_overlap("\n".join(one.paragraphs), found.body) for one, found in own_pages()]
    assert measures.mean_overlap(overlaps).f1 >= 0.999
    assert statistics.fmean(one.paragraphs == found.paragraphs for one, found in own_pages()) >= 0.99


FLOORS = [
    ("scrapinghub", None, {"F1": 0.971, "exact": 0.42}),
    (
        "fundus_test",
        None,
        {"F1": 0.957, "headline": 0.87, "day": 0.985, "instant": 0.97, "authors": 0.88, "category": 0.90},
    ),
    ("wcxb_article_dev", 150, {"F1": 0.93}),
    ("postlight", None, {"headline": 0.87, "day": 0.75}),
    ("htmldate_eval", 150, {"day": 0.88}),
]


@pytest.mark.shared_data
@here
@pytest.mark.parametrize(("name", "limit", "floors"), FLOORS, ids=[name for name, _, _ in FLOORS])
def test_on_the_shared_sets_no_figure_is_under_its_floor(
    name: str, limit: int | None, floors: dict[str, float]
) -> None:
    sets, systems, runner, scores = map(bench, ("sets", "systems", "runner", "scores"))
    (ours,) = [system for system in systems.SYSTEMS if system.name == "ours"]
    read = ours.make()
    turns = [runner.Turn(page, read(page.url, page.read()), 0.0) for page in sets.load(name, SHARED, limit=limit)]
    row = scores.row(turns, ours.fields)
    under = {figure: (row[figure], floor) for figure, floor in floors.items() if row[figure] < floor}
    assert not under, f"{name}: found, and the floor: {under}"
