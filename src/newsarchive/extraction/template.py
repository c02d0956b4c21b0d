"""Takes off the lines that a site prints on many of its pages: newsletter boxes, notes on standards, appeals.

No page alone can tell such a line from the article's own words; `Learner` tells them from what the archive holds of the
site. Here one page is rid of them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.extraction.naming import key
from newsarchive.text import count_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.extraction.body import Block
    from newsarchive.extraction.guide import Guide

LEAST_LETTERS: Final = 3
"""Of a line that can be told at all: results, prices and numbers of a list differ in nothing but their digits."""
_DIGITS = re.compile(r"\d+")
_INTRODUCING = (":", "：")


class Cut(NamedTuple):
    """A page's blocks, and what was taken off them."""

    kept: list[Block]
    lines: tuple[str, ...]
    """Texts of the blocks that went, in reading order."""
    whole: bool
    """Whether the template was left aside, since it would have taken more than half of the page's words."""


def line_hash(text: str) -> int | None:
    """What lines are compared by: 64 bits, signed, the same in every process; None for a line that says too little.

    Case, accents, punctuation and spaces are off, and numbers count as equal: "3 min read" is "5 min read". (Measured
    over lines that two pages of one site share, on 1,600 pages: one more of the site's own is found so, and none that
    is an article's.)

    >>> line_hash("Read more: 3 min") == line_hash("READ MORE · 15 min"), line_hash("3-1")
    (True, None)
    """
    folded = _DIGITS.sub("#", key(text))
    if len(folded) - folded.count("#") < LEAST_LETTERS:
        return None
    digest = hashlib.blake2b(folded.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def without(blocks: Sequence[Block], guide: Guide) -> Cut:
    """The blocks without the lines of the site's template.

    A sub-heading or a line with a colon at its end stays where a kept block follows: it says what that block is about.
    (Measured: of short lines that two pages of a site share, 28 of 43 are the articles' own, such as "Pros" and "The
    verdict"; of whole sentences, 3 of 13.) A page that would lose more than half of its words is kept whole.
    """
    if not guide.boilerplate:
        return Cut(list(blocks), (), whole=False)
    kept: list[Block] = []
    cut: list[str] = []
    follows = False
    for block in reversed(blocks):
        follows = line_hash(block.text) not in guide.boilerplate or (follows and _introduces(block))
        if follows:
            kept.append(block)
        else:
            cut.append(block.text)
    if cut and sum(map(count_words, cut)) * 2 > sum(count_words(block.text) for block in blocks):
        return Cut(list(blocks), (), whole=True)
    return Cut(kept[::-1], tuple(cut[::-1]), whole=False)


def _introduces(block: Block) -> bool:
    return block.kind == "head" or block.text.endswith(_INTRODUCING)
