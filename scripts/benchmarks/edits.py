"""How well edits are told from noise, over many seeded mutations of sample articles; how fast long texts are compared.

Usage: scripts/bench edits [--trials N] [--seed N] [--show]

Each trial is an article of its own, imported before and after one mutation of scripts/benchmarks/edits_bench. Right is
one version after noise, two after a real edit; `mixed` are real edits together with two kinds of noise. --show lists
what went wrong. Times are CPU seconds of one comparison of two texts of 20,000 words.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from edits_bench.trials import outcomes, trials

from newsarchive.edits import compare

_CHANGED = 0.02
"""Share of the words."""


def main() -> None:
    """Run the trials, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="list what went wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(Path(folder), trials(options.trials, seed=options.seed))
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for outcome in found:
        kinds[outcome.trial.sort][outcome.trial.name] += 1
    print(f"seed {options.seed}, {len(found):,} articles")
    for sort, names in kinds.items():
        of = [outcome for outcome in found if outcome.trial.sort == sort]
        right = sum(outcome.is_right for outcome in of)
        print(f"{sort:<8}{len(names):>4} kinds {right:>6,} of {len(of):>6,} right ({right / len(of):.2%})")
    noise = [outcome for outcome in found if outcome.trial.sort == "noise"]
    told = sum(outcome.texts > 1 for outcome in noise)
    print(f"of the noise, {told:,} reached the text ({told / len(noise):.0%}) and would be versions by a plain digest")
    wrong = Counter((outcome.trial.sort, outcome.trial.name) for outcome in found if not outcome.is_right)
    for (sort, name), count in wrong.most_common():
        print(f"  {sort} {name}: {count} of {kinds[sort][name]} wrong")
    if options.show:
        for outcome in found:
            if not outcome.is_right:
                print(f"{outcome.trial.sort} {outcome.trial.name} {outcome.versions} versions {outcome.trial.url}")
    _compare_long_texts(random.Random(options.seed))  # noqa: S311 - repeatable texts, not secrets


def _compare_long_texts(source: random.Random) -> None:
    words = [f"word{number}" for number in range(3_000)]
    weights = [1 / (number + 1) for number in range(3_000)]
    text = source.choices(words, weights=weights, k=20_000)
    edited = [word if source.random() > _CHANGED else "edited" for word in text]
    cases = {
        "one word in fifty changed": edited,
        "halves exchanged": text[10_000:] + text[:10_000],
        "all written anew": source.choices(words, weights=weights, k=20_000),
    }
    for name, other in cases.items():
        started = time.process_time()
        compare(" ".join(text), " ".join(other))
        print(f"20,000 words, {name}: {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    main()
