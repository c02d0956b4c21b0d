"""Why an extraction says what it says: who said what of each field, and what became of each block of the page."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from newsarchive.models.article import Extraction
from newsarchive.models.base import Value

SCHEMA: Final = "newsarchive.explanation/1"

REASONS: Final = {
    "outside": "stands beside the part of the page that holds the article: before, between or after it",
    "box": "stands in a box that calls itself no article text, by its element or a word of its class or id",
    "card": "leads into another article: one paragraph beside a linked headline",
    "other-article": "belongs to another article on the same page, with a headline of its own",
    "trafilatura": "was given to trafilatura, which did not take it for text",
    "refused": "is marked as a teaser, a notice or a box, on a page that was read as a whole",
    "repeated": "repeats the paragraph before it",
    "replaced": "made way for the text that the page repeats for machines, since too little of it was seen",
    "rule": "is left out by the publisher's rule: its `remove` names it, or its `body` does not",
    "template": "stands on many pages of the site",
    "headline": "repeats the headline",
    "date": "is the date line",
    "byline": "is the byline",
    "link": "is nothing but links to pages of the same site",
    "see-also": "leads to another article",
    "label": "is a label of the page, such as a share button's",
    "call": "asks the reader to sign up or subscribe",
    "credit": "is the credit of a picture",
    "tail": "is what a page ends with, such as tags, copyright or contacts",
    "heading": "is a heading over nothing but what was cut",
}
"""Why a block is no part of the text, by code; each is a sentence whose subject is the block."""


class Claim(Value):
    """What one reader found for a field, as the page writes it."""

    reader: str
    value: str
    """Cut after 2,000 characters."""
    agrees: bool
    """Whether it says what was chosen, spelling and form apart."""


class ExplainedField(Value):
    """One field of an extraction, and all that was found for it."""

    name: str
    value: str | bool | tuple[str, ...] | None
    """As in the extraction's JSON form: dates are in ISO 8601."""
    reader: str
    """Which reader gave it; empty where the page does not tell."""
    claims: tuple[Claim, ...]
    """In the order in which the readers were asked; at most 200. Those of `categories` are those of `category`."""

    @property
    def spelled(self) -> str:
        """The value in one line; empty where the page does not tell."""
        if isinstance(self.value, tuple):
            return "; ".join(self.value)
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return self.value or ""


class ExplainedBlock(Value):
    """One block of text that a reader of the page sees, or a piece of one, where the rest has another fate."""

    text: str
    """White space folded."""
    kind: str
    """`p`, `head`, `item`, `quote` or `row`."""
    kept: bool
    """Whether it is a paragraph of the extraction."""
    reason: str = ""
    """Why it was cut, one of `REASONS`; empty where it was kept."""
    detail: str = ""
    """What says so: the element or word of a box, where an outside block stands, the field of a rule."""


class Explanation(Value):
    """An extraction with its reasons."""

    extraction: Extraction
    fields: tuple[ExplainedField, ...]
    blocks: tuple[ExplainedBlock, ...]
    """In reading order. The texts of the kept ones are the extraction's paragraphs."""

    @cached_property
    def cut(self) -> tuple[ExplainedBlock, ...]:
        """The blocks that are no part of the text."""
        return tuple(block for block in self.blocks if not block.kept)

    def as_record(self) -> dict[str, Any]:
        """All of it as JSON-able values, in the form `newsarchive.explanation/1`."""
        told = self.model_dump(mode="json", include={"fields", "blocks"})
        extraction = self.extraction
        return {"schema": SCHEMA, "url": extraction.url, "extractor": extraction.extractor, **told}

    def to_html(self) -> str:
        """A page that shows fields and text with all that was cut; it needs no other file and runs no script."""
        from newsarchive.models.explained_page import page_of  # noqa: PLC0415 - most explanations are not shown so

        return page_of(self)
