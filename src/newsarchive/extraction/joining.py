"""Puts the pages of an article together: the text of each, once and in order; other fields are the first page's.

What any of them reserves is reserved for the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.errors import ExtractionError
from newsarchive.extraction.cascade import extract
from newsarchive.models.rights import join

if TYPE_CHECKING:
    from newsarchive.models import Extraction, Payload

_SHARE_OF_WHOLE: Final = 0.8
"""A further page that holds so much of the first one's text is all of the article on one page."""


def extract_whole(payload: Payload, **how: Any) -> Extraction:  # noqa: ANN401 - as `extract`
    """Read a page and its further pages; arguments and errors as in `extract`.

    A further page that cannot be read ends the text, and is named as its `next_part`.
    """
    whole = extract(payload, **how)
    missing = payload.next_part
    for part in payload.parts:
        try:
            whole = _joined(whole, extract(part, **how))
        except ExtractionError:
            missing = part.url
            break
    if not missing:
        return whole
    provenance = {**whole.provenance, "next_part": "link"}
    return whole.model_copy(update={"next_part": missing, "provenance": provenance})


def _joined(whole: Extraction, part: Extraction) -> Extraction:
    rights = join([whole.rights, part.rights])
    known = set(whole.paragraphs)
    if known and len(known.intersection(part.paragraphs)) >= _SHARE_OF_WHOLE * len(known):
        return whole.model_copy(update={"paragraphs": part.paragraphs, "entries": part.entries, "rights": rights})
    # A standfirst or a notice is often printed on every page.
    new = tuple(paragraph for paragraph in part.paragraphs if paragraph not in known)
    return whole.model_copy(update={"paragraphs": whole.paragraphs + new, "rights": rights})
