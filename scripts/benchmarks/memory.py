"""Whether the memory of a crawl stays level: many tiny pages, and what each process holds on the way.

Usage: scripts/bench memory [--urls 50000] [--capture-only] [--growth 15]

One site of so many pages on loopback, named by one sitemap, is crawled and, unless told otherwise, extracted and
indexed. The resident size of the largest process of each kind is taken ten times on the way. It fails where a kind
holds more than --growth MB more at the end than after the second tenth part. By then each has its imports and caches,
and the index was written. After the first one a quick crawl has not begun to index, which takes 24 MB
by itself: 15 for NumPy and the code, 9 for a commit. What was added since the first is told as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from crawl_bench.pages import SITEMAP, World, make_small

from crawl import HERE, SETTINGS, SOURCE, serving
from newsarchive.archive import init_folder


def main() -> None:
    """Measure and print; the exit code is 1 where memory grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--urls", type=int, default=50_000)
    parser.add_argument("--capture-only", action="store_true")
    parser.add_argument("--growth", type=float, default=15.0, metavar="MB")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory(prefix="memory-bench-") as scratch:
        site = Path(scratch) / "site"
        site.mkdir()
        world = make_small(site, given.urls)
        folder = init_folder(Path(scratch) / "archive")
        _describe(folder, world, given.urls)
        flags = ["--capture-only"] if given.capture_only else []
        with serving(world, Path(scratch), step=given.urls // 10) as meter:
            command = [sys.executable, "-m", "newsarchive.crawl", "--archive", str(folder), *flags]
            steps = meter.run(command).steps
    sys.exit(_report(steps, given.growth))


def _describe(folder: Path, world: World, pages: int) -> None:
    host = world.articles[0].host
    home = f"http://{host}:{world.port}"
    crawl = SETTINGS.format(workers=2).replace("delay = 0", f"delay = 0\nmax_pages = {pages}")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(crawl + SOURCE.format(name="tiny", home=home, sitemap=home + SITEMAP))


def _report(steps: dict[int, dict[str, int]], allowed: float) -> int:
    kinds = sorted({kind for sizes in steps.values() for kind in sizes})
    print(f"{'pages':>8}" + "".join(f"{kind:>12}" for kind in kinds) + "   resident MB of the largest process")
    for pages, sizes in steps.items():
        print(f"{pages:>8}" + "".join(f"{sizes.get(kind, 0) / 1e6:>12.1f}" for kind in kinds))
    first, begun, *_, last = steps.values()
    failed = 0
    for kind in kinds:
        since_first, growth = ((last.get(kind, 0) - one.get(kind, 0)) / 1e6 for one in (first, begun))
        gone = not last.get(kind)  # it ended before the crawl did, and what it held says nothing
        failed |= gone or growth > allowed
        grown = f"{growth:+.1f} MB, {allowed:g} allowed; {since_first:+.1f} since the first tenth"
        print(f"{'FAILS' if gone or growth > allowed else 'holds':<6} {kind}: {'it is gone' if gone else grown}")
    return int(failed)


if __name__ == "__main__":
    main()
