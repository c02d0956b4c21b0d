"""From a capture's row to its page, and from what was read to what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsarchive.digests import text_digest
from newsarchive.errors import ExtractionError, WarcError
from newsarchive.models import Payload, Problem
from newsarchive.storage import Reading
from newsarchive.text import fold_space
from newsarchive.warc import read_payload

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.ingest.signals import Signals
    from newsarchive.models import Extraction
    from newsarchive.storage import CaptureRow


class Work(NamedTuple):
    """A capture, and the name under which it is read."""

    row: CaptureRow
    reader: str


class Known(NamedTuple):
    """What an article is known by."""

    id: str
    url: str
    source: str


def payload_of(holdings: Holdings, row: CaptureRow) -> Payload | Problem:
    """A capture's page, or why it cannot be read."""
    limit = holdings.settings.extraction.max_page_size
    original = holdings.captures.original(row.capture)
    if original is None:
        return Problem(code="no-original", message="the capture that this one refers to is not in the archive")
    try:
        page = read_payload(holdings.warc_folder, original.capture.place, max_size=limit)
        return page.model_copy(update={"url": row.capture.url})
    except ExtractionError as error:
        return Problem(code=error.reason, message=error.message)
    except WarcError as error:
        return Problem(code="damaged-capture", message=error.message)


def reading_of(row: CaptureRow, extraction: Extraction, known: Known, *, signals: Signals) -> Reading:
    """What a capture said of an article, as it is stored."""
    rights = signals.of(row.capture, extraction.rights)
    if rights != extraction.rights:
        extraction = extraction.model_copy(update={"rights": rights})
    return Reading(
        capture_id=row.id,
        captured_at=row.capture.captured_at,
        article_id=known.id,
        url=known.url,
        source=known.source,
        digest=text_digest(extraction.headline or "", *map(fold_space, extraction.paragraphs)),
        extraction=extraction,
        withheld=signals.withholds(rights),
    )
