"""How an alarm is told: what, where, since when, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.archive import Irregularity

if TYPE_CHECKING:
    from newsarchive.archive import Alarm, AnyAlarm

_WORDS: Final = {"published": "date", "published_time": "time of day", "body": "text"}
"""Fields whose names do not speak for themselves."""
_UNREAD: Final = frozenset({"http-status", "bad-encoding", "damaged-capture"})
"""Problems of the answer, not of the page: no rule mends them."""


def line(alarm: AnyAlarm) -> str:
    """One line that tells an alarm."""
    if isinstance(alarm, Irregularity):
        return f"warning: {alarm.source}: {_irregular(alarm)}"
    return f"warning: {alarm.source}: {_what(alarm)}; {_advice(alarm)}"


def _irregular(alarm: Irregularity) -> str:
    since = f"{alarm.since:%Y-%m-%d %H:%M} UTC"
    if alarm.kind == "failing":
        crawls = f"the last {alarm.found:,} crawls read none of its lists, since {since}"
        return f"{crawls}; see `newsarchive -v crawl {alarm.source}`"
    if alarm.kind == "overdue":
        usual = f"{alarm.usual:,.1f} h" if alarm.usual < 48 else f"{alarm.usual / 24:,.1f} days"  # noqa: PLR2004 - two days
        return f"no crawl since {since} (usually one every {usual}); is it still scheduled?"
    return (
        f"{alarm.found:,} new articles since {since} (usually about {alarm.usual:,.0f});"
        f" have its lists moved? try `newsarchive sources test {alarm.source}`"
    )


def _what(alarm: Alarm) -> str:
    since, before = f"since {alarm.since.date()}", f"{alarm.share_before:.0%}".replace("%", " %")
    if alarm.kind == "rejected":
        return f"{alarm.found:,} of {alarm.of:,} pages rejected, mostly {alarm.subject}, {since} (before: {before})"
    if alarm.kind == "length":
        return (
            f"half of {alarm.of:,} articles have {alarm.median_words or 0:,.0f} words or fewer {since}"
            f" (before: {alarm.median_before or 0:,.0f})"
        )
    field = _WORDS.get(alarm.subject, alarm.subject)
    return f"{field} found on {alarm.found:,} of {alarm.of:,} articles {since} (before: {before})"


def _advice(alarm: Alarm) -> str:
    if alarm.kind == "rejected" and alarm.subject in _UNREAD:
        return f"see `newsarchive rejected --source {alarm.source} --problem {alarm.subject}`"
    file = alarm.source.replace("-", "_").replace(".", "_")
    page = alarm.example or "URL"
    return f"look at a page with `newsarchive extract {page} --explain`; write a rule in spiders/{file}.py"
