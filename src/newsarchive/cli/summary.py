"""Summaries that several commands end with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.ingest import RuleCounts, Tally


def tally_lines(tally: Tally) -> Iterator[str]:
    """What processing did, in a few lines."""
    articles = f"{tally.new_articles:,} new article{'' if tally.new_articles == 1 else 's'}"
    versions = f"{tally.new_versions:,} new version{'' if tally.new_versions == 1 else 's'}"
    yield f"accepted {tally.accepted:,} ({articles}, {versions}), rejected {tally.rejected.total():,}"
    for code, count in tally.rejected.most_common():
        yield f"  {count:>6,}  {code}"
    if tally.rejected:
        yield "see them with: newsarchive rejected"
    yield from rule_lines(tally)


def rule_lines(counts: RuleCounts) -> Iterator[str]:
    """Where publishers' rules gave nothing; many of a field at once are a redesign."""
    for (source, field), count in sorted(counts.missed.items()):
        of = counts.ruled[source, field]
        yield f"{source}: the rule for {field} gave nothing on {count:,} of {of:,} articles"
