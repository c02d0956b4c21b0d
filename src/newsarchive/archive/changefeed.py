"""Changes as the entries of an Atom feed."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from newsarchive.export.atom import Entry, feed
from newsarchive.text import words as spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.models import Article, Change

_SAID = {
    "headline": "headline changed",
    "body": "text changed",
    "published-date": "date of publication changed",
    "gone": "gone",
}


def entry_of(change: Change, article: Article) -> Entry:
    """One change, with the difference as its content."""
    what = " and ".join(_SAID[kind] for kind in change.kinds)
    when = f"between {change.unchanged_at:%Y-%m-%d %H:%M} and {change.seen_at:%Y-%m-%d %H:%M} UTC"
    words = f", {spelled(change.words_added)} added, {change.words_removed:,} removed" if _is_edit(change) else ""
    summary = f"{change.source}: {what} {when}{words}"
    return Entry(
        key=f"change/{change.article_id}/{change.record_id}",
        title=f"{change.new_headline or change.url} ({what})",
        url=change.url,
        updated=change.seen_at,
        summary=summary,
        html=f"<p>{escape(summary)}</p>\n{_content(change, article)}",
        categories=change.kinds,
    )


def _is_edit(change: Change) -> bool:
    return change.old_version != change.new_version


def _content(change: Change, article: Article) -> str:
    parts = []
    if change.why:
        parts.append(f"<p>The server answered {escape(change.why)}. What was captured stays in the archive.</p>")
    if change.old_published:
        old, new = escape(change.old_published), escape(change.new_published or "")
        parts.append(f"<p>Published: <del>{old}</del> <ins>{new}</ins></p>")
    if _is_edit(change):
        parts.append(article.diff(change.old_version - 1, change.new_version - 1).to_html())
    return "\n".join(parts)


def feed_of(entries: Sequence[Entry], *, name: str, asked: str) -> bytes:
    """A feed of entries, newest first; `asked` tells feeds of one archive with different filters apart."""
    updated = entries[0].updated if entries else datetime.now(UTC)
    return feed(
        entries, key=f"changes/{name}/{asked}", title=f"Changes of articles in {name}", author=name, updated=updated
    )
