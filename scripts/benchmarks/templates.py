"""What taking off a site's standing lines gains and costs, on pages with gold bodies and on clean text.

Usage: scripts/bench templates [--data DIR] [--corpus FILE.jsonl.gz] [--show]

Templates are learned from the pages as they are read, without gold, from all pages of a site in all sets; the sets hold
few pages of a site, so that beside the rule of the package ("package") a rule that takes every line of two articles
("two") is measured: it shows which lines a stricter rule must not take. A line counts as gold where the gold body holds
its words in a row. In clean text (--corpus: one JSON object a line with `body` and `source`) everything that is taken
is lost or was left there by who cleaned it: --show lists the lines.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from extraction_bench import measures
from extraction_bench.sets import DATA, load

from newsarchive.errors import ExtractionError
from newsarchive.extraction import Guide, Learner, extract
from newsarchive.extraction.naming import key
from newsarchive.extraction.template import line_hash
from newsarchive.models import Extraction, Payload
from newsarchive.urls import is_web_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SETS: Final = ("fundus_test", "scrapinghub", "wcxb_article_dev", "postlight", "htmldate_eval")
RULES: Final = ("package", "two")
SAMPLES: Final = (5, 20, 100, 500)
"""Articles of a small site, drawn from the clean text as often as `ROUNDS` says."""
ROUNDS: Final = 100


@dataclass
class Read:
    """One page and what was read of it without a template."""

    place: str
    """The set that it is of."""
    payload: Payload
    gold: str | None
    found: Extraction


class Taken(NamedTuple):
    """A line that a template took off a page, and whether the gold body holds it; None where there is no gold."""

    site: str
    line: str
    is_gold: bool | None


def main() -> None:
    """Measure and print."""
    given = arguments()
    pages: dict[str, dict[str, Read]] = defaultdict(dict)
    for read in gold_pages(given.data):
        pages[site_of(read.payload.url)].setdefault(read.payload.url, read)
    for rule in RULES:
        measure(pages, rule, show=given.show)
    if given.corpus:
        clean(given.corpus, show=given.show)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the sets with gold bodies")
    parser.add_argument("--corpus", type=Path, help="clean articles of a few sources")
    parser.add_argument("--show", action="store_true", help="list every line that is taken")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"{given.data} is not there; name the folder of the sets with --data")
    return given


def gold_pages(data: Path) -> Iterator[Read]:
    """The pages of all sets that can be read."""
    for name in SETS:
        if not (data / name).is_dir():
            print(f"{name} is not there and left out", file=sys.stderr)
            continue
        for page in load(name, data):
            payload = Payload(url=page.url, body=page.read(), content_type="text/html")
            yield from _read(name, payload, page.gold.get("body"))


def _read(place: str, payload: Payload, gold: str | None) -> Iterator[Read]:
    if is_web_url(payload.url):
        try:
            yield Read(place, payload, gold, extract(payload))
        except ExtractionError as error:
            print(f"left out: {error.message}", file=sys.stderr)


def measure(pages: Mapping[str, Mapping[str, Read]], rule: str, *, show: bool) -> None:
    """Learn a template of each site, read its pages again with it, and print what changed."""
    scores: dict[str, list[tuple[measures.Overlap, measures.Overlap]]] = defaultdict(list)
    taken: list[Taken] = []
    whole = 0
    for site, of_site in pages.items():
        guide = learned([read.found.paragraphs for read in of_site.values()], rule)
        for read in of_site.values() if guide.boilerplate else ():
            now = extract(read.payload, guide=guide)
            whole += "whole" in now.provenance.get("paragraphs", "")
            body = None if read.gold is None else key(read.gold)
            taken += [Taken(site, line, None if body is None else key(line) in body) for line in now.boilerplate]
            if read.gold:
                scores[read.place].append(
                    (measures.body_overlap(read.gold, read.found.body), measures.body_overlap(read.gold, now.body))
                )
    print(f"rule {rule}: {sum(map(len, scores.values()))} pages with gold on sites that have a template")
    for name, pairs in scores.items():
        before, after = (measures.mean_overlap(side) for side in zip(*pairs, strict=True))
        print(f"  {name:<18}{len(pairs):>4} pages  F1 {before.f1:.4f} -> {after.f1:.4f}  P {before.precision:.4f} ->"
              f" {after.precision:.4f}  R {before.recall:.4f} -> {after.recall:.4f}")  # fmt: skip
    counts = Counter(one.is_gold for one in taken)
    print(f"  lines taken: {counts[False]} not in gold, {counts[True]} in gold, {counts[None]} on pages without gold;"
          f" {whole} pages kept whole")  # fmt: skip
    if show:
        for one, count in sorted(Counter(taken).items(), key=str):
            print(f"    {count:>3}x {one.site}  gold={one.is_gold}  {one.line[:110]}")


def learned(articles: Sequence[Sequence[str]], rule: str) -> Guide:
    """A template of articles, by one of the rules."""
    learner = Learner()
    for lines in articles:
        learner.learn(lines)
    if rule == "package":
        return Guide(boilerplate=frozenset(learner.template), template=learner.name)
    shared = {line for lines in articles for line in lines if learner.count(line) > 1}
    hashes = frozenset(value for line in shared if (value := line_hash(line)) is not None)
    return Guide(boilerplate=hashes, template=rule)


def clean(path: Path, *, show: bool) -> None:
    """Learn from clean articles, all of a source and small samples of it."""
    by_source: dict[str, list[list[str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            lines = [line for line in map(str.strip, row["body"].splitlines()) if line]
            if len(lines) > 1:
                by_source[row["source"]].append(lines)
    chance = random.Random(20190227)  # noqa: S311 - samples, not secrets
    for source, articles in by_source.items():
        template = lines_of(articles)
        print(f"clean {source}: {len(articles):,} articles of several lines, {len(template)} lines taken of all")
        for size in SAMPLES:
            drawn = [lines_of(chance.sample(articles, min(size, len(articles)))) for _ in range(ROUNDS)]
            print(f"  {ROUNDS} samples of {size:>3}: {sum(map(len, drawn)) / ROUNDS:.2f} lines taken")
            template |= set().union(*drawn)
        if show:
            for line in sorted(template):
                print(f"    {line[:150]}")


def lines_of(articles: Sequence[Sequence[str]]) -> set[str]:
    """The lines that the package's rule takes from articles in this order."""
    learner = Learner()
    for lines in articles:
        learner.learn(lines)
    return set(learner.template.values())


if __name__ == "__main__":
    main()
