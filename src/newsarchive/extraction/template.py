"""Takes off the lines that a site prints on many of its pages: newsletter boxes, notes on standards, appeals.

No page alone can tell such a line from the article's own words; `Learner` tells them from what the archive holds of the
site. Here one page is rid of them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.extraction.body import words_of
from newsarchive.extraction.naming import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.extraction.body import Block
    from newsarchive.extraction.guide import Guide

REASON: Final = "template"
"""Why a block is no part of the text; beside the reasons of `furniture.sort_out`."""
LEAST_LETTERS: Final = 3
"""Of a line that can be told at all: results, prices and numbers of a list differ in nothing but their digits."""
_DIGITS = re.compile(r"\d+")
_INTRODUCING = (":", "：")


class Cut(NamedTuple):
    """What the template takes off a page."""

    places: frozenset[int] = frozenset()
    """Of the blocks that go."""
    whole: bool = False
    """Whether the template was left aside, since it would have taken more than half of the page's words."""


NOTHING: Final = Cut()
"""Every block stays."""


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


def find(blocks: Sequence[Block], guide: Guide) -> Cut:
    """Where the lines of the site's template stand among a page's blocks.

    A sub-heading or a line with a colon at its end stays where a kept block follows: it says what that block is about.
    (Measured: of short lines that two pages of a site share, 28 of 43 are the articles' own, such as "Pros" and "The
    verdict"; of whole sentences, 3 of 13.) A page that would lose more than half of its words is kept whole.
    """
    if not guide.boilerplate:
        return NOTHING
    cut: set[int] = set()
    follows = False
    for place in range(len(blocks) - 1, -1, -1):
        block = blocks[place]
        follows = line_hash(block.text) not in guide.boilerplate or (follows and _introduces(block))
        if not follows:
            cut.add(place)
    if cut and 2 * words_of(blocks[place] for place in cut) > words_of(blocks):
        return Cut(whole=True)
    return Cut(frozenset(cut))


def lines(sorted_out: Iterable[tuple[Block, str]]) -> tuple[str, ...]:
    """The texts of the blocks that went for being the template's, in reading order."""
    return tuple(block.text for block, reason in sorted_out if reason == REASON)


def _introduces(block: Block) -> bool:
    return block.kind == "head" or block.text.endswith(_INTRODUCING)
