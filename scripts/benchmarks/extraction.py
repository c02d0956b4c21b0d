"""How well ours and installed peers read pages with gold values, field by field, and what a page costs each.

Usage: scripts/bench extraction [--sets scrapinghub,fundus_test] [--systems ours,trafilatura] [--limit N] [--data DIR]
                                [--errors headline] [--json FILE] [--chart docs/extraction-quality.svg]

Peers are optional and are left out where they cannot be imported; `pip install --group bench` (pip 25.1 or later)
brings them, into an environment of their own where .venv should stay as locked. The pages are not part of the project:
the folder holds one folder a set, with gold.jsonl and html/*.html.gz.

--limit takes that many pages, spread evenly over each set. --errors lists for the first system every page on which that
figure is below 1, worst first, with the gold and the found value. --chart writes the chart there and, beside it under
the same name, the tables as Markdown. Every system runs in a process of its own and they take turns page by page.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from extraction_bench import report, scores
from extraction_bench.runner import run
from extraction_bench.sets import DATA, GOLD, load
from extraction_bench.systems import SYSTEMS, System


def main() -> None:
    """Measure and print."""
    given = arguments()
    systems = chosen(given.systems)
    sets = given.sets.split(",") if given.sets else list(GOLD)
    pages = {name: load(name, given.data, limit=given.limit) for name in sets}
    by_name = {system.name: system for system in systems}
    outcome = report.Outcome([system.version for system in systems], {name: len(pages[name]) for name in sets}, {})
    for name, system, turns in run(pages, systems):
        outcome.rows.setdefault(name, {})[system] = scores.row(turns, by_name[system].fields)
        if given.errors and system == systems[0].name:
            report.print_errors(name, scores.errors(turns, given.errors))
    print(report.plain(outcome))
    if given.json:
        given.json.write_text(json.dumps(outcome.rows, indent=1), encoding="utf-8")
    if given.chart:
        report.write(outcome, given.chart, shlex.join(["scripts/bench", "extraction", *sys.argv[1:]]))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", help=f"some of {','.join(GOLD)}")
    parser.add_argument("--systems", help=f"some of {','.join(system.name for system in SYSTEMS)}")
    parser.add_argument("--limit", type=int, help="pages of each set")
    parser.add_argument("--data", type=Path, default=DATA)
    figures = sorted({column for columns in scores.FIELD_COLUMNS.values() for column in columns} - {"P", "R", "F1"})
    parser.add_argument("--errors", choices=figures, metavar="FIGURE", help=f"one of {', '.join(figures)}")
    parser.add_argument("--json", type=Path, help="write every figure there")
    parser.add_argument("--chart", type=Path, help="write the chart there, and the tables as .md beside it")
    given = parser.parse_args()
    if unknown := set((given.sets or "").split(",")) - {"", *GOLD}:
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    if not given.data.is_dir():
        parser.error(f"{given.data} is not there; name the folder of the sets with --data")
    return given


def chosen(names: str | None) -> list[System]:
    """The systems asked for, or all; those that cannot be imported are named and left out."""
    wanted = names.split(",") if names else [system.name for system in SYSTEMS]
    if unknown := set(wanted) - {system.name for system in SYSTEMS}:
        sys.exit(f"no such system: {', '.join(sorted(unknown))}")
    systems = [system for name in wanted for system in SYSTEMS if system.name == name]
    for system in systems:
        if not system.installed:
            print(f"{system.name} is not installed and left out; see --help", file=sys.stderr)
    return [system for system in systems if system.installed]


if __name__ == "__main__":
    main()
