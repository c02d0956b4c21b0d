"""How well ours and peers rank: nDCG@10 and MAP on test collections, on the same stems, and what of it was promised.

Usage: scripts/bench relevance [--collections cran,med] [--data DIR] [--json FILE] [--left-out]

The collections are not part of the project: the folder holds one folder each, with docs.jsonl.gz, queries.jsonl.gz and
qrels.tsv.gz. Ours is asked with words side by side, relaxed where few articles have all; a row of its own says what is
found where lists of two or three words stay strict, as a search leaves them. Peers that cannot be imported are left
out. Each peer is asked twice: with all words of a query, and without the small words that ours sets aside when it
relaxes (`-small`); what is promised is told against either. The first thousand documents count.

--left-out tunes the constants once for each collection on all the others, out of a small grid, and says what the one
that was left out gets by it. What is near the figure of the constants as they stand shows that these fit no collection
in particular.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from relevance_bench import collections, leaving_out, report
from relevance_bench.analysed import analyse
from relevance_bench.ours import Ours
from relevance_bench.peers import PEERS
from relevance_bench.scores import AS_SEARCHED, OURS, SHORT, Scores, scored


def main() -> int:
    """Measure and print; 1 where something promised does not hold."""
    given = _arguments()
    wanted = given.collections.split(",") if given.collections else collections.names(given.data)
    sets = [collections.load(name, given.data) for name in wanted]
    with tempfile.TemporaryDirectory() as folder:
        ours = {one.name: Ours(one, Path(folder) / one.name) for one in sets}
        if given.left_out:
            print(leaving_out.measure(sets, ours))
            return 0
        found: Scores = {(OURS, one.name): scored(one, ours[one.name].rank) for one in sets}
        searched: Scores = {(AS_SEARCHED, one.name): scored(one, ours[one.name].as_searched) for one in sets}
    for peer in PEERS:
        if not peer.installed:
            print(f"{peer.name} is not installed and left out", file=sys.stderr)
            continue
        for one in sets:
            stems = analyse(one)
            rank = peer.make(stems)
            found[peer.name, one.name] = scored(one, lambda query, rank=rank, stems=stems: rank(stems.queries[query]))
            short = f"{peer.name}{SHORT}"
            found[short, one.name] = scored(one, lambda query, rank=rank, stems=stems: rank(stems.short[query]))
    print(report.table(found))
    print(report.row(searched, AS_SEARCHED))
    verdicts = report.verdicts(found)
    print("\n".join(f"{'holds' if holds else 'FAILS'}  {what}" for what, holds in verdicts))
    if given.json:
        means = {
            f"{system}/{name}": [statistics.fmean(values) for values in zip(*per.values(), strict=True)]
            for (system, name), per in found.items()
        }
        given.json.write_text(json.dumps(means, indent=1), encoding="utf-8")
    return 0 if all(holds for _, holds in verdicts) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collections", help="some of them, by name")
    parser.add_argument("--data", type=Path, default=collections.DATA)
    parser.add_argument("--json", type=Path, help="write the means there")
    parser.add_argument("--left-out", action="store_true", help="tune on all but one, check on that one")
    given = parser.parse_args()
    if not collections.names(given.data):
        parser.error(f"there is no collection in {given.data}; name their folder with --data")
    if unknown := set((given.collections or "").split(",")) - {"", *collections.names(given.data)}:
        parser.error(f"no such collection: {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    sys.exit(main())
