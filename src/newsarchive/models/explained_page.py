"""Writes an explanation as one HTML page: the fields with their sources, and the text with what was cut marked in it.

The page comes from somebody else's words, so every one of them is escaped, no script may run and nothing is fetched:
the policy (https://www.w3.org/TR/CSP3/) lets its own style sheet through and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from newsarchive.models.explanation import REASONS
from newsarchive.urls import is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsarchive.models.explanation import Claim, ExplainedBlock, ExplainedField, Explanation

_OPEN: Final = 2
"""Blocks cut for one reason that are shown as they are; more of them are folded."""
_LONGEST_CLAIM: Final = 300
_TAGS: Final = {"head": "h2", "quote": "blockquote"}
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1c1a; --paper: #fdfdfb; --dim: #6a6a64; --line: #dcdcd4; --cut: #9a3412;
  --wash: #f4f3ee; --good: #166534; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e4de; --paper: #171715; --dim: #a09e96; --line: #3a3936;
  --cut: #fdba74; --wash: #21201d; --good: #86efac; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: inherit; }
header p, footer { color: var(--dim); font-size: .875rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2.part { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--dim);
  margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; table-layout: fixed; }
th, td { text-align: start; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: normal; }
th:first-child { width: 8.5rem; } th:nth-child(2) { width: 38%; }
tbody th { font-weight: 600; }
ul { list-style: none; margin: 0; padding: 0; }
code { font: .8em ui-monospace, monospace; color: var(--dim); }
.same code { color: var(--good); }
.none { color: var(--dim); }
.text { font: 1.08rem/1.65 Georgia, serif; }
.text > * { margin: 0 0 .9rem; padding-left: 9.5rem; position: relative; }
.text > h2 { font-size: 1.15rem; }
.text > blockquote { border: 0; font-style: italic; }
.text > .item::before { content: "• "; }
.text > .cut { color: var(--dim); font: .85rem/1.5 system-ui, sans-serif; background: var(--wash); padding-block: .3rem;
  padding-right: .6rem; }
.cut .why { position: absolute; left: .6rem; width: 8.5rem; color: var(--cut); }
.cut s { text-decoration-thickness: 1px; text-decoration-color: var(--line); }
summary { cursor: pointer; } details > p { margin: .3rem 0; }
dl { display: grid; grid-template-columns: 9.5rem 1fr; gap: .2rem 0; font-size: .875rem; margin: 0; }
dt { color: var(--cut); } dd { margin: 0; }
@media (max-width: 40rem) { .text > * { padding-left: 0; } .text > .cut { padding-left: .6rem; }
  .cut .why { position: static; display: block; width: auto; } thead { display: none; }
  .cut summary .why { display: inline; margin-right: .5rem; }
  tr, th, td, tbody, table { display: block; width: auto !important; border: 0; }
  tr { border-bottom: 1px solid var(--line); } }
"""


def page_of(explanation: Explanation) -> str:
    """The whole page."""
    extraction = explanation.extraction
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = escape(extraction.headline or extraction.url or "a page without a headline")
    kept = sum(block.kept for block in explanation.blocks)
    counts = f"{extraction.word_count:,} words in {kept:,} blocks kept, {len(explanation.cut):,} blocks cut"
    return "".join((
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n',
        f"<title>Explained: {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
        f'<header>\n<h1 dir="auto">{title}</h1>\n<p>{_address(extraction.url)}</p>\n<p>{counts}</p>\n</header>\n',
        '<h2 class="part">Fields</h2>\n<table>\n<thead><tr><th scope="col">Field</th><th scope="col">Value</th>',
        '<th scope="col">What readers found</th></tr></thead>\n<tbody>\n',
        *(_row(field) for field in explanation.fields if field.name != "paragraphs" or field.claims),
        f'</tbody>\n</table>\n<h2 class="part">Text</h2>\n<article class="text"{_language(extraction.language)}>\n',
        *_text(explanation.blocks),
        f"</article>\n{_legend(explanation.cut)}",
        f"<footer><p>Read by {escape(extraction.extractor)}</p></footer>\n</body>\n</html>\n",
    ))  # fmt: skip


def _language(language: str | None) -> str:
    return f' lang="{escape(language)}"' if language else ""


def _address(url: str) -> str:
    return f'<a rel="noreferrer nofollow" href="{escape(url)}">{escape(url)}</a>' if is_web_url(url) else escape(url)


def _row(field: ExplainedField) -> str:
    if field.name == "paragraphs":
        value = f'<td class="none">see below <code>{escape(field.reader)}</code></td>'
    elif field.value is None or field.value == ():
        value = '<td class="none">not told</td>'
    else:
        shown = field.spelled
        value = f'<td dir="auto">{escape(shown)} <code>{escape(field.reader)}</code></td>'
    claims = "".join(map(_claim, field.claims))
    return f'<tr><th scope="row">{escape(field.name)}</th>{value}<td><ul>{claims}</ul></td></tr>\n'


def _claim(claim: Claim) -> str:
    text = claim.value if len(claim.value) <= _LONGEST_CLAIM else f"{claim.value[: _LONGEST_CLAIM - 1]}…"
    same = ' class="same"' if claim.agrees else ""
    return f'<li dir="auto"{same}><code>{escape(claim.reader)}{" =" if claim.agrees else ""}</code> {escape(text)}</li>'


def _text(blocks: Iterable[ExplainedBlock]) -> Iterator[str]:
    for (reason, detail), run in groupby(blocks, key=lambda block: (block.reason, block.detail)):
        together = list(run)
        if not reason:
            yield from map(_kept, together)
        elif len(together) <= _OPEN:
            yield from (
                f'<p class="cut">{_why(reason, detail)}<s dir="auto">{escape(one.text)}</s></p>\n' for one in together
            )
        else:
            inner = "".join(f'<p><s dir="auto">{escape(one.text)}</s></p>\n' for one in together)
            yield (
                f'<details class="cut"><summary>{_why(reason, detail)}{len(together):,} blocks</summary>\n'
                f"{inner}</details>\n"
            )


def _kept(block: ExplainedBlock) -> str:
    tag = _TAGS.get(block.kind, "p")
    item = ' class="item"' if block.kind == "item" else ""
    return f'<{tag}{item} dir="auto">{escape(block.text)}</{tag}>\n'


def _why(reason: str, detail: str) -> str:
    told = escape(f"{reason}: {detail}" if detail else reason)
    return f'<span class="why" title="{escape(REASONS.get(reason, reason))}">{told}</span>'


def _legend(cut: Iterable[ExplainedBlock]) -> str:
    codes = sorted({block.reason for block in cut})
    if not codes:
        return ""
    lines = "".join(f"<dt>{escape(code)}</dt><dd>{escape(REASONS.get(code, ''))}</dd>\n" for code in codes)
    return f'<h2 class="part">Why blocks were cut</h2>\n<dl>\n{lines}</dl>\n'
