"""Writes a difference as one HTML page. Every word of it is escaped, no script may run and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Final

from newsarchive.text import words

if TYPE_CHECKING:
    from newsarchive.models.difference import Diff, Side, Unit

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1c1a; --paper: #fdfdfb; --dim: #6a6a64; --old: #b42318; --new: #146c2e;
  --old-wash: #fde8e4; --new-wash: #e3f5e6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e4de; --paper: #171715; --dim: #a09e96; --old: #fda29b;
  --new: #86efac; --old-wash: #3f1d19; --new-wash: #14301c; } }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 44rem; background: var(--paper); color: var(--ink);
  font: 1.08rem/1.65 Georgia, serif; overflow-wrap: anywhere; }
header { color: var(--dim); font: .875rem/1.5 system-ui, sans-serif; }
h2 { font-size: 1.6rem; line-height: 1.25; }
del { color: var(--old); background: var(--old-wash); }
ins { color: var(--new); background: var(--new-wash); text-decoration: underline; }
"""


def page_of(diff: Diff, *, by: Unit) -> str:
    """The whole page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = escape("".join(segment.new for segment in diff.headline) or diff.new.article_id)
    return "".join((
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n',
        f"<title>Changed: {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n",
        f"<p><del>{_side(diff.old)}</del><br><ins>{_side(diff.new)}</ins></p>\n",
        f"<p>{words(diff.words_added)} added, {diff.words_removed:,} removed</p>\n</header>\n",
        f'<main dir="auto">\n{diff.to_html(by=by, full=True)}\n</main>\n</body>\n</html>\n',
    ))  # fmt: skip


def _side(side: Side) -> str:
    return escape(f"{side.article_id}@{side.number}, captured {side.captured_at:%Y-%m-%d %H:%M:%S} UTC, {side.url}")
