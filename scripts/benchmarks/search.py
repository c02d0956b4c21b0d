"""Search beside its peers on articles made from real ones: what a query, a build, an addition and a start cost.

Usage: scripts/bench search [--articles 200000] [--engines ours,tantivy,...] [--whoosh-articles N] [--each 12]
                            [--rounds 5] [--only build,ask,add,start,extract] [--cache FOLDER] [--keep] [--json FILE]

All engines index and answer the same in one run, one after the other, each in a process of its own: ours; ours with
tantivy behind it; tantivy itself; SQLite's FTS5; bm25s; Whoosh as it ships, tuned. One that is not installed is said to
be absent (`pip install --group bench`). The articles are those of --corpus (jsonl.gz with title, body, date, category,
source), then ones made from them by a seed; the questions are drawn from the articles by a seed, so many a class.

Figures are CPU time. A query is parsed, answered and counted exactly, with ten ids; *warm* is the median of --rounds,
*cold* the first time in a searcher that has answered others, *fresh* the first time in one that was just opened and has
answered one question, *first* what that one took. Indexes are kept in --cache and built again when the code that builds
or reads them changes, but not with --keep. Stock Whoosh takes 15 CPU minutes for 200,000 articles: --whoosh-articles
measures it with fewer, its queries as well.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from search_bench import corpus, questions, report, starting
from search_bench.engines import ENGINES
from search_bench.engines.base import Unsupported
from search_bench.figures import Asked
from search_bench.workshop import Kept, Workshop

SHARED: Final = Path(__file__).parents[3] / "shared" / "data"
WARM_UP_SEED: Final = 999_983
"""One question of each class is drawn by it and asked beforehand, not counted: so code is loaded, but no word asked."""
ADDITIONS: Final = 5
STARTS: Final = 5
PAGES_INDEXED: Final = 3_000
PARTS: Final = ("build", "ask", "add", "start", "extract")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--whoosh-articles", type=int)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--each", type=int, default=12, help="questions of a class")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus-news.jsonl.gz")
    parser.add_argument("--pages", type=Path, default=SHARED / "real-pages.warc.gz")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "newsarchive-bench")
    parser.add_argument("--keep", action="store_true", help="take the indexes that stand, whatever built them")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    given.engines, given.only = given.engines.split(","), set(given.only.split(","))
    for name in [name for name in given.engines if name not in ENGINES] + sorted(given.only - set(PARTS)):
        parser.error(f"no {name!r}; engines are {', '.join(ENGINES)}, parts are {', '.join(PARTS)}")
    return given


def main() -> None:
    """Measure and print."""
    given = arguments()
    given.cache.mkdir(parents=True, exist_ok=True)
    path, made = corpus.cached(given.corpus, given.articles, seed=given.seed, folder=given.cache)
    print(report.about(made), end="\n\n", flush=True)
    bench = Bench(given, path)
    bench.run()
    measured = {"corpus": asdict(made), **bench.measured}
    print(f"\n{report.builds(bench.measured['builds'])}")
    if bench.asked:
        for what in ("warm", "cold", "fresh", "first"):
            print(f"\n{report.answers(bench.asked, what)}")
        print(f"\n{report.memories(bench.asked)}\n\n{report.counts(bench.asked)}")
    verdicts = report.Verdicts(measured, bench.asked).all()
    print(f"\n{report.verdict_lines(verdicts)}")
    if given.json:
        given.json.write_text(json.dumps({**measured, "verdicts": verdicts}, indent=1), encoding="utf-8")


class Bench:
    """The engines, one after the other."""

    def __init__(self, given: argparse.Namespace, path: Path) -> None:
        self._given = given
        self._path = path
        self._shop = Workshop(given.cache, path, articles=given.articles, keep=given.keep)
        self.measured: dict[str, Any] = {"builds": {}, "asked": {}, "added": {}}
        self.asked: dict[str, Asked] = {}

    def run(self) -> None:
        """Build, ask and add with each engine; start ours, and extract pages."""
        for name in self._given.engines:
            number = self._given.whoosh_articles if name == "whoosh" else None
            kept = self._shop.built(name, articles=number)
            self.measured["builds"][name] = kept.figures
            if kept.stands:
                self._ask_and_add(name, kept)
            if name == "ours" and kept.stands:
                self._around(kept)

    def _ask_and_add(self, name: str, kept: Kept) -> None:
        only, asked = self._given.only, self.measured["asked"]
        if name == "ours" and "build" in only:
            two = self._shop.built(name, workers=2)
            self.measured["builds"]["ours, 2 workers"] = two.figures
            shutil.rmtree(two.folder, ignore_errors=True)
        if "ask" in only:
            given = self._given
            drawn = questions.cached(self._path, each=given.each, seed=given.seed)
            warm_up = questions.cached(self._path, each=1, seed=WARM_UP_SEED)
            task = {"do": "ask", "engine": name, "folder": str(kept.folder), "rounds": given.rounds}
            asked[name] = self._shop.run({**task, "questions": str(drawn), "warm_up": str(warm_up)})
            asked[name]["articles"] = kept.figures["articles"]
            self.asked[name] = Asked(asked[name])
        if "add" in only:
            self.measured["added"][name] = self._shop.added(name, kept, rounds=ADDITIONS)
        print(f"{name} done", file=sys.stderr, flush=True)

    def _around(self, kept: Kept) -> None:
        if "start" in self._given.only:
            self.measured["starts"] = starting.starts(kept.folder, "government election", rounds=STARTS)
        if "extract" in self._given.only:
            with tempfile.TemporaryDirectory(prefix="search-bench-") as scratch:
                try:
                    self.measured["extraction"] = starting.extraction(
                        self._given.pages, least=PAGES_INDEXED, scratch=Path(scratch) / "archive"
                    )
                except Unsupported as reason:
                    print(f"extraction was not measured: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
