"""From a capture's row to its page, and from what was read to what is stored."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.digests import text_digest
from newsarchive.errors import ExtractionError, WarcError
from newsarchive.further import MAX_PARTS, further_page
from newsarchive.models import Payload, Problem
from newsarchive.storage import Reading
from newsarchive.text import fold_space
from newsarchive.urls import canonicalise
from newsarchive.warc import read_head, read_payload, signals_of

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.ingest.signals import Signals
    from newsarchive.models import Capture, Extraction
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
        first = page.model_copy(update={"url": row.capture.url, **_own_signals(holdings, row.capture)})
        return _with_parts(holdings, row.capture, first, limit)
    except ExtractionError as error:
        return Problem(code=error.reason, message=error.message)
    except WarcError as error:
        return Problem(code="damaged-capture", message=error.message)


def _own_signals(holdings: Holdings, capture: Capture) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the answer itself says of rights, where it sent the bytes of an earlier one again; a 304 says little."""
    if capture.revisit is None or capture.status in {None, HTTPStatus.NOT_MODIFIED}:
        return {}
    try:
        return {"signals": signals_of(read_head(holdings.warc_folder, capture.place))}
    except WarcError:
        return {}  # it is the earlier one that is read; what is wrong with this one is for `verify` to tell


def _with_parts(holdings: Holdings, capture: Capture, first: Payload, limit: int) -> Payload:
    """A page with the further ones that belong to it, as far as they were captured and can be read."""
    parts: list[Payload] = []
    last, room = first, limit - len(first.body)
    while (following := further_page(last.body, last.url)) and len(parts) < MAX_PARTS:
        row = holdings.captures.part(canonicalise(following), of=capture)
        try:
            held = holdings.captures.original(row.capture) if row else None
            part = read_payload(holdings.warc_folder, held.capture.place, max_size=max(room, 0)) if held else None
        except (ExtractionError, WarcError):
            part = None
        if part is None:
            return first.model_copy(update={"parts": tuple(parts), "next_part": following})
        room -= len(part.body)
        parts.append(part)
        last = part
    return first.model_copy(update={"parts": tuple(parts)}) if parts else first


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
