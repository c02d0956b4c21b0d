"""The figures as a picture: one small dot plot a figure, drawn as SVG 1.1 (https://www.w3.org/TR/SVG11/) by hand.

Dots and not bars, so that a scale need not start at 0 where all systems lie close together; each scale names its ends.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Panel(NamedTuple):
    """What one of the small plots shows."""

    title: str
    sets: tuple[str, ...]
    """More than one: the mean over their pages."""
    figure: str


PANELS: Final = (
    Panel("Body F1, scrapinghub", ("scrapinghub",), "F1"),
    Panel("Body F1, fundus_test", ("fundus_test",), "F1"),
    Panel("Body F1, wcxb_article_dev", ("wcxb_article_dev",), "F1"),
    Panel("Body exactly right, scrapinghub", ("scrapinghub",), "exact"),
    Panel("Paragraphs ROUGE-LSum, fundus_test", ("fundus_test",), "ROUGE"),
    Panel("Headline, fundus_test", ("fundus_test",), "headline"),
    Panel("Headline, postlight", ("postlight",), "headline"),
    Panel("Day, fundus_test", ("fundus_test",), "day"),
    Panel("Instant, fundus_test", ("fundus_test",), "instant"),
    Panel("Day, htmldate_eval", ("htmldate_eval",), "day"),
    Panel("Authors set F1, fundus_test", ("fundus_test",), "authors"),
    Panel("Category, fundus_test", ("fundus_test",), "category"),
    Panel("CPU ms a page, all it can say", ("scrapinghub", "fundus_test"), "ms"),
)
COLUMNS: Final = 3
WIDTH: Final = 320
LABELS: Final = 116
"""Pixels for the systems' names."""
VALUES: Final = 48
ROW: Final = 18
HEAD: Final = 34
FOOT: Final = 26
OURS: Final = "ours"

_STYLE: Final = """\
text{font:12px system-ui,sans-serif;fill:#24292f}.h{font-weight:600;font-size:13px}.s{fill:#57606a;font-size:10px}
.l{stroke:#d0d7de}.p{fill:#8c959f}.o{fill:#0969da}.t{font-weight:600;fill:#0969da}.b{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.l{stroke:#3d444d}.p{fill:#7d8590}
.o,.t{fill:#58a6ff}.b{fill:#0d1117}}"""


def values(
    rows: Mapping[str, Mapping[str, Mapping[str, float]]], pages: Mapping[str, int], panel: Panel
) -> dict[str, float]:
    """The panel's figure by system, over the systems that have it on all of the panel's sets."""
    if not all(name in rows for name in panel.sets):
        return {}
    count = sum(pages[name] for name in panel.sets)
    found = {}
    for system in rows[panel.sets[0]]:
        each = [rows[name].get(system, {}).get(panel.figure) for name in panel.sets]
        if None not in each:
            found[system] = (
                sum(pages[name] * (value or 0) for name, value in zip(panel.sets, each, strict=True)) / count
            )
    return found


def draw(rows: Mapping[str, Mapping[str, Mapping[str, float]]], pages: Mapping[str, int], title: str) -> str:
    """The whole picture; panels without figures are left out."""
    shown = [(panel, found) for panel in PANELS if (found := values(rows, pages, panel))]
    bands = [shown[start : start + COLUMNS] for start in range(0, len(shown), COLUMNS)]
    top, parts = 40, []
    for band in bands:
        for place, (panel, found) in enumerate(band):
            parts.append(f'<g transform="translate({place * WIDTH + 12} {top})">{"".join(_panel(panel, found))}</g>')
        top += HEAD + FOOT + ROW * max(len(found) for _, found in band)
    width = COLUMNS * WIDTH + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}"'
        f' role="img">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f'<rect class="b" width="{width}" height="{top}"/>'
        f'<text class="h" x="12" y="24">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _panel(panel: Panel, found: Mapping[str, float]) -> Iterator[str]:
    dear = panel.figure == "ms"
    order = sorted(found, key=lambda name: found[name], reverse=not dear)
    low, high = scale(list(found.values()), share=not dear)
    room = WIDTH - LABELS - VALUES - 24
    bottom = HEAD + ROW * len(order)
    yield f'<text class="h" y="16">{escape(panel.title)}</text>'
    for place, name in enumerate(order):
        y = HEAD + ROW * place
        x = LABELS + room * (found[name] - low) / (high - low)
        ours, shown = name == OURS, f"{found[name]:.1f}" if dear else f"{found[name]:.3f}"
        yield f'<line class="l" x1="{LABELS}" x2="{LABELS + room}" y1="{y}" y2="{y}"/>'
        yield f'<text{_marked(ours)} y="{y + 4}">{escape(name)}</text>'
        yield f'<circle class="{"o" if ours else "p"}" cx="{x:.1f}" cy="{y}" r="{5 if ours else 4}"/>'
        yield f'<text{_marked(ours)} x="{LABELS + room + 12}" y="{y + 4}">{shown}</text>'
    yield f'<text class="s" x="{LABELS}" y="{bottom + 4}">{low:g}</text>'
    yield f'<text class="s" x="{LABELS + room}" y="{bottom + 4}" text-anchor="end">{high:g}</text>'


def _marked(ours: bool) -> str:  # noqa: FBT001 - a private helper of one line
    return ' class="t"' if ours else ""


def scale(found: Sequence[float], *, share: bool) -> tuple[float, float]:
    """The ends of a plot: for shares a full tenth below the least, up to 1; for times from 0 to a round number.

    >>> scale([0.91, 0.97], share=True), scale([0.0], share=True), scale([3.0, 47.0], share=False)
    ((0.8, 1.0), (0.0, 1.0), (0.0, 50.0))
    """
    if share:
        return max(0.0, math.floor(10 * min(found) - 1) / 10), 1.0
    step = 10.0 ** math.floor(math.log10(max(*found, 1.0)))
    return 0.0, math.ceil(max(found) / step) * step
