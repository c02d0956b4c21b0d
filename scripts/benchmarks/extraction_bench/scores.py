"""From what a system read on a set to its row of figures, and to the list of what it got wrong."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from extraction_bench import measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from extraction_bench.runner import Turn

COLUMNS: Final = {
    "P": "body: share of found shingles that are gold",
    "R": "body: share of gold shingles that were found",
    "F1": "body: F1 of P and R",
    "page F1": "body: F1 of each page, averaged",
    "exact": "body: share of pages with the gold's words, no more and no fewer",
    "ROUGE": "paragraphs: ROUGE-LSum F1, averaged over pages",
    "headline": "share of headlines equal after folding case, quotes and spaces",
    "day": "share of pages with the right day of publication",
    "instant": "share of pages with a zone in the gold where the time is right within 60 s",
    "authors": "set F1 of authors, averaged over pages",
    "category": "share of categories that are among the labels a reader would accept",
    "ms": "CPU milliseconds a page, mean",
    "median": "CPU milliseconds a page, median",
    "failed": "pages on which it raised an error or did not come back",
}
"""The figures and what they mean; a figure that a set or a system has nothing for is left out."""
FIELD_COLUMNS: Final = {
    "body": ("P", "R", "F1", "page F1", "exact"),
    "paragraphs": ("ROUGE",),
    "headline": ("headline",),
    "published": ("day", "instant"),
    "authors": ("authors",),
    "category": ("category",),
}


def page_scores(turn: Turn) -> dict[str, Any]:
    """Every figure of one page for which it has gold; overlaps stay overlaps, the rest are numbers from 0 to 1."""
    gold, found = turn.page.gold, turn.reading
    scores: dict[str, Any] = {}
    if "body" in gold:
        scores["body"] = measures.body_overlap(gold["body"], found.body)
        scores["page F1"] = scores["body"].f1
        scores["exact"] = float(measures.words(gold["body"]) == measures.words(found.body))
    if "paragraphs" in gold:
        scores["ROUGE"] = measures.rouge_lsum(gold["paragraphs"], found.paragraphs).f1
    if "headline" in gold:
        scores["headline"] = float(measures.folded(gold["headline"]) == measures.folded(found.headline))
    if "published" in gold:
        scores["day"] = float(measures.same_day(gold["published"], found.published))
        if (right := measures.same_instant(gold["published"], found.published)) is not None:
            scores["instant"] = float(right)
    if "authors" in gold:
        wanted = gold["authors"]
        given = ", ".join(found.authors) if isinstance(wanted, str) else found.authors
        scores["authors"] = measures.set_f1(measures.names(wanted), measures.names(given))
    if "category" in gold:
        labels = {measures.folded(label) for label in gold["category"]}
        scores["category"] = float(measures.folded(found.category) in labels)
    return scores


def row(turns: Sequence[Turn], fields: frozenset[str]) -> dict[str, float]:
    """The figures of one system on one set, over the fields that it can say."""
    scored = [page_scores(turn) for turn in turns]
    figures: dict[str, float] = {}
    if "body" in fields and (overlaps := [one["body"] for one in scored if "body" in one]):
        mean = measures.mean_overlap(overlaps)
        figures |= {"P": mean.precision, "R": mean.recall, "F1": mean.f1}
    for column in (name for one in fields & FIELD_COLUMNS.keys() for name in FIELD_COLUMNS[one]):
        if values := [one[column] for one in scored if column in one]:
            figures[column] = statistics.fmean(values)
    spent = [1000 * turn.seconds for turn in turns]
    figures |= {"ms": statistics.fmean(spent), "median": statistics.median(spent)}
    if failed := sum(bool(turn.failure) for turn in turns):
        figures["failed"] = failed
    return {column: figures[column] for column in COLUMNS if column in figures}


def errors(turns: Sequence[Turn], column: str) -> Iterator[tuple[str, float, object, object]]:
    """Page id, score, gold and found wherever a figure is below 1, worst first."""
    fields = {name: field for field, columns in FIELD_COLUMNS.items() for name in columns}
    name = fields[column]
    scored = [(scores[column], turn) for turn in turns if column in (scores := page_scores(turn))]
    for score, turn in sorted(scored, key=lambda pair: float(pair[0])):
        if score < 1:
            yield turn.page.id, score, turn.page.gold[name], turn.failure or getattr(turn.reading, name)
