"""Finds where the entries of a live blog begin in its text, and when each was published.

The times are those of `liveBlogUpdate` (https://schema.org/LiveBlogPosting). A page may tell more entries to machines
than it shows: only those whose words stand in the text count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.extraction.dating import read_date
from newsarchive.extraction.naming import key, plain_lines
from newsarchive.models import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.extraction.findings import Findings

_ENOUGH: Final = 40
"""Letters by which a paragraph is known again."""


def entries_in(found: Iterable[Findings], paragraphs: Sequence[str]) -> tuple[Entry, ...]:
    """The entries in the order of the text, each with its time and the place of its first paragraph."""
    told = [entry for one in found for entry in one.entries]
    if not told:
        return ()
    places: dict[str, int] = {}
    for place, paragraph in enumerate(paragraphs):
        places.setdefault(key(paragraph)[:_ENOUGH], place)
    entries: dict[int, Entry] = {}
    for time, text in told:
        moment = read_date(time)
        begins = [places[line] for raw in plain_lines(text) if (line := key(raw)[:_ENOUGH]) in places]
        if moment and begins:
            place = min(begins)
            entries.setdefault(place, Entry(published=moment.at, paragraph=place))
    return tuple(entries[place] for place in sorted(entries))
