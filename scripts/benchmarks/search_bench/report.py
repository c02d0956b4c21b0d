"""Prints what was measured, and says whether what was promised holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from search_bench.figures import Asked, disagreements, on_common_ground, speed
from search_bench.questions import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from search_bench.corpus import Made

LARGE: Final = 1_000_000
_MB: Final = 1e6
_WHY: Final = {
    "term": "stems: of the word in ours also by the article's language; FTS5 stems by Porter's older rules",
    "phrase": "ours takes a phrase in the form that is typed, the others by stems; Whoosh leaves out stop words",
    "near": "as typed or by stems; tantivy's slop counts moves, not words",
    "prefix": "ours looks at whole words, the others at stems",
    "wildcard": "ours looks at whole words, the others at stems",
    "fuzzy": "ours looks at whole words, the others at stems; Whoosh wants the first letter right",
}


def about(made: Made) -> str:
    """What is searched."""
    after = "too few are made to fit" if made.made_exponent is None else f"{made.made_exponent:.4f}"
    return (
        f"{made.articles:,} articles, {made.made:,} of them made, {made.copies:,} of these wire copies;"
        f" {made.words:,} words, {made.vocabulary:,} different\n"
        f"Heaps' law, exponent: {made.real_exponent:.4f} over the real articles, {after} over the made ones"
    )


def builds(rows: Mapping[str, dict[str, Any]]) -> str:
    """The table of the builds."""
    lines = [(
        f"{'build':<18}{'articles':>10}{'per CPU s':>11}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}{'+ workers':>10}"
        f"{'index MB':>10}{'no texts':>10}  version"
    )]  # fmt: skip
    for name, row in rows.items():
        if "cpu" not in row:
            lines.append(f"{name:<18}{row.get('absent') or row.get('unsupported')}")
            continue
        plain = row["bytes_without_texts"]
        lines.append(
            f"{name:<18}{row['articles']:>10,}{speed(row):>11,.0f}{row['cpu']:>9.1f}{row['wall']:>9.1f}"
            f"{row['peak_mb']:>9.0f}{row['together_mb']:>10.0f}{row['bytes'] / _MB:>10.0f}"
            f"{'-' if plain is None else format(plain / _MB, '.0f'):>10}  {row['version']}"
        )
    return "\n".join(lines)


def answers(asked: Mapping[str, Asked], what: str) -> str:
    """The table of the questions: CPU milliseconds, median / 95th percentile."""
    lines = [f"{f'CPU ms, {what}':<24}" + "".join(f"{name:>16}" for name in asked)]
    for kind in (*KINDS, None):
        cells = (one.pair(kind, what) for one in asked.values())
        shown = ("-" if cell is None else f"{cell[0]:.2f} / {cell[1]:.2f}" for cell in cells)
        lines.append(f"{kind or 'all':<24}" + "".join(f"{cell:>16}" for cell in shown))
    return "\n".join(lines)


def memories(asked: Mapping[str, Asked]) -> str:
    """What each process held once all was asked."""
    lines = [f"{'memory MB':<24}{'before':>9}{'after':>9}{'of it files':>13}{'largest':>9}{'opening CPU ms':>16}"]
    for name, one in asked.items():
        held = one.memory
        lines.append(
            f"{name:<24}{one.memory_before:>9.0f}{held['VmRSS']:>9.0f}{held['RssFile']:>13.0f}{held['VmHWM']:>9.0f}"
            f"{1000 * one.opening:>16.1f}"
        )
    return "\n".join(lines)


def counts(asked: Mapping[str, Asked], ours: str = "ours") -> str:
    """Where other engines find another number of articles than ours does; those that hold as many articles."""
    lines = ["counts against ours: questions, apart by over 5 %, median of ours/other; the widest apart"]
    for name, other in asked.items():
        if name == ours or ours not in asked or other.articles != asked[ours].articles:
            continue
        for kind, (number, apart, ratio, widest) in disagreements(asked[ours], other).items():
            shown = ", ".join(f"{words}: {one:,} / {two:,}" for words, one, two in widest)
            lines.append(f"  {name:<14}{kind:<24}{number:>4}{apart:>4}{ratio:>7.2f}  {shown}")
    why = "\n".join(f"  why: {kind}: {reason}" for kind, reason in _WHY.items())
    return "\n".join(lines) + "\n" + why


class Verdicts:
    """The criteria that were measured, each with its figure and its limit."""

    def __init__(self, measured: dict[str, Any], asked: Mapping[str, Asked]) -> None:
        self._measured = measured
        self._asked = asked
        self._builds: dict[str, dict[str, Any]] = {
            name: row for name, row in measured["builds"].items() if "cpu" in row
        }
        self._articles: int = measured["corpus"]["articles"]

    def all(self) -> list[dict[str, Any]]:
        """Every criterion of which all parts were measured."""
        return [*self._queries(), *self._building(), *self._around()]

    def _queries(self) -> Iterator[dict[str, Any]]:
        ours = self._asked.get("ours")
        if ours is None:
            return
        if tantivy := self._asked.get("tantivy"):
            mine, other = on_common_ground(ours, tantivy)
            note = f"{mine:.2f} ms to {other:.2f} ms; aim 1.5"
            yield _verdict("1 median of the mix, times tantivy's", mine / other, 2.5, note=note)
        mix, page = ours.pair(None, "warm"), ours.pair("page", "warm")
        if mix:
            yield _verdict("1 p95 of the mix, ms", mix[1], 25.0 if self._articles >= LARGE else 6.0)
        if page and self._articles < LARGE:
            yield _verdict("1 p95 of top 10 with snippets and facets, ms", page[1], 8.0)
        missing = [kind for kind in KINDS if kind not in ours.kinds]
        yield _verdict("1 classes of questions not answered", len(missing), 0, note=", ".join(missing))
        for name in ("fts5", "bm25s", "whoosh"):
            if other := self._asked.get(name):
                behind = [kind for kind in ours.kinds if kind in other.kinds and _behind(ours, other, kind)]
                fewer = f" with {other.articles:,} articles" if other.articles != self._articles else ""
                yield _verdict(f"1 classes behind {name}{fewer}", len(behind), 0, note=", ".join(behind))
        note = f"{ours.times_warm('fresh'):.1f} in an index just opened"
        yield _verdict("1 cold, times warm, median", ours.times_warm("cold"), 3.0, note=note)
        if self._articles >= LARGE:
            yield _verdict("1 memory of a searcher after the mix, MB", ours.memory["VmRSS"], 600.0)

    def _building(self) -> Iterator[dict[str, Any]]:
        ours = self._builds.get("ours")
        if ours is None:
            return
        if whoosh := self._builds.get("whoosh"):
            note = f"{speed(ours):,.0f} to {speed(whoosh):,.0f} a CPU second"
            yield _verdict(
                "2 build, times stock Whoosh's speed", speed(ours) / speed(whoosh), 9.0, at_least=True, note=note
            )
        if tantivy := self._builds.get("tantivy"):
            yield _verdict(
                "2 build, share of tantivy's speed (an aim)", speed(ours) / speed(tantivy), 0.5, at_least=True
            )
            ratio = ours["bytes_without_texts"] / tantivy["bytes_without_texts"]
            yield _verdict("2 index without texts, times tantivy's", ratio, 1.2)
        if two := self._builds.get("ours, 2 workers"):
            parent = two["parent_cpu"] + two["reading_cpu"]
            note = f"CPU {ours['cpu']:.1f} s; with two {two['cpu']:.1f} s, {parent:.1f} s of it the parent's"
            ratio = ours["wall"] / two["wall"]
            yield _verdict("2 two workers, times one, by the clock", ratio, 1.7, at_least=True, note=note)
        yield _verdict("2 memory while building, MB", ours["peak_mb"], 512.0)
        if two:
            yield _verdict("2 memory of two workers and their parent, MB", two["together_mb"], 512.0)

    def _around(self) -> Iterator[dict[str, Any]]:
        if page := self._measured.get("extraction"):
            note = f"{page['index_ms']:.2f} of {page['extract_ms']:.1f} ms an article of {page['words']:.0f} words"
            yield _verdict("2 indexing, % of extracting", 100 * page["index_ms"] / page["extract_ms"], 5.0, note=note)
        if added := self._measured["added"].get("ours"):
            figures = sorted(added["cpu"])
            note = f"the most of {len(figures)}: {figures[-1]:.3f}"
            yield _verdict("2 adding 100 and finding them, CPU s", figures[len(figures) // 2], 0.3, note=note)
        if starts := self._measured.get("starts"):
            note = ", ".join(f"{name} {spent:.3f}" for name, spent in starts.items())
            yield _verdict("3 process start to first hit, CPU s", starts["newsarchive search"], 0.4, note=note)


def _behind(ours: Asked, other: Asked, kind: str) -> bool:
    mine, theirs = ours.pair(kind, "warm"), other.pair(kind, "warm")
    return mine is not None and theirs is not None and mine[0] > theirs[0]


def _verdict(what: str, figure: float, limit: float, *, at_least: bool = False, note: str = "") -> dict[str, Any]:
    holds = figure >= limit if at_least else figure <= limit
    return {"what": what, "figure": figure, "limit": limit, "at_least": at_least, "holds": holds, "note": note}


def verdict_lines(verdicts: list[dict[str, Any]]) -> str:
    """The criteria as lines."""
    lines = []
    for one in verdicts:
        bound = f"{'at least' if one['at_least'] else 'at most'} {one['limit']:g}"
        note = f"  ({one['note']})" if one["note"] else ""
        lines.append(f"{'holds' if one['holds'] else 'MISSES':<7}{one['what']}: {one['figure']:.3g}, {bound}{note}")
    return "\n".join(lines)
